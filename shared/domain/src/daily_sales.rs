//! Daily sales: the sales of each shop day, recorded after the day has ended.
//!
//! The counts of a day can change later: an event can arrive late, and a refund is subtracted from the day of the sale.
//! So a recorded day is corrected for [`SETTLING_DAYS`], and is final afterwards.

use crate::id::ProductId;
use crate::money::Cents;
use crate::ranking::Sold;
use crate::{Invalid, Moment};
use jiff::Span;
use jiff::civil::Date;
use std::collections::HashMap;

/// Days for which a recorded day is corrected. No queue and no dead-letter queue keeps an event for longer.
pub const SETTLING_DAYS: i64 = 14;
/// The maximum number of days that one run records. After a longer outage the next run continues.
pub const DAYS_PER_RUN_MAX: usize = 60;
/// The maximum number of days in a query.
pub const RANGE_DAYS_MAX: i64 = 366;
/// The maximum number of days in a summary.
pub const SUMMARY_DAYS_MAX: i64 = 90;
/// The number of days in a query without `from`.
pub const RANGE_DAYS_DEFAULT: i64 = 30;

const _: () = assert!(RANGE_DAYS_DEFAULT <= RANGE_DAYS_MAX);

/// The recorded sales of a product on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailySale {
    pub day: Date,
    /// The product and its pieces, net of refunds.
    pub sold: Sold,
    /// The time at which the record was written or last corrected.
    pub recorded_at: Moment,
}

/// The totals of one shop day, over all products.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayTotals {
    /// Orders that were paid on this day, also if they were refunded later.
    pub orders: i64,
    /// The pieces in these orders.
    pub pieces: i64,
    /// The totals of these orders.
    pub revenue: Cents,
    /// Refunds that were made on this day, of payments of any day.
    pub refunded: Cents,
}

impl DayTotals {
    /// The sum of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            orders: self.orders + other.orders,
            pieces: self.pieces + other.pieces,
            revenue: self.revenue.plus(other.revenue),
            refunded: self.refunded.plus(other.refunded),
        }
    }
}

/// A range of shop days, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    first: Date,
    last: Date,
}

impl DayRange {
    /// Parses the range of a query, each day as `YYYY-MM-DD`. `to` defaults to the last day that has ended, `from` to
    /// [`RANGE_DAYS_DEFAULT`] days before.
    ///
    /// # Errors
    /// [`Invalid`] for `from` and `to` unless they are days, in order, and at most [`RANGE_DAYS_MAX`] days apart.
    pub fn parse(from: Option<&str>, to: Option<&str>, today: Date) -> Result<Self, Invalid> {
        let mut wrong = Invalid::default();
        let last = wrong.check(to.map_or(Ok(days_before(today, 1)), |text| parse_day("to", text)));
        let first = match (from, last) {
            (Some(text), _) => wrong.check(parse_day("from", text)),
            (None, Some(last)) => Some(days_before(last, RANGE_DAYS_DEFAULT - 1)),
            (None, None) => None,
        };
        if let (Some(first), Some(last)) = (first, last) {
            if first > last {
                wrong.note("from", "must not be after `to`");
            } else if first < days_before(last, RANGE_DAYS_MAX - 1) {
                wrong.note("from", format!("must be at most {RANGE_DAYS_MAX} days before `to`, that day included"));
            }
        }
        wrong.into_result(first.zip(last).map(|(first, last)| Self { first, last }))
    }

    /// The range from the first to the last of these days; `None` for none.
    pub fn of(days: &[Date]) -> Option<Self> {
        Some(Self { first: *days.first()?, last: *days.last()? })
    }

    /// Parses a number of days, of which `today` is the last: 1 to [`SUMMARY_DAYS_MAX`], by default
    /// [`RANGE_DAYS_DEFAULT`].
    ///
    /// # Errors
    /// [`Invalid`] for `days` otherwise.
    pub fn parse_last(days: Option<&str>, today: Date) -> Result<Self, Invalid> {
        let days = days.map_or(Some(RANGE_DAYS_DEFAULT), |text| {
            text.parse().ok().filter(|days| (1..=SUMMARY_DAYS_MAX).contains(days))
        });
        let message = || format!("must be a whole number from 1 to {SUMMARY_DAYS_MAX}");
        let days = days.ok_or_else(|| Invalid::field("days", message()))?;
        Ok(Self { first: days_before(today, days - 1), last: today })
    }

    /// Every day of the range, in order.
    pub fn days(&self) -> impl Iterator<Item = Date> + use<> {
        let last = self.last;
        self.first.series(Span::new().days(1)).take_while(move |day| *day <= last)
    }

    pub const fn first(&self) -> Date {
        self.first
    }

    pub const fn last(&self) -> Date {
        self.last
    }

