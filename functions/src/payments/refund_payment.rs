//! `refund_payment`: queue, on `payment.refund_requested.v1`. Money that was taken goes back: points through the ledger, a
//! provider's money at the provider.
//!
//! The payment itself says how much is due and how much went, so an event may come any number of times. Emits
//! `payment.refunded.v1`, and `order.refunded.v1` once all of an order's money is back.

use super::refund;
use crate::App;
use contracts::Failure;
use contracts::events::{Event, PaymentRefundRequestedV1, RawEnvelope};

/// Gives back what is due of the payment that an event is about.
pub async fn refund_payment(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    if event.event_type != PaymentRefundRequestedV1::TYPE {
        return Err(Failure::broken(format!("an event of type {}", event.event_type)));
    }
    let request: PaymentRefundRequestedV1 = event.read().map_err(Failure::broken)?;
    refund::advance(app, request.payment_id).await
}
