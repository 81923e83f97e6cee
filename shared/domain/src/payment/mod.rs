//! Attempts to pay an order or to buy points, and what becomes of their money.

mod checkout;
mod method;
mod refund;
mod task;

pub use checkout::{CHECKOUT_ATTEMPTS_MAX, Checkout, CheckoutAttempt, Round, Taken, TradeState};
pub use method::{ChargeRange, ChargeRanges, PaymentMethod};
pub use refund::{PendingRefund, REFUND_REFUSALS_MAX};
pub use task::{Done, KeptTask, Task, TaskFilter, TaskKind};

use crate::Moment;
use crate::id::{CustomerId, OrderId, PaymentId};
use crate::money::{Cents, Currency};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// Where an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
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
        self.into_str()
    }

    /// Whether the money was taken, whatever became of it since.
    pub const fn was_taken(self) -> bool {
        matches!(self, Self::Succeeded | Self::RefundRequested | Self::Refunded)
    }
}

/// What a payment's money is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum PaymentPurpose {
    /// An order.
    #[default]
    Order,
    /// A charge of the customer's points.
    Points,
}

impl PaymentPurpose {
    /// The value in API bodies and events.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}

/// The amount that a payment has to pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmountDue {
    pub customer: CustomerId,
    /// The order, or `None` for a charge of points.
    pub order: Option<OrderId>,
    pub amount: Cents,
    pub currency: Currency,
}

/// One attempt to pay one order, or to buy points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// Whose.
    pub customer: CustomerId,
    /// For which order; `None` for a charge of points.
    pub order: Option<OrderId>,
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
    /// How often the provider refused the refund that is due, in words that do not say whether for good.
    pub refusals: u32,
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

    /// What its money is for.
    pub const fn purpose(&self) -> PaymentPurpose {
        if self.order.is_some() { PaymentPurpose::Order } else { PaymentPurpose::Points }
    }

    /// Whether the customer may still be at it: begun, and not left alone for `live`.
    pub fn is_live(&self, now: Moment, live: SignedDuration) -> bool {
        let ours = self.checkout.as_ref().filter(|_| self.method != PaymentMethod::External);
        let active_at = ours.map(|checkout| checkout.active_at);
        self.status == PaymentStatus::Init && active_at.is_some_and(|at| now.duration_since(at) < live)
    }

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
            refusals: 0,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// What the payment pays, for another payment of the same purpose.
    pub fn amount_due(&self) -> AmountDue {
        AmountDue { customer: self.customer.clone(), order: self.order, amount: self.amount, currency: self.currency }
    }

    /// The money of a second trade of this payment, as a payment of its own that is to go back whole.
    pub fn surplus(&self, id: PaymentId, checkout: Checkout, next_check_at: Moment, now: Moment) -> Self {
        Self {
            status: PaymentStatus::RefundRequested,
            checkout: Some(checkout),
            refund_due: self.amount,
            next_check_at: Some(next_check_at),
            ..Self::new(id, self.amount_due(), self.method, now)
        }
    }

    /// The attempt with its money here, by this trade. What else it opened can still bring money, and is still asked about.
    #[must_use]
    pub fn succeed(self, taken: Taken, now: Moment) -> Self {
        let mut payment = Self { status: PaymentStatus::Succeeded, ..self }.next(now);
        if let Some(checkout) = &mut payment.checkout {
            for attempt in checkout.attempts.iter_mut().filter(|attempt| attempt.trade_no == taken.trade_no) {
                attempt.ended = true;
            }
            checkout.taken = Some(taken);
        }
        let next_check_at = payment.next_check_at.filter(|_| payment.has_open_attempts());
        Self { next_check_at, ..payment }
    }

    /// The payment without a trade whose money became a payment of its own.
    #[must_use]
    pub fn without_attempt(self, trade_no: &str, now: Moment) -> Self {
        let mut payment = self.next(now);
        for attempt in payment.checkout.iter_mut().flat_map(|checkout| &mut checkout.attempts) {
            attempt.ended |= attempt.trade_no == trade_no;
        }
        payment
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use uuid::Uuid;

    pub(crate) fn now() -> Moment {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    pub(crate) fn taken(trade_no: &str) -> Taken {
        Taken { trade_no: trade_no.to_owned(), provider_no: None, authorization: None, way: None }
    }

    /// 700.00 at ECPay, opened twice.
    pub(crate) fn payment() -> Payment {
        let attempts = vec![CheckoutAttempt::new("A", now()), CheckoutAttempt::new("B", now())];
        let checkout = Checkout { attempts, ..Checkout::new("t".to_owned(), now()) };
        let due = AmountDue {
            customer: CustomerId::parse("ann").unwrap(),
            order: Some(OrderId::new(Uuid::nil())),
            amount: Cents::new(70_000),
            currency: Currency::parse("TWD").unwrap(),
        };
        let started = Payment::new(PaymentId::new(Uuid::nil()), due, PaymentMethod::Ecpay, Moment::UNIX_EPOCH);
        Payment { checkout: Some(checkout), next_check_at: Some(now()), checks: 2, ..started }
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
    fn a_success_follows_a_failure_and_leaves_the_other_trades_asked_about() {
        let shop = crate::shop::tests::shop();
        let declined = |payment: Payment, trade_no| payment.hear(trade_no, TradeState::Declined, None, &shop, now());
        let failed = declined(declined(payment(), "A"), "B");
        let paid = failed.succeed(taken("B"), now());
        assert_eq!((paid.status, paid.version, paid.updated_at), (PaymentStatus::Succeeded, 4, now()));
        let checkout = paid.checkout.as_ref().unwrap();
        assert_eq!((&checkout.taken, checkout.open().count()), (&Some(taken("B")), 1));
        assert_eq!(paid.next_check_at, Some(now()), "a customer may have paid in two tabs");
        assert_eq!(paid.clone().without_attempt("A", now()).succeed(taken("B"), now()).next_check_at, None);
        assert_eq!(declined(paid, "A").status, PaymentStatus::Succeeded);
    }

    #[test]
    fn money_that_is_one_too_many_becomes_a_payment_that_goes_back_whole() {
        let paid = payment().succeed(taken("A"), now());
        let id = PaymentId::new(Uuid::max());
        let surplus = paid.surplus(id, Checkout::new("t".to_owned(), now()), now(), now());
        assert_eq!((surplus.id, surplus.status, surplus.version), (id, PaymentStatus::RefundRequested, 1));
        assert_eq!((surplus.owed(), surplus.next_check_at), (paid.amount, Some(now())));
    }
}
