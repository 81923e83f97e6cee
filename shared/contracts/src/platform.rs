//! Bodies of the platform routes: summary, outbox and audit.

use domain::daily_sales::DayTotals;
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
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was last published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
}

/// `GET /admin/outbox/{event_id}`: one event with its payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OutboxEventView {
    /// What the list shows too.
    #[serde(flatten)]
    pub event: OutboxItemView,
    /// The changed aggregate.
    pub aggregate: AggregateView,
    /// The event's own data.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub payload: serde_json::Value,
    /// Why the last try to publish it failed.
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
    /// When the data was read.
    pub checked_at: Timestamp,
    /// The differences; empty when everything is consistent.
    pub differences: Vec<Difference>,
}

/// One sum that differs from its expected value.
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

/// `GET /admin/summary`: what waits for an admin, and what the last days brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SummaryView {
    /// Orders that wait to be shipped, of this month and the previous one. Exact up to 20, a lower bound beyond.
    pub orders_to_ship: usize,
    /// Batches that wait for an admin to confirm or cancel them; at most 30 are counted.
    pub batches_to_confirm: usize,
    /// Payment tasks that are not done, among the latest 30.
    pub payment_tasks: usize,
    /// Messages that could not be sent, of this month and the previous one. Exact up to 16, a lower bound beyond.
    pub failed_notifications: usize,
    /// Transactions whose events could not be published and wait to be replayed; at most 50 are counted.
    pub failed_events: usize,
    /// The offers that close within three days, the first four of them.
    pub windows: Vec<ClosingOfferView>,
    /// The shop days, the newest last. They follow the orders by some seconds.
    pub days: Vec<DayTotalsView>,
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
    /// When it stops accepting orders.
    pub closes_at: Timestamp,
}

/// What one shop day brought.
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
    /// Money that was given back on this day, whenever it had come in, in the currency's minor unit.
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
