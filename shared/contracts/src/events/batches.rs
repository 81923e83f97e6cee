//! What happens to offers and their batches.

use super::{Aggregate, Event};
use domain::Moment;
use domain::id::{BatchId, EventId, ProductId, SellWindowId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `threshold.created.v1`: an offer was configured for the first time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThresholdCreatedV1 {
    /// In which window.
    pub sell_window_id: SellWindowId,
    /// Which product.
    pub product_id: ProductId,
    /// The reserved quantity from which it is produced.
    pub threshold_qty: u32,
    /// The most that may be reserved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_total_qty: Option<u32>,
    /// Until when it takes orders.
    pub closes_at: Moment,
    /// The counter's version.
    pub version: u64,
}

/// `offer.missed.v1`: its window is over and its threshold was not reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferMissedV1 {
    /// In which window.
    pub sell_window_id: SellWindowId,
    /// Which product.
    pub product_id: ProductId,
    /// The batch that it would have become.
    pub batch_id: BatchId,
    /// What was reserved.
    pub reserved_qty: i64,
    /// What had been needed.
    pub threshold_qty: u32,
    /// The counter's version.
    pub version: u64,
}

/// `batch.threshold_reached.v1`: enough is reserved, and the batch waits to be confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchThresholdReachedV1 {
    /// The batch.
    pub batch_id: BatchId,
    /// In which window.
    pub sell_window_id: SellWindowId,
    /// Which product.
    pub product_id: ProductId,
    /// What is reserved.
    pub reserved_qty: i64,
    /// What was needed.
    pub threshold_qty: u32,
    /// The batch's version.
    pub version: u64,
}

/// `batch.confirmed.v1`: it will be made, and its orders are asked to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchConfirmedV1 {
    /// The batch.
    pub batch_id: BatchId,
    /// In which window.
    pub sell_window_id: SellWindowId,
    /// Which product.
    pub product_id: ProductId,
    /// What was reserved when it was confirmed.
    pub target_qty: i64,
    /// Until when its orders can be paid.
    pub pay_before: Moment,
    /// When production is planned.
    pub planned_production_date: Date,
    /// When shipping is planned.
    pub planned_ship_date: Date,
    /// The batch's version.
    pub version: u64,
}

/// `batch.canceled.v1`: it will not be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchCanceledV1 {
    /// The batch.
    pub batch_id: BatchId,
    /// In which window.
    pub sell_window_id: SellWindowId,
    /// Which product.
    pub product_id: ProductId,
    /// Why.
    pub reason: String,
    /// The batch's version.
    pub version: u64,
}

/// `batch.finalized.v1`: the payment window is over and the paid quantity is fixed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchFinalizedV1 {
    /// The batch.
    pub batch_id: BatchId,
    /// In which window.
    pub sell_window_id: SellWindowId,
    /// Which product.
    pub product_id: ProductId,
    /// What was reserved when it was confirmed.
    pub target_qty: i64,
    /// What was paid.
    pub paid_qty: i64,
    /// What had been needed.
    pub threshold_qty: u32,
    /// Whether it is produced; if not, `batch.canceled.v1` follows.
    pub proceeds: bool,
    /// The batch's version.
    pub version: u64,
}

/// What is done with each order of a batch, page by page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BatchWork {
    /// Ask them to pay.
    RequestPayments,
    /// Cancel or fail them: the batch will not be made.
    Abandon,
    /// Have them shipped.
    ScheduleShipping,
}

impl BatchWork {
    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RequestPayments => "REQUEST_PAYMENTS",
            Self::Abandon => "ABANDON",
            Self::ScheduleShipping => "SCHEDULE_SHIPPING",
        }
    }
}

/// `batch.page_due.v1`: the next page of a batch's orders is to be worked through. How a batch of any size is worked
/// through in steps that each may be killed: the page and the announcement of the next one are one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchPageDueV1 {
    /// The batch.
    pub batch_id: BatchId,
    /// What to do with its orders.
    pub work: BatchWork,
    /// The partition of its log: each is gone through on its own.
    pub partition: u8,
    /// After which entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<EventId>,
    /// Up to and with which entry; without it, to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<EventId>,
    /// The batch's version when the work began.
    pub version: u64,
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
    BatchCanceledV1 = "batch.canceled.v1";
    BatchFinalizedV1 = "batch.finalized.v1";
    BatchPageDueV1 = "batch.page_due.v1";
}
