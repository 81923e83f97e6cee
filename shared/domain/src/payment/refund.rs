//! Giving money back: how much is due, what was asked for, what went.

use super::{Payment, PaymentStatus};
use crate::money::Cents;
use crate::{Moment, Refusal};

/// What the provider was asked to give back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ask {
    /// How much.
    pub amount: Cents,
    /// When.
    pub at: Moment,
}

impl Payment {
    /// What could still be asked back.
    pub fn refundable(&self) -> Cents {
        if self.status.was_taken() { self.amount.minus(self.refund_due) } else { Cents::ZERO }
    }

    /// What is to go back next.
    pub fn owed(&self) -> Cents {
        self.refund_due.minus(self.refunded)
    }

    /// The payment, of which `amount` more is to go back.
    ///
    /// # Errors
    /// [`Refusal::RefundTooLarge`] beyond what was taken.
    pub fn request_refund(self, amount: Cents, now: Moment) -> Result<Self, Refusal> {
        let most = self.refundable();
        if !self.status.was_taken() || amount < Cents::ZERO || amount > most {
            return Err(Refusal::RefundTooLarge { max_cents: most.get() });
        }
        let refund_due = self.refund_due.plus(amount);
        let status = PaymentStatus::RefundRequested;
        Ok(Self { status, refund_due, looks: 0, look_at: None, ..self }.next(now))
    }

    /// Whether an admin may say that `amount` went back by hand.
    ///
    /// # Errors
    /// [`Refusal::RefundNotByHand`] when no refund waits for people; [`Refusal::RefundAmountDiffers`] for another amount than
    /// what is owed: half of it would leave open who gives back the rest.
    pub fn may_be_refunded_by_hand(&self, amount: Cents) -> Result<(), Refusal> {
        if self.status != PaymentStatus::RefundRequested || self.by_hand.is_none() {
            return Err(Refusal::RefundNotByHand);
        }
        let owed = self.owed();
        if amount == owed { Ok(()) } else { Err(Refusal::RefundAmountDiffers { owed_cents: owed.get() }) }
    }

    /// The payment just before the provider is asked. Written down first: whoever dies after asking leaves a trace, and the
    /// next one looks before it asks again.
    #[must_use]
    pub fn ask_back(self, now: Moment, look_at: Moment) -> Self {
        let ask = Ask { amount: self.owed(), at: now };
        Self { ask: Some(ask), look_at: Some(look_at), ..self }.next(now)
    }

    /// The payment after `amount` of it went back.
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
        let look_at = (status == PaymentStatus::RefundRequested).then_some(now);
        Self { status, refunded, ask: None, by_hand: None, look_at, looks: 0, ..self }.next(now)
    }

    /// The payment whose refund is to be tried again later. `asked`: whether nobody knows what became of the last try.
    #[must_use]
    pub fn put_off(self, asked: bool, look_at: Moment, now: Moment) -> Self {
        let ask = self.ask.filter(|_| asked);
        Self { ask, look_at: Some(look_at), looks: self.looks + 1, ..self }.next(now)
    }

    /// The payment whose refund a machine cannot make.
    #[must_use]
    pub fn leave_to_people(self, why: &str, now: Moment) -> Self {
        Self { by_hand: Some(why.to_owned()), ask: None, look_at: None, ..self }.next(now)
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
    fn no_more_is_asked_back_than_was_taken() {
        assert_eq!((payment().refundable(), paid().refundable()), (Cents::ZERO, cents(70_000)));
        assert_eq!(payment().request_refund(Cents::ZERO, now()), Err(Refusal::RefundTooLarge { max_cents: 0 }));
        assert_eq!(paid().request_refund(cents(-1), now()), Err(Refusal::RefundTooLarge { max_cents: 70_000 }));
        assert_eq!(paid().request_refund(cents(70_001), now()), Err(Refusal::RefundTooLarge { max_cents: 70_000 }));
        let part = paid().request_refund(cents(30_000), now()).unwrap();
        assert_eq!((part.status, part.refund_due, part.version), (PaymentStatus::RefundRequested, cents(30_000), 3));
        assert_eq!((part.looks, part.look_at), (0, None));
        let looked_at = Payment { look_at: Some(now()), ..paid() }.request_refund(cents(1), now()).unwrap();
        assert_eq!(looked_at.look_at, None, "the queue asks for it first");
        assert_eq!((part.owed(), part.refundable()), (cents(30_000), cents(40_000)));
        assert_eq!(
            part.clone().request_refund(cents(40_001), now()),
            Err(Refusal::RefundTooLarge { max_cents: 40_000 })
        );
        assert_eq!(part.request_refund(cents(40_000), now()).unwrap().refund_due, cents(70_000));
        assert!(paid().request_refund(Cents::ZERO, now()).is_ok(), "an order that cost nothing is refunded too");
    }

    #[test]
    fn parts_go_back_until_all_of_it_is_back() {
        let part = paid().request_refund(cents(30_000), now()).unwrap();
        let some = part.clone().give_back(cents(10_000), now());
        assert_eq!(
            (some.status, some.owed(), some.look_at),
            (PaymentStatus::RefundRequested, cents(20_000), Some(now()))
        );
        let done = some.give_back(cents(20_000), now());
        assert_eq!((done.status, done.refunded, done.look_at), (PaymentStatus::Succeeded, cents(30_000), None));
        let all = done.request_refund(cents(40_000), now()).unwrap().give_back(cents(40_000), now());
        assert_eq!((all.status, all.refunded, all.owed()), (PaymentStatus::Refunded, cents(70_000), Cents::ZERO));
    }

    #[test]
    fn what_is_asked_of_a_provider_is_written_down_until_it_is_known() {
        let later = now().checked_add(jiff::SignedDuration::from_mins(10)).unwrap();
        let asked = paid().request_refund(cents(30_000), now()).unwrap().ask_back(now(), later);
        let ask = Some(Ask { amount: cents(30_000), at: now() });
        assert_eq!((asked.ask, asked.look_at, asked.version), (ask, Some(later), 4));
        let unknown = asked.clone().put_off(true, later, now());
        assert_eq!((unknown.ask, unknown.looks, unknown.version), (ask, 1, 5));
        let known = asked.clone().put_off(false, now(), now());
        assert_eq!((known.ask, known.look_at), (None, Some(now())));
        let done = unknown.give_back(cents(30_000), now());
        assert_eq!((done.ask, done.looks), (None, 0));
        let by_hand = asked.leave_to_people("no_card", now());
        assert_eq!((by_hand.ask, by_hand.look_at, by_hand.by_hand.as_deref()), (None, None, Some("no_card")));
        assert_eq!(by_hand.version, 5);
        assert_eq!(by_hand.give_back(cents(30_000), now()).by_hand, None);
    }

    #[test]
    fn what_waits_for_people_is_given_back_by_hand_all_at_once() {
        let asked = paid().request_refund(cents(30_000), now()).unwrap();
        let by_itself = asked.may_be_refunded_by_hand(cents(30_000));
        assert_eq!(by_itself, Err(Refusal::RefundNotByHand));
        let waiting = asked.leave_to_people("no_card", now());
        assert_eq!(waiting.may_be_refunded_by_hand(cents(30_000)), Ok(()));
        let half = waiting.may_be_refunded_by_hand(cents(15_000));
        assert_eq!(half, Err(Refusal::RefundAmountDiffers { owed_cents: 30_000 }));
    }
}
