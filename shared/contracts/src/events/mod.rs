//! Events: what happened, for consumers on the event bus. Event types are versioned: additive changes keep the version,
//! a breaking change adds the next version beside it. Events contain ids and quantities, never contact data.

mod batches;
mod coupons;
mod inventory;
mod notifications;
mod orders;
mod payments;
mod points;
mod production;
mod shipping;

pub use batches::{
    BatchCanceledV1, BatchConfirmedV1, BatchFinalizedV1, BatchPageDueV1, BatchRescheduledV1, BatchThresholdReachedV1,
    OfferMissedV1, ThresholdCreatedV1,
};
pub use coupons::CouponIssuedV1;
pub use inventory::{ReserveFailedV1, ReserveRequestedV1, ReserveSucceededV1};
pub use notifications::{NotificationFailedV1, NotificationRequestedV1, NotificationSentV1};
pub(crate) use orders::is_zero;
pub use orders::{
    OrderCanceledV1, OrderCompletedV1, OrderCreatedV1, OrderExpiredV1, OrderFailedV1, OrderPaidV1, OrderRefundedV1,
    OrderReservedV1, OrderShippingScheduledV1, SoldLine,
};
pub use payments::{
    PaymentConfirmRequestedV1, PaymentExpiredV1, PaymentFailedV1, PaymentLateV1, PaymentRefundRequestedV1,
    PaymentRefundedV1, PaymentRequestedV1, PaymentSucceededV1,
};
pub use points::{PointsChargedV1, PointsUsedV1};
pub use production::{ProductionCompletedV1, ProductionFailedV1, ProductionStartedV1};
pub use shipping::{ScheduleFailedV1, ScheduleRequestedV1, ScheduleSucceededV1, ShipmentCreatedV1};

pub use domain::batch::BatchWork;

use domain::Moment;
use domain::id::EventId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// A type of event.
pub trait Event: Serialize + DeserializeOwned {
    /// The type, EventBridge's `detail-type`, for example `order.paid.v1`.
    const TYPE: &'static str;
    /// The area that announces it; EventBridge's `source` is `millrun.<area>`.
    const AREA: &'static str;

    /// The changed aggregate.
    fn aggregate(&self) -> Aggregate;
}

/// The aggregate that an event is about. A consumer that keeps state never applies a version after a later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aggregate {
    /// The kind, for example `order`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id.
    pub id: String,
    /// The version after the event.
    pub version: u64,
}

impl Aggregate {
    /// The aggregate of this kind and id, at this version.
    pub fn new(kind: &str, id: impl ToString, version: u64) -> Self {
        Self { kind: kind.to_owned(), id: id.to_string(), version }
    }
}

/// The cause of an event. The correlation id is passed on from cause to effect; the causation id names the direct cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The same value in all events and log lines that follow from one request.
    pub correlation_id: String,
    /// The request or event that directly caused this one.
    pub causation_id: String,
}

/// An event as published: EventBridge's `detail`. Unknown fields are ignored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// Identical in every delivery of the event.
    pub event_id: EventId,
    /// See [`Event::TYPE`]; an earlier name of it is read as the present one ([`current_type`]).
    #[serde(rename = "type", deserialize_with = "read_type")]
    pub event_type: String,
    /// The time of the change that the event reports.
    pub occurred_at: Moment,
    /// The changed aggregate.
    pub aggregate: Aggregate,
    /// The cause.
    #[serde(flatten)]
    pub trace: Trace,
    /// The event's own data.
    pub data: T,
}

/// An event whose data is not deserialized yet; the consumer knows its type.
pub type RawEnvelope = Envelope<Box<RawValue>>;

impl RawEnvelope {
    /// Deserializes the data as `E`.
    ///
    /// # Errors
    /// When the data does not have the form of `E`.
    pub fn read<E: Event>(&self) -> Result<E, serde_json::Error> {
        serde_json::from_str(self.data.get())
    }
}

/// Event types that an earlier release announced under another name, with their present name. The rules match both
/// names, and stored or delayed events with the earlier name are read with the present one.
pub const RENAMED: &[(&str, &str)] = &[("batch.cancelled.v1", BatchCanceledV1::TYPE)];

/// The present name of an event type.
pub fn current_type(event_type: &str) -> &str {
    RENAMED.iter().find(|(earlier, _)| *earlier == event_type).map_or(event_type, |(_, present)| present)
}

fn read_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(current_type(&String::deserialize(deserializer)?).to_owned())
}

