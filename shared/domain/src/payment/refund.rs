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
