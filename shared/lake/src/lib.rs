//! Files in object storage: for data analysis, newline-delimited JSON in a folder for each day ([`Lake`]), and the images
//! of products ([`Media`]).
//!
//! Invariant: no other crate names the S3 SDK.

mod bucket;
mod media;

pub use bucket::Bucket;
pub use media::Media;

use bucket::{File, Objects};
use contracts::Failure;
use domain::id::EventId;
use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Bytes of the hash in a file's name: enough that no two files of a day share a name.
const NAME_BYTES: usize = 16;

/// The bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lake {
    objects: Objects,
}

/// The lines of one file, by event id.
#[derive(Debug, Clone, Default)]
pub struct Lines(BTreeMap<EventId, String>);

impl Lines {
    /// Adds the line of an event. Adding the same event again changes nothing.
    ///
    /// # Errors
    /// [`Failure::Broken`] when the line cannot be serialized.
    pub fn add(&mut self, event: EventId, line: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(line).map_err(Failure::broken)?;
        self.0.entry(event).or_insert(text);
        Ok(())
    }

    /// The file's name, a hash of its events: a retry with the same events replaces the file instead of adding another one.
    fn name(&self) -> String {
        let mut hash = Sha256::new();
        for event in self.0.keys() {
            hash.update(event.to_string());
        }
        hash.finalize().iter().take(NAME_BYTES).map(|byte| format!("{byte:02x}")).collect()
    }

    fn text(&self) -> String {
        let mut text = String::with_capacity(self.0.values().map(|line| line.len() + 1).sum());
        for line in self.0.values() {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

impl Lake {
    /// The files in this bucket.
    pub fn new(config: &aws_types::SdkConfig, bucket: &Bucket) -> Self {
        Self { objects: Objects::new(config, bucket) }
    }

    /// Writes one file of a table's day and returns its key, `<table>/dt=YYYY-MM-DD/<name>.ndjson`.
    ///
    /// # Errors
    /// [`Failure::Busy`] when a retry may succeed, [`Failure::Broken`] when S3 refuses it.
    pub async fn write(&self, table: &str, day: Date, lines: &Lines) -> Result<String, Failure> {
        let key = format!("{table}/dt={day}/{}.ndjson", lines.name());
        let bytes = lines.text().into_bytes();
        self.objects.put(&key, File { content_type: "application/x-ndjson", cache_control: None, bytes }).await?;
        Ok(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::RecordId;
    use uuid::Uuid;

    fn event(n: u128) -> EventId {
        RecordId::new(Uuid::from_u128(n << 4)).event(0)
    }

    fn lines(events: &[u128]) -> Lines {
        let mut lines = Lines::default();
        for n in events {
            lines.add(event(*n), n).unwrap();
        }
        lines
    }

    #[test]
    fn a_line_is_one_json_value_and_ends_with_a_newline() {
        let mut lines = lines(&[2, 1]);
        lines.add(event(3), &"two\nlines").unwrap();
        assert_eq!(lines.text(), "1\n2\n\"two\\nlines\"\n");
    }

    #[test]
    fn the_same_events_are_the_same_file_in_whatever_order_and_however_often() {
        let first = lines(&[1, 2, 3]);
        for again in [lines(&[3, 1, 2]), lines(&[1, 1, 2, 3, 2])] {
            assert_eq!((again.name(), again.text()), (first.name(), first.text()));
        }
        for other in [lines(&[1, 2]), lines(&[1, 2, 4])] {
            assert_ne!(other.name(), first.name());
        }
    }
}
