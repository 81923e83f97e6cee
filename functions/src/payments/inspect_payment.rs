//! `inspect_payment`: GET `/api/v1/admin/payments/{payment_id}`. An admin reads a payment of any customer,
//! with its provider's events.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::payments::{AdminPaymentView, ProviderEventView};
use domain::id::PaymentId;
use domain::{Moment, Refusal};
use runtime::http::{Request, Response};
use store::payments::ProviderEvent;

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Returns any payment with its provider's reports.")
    .routes(&[HttpRoute::get("/api/v1/admin/payments/{payment_id}", Admin)])
    .grants(&[Grant::Table(Payments, &[Query])]);

/// Reads the payment's id.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = PaymentId::parse(request.path("payment_id")).ok_or(Refusal::PaymentNotFound)?;
    Response::ok(&inspect_payment(app, id).await?)
}

/// The payment and its provider's events, oldest first.
pub async fn inspect_payment(app: &App, id: PaymentId) -> Result<AdminPaymentView, Failure> {
    let (payment, events) = app.store.load_payment_and_events(id).await?;
    Ok(AdminPaymentView::new(&payment, events.into_iter().map(event_view).collect()))
}

fn event_view(event: ProviderEvent) -> ProviderEventView {
    ProviderEventView {
        action: event.action,
        result: event.result,
        at: Moment::from_millisecond(event.at_ms).unwrap_or_default(),
        trade_no: Some(event.trade_no),
        code: Some(event.code),
        raw: event.raw.into_iter().collect(),
    }
}
