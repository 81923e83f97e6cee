//! `return_from_line_pay`: GET /api/v1/webhooks/line-pay/confirm. A customer's browser returns from LINE Pay.
//!
//! The return is no proof of payment: it only triggers `confirm_line_pay`. Emits `payment.confirm_requested.v1`. The page
//! reloads until the result is known.

use super::checkout::pages;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::PaymentConfirmRequestedV1;
use domain::Refusal;
use domain::payment::{Payment, PaymentMethod, PaymentStatus};
use jiff::SignedDuration;
use providers::payment::line_pay::is_transaction;
use runtime::http::{Request, Response};
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Shop,
    "Receives a customer's browser that returns from LINE Pay, and requests the confirmation of the payment.",
)
.routes(&[HttpRoute::get("/api/v1/webhooks/line-pay/confirm", Public).any_query()])
.grants(&[Grant::Table(Payments, &[GetItem, UpdateItem]), Grant::Table(Outbox, &[PutItem])]);

/// The time in which repeated returns of the browser request no further confirmation.
const ONE_REQUEST: SignedDuration = SignedDuration::from_mins(2);

/// The trade, by both of its numbers.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let answer = return_page(app, &request).await;
    pages::or_page(&request, app.shop_url(), answer)
}

async fn return_page(app: &App, request: &Request) -> Result<Response, Failure> {
    let transaction = request.query("transactionId").filter(|number| is_transaction(number));
    let pair = transaction.zip(request.query("orderId"));
    let (transaction, trade_no) = pair.ok_or(Refusal::CheckoutNotOpen)?;
    let payment = retry_on_stale_read(|| return_from_line_pay(app, transaction, trade_no)).await?;
    pages::returned(&payment, app.shop_url())
}

/// Requests the confirmation, unless it was requested a moment ago or there is nothing to confirm.
pub async fn return_from_line_pay(app: &App, transaction: &str, trade_no: &str) -> Result<Payment, Rejected> {
    let id = app.store.find_trade(trade_no).await?.ok_or(Refusal::CheckoutNotOpen)?;
    let payment = app.store.load_payment(id).await?;
    let checkout = payment.checkout.as_ref().filter(|_| payment.method == PaymentMethod::LinePay);
    let attempt = checkout.and_then(|checkout| checkout.attempt(trade_no));
    if attempt.is_none_or(|attempt| attempt.provider_no.as_deref() != Some(transaction)) {
        return Err(Refusal::CheckoutNotOpen.into());
    }
    let now = app.now();
    let asked_at = checkout.and_then(|checkout| checkout.confirming_at);
    let is_asked = asked_at.is_some_and(|at| now.duration_since(at) < ONE_REQUEST);
    if payment.status != PaymentStatus::Init || is_asked {
        return Ok(payment);
    }
    request_confirmation(app, payment).await
}

/// Requests that `confirm_line_pay` captures the money.
pub(super) async fn request_confirmation(app: &App, payment: Payment) -> Result<Payment, Rejected> {
    let now = app.now();
    let mut payment = payment.next(now);
    if let Some(checkout) = &mut payment.checkout {
        checkout.confirming_at = Some(now);
    }
    let mut tx = app.tx()?;
    tx.save_payment(&payment)?;
    tx.emit(&PaymentConfirmRequestedV1::from(&payment))?;
    tx.commit().await?;
    Ok(payment)
}
