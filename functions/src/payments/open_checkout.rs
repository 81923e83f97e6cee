//! `open_checkout`: GET and POST `/api/v1/payments/{payment_id}/checkout`. A customer's browser is led to the provider.
//!
//! No token of the user pool is looked at: the address itself has a part that nobody can guess, and that expires with the order.
//! GET changes nothing, since robots that preview links fetch it too: it shows the page with the button. The button's POST opens
//! a trade at the provider and leads there; the first one puts an instant order's hold off. The provider's own POST, with
//! `returned`, leads back to the shop. A browser always gets a page that says what is the case and leads on. Emits
//! `payment.failed.v1` when the provider refuses to begin, and `payment.expired.v1` for an attempt that can open no more.

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
/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest =
    Manifest::new(Binary::External, "The page that leads a customer's browser to a provider.")
        .routes(&[
            HttpRoute::get("/api/v1/payments/{payment_id}/checkout", Public).any_query(),
            HttpRoute::post("/api/v1/payments/{payment_id}/checkout", Public).any_query(),
        ])
        .timeout_seconds(15, "LINE Pay has 10 seconds to make an address")
        .grants(&[
            Grant::Table(Orders, &[GetItem, UpdateItem]),
            Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
            Grant::Read(Secret::EcpaySecret),
            Grant::Read(Secret::NewebpaySecret),
            Grant::Read(Secret::LinePaySecret),
        ]);

/// Which payment, by which right.
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

/// The button is pressed, or the provider sends the browser back.
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

/// Begins a trade at the provider, and keeps it. Otherwise the payment, and why nothing can be opened.
pub async fn open_checkout(
    app: &App,
    id: PaymentId,
    token: &str,
    base: &str,
) -> Result<Result<Start, (Box<Payment>, Refusal)>, Rejected> {
    match find(app, id, token).await? {
        Found::Open(payment, order) => open(app, *payment, *order, base).await.map(Ok),
        Found::Over(payment, refusal) => Ok(Err((payment, refusal))),
    }
}
