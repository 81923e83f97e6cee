//! `complete_work_order`: POST `/api/v1/admin/work-orders/{work_order_id}/complete`. The goods are made.
//!
//! Emits `production.completed.v1`, upon which the batch's paid orders are shipped.

use crate::App;
use contracts::Failure;
use contracts::events::ProductionCompletedV1;
use contracts::production::WorkOrderView;
use domain::id::WorkOrderId;
use runtime::http::{Request, Response};
use store::{Answer, Once, Rejected, settle};

/// Who, which key, which work order.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let once = app.once(&request.admin()?, &request)?;
    let id = super::named(&request)?;
    let work = settle(|| complete_work_order(app, id, once.as_ref()));
    let answer = app.answer_once(&app.store.tables().production, once.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Reads, decides, writes.
pub async fn complete_work_order(app: &App, id: WorkOrderId, once: Option<&Once>) -> Result<Answer, Rejected> {
    let done = app.store.load_work_order(id).await?.complete(app.now())?;
    let answer = Answer::new(200, &WorkOrderView::from(&done))?;
    let mut tx = app.tx()?;
    tx.once(&app.store.tables().production, once, &answer)?;
    tx.save_work_order(&done)?;
    tx.emit(&ProductionCompletedV1::new(done.batch(), done.quantity, done.version))?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
