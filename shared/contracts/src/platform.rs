//! Bodies of the platform routes: outbox and audit.

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
