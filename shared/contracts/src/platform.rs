//! Bodies of the platform routes: summary, outbox, audit and activity.

use domain::Invalid;
use domain::catalog::LowStock;
use domain::daily_sales::DayTotals;
use domain::id::CustomerId;
use domain::outbox::OutboxStatus;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One event in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutboxItemView {
    /// The event's id, the same for every delivery.
    pub event_id: String,
    /// The event's type, for example `order.paid.v1`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// `NEW`, `SENT` or `FAILED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::OutboxStatus))]
    pub status: String,
    /// Failed tries to publish.
    pub attempts: u32,
    /// The time at which the event was written to the outbox.
    pub created_at: Timestamp,
    /// The time of the last successful publication; absent before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
}

/// `GET /admin/outbox/{event_id}`: one event with its payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutboxEventView {
    /// The fields that the list of events has, too.
    #[serde(flatten)]
    pub event: OutboxItemView,
    /// The changed aggregate.
    pub aggregate: AggregateView,
    /// The event's own data.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub payload: serde_json::Value,
    /// The error of the last failed try to publish.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// The aggregate that an event changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AggregateView {
    /// The kind, for example `order`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id.
    pub id: String,
    /// The version after the event.
    pub version: u64,
}

/// `GET /admin/audit`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditView {
    /// The time at which the data was read.
    pub checked_at: Timestamp,
    /// The differences, at most 1,000 of them; empty when everything is consistent.
    pub differences: Vec<Difference>,
    /// In a shop with millions of orders one request checks a part of the customers: with this `cursor` the next request
    /// checks the next part. Absent after the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// A sum that differs from its expected value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    /// The invariant, for example `I1`.
    pub invariant: String,
    /// The subject, for example `variant 0193…`.
    pub subject: String,
    /// The expected value.
    pub expected: String,
    /// The value that was found.
    pub found: String,
}

/// `POST /admin/outbox/replay`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayEvents {
    /// `FAILED` or `SENT`. `NEW` is refused: such events are published anyway.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::OutboxStatus))]
    pub status: String,
    /// Only events from this time on; required with `SENT`.
    #[serde(default, deserialize_with = "crate::time::optional_milliseconds", skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Only events before this time; default: now.
    #[serde(default, deserialize_with = "crate::time::optional_milliseconds", skip_serializing_if = "Option::is_none")]
    pub to: Option<Timestamp>,
}

impl ReplayEvents {
    /// The status, and the time from and before which.
    ///
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self, now: Timestamp) -> Result<(OutboxStatus, (Timestamp, Timestamp)), Invalid> {
        let mut wrong = Invalid::default();
        let status = match (self.status.as_str(), self.from) {
            ("FAILED", _) => Some(OutboxStatus::Failed),
            ("SENT", from) => {
                if from.is_none() {
                    wrong.note("from", "is required with status SENT");
                }
                Some(OutboxStatus::Sent)
            }
            _ => {
                wrong.note("status", "must be FAILED or SENT");
                None
            }
        };
        let (from, to) = (self.from.unwrap_or(Timestamp::UNIX_EPOCH), self.to.unwrap_or(now).min(now));
        if self.from.is_some() && from >= to {
            wrong.note("from", "must be before to, and not in the future");
        }
        wrong.into_result(status.map(|status| (status, (from, to))))
    }
}

/// The result of one replay request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayedView {
    /// The status from which events are replayed.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::OutboxStatus))]
    pub status: String,
    /// The number of events that were queued for publication. Repeat the request with a new idempotency key until it is 0.
    pub events: usize,
    /// The `from` value of the next request; present with `SENT` if more events are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_from: Option<Timestamp>,
}

/// A command of a staff member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivityView {
    /// The time.
    pub at: Timestamp,
    /// The staff member's id, the `sub` claim of the user pool.
    pub by: String,
    /// The use case, for example `cancel_order`.
    pub action: String,
    /// The object of the command.
    pub subject: SubjectView,
    /// The request's correlation id, which its log lines and events have too.
    pub correlation_id: String,
}

/// The object of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubjectView {
    /// The type of the object, for example `order` or `sell_window`.
    #[serde(rename = "type")]
    pub subject_type: String,
    /// The id; empty for a command on a whole collection.
    pub id: String,
}

impl ActivityView {
    /// An entry of the activity log; `subject` is a type and an id.
    pub fn new(at: Timestamp, by: &CustomerId, action: &str, subject: (&str, &str), correlation_id: &str) -> Self {
        Self {
            at,
            by: by.to_string(),
            action: action.to_owned(),
            subject: SubjectView { subject_type: subject.0.to_owned(), id: subject.1.to_owned() },
            correlation_id: correlation_id.to_owned(),
        }
    }
}

/// `GET /admin/summary`: the work that waits for an admin, and the totals of the last shop days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SummaryView {
    /// Orders that wait to be shipped, of this month and the previous one. Exact up to 20, a lower bound beyond.
    pub orders_to_ship: usize,
    /// Batches that wait for an admin to confirm or cancel them; at most 30 are counted.
    pub batches_to_confirm: usize,
    /// Payment tasks that are not done, among the latest 20.
    pub payment_tasks: usize,
    /// Messages that could not be sent, of this month and the previous one. Exact up to 16, a lower bound beyond.
    pub failed_notifications: usize,
    /// Transactions whose events could not be published and wait to be replayed; at most 50 are counted.
    pub failed_events: usize,
    /// Variants on sale at or below their `low_stock_qty`, the first 30, least left first. At most ten minutes old.
    pub low_stock: Vec<LowStockView>,
    /// The offers that close within three days, the first three of them.
    pub windows: Vec<ClosingOfferView>,
    /// The shop days, the newest last. They follow the orders by some seconds.
    pub days: Vec<DayTotalsView>,
}

/// A variant whose stock is low.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LowStockView {
    /// The variant.
    pub variant_id: String,
    /// The stock-keeping unit (SKU).
    pub sku: String,
    /// The stock that can be ordered, in pieces.
    pub available_qty: i64,
    /// The stock at or below which it is low, in pieces.
    pub low_stock_qty: u32,
}

impl From<&LowStock> for LowStockView {
    fn from(low: &LowStock) -> Self {
        Self {
            variant_id: low.variant_id.to_string(),
            sku: low.sku.as_str().to_owned(),
            available_qty: low.available_qty,
            low_stock_qty: low.low_stock_qty,
        }
    }
}

/// An offer that closes soon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClosingOfferView {
    /// The sell window.
    pub sell_window_id: String,
    /// The product.
    pub product_id: String,
    /// The product's name.
    pub name: String,
    /// The reserved quantity, in pieces.
    pub reserved_qty: i64,
    /// The reserved quantity from which it can be produced.
    pub threshold_qty: u32,
    /// The time from which the offer accepts no more orders.
    pub closes_at: Timestamp,
}

/// The totals of one shop day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayTotalsView {
    /// The shop day.
    pub day: jiff::civil::Date,
    /// Orders that were paid on this day.
    pub orders: i64,
    /// The pieces in these orders.
    pub pieces: i64,
    /// The totals of these orders, in the currency's minor unit.
    pub revenue_cents: i64,
    /// The orders' money that was refunded on this day, whenever it was paid, in the currency's minor unit.
    pub refunded_cents: i64,
}

impl DayTotalsView {
    /// A day with its totals.
    pub fn new(day: jiff::civil::Date, totals: DayTotals) -> Self {
        Self {
            day,
            orders: totals.orders,
            pieces: totals.pieces,
            revenue_cents: totals.revenue.get(),
            refunded_cents: totals.refunded.get(),
        }
    }
}
