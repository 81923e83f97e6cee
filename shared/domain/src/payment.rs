//! Attempts to pay an order.

use crate::id::{CustomerId, OrderId, PaymentId};
use crate::money::{Cents, Currency};
use crate::{Invalid, Moment};
use serde::{Deserialize, Serialize};

/// How an order is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentMethod {
    /// With the customer's stored credit, at once.
    Points,
    /// On ECPay's page.
    Ecpay,
    /// On NewebPay's page.
    Newebpay,
    /// With LINE Pay.
    LinePay,
}

impl PaymentMethod {
    /// # Errors
    /// Names `field` unless the shop takes the method.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        match text {
            "POINTS" => Ok(Self::Points),
            _ => Err(Invalid::field(field, "must be a method that this shop takes: POINTS")),
        }
    }

    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Points => "POINTS",
        }
    }
}

/// Where an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// The money is here.
    Succeeded,
    /// The money is to go back.
    RefundRequested,
    /// The money went back.
    Refunded,
}

impl PaymentStatus {
    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::RefundRequested => "REFUND_REQUESTED",
            Self::Refunded => "REFUNDED",
        }
    }
}

/// One attempt to pay one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// Whose.
    pub customer: CustomerId,
    /// For which order.
    pub order: OrderId,
    /// How.
    pub method: PaymentMethod,
    /// Where it is.
    pub status: PaymentStatus,
    /// How much.
    pub amount: Cents,
    /// In which currency.
    pub currency: Currency,
    /// When it began.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}
