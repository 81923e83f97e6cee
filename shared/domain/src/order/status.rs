//! The life of an order: which status may follow which (ARCHITECTURE.md draws it).

use crate::Invalid;
use serde::{Deserialize, Serialize};

/// How an order is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderKind {
    /// From stock.
    Instant,
    /// Produced once enough people have reserved.
    Preorder,
}

impl OrderKind {
    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instant => "INSTANT",
            Self::Preorder => "PREORDER",
        }
    }
}

/// Where an order is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OrderStatus {
    /// Accepted, to be reserved later.
    Created,
    /// Stock or capacity, and the coupon, are held.
    Reserved,
    /// Its batch is confirmed, and it is asked to pay.
    PendingPayment,
    /// The money is here.
    Paid,
    /// On its way to the carrier.
    ShippingScheduled,
    /// Shipped, and the customer was told.
    Completed,
    /// Not paid in time.
    Expired,
    /// Given up.
    Canceled,
    /// Could not be served.
    Failed,
    /// All its money went back.
    Refunded,
}

impl OrderStatus {
    /// Every status, in the order of an order's life.
    pub const ALL: [Self; 10] = [
        Self::Created,
        Self::Reserved,
        Self::PendingPayment,
        Self::Paid,
        Self::ShippingScheduled,
        Self::Completed,
        Self::Expired,
        Self::Canceled,
        Self::Failed,
        Self::Refunded,
    ];

    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Reserved => "RESERVED",
            Self::PendingPayment => "PENDING_PAYMENT",
            Self::Paid => "PAID",
            Self::ShippingScheduled => "SHIPPING_SCHEDULED",
            Self::Completed => "COMPLETED",
            Self::Expired => "EXPIRED",
            Self::Canceled => "CANCELED",
            Self::Failed => "FAILED",
            Self::Refunded => "REFUNDED",
        }
    }

    /// # Errors
    /// Names `field` unless it is one of the contract's words.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| Invalid::field(field, "must be an order status such as RESERVED or PAID"))
    }

    /// Whether the shop has the customer's money while an order is here.
    pub const fn has_money(self) -> bool {
        matches!(self, Self::Paid | Self::ShippingScheduled | Self::Completed)
    }

    /// Whether stock and coupon are set aside for an order that is here.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Reserved | Self::PendingPayment)
    }

    /// Whether an order of this kind may go from here to `next`.
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

    /// The steps of ARCHITECTURE.md, written out once more on purpose.
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
    fn every_step_that_an_orders_life_does_not_have_is_refused() {
        for kind in [OrderKind::Instant, OrderKind::Preorder] {
            for from in OrderStatus::ALL {
                for to in OrderStatus::ALL {
                    let listed = ALLOWED.iter().any(|(a, b, kinds)| {
                        *a == from.as_str() && *b == to.as_str() && (*kinds == "both" || *kinds == kind.as_str())
                    });
                    // FAILED after PAID also ends in REFUNDED.
                    let expected = listed || (from, to) == (OrderStatus::Failed, OrderStatus::Refunded);
                    assert_eq!(from.may_become(to, kind), expected, "{kind:?} {from:?} -> {to:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_leaves_refunded_or_expired() {
        for to in OrderStatus::ALL {
            for kind in [OrderKind::Instant, OrderKind::Preorder] {
                assert!(!OrderStatus::Refunded.may_become(to, kind));
                assert!(!OrderStatus::Expired.may_become(to, kind));
            }
        }
    }

    #[test]
    fn a_status_is_read_by_the_contracts_word() {
        for status in OrderStatus::ALL {
            assert_eq!(OrderStatus::parse("status", status.as_str()), Ok(status));
        }
        assert!(OrderStatus::parse("status", "paid").is_err());
    }
}
