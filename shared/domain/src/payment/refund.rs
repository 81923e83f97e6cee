//! Refunds of a payment: the amounts that are due, requested and refunded.

use super::{Payment, PaymentStatus};
use crate::money::Cents;
use crate::{Moment, Refusal};
use jiff::SignedDuration;

/// The number of refusals, by codes that are not known to be permanent, after which an admin has to make the refund. With
/// the pauses between them this takes a little more than three days.
pub const REFUND_REFUSALS_MAX: u32 = 8;
/// The pause after the first of these refusals, in hours; each later pause is twice as long.
const REFUSED_PAUSE_HOURS: i64 = 1;
/// The maximum pause, in hours.
const REFUSED_PAUSE_HOURS_MAX: i64 = 24;

/// A refund that was requested, at the provider or by a task for an admin, and whose result is not stored yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingRefund {
    /// The amount.
    pub amount: Cents,
    /// The time of the request.
    pub at: Moment,
}

impl Payment {
    /// The amount that can still be requested.
    pub fn refundable(&self) -> Cents {
        if self.status.was_taken() { self.amount.minus(self.refund_due) } else { Cents::ZERO }
    }

    /// The requested amount that is not refunded yet.
    pub fn owed(&self) -> Cents {
        self.refund_due.minus(self.refunded)
    }

    /// The payment with a further requested refund of `amount`. At `next_check_at` reconciliation continues it, in case the
    /// request's event is lost.
    ///
    /// # Errors
    /// [`Refusal::RefundTooLarge`] beyond what was captured, and for nothing: a refund of zero would tell a customer of
    /// money that was never refunded.
    pub fn request_refund(self, amount: Cents, next_check_at: Moment, now: Moment) -> Result<Self, Refusal> {
        let most = self.refundable();
        if !self.status.was_taken() || amount <= Cents::ZERO || amount > most {
            return Err(Refusal::RefundTooLarge { max_cents: most.get() });
        }
        let refund_due = self.refund_due.plus(amount);
        let status = PaymentStatus::RefundRequested;
        let next_check_at = Some(next_check_at);
        Ok(Self { status, refund_due, checks: 0, refusals: 0, next_check_at, ..self }.next(now))
    }

    /// Checks whether an admin may record a manual refund of `amount`.
    ///
    /// # Errors
    /// [`Refusal::RefundNotManual`] when no manual refund is due; [`Refusal::RefundAmountDiffers`] unless `amount` is all
    /// that is due, because a part would leave open who refunds the rest.
    pub fn may_be_refunded_manually(&self, amount: Cents) -> Result<(), Refusal> {
        if self.status != PaymentStatus::RefundRequested || self.manual_reason.is_none() {
            return Err(Refusal::RefundNotManual);
        }
        let owed = self.owed();
        if amount == owed { Ok(()) } else { Err(Refusal::RefundAmountDiffers { owed_cents: owed.get() }) }
    }

    /// The payment just before the request to the provider. It is stored first: if the process is killed after the
    /// request, the next one looks up its result instead of repeating it.
    #[must_use]
    pub fn begin_refund(self, now: Moment, next_check_at: Moment) -> Self {
        let pending_refund = PendingRefund { amount: self.owed(), at: now };
        Self { pending_refund: Some(pending_refund), next_check_at: Some(next_check_at), ..self }.next(now)
    }

