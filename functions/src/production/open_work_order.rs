//! `open_work_order`: queue, on `batch.confirmed.v1` and `batch.canceled.v1`. Creates the work order of a confirmed batch,
//! READY with the offer's steps; cancels that of a canceled one.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{BatchCanceledV1, BatchConfirmedV1, Event, RawEnvelope};
use domain::id::{BatchId, WorkOrderId};
use domain::work_order::WorkOrder;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Events, "Creates the work order of a confirmed batch, and cancels that of a canceled batch.")
        .queues(&[Queue::of(&[Rule::on(
            "OnBatchDecided",
            &["batch.confirmed.v1", "batch.canceled.v1", "batch.cancelled.v1"],
            "A batch was confirmed or canceled.",
        )
        .because("Release 0.1 announced batch.canceled.v1 as batch.cancelled.v1.")])
        .concurrency(2, "the minimum: one event per batch")
        .alarm_on_age(
            "work orders wait to be opened",
            "The oldest event in OpenWorkOrderQueue is older than ten minutes. Check the errors and \
             throttles of open_work_order.",
        )])
        .grants(&[
            Grant::Table(Production, &[GetItem, PutItem, UpdateItem]),
            Grant::Table(Batches, &[GetItem]),
            Grant::Table(Catalog, &[GetItem]),
        ])
        .alarm_on_dead_letters(
            "a work order was not opened",
            "open_work_order failed five times on each event in OpenWorkOrderDlq: a confirmed batch cannot be \
             produced. Find the error in its log by the message's id, fix the cause, and redrive the queue; \
             processing an event twice is harmless.",
        );

/// Applies one event. The work order's id and status show whether it was applied before.
pub async fn open_work_order(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    match event.event_type.as_str() {
        BatchConfirmedV1::TYPE => {
            let batch = event.read::<BatchConfirmedV1>().map_err(Failure::broken)?.batch_id;
            retry_on_stale_read(|| open(app, batch)).await
        }
        BatchCanceledV1::TYPE => {
            let canceled: BatchCanceledV1 = event.read().map_err(Failure::broken)?;
            retry_on_stale_read(|| end(app, &canceled)).await
        }
        other => Err(Failure::broken(format!("open_work_order received an event of the unexpected type {other}"))),
    }
}

async fn open(app: &App, id: BatchId) -> Result<(), Rejected> {
    if app.store.find_work_order(WorkOrderId::of(id.offer())).await?.is_some() {
        return Ok(());
    }
    let batch = app.store.load_batch(id).await?;
    let offer = app.store.load_offer(id.offer()).await?;
    let mut tx = app.tx()?;
    tx.insert_work_order(&WorkOrder::open(&batch, &offer.terms.steps, app.now()))?;
    tx.commit().await?;
    Ok(())
}

async fn end(app: &App, canceled: &BatchCanceledV1) -> Result<(), Rejected> {
    let id = WorkOrderId::of(canceled.batch_id.offer());
    let batch = app.store.load_batch(canceled.batch_id).await?;
    let Some(order) = app.store.find_work_order(id).await? else {
        // The confirmation of this batch has not been applied yet: this event is retried after it.
        return if batch.confirmed_at.is_some() { Err(Failure::Busy.into()) } else { Ok(()) };
    };
    let Some(ended) = order.drop_ready(&canceled.reason, app.now()) else { return Ok(()) };
    let mut tx = app.tx()?;
    tx.save_work_order(&ended)?;
    tx.commit().await?;
    Ok(())
}
