//! Batches: from enough reservations to one production run.

pub mod abandon_batch;
pub mod cancel_batch;
pub mod close_sell_windows;
pub mod confirm_batch;
pub mod count_reservations;
pub mod finalize_batches;
pub mod forecast_sell_window;
pub mod get_batch;
pub mod get_offer_history;
pub mod list_batch_orders;
pub mod list_batches;
pub(crate) mod pagination;
pub mod schedule_batch;

use crate::App;
use contracts::Failure;
use contracts::batches::{BatchView, ProgressView};
use contracts::events::{BatchCanceledV1, BatchThresholdReachedV1};
use domain::Moment;
use domain::batch::Batch;
use domain::counter::Counter;
use domain::id::OfferId;
use domain::order::Order;
use futures_util::{StreamExt, TryStreamExt, stream};
use store::Tx;
use store::batches::Progress;
use store::counters::LOG_PARTITIONS;
use store::orders::Reads;

/// Creates the batch of a counter that has just reached its threshold, and emits its event.
pub(crate) fn reach(tx: &mut Tx<'_>, counter: &Counter, now: Moment) -> Result<(), Failure> {
    let batch = Batch::create(counter, now);
    tx.insert_batch(&batch)?;
    tx.emit(&BatchThresholdReachedV1 {
        batch_id: batch.id,
        sell_window_id: counter.offer.window,
        product_id: counter.offer.product,
        reserved_qty: counter.reserved,
        threshold_qty: counter.threshold,
        version: batch.version,
    })
}

/// The event of a canceled batch.
fn canceled(batch: &Batch) -> BatchCanceledV1 {
    let offer = batch.id.offer();
    BatchCanceledV1 {
        batch_id: batch.id,
        sell_window_id: offer.window,
        product_id: offer.product,
        reason: batch.reason.clone().unwrap_or_default(),
        version: batch.version,
    }
}

fn view(batch: &Batch, counter: &Counter, progress: &[Progress]) -> BatchView {
    let progress = progress
        .iter()
        .map(|progress| ProgressView {
            work: progress.work.as_str().to_owned(),
            orders_count: progress.orders,
            is_done: is_done(progress),
        })
        .collect();
    BatchView::new(batch, counter, progress)
}

/// Whether the last round of the work is complete.
fn is_done(progress: &Progress) -> bool {
    progress.partitions_done > 0 && progress.partitions_done.is_multiple_of(u64::from(LOG_PARTITIONS))
}

/// The current view of a batch for admins.
async fn view_of(app: &App, batch: &Batch) -> Result<BatchView, Failure> {
    let counter = app.store.load_counter(batch.id.offer()).await?;
    let (_, progress) = app.store.load_batch_and_progress(batch.id).await?;
    Ok(view(batch, &counter, &progress))
}

/// The number of orders that one read takes.
const ORDERS_PER_READ: usize = 100;
/// The number of concurrent reads.
const READS_AT_ONCE: usize = 8;

/// Passes every order that reserved places of an offer to `see`. Eventually consistent reads, for display.
async fn each_order(app: &App, offer: OfferId, mut see: impl FnMut(&Order)) -> Result<(), Failure> {
    let keys = app.store.order_keys_of_offer(offer).await?;
    let reads: Vec<_> = keys.chunks(ORDERS_PER_READ).map(|keys| app.store.read_orders(keys, Reads::Eventual)).collect();
    let mut reads = stream::iter(reads).buffer_unordered(READS_AT_ONCE);
    while let Some(orders) = reads.try_next().await? {
        orders.iter().for_each(&mut see);
    }
    Ok(())
}
