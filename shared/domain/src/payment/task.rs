//! What an admin has to know or to do about money.

use super::PaymentMethod;
use crate::Moment;
use crate::id::{OrderId, PaymentId};
use crate::money::Cents;
use serde::{Deserialize, Serialize};

/// Why an admin is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskKind {
    /// Money came after the order had ended, and the order is served all the same.
    LateServed,
    /// Money came after the order had ended and goes back by itself.
    LateRefunded,
    /// Money came for an order that other money had paid, and goes back by itself.
    PaidTwice,
    /// A well-signed message about a trade that the shop does not know.
    UnknownTrade,
    /// A well-signed message whose merchant, provider, amount or currency is not the payment's.
    Mismatch,
    /// Somebody at the provider's desk pretended a payment: no money has moved.
    Simulated,
    /// A machine cannot give the money back.
    #[serde(alias = "REFUND_BY_HAND")]
    ManualRefund,
    /// An admin gave it back.
    #[serde(alias = "REFUNDED_BY_HAND")]
    ManuallyRefunded,
}

impl TaskKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::LateServed,
        Self::LateRefunded,
        Self::PaidTwice,
        Self::UnknownTrade,
        Self::Mismatch,
        Self::Simulated,
        Self::ManualRefund,
        Self::ManuallyRefunded,
    ];

    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LateServed => "LATE_SERVED",
            Self::LateRefunded => "LATE_REFUNDED",
            Self::PaidTwice => "PAID_TWICE",
            Self::UnknownTrade => "UNKNOWN_TRADE",
            Self::Mismatch => "MISMATCH",
            Self::Simulated => "SIMULATED",
            Self::ManualRefund => "MANUAL_REFUND",
            Self::ManuallyRefunded => "MANUALLY_REFUNDED",
        }
    }
}

/// One thing that an admin has to know or to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Why.
    pub kind: TaskKind,
    /// At which provider.
    pub method: PaymentMethod,
    /// About which payment, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<PaymentId>,
    /// Of which order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<OrderId>,
    /// The shop's number of the trade, as the provider said it.
    pub trade_no: String,
    /// The provider's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_no: Option<String>,
    /// How much it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_cents: Option<Cents>,
    /// What is wrong, in a word or the provider's code; of money that was given back by hand, how.
    pub why: String,
    /// When, in milliseconds of the epoch.
    pub at_ms: i64,
}

impl Task {
    /// When.
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
