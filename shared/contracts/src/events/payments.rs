//! What happens to payments.

use super::{Aggregate, Event};
use domain::Moment;
use domain::id::{CustomerId, OrderId, PaymentId};
use domain::money::{Cents, Currency};
use domain::order::Order;
use domain::payment::{Payment, PaymentMethod};
use serde::{Deserialize, Serialize};

fn is_zero(cents: &Cents) -> bool {
    *cents == Cents::ZERO
}

/// What events without a version were announced with.
const fn first_version() -> u64 {
    1
}

macro_rules! payment_event {
    ($($(#[$doc:meta])* $name:ident = $event_type:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// Which payment.
            pub payment_id: PaymentId,
            /// Of which order.
            pub order_id: OrderId,
            /// Whose.
            pub customer_id: CustomerId,
            /// How it was paid.
            pub method: PaymentMethod,
            /// How much.
            pub amount_cents: Cents,
            /// In which currency.
            pub currency: Currency,
            /// How much of it is to have gone back in the end, where some is.
            #[serde(default, skip_serializing_if = "is_zero")]
            pub refund_due_cents: Cents,
            /// How much of it went back so far.
            #[serde(default, skip_serializing_if = "is_zero")]
            pub refunded_cents: Cents,
            /// The payment's version.
            #[serde(default = "first_version")]
            pub version: u64,
        }

        impl From<&Payment> for $name {
            fn from(payment: &Payment) -> Self {
                Self {
                    payment_id: payment.id,
                    order_id: payment.order,
                    customer_id: payment.customer.clone(),
                    method: payment.method,
                    amount_cents: payment.amount,
                    currency: payment.currency,
                    refund_due_cents: payment.refund_due,
                    refunded_cents: payment.refunded,
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
    /// `payment.failed.v1`: the provider says no; the order keeps its place and another attempt may follow.
    PaymentFailedV1 = "payment.failed.v1";
    /// `payment.expired.v1`: nobody finished the attempt.
    PaymentExpiredV1 = "payment.expired.v1";
    /// `payment.confirm_requested.v1`: the customer agreed at a provider that waits for the shop to take the money. A request
    /// of the shop to itself: taking it lasts longer than an answer over HTTP may.
    PaymentConfirmRequestedV1 = "payment.confirm_requested.v1";
    /// `payment.late.v1`: the money came after the order had expired or was canceled.
    PaymentLateV1 = "payment.late.v1";
    /// `payment.succeeded.v1`: the money is here.
    PaymentSucceededV1 = "payment.succeeded.v1";
    /// `payment.refund_requested.v1`: the money is to go back.
    PaymentRefundRequestedV1 = "payment.refund_requested.v1";
    /// `payment.refunded.v1`: the money went back.
    PaymentRefundedV1 = "payment.refunded.v1";
}

/// `payment.requested.v1`: a preorder's batch is confirmed, and its customer is asked to pay. A request: whoever takes the
/// money says so with `payment.succeeded.v1` or `payment.failed.v1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRequestedV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// How much.
    pub amount_cents: Cents,
    /// In which currency.
    pub currency: Currency,
    /// Until when.
    pub pay_before: Moment,
    /// The order's version.
    pub version: u64,
}

impl PaymentRequestedV1 {
    /// An order that was just asked. `None` for one that was not.
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
