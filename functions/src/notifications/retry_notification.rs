//! `retry_notification`: POST `/api/v1/admin/notifications/{job_id}/retry`. An admin retries a failed message.
//!
//! Emits `notification.requested.v1`.

use super::list_notifications::view;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::NotificationRequestedV1;
use domain::Refusal;
use domain::notification::JobId;
use runtime::http::{Request, Response};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin retries a failed message.")
    .routes(&[HttpRoute::post("/api/v1/admin/notifications/{job_id}/retry", Admin)])
    .grants(&[
        Grant::Table(Notifications, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Orders, &[BatchGetItem]),
        Grant::Table(Outbox, &[PutItem]),
    ]);

/// The caller, the key and the message.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().notifications, &request.admin()?, &request)?;
    let id = JobId::parse(request.path("job_id")).ok_or(Refusal::NotificationNotFound)?;
    let work = retry_on_stale_read(|| retry_notification(app, idempotency.as_ref(), id));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Reads, decides, writes.
pub async fn retry_notification(app: &App, idempotency: Option<&Idempotency>, id: JobId) -> Result<Answer, Rejected> {
    let job = app.store.find_job(id).await?.ok_or(Refusal::NotificationNotFound)?.retry(app.now())?;
    let answer = Answer::new(200, &view(app, std::slice::from_ref(&job)).await?.pop())?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.save_job(&job)?;
    tx.emit(&NotificationRequestedV1::from(&job))?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
