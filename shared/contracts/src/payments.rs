//! Bodies of the payment routes.

use domain::cart::{CartLine, LINES_MAX};
use domain::id::{OrderId, VariantId};
use domain::money::{Cents, ChargeUnit};
use domain::order::RefundWish;
use domain::payment::{Done, KeptTask, Payment, PaymentMethod};
use domain::quantity::Quantity;
use domain::text::Reason;
use domain::{Invalid, Moment, Refusal};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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

/// One attempt to pay an order, or to buy points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentView {
    /// The id.
    pub payment_id: String,
    /// `ORDER` or `POINTS`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PaymentPurpose))]
    pub purpose: String,
    /// The order; a payment of points has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
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
    /// The absolute URL at which the customer pays; present while the checkout is active. It needs no token: anyone who has
    /// it can open it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checkout_url: Option<String>,
    /// The absolute URL of the shop page to which the provider returns the customer's browser: the page of the order, or of
    /// the points, with this payment's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_url: Option<String>,
    /// The amount refunded so far, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refunded_cents: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's own signature")]
const fn is_zero(cents: &i64) -> bool {
    *cents == 0
}

impl PaymentView {
    /// A payment with its checkout, if it lives, and its way back to the shop.
    pub fn with_checkout(payment: &Payment, links: Links<'_>, live: SignedDuration, now: Moment) -> Self {
        let checkout_url = links.checkout(payment).filter(|_| payment.is_live(now, live));
        Self { checkout_url, return_url: Some(links.back_to_the_shop(payment)), ..Self::from(payment) }
    }
}

/// The addresses that a payment's customer meets.
#[derive(Debug, Clone, Copy)]
pub struct Links<'l> {
    /// `https://` and the API's host.
    pub api: &'l str,
    /// The shop's front end.
    pub shop: &'l str,
}

impl Links<'_> {
    /// The absolute URL at which the customer's browser starts the payment.
    pub fn checkout(&self, payment: &Payment) -> Option<String> {
        let token = &payment.checkout.as_ref()?.token;
        Some(format!("{}{}/payments/{}/checkout?token={token}", self.api, crate::routes::BASE, payment.id))
    }

    /// The absolute URL to which a provider returns the browser with a form. The API answers with a redirect to the shop.
    pub fn return_from_provider(&self, payment: &Payment) -> Option<String> {
        self.checkout(payment).map(|url| url + "&returned=true")
    }

    /// The order, or the points, on the shop's page, with the payment named.
    pub fn back_to_the_shop(&self, payment: &Payment) -> String {
        let shop = self.shop.trim_end_matches('/');
        match payment.order {
            Some(order) => format!("{shop}/orders/{order}?payment={}", payment.id),
            None => format!("{shop}/points?payment={}", payment.id),
        }
    }
}

impl From<&Payment> for PaymentView {
    fn from(payment: &Payment) -> Self {
        Self {
            payment_id: payment.id.to_string(),
            purpose: payment.purpose().as_str().to_owned(),
            order_id: payment.order.map(|order| order.to_string()),
            method: payment.method.as_str().to_owned(),
            status: payment.status.as_str().to_owned(),
            amount_cents: payment.amount.get(),
            currency: payment.currency.to_string(),
            checkout_url: None,
            return_url: None,
            refunded_cents: payment.refunded.get(),
        }
    }
}

/// The admin's view of one attempt to pay an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AttemptView {
    /// The payment id.
    pub payment_id: String,
    /// The payment method.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PaymentMethod))]
    pub method: String,
    /// `INIT`, `SUCCEEDED`, `FAILED`, `EXPIRED`, `REFUND_REQUESTED` or `REFUNDED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PaymentStatus))]
    pub status: String,
    /// The amount, in the currency's minor unit.
    pub amount_cents: i64,
    /// The provider's number of the trade that brought the money, where it gave one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_payment_id: Option<String>,
    /// The amount refunded so far, in the currency's minor unit.
    pub refunded_cents: i64,
    /// The time at which the payment was begun.
    pub created_at: Timestamp,
    /// The provider's results, oldest first.
    pub events: Vec<ProviderEventView>,
}

impl AttemptView {
    /// An attempt with what its provider said.
    pub fn new(payment: &Payment, events: Vec<ProviderEventView>) -> Self {
        let taken = payment.checkout.as_ref().and_then(|checkout| checkout.taken.as_ref());
        Self {
            payment_id: payment.id.to_string(),
            method: payment.method.as_str().to_owned(),
            status: payment.status.as_str().to_owned(),
            amount_cents: payment.amount.get(),
            provider_payment_id: taken.and_then(|taken| taken.provider_no.clone()),
            refunded_cents: payment.refunded.get(),
            created_at: payment.created_at,
            events,
        }
    }
}

/// One result that a provider reported about a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderEventView {
    /// `AUTHORIZE`, `CAPTURE` or `REFUND`.
    pub action: String,
    /// `OK`, `NG` or `WAITING`.
    pub result: String,
    /// The time of the report.
    pub at: Timestamp,
    /// The shop's trade number; only with the payment itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trade_no: Option<String>,
    /// The provider's code; only with the payment itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The fields of the provider's report, without card data; only in the response for a single payment.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub raw: BTreeMap<String, String>,
}

