//! `get_event`: GET `/api/v1/admin/outbox/{event_id}`. One event of the outbox with its payload and its last publication
//! error.

use super::list_outbox::view;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::platform::{AggregateView, OutboxEventView};
use domain::Refusal;
use domain::id::EventId;
use runtime::http::{Request, Response};
use store::outbox::Listed;

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Returns an event of the outbox with its payload.")
    .routes(&[HttpRoute::get("/api/v1/admin/outbox/{event_id}", Admin)])
    .grants(&[Grant::Table(Outbox, &[GetItem])]);

/// Reads the event's id.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = EventId::parse(request.path("event_id")).ok_or(Refusal::EventNotFound)?;
    Response::ok(&get_event(app, id).await?)
}

/// The event, while its record is kept.
pub async fn get_event(app: &App, id: EventId) -> Result<OutboxEventView, Failure> {
    let record = app.store.load_record(id.record()).await?;
    let listed = Listed::all(&record).find(|listed| listed.id == id).ok_or(Refusal::EventNotFound)?;
    let event = record.events.iter().find(|event| event.envelope.event_id == id).ok_or(Refusal::EventNotFound)?;
    let aggregate = event.envelope.aggregate.clone();
    Ok(OutboxEventView {
        event: view(&listed),
        aggregate: AggregateView { kind: aggregate.kind, id: aggregate.id, version: aggregate.version },
        payload: serde_json::from_str(event.envelope.data.get()).map_err(Failure::broken)?,
        last_error: record.last_error,
    })
}
