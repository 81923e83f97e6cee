//! Offers: a product in a sell window, with the terms of its production.

use crate::counter::{Counter, CounterStatus};
use crate::id::OfferId;
use crate::sell_window::SellWindow;
use crate::text::Line;
use crate::{Invalid, Moment, Refusal};
use serde::{Deserialize, Serialize};

/// The maximum number of offers in a sell window, so that a window and all its offers fit into one read.
pub const OFFERS_PER_WINDOW_MAX: usize = 50;
/// The maximum threshold and capacity, in pieces.
pub const QUANTITY_MAX: u32 = 10_000_000;
/// The capacity of an offer without a limit: more than can ever be reserved, so that one rule serves both cases.
pub const UNLIMITED: u32 = 2_000_000_000;
/// The maximum number of days between confirmation and production, and between production and shipping.
pub const DAYS_MAX: u16 = 365;
/// The maximum number of days of an extension.
pub const EXTEND_DAYS_MAX: u16 = 90;
/// The default, when the admin does not set it.
pub const EXTEND_DAYS_DEFAULT: u16 = 7;
/// The maximum payment window of a confirmed batch, in hours.
pub const PAYMENT_WINDOW_HOURS_MAX: u16 = 720;
/// The default, when the admin does not set it.
pub const PAYMENT_WINDOW_HOURS_DEFAULT: u16 = 72;
/// The maximum number of steps of a work order.
pub const STEPS_MAX: usize = 20;

pub type StepName = Line<60>;

/// The policy for an offer whose window ends below its threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "policy")]
pub enum WhenMissed {
    /// Cancel its orders.
    Cancel,
    /// Accept orders for some more days, once; then cancel them.
    Extend { days: u16 },
}

/// The policy for a confirmed batch whose paid quantity is below the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "policy")]
pub enum WhenUnderpaid {
    /// Produce the paid quantity.
    Proceed,
    /// Produce if the paid quantity is large enough.
    ProceedIfAtLeast {
        /// Percentage of the threshold.
        percent: u8,
    },
    /// Produce nothing and refund all orders.
    CancelAndRefund,
}

/// The terms of an offer, set by an admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The reserved quantity from which it can be produced.
    pub threshold_qty: u32,
    /// The capacity; `None` for no limit.
    pub max_total_qty: Option<u32>,
    /// The maximum quantity per customer.
    pub per_customer_max: Option<u32>,
    /// Days from confirmation to production.
    pub lead_days: u16,
    /// Days from production to shipping.
    pub ship_days: u16,
    /// Whether orders can be placed.
    pub enabled: bool,
    pub when_missed: WhenMissed,
    pub when_underpaid: WhenUnderpaid,
    /// The payment window of a confirmed batch, in hours.
    pub payment_window_hours: u16,
    /// The production steps, in order.
    pub steps: Vec<StepName>,
}

impl Terms {
    /// The capacity as the shards count it ([`UNLIMITED`] for no limit).
    pub fn capacity(&self) -> u32 {
        self.max_total_qty.unwrap_or(UNLIMITED)
    }

    /// Whether the batch is produced with this paid quantity. Never if nothing was paid.
    pub fn proceeds(&self, paid: i64, threshold: u32) -> bool {
        let enough = match self.when_underpaid {
            WhenUnderpaid::Proceed => true,
            WhenUnderpaid::ProceedIfAtLeast { percent } => paid * 100 >= i64::from(percent) * i64::from(threshold),
            WhenUnderpaid::CancelAndRefund => false,
        };
        paid > 0 && (enough || paid >= i64::from(threshold))
    }

    /// Validates the terms as a whole.
    ///
    /// # Errors
    /// [`Invalid`] for `threshold_qty` greater than the capacity.
    pub fn check(&self) -> Result<(), Invalid> {
        match self.max_total_qty {
            Some(most) if self.threshold_qty > most => {
                Err(Invalid::field("threshold_qty", "must not be greater than max_total_qty"))
            }
            _ => Ok(()),
        }
    }
}

/// A product in a sell window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub id: OfferId,
    pub terms: Terms,
    /// The number of shards of its capacity.
    pub capacity_shards: u8,
    /// The time from which it accepts no more orders: the end of its window, or later if it was extended.
    pub closes_at: Moment,
    pub extended: bool,
    /// Incremented by every change (optimistic locking).
    pub version: u64,
    /// The creation time.
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// The effect of the end of an offer's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closing {
    /// Nothing: the threshold was reached, or the offer was missed before.
    Decided,
    /// Enough is reserved, but not all of it is counted yet: the counter will reach the threshold.
    Reaches,
    /// The offer accepts orders for some more days.
    Extended(Box<Offer>),
    /// The orders are canceled.
    Missed,
}

