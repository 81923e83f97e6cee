//! `open_checkout`: GET `/api/v1/payments/{payment_id}/checkout`. A customer's browser is led to the provider.
//!
//! No token of the user pool is looked at: the address itself has a part that nobody can guess, and that expires. Each
//! opening has its own trade number, since providers take one only once; where the provider makes an address first, the
//! same one is used again while it lives. The first opening puts an instant order's hold off.

use super::page;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::routes::BASE;
use domain::id::PaymentId;
use domain::order::Order;
use domain::payment::{CHECKOUT_ATTEMPTS_MAX, CheckoutAttempt, Payment, PaymentMethod, PaymentStatus};
use domain::{Moment, Refusal};
use jiff::SignedDuration;
use providers::payment::{Charge, PaymentProvider, ProviderError, Start};
use runtime::http::{Request, Response};
use store::{Rejected, retry_on_stale_read};
use subtle::ConstantTimeEq;

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest =
    Manifest::new(Binary::External, "The page that leads a customer's browser to a provider.")
        .routes(&[HttpRoute::get("/api/v1/payments/{payment_id}/checkout", Public)])
        .timeout_seconds(15, "LINE Pay has 10 seconds to make an address")
        .grants(&[
            Grant::Table(Orders, &[GetItem, UpdateItem]),
            Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
            Grant::Read(Secret::EcpaySecret),
            Grant::Read(Secret::NewebpaySecret),
            Grant::Read(Secret::LinePaySecret),
        ]);

/// How long a provider's address is led to again: LINE Pay's live for 20 minutes.
const URL_MINUTES: i64 = 15;

/// Which payment, by which right.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = PaymentId::parse(request.path("payment_id")).ok_or(Refusal::CheckoutNotOpen)?;
    let token = request.query("token").unwrap_or_default();
    let base = app.public_url(request.domain());
    let start = retry_on_stale_read(|| open_checkout(app, id, token, &base)).await?;
    match start {
        Start::Form { action, fields } => page::checkout(&action, &fields, &app.new_token()?),
        Start::Redirect { url, .. } => Ok(page::redirect(&url)),
    }
}

/// Begins a trade at the provider, and keeps it.
pub async fn open_checkout(app: &App, id: PaymentId, token: &str, base: &str) -> Result<Start, Rejected> {
    let now = app.now();
    let payment = match app.store.load_payment(id).await {
        Err(Failure::Refused(_)) => return Err(Refusal::CheckoutNotOpen.into()),
        found => found?,
    };
    let checkout = payment.checkout.as_ref().ok_or(Refusal::CheckoutNotOpen)?;
    let is_theirs: bool = checkout.token.as_bytes().ct_eq(token.as_bytes()).into();
    if !is_theirs || !payment.is_live(now, app.shop().checkout_live()) {
        return Err(Refusal::CheckoutNotOpen.into());
    }
    let order = app.store.load_order(&payment.customer, payment.order).await?;
    if !order.may_be_paid() || order.deadline().is_none_or(|end| now >= end) {
        return Err(Refusal::OrderNotPayable.into());
    }
    if let Some(attempt) = checkout.open().find(|attempt| can_be_repeated(attempt, now)) {
        let url = attempt.url.clone().unwrap_or_default();
        return Ok(Start::Redirect { url, provider_no: attempt.provider_no.clone().unwrap_or_default() });
    }
    if checkout.attempts.len() >= CHECKOUT_ATTEMPTS_MAX {
        return Err(Refusal::CheckoutNotOpen.into());
    }
    let provider = app.payments.of(payment.method).await?.ok_or(Refusal::PaymentMethodNotOffered)?;
    let charge = charge(app, &payment, &order, base)?;
    let start = begin(provider.as_ref(), &charge).await?;
    keep(app, payment, order, &charge.trade_no, &start).await?;
    Ok(start)
}

/// Writes the trade down before the browser is sent anywhere: from now on its money is known.
async fn keep(app: &App, payment: Payment, order: Order, trade_no: &str, start: &Start) -> Result<(), Rejected> {
    let now = app.now();
    let (url, provider_no) = match start {
        Start::Form { .. } => (None, None),
        Start::Redirect { url, provider_no } => (Some(url.clone()), Some(provider_no.clone())),
    };
    let mut payment = Payment { next_check_at: Some(app.shop().next_check_at(now, 0)), checks: 0, ..payment.next(now) };
    if let Some(checkout) = &mut payment.checkout {
        checkout.active_at = now;
        let opened_at_ms = now.as_millisecond();
        checkout.attempts.push(CheckoutAttempt {
            trade_no: trade_no.to_owned(),
            provider_no,
            url,
            opened_at_ms,
            ended: false,
        });
    }
    let extended = order.clone().extend_hold(app.shop().checkout_hold(), now);
    let mut tx = app.tx()?;
    tx.insert_trade(trade_no, payment.id)?;
    tx.save_payment(&payment)?;
    if extended.version != order.version {
        tx.save_order(&extended)?;
    }
    tx.commit().await?;
    Ok(())
}

fn can_be_repeated(attempt: &CheckoutAttempt, now: Moment) -> bool {
    let opened_at = Moment::from_millisecond(attempt.opened_at_ms).unwrap_or_default();
    attempt.url.is_some() && now.duration_since(opened_at) < SignedDuration::from_mins(URL_MINUTES)
}

async fn begin(provider: &dyn PaymentProvider, charge: &Charge) -> Result<Start, Failure> {
    provider.start(charge).await.map_err(|error| match error {
        // Nobody's browser was sent there: what may have begun at the provider ends by itself.
        ProviderError::Unknown(_) | ProviderError::Pause(_) => Failure::Busy,
        ProviderError::Unchargeable => Refusal::PaymentMethodNotOffered.into(),
        ProviderError::Refused(_) | ProviderError::Signature => Failure::broken(error),
    })
}

fn charge(app: &App, payment: &Payment, order: &Order, base: &str) -> Result<Charge, Failure> {
    let path = match payment.method {
        PaymentMethod::Ecpay => "/webhooks/ecpay",
        PaymentMethod::Newebpay => "/webhooks/newebpay",
        PaymentMethod::LinePay => "/webhooks/line-pay/confirm",
        PaymentMethod::Points | PaymentMethod::External => {
            return Err(Failure::broken("a payment that has no checkout of ours"));
        }
    };
    debug_assert_eq!(payment.status, PaymentStatus::Init);
    Ok(Charge {
        trade_no: app.new_trade_no()?,
        amount: payment.amount,
        currency: payment.currency,
        item: format!("Order {}", order.number()),
        notify_url: format!("{base}{BASE}{path}"),
        back_url: app.shop_url().to_owned(),
        now: app.now(),
    })
}
