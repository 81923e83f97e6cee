//! `return_from_line_pay`: GET /api/v1/webhooks/line-pay/confirm. A customer's browser comes back from LINE Pay.
//!
//! That it came back proves nothing: it only has `confirm_line_pay` ask. Emits `payment.confirm_requested.v1`. The page
//! asks again until it is known what became of the payment.

use super::page;
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

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "A customer comes back from LINE Pay.")
    .routes(&[HttpRoute::get("/api/v1/webhooks/line-pay/confirm", Public)])
    .grants(&[Grant::Table(Payments, &[GetItem, UpdateItem]), Grant::Table(Outbox, &[PutItem])]);

/// For how long one request to confirm is enough.
const ONE_REQUEST: SignedDuration = SignedDuration::from_mins(2);

/// Which trade, by both of its numbers.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let transaction = request.query("transactionId").filter(|number| is_transaction(number));
    let pair = transaction.zip(request.query("orderId"));
    let (transaction, trade_no) = pair.ok_or(Refusal::CheckoutNotOpen)?;
    let payment = retry_on_stale_read(|| return_from_line_pay(app, transaction, trade_no)).await?;
    page::returned(payment.status, app.shop_url())
}

/// Asks for the confirmation, unless that was done a moment ago or there is nothing to confirm.
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

/// Has `confirm_line_pay` take the money that the customer agreed to.
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
