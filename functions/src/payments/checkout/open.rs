//! How a checkout opens a trade at its provider.
//!
//! Each checkout attempt has its own trade number, because a provider accepts a number only once. Where the provider
//! creates the page's address, an attempt's address is used again while it is valid. A payment without room for another
//! attempt, or whose attempts were all declined, is replaced by a new one: as long as the order can be paid, its
//! customer reaches a provider's page.

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

/// The time for which an attempt's address is used again. LINE Pay's are valid for 20 minutes.
const URL_MINUTES: i64 = 15;

/// The payment that a checkout's address names.
pub(in crate::payments) enum Found {
    /// The payment can be made: for this order, or for points if there is none.
    Open(Box<Payment>, Option<Box<Order>>),
    /// The payment has ended, or its order cannot be paid any more, with the refusal to show.
    Over(Box<Payment>, Refusal),
}

/// The payment of a checkout's address. The random token in the address authorises the caller. Changes nothing.
///
/// # Errors
/// [`Refusal::CheckoutNotOpen`] for an unknown payment or a wrong token.
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
    let now = app.now();
    let Some(order) = payment.order else { return Ok(find_top_up(app, payment, now)) };
    let order = app.store.load_order(&payment.customer, order).await?;
    if !order.may_be_paid() || order.deadline().is_none_or(|end| now >= end) {
        return Ok(Found::Over(Box::new(payment), Refusal::OrderNotPayable));
    }
    let is_its_turn = order.attempt == Some(payment.id);
    let other = if is_its_turn { None } else { last_attempt(app, &order).await? };
    let payment = match other.filter(|other| other.is_live(now, app.shop().checkout_live())) {
        Some(other) if other.method != payment.method => {
            return Ok(Found::Over(Box::new(payment), Refusal::PaymentInProgress));
        }
        // The customer still has the address of an earlier payment, which this one replaced.
        Some(other) => other,
        None => payment,
    };
    if !app.shop().takes(payment.method, payment.amount) {
        return Ok(Found::Over(Box::new(payment), Refusal::PaymentMethodNotOffered));
    }
    Ok(Found::Open(Box::new(payment), Some(Box::new(order))))
}

/// A payment for points is open while its customer is active. Once it has ended, the customer starts a new charge.
fn find_top_up(app: &App, payment: Payment, now: Moment) -> Found {
    if payment.is_live(now, app.shop().checkout_live()) && has_room(&payment) {
        Found::Open(Box::new(payment), None)
    } else {
        Found::Over(Box::new(payment), Refusal::CheckoutNotOpen)
    }
}

/// Opens a trade at the provider, and stores it.
pub(in crate::payments) async fn open(
    app: &App,
    payment: Payment,
    order: Option<Order>,
    base: &str,
) -> Result<Start, Rejected> {
    let now = app.now();
    let has_turn = order.as_ref().is_none_or(|order| order.attempt == Some(payment.id));
    let is_its_turn = has_turn && payment.status == PaymentStatus::Init;
    let open = payment.checkout.iter().flat_map(|checkout| checkout.open());
    if let Some(attempt) = open.filter(|_| is_its_turn).find(|attempt| can_be_repeated(attempt, now)) {
        let url = attempt.url.clone().unwrap_or_default();
        return Ok(Start::Redirect { url, provider_no: attempt.provider_no.clone().unwrap_or_default() });
    }
    let provider = app.payments.of(payment.method).await?.ok_or(Refusal::PaymentMethodNotOffered)?;
    let goes_on = is_its_turn && has_room(&payment);
    let (payment, before) = match &order {
        Some(order) if !goes_on => (new(app, order, payment.method)?, Some(payment)),
        _ => (payment, None),
    };
    let order = order.map(|order| (order.clone(), order.extend_hold(app.shop().checkout_hold(), now)));
    let charge = charge(app, &payment, order.as_ref().map(|(_, put_off)| put_off), base)?;
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
    keep(app, (payment, before), order, attempt).await?;
    Ok(start)
}

/// Stores the trade before the browser is redirected, so that its money can be attributed to the payment. The order gets
/// its extended hold, and this payment as its current attempt.
async fn keep(
    app: &App,
    (payment, before): (Payment, Option<Payment>),
    order: Option<(Order, Order)>,
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
    if let Some((order, put_off)) = order {
        let changed = Order { attempt: Some(payment.id), version: order.version + 1, updated_at: now, ..put_off };
        if changed.attempt != order.attempt || changed.hold_expires_at != order.hold_expires_at {
            tx.save_order(&changed)?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// The provider did not open a trade. If it refused, or was not reached, the payment fails at once, so that the customer
/// can choose another method; the button of an order's payment then begins another one. If the result is unknown, the
/// payment goes on, and the customer can press the button again: no browser was redirected, so a trade that was opened
/// nevertheless ends unused.
async fn refused(app: &App, payment: Payment, trade_no: &str, error: ProviderError) -> Result<Start, Rejected> {
    let (code, may_succeed_later) = match error {
        ProviderError::Refused(code) => (code, false),
        ProviderError::Unchargeable => ("amount".to_owned(), false),
        ProviderError::Signature => {
            app.count(Metric::BadSignatures);
            ("signature".to_owned(), false)
        }
        ProviderError::Unanswered(why) | ProviderError::NotYet(why) => (why, true),
        ProviderError::Pause(pause) => (pause.code, true),
        ProviderError::Unknown(_) => return Err(Failure::Busy.into()),
    };
    // A customer may be at an earlier trade in another tab; a charge of points keeps no other method waiting.
    if may_succeed_later && (payment.has_open_attempts() || payment.order.is_none()) {
        return Err(Failure::Busy.into());
    }
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
    if may_succeed_later {
        return Err(Failure::Busy.into());
    }
    app.count(Metric::CheckoutsRefused);
    Err(Refusal::PaymentMethodNotOffered.into())
}

fn can_be_repeated(attempt: &CheckoutAttempt, now: Moment) -> bool {
    attempt.url.is_some() && now.duration_since(attempt.opened_at()) < SignedDuration::from_mins(URL_MINUTES)
}

fn charge(app: &App, payment: &Payment, order: Option<&Order>, base: &str) -> Result<Charge, Failure> {
    let path = match payment.method {
        PaymentMethod::Ecpay => "/webhooks/ecpay",
        PaymentMethod::Newebpay => "/webhooks/newebpay",
        PaymentMethod::LinePay => "/webhooks/line-pay/confirm",
        PaymentMethod::Points | PaymentMethod::External => {
            return Err(Failure::broken(format!("payment {} has a method without a checkout", payment.id)));
        }
    };
    let (links, now) = (Links { api: base, shop: app.shop_url() }, app.now());
    let pay_before = match order {
        Some(order) => order.deadline(),
        None => now.checked_add(app.shop().checkout_live()).ok(),
    };
    Ok(Charge {
        trade_no: app.new_trade_no()?,
        amount: payment.amount,
        currency: payment.currency,
        item: order.map_or_else(|| "Points".to_owned(), |order| format!("Order {}", order.number)),
        notify_url: format!("{base}{BASE}{path}"),
        back_url: links.back_to_the_shop(payment),
        return_url: links.return_from_provider(payment).unwrap_or_default(),
        now,
        pay_before: pay_before.unwrap_or(now),
    })
}
