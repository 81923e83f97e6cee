//! Telling people: a request and its result. Another system may take the request from the bus and put the result on it.
//! Whom it reaches and what it says is kept by the shop under the job's id: events carry no contact data.

use super::{Aggregate, Event};
use domain::id::{EventId, OrderId};
use domain::notification::Job;
use serde::{Deserialize, Serialize};

macro_rules! notification_event {
    ($($(#[$doc:meta])* $name:ident = $event_type:literal, version $version:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The job: one per event, channel and recipient.
            pub job_id: String,
            /// The event that somebody is told about.
            pub source_event_id: EventId,
            /// `EMAIL`, `SMS`, `LINE` or `SLACK`.
            pub channel: String,
            /// What it says, e.g. `order_shipped`.
            pub template_key: String,
            /// About which order, if about one.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub order_id: Option<OrderId>,
        }

        impl From<&Job> for $name {
            fn from(job: &Job) -> Self {
                Self {
                    job_id: job.id.to_string(),
                    source_event_id: job.id.event(),
                    channel: job.id.channel().as_str().to_owned(),
                    template_key: job.template.as_str().to_owned(),
                    order_id: job.recipient.order(),
                }
            }
        }

        impl Event for $name {
            const TYPE: &'static str = $event_type;
            const AREA: &'static str = "notifications";

            fn aggregate(&self) -> Aggregate {
                Aggregate::new("notification", &self.job_id, $version)
            }
        }
    )*};
}

notification_event! {
    /// `notification.requested.v1`: somebody is to be told.
    NotificationRequestedV1 = "notification.requested.v1", version 1;
    /// `notification.sent.v1`: the channel took the message.
    NotificationSentV1 = "notification.sent.v1", version 2;
    /// `notification.failed.v1`: the channel will not take the message; nobody tries again.
    NotificationFailedV1 = "notification.failed.v1", version 2;
}
