//! `replay_event`: POST `/api/v1/admin/outbox/{event_id}/replay`. An admin requests that an event, with the other events of
//! its transaction, is published again. The next sweep does so under the same ids, so consumers that have applied them
//! ignore them.

use super::list_outbox::view;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::Refusal;
use domain::id::EventId;
use domain::outbox::OutboxStatus;
use runtime::http::{Request, Response};
use store::outbox::{Listed, Record};
use store::{Answer, Idempotency};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin replays an event.")
    .routes(&[HttpRoute::post("/api/v1/admin/outbox/{event_id}/replay", Admin)])
    .grants(&[Grant::Table(Outbox, &[DeleteItem, GetItem, PutItem, UpdateItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().outbox, &request.admin()?, &request)?;
    let event = EventId::parse(request.path("event_id")).ok_or(Refusal::EventNotFound)?;
    let answer = replay_event(app, idempotency.as_ref(), event).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Requests the replay, in any status of the record.
pub async fn replay_event(app: &App, idempotency: Option<&Idempotency>, event: EventId) -> Result<Answer, Failure> {
    let record = app.store.load_record(event.record()).await?;
    let record = Record { status: OutboxStatus::New, attempts: 0, ..record };
    let listed = Listed::all(&record).find(|listed| listed.id == event).ok_or(Refusal::EventNotFound)?;
    let answer = Answer::new(200, &view(&listed))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.replay_record(record.id)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
