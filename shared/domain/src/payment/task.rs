//! Payment tasks: what admins have to know or to do about payments.

use super::PaymentMethod;
use crate::id::{CustomerId, OrderId, PaymentId};
use crate::money::Cents;
use crate::text::Reason;
use crate::{Invalid, Moment, enum_text};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The kind of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum TaskKind {
    /// Money arrived after the order had ended, and the order is fulfilled anyway.
    LateServed,
    /// Money arrived after the order had ended, or for points that the balance has no room for, and is refunded
    /// automatically.
    LateRefunded,
    /// Money arrived for an order that was already paid; it is refunded automatically.
    PaidTwice,
    /// A message with a valid signature about an unknown trade number.
    UnknownTrade,
    /// A message with a valid signature whose merchant, provider, amount or currency differs from the payment.
    Mismatch,
    /// A payment that was simulated in the provider's merchant console: no money was moved.
    Simulated,
    /// The provider cannot make the refund; an admin has to.
    #[serde(alias = "REFUND_BY_HAND")]
    ManualRefund,
    /// An admin recorded a manual refund.
    #[serde(alias = "REFUNDED_BY_HAND")]
    ManuallyRefunded,
    /// The provider has given no definite result for a trade during the time in which the shop looks it up.
    Unclear,
}

impl TaskKind {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// # Errors
    /// [`Invalid`] for `field` when `text` is not one of the values.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        enum_text::parse(field, text)
    }

    /// The instruction for the admin.
    pub const fn instruction(self) -> &'static str {
        match self {
            Self::LateServed => {
                "Nothing. The money arrived after the order had ended, and the order is fulfilled anyway."
            }
            Self::LateRefunded => {
                "Nothing. The money arrived after the order had ended, or for points that the balance has no room for, and is \
                 refunded automatically."
            }
            Self::PaidTwice => {
                "Nothing. The order or the points were already paid, and this money is refunded automatically."
            }
            Self::UnknownTrade => {
                "Look up the trade number in the provider's merchant console. The shop has no payment with this number: if \
                 the provider took money, refund it there. Then mark this task as done."
            }
            Self::Mismatch => {
                "Compare the trade in the provider's merchant console with the payment: `why` names the difference, and nothing \
                 was booked. If the provider took money, refund it there."
            }
            Self::Simulated => {
                "Nothing. The payment was simulated in the provider's merchant console; no money was moved."
            }
            Self::ManualRefund => {
                "The provider's API cannot make this refund: `why` has the reason. Refund the amount in the provider's merchant \
                 console or by bank transfer, then record the manual refund of the payment and mark this task as done."
            }
            Self::ManuallyRefunded => "Nothing. An admin has made and recorded this refund: `why` describes it.",
            Self::Unclear => {
                "The provider has not said whether it took the money. Look up the trade number in its merchant console, and \
                 refund the money there if it was taken."
            }
        }
    }

    /// Whether an admin has to do something. The others are notices, and count as done.
    pub const fn needs_action(self) -> bool {
        matches!(self, Self::UnknownTrade | Self::Mismatch | Self::ManualRefund | Self::Unclear)
    }

    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}

/// One task of an admin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub kind: TaskKind,
    pub method: PaymentMethod,
    /// The payment, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<PaymentId>,
    /// The order, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// The shop's trade number, as the provider reported it.
    pub trade_no: String,
    /// The provider's trade number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_no: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_cents: Option<Cents>,
    /// A reason code, or the provider's code; for a manual refund, its description.
    pub why: String,
    /// In milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// An admin's note that a task is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// In milliseconds since the Unix epoch.
    pub at_ms: i64,
    pub by: CustomerId,
    pub note: Reason,
}

impl Done {
    pub fn at(&self) -> Moment {
        Moment::from_millisecond(self.at_ms).unwrap_or_default()
    }
}

/// A task as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTask {
    /// The time in milliseconds and the transaction that added the task: `1795262400123.019aa3f5-…`.
    pub id: String,
    pub task: Task,
    /// `None` until an admin has completed the task.
    pub done: Option<Done>,
}

impl KeptTask {
    /// Whether nothing is left to do: the task is done, or is only a notice.
    pub const fn is_done(&self) -> bool {
        self.done.is_some() || !self.task.kind.needs_action()
    }
}

/// A filter for tasks: a condition that is `None` excludes nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskFilter {
    pub kind: Option<TaskKind>,
    pub done: Option<bool>,
}

impl TaskFilter {
    pub fn matches(&self, kept: &KeptTask) -> bool {
        self.kind.is_none_or(|kind| kept.task.kind == kind) && self.done.is_none_or(|done| kept.is_done() == done)
    }
}

impl Task {
    pub fn at(&self) -> Moment {
        Moment::from_millisecond(self.at_ms).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_has_its_time_in_milliseconds() {
        let task = Task {
            kind: TaskKind::Mismatch,
            method: PaymentMethod::Ecpay,
            payment_id: None,
            order_id: None,
            trade_no: "A".to_owned(),
            provider_no: None,
            amount_cents: None,
            why: "amount".to_owned(),
            at_ms: 1_795_262_400_123,
        };
        assert_eq!(task.at().as_millisecond(), task.at_ms);
    }
}
