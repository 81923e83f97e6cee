//! An offer's counter: what is reserved and paid, and where the offer is on its way to a batch.

use crate::Moment;
use crate::id::{EventId, OfferId};
use serde::{Deserialize, Serialize};

/// Where an offer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CounterStatus {
    /// Takes orders, below its threshold.
    Open,
    /// Has reached its threshold; its batch waits to be confirmed.
    Reached,
    /// Its batch is confirmed: no more orders.
    Locked,
    /// The payment window is over and the paid quantity is fixed.
    Finalized,
    /// Will not be produced: its window ended below the threshold, or its batch was canceled.
    Missed,
}

impl CounterStatus {
    /// Every status, in the order of an offer's life.
    pub const ALL: [Self; 5] = [Self::Open, Self::Reached, Self::Locked, Self::Finalized, Self::Missed];

    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Reached => "REACHED",
            Self::Locked => "LOCKED",
            Self::Finalized => "FINALIZED",
            Self::Missed => "MISSED",
        }
    }

    /// Whether orders are taken, as far as the counter is concerned.
    pub const fn takes_orders(self) -> bool {
        matches!(self, Self::Open | Self::Reached)
    }
}

/// What an event says about an offer, in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// An order reserved places.
    Reserved(u32),
    /// An order gave its places back before it was paid: canceled or expired.
    Released(u32),
    /// An order was paid.
    Paid(u32),
    /// An order was paid after its places had been given back, and got them again.
    PaidLate(u32),
    /// An order that had been paid was canceled.
    Returned(u32),
}

/// What a change did to the sums: what the counter's log keeps, so that they can be recomputed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delta {
    /// To the reserved quantity.
    pub reserved: i64,
    /// To the quantity that is neither paid nor given back.
    pub waiting: i64,
    /// To the paid quantity.
    pub paid: i64,
}

/// Reserved and paid quantity of one offer.
///
/// Events come in any order: when what is given back is counted before what was reserved, a sum is below zero until that comes
/// too. Nobody is told so ([`shown`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// Of which offer.
    pub offer: OfferId,
    /// Where the offer is.
    pub status: CounterStatus,
    /// What is reserved. Given back places lower it while the counter is OPEN; from then on it stays.
    pub reserved: i64,
    /// What is reserved and neither paid nor given back yet.
    pub waiting: i64,
    /// What is paid.
    pub paid: i64,
    /// The reserved quantity from which the offer can be produced.
    pub threshold: u32,
    /// When it was reached.
    pub reached_at: Option<Moment>,
    /// By which event; none when a lowered threshold met what was reserved.
    pub reached_by: Option<EventId>,
    /// How often it changed; each change is conditional on the version it was decided on.
    pub version: u64,
}

impl Counter {
    /// The counter of an offer that was just configured.
    pub const fn new(offer: OfferId, threshold: u32) -> Self {
        Self {
            offer,
            status: CounterStatus::Open,
            reserved: 0,
            waiting: 0,
            paid: 0,
            threshold,
            reached_at: None,
            reached_by: None,
            version: 1,
        }
    }

    /// Applies a change. The order in which changes come does not matter to the sums, only how many came while OPEN.
    pub fn count(&mut self, change: Change) -> Delta {
        let is_fixed = self.status == CounterStatus::Finalized;
        let delta = match change {
            Change::Reserved(pieces) => {
                Delta { reserved: i64::from(pieces), waiting: i64::from(pieces), ..Delta::default() }
            }
            Change::Released(pieces) => {
                let lowers = self.status == CounterStatus::Open;
                let reserved = if lowers { -i64::from(pieces) } else { 0 };
                Delta { reserved, waiting: -i64::from(pieces), ..Delta::default() }
            }
            Change::Paid(pieces) => {
                let paid = if is_fixed { 0 } else { i64::from(pieces) };
                Delta { waiting: -i64::from(pieces), paid, ..Delta::default() }
            }
            Change::PaidLate(pieces) => {
                let lowered = self.status == CounterStatus::Open;
                let reserved = if lowered { i64::from(pieces) } else { 0 };
                let paid = if is_fixed { 0 } else { i64::from(pieces) };
                Delta { reserved, paid, ..Delta::default() }
            }
            Change::Returned(pieces) => {
                let paid = if is_fixed { 0 } else { -i64::from(pieces) };
                Delta { paid, ..Delta::default() }
            }
        };
        self.reserved += delta.reserved;
        self.waiting += delta.waiting;
        self.paid += delta.paid;
        delta
    }

    /// Whether the threshold is met for the first time: then the counter is REACHED, and a batch is due.
    pub fn reach(&mut self, by: Option<EventId>, now: Moment) -> bool {
        let reaches = self.status == CounterStatus::Open && self.reserved >= i64::from(self.threshold);
        if reaches {
            self.status = CounterStatus::Reached;
            self.reached_at = Some(now);
            self.reached_by = by;
        }
        reaches
    }

