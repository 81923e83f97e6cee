//! Shipping: a request and its result, and the parcel. Another system may take the request from the bus and put the result
//! on it.

use super::{Aggregate, Event};
use domain::Moment;
use domain::id::{CustomerId, OrderId};
use domain::order::{Order, OrderKind};
use serde::{Deserialize, Serialize};

/// `shipping.schedule_requested.v1`: have this order shipped. Where to, only the shop knows: events carry no addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRequestedV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// The order's version.
    pub version: u64,
}

/// `shipping.schedule_succeeded.v1`: it will be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleSucceededV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// The order's version.
    pub version: u64,
}

/// `shipping.schedule_failed.v1`: it cannot be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleFailedV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// Why, in the carrier's words; at most 200 characters are kept.
    pub reason: String,
    /// The order's version.
    pub version: u64,
}

/// `shipment.created.v1`: its goods are on their way. The tracking number is the customer's, not the event's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentCreatedV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// Whether the customer picks it up.
    pub is_pickup: bool,
    /// When.
    pub shipped_at: Moment,
    /// The order's version.
    pub version: u64,
}

impl From<&Order> for ScheduleRequestedV1 {
    fn from(order: &Order) -> Self {
        Self { order_id: order.id, customer_id: order.customer.clone(), kind: order.kind, version: order.version }
    }
}

impl From<&Order> for ScheduleSucceededV1 {
    fn from(order: &Order) -> Self {
        Self { order_id: order.id, customer_id: order.customer.clone(), version: order.version }
    }
}

impl ScheduleFailedV1 {
    /// Longest reason that is kept, in characters.
    const REASON_CHARS_MAX: usize = 200;

    /// The reason as it is kept with the order: one line, and no longer than the shop's own reasons.
    pub fn kept_reason(&self) -> String {
        let line = self.reason.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().filter(|c| !c.is_control()).take(Self::REASON_CHARS_MAX).collect()
    }
}

impl ShipmentCreatedV1 {
    /// An order that was just shipped. `None` for one that was not.
    pub fn of(order: &Order) -> Option<Self> {
        let shipment = order.shipment.as_ref()?;
        Some(Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            is_pickup: shipment.way.is_pickup(),
            shipped_at: shipment.shipped_at,
            version: order.version,
        })
    }
}

macro_rules! shipping_event {
    ($($name:ident = $event_type:literal;)*) => {$(
        impl Event for $name {
            const TYPE: &'static str = $event_type;
            const AREA: &'static str = "shipping";

            fn aggregate(&self) -> Aggregate {
                Aggregate::new("order", self.order_id, self.version)
            }
        }
    )*};
}

shipping_event! {
    ScheduleRequestedV1 = "shipping.schedule_requested.v1";
    ScheduleSucceededV1 = "shipping.schedule_succeeded.v1";
    ScheduleFailedV1 = "shipping.schedule_failed.v1";
    ShipmentCreatedV1 = "shipment.created.v1";
}
