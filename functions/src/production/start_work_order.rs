//! `start_work_order`: POST `/api/v1/admin/work-orders/{work_order_id}/start`. An admin starts the production of the paid
//! quantity.
//!
//! From then on the batch cannot be canceled. Emits `production.started.v1`.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::ProductionStartedV1;
use contracts::production::{StartWorkOrder, WorkOrderView};
use domain::id::WorkOrderId;
use domain::work_order::Operator;
use runtime::http::{Request, Response};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin starts production of the paid quantity.")
    .routes(&[HttpRoute::post("/api/v1/admin/work-orders/{work_order_id}/start", Admin)])
    .grants(&[
        Grant::Table(Production, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Batches, &[GetItem, UpdateItem]),
        Grant::Table(Counters, &[GetItem]),
        Grant::Table(Outbox, &[PutItem]),
    ]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().production, &request.admin()?, &request)?;
    let id = super::named(&request)?;
    let operator = request.json::<StartWorkOrder>()?.parse()?;
    let work = retry_on_stale_read(|| start_work_order(app, id, idempotency.as_ref(), &operator));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// The transaction has a condition on the batch, so that starting and canceling it exclude each other.
pub async fn start_work_order(
    app: &App,
    id: WorkOrderId,
    idempotency: Option<&Idempotency>,
    operator: &Operator,
) -> Result<Answer, Rejected> {
    let order = app.store.load_work_order(id).await?;
    let batch = app.store.load_batch(order.batch()).await?;
    let counter = app.store.load_counter(id.offer()).await?;
    let (started, batch) = order.start(operator.clone(), batch, &counter, app.now())?;
    let answer = Answer::new(200, &WorkOrderView::from(&started))?;

    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.save_work_order(&started)?;
    tx.save_batch(&batch)?;
    tx.emit(&ProductionStartedV1::new(started.batch(), started.quantity, started.version))?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
