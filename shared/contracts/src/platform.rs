//! Bodies of the platform's routes: outbox and audit.

use domain::Invalid;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an event is on its way to the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OutboxStatus {
    /// Written, not yet published.
    New,
    /// Published.
    Sent,
    /// Given up on after its tries; waits for an admin.
    Failed,
}

impl OutboxStatus {
    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Sent => "SENT",
            Self::Failed => "FAILED",
        }
    }

    /// # Errors
    /// Names `status` unless it is one of the contract's words.
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
    /// Its id, the same however often it is published.
    pub event_id: String,
    /// Its type, e.g. `order.paid.v1`.
    #[serde(rename = "type")]
    pub event_type: String,
    /// `NEW`, `SENT` or `FAILED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::OutboxStatus))]
    pub status: String,
    /// How often publishing it failed.
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
    /// When the books were read.
    pub checked_at: Timestamp,
    /// What does not add up. Empty when all is well.
    pub differences: Vec<Difference>,
}

/// One sum that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    /// Which invariant, e.g. `I1`.
    pub invariant: String,
    /// Of what, e.g. `variant 0193…`.
    pub subject: String,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
}
