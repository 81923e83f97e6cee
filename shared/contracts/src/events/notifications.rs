//! Notifications: a request and its result. This is an integration point: an external system may take the request from
//! the bus and put the result on it. The recipient and the text are stored under the job's id: events contain no
//! contact data.

use super::{Aggregate, Event};
use domain::id::{CustomerId, EventId, OrderId};
use domain::notification::{Job, Recipient};
use serde::{Deserialize, Serialize};

macro_rules! notification_event {
    ($($(#[$doc:meta])* $name:ident = $event_type:literal, version $version:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name {
            /// The job: one per event, channel and recipient.
            pub job_id: String,
            /// The event that the message is about.
            pub source_event_id: EventId,
            /// `EMAIL`, `SMS`, `LINE` or `SLACK`.
            pub channel: String,
            /// The message template, for example `order_shipped`.
            pub template_key: String,
            /// The order, if the message is about one.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub order_id: Option<OrderId>,
            /// The customer, if the message goes to the address of their account.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub customer_id: Option<CustomerId>,
        }

        impl From<&Job> for $name {
            fn from(job: &Job) -> Self {
                Self {
                    job_id: job.id.to_string(),
                    source_event_id: job.id.event(),
                    channel: job.id.channel().as_str().to_owned(),
                    template_key: job.template.as_str().to_owned(),
                    order_id: job.recipient.order(),
                    customer_id: match &job.recipient {
                        Recipient::Account(customer) => Some(customer.clone()),
                        Recipient::Customer { .. } | Recipient::Admins => None,
                    },
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
    /// `notification.requested.v1`: a message is to be sent.
    NotificationRequestedV1 = "notification.requested.v1", version 1;
    /// `notification.sent.v1`: the channel accepted the message.
    NotificationSentV1 = "notification.sent.v1", version 2;
    /// `notification.failed.v1`: the message will not be sent; no more retries.
    NotificationFailedV1 = "notification.failed.v1", version 2;
}
