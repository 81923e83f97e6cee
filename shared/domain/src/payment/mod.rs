//! Payments: attempts to pay an order at a provider or with points, and their refunds.

mod refund;
mod task;

pub use refund::PendingRefund;
pub use task::{Task, TaskKind};

use crate::id::{CustomerId, OrderId, PaymentId};
use crate::money::{Cents, Currency};
use crate::{Invalid, Moment};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The maximum number of checkout attempts of one payment. Each has its own trade number at the provider.
pub const CHECKOUT_ATTEMPTS_MAX: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum PaymentMethod {
    /// With the customer's points, immediately.
    Points,
    /// On ECPay's page.
    Ecpay,
    /// On NewebPay's page.
    Newebpay,
    /// With LINE Pay.
    LinePay,
    /// In an external payment system, which reports the result on the event bus (docs/integration-points.md).
    #[serde(alias = "OUTSIDE")]
    External,
}

impl PaymentMethod {
    /// The methods that a customer can choose.
    pub const ALL: [Self; 4] = [Self::Points, Self::Ecpay, Self::Newebpay, Self::LinePay];

    /// # Errors
    /// [`Invalid`] for `field` unless it is one of [`PaymentMethod::ALL`].
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or_else(|| Invalid::field(field, "must be POINTS, ECPAY, NEWEBPAY or LINE_PAY"))
    }

    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}

/// The status of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum PaymentStatus {
    /// Started; the provider has not reported a result.
    Init,
    /// The money was taken.
    Succeeded,
    /// The provider declined. A success may still follow.
    Failed,
    /// The customer did not finish the checkout. A success may still follow.
    Expired,
    /// A refund of some or all of the money is due.
    RefundRequested,
    /// All the money was refunded.
    Refunded,
}

impl PaymentStatus {
    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// Whether the money was taken, even if it was refunded since.
    pub const fn was_taken(self) -> bool {
        matches!(self, Self::Succeeded | Self::RefundRequested | Self::Refunded)
    }
}

/// A checkout attempt: one trade at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutAttempt {
    /// The shop's trade number: 20 characters of `A-Z0-9`, never reused.
    pub trade_no: String,
    /// The provider's number, if it assigns one at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_no: Option<String>,
    /// The address that the customer was redirected to, if the redirect can be repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// In milliseconds since the Unix epoch.
    pub opened_at_ms: i64,
    /// Whether the provider reported that the attempt ended without money.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
}

/// The trade by which the money was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub trade_no: String,
    /// The provider's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_no: Option<String>,
    /// The number of the card authorization, if the provider has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<String>,
    /// The means of payment, as the provider names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
}

/// The checkout of a payment at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The secret part of the checkout URL.
    pub token: String,
    /// When the customer last acted on the checkout.
    pub active_at: Moment,
    /// Oldest first.
    pub attempts: Vec<CheckoutAttempt>,
    /// The trade by which the money was taken.
    pub taken: Option<Taken>,
    /// When the shop last started to confirm the payment, for providers that need a confirmation.
    pub confirming_at: Option<Moment>,
}

impl Checkout {
    pub const fn new(token: String, now: Moment) -> Self {
        Self { token, active_at: now, attempts: Vec::new(), taken: None, confirming_at: None }
    }

    /// The attempt with this trade number.
    pub fn attempt(&self, trade_no: &str) -> Option<&CheckoutAttempt> {
        self.attempts.iter().find(|attempt| attempt.trade_no == trade_no)
    }

    /// The attempts that may still succeed.
    pub fn open(&self) -> impl Iterator<Item = &CheckoutAttempt> {
        self.attempts.iter().filter(|attempt| !attempt.ended)
    }
}

/// One attempt to pay one order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    pub customer: CustomerId,
    pub order: OrderId,
    pub method: PaymentMethod,
    pub status: PaymentStatus,
    pub amount: Cents,
    pub currency: Currency,
    /// The checkout at the provider; `None` for points.
    pub checkout: Option<Checkout>,
    /// The total amount that is to be refunded.
    pub refund_due: Cents,
    /// The amount refunded so far.
    pub refunded: Cents,
    /// The refund that the provider was asked for, until its result is known.
    pub pending_refund: Option<PendingRefund>,
    /// Why the provider cannot make the refund (its code), so that an admin has to make it manually.
    pub manual_reason: Option<String>,
    /// When the reconciliation checks the payment next at the provider; `None` when no check is due.
    pub next_check_at: Option<Moment>,
    /// Checks so far without a result.
    pub checks: u32,
    /// Incremented by every change. A write is conditional on the version that the decision was based on (optimistic
    /// locking).
    pub version: u64,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// The amount that a payment has to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmountDue {
    pub customer: CustomerId,
    pub order: OrderId,
    pub amount: Cents,
    pub currency: Currency,
}

