//! `open_checkout`: GET and POST `/api/v1/payments/{payment_id}/checkout`. Redirects a customer's browser to the provider.
//!
//! The URL contains an unguessable part that authorizes the caller until the order's deadline; no token is required. GET
//! changes nothing, because programs preview links: it shows a page with a button. The button's POST opens a trade at the
//! provider and redirects there; the first one extends an instant order's hold. The provider's own POST, with `returned`,
//! redirects to the shop. A browser always gets a page with the status and a way to continue. Emits `payment.failed.v1` if
//! the provider refuses to start, and `payment.expired.v1` for a payment that can open no more trades.

use super::checkout::open::{Found, find, open};
use super::checkout::pages;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::payments::Links;
use domain::Refusal;
use domain::id::PaymentId;
use domain::payment::Payment;
use providers::payment::Start;
use runtime::http::{Request, Response};
use store::{Rejected, retry_on_stale_read};
pub const MANIFEST: Manifest =
    Manifest::new(Binary::External, "Serves the page that redirects a customer's browser to a payment provider.")
        .routes(&[
            HttpRoute::get("/api/v1/payments/{payment_id}/checkout", Public).any_query(),
            HttpRoute::post("/api/v1/payments/{payment_id}/checkout", Public).any_query(),
        ])
        .timeout_seconds(15, "LINE Pay's time-out for opening a payment is 10 seconds")
        .grants(&[
            Grant::Table(Orders, &[GetItem, UpdateItem]),
            Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
            Grant::Read(Secret::EcpaySecret),
            Grant::Read(Secret::NewebpaySecret),
            Grant::Read(Secret::LinePaySecret),
        ]);

/// Reads the payment and its token.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let answer = if request.is_post() { press(app, &request).await } else { show(app, &request).await };
    pages::or_page(&request, app.shop_url(), answer)
}

fn address(request: &Request) -> Result<(PaymentId, &str), Refusal> {
    let id = PaymentId::parse(request.path("payment_id")).ok_or(Refusal::CheckoutNotOpen)?;
    Ok((id, request.query("token").unwrap_or_default()))
}

/// The page with the button.
async fn show(app: &App, request: &Request) -> Result<Response, Failure> {
    let (id, token) = address(request)?;
    match find(app, id, token).await? {
        Found::Open(payment, _) if request.query("returned").is_none() => {
            pages::button(&payment, app.payments.host(payment.method).unwrap_or_default())
        }
        Found::Open(payment, _) | Found::Over(payment, _) if request.query("returned").is_some() => {
            Ok(pages::see_other(&Links { api: "", shop: app.shop_url() }.back_to_the_shop(&payment)))
        }
        Found::Over(payment, _) if request.accepts_html() => pages::over(&payment, app.shop_url()),
        Found::Over(_, refusal) => Err(refusal.into()),
        Found::Open(..) => Err(Refusal::CheckoutNotOpen.into()),
    }
}

/// Handles the POST of the button, or the provider's POST when it returns the browser.
async fn press(app: &App, request: &Request) -> Result<Response, Failure> {
    if request.query("returned").is_some() {
        return show(app, request).await;
    }
    let (id, token) = address(request)?;
    let base = app.public_url(request.domain());
    match retry_on_stale_read(|| open_checkout(app, id, token, &base)).await? {
        Ok(Start::Form { action, fields }) => pages::checkout(&action, &fields, &app.new_token()?),
        Ok(Start::Redirect { url, .. }) => Ok(pages::see_other(&url)),
        Err((payment, _)) if request.accepts_html() => pages::over(&payment, app.shop_url()),
        Err((_, refusal)) => Err(refusal.into()),
    }
}

/// Starts a trade at the provider and stores it. Otherwise returns the payment with the reason.
pub async fn open_checkout(
    app: &App,
    id: PaymentId,
    token: &str,
    base: &str,
) -> Result<Result<Start, (Box<Payment>, Refusal)>, Rejected> {
    match find(app, id, token).await? {
        Found::Open(payment, order) => open(app, *payment, order.map(|order| *order), base).await.map(Ok),
        Found::Over(payment, refusal) => Ok(Err((payment, refusal))),
    }
}
