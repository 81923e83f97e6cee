//! Telling people: who is told what by which channel, and how often a channel is tried.

mod channels;
mod job;

pub use channels::{Channels, masked};
pub use job::{Asker, Begin, Job, SendResult, TRIES_MAX};

use crate::id::{BatchId, CustomerId, EventId, OrderId};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The contract's word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// Reads the contract's word.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }
    )*};
}

words! {
    /// A way to reach somebody.
    Channel {
        /// E-mail.
        Email = "EMAIL",
        /// A text message to a phone.
        Sms = "SMS",
        /// A push by LINE.
        Line = "LINE",
        /// The admins' channel in Slack.
        Slack = "SLACK",
    }

    /// What a message says.
    TemplateKey {
        /// To the admins: a batch waits to be confirmed.
        ThresholdReached = "threshold_reached",
        /// The batch is confirmed: please pay.
        PaymentRequested = "payment_requested",
        /// A day is left to pay.
        PaymentReminder = "payment_reminder",
        /// It was not paid in time.
        OrderExpired = "order_expired",
        /// It was canceled, by its customer or an admin.
        OrderCanceled = "order_canceled",
        /// It was canceled: too few wanted the product.
        OfferMissed = "offer_missed",
        /// It cannot be served.
        OrderFailed = "order_failed",
        /// It is on its way, or waits to be picked up.
        OrderShipped = "order_shipped",
    }

    /// Where a job is in its life.
    NotificationStatus {
        /// To be sent, for the first time or again.
        Requested = "REQUESTED",
        /// The channel took it.
        Sent = "SENT",
        /// The channel will not take it; nobody tries again.
        Failed = "FAILED",
    }
}

impl Channel {
    /// Whether the channel sends once for a key, however often it is handed a message.
    pub(crate) const fn knows_keys(self) -> bool {
        matches!(self, Self::Line)
    }
}

/// Who is told. By reference: an address is looked up when it is needed, and kept nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// Whoever placed this order, under the contact of the order.
    Customer {
        /// Whose order.
        customer: CustomerId,
        /// Which.
        order: OrderId,
    },
    /// The shop's admins.
    Admins,
}

impl Recipient {
    /// The order that it is about.
    pub const fn order(&self) -> Option<OrderId> {
        match self {
            Self::Customer { order, .. } => Some(*order),
            Self::Admins => None,
        }
    }
}

/// Names under which a job's hash and its key are made (RFC 9562, version 5).
const NAMES: Uuid = Uuid::from_u128(0x6f1d_2b0c_8f0e_5b6a_9a51_4c2d_7e83_a9f4);

/// A job's name: `<event>.<channel>.<16 hex digits>`. The digits stand for the recipient and the message, made from
/// references alone: from an address they could be turned back into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId {
    event: EventId,
    channel: Channel,
    hash: u64,
}

impl JobId {
    /// The one job of this event, channel, recipient and message.
    pub fn new(event: EventId, channel: Channel, recipient: &Recipient, template: TemplateKey) -> Self {
        let name = match recipient {
            Recipient::Customer { customer, order } => format!("{customer}#{order}#{}", template.as_str()),
            Recipient::Admins => format!("admins#{}", template.as_str()),
        };
        let (_, hash) = Uuid::new_v5(&NAMES, name.as_bytes()).as_u64_pair();
        Self { event, channel, hash }
    }

    /// Reads the form that is given out; anything else names nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let event = EventId::parse(parts.next()?)?;
        let channel = Channel::parse(parts.next()?)?;
        let hash = u64::from_str_radix(parts.next()?, 16).ok()?;
        let id = Self { event, channel, hash };
        (parts.next().is_none() && id.to_string() == text).then_some(id)
    }

    /// The event that it tells about.
    pub const fn event(self) -> EventId {
        self.event
    }

    /// By which channel.
    pub const fn channel(self) -> Channel {
        self.channel
    }

    /// The last part of its name.
    pub fn hash(self) -> String {
        format!("{:016x}", self.hash)
    }

    /// What the channel knows the message by: the same on every try.
    pub fn key(self) -> Uuid {
        Uuid::new_v5(&NAMES, self.to_string().as_bytes())
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{:016x}", self.event, self.channel.as_str(), self.hash)
    }
}

/// What a message to the admins is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// The batch.
    pub batch_id: BatchId,
    /// What is reserved.
    pub reserved_qty: i64,
    /// What was needed.
    pub threshold_qty: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_named_after_event_channel_recipient_and_message() {
        let event = EventId::parse("01a1f71e-4c88-7a10-8b20-000000000651").unwrap();
        let order = OrderId::parse("01a1f71d-60db-7a10-8b20-30a5c7e91f42").unwrap();
        let customer = Recipient::Customer { customer: CustomerId::parse("ann").unwrap(), order };
        let name = |channel, recipient: &Recipient, template| JobId::new(event, channel, recipient, template);
        let id = name(Channel::Email, &customer, TemplateKey::PaymentRequested);
        assert_eq!(JobId::parse(&id.to_string()), Some(id));
        assert_eq!(id, name(Channel::Email, &customer, TemplateKey::PaymentRequested));
        for other in [
            name(Channel::Line, &customer, TemplateKey::PaymentRequested),
            name(Channel::Email, &Recipient::Admins, TemplateKey::PaymentRequested),
            name(Channel::Email, &customer, TemplateKey::PaymentReminder),
        ] {
            assert_ne!(id, other);
            assert_ne!(id.key(), other.key());
        }
        assert_eq!((id.key(), id.key().get_version_num()), (id.key(), 5));
        assert_eq!((customer.order(), Recipient::Admins.order()), (Some(order), None));
        let text = id.to_string();
        assert_eq!((id.event(), id.channel()), (event, Channel::Email));
        assert_eq!(format!("{event}.EMAIL.{}", id.hash()), text);
        for bad in [
            "",
            "x",
            &text[..text.len() - 1],
            &text.to_uppercase(),
            &format!("{text}.x"),
            &text.replace("EMAIL", "FAX"),
        ] {
            assert_eq!(JobId::parse(bad), None, "{bad}");
        }
    }
}