/// `GET /admin/payments/{payment_id}`: an attempt to pay an order, or to buy points, with its provider's reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminPaymentView {
    /// The fields that the order's list of payment attempts has, too.
    #[serde(flatten)]
    pub attempt: AttemptView,
    /// `ORDER` or `POINTS`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PaymentPurpose))]
    pub purpose: String,
    /// The order; a payment of points has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The customer.
    pub customer_id: String,
    /// The currency (ISO 4217).
    pub currency: String,
    /// The total amount to refund, in the currency's minor unit.
    pub refund_due_cents: i64,
    /// The reason why an admin has to make the refund; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manual_reason: Option<String>,
    /// The time of the next status request to the provider; absent if none is planned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_check_at: Option<Timestamp>,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

impl AdminPaymentView {
    /// A payment with what its provider said.
    pub fn new(payment: &Payment, events: Vec<ProviderEventView>) -> Self {
        Self {
            attempt: AttemptView::new(payment, events),
            purpose: payment.purpose().as_str().to_owned(),
            order_id: payment.order.map(|order| order.to_string()),
            customer_id: payment.customer.to_string(),
            currency: payment.currency.to_string(),
            refund_due_cents: payment.refund_due.get(),
            manual_reason: payment.manual_reason.clone(),
            next_check_at: payment.next_check_at,
            updated_at: payment.updated_at,
        }
    }
}

/// `POST /admin/orders/{order_id}/refund`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefundOrder {
    /// The amount, in the currency's minor unit; a multiple of the charge unit. By default what `lines` and `shipping_fee`
    /// say; without them everything that is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 500_000_000_000_i64))]
    pub amount_cents: Option<i64>,
    /// Pieces to refund at their price less their part of the discount: each variant once, at most 50.
    #[serde(default, deserialize_with = "crate::object::objects", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(max_items = 50))]
    pub lines: Vec<RefundLine>,
    /// Whether the delivery fee is refunded, too; default `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping_fee: Option<bool>,
    /// The reason, 1 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reason: String,
}

/// Pieces of one variant of the order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefundLine {
    /// The variant.
    pub variant_id: String,
    /// The quantity, 1 to 99 pieces; at most what was ordered.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99))]
    pub quantity: i64,
}

impl RefundOrder {
    /// # Errors
    /// [`Refusal::Invalid`] for each invalid field, and for an amount together with a part; [`Refusal::VariantNotFound`]
    /// for a malformed id.
    pub fn parse(&self, unit: ChargeUnit) -> Result<(RefundWish, Reason), Refusal> {
        let reason = Reason::parse("reason", &self.reason)?;
        let shipping_fee = self.shipping_fee.unwrap_or_default();
        let is_part = shipping_fee || !self.lines.is_empty();
        let wish = match self.amount_cents {
            Some(_) if is_part => {
                return Err(Invalid::field("amount_cents", "must not be combined with lines or shipping_fee").into());
            }
            Some(cents) => RefundWish::Amount(refunded_amount(cents, unit)?),
            None if is_part => RefundWish::Part { lines: self.parse_lines()?, shipping_fee },
            None => RefundWish::Rest,
        };
        Ok((wish, reason))
    }

    fn parse_lines(&self) -> Result<Vec<CartLine>, Refusal> {
        if self.lines.len() > LINES_MAX {
            return Err(Invalid::field("lines", format!("must have at most {LINES_MAX} lines")).into());
        }
        let mut lines: Vec<CartLine> = Vec::new();
        for (n, line) in self.lines.iter().enumerate() {
            let variant = VariantId::parse(&line.variant_id).ok_or(Refusal::VariantNotFound)?;
            if lines.iter().any(|known| known.variant == variant) {
                return Err(Invalid::field(format!("lines[{n}].variant_id"), "must be named once").into());
            }
            let quantity = Quantity::parse(&format!("lines[{n}].quantity"), line.quantity)?;
            lines.push(CartLine { variant, quantity });
        }
        Ok(lines)
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
    /// A description of the refund, for example the number of the bank transfer; 1 to 200 characters.
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

/// `POST /admin/payment-tasks/{task_id}/done`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FinishPaymentTask {
    /// A note on the work that was done, 1 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub note: String,
}

impl FinishPaymentTask {
    /// # Errors
    /// [`domain::Invalid`] for `note`.
    pub fn parse(&self) -> Result<Reason, domain::Invalid> {
        Reason::parse("note", &self.note)
    }
}

/// A task for admins about a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentTaskView {
    /// The id.
    pub task_id: String,
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
    /// The instruction for the admin, in English.
    pub to_do: String,
    /// Whether nothing is left to do: an admin has completed the task, or the task is only a notice.
    pub done: bool,
    /// The time.
    pub at: Timestamp,
    /// The time at which an admin completed the task; absent before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Timestamp>,
    /// The id of the admin who completed the task; absent before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_by: Option<String>,
    /// The admin's note on the completed task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl From<&KeptTask> for PaymentTaskView {
    fn from(kept: &KeptTask) -> Self {
        let KeptTask { id, task, done } = kept;
        Self {
            to_do: task.kind.instruction().to_owned(),
            done: kept.is_done(),
            task_id: id.clone(),
            kind: task.kind.as_str().to_owned(),
            method: task.method.as_str().to_owned(),
            payment_id: task.payment_id.map(|id| id.to_string()),
            order_id: task.order_id.map(|id| id.to_string()),
            trade_no: task.trade_no.clone(),
            provider_no: task.provider_no.clone(),
            amount_cents: task.amount_cents.map(Cents::get),
            why: task.why.clone(),
            at: task.at(),
            done_at: done.as_ref().map(Done::at),
            done_by: done.as_ref().map(|done| done.by.to_string()),
            note: done.as_ref().map(|done| done.note.to_string()),
        }
    }
}
