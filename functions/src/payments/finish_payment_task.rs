//! `finish_payment_task`: POST `/api/v1/admin/payment-tasks/{task_id}/done`. An admin marks a payment task as done.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::payments::{FinishPaymentTask, PaymentTaskView};
use domain::Refusal;
use domain::id::CustomerId;
use domain::payment::{Done, KeptTask};
use domain::text::Reason;
use runtime::http::{Request, Response};
use store::{Answer, Idempotency};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin marks a payment task as done.")
    .routes(&[HttpRoute::post("/api/v1/admin/payment-tasks/{task_id}/done", Admin)])
    .grants(&[Grant::Table(Payments, &[GetItem, PutItem, UpdateItem])]);

/// The admin, the key, the task and the note.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let admin = request.admin()?;
    let idempotency = app.idempotency(&app.store.tables().payments, &admin, &request)?;
    let note = request.json::<FinishPaymentTask>()?.parse()?;
    let work = finish_payment_task(app, idempotency.as_ref(), request.path("task_id"), admin, note);
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Marks the task as done, with the admin and the note.
pub async fn finish_payment_task(
    app: &App,
    idempotency: Option<&Idempotency>,
    id: &str,
    by: CustomerId,
    note: Reason,
) -> Result<Answer, Failure> {
    let kept = app.store.load_payment_task(id).await?;
    if kept.done.is_some() {
        return Err(Refusal::PaymentTaskDone.into());
    }
    let done = Done { at_ms: app.now().as_millisecond(), by, note };
    let kept = KeptTask { done: Some(done.clone()), ..kept };
    let answer = Answer::new(200, &PaymentTaskView::from(&kept))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.finish_task(&kept.id, &done)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
