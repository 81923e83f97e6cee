//! `fail_work_order`: POST `/api/v1/admin/work-orders/{work_order_id}/fail`. An admin fails a work order.
//!
//! Emits `production.failed.v1`, which fails the batch's orders and refunds them.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::ProductionFailedV1;
use contracts::production::{FailWorkOrder, WorkOrderView};
use domain::id::WorkOrderId;
use domain::text::Reason;
use runtime::http::{Request, Response};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin fails a work order; its orders are refunded.")
    .routes(&[HttpRoute::post("/api/v1/admin/work-orders/{work_order_id}/fail", Admin)])
    .grants(&[Grant::Table(Production, &[GetItem, PutItem, UpdateItem]), Grant::Table(Outbox, &[PutItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().production, &request.admin()?, &request)?;
    let id = super::named(&request)?;
    let reason = request.json::<FailWorkOrder>()?.parse()?;
    let work = retry_on_stale_read(|| fail_work_order(app, id, idempotency.as_ref(), &reason));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

pub async fn fail_work_order(
    app: &App,
    id: WorkOrderId,
    idempotency: Option<&Idempotency>,
    reason: &Reason,
) -> Result<Answer, Rejected> {
    let failed = app.store.load_work_order(id).await?.fail(reason, app.now())?;
    let answer = Answer::new(200, &WorkOrderView::from(&failed))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.save_work_order(&failed)?;
    tx.emit(&ProductionFailedV1::new(failed.batch(), failed.quantity, failed.version))?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
