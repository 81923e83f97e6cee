//! Bodies of the notification route.

use domain::Invalid;
use domain::notification::{Job, NotificationStatus};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Parses the query parameter `status`.
///
/// # Errors
/// [`Invalid`] for `status` when it is not one of the values.
pub fn parse_status(text: &str) -> Result<NotificationStatus, Invalid> {
    NotificationStatus::parse(text).ok_or_else(|| Invalid::field("status", "must be REQUESTED, SENT or FAILED"))
}

/// One message to one recipient on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NotificationView {
    /// The job id: one per event, channel, recipient and template.
    pub job_id: String,
    /// The event that the message is about.
    pub event_id: String,
    /// `EMAIL`, `SMS`, `LINE` or `SLACK`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::Channel))]
    pub channel: String,
    /// The masked address; `admins`; or `account` and the customer's id, for the e-mail address of an account.
    pub recipient: String,
    /// The message template.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::TemplateKey))]
    pub template_key: String,
    /// `REQUESTED`, `SENT` or `FAILED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::NotificationStatus))]
    pub status: String,
    /// The number of retries.
    pub retry_count: u32,
    /// The reason code of the last failed try; absent once it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_failure: Option<String>,
    /// The order, if the message is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time at which the channel accepted the message; absent before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
}

impl NotificationView {
    /// A job, with its masked recipient.
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
