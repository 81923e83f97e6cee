//! `confirm_batch`: POST `/api/v1/admin/batches/{batch_id}/confirm`. An admin confirms a batch for production.
//!
//! The same transaction locks the counter and closes the offer's capacity, so that no order is added afterwards. Emits
//! `batch.confirmed.v1`, which requests all payments. Safe to repeat: a confirmed batch stays unchanged.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::batches::{BatchView, ConfirmBatch};
use contracts::events::BatchConfirmedV1;
use domain::Refusal;
use domain::batch::{Batch, Plan};
use domain::counter::CounterStatus;
use domain::id::BatchId;
use runtime::http::{Request, Response};
use store::batches::Due;
use store::stock::Pool;
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin confirms a batch, which requests the payment of its orders.")
        .routes(&[HttpRoute::post("/api/v1/admin/batches/{batch_id}/confirm", Admin)])
        .grants(&[
            Grant::Table(Batches, &[DeleteItem, GetItem, PutItem, Query, UpdateItem]),
            Grant::Table(Counters, &[GetItem, UpdateItem]),
            Grant::Table(Catalog, &[GetItem]),
            Grant::Table(Outbox, &[PutItem]),
        ]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().batches, &request.admin()?, &request)?;
    let id = BatchId::parse(request.path("batch_id")).ok_or(Refusal::BatchNotFound)?;
    let plan = request.json_or_default::<ConfirmBatch>()?.parse()?;
    let work = retry_on_stale_read(|| confirm_batch(app, id, idempotency.as_ref(), &plan));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

pub async fn confirm_batch(
    app: &App,
    id: BatchId,
    idempotency: Option<&Idempotency>,
    plan: &Plan,
) -> Result<Answer, Rejected> {
    let batch = app.store.load_batch(id).await?;
    let counter = app.store.load_counter(id.offer()).await?;
    let offer = app.store.load_offer(id.offer()).await?;
    let Some(confirmed) = batch.clone().confirm(plan, &offer, &counter, app.shop(), app.now())? else {
        return as_it_is(app, &batch, idempotency).await;
    };
    let counter = counter.next(CounterStatus::Locked);
    let answer = Answer::new(200, &BatchView::new(&confirmed, &counter, Vec::new()))?;

    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.save_batch(&confirmed)?;
    tx.save_counter(&counter)?;
    tx.close_pool(Pool::Capacity(offer.id), offer.capacity_shards, None)?;
    tx.clear_due(Due::Close, offer.closes_at, id)?;
    tx.clear_due(Due::Confirm, batch.created_at, id)?;
    if let Some(end) = confirmed.pay_before {
        tx.set_due(Due::Finalize, end, id)?;
    }
    tx.emit(&announcement(&confirmed)?)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}

/// The response for a batch that is already confirmed, possibly under this key, which always gets the same response.
async fn as_it_is(app: &App, batch: &Batch, idempotency: Option<&Idempotency>) -> Result<Answer, Rejected> {
    let answer = Answer::new(200, &super::view_of(app, batch).await?)?;
    if idempotency.is_none() {
        return Ok(answer);
    }
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}

fn announcement(batch: &Batch) -> Result<BatchConfirmedV1, Failure> {
    let dates = batch.schedule.as_ref().zip(batch.pay_before);
    let (schedule, pay_before) =
        dates.ok_or_else(|| Failure::broken(format!("batch {} is confirmed but has no dates", batch.id)))?;
    Ok(BatchConfirmedV1 {
        batch_id: batch.id,
        sell_window_id: batch.id.offer().window,
        product_id: batch.id.offer().product,
        target_qty: batch.target,
        pay_before,
        planned_production_date: schedule.planned_production_date,
        planned_ship_date: schedule.planned_ship_date,
        version: batch.version,
    })
}
