//! Millrun's business rules: what is allowed, what things cost, and the life cycle of orders, batches and payments.
//!
//! The crate is pure: time is an argument, ids are created by the caller, and nothing is asynchronous. So every rule
//! has plain unit tests.

pub mod batch;
pub mod cart;
pub mod catalog;
pub mod contact;
pub mod counter;
pub mod coupon;
pub mod daily_sales;
pub mod enum_text;
pub mod id;
pub mod image;
pub mod invalid;
pub mod money;
pub mod notification;
pub mod offer;
pub mod order;
pub mod outbox;
pub mod payment;
pub mod points;
pub mod product_filter;
pub mod profile;
pub mod quantity;
pub mod ranking;
pub mod refusal;
pub mod sell_window;
pub mod shipment;
pub mod shipping_method;
pub mod shop;
pub mod stock;
pub mod text;
pub mod ticket;
pub mod work_order;

pub use invalid::Invalid;
pub use refusal::{Kind, Refusal};

/// A point in time. Stored and compared in whole milliseconds, shown as RFC 3339 in UTC.
pub type Moment = jiff::Timestamp;

#[cfg(test)]
mod tests {
    use super::*;

    /// The stored form of a value, by serde.
    fn kept(value: &impl serde::Serialize) -> String {
        serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
    }

    #[test]
    fn stored_and_public_values_are_the_same() {
        macro_rules! same {
            ($kind:ty: $($variant:ident = $word:literal),*) => {
                $(
                    assert_eq!(<$kind>::$variant.as_str(), $word);
                    assert_eq!(kept(&<$kind>::$variant), $word);
                )*
            };
        }
        same!(batch::BatchStatus: Created = "CREATED", Confirmed = "CONFIRMED", Canceled = "CANCELED");
        same!(catalog::ProductStatus: Draft = "DRAFT", Active = "ACTIVE", Inactive = "INACTIVE");
        same!(counter::CounterStatus: Open = "OPEN", Reached = "REACHED", Locked = "LOCKED");
        same!(counter::CounterStatus: Finalized = "FINALIZED", Missed = "MISSED");
        same!(coupon::UserCouponStatus: Issued = "ISSUED", Held = "HELD", Used = "USED", Expired = "EXPIRED");
        same!(order::OrderKind: Instant = "INSTANT", Preorder = "PREORDER");
        same!(payment::PaymentMethod: Points = "POINTS", Ecpay = "ECPAY", Newebpay = "NEWEBPAY", LinePay = "LINE_PAY");
        same!(payment::PaymentStatus: Init = "INIT", Succeeded = "SUCCEEDED", Failed = "FAILED", Expired = "EXPIRED");
        same!(payment::PaymentStatus: RefundRequested = "REFUND_REQUESTED", Refunded = "REFUNDED");
        same!(points::EntryType: Charge = "CHARGE", Use = "USE", Refund = "REFUND");
        for &kind in payment::TaskKind::ALL {
            assert_eq!(kept(&kind), kind.as_str());
        }
        for &status in order::OrderStatus::ALL {
            assert_eq!(kept(&status), status.as_str());
        }
    }
}
