//! `list_outbox`: GET /api/v1/admin/outbox. The events of the outbox, optionally of one status.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::platform::OutboxItemView;
use domain::outbox::OutboxStatus;
use runtime::http::{Request, Response};
use store::outbox::Listed;

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Lists events of the outbox by status.")
    .routes(&[HttpRoute::get("/api/v1/admin/outbox", Admin).query(&["status", "limit", "cursor"])])
    .grants(&[Grant::Table(Outbox, &[BatchGetItem, Query])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let status = request.query("status").map(OutboxStatus::parse).transpose()?;
    let found = app.store.list_events(status, &page, app.now(), app.outbox_keep()).await?;
    Response::page(&page, found.map(|event| view(&event)))
}

/// An event as an admin sees it.
pub(super) fn view(event: &Listed) -> OutboxItemView {
    OutboxItemView {
        event_id: event.id.to_string(),
        event_type: event.event_type.clone(),
        status: event.status.as_str().to_owned(),
        attempts: event.attempts,
        created_at: event.created_at,
        sent_at: event.sent_at,
    }
}
