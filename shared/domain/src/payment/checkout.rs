//! The checkout of a payment at a provider, with the trades that it opened there.
//!
//! Money can be captured for a trade from the moment its number is stored until the time after which the provider
//! captures none. Until then the trade is looked up, whatever the provider reported: a decline ends one try on the
//! provider's page, and the customer may try again there.

use super::{Payment, PaymentStatus};
use crate::Moment;
use crate::shop::Shop;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

/// The maximum number of trades of one payment. After that the customer gets a new payment.
pub const CHECKOUT_ATTEMPTS_MAX: usize = 10;
/// The time that a provider has to decide about a trade whose result it does not know yet.
const PENDING: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The assumed validity of a payment number when the provider does not report one.
const NUMBER_VALID: SignedDuration = SignedDuration::from_hours(7 * 24);
/// The time after which a trade without a definite result becomes a task for an admin.
const UNCLEAR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The provider's last report of a trade without captured money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TradeState {
    /// The provider does not know the trade: no browser has submitted its form.
    Unseen,
    /// The customer has not finished the payment.
    Waiting,
    /// The customer was given a number to pay with.
    NumberTaken,
    /// The last try was declined.
    Declined,
    /// The provider does not know yet whether it has captured the money.
    Pending,
    /// The provider can capture no more money for the trade.
    Ended,
}

/// One attempt to pay: one trade at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutAttempt {
    /// The shop's trade number: 20 characters of `A-Z0-9`, never used twice.
    pub trade_no: String,
    /// The provider's trade number, if the provider returns one when the trade is opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_no: Option<String>,
    /// The URL of the provider's page, if it can be opened again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The opening time, in milliseconds since the Unix epoch.
    pub opened_at_ms: i64,
    /// The provider's last report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<TradeState>,
    /// Until when the provider can capture money for it, in milliseconds since the Unix epoch, if that is later than usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payable_until_ms: Option<i64>,
    /// Whether it needs no further lookup.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
}

impl CheckoutAttempt {
    /// A new trade.
    pub fn new(trade_no: impl Into<String>, now: Moment) -> Self {
        Self {
            trade_no: trade_no.into(),
            provider_no: None,
            url: None,
            opened_at_ms: now.as_millisecond(),
            state: None,
            payable_until_ms: None,
            ended: false,
        }
    }

    /// The opening time.
    pub fn opened_at(&self) -> Moment {
        Moment::from_millisecond(self.opened_at_ms).unwrap_or_default()
    }

    /// Until when its provider can capture money for it.
    pub fn payable_until(&self, shop: &Shop) -> Moment {
        let usual = shop.checkout_ends(self.opened_at());
        let longer = self.payable_until_ms.and_then(|ms| Moment::from_millisecond(ms).ok());
        longer.map_or(usual, |longer| longer.max(usual))
    }

    /// Whether it has to be looked up. A trade whose form no browser has submitted is looked up once more, at its end,
    /// because providers lock out a shop that looks up unknown trades too often.
    pub fn is_to_be_asked_about(&self, shop: &Shop, now: Moment) -> bool {
        !self.ended && (self.state != Some(TradeState::Unseen) || now >= self.payable_until(shop))
    }

    /// The time of the next lookup, after `checks` lookups without a result.
    fn next_check_at(&self, shop: &Shop, checks: u32, now: Moment) -> Moment {
        if self.state == Some(TradeState::Unseen) {
            return self.payable_until(shop).max(now);
        }
        // The back-off grows with the age of the trade.
        let quarter = now.duration_since(self.opened_at()) / 4;
        let later = now.checked_add(quarter).unwrap_or(Moment::MAX);
        shop.next_check_at(now, checks).max(later)
    }

    /// Whether it becomes a task for an admin: the provider has not reported a definite result in time.
    fn is_unclear(&self, shop: &Shop, now: Moment) -> bool {
        let is_pending = self.state == Some(TradeState::Pending) && now >= self.payable_until(shop);
        !self.ended && (is_pending || now.duration_since(self.opened_at()) >= UNCLEAR)
    }

    fn hear(&mut self, state: TradeState, payable_until: Option<Moment>, now: Moment) {
        let longer = match state {
            TradeState::Pending => now.checked_add(PENDING).ok(),
            TradeState::NumberTaken => payable_until.or_else(|| now.checked_add(NUMBER_VALID).ok()),
            _ => payable_until,
        };
        // The first report of an unknown result sets the time that the provider has to decide.
        let is_repeated = self.state == Some(TradeState::Pending) && state == TradeState::Pending;
        if !is_repeated && let Some(longer) = longer.map(Moment::as_millisecond) {
            self.payable_until_ms = Some(self.payable_until_ms.map_or(longer, |known| known.max(longer)));
        }
        let is_money_possible = matches!(state, TradeState::Pending | TradeState::NumberTaken);
        self.ended = state == TradeState::Ended || (self.ended && !is_money_possible);
        self.state = Some(state);
    }
}

