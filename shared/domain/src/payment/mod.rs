//! Payments: attempts to pay an order or to buy points, and the state of their money.

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

/// The status of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum PaymentStatus {
    /// Started; the provider has not reported a result.
    Init,
    /// The money is captured.
    Succeeded,
    /// Declined by the provider. A success may still follow.
    Failed,
    /// Not finished in time, or replaced. A success may still follow.
    Expired,
    /// A refund of some or all of the money is due.
    RefundRequested,
    /// All the money is refunded.
    Refunded,
}

impl PaymentStatus {
    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// Whether the money was captured, also if it was refunded since.
    pub const fn was_taken(self) -> bool {
        matches!(self, Self::Succeeded | Self::RefundRequested | Self::Refunded)
    }
}

/// The purpose of a payment.
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
    pub id: PaymentId,
    pub customer: CustomerId,
    /// The order; `None` for a charge of points.
    pub order: Option<OrderId>,
    pub method: PaymentMethod,
    pub status: PaymentStatus,
    pub amount: Cents,
    pub currency: Currency,
    /// The checkout at the provider; `None` for a payment with points.
    pub checkout: Option<Checkout>,
    /// The total of all requested refunds.
    pub refund_due: Cents,
    /// The total that is refunded.
    pub refunded: Cents,
    /// The refund that was requested at the provider, and has no stored result yet.
    pub pending_refund: Option<PendingRefund>,
    /// The provider's code, or another reason, why an admin has to make the refund.
    pub manual_reason: Option<String>,
    /// The time of the next lookup, or of the next try of a refund, if one is due.
    pub next_check_at: Option<Moment>,
    /// The number of lookups without a result.
    pub checks: u32,
    /// The number of refusals of the due refund, by codes that are not known to be permanent.
    pub refusals: u32,
    /// Incremented by every change. A write is conditional on the version that the decision was based on (optimistic
    /// locking).
    pub version: u64,
    pub created_at: Moment,
    pub updated_at: Moment,
}

impl Payment {
    /// The payment with its version incremented.
    #[must_use]
    pub fn next(self, now: Moment) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }

    /// The purpose.
    pub const fn purpose(&self) -> PaymentPurpose {
        if self.order.is_some() { PaymentPurpose::Order } else { PaymentPurpose::Points }
    }

    /// Whether the customer may still be paying: the payment is INIT, with an activity within `live`.
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

    /// The amount and purpose, for a replacement of this payment.
    pub fn amount_due(&self) -> AmountDue {
        AmountDue { customer: self.customer.clone(), order: self.order, amount: self.amount, currency: self.currency }
    }

    /// The money of a second trade of this payment, as a separate payment whose full refund is due.
    pub fn surplus(&self, id: PaymentId, checkout: Checkout, next_check_at: Moment, now: Moment) -> Self {
        Self {
            status: PaymentStatus::RefundRequested,
            checkout: Some(checkout),
            refund_due: self.amount,
            next_check_at: Some(next_check_at),
            ..Self::new(id, self.amount_due(), self.method, now)
        }
    }

    /// The payment after money was captured for this trade. Its other trades are still looked up, because money may be
    /// captured for them, too.
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

    /// The payment without the trade whose money became a separate payment.
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
