//! Bodies of the platform routes: outbox and audit.

use domain::Invalid;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The status of an event in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OutboxStatus {
    /// Written, not published yet.
    New,
    /// Published.
    Sent,
    /// Not published after all tries; waits for an admin to replay it.
    Failed,
}

impl OutboxStatus {
    /// The value in API bodies and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
        }
    }

    /// # Errors
    /// [`Invalid`] for `status` when it is not one of the values.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        [Self::New, Self::Sent, Self::Failed]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| Invalid::field("status", "must be NEW, SENT or FAILED"))
    }
}

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
