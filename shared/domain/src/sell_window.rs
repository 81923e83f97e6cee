//! Sell windows: the periods in which preorders are accepted.

use crate::id::SellWindowId;
use crate::text::Name;
use crate::{Invalid, Moment, Refusal};
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
    /// The end, except for offers that are extended.
    pub end_at: Moment,
    /// The time zone in which the days of an extension are counted.
    pub timezone: TimeZone,
    pub created_at: Moment,
}

/// An admin's changes to a window; a field that is `None` keeps its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowChange {
    pub name: Option<Name>,
    /// Can be changed only before the window has begun.
    pub start_at: Option<Moment>,
    /// Not in the past.
    pub end_at: Option<Moment>,
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

    /// Applies an admin's change.
    ///
    /// # Errors
    /// [`Refusal::SellWindowBegun`] for another start of a window that has begun; [`Refusal::Invalid`] for an end in
    /// the past, and for times that do not fit together.
    pub fn change(&self, change: &WindowChange, now: Moment) -> Result<Self, Refusal> {
        let start_at = change.start_at.unwrap_or(self.start_at);
        let end_at = change.end_at.unwrap_or(self.end_at);
        if start_at != self.start_at && self.start_at <= now {
            return Err(Refusal::SellWindowBegun);
        }
        if end_at != self.end_at && end_at < now {
            return Err(Invalid::field("end_at", "must not be in the past").into());
        }
        Self::check_period(start_at, end_at)?;
        let name = change.name.clone().unwrap_or_else(|| self.name.clone());
        Ok(Self { name, start_at, end_at, ..self.clone() })
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
    fn a_window_keeps_its_start_once_it_has_begun_and_never_ends_in_the_past() {
        let at = |text: &str| text.parse::<Moment>().unwrap();
        let (window, before) = (window("Asia/Taipei"), at("2026-10-31T00:00:00Z"));
        let start = WindowChange { start_at: Some(at("2026-11-02T00:00:00Z")), ..WindowChange::default() };
        assert_eq!(window.change(&start, before).unwrap().start_at, at("2026-11-02T00:00:00Z"));
        assert_eq!(window.change(&start, window.start_at), Err(Refusal::SellWindowBegun));
        let same = WindowChange { start_at: Some(window.start_at), ..WindowChange::default() };
        assert_eq!(window.change(&same, window.end_at).as_ref(), Ok(&window));
        let end = |text: &str| WindowChange { end_at: Some(at(text)), ..WindowChange::default() };
        let now = at("2026-11-10T00:00:00Z");
        assert_eq!(window.change(&end("2026-11-10T00:00:00Z"), now).unwrap().end_at, now);
        for wrong in ["2026-11-09T23:59:59.999Z", "2027-11-03T00:00:00Z"] {
            assert!(matches!(window.change(&end(wrong), now), Err(Refusal::Invalid(_))), "{wrong}");
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
