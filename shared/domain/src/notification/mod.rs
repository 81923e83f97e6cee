//! Notifications: their recipients, messages and channels, and the retries of each channel.

mod channels;
mod job;
mod language;

pub use channels::{Channels, masked};
pub use job::{Asker, Begin, Job, SendResult};
pub use language::Language;

use crate::enum_text;
use crate::id::{BatchId, CustomerId, EventId, OrderId};
use crate::money::{Cents, Currency};
use crate::order::OrderStatus;
use crate::payment::PaymentMethod;
use serde::{Deserialize, Serialize};
use std::fmt;
use strum::{IntoStaticStr, VariantArray};
use uuid::Uuid;

/// A notification channel.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum Channel {
    Email,
    /// A text message.
    Sms,
    Line,
    /// The admins' Slack channel.
    Slack,
}

impl Channel {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// Parses a value of API bodies, events or stored items.
    pub fn parse(text: &str) -> Option<Self> {
        enum_text::find(text)
    }
}

/// The template of a message.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum TemplateKey {
    /// To the admins: a batch waits for confirmation.
    ThresholdReached,
    /// To the customer: the order was placed.
    OrderPlaced,
    /// To the customer: places in an offer are reserved.
    PreorderReserved,
    /// To the customer: the order is paid, with its items and prices.
    OrderPaid,
    /// To the customer: production has started, with the planned day of shipping.
    ProductionStarted,
    /// To the customer: the planned day of shipping was moved to a later one.
    ShipDateChanged,
    /// To the customer: the batch is confirmed; please pay.
    PaymentRequested,
    /// To the customer: one day is left to pay.
    PaymentReminder,
    /// To the customer: the order was not paid in time.
    OrderExpired,
    /// To the customer: the order was canceled, by them or by an admin.
    OrderCanceled,
    /// To the customer: the order was canceled because the offer missed its threshold.
    OfferMissed,
    /// To the customer: the order cannot be fulfilled.
    OrderFailed,
    /// To the customer: a payment was refunded, for any reason.
    OrderRefunded,
    /// To the customer: the order was shipped, or is ready for pick-up.
    OrderShipped,
    /// To the customer: a payment of points was refunded.
    PointsRefunded,
}

impl TemplateKey {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// Parses a value of API bodies, events or stored items.
    pub fn parse(text: &str) -> Option<Self> {
        enum_text::find(text)
    }

    /// Whether a message about an order in this status is still true: no message about a reservation after the order has
    /// ended, and no payment reminder for a paid order.
    pub const fn concerns(self, status: OrderStatus) -> bool {
        match self {
            Self::OrderPlaced | Self::PreorderReserved => status.holds() || status.has_money(),
            Self::PaymentReminder => matches!(status, OrderStatus::PendingPayment),
            Self::ProductionStarted => matches!(status, OrderStatus::Paid),
            Self::ShipDateChanged => {
                matches!(status, OrderStatus::PendingPayment | OrderStatus::Paid | OrderStatus::ShippingScheduled)
            }
            _ => true,
        }
    }
}

/// The status of a job.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum NotificationStatus {
    /// To be sent or retried.
    Requested,
    /// The channel accepted the message.
    Sent,
    /// The message will not be sent; no more retries.
    Failed,
}

impl NotificationStatus {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// Parses a value of API bodies, events or stored items.
    pub fn parse(text: &str) -> Option<Self> {
        enum_text::find(text)
    }
}

impl Channel {
    /// Whether the channel deduplicates messages by key.
    pub(crate) const fn knows_keys(self) -> bool {
        matches!(self, Self::Line)
    }
}

/// The recipient, by reference. The address is looked up when the message is sent, and not stored with the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    /// The customer of an order, at the order's contact data.
    Customer {
        customer: CustomerId,
        order: OrderId,
    },
    /// A customer, at the e-mail address of their account: the message is about no order.
    Account(CustomerId),
    Admins,
}

impl Recipient {
    /// The order that the message is about.
    pub const fn order(&self) -> Option<OrderId> {
        match self {
            Self::Customer { order, .. } => Some(*order),
            Self::Account(_) | Self::Admins => None,
        }
    }

