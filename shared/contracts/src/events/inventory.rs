//! Stock, coupons and places being reserved for an order: a request and its result. Another system may take the request
//! from the bus and put the result on it.

use super::orders::SoldLine;
use super::{Aggregate, Event};
use domain::id::{CouponId, CustomerId, OrderId, SellWindowId};
use domain::order::{Order, OrderKind};
use serde::{Deserialize, Serialize};

/// `inventory.reserve_requested.v1`: hold this for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveRequestedV1 {
    /// For which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// In which sell window, if into production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// What to hold.
    pub lines: Vec<SoldLine>,
    /// The coupon to hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<CouponId>,
    /// The order's version.
    pub version: u64,
}

/// `inventory.reserve_succeeded.v1`: it is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveSucceededV1 {
    /// For which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// The order's version.
    pub version: u64,
}

/// `inventory.reserve_failed.v1`: it cannot be held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveFailedV1 {
    /// For which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// The refusal's code, e.g. `out_of_stock`.
    pub reason: String,
    /// The order's version.
    pub version: u64,
}

impl From<&Order> for ReserveRequestedV1 {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            kind: order.kind,
            sell_window_id: order.window,
            lines: SoldLine::all(order),
            coupon_id: order.coupon,
            version: order.version,
        }
    }
}

impl From<&Order> for ReserveSucceededV1 {
    fn from(order: &Order) -> Self {
        Self { order_id: order.id, customer_id: order.customer.clone(), version: order.version }
    }
}

/// Longest code of a reason that an external system gives, in characters.
const REASON_CHARS_MAX: usize = 64;

impl ReserveFailedV1 {
    /// The reason, if it is a code: 1 to 64 of `a-z 0-9 _`. An external system's words are not kept with an order.
    pub fn code(&self) -> Option<&str> {
        let is_code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let fits = (1..=REASON_CHARS_MAX).contains(&self.reason.len()) && self.reason.bytes().all(is_code);
        fits.then_some(self.reason.as_str())
    }

    /// An order whose hold was refused with this code.
    pub fn new(order: &Order, reason: &str) -> Self {
        Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            reason: reason.to_owned(),
            version: order.version,
        }
    }
}

macro_rules! inventory_event {
    ($($name:ident = $event_type:literal;)*) => {$(
        impl Event for $name {
            const TYPE: &'static str = $event_type;
            const AREA: &'static str = "inventory";

            fn aggregate(&self) -> Aggregate {
                Aggregate::new("order", self.order_id, self.version)
            }
        }
    )*};
}

inventory_event! {
    ReserveRequestedV1 = "inventory.reserve_requested.v1";
    ReserveSucceededV1 = "inventory.reserve_succeeded.v1";
    ReserveFailedV1 = "inventory.reserve_failed.v1";
}
