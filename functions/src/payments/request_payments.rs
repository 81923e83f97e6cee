//! `request_payments`: queue, on `batch.confirmed.v1`, and `batch.page_due.v1` with the work `REQUEST_PAYMENTS`. Requests
//! the payment of each order of a confirmed batch.
//!
//! Processes the batch page by page, and each order in a transaction of its own: it becomes PENDING_PAYMENT with the
//! batch's `pay_before`, or PAID at once if its total is zero. Emits `payment.requested.v1`, or `order.paid.v1` and
//! `payment.succeeded.v1`, once per order.

use crate::App;
use crate::batches::pagination;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{
    BatchConfirmedV1, BatchPageDueV1, BatchWork, Event, OrderPaidV1, PaymentRequestedV1, PaymentSucceededV1,
    RawEnvelope,
};
use domain::Moment;
use domain::batch::BatchStatus;
use domain::id::PaymentId;
use domain::money::Cents;
use domain::order::Order;
use domain::payment::{Payment, PaymentMethod, PaymentStatus};
use runtime::telemetry::Metric;
use store::OrderKey;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Events, "Requests the payment of a confirmed batch's orders, page by page.")
        .queues(&[Queue::of(&[
            Rule::on("OnBatchConfirmed", &["batch.confirmed.v1"], "A batch was confirmed."),
            Rule::on("OnPageDue", &["batch.page_due.v1"], "The next page of its orders is due.")
                .with("work", "REQUEST_PAYMENTS"),
        ])
        .batch(5, "")
        .concurrency(5, "")
        .alarm_on_age(
            "payment requests wait",
            "The oldest event in RequestPaymentsQueue is older than ten minutes. Check the errors \
             and throttles of request_payments.",
        )])
        .timeout_seconds(60, "")
        .grants(&[
            Grant::Table(Orders, &[GetItem, UpdateItem]),
            Grant::Table(Coupons, &[UpdateItem]),
            Grant::Table(Payments, &[PutItem]),
            Grant::Table(Batches, &[GetItem, PutItem, Query, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
        ])
        .alarm_on_dead_letters(
            "payments were not requested",
            "request_payments failed five times on each event in RequestPaymentsDlq: no payment was requested for \
             some orders of a confirmed batch. Find the error in its log by the message's id, fix the cause, and \
             redrive the queue; no customer gets a second request.",
        );

/// The consumer's name in consumed records.
const CONSUMER: &str = "request_payments";

/// Applies one event, once.
pub async fn request_payments(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    match event.event_type.as_str() {
        BatchConfirmedV1::TYPE => {
            let batch = event.read::<BatchConfirmedV1>().map_err(Failure::broken)?.batch_id;
            pagination::begin(app, CONSUMER, event, batch, BatchWork::RequestPayments).await
        }
        BatchPageDueV1::TYPE => {
            let page: BatchPageDueV1 = event.read().map_err(Failure::broken)?;
            let batch = app.store.load_batch(page.batch_id).await?;
            // The batch was canceled meanwhile: no further payment is requested, and orders with a requested payment are
            // canceled.
            let pay_before = batch.pay_before.filter(|_| batch.status == BatchStatus::Confirmed);
            let each = |key: OrderKey| Box::pin(async move { ask(app, &key, pay_before).await }) as _;
            pagination::page(app, CONSUMER, event, &page, each).await
        }
        other => Err(Failure::broken(format!("request_payments received an event of the unexpected type {other}"))),
    }
}

async fn ask(app: &App, key: &OrderKey, pay_before: Option<Moment>) -> Result<(), Failure> {
    match pay_before {
        Some(end) => retry_on_stale_read(|| request_payment(app, key, end)).await,
        None => Ok(()),
    }
}

/// Marks an order with total zero as paid immediately.
async fn pay_nothing(app: &App, asked: Order) -> Result<(), Rejected> {
    let now = app.now();
    let begun = Payment::new(PaymentId::new(app.new_id()?), asked.amount_due(), PaymentMethod::Points, now);
    let payment = Payment { status: PaymentStatus::Succeeded, ..begun };
    // Two steps in its history, but one write of its item.
    let version = asked.version;
    let paid = asked.accept_payment(payment.id, payment.method, now);
    let paid = paid.ok_or_else(|| Failure::broken("a payment was requested for an order whose status allows none"))?;
    let paid = Order { version, ..paid };
    let mut tx = app.tx()?;
    tx.save_order(&paid)?;
    if let Some(coupon) = paid.coupon {
        tx.use_coupon(&paid.customer, coupon, paid.id)?;
    }
    tx.insert_payment(&payment)?;
    tx.emit(&OrderPaidV1::new(&paid, payment.id, payment.method))?;
    tx.emit(&PaymentSucceededV1::from(&payment))?;
    tx.commit().await?;
    app.count(Metric::OrdersPaid);
    Ok(())
}

async fn request_payment(app: &App, key: &OrderKey, pay_before: Moment) -> Result<(), Rejected> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    // The payment was requested before, or the order has ended.
    let Some(asked) = order.ask_to_pay(pay_before, app.now()) else { return Ok(()) };
    let request = PaymentRequestedV1::of(&asked)
        .ok_or_else(|| Failure::broken("a payment was requested for an order without a deadline"))?;
    if asked.total() == Cents::ZERO {
        return pay_nothing(app, asked).await;
    }
    let mut tx = app.tx()?;
    tx.save_order(&asked)?;
    tx.emit(&request)?;
    tx.commit().await?;
    Ok(())
}
