//! Publishes events on the bus, which only the outbox's relay and sweep do: outbox or it did not happen. Sends messages to
//! queues where a message alone is the record.
//!
//! Invariant: no other crate names the SDKs of EventBridge and SQS.

pub mod queue;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use aws_types::SdkConfig;
use contracts::events::RawEnvelope;
use futures_util::{StreamExt, stream};
use std::sync::atomic::{AtomicUsize, Ordering};

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

/// The result of one entry: published, or the reason why not.
pub type PutResult = Result<(), NotPut>;

/// The reason for which an entry was not published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotPut {
    /// EventBridge refuses the entry permanently: its error code, or what is invalid in the entry.
    Refused(String),
    /// Anything else: an outage, throttling, a missing permission. The same entry may succeed later.
    Unavailable(String),
}

impl NotPut {
    /// EventBridge's error code, or another reason.
    pub fn why(&self) -> &str {
        match self {
            Self::Refused(why) | Self::Unavailable(why) => why,
        }
    }
}

impl std::fmt::Display for NotPut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.why())
    }
}

/// The error codes that mean that the entry itself is invalid (`PutEventsResultEntry`). All others, such as
/// `AccessDeniedException` or `InternalFailure`, concern the bus, the role or the moment.
const INVALID_ENTRY: [&str; 3] = ["InvalidArgument", "MalformedDetail", "ValidationException"];
/// The number of concurrent requests.
const REQUESTS_AT_ONCE: usize = 4;
/// The number of successive failed requests after which the others are not sent: the bus is not available, and each request
/// may take seconds.
const FAILURES_IN_A_ROW_MAX: usize = 3;

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
    /// respond with 200 and still have refused some entries, so only an entry with an event id counts as published.
    pub async fn publish(&self, entries: &[Entry<'_>]) -> Vec<PutResult> {
        let mut outcomes: Vec<PutResult> = vec![Err(NotPut::Unavailable("not sent".to_owned())); entries.len()];
        let mut record = |position: usize, outcome: PutResult| {
            if let Some(slot) = outcomes.get_mut(position) {
                *slot = outcome;
            }
        };
        let mut prepared = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            match self.prepare(position, entry) {
                Ok(entry) if entry.bytes > ENTRIES_BYTES_MAX => {
                    record(position, Err(NotPut::Refused(format!("{} bytes are too large for the bus", entry.bytes))));
                }
                Ok(entry) => prepared.push(entry),
                Err(why) => record(position, Err(NotPut::Refused(why))),
            }
        }
        let failures_in_a_row = AtomicUsize::new(0);
        let requests = chunks(prepared).into_iter().map(|chunk| self.put(chunk, &failures_in_a_row));
        let mut requests = stream::iter(requests).buffer_unordered(REQUESTS_AT_ONCE);
        while let Some(done) = requests.next().await {
            done.into_iter().for_each(|(position, outcome)| record(position, outcome));
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

    /// Sends one request. If it is refused as a whole because of its content, each entry is sent again alone, so that an
    /// invalid entry does not prevent the publication of the others.
    async fn put(&self, chunk: Vec<Prepared>, failures_in_a_row: &AtomicUsize) -> Vec<(usize, PutResult)> {
        let (positions, entries): (Vec<usize>, Vec<_>) =
            chunk.into_iter().map(|prepared| (prepared.position, prepared.entry)).unzip();
        if failures_in_a_row.load(Ordering::Relaxed) >= FAILURES_IN_A_ROW_MAX {
            let away = || Err(NotPut::Unavailable("not sent, because the bus is away".to_owned()));
            return positions.into_iter().map(|position| (position, away())).collect();
        }
        let outcomes = match self.request(entries.clone()).await {
            Ok(outcomes) => outcomes,
            Err(Rejection { is_invalid: true, .. }) if entries.len() > 1 => self.put_each(entries).await,
            Err(Rejection { code, .. }) => vec![Err(NotPut::Unavailable(code)); positions.len()],
        };
        if outcomes.iter().any(|outcome| !matches!(outcome, Err(NotPut::Unavailable(_)))) {
            failures_in_a_row.store(0, Ordering::Relaxed);
        } else {
            failures_in_a_row.fetch_add(1, Ordering::Relaxed);
        }
        positions.into_iter().zip(outcomes).collect()
    }

    /// An entry that is refused alone is invalid if the bus accepts another entry of the same request; otherwise nothing is
    /// known about the entry.
    async fn put_each(&self, entries: Vec<PutEventsRequestEntry>) -> Vec<PutResult> {
        let alone = stream::iter(entries).map(|entry| self.request(vec![entry]));
        let answers: Vec<_> = alone.buffered(REQUESTS_AT_ONCE).collect().await;
        let accepts = answers.iter().any(|answer| matches!(answer.as_deref(), Ok([Ok(()), ..])));
        let outcome = |answer: Result<Vec<PutResult>, Rejection>| match answer {
            Ok(outcomes) => outcomes.into_iter().next().unwrap_or_else(no_result),
            Err(Rejection { code, is_invalid }) if is_invalid && accepts => Err(NotPut::Refused(code)),
            Err(Rejection { code, .. }) => Err(NotPut::Unavailable(code)),
        };
        answers.into_iter().map(outcome).collect()
    }

    /// One outcome per entry, or the reason why the request failed as a whole.
    async fn request(&self, entries: Vec<PutEventsRequestEntry>) -> Result<Vec<PutResult>, Rejection> {
        let count = entries.len();
        match self.client.put_events().set_entries(Some(entries)).send().await {
            Ok(answer) => {
                let mut outcomes: Vec<PutResult> =
                    answer.entries.unwrap_or_default().into_iter().map(outcome).collect();
                outcomes.resize_with(count, no_result);
                Ok(outcomes)
            }
            Err(error) => {
                let code = aws::error_code(&error).to_owned();
                Err(Rejection { is_invalid: INVALID_ENTRY.contains(&code.as_str()), code })
            }
        }
    }
}

/// The reason why a request failed as a whole.
struct Rejection {
    code: String,
    /// Whether the content of the request is the cause.
    is_invalid: bool,
}

fn no_result() -> PutResult {
    Err(NotPut::Unavailable("no result for the entry".to_owned()))
}

fn outcome(result: PutEventsResultEntry) -> PutResult {
    match result.event_id {
        Some(_) => Ok(()),
        None => {
            let code = result.error_code.unwrap_or_else(|| "no event id".to_owned());
            Err(if INVALID_ENTRY.contains(&code.as_str()) { NotPut::Refused(code) } else { NotPut::Unavailable(code) })
        }
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
