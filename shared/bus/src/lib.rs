//! Puts events on the bus. Only the outbox's relay and sweep do: outbox or it did not happen. And puts messages on queues,
//! where a message alone is the record.
//!
//! Invariant: no other crate calls EventBridge or SQS.

pub mod queue;

use aws::Json;
use aws_types::SdkConfig;
use contracts::events::RawEnvelope;
use serde::{Deserialize, Serialize};

/// Entries that one `PutEvents` takes (EventBridge's limit).
const ENTRIES_MAX: usize = 10;
/// Bytes that all entries of one `PutEvents` may have together, and so one alone (EventBridge's limit).
const ENTRIES_BYTES_MAX: usize = 256 * 1024;

/// The bus.
#[derive(Debug, Clone)]
pub struct Bus {
    put_events: Json,
    name: String,
}

/// An event with the area that announces it.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'e> {
    /// The area.
    pub area: &'e str,
    /// The event.
    pub envelope: &'e RawEnvelope,
}

/// What became of one entry: on the bus, or why not.
pub type PutResult = Result<(), String>;

/// `PutEvents` on the wire.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PutEvents<'e> {
    entries: Vec<PutEventsEntry<'e>>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
struct PutEventsEntry<'e> {
    event_bus_name: &'e str,
    source: String,
    detail_type: &'e str,
    detail: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEventsAnswer {
    #[serde(default)]
    entries: Vec<PutEventsResult>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutEventsResult {
    event_id: Option<String>,
    error_code: Option<String>,
}

struct Prepared<'e> {
    position: usize,
    entry: PutEventsEntry<'e>,
    bytes: usize,
}

impl Bus {
    /// The bus of this name.
    pub fn new(config: &SdkConfig, name: String) -> Self {
        let url = aws::url(config, "events");
        let put_events = Json::new(config, "events", &url, "AWSEvents.PutEvents", "application/x-amz-json-1.1");
        Self { put_events, name }
    }

    /// Publishes entries, in as few requests as the limits allow. Answers for each entry by itself, in their order: only one
    /// that the bus gave an id is on it.
    pub async fn publish(&self, entries: &[Entry<'_>]) -> Vec<PutResult> {
        let mut outcomes: Vec<PutResult> = vec![Err("not sent".to_owned()); entries.len()];
        let mut finish = |position: usize, outcome: PutResult| {
            if let Some(slot) = outcomes.get_mut(position) {
                *slot = outcome;
            }
        };
        let mut prepared = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            match self.prepare(position, entry) {
                Ok(entry) if entry.bytes > ENTRIES_BYTES_MAX => {
                    finish(position, Err(format!("{} bytes are too large for the bus", entry.bytes)));
                }
                Ok(entry) => prepared.push(entry),
                Err(why) => finish(position, Err(why)),
            }
        }
        for chunk in chunks(prepared) {
            let positions: Vec<usize> = chunk.iter().map(|prepared| prepared.position).collect();
            for (position, outcome) in positions.into_iter().zip(self.put(chunk).await) {
                finish(position, outcome);
            }
        }
        outcomes
    }

    fn prepare<'e>(&'e self, position: usize, entry: &Entry<'e>) -> Result<Prepared<'e>, String> {
        let detail = serde_json::to_string(entry.envelope).map_err(|error| error.to_string())?;
        let source = format!("millrun.{}", entry.area);
        let bytes = detail.len() + source.len() + entry.envelope.event_type.len();
        let detail_type = &entry.envelope.event_type;
        let entry = PutEventsEntry { event_bus_name: &self.name, source, detail_type, detail };
        Ok(Prepared { position, entry, bytes })
    }

    async fn put(&self, chunk: Vec<Prepared<'_>>) -> Vec<PutResult> {
        let count = chunk.len();
        let entries = chunk.into_iter().map(|prepared| prepared.entry).collect();
        match self.put_events.send::<PutEventsAnswer>(&PutEvents { entries }).await {
            Ok(answer) => {
                let mut outcomes: Vec<PutResult> = answer
                    .entries
                    .into_iter()
                    .map(|result| match result.event_id {
                        Some(_) => Ok(()),
                        None => Err(result.error_code.unwrap_or_else(|| "no id".to_owned())),
                    })
                    .collect();
                outcomes.resize(count, Err("no answer for the entry".to_owned()));
                outcomes
            }
            Err(error) => vec![Err(error.code().to_owned()); count],
        }
    }
}

/// Entries in groups that one request takes, by count and by size.
fn chunks(prepared: Vec<Prepared<'_>>) -> Vec<Vec<Prepared<'_>>> {
    let mut chunks: Vec<Vec<Prepared<'_>>> = Vec::new();
    let mut bytes = 0;
    for entry in prepared {
        bytes += entry.bytes;
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < ENTRIES_MAX && bytes <= ENTRIES_BYTES_MAX => chunk.push(entry),
            _ => {
                bytes = entry.bytes;
                chunks.push(vec![entry]);
            }
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(sizes: &[usize]) -> Vec<Prepared<'static>> {
        let (source, detail) = (String::new(), String::new());
        let entry = PutEventsEntry { event_bus_name: "bus", source, detail_type: "", detail };
        sizes
            .iter()
            .enumerate()
            .map(|(position, bytes)| Prepared { position, entry: entry.clone(), bytes: *bytes })
            .collect()
    }

    fn sizes(chunks: &[Vec<Prepared<'_>>]) -> Vec<Vec<usize>> {
        chunks.iter().map(|chunk| chunk.iter().map(|prepared| prepared.bytes).collect()).collect()
    }

    #[test]
    fn more_than_ten_entries_go_in_several_requests() {
        let chunks = chunks(prepared(&[1; 23]));
        assert_eq!(chunks.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 3]);
    }

    #[test]
    fn entries_that_are_too_large_together_go_apart() {
        let half = ENTRIES_BYTES_MAX / 2;
        assert_eq!(sizes(&chunks(prepared(&[half, half, 1]))), [vec![half, half], vec![1]]);
        assert_eq!(sizes(&chunks(prepared(&[half + 1, half, 1]))), [vec![half + 1], vec![half, 1]]);
    }

    #[test]
    fn nothing_is_lost_in_the_grouping() {
        let positions: Vec<usize> =
            chunks(prepared(&[100_000; 31])).iter().flatten().map(|prepared| prepared.position).collect();
        assert_eq!(positions, (0..31).collect::<Vec<_>>());
    }
}
