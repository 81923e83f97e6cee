//! `complete_work_order`: POST `/api/v1/admin/work-orders/{work_order_id}/complete`. An admin completes a work order.
//!
//! Emits `production.completed.v1`, which requests the shipping of the batch's paid orders.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::ProductionCompletedV1;
use contracts::production::WorkOrderView;
use domain::id::WorkOrderId;
use runtime::http::{Request, Response};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin completes a work order; the shipping of its paid orders is requested.")
        .routes(&[HttpRoute::post("/api/v1/admin/work-orders/{work_order_id}/complete", Admin)])
        .grants(&[Grant::Table(Production, &[GetItem, PutItem, UpdateItem]), Grant::Table(Outbox, &[PutItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().production, &request.admin()?, &request)?;
    let id = super::named(&request)?;
    let work = retry_on_stale_read(|| complete_work_order(app, id, idempotency.as_ref()));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

pub async fn complete_work_order(
    app: &App,
    id: WorkOrderId,
    idempotency: Option<&Idempotency>,
) -> Result<Answer, Rejected> {
    let done = app.store.load_work_order(id).await?.complete(app.now())?;
    let answer = Answer::new(200, &WorkOrderView::from(&done))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.save_work_order(&done)?;
    tx.emit(&ProductionCompletedV1::new(done.batch(), done.quantity, done.version))?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
