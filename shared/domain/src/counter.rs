//! The counter of an offer: reserved and paid quantities, and the progress of the offer towards a batch.

use crate::Moment;
use crate::id::{EventId, OfferId};
use jiff::tz::TimeZone;
use jiff::{RoundMode, SignedDuration, Span, Unit, ZonedRound};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The status of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum CounterStatus {
    /// Accepts orders; below its threshold.
    Open,
    /// The threshold was reached; the batch waits for confirmation.
    Reached,
    /// The batch is confirmed; no more orders are accepted.
    Locked,
    /// The payment window has ended and the paid quantity is final.
    Finalized,
    /// The offer will not be produced: its window ended below the threshold, or its batch was canceled.
    Missed,
}

impl CounterStatus {
    /// Every status, in the order of the offer's life cycle.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// Whether the counter's status allows new orders.
    pub const fn takes_orders(self) -> bool {
        matches!(self, Self::Open | Self::Reached)
    }
}

/// A change of an offer's quantities by one event, in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// An order reserved capacity.
    Reserved(u32),
    /// An unpaid order was canceled or expired, and released its capacity.
    Released(u32),
    Paid(u32),
    /// An order was paid after its capacity had been released, and took the capacity again.
    PaidLate(u32),
    /// A paid order was canceled.
    Returned(u32),
}

/// The effect of a change on the sums. The counter's log stores it, so that the sums can be recomputed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delta {
    pub reserved: i64,
    /// Change of the quantity that is neither paid nor released.
    pub waiting: i64,
    pub paid: i64,
}

/// Reserved and paid quantity of one offer.
///
/// Events arrive in any order. When a release is counted before its reservation, a sum is temporarily below zero;
/// readers see zero ([`shown`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    pub offer: OfferId,
    pub status: CounterStatus,
    /// The reserved quantity. A release lowers it while the counter is OPEN; afterwards it is fixed.
    pub reserved: i64,
    /// The quantity that is reserved, and neither paid nor released.
    pub waiting: i64,
    /// The paid quantity.
    pub paid: i64,
    /// The reserved quantity from which the offer can be produced.
    pub threshold: u32,
    /// The time at which the threshold was reached.
    pub reached_at: Option<Moment>,
    /// The event that reached the threshold; `None` when an admin lowered the threshold to the reserved quantity.
    pub reached_by: Option<EventId>,
    /// Incremented by every change. A write is conditional on the version that the decision was based on (optimistic
    /// locking).
    pub version: u64,
}

impl Counter {
    /// The counter of a newly configured offer.
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

    /// Applies a change. The sums do not depend on the order of changes, except that a release lowers `reserved` only
    /// while OPEN.
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

    /// Sets the status to REACHED when the threshold is met for the first time, and returns whether it was. The caller
    /// then creates the batch.
    pub fn reach(&mut self, by: Option<EventId>, now: Moment) -> bool {
        let reaches = self.status == CounterStatus::Open && self.reserved >= i64::from(self.threshold);
        if reaches {
            self.status = CounterStatus::Reached;
            self.reached_at = Some(now);
            self.reached_by = by;
        }
        reaches
    }

    /// The counter in this status, with its version incremented.
    #[must_use]
    pub fn next(self, status: CounterStatus) -> Self {
        Self { status, version: self.version + 1, ..self }
    }
}

/// The quantities of an offer at the end of an hour or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryPoint {
    /// The end of the hour or day.
    pub at: Moment,
    pub reserved: i64,
    pub paid: i64,
}

/// The age up to which the history of an offer has a point per hour; before, it has one per day.
const HOURLY: SignedDuration = SignedDuration::from_hours(24 * 14);

/// The history of an offer from the changes of its counter, in any order: a point for each hour, and beyond two weeks
/// for each day of `timezone`, in which something changed.
pub fn history(mut changes: Vec<(Moment, Delta)>, timezone: &TimeZone, now: Moment) -> Vec<HistoryPoint> {
    changes.sort_by_key(|(at, _)| *at);
    let end_of = |at: Moment| {
        let unit = if now.duration_since(at) > HOURLY { Unit::Day } else { Unit::Hour };
        let start = at.to_zoned(timezone.clone()).round(ZonedRound::new().smallest(unit).mode(RoundMode::Floor));
        let end = start.and_then(|start| match unit {
            Unit::Day => start.checked_add(Span::new().days(1)),
            _ => start.checked_add(Span::new().hours(1)),
        });
        end.map_or(at, |end| end.timestamp())
    };
    let mut points: Vec<HistoryPoint> = Vec::new();
    let (mut reserved, mut paid) = (0, 0);
    for (at, delta) in changes {
        reserved += delta.reserved;
        paid += delta.paid;
        let point = HistoryPoint { at: end_of(at), reserved: shown(reserved), paid: shown(paid) };
        match points.last_mut() {
            Some(last) if last.at == point.at => *last = point,
            _ => points.push(point),
        }
    }
    points
}

/// A sum as it is shown to clients: never below zero.
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
    fn a_negative_sum_is_shown_as_zero() {
        assert_eq!([-3, 0, 7].map(shown), [0, 0, 7]);
    }

    #[test]
    fn the_threshold_is_reached_once_by_the_change_that_meets_it() {
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
    fn a_release_while_open_lowers_the_reserved_quantity() {
        let mut counter = counter(CounterStatus::Open);
        counter.count(Change::Reserved(9));
        counter.count(Change::Released(4));
        counter.count(Change::Reserved(4));
        assert!(!counter.reach(None, Moment::UNIX_EPOCH));
        assert_eq!((counter.reserved, counter.waiting), (9, 9));
    }

    #[test]
    fn each_change_updates_its_sums() {
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
    fn each_change_increments_the_counters_version() {
        let next = counter(CounterStatus::Open).next(CounterStatus::Locked).next(CounterStatus::Finalized);
        assert_eq!((next.status, next.version), (CounterStatus::Finalized, 3));
    }

    #[test]
    fn orders_are_taken_until_the_batch_is_decided() {
        let allocation: Vec<CounterStatus> =
            CounterStatus::ALL.iter().copied().filter(|status| status.takes_orders()).collect();
        assert_eq!(allocation, [CounterStatus::Open, CounterStatus::Reached]);
    }

    #[test]
    fn the_paid_quantity_is_final_once_finalized() {
        let mut counter = Counter { paid: 5, ..counter(CounterStatus::Finalized) };
        counter.count(Change::Returned(2));
        counter.count(Change::Paid(3));
        assert_eq!(counter.paid, 5);
    }

    #[test]
    fn a_history_has_a_point_per_hour_and_beyond_two_weeks_per_day() {
        let at = |text: &str| text.parse::<Moment>().unwrap();
        let change = |text: &str, reserved, paid| (at(text), Delta { reserved, waiting: 0, paid });
        let changes = vec![
            change("2026-11-30T10:05:00Z", 1, 0),
            change("2026-11-01T02:00:00Z", 2, 0),
            change("2026-11-01T15:59:00Z", 3, 0),
            change("2026-11-30T10:59:59Z", -1, 2),
            change("2026-11-30T11:00:00Z", 4, 0),
        ];
        let zone = TimeZone::get("Asia/Taipei").unwrap();
        let points = history(changes, &zone, at("2026-11-30T12:00:00Z"));
        let point = |text: &str, reserved, paid| HistoryPoint { at: at(text), reserved, paid };
        let wanted = [
            point("2026-11-01T16:00:00Z", 5, 0),
            point("2026-11-30T11:00:00Z", 5, 2),
            point("2026-11-30T12:00:00Z", 9, 2),
        ];
        assert_eq!(points, wanted);
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
