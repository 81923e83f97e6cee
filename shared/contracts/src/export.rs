//! The data platform's files: one line of JSON per paid order. Its fields are the columns of the documented table
//! (docs/data-platform.md): fields can be added, never renamed or removed. Ids and amounts only, no contact data.

use crate::events::{OrderPaidV1, RawEnvelope, SoldLine};
use domain::Moment;
use domain::id::{CustomerId, EventId, OrderId, PaymentId, SellWindowId};
use domain::money::{Cents, Currency};
use domain::order::OrderKind;
use domain::payment::PaymentMethod;
use domain::shop::Shop;
use serde::{Deserialize, Serialize};

/// A paid order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaidOrderLine {
    /// The event id. A line may appear more than once: lines with the same event id are duplicates.
    pub event_id: EventId,
    /// The time of the payment.
    pub paid_at: Moment,
    /// The order.
    pub order_id: OrderId,
    /// The order number that customers see.
    pub order_no: String,
    /// The customer, by the `sub` claim of the user pool.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The payment that paid the order.
    pub payment_id: PaymentId,
    /// The payment method.
    pub method: PaymentMethod,
    /// The currency (ISO 4217).
    pub currency: Currency,
    /// The paid total, in the currency's minor unit.
    pub total_cents: Cents,
    /// The delivery fee in it.
    #[serde(default, skip_serializing_if = "crate::events::is_zero")]
    pub shipping_fee_cents: Cents,
    /// The order lines.
    pub lines: Vec<SoldLine>,
    /// The correlation id of the request.
    pub correlation_id: String,
}

impl PaidOrderLine {
    /// The line of an `order.paid.v1` event.
    ///
    /// # Errors
    /// When the event's data does not have the form of its type.
    pub fn read(event: &RawEnvelope, shop: &Shop) -> Result<Self, serde_json::Error> {
        let paid: OrderPaidV1 = event.read()?;
        Ok(Self {
            event_id: event.event_id,
            paid_at: paid.paid_at,
            order_id: paid.order_id,
            order_no: shop.order_no(paid.order_id).to_string(),
            customer_id: paid.customer_id,
            kind: paid.kind,
            sell_window_id: paid.sell_window_id,
            payment_id: paid.payment_id,
            method: paid.method,
            currency: paid.currency,
            total_cents: paid.total_cents,
            shipping_fee_cents: paid.shipping_fee_cents,
            lines: paid.lines,
            correlation_id: event.trace.correlation_id.clone(),
        })
    }
}