    /// The counter one change on.
    #[must_use]
    pub fn next(self, status: CounterStatus) -> Self {
        Self { status, version: self.version + 1, ..self }
    }
}

/// A counter's sum as people are told: pieces are never fewer than none.
pub fn shown(pieces: i64) -> i64 {
    pieces.max(0)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::offer::tests::offer;
    use proptest::prelude::*;

    pub(crate) fn counter(status: CounterStatus) -> Counter {
        Counter { status, ..Counter::new(offer().id, 10) }
    }

    fn changes() -> impl Strategy<Value = Vec<Change>> {
        let change = (0..4u8, 1..5u32).prop_map(|(kind, pieces)| match kind {
            0 => Change::Reserved(pieces),
            1 => Change::Released(pieces),
            2 => Change::Paid(pieces),
            _ => Change::Returned(pieces),
        });
        prop::collection::vec(change, 0..30)
    }

    #[test]
    fn people_are_told_of_no_fewer_than_none() {
        assert_eq!([-3, 0, 7].map(shown), [0, 0, 7]);
    }

    #[test]
    fn a_threshold_is_reached_once_and_by_the_change_that_meets_it() {
        let mut counter = counter(CounterStatus::Open);
        counter.count(Change::Reserved(9));
        assert!(!counter.reach(None, Moment::UNIX_EPOCH));
        counter.count(Change::Reserved(1));
        assert!(counter.reach(None, Moment::UNIX_EPOCH));
        assert!(!counter.reach(None, Moment::UNIX_EPOCH));
        counter.count(Change::Released(10));
        assert_eq!((counter.status, counter.reserved, counter.waiting), (CounterStatus::Reached, 10, 0));
    }

    #[test]
    fn places_given_back_while_open_lower_what_is_reserved() {
        let mut counter = counter(CounterStatus::Open);
        counter.count(Change::Reserved(9));
        counter.count(Change::Released(4));
        counter.count(Change::Reserved(4));
        assert!(!counter.reach(None, Moment::UNIX_EPOCH));
        assert_eq!((counter.reserved, counter.waiting), (9, 9));
    }

    #[test]
    fn each_change_moves_the_sums_that_it_is_about() {
        let after = |status, change| {
            let mut counter = Counter { reserved: 10, waiting: 6, paid: 4, ..counter(status) };
            counter.count(change);
            (counter.reserved, counter.waiting, counter.paid)
        };
        use CounterStatus::{Locked, Open};
        assert_eq!(after(Open, Change::Reserved(2)), (12, 8, 4));
        assert_eq!(after(Open, Change::Released(2)), (8, 4, 4));
        assert_eq!(after(Locked, Change::Released(2)), (10, 4, 4));
        assert_eq!(after(Locked, Change::Paid(2)), (10, 4, 6));
        assert_eq!(after(Open, Change::PaidLate(2)), (12, 6, 6));
        assert_eq!(after(Locked, Change::PaidLate(2)), (10, 6, 6));
        assert_eq!(after(Locked, Change::Returned(2)), (10, 6, 2));
    }

    #[test]
    fn a_counter_one_change_on_has_the_next_version() {
        let next = counter(CounterStatus::Open).next(CounterStatus::Locked).next(CounterStatus::Finalized);
        assert_eq!((next.status, next.version), (CounterStatus::Finalized, 3));
    }

    #[test]
    fn orders_are_taken_until_the_batch_is_decided() {
        let allocation: Vec<CounterStatus> =
            CounterStatus::ALL.into_iter().filter(|status| status.takes_orders()).collect();
        assert_eq!(allocation, [CounterStatus::Open, CounterStatus::Reached]);
    }

    #[test]
    fn what_was_paid_is_fixed_once_the_counter_is_finalized() {
        let mut counter = Counter { paid: 5, ..counter(CounterStatus::Finalized) };
        counter.count(Change::Returned(2));
        counter.count(Change::Paid(3));
        assert_eq!(counter.paid, 5);
    }

    proptest! {
        #[test]
        fn the_sums_are_those_of_the_deltas_and_do_not_depend_on_the_order_while_open(mut changes in changes()) {
            let sum = |changes: &[Change]| {
                let mut counter = counter(CounterStatus::Open);
                let mut total = Delta::default();
                for change in changes {
                    let delta = counter.count(*change);
                    total.reserved += delta.reserved;
                    total.waiting += delta.waiting;
                    total.paid += delta.paid;
                }
                assert_eq!((counter.reserved, counter.waiting, counter.paid), (total.reserved, total.waiting, total.paid));
                total
            };
            let forward = sum(&changes);
            changes.reverse();
            prop_assert_eq!(forward, sum(&changes));
        }
    }
}
