//! Publishes events on the bus, which only the outbox's relay and sweep do: outbox or it did not happen. Sends messages to
//! queues where a message alone is the record.
//!
//! Invariant: no other crate names the SDKs of EventBridge and SQS.

pub mod queue;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use aws_types::SdkConfig;
use contracts::events::RawEnvelope;

/// Entries of one `PutEvents` request (EventBridge's limit).
const ENTRIES_MAX: usize = 10;
/// Bytes of all entries of one `PutEvents` request together, and so also of one entry (EventBridge's limit).
const ENTRIES_BYTES_MAX: usize = 256 * 1024;

/// The bus. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Bus {
    client: Client,
    name: String,
}

/// An event, and the area of the shop that publishes it.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'e> {
    /// The area.
    pub area: &'e str,
    /// The event.
    pub envelope: &'e RawEnvelope,
}

/// The result of one entry: it is on the bus, or EventBridge's error code or another reason why it is not.
pub type PutResult = Result<(), String>;

struct Prepared {
    position: usize,
    entry: PutEventsRequestEntry,
    bytes: usize,
}

impl Bus {
    /// The bus with this name.
    pub fn new(config: &SdkConfig, name: String) -> Self {
        Self { client: Client::new(config), name }
    }

    /// Publishes entries in as few requests as the limits allow. Returns one outcome per entry, in order: `PutEvents` may
    /// answer 200 and still have refused some, so only an entry with an event id counts as published.
    pub async fn publish(&self, entries: &[Entry<'_>]) -> Vec<PutResult> {
        let mut outcomes: Vec<PutResult> = vec![Err("not sent".to_owned()); entries.len()];
        let mut record = |position: usize, outcome: PutResult| {
            if let Some(slot) = outcomes.get_mut(position) {
                *slot = outcome;
            }
        };
        let mut prepared = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            match self.prepare(position, entry) {
                Ok(entry) if entry.bytes > ENTRIES_BYTES_MAX => {
                    record(position, Err(format!("{} bytes are too large for the bus", entry.bytes)));
                }
                Ok(entry) => prepared.push(entry),
                Err(why) => record(position, Err(why)),
            }
        }
        for chunk in chunks(prepared) {
            let positions: Vec<usize> = chunk.iter().map(|prepared| prepared.position).collect();
            for (position, outcome) in positions.into_iter().zip(self.put(chunk).await) {
                record(position, outcome);
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

    async fn put(&self, chunk: Vec<Prepared>) -> Vec<PutResult> {
        let count = chunk.len();
        let entries = chunk.into_iter().map(|prepared| prepared.entry).collect();
        match self.client.put_events().set_entries(Some(entries)).send().await {
            Ok(answer) => {
                let mut outcomes: Vec<PutResult> =
                    answer.entries.unwrap_or_default().into_iter().map(outcome).collect();
                outcomes.resize(count, Err("no result for the entry".to_owned()));
                outcomes
            }
            Err(error) => vec![Err(aws::error_code(&error).to_owned()); count],
        }
    }
}

fn outcome(result: PutEventsResultEntry) -> PutResult {
    match result.event_id {
        Some(_) => Ok(()),
        None => Err(result.error_code.unwrap_or_else(|| "no event id".to_owned())),
    }
}

/// Groups entries into requests, by count and by size.
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
