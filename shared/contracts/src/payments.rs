//! Bodies of the payment routes.

use domain::id::OrderId;
use domain::money::{Cents, ChargeUnit};
use domain::payment::{Payment, PaymentMethod, Task};
use domain::text::Reason;
use domain::{Invalid, Moment, Refusal};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// `POST /payments`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PayOrder {
    /// The order, one of the customer's.
    pub order_id: String,
    /// `POINTS`, `ECPAY`, `NEWEBPAY` or `LINE_PAY`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::OfferedPaymentMethod))]
    pub method: String,
}

impl PayOrder {
    /// # Errors
    /// [`Refusal::Invalid`] for `method`; [`Refusal::OrderNotFound`] for a malformed order id.
    pub fn parse(&self) -> Result<(OrderId, PaymentMethod), Refusal> {
        let method = PaymentMethod::parse("method", &self.method)?;
        Ok((OrderId::parse(&self.order_id).ok_or(Refusal::OrderNotFound)?, method))
    }
}

/// One attempt to pay an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentView {
    /// The id.
    pub payment_id: String,
    /// The order.
    pub order_id: String,
    /// The payment method.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PaymentMethod))]
    pub method: String,
    /// `INIT`, `SUCCEEDED`, `FAILED`, `EXPIRED`, `REFUND_REQUESTED` or `REFUNDED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PaymentStatus))]
    pub status: String,
    /// The amount, in the currency's minor unit.
    pub amount_cents: i64,
    /// The currency (ISO 4217).
    pub currency: String,
    /// Where the customer's browser pays, while the checkout is active. Anyone with the URL can open it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout_url: Option<String>,
    /// The amount refunded so far, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refunded_cents: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's own signature")]
const fn is_zero(cents: &i64) -> bool {
    *cents == 0
}

impl PaymentView {
    /// A payment; with its checkout URL below `base` (`https://` and a host) while the checkout is active.
    pub fn with_checkout(payment: &Payment, base: &str, live: SignedDuration, now: Moment) -> Self {
        let checkout = payment.checkout.as_ref().filter(|_| payment.is_live(now, live));
        let routes = crate::routes::BASE;
        let checkout_url =
            checkout.map(|open| format!("{base}{routes}/payments/{}/checkout?token={}", payment.id, open.token));
        Self { checkout_url, ..Self::from(payment) }
    }
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
            checkout_url: None,
            refunded_cents: payment.refunded.get(),
        }
    }
}

/// `POST /admin/orders/{order_id}/refund`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefundOrder {
    /// The amount, in the currency's minor unit; a multiple of the charge unit. By default everything that is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 500_000_000_000_i64))]
    pub amount_cents: Option<i64>,
    /// The reason, 1 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reason: String,
}

impl RefundOrder {
    /// # Errors
    /// [`Refusal::Invalid`] for `amount_cents` or `reason`.
    pub fn parse(&self, unit: ChargeUnit) -> Result<(Option<Cents>, Reason), Refusal> {
        let amount = self.amount_cents.map(|cents| refunded_amount(cents, unit)).transpose()?;
        Ok((amount, Reason::parse("reason", &self.reason)?))
    }
}

/// An amount that a provider could have charged.
fn refunded_amount(cents: i64, unit: ChargeUnit) -> Result<Cents, Refusal> {
    let amount = Cents::new(cents);
    let is_sound = cents > 0 && unit.floor(amount) == amount;
    is_sound
        .then_some(amount)
        .ok_or_else(|| Invalid::field("amount_cents", format!("must be a positive multiple of {}", unit.get())).into())
}

/// `POST /admin/payments/{payment_id}/manual-refund`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordRefund {
    /// The amount of the manual refund, in the currency's minor unit; exactly what was owed.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 500_000_000_000_i64))]
    pub amount_cents: i64,
    /// How it was made, for example the number of the bank transfer; 1 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub how: String,
}

impl RecordRefund {
    /// # Errors
    /// [`Refusal::Invalid`] for `amount_cents` or `how`.
    pub fn parse(&self, unit: ChargeUnit) -> Result<(Cents, Reason), Refusal> {
        let amount = refunded_amount(self.amount_cents, unit)?;
        Ok((amount, Reason::parse("how", &self.how)?))
    }
}

/// A task for admins about a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentTaskView {
    /// The kind of task.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::TaskKind))]
    pub kind: String,
    /// The payment method.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PaymentMethod))]
    pub method: String,
    /// The payment, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
    /// The order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The shop's trade number.
    pub trade_no: String,
    /// The provider's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_no: Option<String>,
    /// The amount, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_cents: Option<i64>,
    /// A reason code, or the provider's code.
    pub why: String,
    /// The time.
    pub at: Timestamp,
}

impl From<&Task> for PaymentTaskView {
    fn from(task: &Task) -> Self {
        Self {
            kind: task.kind.as_str().to_owned(),
            method: task.method.as_str().to_owned(),
            payment_id: task.payment_id.map(|id| id.to_string()),
            order_id: task.order_id.map(|id| id.to_string()),
            trade_no: task.trade_no.clone(),
            provider_no: task.provider_no.clone(),
            amount_cents: task.amount_cents.map(Cents::get),
            why: task.why.clone(),
            at: task.at(),
        }
    }
}
