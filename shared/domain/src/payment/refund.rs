//! Refunds: the amount due, the request that is pending at the provider, and the amount refunded.

use super::{Payment, PaymentStatus};
use crate::money::Cents;
use crate::{Moment, Refusal};

/// A refund that was requested from the provider and whose result is not known yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingRefund {
    pub amount: Cents,
    /// When it was requested.
    pub at: Moment,
}

impl Payment {
    /// The amount that can still be refunded.
    pub fn refundable(&self) -> Cents {
        if self.status.was_taken() { self.amount.minus(self.refund_due) } else { Cents::ZERO }
    }

    /// The amount that is due and not refunded yet.
    pub fn owed(&self) -> Cents {
        self.refund_due.minus(self.refunded)
    }

    /// Requests a refund of `amount`.
    ///
    /// # Errors
    /// [`Refusal::RefundTooLarge`] when it exceeds what was taken and is not refunded yet.
    pub fn request_refund(self, amount: Cents, now: Moment) -> Result<Self, Refusal> {
        let most = self.refundable();
        if !self.status.was_taken() || amount < Cents::ZERO || amount > most {
            return Err(Refusal::RefundTooLarge { max_cents: most.get() });
        }
        let refund_due = self.refund_due.plus(amount);
        let status = PaymentStatus::RefundRequested;
        Ok(Self { status, refund_due, checks: 0, next_check_at: None, ..self }.next(now))
    }

    /// Checks that an admin may record a manual refund of `amount`.
    ///
    /// # Errors
    /// [`Refusal::RefundNotManual`] when no refund waits for an admin; [`Refusal::RefundAmountDiffers`] when the amount
    /// is not exactly what is owed (a part of it would leave the rest open).
    pub fn may_be_refunded_manually(&self, amount: Cents) -> Result<(), Refusal> {
        if self.status != PaymentStatus::RefundRequested || self.manual_reason.is_none() {
            return Err(Refusal::RefundNotManual);
        }
        let owed = self.owed();
        if amount == owed { Ok(()) } else { Err(Refusal::RefundAmountDiffers { owed_cents: owed.get() }) }
    }

    /// Records the intent before the provider is called. If the function dies after the call, the next one finds the
    /// pending refund and looks up its result before it retries.
    #[must_use]
    pub fn begin_refund(self, now: Moment, next_check_at: Moment) -> Self {
        let pending_refund = PendingRefund { amount: self.owed(), at: now };
        Self { pending_refund: Some(pending_refund), next_check_at: Some(next_check_at), ..self }.next(now)
    }

    /// Records a refund of `amount`.
    #[must_use]
    pub fn give_back(self, amount: Cents, now: Moment) -> Self {
        let refunded = self.refunded.plus(amount);
        let status = if refunded < self.refund_due {
            PaymentStatus::RefundRequested
        } else if refunded < self.amount {
            PaymentStatus::Succeeded
        } else {
            PaymentStatus::Refunded
        };
        let next_check_at = (status == PaymentStatus::RefundRequested).then_some(now);
        Self { status, refunded, pending_refund: None, manual_reason: None, next_check_at, checks: 0, ..self }.next(now)
    }

    /// Schedules the next check of the refund. `requested`: the result of the last request is unknown.
    #[must_use]
    pub fn put_off(self, asked: bool, next_check_at: Moment, now: Moment) -> Self {
        let pending_refund = self.pending_refund.filter(|_| asked);
        Self { pending_refund, next_check_at: Some(next_check_at), checks: self.checks + 1, ..self }.next(now)
    }

