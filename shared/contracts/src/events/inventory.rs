//! Reserving stock, capacity and coupons for an order: a request and its result. This is an integration point: an
//! external system may take the request from the bus and put the result on it.

use super::orders::SoldLine;
use super::{Aggregate, Event};
use domain::id::{CouponId, CustomerId, OrderId, SellWindowId};
use domain::order::{Order, OrderKind};
use serde::{Deserialize, Serialize};

/// `inventory.reserve_requested.v1`: reserve these lines for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveRequestedV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The lines to reserve.
    pub lines: Vec<SoldLine>,
    /// The coupon to hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<CouponId>,
    /// The order's version after the event.
    pub version: u64,
}

/// `inventory.reserve_succeeded.v1`: the lines are reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveSucceededV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The order's version after the event.
    pub version: u64,
}

/// `inventory.reserve_failed.v1`: the lines cannot be reserved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReserveFailedV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The refusal's code, for example `out_of_stock`.
    pub reason: String,
    /// The order's version after the event.
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

/// The maximum length of an external system's reason code, in characters.
const REASON_CHARS_MAX: usize = 64;

impl ReserveFailedV1 {
    /// The reason, if it is a valid code: 1 to 64 of `a-z 0-9 _`. An external system's free text is not stored with an
    /// order.
    pub fn code(&self) -> Option<&str> {
        let is_code = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let fits = (1..=REASON_CHARS_MAX).contains(&self.reason.len()) && self.reason.bytes().all(is_code);
        fits.then_some(self.reason.as_str())
    }

    /// The result for an order whose reservation was refused with this code.
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
