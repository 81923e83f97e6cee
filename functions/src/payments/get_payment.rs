//! `get_payment`: GET `/api/v1/payments/{payment_id}`. One of a customer's payments.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::payments::{Links, PaymentView};
use domain::Refusal;
use domain::id::PaymentId;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Returns one of a customer's payments.")
    .routes(&[HttpRoute::get("/api/v1/payments/{payment_id}", Customer)])
    .grants(&[Grant::Table(Payments, &[GetItem])]);

/// Reads the caller and the id. Another customer's payment is not found.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let id = PaymentId::parse(request.path("payment_id")).ok_or(Refusal::PaymentNotFound)?;
    let payment = app.store.load_payment(id).await?;
    if payment.customer != customer {
        return Err(Refusal::PaymentNotFound.into());
    }
    let base = app.public_url(request.domain());
    let live = app.shop().checkout_live();
    let links = Links { api: &base, shop: app.shop_url() };
    Response::ok(&PaymentView::with_checkout(&payment, links, live, app.now()))
}
