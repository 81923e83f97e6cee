//! `update_work_step`: PATCH `/api/v1/admin/work-orders/{work_order_id}/steps/{n}`. An admin changes the progress of a
//! production step.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::production::{UpdateWorkStep, WorkOrderView};
use domain::Refusal;
use domain::id::WorkOrderId;
use domain::work_order::{StepNotes, StepStatus};
use runtime::http::{Request, Response};
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin sets the status of a production step.")
    .routes(&[HttpRoute::patch("/api/v1/admin/work-orders/{work_order_id}/steps/{n}", Admin)])
    .grants(&[Grant::Table(Production, &[GetItem, UpdateItem])]);

/// Reads the step and its change.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = super::named(&request)?;
    let n: usize = request.path("n").parse().map_err(|_| Refusal::WorkStepNotFound)?;
    let (status, notes) = request.json::<UpdateWorkStep>()?.parse()?;
    Response::ok(&retry_on_stale_read(|| update_work_step(app, id, n, status, notes.clone())).await?)
}

pub async fn update_work_step(
    app: &App,
    id: WorkOrderId,
    n: usize,
    status: StepStatus,
    notes: Option<StepNotes>,
) -> Result<WorkOrderView, Rejected> {
    let updated = app.store.load_work_order(id).await?.update_step(n, status, notes, app.now())?;
    let mut tx = app.tx()?;
    tx.save_work_order(&updated)?;
    tx.commit().await?;
    Ok(WorkOrderView::from(&updated))
}
