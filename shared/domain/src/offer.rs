//! Offers: a product in a sell window, with the rules by which it is produced.

use crate::counter::{Counter, CounterStatus};
use crate::id::OfferId;
use crate::sell_window::SellWindow;
use crate::text::Line;
use crate::{Invalid, Moment, Refusal};
use serde::{Deserialize, Serialize};

/// Most offers of one window, so that a window with all its offers is one read.
pub const OFFERS_PER_WINDOW_MAX: usize = 50;
/// Most pieces that a threshold or a capacity can be.
pub const QUANTITY_MAX: u32 = 10_000_000;
/// The capacity of an offer without one: more than can ever be asked for, so that one rule serves both.
pub const UNLIMITED: u32 = 2_000_000_000;
/// Most days between confirming and producing, and between producing and shipping.
pub const DAYS_MAX: u16 = 365;
/// Most days by which a missed offer is extended.
pub const EXTEND_DAYS_MAX: u16 = 90;
/// By how many days unless the admin says.
pub const EXTEND_DAYS_DEFAULT: u16 = 7;
/// Most hours in which a confirmed batch's orders can be paid.
pub const PAYMENT_WINDOW_HOURS_MAX: u16 = 720;
/// How many unless the admin says.
pub const PAYMENT_WINDOW_HOURS_DEFAULT: u16 = 72;
/// Most steps of a work order.
pub const STEPS_MAX: usize = 20;

/// The name of a production step.
pub type StepName = Line<60>;

/// What happens to an offer whose window ends below its threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "policy")]
pub enum WhenMissed {
    /// Its orders are canceled.
    Cancel,
    /// It takes orders for some days more, once; then its orders are canceled.
    Extend {
        /// How many days.
        days: u16,
    },
}

/// What happens to a confirmed batch of which too little was paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", tag = "policy")]
pub enum WhenUnderpaid {
    /// What was paid is produced.
    Proceed,
    /// It is produced if enough was paid.
    ProceedIfAtLeast {
        /// In percent of the threshold.
        percent: u8,
    },
    /// Nothing is produced, and everyone gets their money back.
    CancelAndRefund,
}

/// The rules of an offer, as an admin sets them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The reserved quantity from which it can be produced.
    pub threshold_qty: u32,
    /// The most that may be reserved.
    pub max_total_qty: Option<u32>,
    /// The most pieces of one customer.
    pub per_customer_max: Option<u32>,
    /// Days from confirming to producing.
    pub lead_days: u16,
    /// Days from producing to shipping.
    pub ship_days: u16,
    /// Whether it can be reserved.
    pub enabled: bool,
    /// See [`WhenMissed`].
    pub when_missed: WhenMissed,
    /// See [`WhenUnderpaid`].
    pub when_underpaid: WhenUnderpaid,
    /// Hours in which a confirmed batch's orders can be paid.
    pub payment_window_hours: u16,
    /// What producing it takes, in order.
    pub steps: Vec<StepName>,
}

impl Terms {
    /// The most that may be reserved, as the shards count it.
    pub fn capacity(&self) -> u32 {
        self.max_total_qty.unwrap_or(UNLIMITED)
    }

    /// Whether the batch is produced although only `paid` pieces were paid. Nothing is produced for nobody.
    pub fn proceeds(&self, paid: i64, threshold: u32) -> bool {
        let enough = match self.when_underpaid {
            WhenUnderpaid::Proceed => true,
            WhenUnderpaid::ProceedIfAtLeast { percent } => paid * 100 >= i64::from(percent) * i64::from(threshold),
            WhenUnderpaid::CancelAndRefund => false,
        };
        paid > 0 && (enough || paid >= i64::from(threshold))
    }

    /// Checks what is not a matter of one field.
    ///
    /// # Errors
    /// Names `threshold_qty` above the capacity.
    pub fn check(&self) -> Result<(), Invalid> {
        match self.max_total_qty {
            Some(most) if self.threshold_qty > most => {
                Err(Invalid::field("threshold_qty", "must not be above max_total_qty"))
            }
            _ => Ok(()),
        }
    }
}

/// A product in a sell window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its id.
    pub id: OfferId,
    /// Its rules.
    pub terms: Terms,
    /// Over how many shards its capacity is split.
    pub capacity_shards: u8,
    /// When it stops taking orders: with its window, or later if it was extended.
    pub closes_at: Moment,
    /// Whether it was extended.
    pub extended: bool,
    /// How often it changed.
    pub version: u64,
    /// When it was configured first.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

impl Offer {
    /// Whether it takes orders: in its window's time, and until its batch is confirmed, canceled or missed.
    ///
    /// # Errors
    /// [`Refusal::SellWindowNotOpen`].
    pub fn check_open(&self, window: &SellWindow, counter: &Counter, now: Moment) -> Result<(), Refusal> {
        let in_time = window.start_at <= now && now < self.closes_at;
        if in_time && counter.status.takes_orders() { Ok(()) } else { Err(Refusal::SellWindowNotOpen) }
    }

    /// The offer under other rules.
    ///
    /// # Errors
    /// [`Refusal::OfferNotConfigurable`] when its counter has gone too far: a threshold that was reached stays, and what was
    /// confirmed, missed or finalized stays altogether.
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

    /// The offer, open for some days more. `None` when it was extended before, or is not to be.
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
        for status in CounterStatus::ALL {
            let open = offer().check_open(&window("Asia/Taipei"), &counter(status), at).is_ok();
            assert_eq!(open, matches!(status, CounterStatus::Open | CounterStatus::Reached), "{status:?}");
        }
    }

    #[test]
    fn a_threshold_that_was_reached_stays_and_what_was_decided_stays_altogether() {
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
    fn other_rules_are_another_version_and_the_same_rules_are_not() {
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
    fn a_batch_proceeds_by_its_rule_and_never_for_nobody() {
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
}
