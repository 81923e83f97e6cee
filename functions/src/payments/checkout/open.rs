//! Opens a trade at a provider for a checkout.
//!
//! Each checkout attempt has its own trade number, because providers accept a number only once; where the provider creates
//! an address first, it is reused while it is valid. A payment that can open no more trades, or whose attempts were all
//! declined, is replaced by a new one: while the order can be paid, its customer can always reach a provider's page.

use super::{give_way, has_room, last_attempt, new};
use crate::App;
use contracts::Failure;
use contracts::events::PaymentFailedV1;
use contracts::payments::Links;
use contracts::routes::BASE;
use domain::id::PaymentId;
use domain::order::Order;
use domain::payment::{CheckoutAttempt, Payment, PaymentMethod, PaymentStatus};
use domain::{Moment, Refusal};
use jiff::SignedDuration;
use providers::payment::{Charge, ProviderError, Start};
use runtime::telemetry::Metric;
use store::Rejected;
use store::payments::ProviderEvent;
use subtle::ConstantTimeEq;

/// How long a provider's address is reused: LINE Pay's are valid for 20 minutes.
const URL_MINUTES: i64 = 15;

/// The payment behind a checkout's address.
pub(in crate::payments) enum Found {
    /// It can pay the order.
    Open(Box<Payment>, Box<Order>),
    /// It has ended, or its order cannot be paid any more.
    Over(Box<Payment>, Refusal),
}

/// The payment behind a checkout's address, whose random part authorises the caller. Changes nothing.
///
/// # Errors
/// [`Refusal::CheckoutNotOpen`] when the address is none.
pub(in crate::payments) async fn find(app: &App, id: PaymentId, token: &str) -> Result<Found, Failure> {
    let payment = match app.store.load_payment(id).await {
        Err(Failure::Refused(_)) => return Err(Refusal::CheckoutNotOpen.into()),
        found => found?,
    };
    let checkout = payment.checkout.as_ref().ok_or(Refusal::CheckoutNotOpen)?;
    let is_theirs: bool = checkout.token.as_bytes().ct_eq(token.as_bytes()).into();
    if !is_theirs || payment.method == PaymentMethod::External {
        return Err(Refusal::CheckoutNotOpen.into());
    }
    if payment.status.was_taken() {
        return Ok(Found::Over(Box::new(payment), Refusal::CheckoutNotOpen));
    }
    let (now, order) = (app.now(), app.store.load_order(&payment.customer, payment.order).await?);
    if !order.may_be_paid() || order.deadline().is_none_or(|end| now >= end) {
        return Ok(Found::Over(Box::new(payment), Refusal::OrderNotPayable));
    }
    let is_its_turn = order.attempt == Some(payment.id);
    let other = if is_its_turn { None } else { last_attempt(app, &order).await? };
    let payment = match other.filter(|other| other.is_live(now, app.shop().checkout_live())) {
        Some(other) if other.method != payment.method => {
            return Ok(Found::Over(Box::new(payment), Refusal::PaymentInProgress));
        }
        // The payment that replaced this one, whose address the customer still has.
        Some(other) => other,
        None => payment,
    };
    if !app.shop().takes(payment.method, payment.amount) {
        return Ok(Found::Over(Box::new(payment), Refusal::PaymentMethodNotOffered));
    }
    Ok(Found::Open(Box::new(payment), Box::new(order)))
}

/// Starts a trade at the provider, and stores it.
pub(in crate::payments) async fn open(
    app: &App,
    payment: Payment,
    order: Order,
    base: &str,
) -> Result<Start, Rejected> {
    let now = app.now();
    let is_its_turn = order.attempt == Some(payment.id) && payment.status == PaymentStatus::Init;
    let open = payment.checkout.iter().flat_map(|checkout| checkout.open());
    if let Some(attempt) = open.filter(|_| is_its_turn).find(|attempt| can_be_repeated(attempt, now)) {
        let url = attempt.url.clone().unwrap_or_default();
        return Ok(Start::Redirect { url, provider_no: attempt.provider_no.clone().unwrap_or_default() });
    }
    let provider = app.payments.of(payment.method).await?.ok_or(Refusal::PaymentMethodNotOffered)?;
    let goes_on = is_its_turn && has_room(&payment);
    let (payment, before) = if goes_on { (payment, None) } else { (new(app, &order, payment.method)?, Some(payment)) };
    let put_off = order.clone().extend_hold(app.shop().checkout_hold(), now);
    let charge = charge(app, &payment, &put_off, base)?;
    let start = match provider.start(&charge).await {
        Ok(start) => start,
        Err(error) => return refused(app, before.unwrap_or(payment), &charge.trade_no, error).await,
    };
    let attempt = CheckoutAttempt::new(charge.trade_no, now);
    let attempt = match &start {
        Start::Form { .. } => attempt,
        Start::Redirect { url, provider_no } => {
            CheckoutAttempt { url: Some(url.clone()), provider_no: Some(provider_no.clone()), ..attempt }
        }
    };
    keep(app, (payment, before), (order, put_off), attempt).await?;
    Ok(start)
}

