//! Bodies of the notifications' route.

use domain::Invalid;
use domain::notification::{Job, NotificationStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Reads the query parameter `status`.
///
/// # Errors
/// Names `status` unless it is one of the contract's words.
pub fn parse_status(text: &str) -> Result<NotificationStatus, Invalid> {
    NotificationStatus::parse(text).ok_or_else(|| Invalid::field("status", "must be REQUESTED, SENT or FAILED"))
}

/// One message to one recipient by one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationView {
    /// Its name: one per event, channel, recipient and message.
    pub job_id: String,
    /// The event that it tells about.
    pub event_id: String,
    /// `EMAIL`, `SMS`, `LINE` or `SLACK`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::Channel))]
    pub channel: String,
    /// Whom it reaches: an address of which most is left out, or `admins`.
    pub recipient: String,
    /// What it says.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::TemplateKey))]
    pub template_key: String,
    /// `REQUESTED`, `SENT` or `FAILED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::NotificationStatus))]
    pub status: String,
    /// How often it was tried again.
    pub retry_count: u32,
    /// How the last try ended, in one word, unless it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<String>,
    /// About which order, if about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the channel took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
}

impl NotificationView {
    /// A job, with its recipient as an admin may see them.
    pub fn new(job: &Job, recipient: String) -> Self {
        Self {
            job_id: job.id.to_string(),
            event_id: job.id.event().to_string(),
            channel: job.id.channel().as_str().to_owned(),
            recipient,
            template_key: job.template.as_str().to_owned(),
            status: job.status.as_str().to_owned(),
            retry_count: job.retry_count(),
            last_failure: job.why.clone(),
            order_id: job.recipient.order().map(|id| id.to_string()),
            created_at: job.created_at,
            sent_at: job.sent_at,
        }
    }
}
