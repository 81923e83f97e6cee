//! Attempts to pay an order, and what becomes of their money.

mod refund;
mod task;

pub use refund::PendingRefund;
pub use task::{Task, TaskKind};

use crate::id::{CustomerId, OrderId, PaymentId};
use crate::money::{Cents, Currency};
use crate::{Invalid, Moment};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// How often one attempt's checkout can be opened. Each opening has its own trade number at the provider.
pub const CHECKOUT_ATTEMPTS_MAX: usize = 10;

/// How an order is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
    /// To an external system, which says on the bus what became of it.
    #[serde(alias = "OUTSIDE")]
    External,
}

impl PaymentMethod {
    /// Every method that a customer can choose.
    pub const ALL: [Self; 4] = [Self::Points, Self::Ecpay, Self::Newebpay, Self::LinePay];

    /// # Errors
    /// Names `field` unless the shop takes the method.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        Self::ALL.into_iter().find(|method| method.as_str() == text).ok_or_else(|| {
            Invalid::field(field, "must be a method that this shop takes: POINTS, ECPAY, NEWEBPAY, LINE_PAY")
        })
    }

    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Points => "POINTS",
            Self::Ecpay => "ECPAY",
            Self::Newebpay => "NEWEBPAY",
            Self::LinePay => "LINE_PAY",
            Self::External => "EXTERNAL",
        }
    }
}

/// Where an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentStatus {
    /// Begun; the provider has not said how it ended.
    Init,
    /// The money is here.
    Succeeded,
    /// The provider says no. A success may follow all the same.
    Failed,
    /// Nobody finished it. A success may follow all the same.
    Expired,
    /// Some of the money, or all of it, is to go back.
    RefundRequested,
    /// All the money went back.
    Refunded,
}

impl PaymentStatus {
    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Expired => "EXPIRED",
            Self::RefundRequested => "REFUND_REQUESTED",
            Self::Refunded => "REFUNDED",
        }
    }

    /// Whether the money was taken, whatever became of it since.
    pub const fn was_taken(self) -> bool {
        matches!(self, Self::Succeeded | Self::RefundRequested | Self::Refunded)
    }
}

/// One opening of the checkout: one trade in the provider's books.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutAttempt {
    /// The shop's own number for it: 20 characters of `A-Z0-9`, used once for ever.
    pub trade_no: String,
    /// The provider's number, where it gives one at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_no: Option<String>,
    /// Where the customer was sent, where that can be repeated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When, in milliseconds of the epoch.
    pub opened_at_ms: i64,
    /// Whether the provider said that it is over without money.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
}

/// The trade that brought the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// See [`CheckoutAttempt::trade_no`].
    pub trade_no: String,
    /// The provider's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_no: Option<String>,
    /// The number of the card's authorization, where the provider has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<String>,
    /// The way of paying, in the provider's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
}

/// How an attempt goes at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The unguessable part of its address.
    pub token: String,
    /// When the customer last did something about it.
    pub active_at: Moment,
    /// Every opening, oldest first.
    pub attempts: Vec<CheckoutAttempt>,
    /// The trade that brought the money.
    pub taken: Option<Taken>,
    /// When the shop last set out to take the money that the customer agreed to, for providers that wait for that.
    pub confirming_at: Option<Moment>,
}

impl Checkout {
    /// A checkout that was just made.
    pub const fn new(token: String, now: Moment) -> Self {
        Self { token, active_at: now, attempts: Vec::new(), taken: None, confirming_at: None }
    }

    /// The opening of this trade number.
    pub fn attempt(&self, trade_no: &str) -> Option<&CheckoutAttempt> {
        self.attempts.iter().find(|attempt| attempt.trade_no == trade_no)
    }