/// Every event type that this version announces, with its area and its consumers. A terminal event has no consumer in
/// the shop; it is for other systems, such as accounting and the data platform.
pub const CATALOGUE: &[(&str, &str, Audience)] = &[
    (ThresholdCreatedV1::TYPE, ThresholdCreatedV1::AREA, Audience::Terminal),
    (OrderCreatedV1::TYPE, OrderCreatedV1::AREA, Audience::Terminal),
    (
        OrderReservedV1::TYPE,
        OrderReservedV1::AREA,
        Audience::Consumers(&["count_reservations", "count_sales", "request_notifications"]),
    ),
    (
        OrderPaidV1::TYPE,
        OrderPaidV1::AREA,
        Audience::Consumers(&[
            "count_sales",
            "count_reservations",
            "schedule_shipping",
            "export_orders",
            "request_notifications",
        ]),
    ),
    (
        OrderExpiredV1::TYPE,
        OrderExpiredV1::AREA,
        Audience::Consumers(&["count_reservations", "count_sales", "request_notifications"]),
    ),
    (
        OrderCanceledV1::TYPE,
        OrderCanceledV1::AREA,
        Audience::Consumers(&["count_reservations", "count_sales", "request_notifications"]),
    ),
    (OrderFailedV1::TYPE, OrderFailedV1::AREA, Audience::Consumers(&["count_sales", "request_notifications"])),
    (OrderShippingScheduledV1::TYPE, OrderShippingScheduledV1::AREA, Audience::Terminal),
    (OrderCompletedV1::TYPE, OrderCompletedV1::AREA, Audience::Terminal),
    (OrderRefundedV1::TYPE, OrderRefundedV1::AREA, Audience::Consumers(&["count_sales"])),
    (ReserveRequestedV1::TYPE, ReserveRequestedV1::AREA, Audience::Consumers(&["reserve_order"])),
    (ReserveSucceededV1::TYPE, ReserveSucceededV1::AREA, Audience::Consumers(&["reserve_order"])),
    (ReserveFailedV1::TYPE, ReserveFailedV1::AREA, Audience::Consumers(&["reserve_order"])),
    (BatchThresholdReachedV1::TYPE, BatchThresholdReachedV1::AREA, Audience::Consumers(&["request_notifications"])),
    (BatchConfirmedV1::TYPE, BatchConfirmedV1::AREA, Audience::Consumers(&["request_payments", "open_work_order"])),
    (BatchRescheduledV1::TYPE, BatchRescheduledV1::AREA, Audience::Consumers(&["request_notifications"])),
    (BatchCanceledV1::TYPE, BatchCanceledV1::AREA, Audience::Consumers(&["abandon_batch", "open_work_order"])),
    (BatchFinalizedV1::TYPE, BatchFinalizedV1::AREA, Audience::Terminal),
    (
        BatchPageDueV1::TYPE,
        BatchPageDueV1::AREA,
        Audience::Consumers(&["request_payments", "abandon_batch", "schedule_shipping", "request_notifications"]),
    ),
    (OfferMissedV1::TYPE, OfferMissedV1::AREA, Audience::Consumers(&["abandon_batch"])),
    (PaymentRequestedV1::TYPE, PaymentRequestedV1::AREA, Audience::Consumers(&["request_notifications"])),
    (PaymentSucceededV1::TYPE, PaymentSucceededV1::AREA, Audience::Consumers(&["receive_payment_result"])),
    (PaymentFailedV1::TYPE, PaymentFailedV1::AREA, Audience::Consumers(&["receive_payment_result"])),
    (PaymentExpiredV1::TYPE, PaymentExpiredV1::AREA, Audience::Terminal),
    (PaymentConfirmRequestedV1::TYPE, PaymentConfirmRequestedV1::AREA, Audience::Consumers(&["confirm_line_pay"])),
    (PaymentLateV1::TYPE, PaymentLateV1::AREA, Audience::Terminal),
    (PaymentRefundRequestedV1::TYPE, PaymentRefundRequestedV1::AREA, Audience::Consumers(&["refund_payment"])),
    (
        PaymentRefundedV1::TYPE,
        PaymentRefundedV1::AREA,
        Audience::Consumers(&["receive_payment_result", "count_sales", "request_notifications"]),
    ),
    (PointsChargedV1::TYPE, PointsChargedV1::AREA, Audience::Terminal),
    (PointsUsedV1::TYPE, PointsUsedV1::AREA, Audience::Terminal),
    (CouponIssuedV1::TYPE, CouponIssuedV1::AREA, Audience::Terminal),
    (ProductionStartedV1::TYPE, ProductionStartedV1::AREA, Audience::Consumers(&["request_notifications"])),
    (ProductionCompletedV1::TYPE, ProductionCompletedV1::AREA, Audience::Consumers(&["schedule_shipping"])),
    (ProductionFailedV1::TYPE, ProductionFailedV1::AREA, Audience::Consumers(&["abandon_batch"])),
    (ScheduleRequestedV1::TYPE, ScheduleRequestedV1::AREA, Audience::Consumers(&["schedule_shipping"])),
    (ScheduleSucceededV1::TYPE, ScheduleSucceededV1::AREA, Audience::Consumers(&["schedule_shipping"])),
    (ScheduleFailedV1::TYPE, ScheduleFailedV1::AREA, Audience::Consumers(&["schedule_shipping"])),
    (
        ShipmentCreatedV1::TYPE,
        ShipmentCreatedV1::AREA,
        Audience::Consumers(&["complete_order", "request_notifications"]),
    ),
    (NotificationRequestedV1::TYPE, NotificationRequestedV1::AREA, Audience::Consumers(&["send_notification"])),
    (NotificationSentV1::TYPE, NotificationSentV1::AREA, Audience::Consumers(&["complete_order", "send_notification"])),
    (
        NotificationFailedV1::TYPE,
        NotificationFailedV1::AREA,
        Audience::Consumers(&["complete_order", "send_notification"]),
    ),
];

/// The consumers of an event type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// These use cases.
    Consumers(&'static [&'static str]),
    /// No use case.
    Terminal,
}