impl Payment {
    /// A payment that has just been started, without a checkout.
    pub fn new(id: PaymentId, due: AmountDue, method: PaymentMethod, now: Moment) -> Self {
        Self {
            id,
            customer: due.customer,
            order: due.order,
            method,
            status: PaymentStatus::Init,
            amount: due.amount,
            currency: due.currency,
            checkout: None,
            refund_due: Cents::ZERO,
            refunded: Cents::ZERO,
            pending_refund: None,
            manual_reason: None,
            next_check_at: None,
            checks: 0,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// What the payment pays, for another payment of the same order.
    pub fn amount_due(&self) -> AmountDue {
        AmountDue { customer: self.customer.clone(), order: self.order, amount: self.amount, currency: self.currency }
    }

    /// The payment with its version incremented.
    #[must_use]
    pub fn next(self, now: Moment) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }

    /// Whether the customer may still be paying: INIT, and active within `live`.
    pub fn is_live(&self, now: Moment, live: SignedDuration) -> bool {
        let ours = self.checkout.as_ref().filter(|_| self.method != PaymentMethod::External);
        let active_at = ours.map(|checkout| checkout.active_at);
        self.status == PaymentStatus::Init && active_at.is_some_and(|at| now.duration_since(at) < live)
    }

    /// Marks the payment as succeeded by this trade.
    #[must_use]
    pub fn succeed(self, taken: Taken, now: Moment) -> Self {
        let checkout = self.checkout.clone().map(|checkout| Checkout { taken: Some(taken), ..checkout });
        Self { status: PaymentStatus::Succeeded, checkout, next_check_at: None, ..self }.next(now)
    }

    /// Ends the attempt with this trade number. The payment becomes FAILED when no attempt is open; a payment that has
    /// succeeded stays as it is.
    #[must_use]
    pub fn fail(self, trade_no: &str, now: Moment) -> Self {
        let mut payment = self.next(now);
        if let Some(checkout) = &mut payment.checkout {
            for attempt in checkout.attempts.iter_mut().filter(|attempt| attempt.trade_no == trade_no) {
                attempt.ended = true;
            }
            if payment.status == PaymentStatus::Init && checkout.open().next().is_none() {
                payment.status = PaymentStatus::Failed;
                payment.next_check_at = None;
            }
        }
        payment
    }

    /// Marks the abandoned payment as expired.
    #[must_use]
    pub fn expire(self, now: Moment) -> Self {
        Self { status: PaymentStatus::Expired, next_check_at: None, ..self }.next(now)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use uuid::Uuid;

    pub(crate) fn now() -> Moment {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    fn attempt(trade_no: &str) -> CheckoutAttempt {
        CheckoutAttempt { trade_no: trade_no.to_owned(), provider_no: None, url: None, opened_at_ms: 0, ended: false }
    }

    pub(crate) fn taken(trade_no: &str) -> Taken {
        Taken { trade_no: trade_no.to_owned(), provider_no: None, authorization: None, way: None }
    }

    /// 700.00 at ECPay, with two checkout attempts.
    pub(crate) fn payment() -> Payment {
        let checkout = Checkout { attempts: vec![attempt("A"), attempt("B")], ..Checkout::new("t".to_owned(), now()) };
        let due = AmountDue {
            customer: CustomerId::parse("ann").unwrap(),
            order: OrderId::new(Uuid::nil()),
            amount: Cents::new(70_000),
            currency: Currency::parse("TWD").unwrap(),
        };
        let started = Payment::new(PaymentId::new(Uuid::nil()), due, PaymentMethod::Ecpay, Moment::UNIX_EPOCH);
        Payment { checkout: Some(checkout), next_check_at: Some(now()), checks: 2, ..started }
    }

    #[test]
    fn an_unknown_payment_method_is_refused() {
        for method in PaymentMethod::ALL {
            assert_eq!(PaymentMethod::parse("method", method.as_str()), Ok(method));
        }
        for bad in ["", "points", "CASH"] {
            assert_eq!(PaymentMethod::parse("method", bad).unwrap_err().errors()[0].field, "method", "{bad}");
        }
    }

    #[test]
    fn a_payment_was_taken_from_its_success_on() {
        use PaymentStatus::{Expired, Failed, Init, RefundRequested, Refunded, Succeeded};
        for (status, was_taken) in [
            (Init, false),
            (Failed, false),
            (Expired, false),
            (Succeeded, true),
            (RefundRequested, true),
            (Refunded, true),
        ] {
            assert_eq!(status.was_taken(), was_taken, "{status:?}");
        }
    }

    #[test]
    fn a_payment_is_live_while_its_checkout_is_active() {
        let live = SignedDuration::from_mins(15);
        let after = |minutes| now().checked_add(SignedDuration::from_mins(minutes)).unwrap();
        assert!(payment().is_live(now(), live) && payment().is_live(after(14), live));
        assert!(!payment().is_live(after(15), live));
        assert!(!payment().expire(now()).is_live(now(), live));
        assert!(!Payment { checkout: None, ..payment() }.is_live(now(), live));
    }

    #[test]
    fn a_payment_fails_when_no_checkout_attempt_is_open() {
        let one = payment().fail("A", now());
        assert_eq!((one.status, one.next_check_at, one.version), (PaymentStatus::Init, Some(now()), 2));
        let checkout = one.checkout.as_ref().unwrap();
        assert!(checkout.attempt("A").unwrap().ended && !checkout.attempt("B").unwrap().ended);
        assert_eq!(checkout.open().count(), 1);
        let both = one.fail("B", now());
        assert_eq!((both.status, both.next_check_at, both.version), (PaymentStatus::Failed, None, 3));
        assert_eq!(payment().fail("C", now()).status, PaymentStatus::Init, "a trade of somebody else");
    }

    #[test]
    fn a_success_can_follow_a_failure_but_not_the_reverse() {
        let failed = payment().fail("A", now()).fail("B", now());
        let paid = failed.succeed(taken("B"), now());
        assert_eq!((paid.status, paid.version, paid.updated_at), (PaymentStatus::Succeeded, 4, now()));
        assert_eq!(paid.checkout.as_ref().unwrap().taken, Some(taken("B")));
        assert_eq!(paid.fail("A", now()).status, PaymentStatus::Succeeded);
        assert_eq!(payment().succeed(taken("A"), now()).next_check_at, None, "nobody has to ask any more");
    }

    #[test]
    fn an_abandoned_payment_expires() {
        let over = payment().expire(now());
        assert_eq!((over.status, over.next_check_at, over.version), (PaymentStatus::Expired, None, 2));
    }
}