    /// The openings that may still bring money.
    pub fn open(&self) -> impl Iterator<Item = &CheckoutAttempt> {
        self.attempts.iter().filter(|attempt| !attempt.ended)
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
    /// How it goes at the provider; nothing for points.
    pub checkout: Option<Checkout>,
    /// How much of it is to have gone back in the end.
    pub refund_due: Cents,
    /// How much of it went back.
    pub refunded: Cents,
    /// What the provider was asked to give back and has not answered yet.
    pub pending_refund: Option<PendingRefund>,
    /// Why a machine cannot give the rest back, in the provider's code: an admin has to.
    pub manual_reason: Option<String>,
    /// When it is to be looked at again, if it is.
    pub next_check_at: Option<Moment>,
    /// How often it was looked at without a result.
    pub checks: u32,
    /// How often it changed; each change is conditional on the version it was decided on.
    pub version: u64,
    /// When it began.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

impl Payment {
    /// The same, one version on.
    #[must_use]
    pub fn next(self, now: Moment) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }

    /// Whether the customer may still be at it: begun, and not left alone for `live`.
    pub fn is_live(&self, now: Moment, live: SignedDuration) -> bool {
        let ours = self.checkout.as_ref().filter(|_| self.method != PaymentMethod::External);
        let active_at = ours.map(|checkout| checkout.active_at);
        self.status == PaymentStatus::Init && active_at.is_some_and(|at| now.duration_since(at) < live)
    }

    /// The attempt with its money here, by this trade.
    #[must_use]
    pub fn succeed(self, taken: Taken, now: Moment) -> Self {
        let checkout = self.checkout.clone().map(|checkout| Checkout { taken: Some(taken), ..checkout });
        Self { status: PaymentStatus::Succeeded, checkout, next_check_at: None, ..self }.next(now)
    }

    /// The attempt after the provider said that one of its trades came to nothing. It has failed once none is left; what
    /// succeeded before stays as it is.
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

    /// The attempt that nobody finished.
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

    /// 700.00 at ECPay, opened twice.
    pub(crate) fn payment() -> Payment {
        let begun = Moment::UNIX_EPOCH;
        let checkout = Checkout { attempts: vec![attempt("A"), attempt("B")], ..Checkout::new("t".to_owned(), now()) };
        Payment {
            id: PaymentId::new(Uuid::nil()),
            customer: CustomerId::parse("ann").unwrap(),
            order: OrderId::new(Uuid::nil()),
            method: PaymentMethod::Ecpay,
            status: PaymentStatus::Init,
            amount: Cents::new(70_000),
            currency: Currency::parse("TWD").unwrap(),
            checkout: Some(checkout),
            refund_due: Cents::ZERO,
            refunded: Cents::ZERO,
            pending_refund: None,
            manual_reason: None,
            next_check_at: Some(now()),
            checks: 2,
            version: 1,
            created_at: begun,
            updated_at: begun,
        }
    }

    #[test]
    fn a_method_is_one_that_the_shop_takes() {
        for method in PaymentMethod::ALL {
            assert_eq!(PaymentMethod::parse("method", method.as_str()), Ok(method));
        }
        for bad in ["", "points", "CASH"] {
            assert_eq!(PaymentMethod::parse("method", bad).unwrap_err().errors()[0].field, "method", "{bad}");
        }
    }

    #[test]
    fn money_that_was_taken_stays_taken_until_the_last_of_it_is_back() {
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
    fn an_attempt_lives_while_somebody_is_at_it() {
        let live = SignedDuration::from_mins(15);
        let after = |minutes| now().checked_add(SignedDuration::from_mins(minutes)).unwrap();
        assert!(payment().is_live(now(), live) && payment().is_live(after(14), live));
        assert!(!payment().is_live(after(15), live));
        assert!(!payment().expire(now()).is_live(now(), live));
        assert!(!Payment { checkout: None, ..payment() }.is_live(now(), live));
    }

    #[test]
    fn an_attempt_fails_once_none_of_its_openings_is_left() {
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
    fn a_success_follows_a_failure_and_no_failure_a_success() {
        let failed = payment().fail("A", now()).fail("B", now());
        let paid = failed.succeed(taken("B"), now());
        assert_eq!((paid.status, paid.version, paid.updated_at), (PaymentStatus::Succeeded, 4, now()));
        assert_eq!(paid.checkout.as_ref().unwrap().taken, Some(taken("B")));
        assert_eq!(paid.fail("A", now()).status, PaymentStatus::Succeeded);
        assert_eq!(payment().succeed(taken("A"), now()).next_check_at, None, "nobody has to ask any more");
    }

    #[test]
    fn what_nobody_finished_is_over() {
        let over = payment().expire(now());
        assert_eq!((over.status, over.next_check_at, over.version), (PaymentStatus::Expired, None, 2));
    }
}