    /// Records that the provider cannot make the refund and an admin has to make it manually.
    #[must_use]
    pub fn require_manual_refund(self, why: &str, now: Moment) -> Self {
        Self { manual_reason: Some(why.to_owned()), pending_refund: None, next_check_at: None, ..self }.next(now)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{now, payment, taken};
    use super::*;

    fn paid() -> Payment {
        payment().succeed(taken("A"), now())
    }

    fn cents(cents: i64) -> Cents {
        Cents::new(cents)
    }

    #[test]
    fn a_refund_never_exceeds_the_payment() {
        assert_eq!((payment().refundable(), paid().refundable()), (Cents::ZERO, cents(70_000)));
        assert_eq!(payment().request_refund(Cents::ZERO, now()), Err(Refusal::RefundTooLarge { max_cents: 0 }));
        assert_eq!(paid().request_refund(cents(-1), now()), Err(Refusal::RefundTooLarge { max_cents: 70_000 }));
        assert_eq!(paid().request_refund(cents(70_001), now()), Err(Refusal::RefundTooLarge { max_cents: 70_000 }));
        let part = paid().request_refund(cents(30_000), now()).unwrap();
        assert_eq!((part.status, part.refund_due, part.version), (PaymentStatus::RefundRequested, cents(30_000), 3));
        assert_eq!((part.checks, part.next_check_at), (0, None));
        let checked = Payment { next_check_at: Some(now()), ..paid() }.request_refund(cents(1), now()).unwrap();
        assert_eq!(checked.next_check_at, None, "the queue asks for it first");
        assert_eq!((part.owed(), part.refundable()), (cents(30_000), cents(40_000)));
        assert_eq!(
            part.clone().request_refund(cents(40_001), now()),
            Err(Refusal::RefundTooLarge { max_cents: 40_000 })
        );
        assert_eq!(part.request_refund(cents(40_000), now()).unwrap().refund_due, cents(70_000));
        assert!(paid().request_refund(Cents::ZERO, now()).is_ok(), "an order that cost nothing is refunded too");
    }

    #[test]
    fn partial_refunds_add_up_to_a_full_refund() {
        let part = paid().request_refund(cents(30_000), now()).unwrap();
        let some = part.clone().give_back(cents(10_000), now());
        assert_eq!(
            (some.status, some.owed(), some.next_check_at),
            (PaymentStatus::RefundRequested, cents(20_000), Some(now()))
        );
        let done = some.give_back(cents(20_000), now());
        assert_eq!((done.status, done.refunded, done.next_check_at), (PaymentStatus::Succeeded, cents(30_000), None));
        let all = done.request_refund(cents(40_000), now()).unwrap().give_back(cents(40_000), now());
        assert_eq!((all.status, all.refunded, all.owed()), (PaymentStatus::Refunded, cents(70_000), Cents::ZERO));
    }

    #[test]
    fn a_pending_refund_is_recorded_until_its_result_is_known() {
        let later = now().checked_add(jiff::SignedDuration::from_mins(10)).unwrap();
        let asked = paid().request_refund(cents(30_000), now()).unwrap().begin_refund(now(), later);
        let pending_refund = Some(PendingRefund { amount: cents(30_000), at: now() });
        assert_eq!((asked.pending_refund, asked.next_check_at, asked.version), (pending_refund, Some(later), 4));
        let unknown = asked.clone().put_off(true, later, now());
        assert_eq!((unknown.pending_refund, unknown.checks, unknown.version), (pending_refund, 1, 5));
        let known = asked.clone().put_off(false, now(), now());
        assert_eq!((known.pending_refund, known.next_check_at), (None, Some(now())));
        let done = unknown.give_back(cents(30_000), now());
        assert_eq!((done.pending_refund, done.checks), (None, 0));
        let manual_reason = asked.require_manual_refund("no_card", now());
        assert_eq!(
            (manual_reason.pending_refund, manual_reason.next_check_at, manual_reason.manual_reason.as_deref()),
            (None, None, Some("no_card"))
        );
        assert_eq!(manual_reason.version, 5);
        assert_eq!(manual_reason.give_back(cents(30_000), now()).manual_reason, None);
    }

    #[test]
    fn a_manual_refund_returns_all_that_is_owed() {
        let asked = paid().request_refund(cents(30_000), now()).unwrap();
        let by_itself = asked.may_be_refunded_manually(cents(30_000));
        assert_eq!(by_itself, Err(Refusal::RefundNotManual));
        let waiting = asked.require_manual_refund("no_card", now());
        assert_eq!(waiting.may_be_refunded_manually(cents(30_000)), Ok(()));
        let half = waiting.may_be_refunded_manually(cents(15_000));
        assert_eq!(half, Err(Refusal::RefundAmountDiffers { owed_cents: 30_000 }));
    }
}
