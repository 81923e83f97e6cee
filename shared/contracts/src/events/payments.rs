//! What happens to payments.

use super::{Aggregate, Event};
use domain::id::{CustomerId, OrderId, PaymentId};
use domain::money::{Cents, Currency};
use domain::payment::{Payment, PaymentMethod};
use serde::{Deserialize, Serialize};

macro_rules! payment_event {
    ($($(#[$doc:meta])* $name:ident = $event_type:literal, version $version:literal;)*) => {$(
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
                }
            }
        }

        impl Event for $name {
            const TYPE: &'static str = $event_type;
            const AREA: &'static str = "payments";

            fn aggregate(&self) -> Aggregate {
                Aggregate::new("payment", self.payment_id, $version)
            }
        }
    )*};
}

payment_event! {
    /// `payment.succeeded.v1`: the money is here.
    PaymentSucceededV1 = "payment.succeeded.v1", version 1;
    /// `payment.refund_requested.v1`: the money is to go back.
    PaymentRefundRequestedV1 = "payment.refund_requested.v1", version 2;
    /// `payment.refunded.v1`: the money went back.
    PaymentRefundedV1 = "payment.refunded.v1", version 3;
}