    /// The customer who gets the message.
    pub const fn customer(&self) -> Option<&CustomerId> {
        match self {
            Self::Customer { customer, .. } | Self::Account(customer) => Some(customer),
            Self::Admins => None,
        }
    }
}

/// The UUID v5 namespace of job hashes and keys (RFC 9562).
const NAMES: Uuid = Uuid::from_u128(0x6f1d_2b0c_8f0e_5b6a_9a51_4c2d_7e83_a9f4);

/// A job's id: `<event>.<channel>.<16 hex digits>`. The digits are a hash of recipient reference and template. They do
/// not depend on the address, which could be guessed from a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId {
    event: EventId,
    channel: Channel,
    hash: u64,
}

impl JobId {
    /// The job of this event, channel, recipient and template.
    pub fn new(event: EventId, channel: Channel, recipient: &Recipient, template: TemplateKey) -> Self {
        let name = match recipient {
            Recipient::Customer { customer, order } => format!("{customer}#{order}#{}", template.as_str()),
            Recipient::Account(customer) => format!("{customer}##{}", template.as_str()),
            Recipient::Admins => format!("admins#{}", template.as_str()),
        };
        let (_, hash) = Uuid::new_v5(&NAMES, name.as_bytes()).as_u64_pair();
        Self { event, channel, hash }
    }

    /// Parses the canonical form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let event = EventId::parse(parts.next()?)?;
        let channel = Channel::parse(parts.next()?)?;
        let hash = u64::from_str_radix(parts.next()?, 16).ok()?;
        let id = Self { event, channel, hash };
        (parts.next().is_none() && id.to_string() == text).then_some(id)
    }

    /// The event that the message is about.
    pub const fn event(self) -> EventId {
        self.event
    }

    pub const fn channel(self) -> Channel {
        self.channel
    }

    /// The hash, the last part of the id.
    pub fn hash(self) -> String {
        format!("{:016x}", self.hash)
    }

    /// The key by which the channel deduplicates: the same for every try.
    pub fn key(self) -> Uuid {
        Uuid::new_v5(&NAMES, self.to_string().as_bytes())
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{:016x}", self.event, self.channel.as_str(), self.hash)
    }
}

/// The subject of a message to the admins: a batch whose threshold was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    pub batch_id: BatchId,
    /// The reserved quantity, in pieces.
    pub reserved_qty: i64,
    /// The threshold, in pieces.
    pub threshold_qty: u32,
}

/// The subject of a message about a refund.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundMade {
    /// The refunded amount of the payment.
    pub refunded_cents: Cents,
    pub currency: Currency,
    /// The payment method, to which the money is refunded.
    pub method: PaymentMethod,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_concerns_an_order_while_it_is_true() {
        let concerned = |template: TemplateKey| -> Vec<&str> {
            OrderStatus::ALL.iter().filter(|status| template.concerns(**status)).map(|status| status.as_str()).collect()
        };
        let placed = ["RESERVED", "PENDING_PAYMENT", "PAID", "SHIPPING_SCHEDULED", "COMPLETED"];
        assert_eq!(concerned(TemplateKey::OrderPlaced), placed);
        assert_eq!(concerned(TemplateKey::PreorderReserved), placed);
        assert_eq!(concerned(TemplateKey::PaymentReminder), ["PENDING_PAYMENT"]);
        assert_eq!(concerned(TemplateKey::ProductionStarted), ["PAID"]);
        assert_eq!(concerned(TemplateKey::ShipDateChanged), ["PENDING_PAYMENT", "PAID", "SHIPPING_SCHEDULED"]);
        assert_eq!(concerned(TemplateKey::OrderRefunded).len(), OrderStatus::ALL.len());
    }

    #[test]
    fn a_job_id_follows_from_event_channel_recipient_and_template() {
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
            name(Channel::Email, &Recipient::Account(CustomerId::parse("ann").unwrap()), TemplateKey::PaymentRequested),
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
