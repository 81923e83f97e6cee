//! `receive_payment_result`: queue, on `payment.succeeded.v1`, `payment.failed.v1` and `payment.refunded.v1` of an external
//! payment system (docs/integration-points.md), which consumed the request from the bus.
//!
//! The first result creates a payment of the shop, and every result is processed like a provider's notice: checked, parked
//! if it does not match, and late money pays the order or is refunded. Emits the events of [`super::notices`], and
//! `payment.refunded.v1` and `order.refunded.v1` after a refund by the external system.

use super::notices::{self, message_id, park, task};
use super::refunds;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{Event, PaymentFailedV1, PaymentRefundedV1, PaymentSucceededV1, RawEnvelope};
use domain::Refusal;
use domain::id::{CustomerId, OrderId, PaymentId};
use domain::money::{Cents, Currency};
use domain::payment::{Checkout, CheckoutAttempt, Payment, PaymentMethod, TaskKind};
use providers::payment::{Notice, Verdict};
use store::retry_on_stale_read;

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Events,
    "Applies an external payment system's result of a payment or refund.",
)
.queues(&[Queue::of(&[Rule::on(
    "OnPaymentResult",
    &["payment.failed.v1", "payment.refunded.v1", "payment.succeeded.v1"],
    "An external payment system reported a result.",
)
.not_from("millrun.payments")
.because("The shop has already applied its own payment events.")])
.concurrency(2, "the minimum: few results arrive at a time")
.alarm_on_age(
    "results of an external payment system wait",
    "The oldest event in ReceivePaymentResultQueue is older than ten minutes. Check the errors and throttles of \
     receive_payment_result.",
)])
.grants(&[
    Grant::Table(Orders, &[GetItem, UpdateItem]),
    Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
    Grant::Table(Catalog, &[BatchGetItem]),
    Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
    Grant::Table(Coupons, &[UpdateItem]),
    Grant::Table(Outbox, &[PutItem]),
])
.alarm_on_dead_letters(
    "results of an external payment system were not applied",
    "receive_payment_result failed five times on each event in ReceivePaymentResultDlq: a customer may have paid \
     for an order that is not marked as paid. Find the error in its log by the message's id, fix the cause, and \
     redrive the queue; processing an event twice is harmless.",
);

/// The result of an external payment.
struct Told {
    payment: PaymentId,
    order: OrderId,
    customer: CustomerId,
    method: PaymentMethod,
    amount: Cents,
    currency: Currency,
    verdict: Verdict,
}

/// Applies one result, for any number and order of repetitions.
pub async fn receive_payment_result(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    match event.event_type.as_str() {
        PaymentSucceededV1::TYPE => {
            let said: PaymentSucceededV1 = event.read().map_err(Failure::broken)?;
            apply(
                app,
                Told {
                    payment: said.payment_id,
                    order: order(said.order_id)?,
                    customer: said.customer_id,
                    method: said.method,
                    amount: said.amount_cents,
                    currency: said.currency,
                    verdict: Verdict::Paid,
                },
            )
            .await
        }
        PaymentFailedV1::TYPE => {
            let said: PaymentFailedV1 = event.read().map_err(Failure::broken)?;
            apply(
                app,
                Told {
                    payment: said.payment_id,
                    order: order(said.order_id)?,
                    customer: said.customer_id,
                    method: said.method,
                    amount: said.amount_cents,
                    currency: said.currency,
                    // An external payment cannot be looked up; a success may still follow.
                    verdict: Verdict::Ended,
                },
            )
            .await
        }
        PaymentRefundedV1::TYPE => {
            let said: PaymentRefundedV1 = event.read().map_err(Failure::broken)?;
            let order = order(said.order_id)?;
            retry_on_stale_read(|| refunds::refunded_externally(app, said.payment_id, order, said.refunded_cents)).await
        }
        other => {
            Err(Failure::broken(format!("receive_payment_result received an event of the unexpected type {other}")))
        }
    }
}

/// An external system collects money for orders only, not for points.
fn order(id: Option<OrderId>) -> Result<OrderId, Failure> {
    id.ok_or_else(|| Failure::broken("the result of an external payment system has no order_id"))
}

async fn apply(app: &App, told: Told) -> Result<(), Failure> {
    if told.method != PaymentMethod::External {
        return Err(Failure::broken(
            "an external system reported a result with a payment method of the shop: its method must be EXTERNAL",
        ));
    }
    let notice = Notice {
        merchant: String::new(),
        trade_no: told.payment.to_string(),
        provider_no: None,
        verdict: told.verdict,
        payable_until: None,
        amount: Some(told.amount),
        currency: Some(told.currency),
        simulated: false,
        way: None,
        authorization: None,
        code: String::new(),
        raw: Vec::new(),
    };
    if app.store.find_trade(&notice.trade_no).await?.is_none() {
        write_down(app, &told, &notice.trade_no).await?;
    }
    if let Some(known) = app.store.find_trade(&notice.trade_no).await?
        && app.store.load_payment(known).await?.order != Some(told.order)
    {
        let task = task(app, TaskKind::Mismatch, PaymentMethod::External, &notice, "order");
        return park(app, &task, &message_id(&notice)).await;
    }
    notices::apply(app, PaymentMethod::External, &notice.merchant, &notice).await
}

/// Creates the shop's payment for the external one: the order's total is due, whatever was captured. An unknown order has
/// no payment; its money is parked as that of an unknown trade.
async fn write_down(app: &App, told: &Told, trade_no: &str) -> Result<(), Failure> {
    let order = match app.store.load_order(&told.customer, told.order).await {
        Err(Failure::Refused(Refusal::OrderNotFound)) => return Ok(()),
        order => order?,
    };
    let now = app.now();
    let attempts = vec![CheckoutAttempt::new(trade_no, now)];
    let checkout = Checkout { attempts, ..Checkout::new(app.new_token()?, now) };
    let started = Payment::new(told.payment, order.amount_due(), PaymentMethod::External, now);
    let payment = Payment { checkout: Some(checkout), ..started };
    let mut tx = app.tx()?;
    tx.insert_payment(&payment)?;
    tx.insert_trade(trade_no, payment.id)?;
    tx.commit().await?;
    Ok(())
}
