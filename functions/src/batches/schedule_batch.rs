//! `schedule_batch`: PUT `/api/v1/admin/batches/{batch_id}/schedule`. An admin changes the planned dates of a batch.
//!
//! Emits `batch.rescheduled.v1` when a confirmed batch is shipped later than planned before.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::batches::{BatchView, ScheduleBatch};
use contracts::events::BatchRescheduledV1;
use domain::Refusal;
use domain::batch::Plan;
use domain::id::BatchId;
use runtime::http::{Request, Response};
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin changes the planned dates of a batch.")
    .routes(&[HttpRoute::put("/api/v1/admin/batches/{batch_id}/schedule", Admin)])
    .grants(&[
        Grant::Table(Batches, &[GetItem, Query, UpdateItem]),
        Grant::Table(Counters, &[GetItem]),
        Grant::Table(Catalog, &[GetItem]),
        Grant::Table(Outbox, &[PutItem]),
    ]);

/// Reads the batch and its dates.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = BatchId::parse(request.path("batch_id")).ok_or(Refusal::BatchNotFound)?;
    let plan = request.json::<ScheduleBatch>()?.parse()?;
    Response::ok(&retry_on_stale_read(|| schedule_batch(app, id, &plan)).await?)
}

pub async fn schedule_batch(app: &App, id: BatchId, plan: &Plan) -> Result<BatchView, Rejected> {
    let batch = app.store.load_batch(id).await?;
    let offer = app.store.load_offer(id.offer()).await?;
    let scheduled = batch.clone().reschedule(plan, &offer, app.shop(), app.now())?;
    let view = super::view_of(app, &scheduled).await?;
    let mut tx = app.tx()?;
    tx.save_batch(&scheduled)?;
    if let Some(moved) = BatchRescheduledV1::of(&batch, &scheduled) {
        tx.emit(&moved)?;
    }
    tx.commit().await?;
    Ok(view)
}