impl Offer {
    /// Decides the effect of the end of the offer's time. `taken` is the quantity that orders hold of its capacity, counted
    /// or not.
    pub fn close(&self, window: &SellWindow, counter: &Counter, taken: i64, now: Moment) -> Closing {
        if counter.status != CounterStatus::Open {
            return Closing::Decided;
        }
        if taken >= i64::from(counter.threshold) {
            return Closing::Reaches;
        }
        self.clone().extend(window, now).map_or(Closing::Missed, |extended| Closing::Extended(Box::new(extended)))
    }

    /// Checks that the offer accepts orders: within its window, and until its batch is confirmed, canceled or missed.
    ///
    /// # Errors
    /// [`Refusal::SellWindowNotOpen`].
    pub fn check_open(&self, window: &SellWindow, counter: &Counter, now: Moment) -> Result<(), Refusal> {
        let in_time = window.start_at <= now && now < self.closes_at;
        if in_time && counter.status.takes_orders() { Ok(()) } else { Err(Refusal::SellWindowNotOpen) }
    }

    /// Applies new terms.
    ///
    /// # Errors
    /// [`Refusal::OfferNotConfigurable`] when the counter's status does not allow the change: a reached threshold
    /// cannot change, and nothing can once the offer is LOCKED, MISSED or FINALIZED.
    pub fn configure(self, terms: Terms, counter: &Counter, now: Moment) -> Result<Self, Refusal> {
        if terms == self.terms {
            return Ok(self);
        }
        let same_threshold = terms.threshold_qty == self.terms.threshold_qty;
        match counter.status {
            CounterStatus::Open => {}
            CounterStatus::Reached if same_threshold => {}
            _ => return Err(Refusal::OfferNotConfigurable),
        }
        Ok(Self { terms, version: self.version + 1, updated_at: now, ..self })
    }

    /// Sets another closing time, because the end of its window changed.
    #[must_use]
    pub fn close_at(self, closes_at: Moment, now: Moment) -> Self {
        Self { closes_at, version: self.version + 1, updated_at: now, ..self }
    }