/// The results of the lookups of one payment in one run.
#[derive(Debug, Clone, Default)]
pub struct Round {
    /// The trades that are still undecided: their numbers and states.
    pub heard: Vec<(String, TradeState)>,
    /// Whether one of the lookups had no response.
    pub is_unanswered: bool,
}

/// The trade whose money was captured.
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
    /// The payment method in the provider's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
}

/// The checkout of a payment at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// The unguessable part of its URL.
    pub token: String,
    /// The customer's last activity.
    pub active_at: Moment,
    /// All attempts, oldest first.
    pub attempts: Vec<CheckoutAttempt>,
    /// The trade whose money was captured.
    pub taken: Option<Taken>,
    /// The time of the last capture request, for providers that require one.
    pub confirming_at: Option<Moment>,
}

impl Checkout {
    /// A new checkout.
    pub const fn new(token: String, now: Moment) -> Self {
        Self { token, active_at: now, attempts: Vec::new(), taken: None, confirming_at: None }
    }

    /// The attempt with this trade number.
    pub fn attempt(&self, trade_no: &str) -> Option<&CheckoutAttempt> {
        self.attempts.iter().find(|attempt| attempt.trade_no == trade_no)
    }

    /// The attempts for which money may still be captured.
    pub fn open(&self) -> impl Iterator<Item = &CheckoutAttempt> {
        self.attempts.iter().filter(|attempt| !attempt.ended)
    }

    /// Whether one more trade can be opened.
    pub fn has_room(&self) -> bool {
        self.attempts.len() < CHECKOUT_ATTEMPTS_MAX
    }
}

impl Payment {
    /// The payment after the provider reported a trade without captured money. It becomes FAILED once all of its trades
    /// were declined or have ended; declined ones are still looked up. A payment that succeeded stays as it is.
    #[must_use]
    pub fn hear(
        self,
        trade_no: &str,
        state: TradeState,
        payable_until: Option<Moment>,
        shop: &Shop,
        now: Moment,
    ) -> Self {
        let mut payment = self.next(now);
        let is_init = payment.status == PaymentStatus::Init;
        let Some(checkout) = &mut payment.checkout else { return payment };
        let was_taken = checkout.taken.as_ref().is_some_and(|taken| taken.trade_no == trade_no);
        for attempt in checkout.attempts.iter_mut().filter(|attempt| attempt.trade_no == trade_no) {
            attempt.hear(state, payable_until, now);
            // An older report that comes after the money reopens nothing.
            attempt.ended |= was_taken;
        }
        // A customer with a number to pay with, or one who waits for a result, is still active.
        if is_init && matches!(state, TradeState::Pending | TradeState::NumberTaken) {
            checkout.active_at = now;
        }
        let is_over = |attempt: &CheckoutAttempt| attempt.ended || attempt.state == Some(TradeState::Declined);
        if is_init && !checkout.attempts.is_empty() && checkout.attempts.iter().all(is_over) {
            payment.status = PaymentStatus::Failed;
        }
        // Money that was captured may be due for a refund, whose time stays.
        let has_work = payment.has_open_attempts() || (payment.status.was_taken() && payment.next_check_at.is_some());
        let next_check_at = payment.next_check_at.or_else(|| Some(shop.next_check_at(now, 0)));
        Self { next_check_at: next_check_at.filter(|_| has_work), ..payment }
    }

    /// Whether money may still be captured for one of its trades.
    pub fn has_open_attempts(&self) -> bool {
        self.checkout.iter().any(|checkout| checkout.open().next().is_some())
    }

    /// The trades without a definite result in time, which become tasks for an admin.
    pub fn unclear_attempts(&self, shop: &Shop, now: Moment) -> Vec<CheckoutAttempt> {
        let open = self.checkout.iter().flat_map(Checkout::open);
        open.filter(|attempt| attempt.is_unclear(shop, now)).cloned().collect()
    }

    /// The payment after a run's lookups. A trade ends only with a response after the time until which money can be
    /// captured for it, or when it becomes a task for an admin.
    #[must_use]
    pub fn checked(self, round: &Round, shop: &Shop, now: Moment) -> Self {
        let (checks, answered) = (self.checks, !round.is_unanswered);
        let mut payment = self.next(now);
        let mut next = None;
        for attempt in payment.checkout.iter_mut().flat_map(|checkout| &mut checkout.attempts) {
            if let Some((_, state)) = round.heard.iter().find(|(trade_no, _)| *trade_no == attempt.trade_no) {
                attempt.hear(*state, None, now);
            }
            let is_final = answered && now >= attempt.payable_until(shop) && attempt.state != Some(TradeState::Pending);
            attempt.ended |= is_final || attempt.is_unclear(shop, now);
            if !attempt.ended {
                let at = attempt.next_check_at(shop, checks, now);
                next = Some(next.map_or(at, |next: Moment| next.min(at)));
            }
        }
        let is_opened = payment.checkout.iter().any(|checkout| !checkout.attempts.is_empty());
        if !is_opened && payment.is_live(now, shop.checkout_live()) {
            next = Some(shop.next_check_at(now, checks));
        }
        let is_over = next.is_none() && payment.status == PaymentStatus::Init;
        let status = if is_over { PaymentStatus::Expired } else { payment.status };
        Self { status, next_check_at: next, checks: checks + 1, ..payment }
    }

