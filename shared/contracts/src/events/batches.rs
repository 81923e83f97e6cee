//! Events of offers and their batches.

use super::{Aggregate, Event};
use domain::Moment;
use domain::batch::{Batch, BatchStatus, BatchWork};
use domain::id::{BatchId, EventId, ProductId, SellWindowId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `threshold.created.v1`: an offer was configured for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThresholdCreatedV1 {
    /// The sell window.
    pub sell_window_id: SellWindowId,
    /// The product.
    pub product_id: ProductId,
    /// The threshold: the reserved quantity from which it is produced.
    pub threshold_qty: u32,
    /// The capacity, in pieces; absent without a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_total_qty: Option<u32>,
    /// The time from which the offer accepts no more orders.
    pub closes_at: Moment,
    /// The counter's version after the event.
    pub version: u64,
}

/// `offer.missed.v1`: the window ended below the threshold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferMissedV1 {
    /// The sell window.
    pub sell_window_id: SellWindowId,
    /// The product.
    pub product_id: ProductId,
    /// The id that the batch would have had.
    pub batch_id: BatchId,
    /// The reserved quantity, in pieces.
    pub reserved_qty: i64,
    /// The threshold, in pieces.
    pub threshold_qty: u32,
    /// The counter's version after the event.
    pub version: u64,
}

/// `batch.threshold_reached.v1`: the threshold was reached, and the batch waits for confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchThresholdReachedV1 {
    /// The batch.
    pub batch_id: BatchId,
    /// The sell window.
    pub sell_window_id: SellWindowId,
    /// The product.
    pub product_id: ProductId,
    /// The reserved quantity, in pieces.
    pub reserved_qty: i64,
    /// The threshold, in pieces.
    pub threshold_qty: u32,
    /// The batch's version after the event.
    pub version: u64,
}

/// `batch.confirmed.v1`: the batch will be produced, and payment of its orders is requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchConfirmedV1 {
    /// The batch.
    pub batch_id: BatchId,
    /// The sell window.
    pub sell_window_id: SellWindowId,
    /// The product.
    pub product_id: ProductId,
    /// The reserved quantity at confirmation, in pieces.
    pub target_qty: i64,
    /// The payment deadline of its orders.
    pub pay_before: Moment,
    /// The planned first day of production.
    pub planned_production_date: Date,
    /// The planned day of shipping.
    pub planned_ship_date: Date,
    /// The batch's version after the event.
    pub version: u64,
}

/// `batch.rescheduled.v1`: the planned day of shipping of a confirmed batch was moved to a later one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRescheduledV1 {
    /// The batch.
    pub batch_id: BatchId,
    /// The sell window.
    pub sell_window_id: SellWindowId,
    /// The product.
    pub product_id: ProductId,
    /// The planned first day of production.
    pub planned_production_date: Date,
    /// The planned day of shipping.
    pub planned_ship_date: Date,
    /// The batch's version after the event.
    pub version: u64,
}

/// `batch.canceled.v1`: the batch will not be produced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCanceledV1 {
    /// The batch.
    pub batch_id: BatchId,
    /// The sell window.
    pub sell_window_id: SellWindowId,
    /// The product.
    pub product_id: ProductId,
    /// The reason.
    pub reason: String,
    /// The batch's version after the event.
    pub version: u64,
}

/// `batch.finalized.v1`: the payment window has ended and the paid quantity is final.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFinalizedV1 {
    /// The batch.
    pub batch_id: BatchId,
    /// The sell window.
    pub sell_window_id: SellWindowId,
    /// The product.
    pub product_id: ProductId,
    /// The reserved quantity at confirmation, in pieces.
    pub target_qty: i64,
    /// The paid quantity, in pieces.
    pub paid_qty: i64,
    /// The threshold, in pieces.
    pub threshold_qty: u32,
    /// Whether the batch is produced; if not, `batch.canceled.v1` follows.
    pub proceeds: bool,
    /// The batch's version after the event.
    pub version: u64,
}

/// `batch.page_due.v1`: the next page of a batch's orders is to be processed (batch pagination). A batch of any size is
/// processed in small steps, each of which can be interrupted and retried: a page and the announcement of the next one
/// are one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchPageDueV1 {
    /// The batch.
    pub batch_id: BatchId,
    /// The work.
    pub work: BatchWork,
    /// The partition of the batch's log; partitions are processed independently.
    pub partition: u8,
    /// The page starts after this entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<EventId>,
    /// The page ends with this entry; without it, at the end of the partition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<EventId>,
    /// The batch's version when the work began.
    pub version: u64,
    /// The event with which the work began, the same in all of its pages; absent in pages of releases before 0.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<EventId>,
}

impl BatchRescheduledV1 {
    /// The event of a confirmed batch whose planned day of shipping was moved to a later one.
    pub fn of(before: &Batch, batch: &Batch) -> Option<Self> {
        let (planned, schedule) = (before.schedule.as_ref()?, batch.schedule.as_ref()?);
        let is_later = schedule.planned_ship_date > planned.planned_ship_date;
        let offer = batch.id.offer();
        (is_later && batch.status == BatchStatus::Confirmed).then_some(Self {
            batch_id: batch.id,
            sell_window_id: offer.window,
            product_id: offer.product,
            planned_production_date: schedule.planned_production_date,
            planned_ship_date: schedule.planned_ship_date,
            version: batch.version,
        })
    }
}

macro_rules! offer_event {
    ($($name:ident = $event_type:literal;)*) => {$(
        impl Event for $name {
            const TYPE: &'static str = $event_type;
            const AREA: &'static str = "catalog";

            fn aggregate(&self) -> Aggregate {
                let id = format!("{}.{}", self.sell_window_id, self.product_id);
                Aggregate::new("offer", id, self.version)
            }
        }
    )*};
}

macro_rules! batch_event {
    ($($name:ident = $event_type:literal;)*) => {$(
        impl Event for $name {
            const TYPE: &'static str = $event_type;
            const AREA: &'static str = "batches";

            fn aggregate(&self) -> Aggregate {
                Aggregate::new("batch", self.batch_id, self.version)
            }
        }
    )*};
}

offer_event! {
    ThresholdCreatedV1 = "threshold.created.v1";
    OfferMissedV1 = "offer.missed.v1";
}

batch_event! {
    BatchThresholdReachedV1 = "batch.threshold_reached.v1";
    BatchConfirmedV1 = "batch.confirmed.v1";
    BatchRescheduledV1 = "batch.rescheduled.v1";
    BatchCanceledV1 = "batch.canceled.v1";
    BatchFinalizedV1 = "batch.finalized.v1";
    BatchPageDueV1 = "batch.page_due.v1";
}
