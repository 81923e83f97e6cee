//! `finalize_batches`: every five minutes. Fixes the paid quantity of each batch whose payment window is over.
//!
//! Waits until every order of the batch is paid, expired or canceled, and counted; `expire_orders` ends the overdue ones.
//! Then the offer's rule decides whether the paid quantity is produced. Emits `batch.finalized.v1`, and `batch.canceled.v1`
//! if it is not produced. Safe to run twice, late or concurrently.

use crate::App;
use crate::manifest::prelude::*;
use crate::sweep::{PAGE, work_through};
use contracts::Failure;
use contracts::events::BatchFinalizedV1;
use domain::Moment;
use domain::batch::{Batch, BatchStatus};
use domain::counter::CounterStatus;
use domain::id::BatchId;
use domain::text::Reason;
use runtime::schedule::Tick;
use store::batches::Due;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Upkeep, "Fixes the paid quantity of each batch whose payment window is over.")
        .schedule(Schedule::often("rate(5 minutes)"))
        .grants(&[
            Grant::Table(Batches, &[DeleteItem, GetItem, Query, UpdateItem]),
            Grant::Table(Catalog, &[GetItem]),
            Grant::Table(Counters, &[GetItem, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
        ]);

/// Batches that are finalized at the same time.
const BATCHES_AT_ONCE: usize = 4;
/// The reason for canceling a batch whose paid quantity is too small.
const UNDERPAID: &str = "too little was paid";

/// Reads the time of the tick.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    finalize_batches(app, tick.time).await
}

/// Finalizes every batch that is due at `now`. A batch that cannot be finalized does not delay the others.
pub async fn finalize_batches(app: &App, now: Moment) -> Result<(), Failure> {
    work_through(
        BATCHES_AT_ONCE,
        |after| async move { app.store.due(Due::Finalize, now, after.as_deref(), PAGE).await },
        |(at, id)| async move { retry_on_stale_read(|| finalize_batch(app, at, id, now)).await },
    )
    .await
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
        .map_err(|_| Failure::broken("the reason underpaid is not a valid reason"))?;
    Ok(batch.cancel(&reason, now)?)
}
