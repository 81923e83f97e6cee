//! `finalize_batches`: every five minutes. Fixes the paid quantity of batches whose payment window is over.
//!
//! Waits until every order of the batch is paid, expired or canceled, and counted; `expire_orders` expires the overdue
//! ones. Then the offer's rule decides whether the paid quantity is produced. Emits `batch.finalized.v1`, and
//! `batch.canceled.v1` when it is not produced. Safe to run twice, late or concurrently.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::BatchFinalizedV1;
use domain::Moment;
use domain::batch::{Batch, BatchStatus};
use domain::counter::CounterStatus;
use domain::id::BatchId;
use domain::text::Reason;
use futures_util::{StreamExt, stream};
use runtime::schedule::Tick;
use store::batches::Due;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Upkeep, "Fixes the paid quantity of batches after their payment window.")
        .schedule(Schedule::often("rate(5 minutes)"))
        .grants(&[
            Grant::Table(Batches, &[DeleteItem, GetItem, Query, UpdateItem]),
            Grant::Table(Catalog, &[GetItem]),
            Grant::Table(Counters, &[GetItem, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
        ]);

/// Batches per tick; the next tick continues.
const BATCHES_PER_SWEEP_MAX: usize = 100;
/// Batches that are finalized concurrently.
const BATCHES_AT_ONCE: usize = 4;
/// The reason of a batch that is canceled because its paid quantity is too low.
const UNDERPAID: &str = "too little was paid";

pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    finalize_batches(app, tick.time).await
}

/// Finalizes the batches that are due at `now`. A failure of one batch does not affect the others.
pub async fn finalize_batches(app: &App, now: Moment) -> Result<(), Failure> {
    let due = app.store.due(Due::Finalize, now, BATCHES_PER_SWEEP_MAX).await?;
    let finalized: Vec<Result<(), Failure>> = stream::iter(due)
        .map(|(at, id)| async move { retry_on_stale_read(|| finalize_batch(app, at, id, now)).await })
        .buffer_unordered(BATCHES_AT_ONCE)
        .collect()
        .await;
    finalized.into_iter().collect()
}

async fn finalize_batch(app: &App, at: Moment, id: BatchId, now: Moment) -> Result<(), Rejected> {
    let batch = app.store.load_batch(id).await?;
    let counter = app.store.load_counter(id.offer()).await?;
    let mut tx = app.tx()?;
    tx.clear_due(Due::Finalize, at, id)?;
    if batch.status == BatchStatus::Confirmed && counter.status == CounterStatus::Locked {
        if counter.waiting > 0 {
            return Ok(());
        }
        let offer = app.store.load_offer(id.offer()).await?;
        let counter = counter.next(CounterStatus::Finalized);
        let proceeds = offer.terms.proceeds(counter.paid, counter.threshold);
        let batch = if proceeds { batch.next(now) } else { give_up(batch, now)? };
        tx.save_counter(&counter)?;
        tx.save_batch(&batch)?;
        tx.emit(&BatchFinalizedV1 {
            batch_id: id,
            sell_window_id: id.offer().window,
            product_id: id.offer().product,
            target_qty: batch.target,
            paid_qty: counter.paid,
            threshold_qty: counter.threshold,
            proceeds,
            version: batch.version,
        })?;
        if !proceeds {
            tx.emit(&super::canceled(&batch))?;
        }
    }
    tx.commit().await?;
    Ok(())
}

fn give_up(batch: Batch, now: Moment) -> Result<Batch, Rejected> {
    let reason = Reason::parse("reason", UNDERPAID)
        .map_err(|_| Failure::broken(format!("{UNDERPAID:?} is not a valid reason to cancel batch {}", batch.id)))?;
    Ok(batch.cancel(&reason, now)?)
}
