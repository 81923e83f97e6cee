//! Shipping: a request and its result, and the shipment. This is an integration point: an external system may take the
//! request from the bus and put the result on it.

use super::{Aggregate, Event};
use domain::Moment;
use domain::id::{CustomerId, OrderId};
use domain::order::{Order, OrderKind};
use serde::{Deserialize, Serialize};

/// `shipping.schedule_requested.v1`: schedule the order's shipping. The address is only in the shop: events contain no
/// contact data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleRequestedV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The order's version after the event.
    pub version: u64,
}

/// `shipping.schedule_succeeded.v1`: the order will be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleSucceededV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The order's version after the event.
    pub version: u64,
}

/// `shipping.schedule_failed.v1`: the order cannot be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleFailedV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The reason, in the carrier's words; at most 200 characters are stored.
    pub reason: String,
    /// The order's version after the event.
    pub version: u64,
}

/// `shipment.created.v1`: the order was shipped. The tracking number is personal data and not in the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentCreatedV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// Whether the customer picks it up.
    pub is_pickup: bool,
    /// The time of the shipment.
    pub shipped_at: Moment,
    /// The order's version after the event.
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
    /// The maximum length of a stored reason, in characters.
    const REASON_CHARS_MAX: usize = 200;

    /// The reason as stored with the order: one line, no longer than the shop's own reasons.
    pub fn kept_reason(&self) -> String {
        let line = self.reason.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().filter(|c| !c.is_control()).take(Self::REASON_CHARS_MAX).collect()
    }
}

impl ShipmentCreatedV1 {
    /// The event of a shipped order; `None` for any other.
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
