//! The shop's own numbers: what a deployer sets.

use crate::Moment;
use crate::money::{Cents, ChargeUnit, Currency};
use jiff::{SignedDuration, civil::Date, tz::TimeZone};

/// The shop's parameters that a deployer sets, each a template parameter.
#[derive(Debug, Clone)]
pub struct Shop {
    /// The one currency.
    pub currency: Currency,
    /// The one time zone, which days are counted in.
    pub timezone: TimeZone,
    /// What providers can charge.
    pub charge_unit: ChargeUnit,
    /// How long stock and coupon wait for an instant order's payment.
    pub order_hold_minutes: u32,
    /// How long a checkout that nobody touches keeps other ways of paying out.
    pub checkout_live_minutes: u32,
    /// By how much an instant order's hold is put off, once, when its checkout is opened.
    pub checkout_hold_minutes: u32,
    /// After how long a provider is asked about a checkout without an answer, and how far apart the questions begin.
    pub reconcile_after_minutes: u32,
    /// After how long without an answer a checkout is given up.
    pub reconcile_give_up_minutes: u32,
    /// The least that one charge of points may be.
    pub points_charge_min: Cents,
    /// The most points that a customer may have.
    pub points_balance_max: Cents,
    /// How many shop days, today included, the best sellers look at.
    pub best_sellers_days: u32,
    /// How many best sellers are shown.
    pub best_sellers_top: usize,
}

impl Shop {
    /// The shop day that `moment` falls on.
    pub fn day(&self, moment: Moment) -> Date {
        moment.to_zoned(self.timezone.clone()).date()
    }

    /// When the hold of an order that is placed `now` ends.
    pub fn hold_end(&self, now: Moment) -> Moment {
        now.checked_add(SignedDuration::from_mins(i64::from(self.order_hold_minutes))).unwrap_or(Moment::MAX)
    }

    /// How long a checkout lives that nobody touches.
    pub fn checkout_live(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.checkout_live_minutes))
    }

    /// By how much a checkout puts a hold off.
    pub fn checkout_hold(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.checkout_hold_minutes))
    }

    /// When a provider is asked for the `checks` + 1st time: further and further apart.
    pub fn next_check_at(&self, now: Moment, checks: u32) -> Moment {
        let minutes = i64::from(self.reconcile_after_minutes) << checks.min(3);
        now.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(Moment::MAX)
    }

    /// Whether a checkout that was opened then is given up by now.
    pub fn gives_up(&self, opened_at: Moment, now: Moment) -> bool {
        now.duration_since(opened_at) >= SignedDuration::from_mins(i64::from(self.reconcile_give_up_minutes))
    }

    /// The last `best_sellers_days` shop days up to and with today, oldest first.
    pub fn best_seller_days(&self, now: Moment) -> Vec<Date> {
        let today = self.day(now);
        let back = i64::from(self.best_sellers_days.max(1)) - 1;
        let first = today.checked_sub(jiff::Span::new().days(back)).unwrap_or(today);
        first.series(jiff::Span::new().days(1)).take_while(|day| *day <= today).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The defaults of the template.
    pub(crate) fn shop() -> Shop {
        Shop {
            currency: Currency::parse("TWD").unwrap(),
            timezone: TimeZone::get("Asia/Taipei").unwrap(),
            charge_unit: ChargeUnit::new(100).unwrap(),
            order_hold_minutes: 15,
            checkout_live_minutes: 15,
            checkout_hold_minutes: 10,
            reconcile_after_minutes: 10,
            reconcile_give_up_minutes: 120,
            points_charge_min: Cents::new(1_000_000),
            points_balance_max: Cents::new(200_000_000),
            best_sellers_days: 3,
            best_sellers_top: 5,
        }
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_shops_time_zone() {
        let before: Moment = "2026-11-20T15:59:59.999Z".parse().unwrap();
        let after: Moment = "2026-11-20T16:00:00Z".parse().unwrap();
        assert_eq!(shop().day(before).to_string(), "2026-11-20");
        assert_eq!(shop().day(after).to_string(), "2026-11-21");
    }

    #[test]
    fn a_hold_and_a_checkout_last_as_long_as_the_shop_says() {
        let now: Moment = "2026-11-21T12:00:00Z".parse().unwrap();
        assert_eq!(shop().hold_end(now).to_string(), "2026-11-21T12:15:00Z");
        let other = Shop { checkout_live_minutes: 7, checkout_hold_minutes: 3, ..shop() };
        assert_eq!(other.checkout_live(), SignedDuration::from_mins(7));
        assert_eq!(other.checkout_hold(), SignedDuration::from_mins(3));
    }

    #[test]
    fn a_provider_is_asked_further_and_further_apart_and_given_up() {
        let now: Moment = "2026-11-21T12:00:00Z".parse().unwrap();
        let after = |checks| shop().next_check_at(now, checks).duration_since(now).as_mins();
        assert_eq!([0, 1, 2, 3, 4, 99].map(after), [10, 20, 40, 80, 80, 80]);
        let opened = |minutes| now.checked_sub(SignedDuration::from_mins(minutes)).unwrap();
        assert!(!shop().gives_up(opened(119), now) && shop().gives_up(opened(120), now));
    }

    #[test]
    fn the_best_sellers_look_at_today_and_the_two_days_before() {
        let days = shop().best_seller_days("2026-03-01T00:00:00Z".parse().unwrap());
        let days: Vec<_> = days.iter().map(ToString::to_string).collect();
        assert_eq!(days, ["2026-02-27", "2026-02-28", "2026-03-01"]);
    }
}