    /// Extends the offer. `None` when it was extended before, or its terms do not allow it.
    pub fn extend(self, window: &SellWindow, now: Moment) -> Option<Self> {
        let WhenMissed::Extend { days } = self.terms.when_missed else { return None };
        if self.extended {
            return None;
        }
        let closes_at = window.days_after(self.closes_at, days);
        Some(Self { closes_at, extended: true, version: self.version + 1, updated_at: now, ..self })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::counter::tests::counter;
    use crate::id::{ProductId, SellWindowId};
    use crate::sell_window::tests::window;
    use uuid::Uuid;

    pub(crate) fn terms() -> Terms {
        Terms {
            threshold_qty: 10,
            max_total_qty: Some(20),
            per_customer_max: Some(3),
            lead_days: 3,
            ship_days: 7,
            enabled: true,
            when_missed: WhenMissed::Cancel,
            when_underpaid: WhenUnderpaid::Proceed,
            payment_window_hours: PAYMENT_WINDOW_HOURS_DEFAULT,
            steps: vec![StepName::parse("steps", "sew").unwrap()],
        }
    }

    pub(crate) fn offer() -> Offer {
        let window = window("Asia/Taipei");
        let product = ProductId::new(Uuid::from_u128(7));
        Offer {
            id: OfferId { window: SellWindowId::new(window.id.uuid()), product },
            terms: terms(),
            capacity_shards: 1,
            closes_at: window.end_at,
            extended: false,
            version: 1,
            created_at: window.created_at,
            updated_at: window.created_at,
        }
    }

    #[test]
    fn an_offer_takes_orders_from_the_start_of_its_window_until_just_before_its_end() {
        let window = window("Asia/Taipei");
        let open = |at: &str| offer().check_open(&window, &counter(CounterStatus::Open), at.parse().unwrap()).is_ok();
        assert!(open("2026-11-01T00:00:00Z") && open("2026-11-30T23:59:59.999Z"));
        assert!(!open("2026-10-31T23:59:59.999Z") && !open("2026-12-01T00:00:00Z"));
    }

    #[test]
    fn an_offer_takes_orders_until_its_batch_is_decided() {
        let at: Moment = "2026-11-10T00:00:00Z".parse().unwrap();
        for &status in CounterStatus::ALL {
            let open = offer().check_open(&window("Asia/Taipei"), &counter(status), at).is_ok();
            assert_eq!(open, matches!(status, CounterStatus::Open | CounterStatus::Reached), "{status:?}");
        }
    }

    #[test]
    fn a_reached_threshold_and_a_decided_offer_cannot_be_reconfigured() {
        let at = offer().created_at;
        let other_threshold = Terms { threshold_qty: 11, ..terms() };
        let other_days = Terms { lead_days: 4, ..terms() };
        let may = |terms: &Terms, status| offer().configure(terms.clone(), &counter(status), at).is_ok();
        assert!(may(&other_threshold, CounterStatus::Open) && may(&other_days, CounterStatus::Open));
        assert!(!may(&other_threshold, CounterStatus::Reached) && may(&other_days, CounterStatus::Reached));
        for status in [CounterStatus::Locked, CounterStatus::Finalized, CounterStatus::Missed] {
            assert!(!may(&other_days, status), "{status:?}");
            assert!(may(&terms(), status), "the same again changes nothing");
        }
    }

    #[test]
    fn new_terms_increment_the_version_and_equal_terms_do_not() {
        let now = offer().closes_at;
        let open = counter(CounterStatus::Open);
        assert_eq!(offer().configure(terms(), &open, now), Ok(offer()));
        let other = Terms { ship_days: 8, ..terms() };
        let changed = offer().configure(other.clone(), &open, now).unwrap();
        assert_eq!(changed, Offer { terms: other, version: 2, updated_at: now, ..offer() });
    }

    #[test]
    fn an_offer_is_extended_once_and_only_if_its_rules_say_so() {
        let at = offer().closes_at;
        assert_eq!(offer().extend(&window("Asia/Taipei"), at), None);
        let terms = Terms { when_missed: WhenMissed::Extend { days: 7 }, ..terms() };
        let extended = Offer { terms, ..offer() }.extend(&window("Asia/Taipei"), at).unwrap();
        assert_eq!(extended.closes_at, "2026-12-08T00:00:00Z".parse::<Moment>().unwrap());
        assert_eq!((extended.version, extended.updated_at), (2, at));
        assert_eq!(extended.extend(&window("Asia/Taipei"), at), None);
    }

    #[test]
    fn a_batch_proceeds_by_its_policy_and_never_without_a_payment() {
        let with = |when_underpaid| Terms { when_underpaid, ..terms() };
        let percent = with(WhenUnderpaid::ProceedIfAtLeast { percent: 80 });
        assert!(with(WhenUnderpaid::Proceed).proceeds(1, 10) && !with(WhenUnderpaid::Proceed).proceeds(0, 10));
        assert!(percent.proceeds(8, 10) && !percent.proceeds(7, 10));
        assert!(with(WhenUnderpaid::CancelAndRefund).proceeds(10, 10));
        assert!(!with(WhenUnderpaid::CancelAndRefund).proceeds(9, 10));
    }

    #[test]
    fn a_threshold_above_the_capacity_is_refused() {
        assert!(Terms { threshold_qty: 20, ..terms() }.check().is_ok());
        assert!(Terms { threshold_qty: 21, ..terms() }.check().is_err());
        assert!(Terms { threshold_qty: 21, max_total_qty: None, ..terms() }.check().is_ok());
    }

    #[test]
    fn an_offer_whose_time_is_over_is_extended_or_missed_unless_enough_is_reserved() {
        let (window, at) = (window("Asia/Taipei"), offer().closes_at);
        let close = |offer: &Offer, status, taken| offer.close(&window, &counter(status), taken, at);
        assert_eq!(close(&offer(), CounterStatus::Open, 9), Closing::Missed);
        assert_eq!(close(&offer(), CounterStatus::Open, 10), Closing::Reaches);
        for &status in CounterStatus::ALL.iter().filter(|status| **status != CounterStatus::Open) {
            assert_eq!(close(&offer(), status, 0), Closing::Decided, "{status:?}");
        }
        let extends = Offer { terms: Terms { when_missed: WhenMissed::Extend { days: 7 }, ..terms() }, ..offer() };
        let Closing::Extended(extended) = close(&extends, CounterStatus::Open, 9) else { panic!("is extended") };
        assert!(extended.extended && extended.closes_at > at);
        assert_eq!(close(&extended, CounterStatus::Open, 9), Closing::Missed, "once");
    }
}
