//! Events of payments.

use super::{Aggregate, Event};
use domain::Moment;
use domain::id::{CustomerId, OrderId, PaymentId};
use domain::money::{Cents, Currency};
use domain::order::Order;
use domain::payment::{Payment, PaymentMethod, PaymentPurpose};
use serde::{Deserialize, Serialize};

fn is_zero(cents: &Cents) -> bool {
    *cents == Cents::ZERO
}

/// The version of events from before the field existed.
const fn first_version() -> u64 {
    1
}

macro_rules! payment_event {
    ($($(#[$doc:meta])* $name:ident = $event_type:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The payment.
            pub payment_id: PaymentId,
            /// The purpose of the payment: an order, or points.
            #[serde(default)]
            pub purpose: PaymentPurpose,
            /// The order; a payment of points has none.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub order_id: Option<OrderId>,
            /// The customer.
            pub customer_id: CustomerId,
            /// The payment method.
            pub method: PaymentMethod,
            /// The amount, in the currency's minor unit.
            pub amount_cents: Cents,
            /// The currency (ISO 4217).
            pub currency: Currency,
            /// The total amount to be refunded, if any.
            #[serde(default, skip_serializing_if = "is_zero")]
            pub refund_due_cents: Cents,
            /// The amount refunded so far.
            #[serde(default, skip_serializing_if = "is_zero")]
            pub refunded_cents: Cents,
            /// The amount of this refund; only in `payment.refunded.v1`.
            #[serde(default, skip_serializing_if = "is_zero")]
            pub refund_cents: Cents,
            /// The payment's version after the event.
            #[serde(default = "first_version")]
            pub version: u64,
        }

        impl From<&Payment> for $name {
            fn from(payment: &Payment) -> Self {
                Self {
                    payment_id: payment.id,
                    purpose: payment.purpose(),
                    order_id: payment.order,
                    customer_id: payment.customer.clone(),
                    method: payment.method,
                    amount_cents: payment.amount,
                    currency: payment.currency,
                    refund_due_cents: payment.refund_due,
                    refunded_cents: payment.refunded,
                    refund_cents: Cents::ZERO,
                    version: payment.version,
                }
            }
        }

        impl Event for $name {
            const TYPE: &'static str = $event_type;
            const AREA: &'static str = "payments";

            fn aggregate(&self) -> Aggregate {
                Aggregate::new("payment", self.payment_id, self.version)
            }
        }
    )*};
}

payment_event! {
    /// `payment.failed.v1`: the provider declined. The order keeps its reservation, and another payment may follow.
    PaymentFailedV1 = "payment.failed.v1";
    /// `payment.expired.v1`: the customer did not finish the checkout.
    PaymentExpiredV1 = "payment.expired.v1";
    /// `payment.confirm_requested.v1`: the customer agreed at a provider whose payments the shop has to confirm. The
    /// shop requests it from itself, because a confirmation can take longer than an HTTP response may.
    PaymentConfirmRequestedV1 = "payment.confirm_requested.v1";
    /// `payment.late.v1`: the money arrived after the order had expired or was canceled, or for points that the
    /// balance has no room for.
    PaymentLateV1 = "payment.late.v1";
    /// `payment.succeeded.v1`: the money was taken.
    PaymentSucceededV1 = "payment.succeeded.v1";
    /// `payment.refund_requested.v1`: a refund is to be made.
    PaymentRefundRequestedV1 = "payment.refund_requested.v1";
    /// `payment.refunded.v1`: a refund was made.
    PaymentRefundedV1 = "payment.refunded.v1";
}

/// `payment.requested.v1`: a preorder's batch is confirmed, and its payment is requested. An external payment
/// system that takes the money reports `payment.succeeded.v1` or `payment.failed.v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRequestedV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The amount, in the currency's minor unit.
    pub amount_cents: Cents,
    /// The currency (ISO 4217).
    pub currency: Currency,
    /// The payment deadline.
    pub pay_before: Moment,
    /// The order's version after the event.
    pub version: u64,
}

impl PaymentRequestedV1 {
    /// The request of an order that waits for its payment; `None` for any other.
    pub fn of(order: &Order) -> Option<Self> {
        Some(Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            amount_cents: order.total(),
            currency: order.currency,
            pay_before: order.pay_before?,
            version: order.version,
        })
    }
}

impl Event for PaymentRequestedV1 {
    const TYPE: &'static str = "payment.requested.v1";
    const AREA: &'static str = "payments";

    fn aggregate(&self) -> Aggregate {
        Aggregate::new("order", self.order_id, self.version)
    }
}
