//! `cancel_batch`: POST `/api/v1/admin/batches/{batch_id}/cancel`. An admin cancels a batch.
//!
//! Possible until its production starts. Emits `batch.canceled.v1`, which cancels and refunds its orders.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::batches::{BatchView, CancelBatch};
use domain::Refusal;
use domain::counter::CounterStatus;
use domain::id::BatchId;
use domain::text::Reason;
use runtime::http::{Request, Response};
use store::batches::Due;
use store::stock::Pool;
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin cancels a batch; its orders are canceled and refunded.")
        .routes(&[HttpRoute::post("/api/v1/admin/batches/{batch_id}/cancel", Admin)])
        .grants(&[
            Grant::Table(Batches, &[DeleteItem, GetItem, PutItem, UpdateItem]),
            Grant::Table(Counters, &[GetItem, UpdateItem]),
            Grant::Table(Catalog, &[GetItem]),
            Grant::Table(Outbox, &[PutItem]),
        ]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().batches, &request.admin()?, &request)?;
    let id = BatchId::parse(request.path("batch_id")).ok_or(Refusal::BatchNotFound)?;
    let reason = request.json::<CancelBatch>()?.parse()?;
    let work = retry_on_stale_read(|| cancel_batch(app, id, idempotency.as_ref(), &reason));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

pub async fn cancel_batch(
    app: &App,
    id: BatchId,
    idempotency: Option<&Idempotency>,
    reason: &Reason,
) -> Result<Answer, Rejected> {
    let batch = app.store.load_batch(id).await?;
    let counter = app.store.load_counter(id.offer()).await?;
    let offer = app.store.load_offer(id.offer()).await?;
    let canceled = batch.clone().cancel(reason, app.now())?;
    let status = match counter.status {
        CounterStatus::Finalized => CounterStatus::Finalized,
        _ => CounterStatus::Missed,
    };
    let counter = counter.next(status);
    let answer = Answer::new(200, &BatchView::new(&canceled, &counter, Vec::new()))?;

    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.save_batch(&canceled)?;
    tx.save_counter(&counter)?;
    tx.close_pool(Pool::Capacity(offer.id), offer.capacity_shards, None)?;
    tx.clear_due(Due::Close, offer.closes_at, id)?;
    tx.clear_due(Due::Confirm, batch.created_at, id)?;
    if let Some(end) = batch.pay_before {
        tx.clear_due(Due::Finalize, end, id)?;
    }
    tx.emit(&super::canceled(&canceled))?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
