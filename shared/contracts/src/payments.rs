//! Bodies of the payments' routes.

use domain::Refusal;
use domain::id::OrderId;
use domain::payment::{Payment, PaymentMethod};
use serde::{Deserialize, Serialize};

/// `POST /payments`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PayOrder {
    /// Which order, one of the customer's.
    pub order_id: String,
    /// `POINTS`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PaymentMethod))]
    pub method: String,
}

impl PayOrder {
    /// # Errors
    /// Names `method`; [`Refusal::OrderNotFound`] for an id that names nothing.
    pub fn parse(&self) -> Result<(OrderId, PaymentMethod), Refusal> {
        let method = PaymentMethod::parse("method", &self.method)?;
        Ok((OrderId::parse(&self.order_id).ok_or(Refusal::OrderNotFound)?, method))
    }
}

/// One attempt to pay an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentView {
    /// Its id.
    pub payment_id: String,
    /// For which order.
    pub order_id: String,
    /// How.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PaymentMethod))]
    pub method: String,
    /// `SUCCEEDED`, `REFUND_REQUESTED` or `REFUNDED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PaymentStatus))]
    pub status: String,
    /// How much, in the currency's minor unit.
    pub amount_cents: i64,
    /// The currency.
    pub currency: String,
}

impl From<&Payment> for PaymentView {
    fn from(payment: &Payment) -> Self {
        Self {
            payment_id: payment.id.to_string(),
            order_id: payment.order.to_string(),
            method: payment.method.as_str().to_owned(),
            status: payment.status.as_str().to_owned(),
            amount_cents: payment.amount.get(),
            currency: payment.currency.to_string(),
        }
    }
}
