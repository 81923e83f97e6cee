//! Puts events on the bus. Only the outbox's relay and sweep do: outbox or it did not happen. And puts messages on queues,
//! where a message alone is the record.
//!
//! Invariant: no other crate names the EventBridge or SQS SDK.

pub mod queue;

use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use contracts::events::RawEnvelope;

pub use aws_sdk_eventbridge::Client;
pub use aws_sdk_eventbridge::config::Builder as ClientConfig;

/// Entries that one `PutEvents` takes (EventBridge's limit).
const ENTRIES_MAX: usize = 10;
/// Bytes that all entries of one `PutEvents` may have together, and so one alone (EventBridge's limit).
const ENTRIES_BYTES_MAX: usize = 256 * 1024;

/// The bus.
#[derive(Debug, Clone)]
pub struct Bus {
    client: Client,
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
pub type Outcome = Result<(), String>;

struct Prepared {
    position: usize,
    entry: PutEventsRequestEntry,
    bytes: usize,
}

impl Bus {
    /// The bus of this name.
    pub fn new(client: Client, name: String) -> Self {
        Self { client, name }
    }

    /// Publishes entries, in as few requests as the limits allow. Answers for each entry by itself, in their order: only one
    /// that the bus gave an id is on it.
    pub async fn publish(&self, entries: &[Entry<'_>]) -> Vec<Outcome> {
        let mut outcomes: Vec<Outcome> = vec![Err("not sent".to_owned()); entries.len()];
        let mut settle = |position: usize, outcome: Outcome| {
            if let Some(slot) = outcomes.get_mut(position) {
                *slot = outcome;
            }
        };
        let mut prepared = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            match self.prepare(position, entry) {
                Ok(entry) if entry.bytes > ENTRIES_BYTES_MAX => {
                    settle(position, Err(format!("{} bytes are too large for the bus", entry.bytes)));
                }
                Ok(entry) => prepared.push(entry),
                Err(why) => settle(position, Err(why)),
            }
        }
        for chunk in chunks(prepared) {
            let positions: Vec<usize> = chunk.iter().map(|prepared| prepared.position).collect();
            for (position, outcome) in positions.into_iter().zip(self.put(chunk).await) {
                settle(position, outcome);
            }
        }
        outcomes
    }

    fn prepare(&self, position: usize, entry: &Entry<'_>) -> Result<Prepared, String> {
        let detail = serde_json::to_string(entry.envelope).map_err(|error| error.to_string())?;
        let source = format!("millrun.{}", entry.area);
        let bytes = detail.len() + source.len() + entry.envelope.event_type.len();
        let entry = PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(source)
            .detail_type(&entry.envelope.event_type)
            .detail(detail)
            .build();
        Ok(Prepared { position, entry, bytes })
    }

    async fn put(&self, chunk: Vec<Prepared>) -> Vec<Outcome> {
        let count = chunk.len();
        let entries = chunk.into_iter().map(|prepared| prepared.entry).collect();
        match self.client.put_events().set_entries(Some(entries)).send().await {
            Ok(output) => {
                let mut outcomes: Vec<Outcome> = output
                    .entries()
                    .iter()
                    .map(|result| match result.event_id() {
                        Some(_) => Ok(()),
                        None => Err(result.error_code().unwrap_or("no id").to_owned()),
                    })
                    .collect();
                outcomes.resize(count, Err("no answer for the entry".to_owned()));
                outcomes
            }
            // The code alone: an SDK error's own text can repeat the request.
            Err(error) => vec![Err(error.code().unwrap_or("no answer from the bus").to_owned()); count],
        }
    }
}

/// Entries in groups that one request takes, by count and by size.
fn chunks(prepared: Vec<Prepared>) -> Vec<Vec<Prepared>> {
    let mut chunks: Vec<Vec<Prepared>> = Vec::new();
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

    fn prepared(sizes: &[usize]) -> Vec<Prepared> {
        let entry = PutEventsRequestEntry::builder().build();
        sizes
            .iter()
            .enumerate()
            .map(|(position, bytes)| Prepared { position, entry: entry.clone(), bytes: *bytes })
            .collect()
    }

    fn sizes(chunks: &[Vec<Prepared>]) -> Vec<Vec<usize>> {
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
