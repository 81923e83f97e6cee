//! The order state machine: which status may follow which (drawn in ARCHITECTURE.md).

use crate::{Invalid, enum_text};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The kind of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum OrderKind {
    /// Served from stock.
    Instant,
    /// Produced in a batch once the offer's threshold is reached.
    Preorder,
}

impl OrderKind {
    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// # Errors
    /// Names `field` unless it is one of the contract's words.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let kind = [Self::Instant, Self::Preorder].into_iter().find(|kind| kind.as_str() == text);
        kind.ok_or_else(|| Invalid::field(field, "must be INSTANT or PREORDER"))
    }
}

/// The status of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum OrderStatus {
    /// Accepted; its reservation is pending.
    Created,
    /// Stock or capacity, and the coupon, are held.
    Reserved,
    /// The batch is confirmed, and payment was requested.
    PendingPayment,
    /// The payment succeeded.
    Paid,
    /// Waiting to be shipped.
    ShippingScheduled,
    /// Shipped, and the customer was notified.
    Completed,
    /// Not paid in time.
    Expired,
    /// Canceled by the customer, an admin or the shop.
    Canceled,
    /// Cannot be fulfilled.
    Failed,
    /// All the money was refunded.
    Refunded,
}

impl OrderStatus {
    /// Every status, in the order of the order state machine.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// # Errors
    /// [`Invalid`] for `field` when `text` is not one of the values.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        enum_text::parse(field, text)
    }

    /// Whether the shop has the customer's money in this status.
    pub const fn has_money(self) -> bool {
        matches!(self, Self::Paid | Self::ShippingScheduled | Self::Completed)
    }

    /// Whether stock and coupon are held in this status.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Reserved | Self::PendingPayment)
    }

    /// Whether an order of this kind may change from this status to `next`.
    pub const fn may_become(self, next: Self, kind: OrderKind) -> bool {
        use OrderStatus as S;
        let instant = matches!(kind, OrderKind::Instant);
        match (self, next) {
            (S::Reserved, S::Paid | S::Expired) => instant,
            (S::Reserved, S::PendingPayment) | (S::PendingPayment, S::Paid | S::Expired | S::Canceled) => !instant,
            (S::Created, S::Reserved | S::Failed)
            | (S::Reserved, S::Canceled)
            | (S::Paid, S::ShippingScheduled | S::Failed | S::Canceled)
            | (S::ShippingScheduled, S::Completed | S::Canceled)
            | (S::Canceled | S::Failed | S::Completed, S::Refunded) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The transitions of ARCHITECTURE.md, written a second time on purpose.
    const ALLOWED: [(&str, &str, &str); 16] = [
        ("CREATED", "RESERVED", "both"),
        ("CREATED", "FAILED", "both"),
        ("RESERVED", "PAID", "INSTANT"),
        ("RESERVED", "PENDING_PAYMENT", "PREORDER"),
        ("PENDING_PAYMENT", "PAID", "PREORDER"),
        ("RESERVED", "EXPIRED", "INSTANT"),
        ("PENDING_PAYMENT", "EXPIRED", "PREORDER"),
        ("RESERVED", "CANCELED", "both"),
        ("PENDING_PAYMENT", "CANCELED", "PREORDER"),
        ("PAID", "SHIPPING_SCHEDULED", "both"),
        ("PAID", "FAILED", "both"),
        ("SHIPPING_SCHEDULED", "COMPLETED", "both"),
        ("PAID", "CANCELED", "both"),
        ("SHIPPING_SCHEDULED", "CANCELED", "both"),
        ("CANCELED", "REFUNDED", "both"),
        ("COMPLETED", "REFUNDED", "both"),
    ];

    #[test]
    fn every_transition_that_is_not_listed_is_refused() {
        for kind in [OrderKind::Instant, OrderKind::Preorder] {
            for &from in OrderStatus::ALL {
                for &to in OrderStatus::ALL {
                    let listed = ALLOWED.iter().any(|(a, b, kinds)| {
                        *a == from.as_str() && *b == to.as_str() && (*kinds == "both" || *kinds == kind.as_str())
                    });
                    // A FAILED order that was paid also ends in REFUNDED.
                    let expected = listed || (from, to) == (OrderStatus::Failed, OrderStatus::Refunded);
                    assert_eq!(from.may_become(to, kind), expected, "{kind:?} {from:?} -> {to:?}");
                }
            }
        }
    }

    #[test]
    fn refunded_and_expired_are_final() {
        for &to in OrderStatus::ALL {
            for kind in [OrderKind::Instant, OrderKind::Preorder] {
                assert!(!OrderStatus::Refunded.may_become(to, kind));
                assert!(!OrderStatus::Expired.may_become(to, kind));
            }
        }
    }

    #[test]
    fn a_status_is_parsed_from_its_public_value() {
        for &status in OrderStatus::ALL {
            assert_eq!(OrderStatus::parse("status", status.as_str()), Ok(status));
        }
        assert!(OrderStatus::parse("status", "paid").is_err());
    }
}