/// Stores the trade before the browser is redirected, so that its money can be attributed. The order, whose deadline is
/// extended once, names its current payment.
async fn keep(
    app: &App,
    (payment, before): (Payment, Option<Payment>),
    (order, put_off): (Order, Order),
    attempt: CheckoutAttempt,
) -> Result<(), Rejected> {
    let now = app.now();
    let mut tx = app.tx()?;
    tx.insert_trade(&attempt.trade_no, payment.id)?;
    let opened = payment.clone().open(attempt, app.shop(), now);
    match before {
        None => tx.save_payment(&opened)?,
        Some(before) => {
            tx.insert_payment(&Payment { version: payment.version, ..opened })?;
            if before.status == PaymentStatus::Init {
                give_way(app, &mut tx, before)?;
            }
        }
    }
    let changed = Order { attempt: Some(payment.id), version: order.version + 1, updated_at: now, ..put_off };
    if changed.attempt != order.attempt || changed.hold_expires_at != order.hold_expires_at {
        tx.save_order(&changed)?;
    }
    tx.commit().await?;
    Ok(())
}

/// The provider did not start the trade. A refusal ends the payment at once, so that another method can be used; after an
/// unknown result the customer can press the button again. The browser was not redirected, so a trade that may have been
/// started ends by itself.
async fn refused(app: &App, payment: Payment, trade_no: &str, error: ProviderError) -> Result<Start, Rejected> {
    let code = match &error {
        ProviderError::Refused(code) => code.clone(),
        ProviderError::Unchargeable => "amount".to_owned(),
        ProviderError::Signature => {
            app.count(Metric::BadSignatures);
            "signature".to_owned()
        }
        ProviderError::Unknown(_)
        | ProviderError::Unanswered(_)
        | ProviderError::NotYet(_)
        | ProviderError::Pause(_) => return Err(Failure::Busy.into()),
    };
    let now = app.now();
    if payment.status == PaymentStatus::Init {
        let said = ProviderEvent {
            trade_no: trade_no.to_owned(),
            action: "BEGIN".to_owned(),
            result: "NG".to_owned(),
            code,
            raw: Vec::new(),
            at_ms: now.as_millisecond(),
        };
        let failed = payment.refuse_to_begin(now);
        let mut tx = app.tx()?;
        tx.save_payment(&failed)?;
        tx.insert_provider_event(failed.id, &said)?;
        tx.emit(&PaymentFailedV1::from(&failed))?;
        tx.commit().await?;
    }
    app.count(Metric::CheckoutsRefused);
    Err(Refusal::PaymentMethodNotOffered.into())
}

fn can_be_repeated(attempt: &CheckoutAttempt, now: Moment) -> bool {
    attempt.url.is_some() && now.duration_since(attempt.opened_at()) < SignedDuration::from_mins(URL_MINUTES)
}

fn charge(app: &App, payment: &Payment, order: &Order, base: &str) -> Result<Charge, Failure> {
    let path = match payment.method {
        PaymentMethod::Ecpay => "/webhooks/ecpay",
        PaymentMethod::Newebpay => "/webhooks/newebpay",
        PaymentMethod::LinePay => "/webhooks/line-pay/confirm",
        PaymentMethod::Points | PaymentMethod::External => {
            return Err(Failure::broken(
                "the payment has no checkout of the shop: it is in points or at an external system",
            ));
        }
    };
    let links = Links { api: base, shop: app.shop_url() };
    Ok(Charge {
        trade_no: app.new_trade_no()?,
        amount: payment.amount,
        currency: payment.currency,
        item: format!("Order {}", order.number()),
        notify_url: format!("{base}{BASE}{path}"),
        back_url: links.back_to_the_shop(payment),
        return_url: links.return_from_provider(payment).unwrap_or_default(),
        now: app.now(),
        pay_before: order.deadline().unwrap_or_else(|| app.now()),
    })
}