    /// The payment, expired because it was not finished in time. Money may still be captured for its trades, so they are
    /// still looked up.
    #[must_use]
    pub fn expire(self, now: Moment) -> Self {
        let next_check_at = self.next_check_at.filter(|_| self.has_open_attempts());
        Self { status: PaymentStatus::Expired, next_check_at, ..self }.next(now)
    }

    /// The payment that its provider refused to start: the customer can choose another method at once.
    #[must_use]
    pub fn refuse_to_begin(self, now: Moment) -> Self {
        let next_check_at = self.next_check_at.filter(|_| self.has_open_attempts());
        Self { status: PaymentStatus::Failed, next_check_at, ..self }.next(now)
    }

    /// The payment with one more trade opened at its provider.
    #[must_use]
    pub fn open(self, attempt: CheckoutAttempt, shop: &Shop, now: Moment) -> Self {
        let mut payment = self.next(now);
        if let Some(checkout) = &mut payment.checkout {
            checkout.active_at = now;
            checkout.attempts.push(attempt);
        }
        Self { next_check_at: Some(shop.next_check_at(now, 0)), checks: 0, ..payment }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{now, payment, taken};
    use super::*;
    use crate::shop::tests::shop;

    const ANSWERED: Round = Round { heard: Vec::new(), is_unanswered: false };
    const UNANSWERED: Round = Round { heard: Vec::new(), is_unanswered: true };

    fn after(minutes: i64) -> Moment {
        now().checked_add(SignedDuration::from_mins(minutes)).unwrap()
    }

    fn hear(payment: Payment, trade_no: &str, state: TradeState, minutes: i64) -> Payment {
        payment.hear(trade_no, state, None, &shop(), after(minutes))
    }

    fn minutes_until(at: Option<Moment>) -> Option<i64> {
        at.map(|at| at.duration_since(now()).as_mins())
    }

    #[test]
    fn a_decline_ends_the_try_and_not_the_trade() {
        let one = hear(payment(), "A", TradeState::Declined, 1);
        assert_eq!((one.status, one.version), (PaymentStatus::Init, 2), "another trade is open");
        let both = hear(one, "B", TradeState::Declined, 2);
        assert_eq!((both.status, both.version), (PaymentStatus::Failed, 3));
        assert_eq!(both.next_check_at, Some(now()), "both are asked about all the same");
        assert_eq!(both.checkout.as_ref().unwrap().open().count(), 2);
        assert_eq!(hear(payment(), "C", TradeState::Declined, 1).status, PaymentStatus::Init, "somebody else's trade");
    }

    #[test]
    fn a_trade_is_asked_about_as_long_as_it_can_bring_money_and_once_more() {
        let declined = hear(hear(payment(), "A", TradeState::Declined, 1), "B", TradeState::Declined, 1);
        let early = declined.clone().checked(&ANSWERED, &shop(), after(119));
        assert!(early.next_check_at.is_some() && early.status == PaymentStatus::Failed);
        let unanswered = declined.clone().checked(&UNANSWERED, &shop(), after(121));
        assert!(unanswered.next_check_at.is_some(), "nobody has said that it is over");
        let over = declined.checked(&ANSWERED, &shop(), after(120));
        assert_eq!((over.next_check_at, over.status), (None, PaymentStatus::Failed));
        let waiting = hear(hear(payment(), "A", TradeState::Waiting, 1), "B", TradeState::Waiting, 1);
        let over = waiting.checked(&ANSWERED, &shop(), after(120));
        assert_eq!((over.next_check_at, over.status), (None, PaymentStatus::Expired));
    }

    #[test]
    fn a_result_that_is_not_known_yet_is_asked_about_for_days_and_then_left_to_an_admin() {
        let pending = hear(payment(), "A", TradeState::Pending, 1);
        assert_eq!(pending.status, PaymentStatus::Init);
        assert_eq!(pending.checkout.as_ref().unwrap().active_at, after(1), "another method would take the money twice");
        let later = pending.checked(&ANSWERED, &shop(), after(3 * 24 * 60));
        assert_eq!(later.status, PaymentStatus::Init);
        assert!(later.unclear_attempts(&shop(), after(3 * 24 * 60)).is_empty());
        let wait = minutes_until(later.next_check_at).unwrap() - 3 * 24 * 60;
        assert_eq!(wait, 3 * 24 * 60 / 4, "further and further apart");
        let again = hear(later, "A", TradeState::Pending, 3 * 24 * 60);
        let end = after(7 * 24 * 60 + 1);
        let unclear: Vec<String> =
            again.unclear_attempts(&shop(), end).into_iter().map(|attempt| attempt.trade_no).collect();
        assert_eq!(unclear, ["A"]);
        assert_eq!(again.checked(&ANSWERED, &shop(), end).next_check_at, None);
    }

    #[test]
    fn a_form_that_was_never_sent_is_asked_about_once_more_at_its_end() {
        let heard = ["A", "B"].map(|trade_no| (trade_no.to_owned(), TradeState::Unseen)).to_vec();
        let next = payment().checked(&Round { heard, is_unanswered: false }, &shop(), after(10));
        assert_eq!(next.version, 2);
        assert_eq!(minutes_until(next.next_check_at), Some(120));
        let attempt = &next.checkout.as_ref().unwrap().attempts[0];
        assert!(
            !attempt.is_to_be_asked_about(&shop(), after(119)) && attempt.is_to_be_asked_about(&shop(), after(120))
        );
        assert_eq!(next.checked(&ANSWERED, &shop(), after(120)).status, PaymentStatus::Expired);
    }

    #[test]
    fn a_number_to_pay_with_is_asked_about_until_it_ends() {
        let number = payment().hear("A", TradeState::NumberTaken, Some(after(600)), &shop(), after(1));
        let attempt = &number.checkout.as_ref().unwrap().attempts[0];
        assert_eq!(attempt.payable_until(&shop()), after(600));
        let number = hear(payment(), "A", TradeState::NumberTaken, 0);
        assert_eq!(number.checkout.as_ref().unwrap().attempts[0].payable_until(&shop()), after(7 * 24 * 60));
    }

    #[test]
    fn a_word_of_money_to_come_makes_the_shop_ask_again() {
        let over = hear(payment(), "A", TradeState::Waiting, 1).checked(&ANSWERED, &shop(), after(120));
        assert_eq!(over.next_check_at, None);
        let pending = hear(over.clone(), "A", TradeState::Pending, 130);
        assert_eq!(minutes_until(pending.next_check_at), Some(140));
        assert_eq!(hear(over, "A", TradeState::Declined, 130).next_check_at, None);
    }

    #[test]
    fn what_the_provider_ended_is_not_asked_about() {
        let one = hear(payment(), "A", TradeState::Ended, 1);
        assert_eq!((one.status, one.next_check_at), (PaymentStatus::Init, Some(now())));
        let both = hear(one, "B", TradeState::Ended, 1);
        assert_eq!((both.status, both.next_check_at), (PaymentStatus::Failed, None));
    }

    #[test]
    fn nothing_that_is_heard_later_undoes_a_success() {
        let paid = payment().succeed(taken("A"), now());
        for state in [TradeState::Declined, TradeState::Ended, TradeState::Pending, TradeState::Unseen] {
            let heard = hear(hear(paid.clone(), "A", state, 1), "B", state, 1);
            assert_eq!((heard.status, heard.next_check_at), (paid.status, paid.next_check_at), "{state:?}");
        }
    }

    #[test]
    fn a_checkout_that_was_never_opened_expires_when_nobody_is_at_it() {
        let checkout = Checkout { attempts: Vec::new(), ..payment().checkout.unwrap() };
        let begun = Payment { checkout: Some(checkout), ..payment() };
        let early = begun.clone().checked(&ANSWERED, &shop(), after(14));
        assert!(early.status == PaymentStatus::Init && early.next_check_at.is_some());
        let late = begun.checked(&ANSWERED, &shop(), after(15));
        assert_eq!((late.status, late.next_check_at), (PaymentStatus::Expired, None));
    }

    #[test]
    fn an_attempt_that_gives_way_is_still_asked_about_while_it_can_bring_money() {
        let over = payment().expire(now());
        assert_eq!((over.status, over.next_check_at, over.version), (PaymentStatus::Expired, Some(now()), 2));
        let never_opened = Payment { checkout: Some(Checkout::new("t".to_owned(), now())), ..payment() };
        assert_eq!(never_opened.clone().expire(now()).next_check_at, None);
        assert_eq!(never_opened.refuse_to_begin(now()).status, PaymentStatus::Failed);
    }

    #[test]
    fn a_provider_that_never_answers_is_left_to_an_admin_in_the_end() {
        let month = after(30 * 24 * 60);
        assert_eq!(payment().unclear_attempts(&shop(), month).len(), 2);
        assert_eq!(payment().checked(&UNANSWERED, &shop(), month).next_check_at, None);
    }
}
