//! Events: what happened, for whoever listens on the bus. Versioned; additive changes keep a version, a breaking one adds
//! the next beside it. They carry ids and quantities, never contact data.

mod coupons;
mod orders;
mod payments;
mod points;

pub use coupons::CouponIssuedV1;
pub use orders::{OrderCanceledV1, OrderExpiredV1, OrderPaidV1, OrderRefundedV1, OrderReservedV1, SoldLine};
pub use payments::{PaymentRefundRequestedV1, PaymentRefundedV1, PaymentSucceededV1};
pub use points::{PointsChargedV1, PointsUsedV1};

use domain::Moment;
use domain::id::EventId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A kind of event.
pub trait Event: Serialize + DeserializeOwned {
    /// Its type, EventBridge's `detail-type`, e.g. `order.paid.v1`.
    const TYPE: &'static str;
    /// The area that announces it; EventBridge's `source` is `millrun.<area>`.
    const AREA: &'static str;

    /// What it happened to.
    fn aggregate(&self) -> Aggregate;
}

/// What an event happened to. A consumer that keeps state never applies a version after a later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aggregate {
    /// Its kind, e.g. `order`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its version after the event.
    pub version: u64,
}

impl Aggregate {
    /// The aggregate of this kind with this id.
    pub fn new(kind: &str, id: impl ToString, version: u64) -> Self {
        Self { kind: kind.to_owned(), id: id.to_string(), version }
    }
}

/// What caused what: the correlation id goes on from cause to effect through every hop, the causation id names the request
/// or the event right before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The same for everything that follows from one request.
    pub correlation_id: String,
    /// The request or event that directly caused it.
    pub causation_id: String,
}

/// An event as it travels: EventBridge's `detail`. Unknown fields are tolerated.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The same however often it is delivered.
    pub event_id: EventId,
    /// See [`Event::TYPE`].
    #[serde(rename = "type")]
    pub event_type: String,
    /// When it happened.
    pub occurred_at: Moment,
    /// What it happened to.
    pub aggregate: Aggregate,
    /// What caused it.
    #[serde(flatten)]
    pub trace: Trace,
    /// The event itself.
    pub data: T,
}

/// An event whose data has not been read yet: it is the consumer's to know its type.
pub type RawEnvelope = Envelope<Box<RawValue>>;

impl RawEnvelope {
    /// Reads the data as `E`.
    ///
    /// # Errors
    /// When the data is not an `E`.
    pub fn read<E: Event>(&self) -> Result<E, serde_json::Error> {
        serde_json::from_str(self.data.get())
    }
}

/// Every event type that this version announces, with its area and whether one of our consumers listens. What is terminal
/// is for others: their accounting, their data platform.
pub const CATALOGUE: &[(&str, &str, Audience)] = &[
    (OrderReservedV1::TYPE, OrderReservedV1::AREA, Audience::Terminal),
    (OrderPaidV1::TYPE, OrderPaidV1::AREA, Audience::Consumers(&["count_sales"])),
    (OrderExpiredV1::TYPE, OrderExpiredV1::AREA, Audience::Terminal),
    (OrderCanceledV1::TYPE, OrderCanceledV1::AREA, Audience::Terminal),
    (OrderRefundedV1::TYPE, OrderRefundedV1::AREA, Audience::Consumers(&["count_sales"])),
    (PaymentSucceededV1::TYPE, PaymentSucceededV1::AREA, Audience::Terminal),
    (PaymentRefundRequestedV1::TYPE, PaymentRefundRequestedV1::AREA, Audience::Consumers(&["refund_payment"])),
    (PaymentRefundedV1::TYPE, PaymentRefundedV1::AREA, Audience::Terminal),
    (PointsChargedV1::TYPE, PointsChargedV1::AREA, Audience::Terminal),
    (PointsUsedV1::TYPE, PointsUsedV1::AREA, Audience::Terminal),
    (CouponIssuedV1::TYPE, CouponIssuedV1::AREA, Audience::Terminal),
];

/// Who listens to an event type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// These use cases of ours.
    Consumers(&'static [&'static str]),
    /// Nobody of ours.
    Terminal,
}
