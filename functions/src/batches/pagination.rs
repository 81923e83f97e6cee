//! Pagination over the orders of a batch: page by page along the offer's log, each page a message of its own. A page
//! that was interrupted is redelivered, and finds the orders that it had done in their next status. The transaction
//! that ends a page also emits the event of the next one, so no order is skipped or processed twice.

use crate::App;
use contracts::Failure;
use contracts::events::{BatchPageDueV1, BatchWork, Event, OrderReservedV1, RawEnvelope};
use domain::id::{BatchId, EventId, RecordId};
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use store::OrderKey;
use store::Rejected;
use store::counters::{LOG_PARTITIONS, log_partition};

/// Entries of the log per page.
const ENTRIES_PER_PAGE: usize = 200;
/// Orders that are processed concurrently.
const ORDERS_AT_ONCE: usize = 8;
/// Orders of a page that may fail on their own, each to be retried by itself; more failures indicate a common cause,
/// and the page fails.
const FAILED_ALONE_MAX: usize = RecordId::EVENTS_MAX - 2;
/// Late orders that one transaction may announce for a batch that has just been reached.
pub(crate) const LATE_ORDERS_MAX: usize = RecordId::EVENTS_MAX - 2;

const _: () = assert!(LOG_PARTITIONS as usize <= RecordId::EVENTS_MAX);

/// Starts the work on a batch, once per event: emits the first page of every partition.
///
/// # Errors
/// [`Failure`] of the store.
pub(crate) async fn begin(
    app: &App,
    consumer: &str,
    event: &RawEnvelope,
    batch: BatchId,
    work: BatchWork,
) -> Result<(), Failure> {
    let (version, cause) = (event.aggregate.version, Some(event.event_id));
    let mut tx = app.tx()?;
    tx.consume(&app.store.tables().batches, consumer, event.event_id)?;
    for partition in 0..LOG_PARTITIONS {
        tx.emit(&BatchPageDueV1 { batch_id: batch, work, partition, after: None, until: None, version, cause })?;
    }
    ignore_consumed(tx.commit().await.map(drop))
}

/// Processes one page, once per event: each order that reserved places, independently. An order that fails becomes a page
/// of its own, which the queue retries and finally moves to the dead-letter queue.
///
/// # Errors
/// The failure of a page with a single order, or of the store.
pub(crate) async fn page<'a>(
    app: &App,
    consumer: &str,
    event: &RawEnvelope,
    page: &BatchPageDueV1,
    each: impl Fn(OrderKey) -> BoxFuture<'a, Result<(), Failure>>,
) -> Result<(), Failure> {
    let offer = page.batch_id.offer();
    let (entries, has_more) =
        app.store.log_page(offer, page.partition, page.after, page.until, ENTRIES_PER_PAGE).await?;
    let reserved = entries.iter().filter(|entry| entry.event_type == OrderReservedV1::TYPE);
    let work: Vec<_> = reserved.map(|entry| attempt(entry.event, each(entry.order.clone()))).collect();
    let orders = work.len();
    let done: Vec<Option<(EventId, Failure)>> = stream::iter(work).buffer_unordered(ORDERS_AT_ONCE).collect().await;
    let mut failed: Vec<(EventId, Failure)> = done.into_iter().flatten().collect();
    let is_shared = failed.len() > FAILED_ALONE_MAX || page.until.is_some();
    if is_shared && let Some((_, failure)) = failed.pop() {
        return Err(failure);
    }
    let mut tx = app.tx()?;
    tx.consume(&app.store.tables().batches, consumer, event.event_id)?;
    let next = entries.last().filter(|_| has_more).map(|last| last.event);
    let ends_partition = next.is_none() && page.until.is_none();
    tx.add_progress(page.batch_id, page.work, orders - failed.len(), ends_partition)?;
    if let Some(after) = next {
        tx.emit(&BatchPageDueV1 { after: Some(after), ..page.clone() })?;
    }
    for (event, _) in failed {
        tx.emit(&BatchPageDueV1 { cause: page.cause, ..late_order(page.batch_id, page.work, event, page.version) })?;
    }
    ignore_consumed(tx.commit().await.map(drop))
}

async fn attempt(event: EventId, work: BoxFuture<'_, Result<(), Failure>>) -> Option<(EventId, Failure)> {
    work.await.err().map(|failure| (event, failure))
}

/// The page of a single order, named by the event with which it reserved its places.
pub(crate) fn late_order(batch_id: BatchId, work: BatchWork, event: EventId, version: u64) -> BatchPageDueV1 {
    // Event ids are the sorted keys of the log: the page starts directly before this event.
    let before = EventId::before(event);
    let partition = log_partition(event);
    BatchPageDueV1 { batch_id, work, partition, after: Some(before), until: Some(event), version, cause: None }
}

/// The event was consumed before.
fn ignore_consumed(committed: Result<(), Rejected>) -> Result<(), Failure> {
    match committed {
        Err(Rejected::Consumed(_)) => Ok(()),
        committed => committed.map_err(Failure::from),
    }
}
