//! Daily sales: what was sold on each shop day, written down once the day is over.
//!
//! A day's count can still change afterwards: an event may come late, and a refund takes its pieces from the day on which
//! they were sold. So a written day is corrected while it settles; from then on its figures stay for good.

use crate::id::ProductId;
use crate::ranking::Sold;
use crate::{Invalid, Moment};
use jiff::Span;
use jiff::civil::Date;
use std::collections::HashMap;

/// Days after which a day's figures stay as they are: no queue and no dead-letter queue keeps an event for longer.
pub const SETTLING_DAYS: i64 = 14;
/// Days that one run writes at the most; after a longer outage the next run goes on.
pub const DAYS_PER_RUN_MAX: usize = 60;
/// Days that one question may span.
pub const RANGE_DAYS_MAX: i64 = 366;
/// Days that a question without a beginning spans.
pub const RANGE_DAYS_DEFAULT: i64 = 30;

const _: () = assert!(RANGE_DAYS_DEFAULT <= RANGE_DAYS_MAX);

/// What was sold of a product on a day, as it was written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DailySale {
    /// The shop day.
    pub day: Date,
    /// What, and how many pieces net of refunds.
    pub sold: Sold,
    /// When it was written down, or corrected last.
    pub recorded_at: Moment,
}

/// Shop days from the first up to and with the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayRange {
    first: Date,
    last: Date,
}

impl DayRange {
    /// The days that a request names, each as `YYYY-MM-DD`. Without `to` they end with the last day that is over, without
    /// `from` they are [`RANGE_DAYS_DEFAULT`] days.
    ///
    /// # Errors
    /// Names `from` and `to` unless they are days, in order and at most [`RANGE_DAYS_MAX`] days apart.
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

    /// The first and the last of these days, if there is any.
    pub fn of(days: &[Date]) -> Option<Self> {
        Some(Self { first: *days.first()?, last: *days.last()? })
    }

    /// The first day.
    pub const fn first(&self) -> Date {
        self.first
    }

    /// The last day.
    pub const fn last(&self) -> Date {
        self.last
    }

    /// Whether a day is one of them.
    pub fn contains(&self, day: Date) -> bool {
        (self.first..=self.last).contains(&day)
    }

    /// The months that they are in, each by its first day.
    pub fn months(&self) -> impl Iterator<Item = Date> + use<> {
        let last = self.last;
        self.first.first_of_month().series(Span::new().months(1)).take_while(move |month| *month <= last)
    }
}

fn parse_day(field: &str, text: &str) -> Result<Date, Invalid> {
    // The library reads more than the one form: a date with a time of day, a date without hyphens.
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text);
    day.ok_or_else(|| Invalid::field(field, "must be a day, YYYY-MM-DD"))
}

fn days_before(day: Date, days: i64) -> Date {
    day.checked_sub(Span::new().days(days)).unwrap_or(Date::MIN)
}

/// The days that a run on `today` writes, oldest first: those that are over and not written down yet, and those that still
/// settle. A run that was skipped is made up for; one that is repeated writes the same again.
pub fn days_due(today: Date, recorded_until: Option<Date>) -> Vec<Date> {
    let settling = days_before(today, SETTLING_DAYS);
    let first = recorded_until.and_then(|day| day.tomorrow().ok()).map_or(settling, |next| next.min(settling));
    first.series(Span::new().days(1)).take_while(|day| *day < today).take(DAYS_PER_RUN_MAX).collect()
}

/// What has to be written so that what is recorded is what was sold.
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
    fn a_question_without_days_is_about_the_last_thirty_that_are_over() {
        assert_eq!(range(None, None).unwrap(), ("2026-10-22".to_owned(), "2026-11-20".to_owned()));
        assert_eq!(range(None, Some("2026-03-01")).unwrap().0, "2026-01-31");
    }

    #[test]
    fn a_question_names_days_in_order_and_at_most_a_year_apart() {
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
    fn yesterday_and_the_days_that_settle_are_due() {
        let due = days_due(day("2026-11-21"), Some(day("2026-11-19")));
        assert_eq!((due[0], due[due.len() - 1]), (day("2026-11-07"), day("2026-11-20")));
        assert_eq!(due.len(), 14);
        assert_eq!(days_due(day("2026-11-21"), None), due, "the first time");
        assert_eq!(days_due(day("2026-11-21"), Some(day("2026-11-20"))), due, "repeated");
        assert_eq!(days_due(day("2026-11-21"), Some(day("2026-12-24"))), due, "an old tick, once more");
    }

    #[test]
    fn what_was_skipped_is_made_up_for_a_stretch_at_a_time() {
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
}