    pub fn contains(&self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// The months of the range, each as its first day.
    pub fn months(&self) -> impl Iterator<Item = Date> + use<> {
        let last = self.last;
        self.first.first_of_month().series(Span::new().months(1)).take_while(move |month| *month <= last)
    }
}

/// A day, as `YYYY-MM-DD`.
///
/// # Errors
/// Names `field` unless it is of that form.
pub fn parse_day(field: &str, text: &str) -> Result<Date, Invalid> {
    // `jiff` accepts more forms: a date with a time of day, a date without hyphens.
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    day.ok_or_else(|| Invalid::field(field, "must be a day, YYYY-MM-DD"))
}

fn days_before(day: Date, days: i64) -> Date {
    day.checked_sub(Span::new().days(days)).unwrap_or(Date::MIN)
}

/// The days to record on `today`, oldest first: days that have ended and are not recorded yet, and days that can still
/// be corrected. A repeated run is idempotent, and a run makes up for skipped ones.
pub fn days_due(today: Date, recorded_until: Option<Date>) -> Vec<Date> {
    let settling = days_before(today, SETTLING_DAYS);
    let first = recorded_until.and_then(|day| day.tomorrow().ok()).map_or(settling, |next| next.min(settling));
    first.series(Span::new().days(1)).take_while(|day| *day < today).take(DAYS_PER_RUN_MAX).collect()
}

/// The records that have to be written so that the recorded sales equal the counted ones.
pub fn corrections(sold: Vec<(Date, Sold)>, recorded: &[DailySale]) -> Vec<(Date, Sold)> {
    let known: HashMap<(Date, ProductId), i64> =
        recorded.iter().map(|sale| ((sale.day, sale.sold.product), sale.sold.quantity)).collect();
    sold.into_iter().filter(|(day, sold)| known.get(&(*day, sold.product)) != Some(&sold.quantity)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn range(from: Option<&str>, to: Option<&str>) -> Result<(String, String), Invalid> {
        let range = DayRange::parse(from, to, day("2026-11-21"))?;
        Ok((range.first().to_string(), range.last().to_string()))
    }

    #[test]
    fn a_query_without_a_range_is_about_the_last_thirty_ended_days() {
        assert_eq!(range(None, None).unwrap(), ("2026-10-22".to_owned(), "2026-11-20".to_owned()));
        assert_eq!(range(None, Some("2026-03-01")).unwrap().0, "2026-01-31");
    }

    #[test]
    fn a_query_range_is_in_order_and_at_most_a_year() {
        assert!(range(Some("2024-01-01"), Some("2024-12-31")).is_ok(), "a leap year");
        assert!(range(Some("2026-11-21"), Some("2026-11-21")).is_ok());
        for (from, to) in [
            ("2026-11-22", "2026-11-21"),
            ("2025-01-01", "2026-01-02"),
            ("2026-11-31", "2026-12-01"),
            ("20261101", "2026-11-21"),
            ("2026-11-01T00:00:00", "2026-11-21"),
            ("", "2026-11-21"),
            ("-000001-01-01", "2026-11-21"),
            ("2026-11-21", "x"),
        ] {
            assert!(range(Some(from), Some(to)).is_err(), "{from} to {to}");
        }
    }

    #[test]
    fn a_range_knows_its_months() {
        let range = DayRange::parse(Some("2025-12-31"), Some("2026-02-01"), day("2026-11-21")).unwrap();
        let months: Vec<String> = range.months().map(|month| month.to_string()).collect();
        assert_eq!(months, ["2025-12-01", "2026-01-01", "2026-02-01"]);
    }

    #[test]
    fn a_range_of_days_is_from_the_first_to_the_last_of_them() {
        let days = ["2026-11-19", "2026-11-20", "2026-11-21"].map(day);
        let range = DayRange::of(&days).unwrap();
        assert_eq!((range.first(), range.last()), (days[0], days[2]));
        assert!(days.iter().all(|day| range.contains(*day)));
        assert!(!["2026-11-18", "2026-11-22"].iter().any(|other| range.contains(day(other))));
        assert_eq!(DayRange::of(&[]), None);
    }

    #[test]
    fn yesterday_and_correctable_days_are_due() {
        let due = days_due(day("2026-11-21"), Some(day("2026-11-19")));
        assert_eq!((due[0], due[due.len() - 1]), (day("2026-11-07"), day("2026-11-20")));
        assert_eq!(due.len(), 14);
        assert_eq!(days_due(day("2026-11-21"), None), due, "the first time");
        assert_eq!(days_due(day("2026-11-21"), Some(day("2026-11-20"))), due, "repeated");
        assert_eq!(days_due(day("2026-11-21"), Some(day("2026-12-24"))), due, "an old tick, once more");
    }

    #[test]
    fn skipped_days_are_recorded_in_limited_runs() {
        let due = days_due(day("2026-11-21"), Some(day("2026-10-31")));
        assert_eq!((due[0], due.len()), (day("2026-11-01"), 20));
        let due = days_due(day("2026-11-21"), Some(day("2025-12-31")));
        assert_eq!((due[0], due.len()), (day("2026-01-01"), DAYS_PER_RUN_MAX));
    }

    #[test]
    fn only_what_differs_is_written() {
        let sold = |product: u128, quantity| Sold { product: ProductId::new(Uuid::from_u128(product)), quantity };
        let recorded = |day, sold| DailySale { day, sold, recorded_at: Moment::UNIX_EPOCH };
        let (one, two) = (day("2026-11-19"), day("2026-11-20"));
        let known = [recorded(one, sold(1, 5)), recorded(two, sold(1, 5)), recorded(two, sold(2, 1))];
        let counted = vec![(one, sold(1, 5)), (two, sold(1, 4)), (two, sold(2, 1)), (two, sold(3, 0))];
        assert_eq!(corrections(counted, &known), [(two, sold(1, 4)), (two, sold(3, 0))]);
    }

    #[test]
    fn a_summary_covers_1_to_90_days_that_end_today() {
        let today = day("2026-03-01");
        let range = |days| DayRange::parse_last(days, today);
        let days: Vec<String> = range(Some("3")).unwrap().days().map(|day| day.to_string()).collect();
        assert_eq!(days, ["2026-02-27", "2026-02-28", "2026-03-01"]);
        assert_eq!(range(None).unwrap().days().count(), 30);
        assert_eq!(range(Some("90")).unwrap().days().count(), 90);
        for bad in ["0", "91", "-1", "", "x", "1.5", "99999999999999999999"] {
            assert!(range(Some(bad)).is_err(), "{bad}");
        }
    }
}