    /// The payment after `amount` was refunded.
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
        // A remaining refund continues at once, and so do lookups of other trades for which money may be captured.
        let goes_on = status == PaymentStatus::RefundRequested || self.has_open_attempts();
        let next_check_at = goes_on.then_some(now);
        let (pending_refund, manual_reason) = (None, None);
        Self { status, refunded, pending_refund, manual_reason, next_check_at, checks: 0, refusals: 0, ..self }
            .next(now)
    }

    /// The payment whose refund has an unknown result: it is looked up at `next_check_at`.
    #[must_use]
    pub fn look_up_refund(self, next_check_at: Moment, now: Moment) -> Self {
        Self { next_check_at: Some(next_check_at), checks: self.checks + 1, ..self }.next(now)
    }

    /// The payment whose refund was not made, and is retried at `next_check_at`. An outage, a provider's pause, and keys
    /// that were just changed do not count as refusals.
    #[must_use]
    pub fn retry_refund(self, next_check_at: Moment, now: Moment) -> Self {
        Self { pending_refund: None, next_check_at: Some(next_check_at), ..self }.next(now)
    }

    /// The payment, postponed to the end of the provider's pause.
    #[must_use]
    pub fn wait_until(self, until: Moment, now: Moment) -> Self {
        Self { next_check_at: Some(until), ..self }.next(now)
    }

    /// The payment whose refund was refused by a code that is not known to be permanent: it is retried with increasing
    /// back-off. `None` after [`REFUND_REFUSALS_MAX`] refusals.
    #[must_use]
    pub fn refuse_refund(self, now: Moment) -> Option<Self> {
        let refusals = self.refusals + 1;
        if refusals >= REFUND_REFUSALS_MAX {
            return None;
        }
        let hours = (REFUSED_PAUSE_HOURS << self.refusals).min(REFUSED_PAUSE_HOURS_MAX);
        let next_check_at = now.checked_add(SignedDuration::from_hours(hours)).ok();
        Some(Self { pending_refund: None, refusals, next_check_at, ..self }.next(now))
    }

    /// The payment whose refund an admin has to make: a task shows all that is owed. Its other trades are looked up
    /// meanwhile, because money may be captured for them however long the admin takes.
    #[must_use]
    pub fn require_manual_refund(self, why: &str, now: Moment) -> Self {
        let pending_refund = Some(PendingRefund { amount: self.owed(), at: now });
        let next_check_at = self.has_open_attempts().then_some(now);
        Self { manual_reason: Some(why.to_owned()), pending_refund, next_check_at, checks: 0, ..self }.next(now)
    }

    /// Whether its refund waits for an admin, whose task shows all that is owed: only its other trades need a check.
    pub fn waits_for_an_admin(&self) -> bool {
        let is_manual = self.status == PaymentStatus::RefundRequested && self.manual_reason.is_some();
        is_manual && self.lacks_task().is_none()
    }

    /// The reason of a task for a manual refund that no earlier task covers. `None` if the refund is automatic, or if an
    /// earlier task shows the whole amount.
    pub fn lacks_task(&self) -> Option<&str> {
        let said = self.pending_refund.map(|pending| pending.amount);
        self.manual_reason.as_deref().filter(|_| self.next_check_at.is_some() && said != Some(self.owed()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{now, payment, taken};
    use super::super::{Round, TradeState};
    use super::*;

    /// Paid by the only trade that was opened.
    fn paid() -> Payment {
        let mut payment = payment();
        payment.checkout.as_mut().unwrap().attempts.truncate(1);
        payment.succeed(taken("A"), now())
    }

    fn soon() -> Moment {
        now().checked_add(SignedDuration::from_mins(10)).unwrap()
    }

    fn cents(cents: i64) -> Cents {
        Cents::new(cents)
    }

    #[test]
    fn no_more_is_asked_back_than_was_taken() {
        assert_eq!((payment().refundable(), paid().refundable()), (Cents::ZERO, cents(70_000)));
        assert_eq!(payment().request_refund(Cents::ZERO, soon(), now()), Err(Refusal::RefundTooLarge { max_cents: 0 }));
        assert_eq!(paid().request_refund(cents(-1), soon(), now()), Err(Refusal::RefundTooLarge { max_cents: 70_000 }));
        assert_eq!(
            paid().request_refund(cents(70_001), soon(), now()),
            Err(Refusal::RefundTooLarge { max_cents: 70_000 })
        );
        let part = paid().request_refund(cents(30_000), soon(), now()).unwrap();
        assert_eq!((part.status, part.refund_due, part.version), (PaymentStatus::RefundRequested, cents(30_000), 3));
        assert_eq!((part.checks, part.next_check_at), (0, Some(soon())), "should the request get lost on its way");
        let manual =
            part.clone().require_manual_refund("no_card", now()).request_refund(cents(1), soon(), now()).unwrap();
        assert_eq!((manual.lacks_task(), manual.next_check_at), (Some("no_card"), Some(soon())));
        let asked = manual.require_manual_refund("no_card", now());
        assert_eq!((asked.lacks_task(), asked.next_check_at, asked.owed()), (None, None, cents(30_001)));
        assert_eq!((part.owed(), part.refundable()), (cents(30_000), cents(40_000)));
        assert_eq!(
            part.clone().request_refund(cents(40_001), soon(), now()),
            Err(Refusal::RefundTooLarge { max_cents: 40_000 })
        );
        assert_eq!(part.request_refund(cents(40_000), soon(), now()).unwrap().refund_due, cents(70_000));
        assert_eq!(
            paid().request_refund(Cents::ZERO, soon(), now()),
            Err(Refusal::RefundTooLarge { max_cents: 70_000 }),
            "nothing is not refunded"
        );
    }

    #[test]
    fn parts_go_back_until_all_of_it_is_back() {
        let part = paid().request_refund(cents(30_000), soon(), now()).unwrap();
        let some = part.clone().give_back(cents(10_000), now());
        assert_eq!(
            (some.status, some.owed(), some.next_check_at),
            (PaymentStatus::RefundRequested, cents(20_000), Some(now()))
        );
        let done = some.give_back(cents(20_000), now());
        assert_eq!((done.status, done.refunded, done.next_check_at), (PaymentStatus::Succeeded, cents(30_000), None));
        let all = done.request_refund(cents(40_000), soon(), now()).unwrap().give_back(cents(40_000), now());
        assert_eq!((all.status, all.refunded, all.owed()), (PaymentStatus::Refunded, cents(70_000), Cents::ZERO));
    }

    #[test]
    fn what_is_asked_of_a_provider_is_written_down_until_it_is_known() {
        let later = now().checked_add(jiff::SignedDuration::from_mins(10)).unwrap();
        let asked = paid().request_refund(cents(30_000), soon(), now()).unwrap().begin_refund(now(), later);
        let pending_refund = Some(PendingRefund { amount: cents(30_000), at: now() });
        assert_eq!((asked.pending_refund, asked.next_check_at, asked.version), (pending_refund, Some(later), 4));
        let unknown = asked.clone().look_up_refund(later, now());
        assert_eq!((unknown.pending_refund, unknown.checks, unknown.version), (pending_refund, 1, 5));
        let known = asked.clone().retry_refund(now(), now());
        assert_eq!((known.pending_refund, known.next_check_at, known.refusals), (None, Some(now()), 0));
        let done = unknown.give_back(cents(30_000), now());
        assert_eq!((done.pending_refund, done.checks), (None, 0));
        let manual = asked.require_manual_refund("no_card", now());
        assert_eq!((manual.pending_refund, manual.next_check_at, manual.version), (pending_refund, None, 5));
        assert_eq!(manual.manual_reason.as_deref(), Some("no_card"));
        assert_eq!(manual.give_back(cents(30_000), now()).manual_reason, None);
    }

    #[test]
    fn a_refusal_that_may_not_be_for_good_is_tried_again_for_three_days() {
        let mut payment = paid().request_refund(cents(30_000), soon(), now()).unwrap();
        let mut hours = Vec::new();
        let mut at = now();
        while let Some(next) = payment.clone().refuse_refund(at) {
            let next_check_at = next.next_check_at.unwrap();
            hours.push(next_check_at.duration_since(at).as_hours());
            (payment, at) = (next, next_check_at);
        }
        assert_eq!(hours, [1, 2, 4, 8, 16, 24, 24]);
        assert_eq!(payment.give_back(cents(30_000), at).refusals, 0);
    }

    #[test]
    fn a_refund_that_is_done_lets_the_questions_about_other_trades_go_on() {
        let paid = payment().succeed(taken("A"), now());
        let done = paid.request_refund(cents(70_000), soon(), now()).unwrap().give_back(cents(70_000), now());
        assert_eq!((done.status, done.next_check_at), (PaymentStatus::Refunded, Some(now())));
    }

    #[test]
    fn a_refund_that_waits_for_an_admin_lets_the_questions_about_other_trades_go_on() {
        let two_tabs = payment().succeed(taken("A"), now());
        let asked = two_tabs.request_refund(cents(30_000), soon(), now()).unwrap();
        assert!(!asked.waits_for_an_admin(), "the provider may be able to refund it");
        let waiting = asked.require_manual_refund("no_card", now());
        assert_eq!((waiting.waits_for_an_admin(), waiting.next_check_at), (true, Some(now())));
        let shop = crate::shop::tests::shop();
        let round = Round { heard: vec![("B".to_owned(), TradeState::Waiting)], is_unanswered: false };
        let checked = waiting.clone().checked(&round, &shop, now());
        assert_eq!((checked.status, checked.waits_for_an_admin()), (PaymentStatus::RefundRequested, true));
        assert!(checked.next_check_at > Some(now()), "it is asked about again");
        let ended = checked.hear("B", TradeState::Ended, None, &shop, now()).checked(&Round::default(), &shop, now());
        assert_eq!((ended.next_check_at, ended.waits_for_an_admin()), (None, true));
        let more = waiting.request_refund(cents(1), soon(), now()).unwrap();
        assert_eq!((more.waits_for_an_admin(), more.lacks_task()), (false, Some("no_card")));
    }

    #[test]
    fn a_manual_refund_returns_all_that_is_owed() {
        let asked = paid().request_refund(cents(30_000), soon(), now()).unwrap();
        let by_itself = asked.may_be_refunded_manually(cents(30_000));
        assert_eq!(by_itself, Err(Refusal::RefundNotManual));
        let waiting = asked.require_manual_refund("no_card", now());
        assert_eq!(waiting.may_be_refunded_manually(cents(30_000)), Ok(()));
        let half = waiting.may_be_refunded_manually(cents(15_000));
        assert_eq!(half, Err(Refusal::RefundAmountDiffers { owed_cents: 30_000 }));
    }
}
