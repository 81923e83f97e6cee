//! `inspect_order`: GET `/api/v1/admin/orders/{order_id}`. One order with its customer, contact, payments and messages, and
//! the actor of each step.

use super::get_order::address;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::orders::AdminOrderView;
use contracts::payments::{AttemptView, ProviderEventView};
use domain::Moment;
use futures_util::future::try_join3;
use runtime::http::{Request, Response};
use std::collections::BTreeMap;
use store::OrderKey;
use store::payments::ProviderEvent;

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Admin,
    "Returns any order with contact, payment attempts, messages, and the actor of each step.",
)
.routes(&[HttpRoute::get("/api/v1/admin/orders/{order_id}", Admin)])
.grants(&[
    Grant::Table(Orders, &[GetItem]),
    Grant::Index(Orders, "by_number"),
    Grant::Table(Payments, &[Query]),
    Grant::Index(Payments, "by_order"),
    Grant::Table(Notifications, &[BatchGetItem]),
    Grant::Index(Notifications, "by_order"),
]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let key = address(app, &request).await?;
    Response::ok(&inspect_order(app, &key).await?)
}

/// The order, its payments and its messages, read concurrently.
pub async fn inspect_order(app: &App, key: &OrderKey) -> Result<AdminOrderView, Failure> {
    let order = app.store.load_order(&key.customer, key.id);
    let payments = app.store.payments_of_order(key.id);
    let jobs = app.store.jobs_of_order(key.id);
    let (order, payments, jobs) = try_join3(order, payments, jobs).await?;
    let attempts = payments
        .iter()
        .map(|(payment, events)| AttemptView::new(payment, events.iter().map(event_view).collect()))
        .collect();
    Ok(AdminOrderView::new(&order, attempts, &jobs))
}

fn event_view(event: &ProviderEvent) -> ProviderEventView {
    ProviderEventView {
        action: event.action.clone(),
        result: event.result.clone(),
        at: Moment::from_millisecond(event.at_ms).unwrap_or_default(),
        trade_no: None,
        code: None,
        raw: BTreeMap::new(),
    }
}
