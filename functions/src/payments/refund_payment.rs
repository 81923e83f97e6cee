//! `refund_payment`: queue, on `payment.refund_requested.v1`. Refunds a payment: points through the ledger, other money at
//! its provider.
//!
//! The payment itself stores the due and the refunded amount, so an event may be repeated any number of times. Emits
//! `payment.refunded.v1`, and `order.refunded.v1` once an order is fully refunded.

use super::refunds;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{Event, PaymentRefundRequestedV1, RawEnvelope};

pub const MANIFEST: Manifest = Manifest::new(Binary::External, "Refunds a payment at its provider.")
    .queues(&[Queue::of(&[Rule::on("OnRefundRequested", &["payment.refund_requested.v1"], "A refund was requested.")])
        .batch(1, "one provider request may take the whole time-out")
        .concurrency(2, "the minimum: refunds are rare and not urgent")
        .alarm_on_age(
            "refunds wait too long",
            "The oldest event in RefundPaymentQueue is older than ten minutes. Check the errors and throttles of \
             refund_payment.",
        )])
    .timeout_seconds(90, "up to three requests, each with a provider's time-out")
    .grants(&[
        Grant::Table(Orders, &[BatchGetItem, GetItem, UpdateItem]),
        Grant::Table(Wallets, &[BatchGetItem, PutItem, UpdateItem]),
        Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
        Grant::Read(Secret::EcpaySecret),
        Grant::Read(Secret::NewebpaySecret),
        Grant::Read(Secret::LinePaySecret),
    ])
    .alarm_on_dead_letters(
        "refunds were not made",
        "refund_payment failed five times on each event in RefundPaymentDlq: a customer is owed money. Find the \
             error in its log by the message's id, fix the cause, and redrive the queue; processing an event twice \
             is harmless.",
    );

/// Refunds what is due of the payment that an event names.
pub async fn refund_payment(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    if event.event_type != PaymentRefundRequestedV1::TYPE {
        return Err(Failure::broken(format!(
            "refund_payment received an event of the unexpected type {}",
            event.event_type
        )));
    }
    let request: PaymentRefundRequestedV1 = event.read().map_err(Failure::broken)?;
    refunds::advance(app, request.payment_id).await
}
