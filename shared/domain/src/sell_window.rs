//! Sell windows: the periods in which preorders are accepted.

use crate::id::SellWindowId;
use crate::text::Name;
use crate::{Invalid, Moment};
use jiff::SignedDuration;
use jiff::tz::TimeZone;

/// The maximum length of a window, in days.
pub const DAYS_MAX: i64 = 366;

/// A period in which preorders are accepted, for example "2026_CNY".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SellWindow {
    pub id: SellWindowId,
    pub name: Name,
    /// May be in the past when the window is created.
    pub start_at: Moment,
    /// When it closes, except for offers that are extended.
    pub end_at: Moment,
    /// The time zone in which the days of an extension are counted.
    pub timezone: TimeZone,
    pub created_at: Moment,
}

impl SellWindow {
    /// Validates a period.
    ///
    /// # Errors
    /// [`Invalid`] for `end_at` unless it is after `start_at`, by at most [`DAYS_MAX`] days.
    pub fn check_period(start_at: Moment, end_at: Moment) -> Result<(), Invalid> {
        if end_at <= start_at {
            return Err(Invalid::field("end_at", "must be after start_at"));
        }
        if end_at.duration_since(start_at) > SignedDuration::from_hours(24 * DAYS_MAX) {
            return Err(Invalid::field("end_at", format!("must be at most {DAYS_MAX} days after start_at")));
        }
        Ok(())
    }

    /// `days` later in the window's calendar: the same local time, also across a daylight-saving change.
    pub fn days_after(&self, moment: Moment, days: u16) -> Moment {
        let later = moment.to_zoned(self.timezone.clone()).checked_add(jiff::Span::new().days(i64::from(days)));
        later.map_or(Moment::MAX, |later| later.timestamp())
    }
}

/// Parses a time zone name.
///
/// # Errors
/// [`Invalid`] for `field` unless the IANA database has it.
pub fn parse_timezone(field: &str, name: &str) -> Result<TimeZone, Invalid> {
    // The database's spelling: one per zone.
    TimeZone::get(name)
        .ok()
        .filter(|zone| zone.iana_name().is_some())
        .ok_or_else(|| Invalid::field(field, "must be an IANA time zone such as Asia/Taipei"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use uuid::Uuid;

    pub(crate) fn window(timezone: &str) -> SellWindow {
        SellWindow {
            id: SellWindowId::new(Uuid::from_u128(3)),
            name: Name::parse("name", "2026_CNY").unwrap(),
            start_at: "2026-11-01T00:00:00Z".parse().unwrap(),
            end_at: "2026-12-01T00:00:00Z".parse().unwrap(),
            timezone: parse_timezone("timezone", timezone).unwrap(),
            created_at: "2026-10-01T00:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn a_window_ends_after_it_starts_and_within_a_year() {
        let start: Moment = "2026-11-01T00:00:00Z".parse().unwrap();
        assert!(SellWindow::check_period(start, "2026-11-01T00:00:01Z".parse().unwrap()).is_ok());
        let longest = start + SignedDuration::from_hours(24 * DAYS_MAX);
        assert!(SellWindow::check_period(start, longest).is_ok());
        for end in ["2026-11-01T00:00:00Z", "2026-10-01T00:00:00Z", "2027-11-03T00:00:00Z"] {
            assert!(SellWindow::check_period(start, end.parse().unwrap()).is_err(), "{end}");
        }
    }

    #[test]
    fn a_time_zone_is_one_that_the_database_knows() {
        assert!(parse_timezone("timezone", "Asia/Taipei").is_ok());
        for bad in ["", "Moon/Base", "Asia/", "../etc/passwd", "+08:00"] {
            assert!(parse_timezone("timezone", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_extension_keeps_the_time_of_day_over_daylight_saving() {
        let end: Moment = "2026-10-24T22:00:00Z".parse().unwrap();
        assert_eq!(window("Europe/Berlin").days_after(end, 1), "2026-10-25T23:00:00Z".parse::<Moment>().unwrap());
        assert_eq!(window("Asia/Taipei").days_after(end, 1), "2026-10-25T22:00:00Z".parse::<Moment>().unwrap());
    }
}
