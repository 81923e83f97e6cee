//! The shop's settings.

use crate::Moment;
use crate::id::OrderId;
use crate::money::{Cents, ChargeUnit, Currency};
use crate::order::OrderNo;
use crate::payment::{ChargeRanges, PaymentMethod};
use crate::points::PointsCharging;
use jiff::{SignedDuration, civil::Date, tz::TimeZone};

/// The shop's settings; each is a template parameter.
#[derive(Debug, Clone)]
pub struct Shop {
    pub currency: Currency,
    /// The time zone in which days are counted.
    pub timezone: TimeZone,
    pub charge_unit: ChargeUnit,
    /// Minutes for which stock and coupon are held for the payment of an instant order.
    pub order_hold_minutes: u32,
    /// The maximum number of unpaid instant orders of one customer.
    pub open_orders_max: u32,
    /// The maximum number of unpaid preorders of one customer in one sell window.
    pub open_preorders_max: u32,
    /// Minutes for which a checkout without activity blocks other payments of the order.
    pub checkout_live_minutes: u32,
    /// Minutes by which an instant order's hold is extended, once, when its checkout is opened.
    pub checkout_hold_minutes: u32,
    /// Minutes after which the reconciliation first looks up a checkout without a result; also the base of its back-off.
    pub reconcile_after_minutes: u32,
    /// Minutes after its opening within which a provider can usually capture money for a trade; until then it is looked up.
    pub reconcile_give_up_minutes: u32,
    /// The minimum and maximum amount of each provider for one payment.
    pub charge_ranges: ChargeRanges,
    /// The way in which points are bought.
    pub points_charging: PointsCharging,
    /// The minimum of one charge of points.
    pub points_charge_min: Cents,
    /// The maximum balance of a customer.
    pub points_balance_max: Cents,
    /// The number of shop days, today included, that the best sellers are computed from.
    pub best_sellers_days: u32,
    /// The number of best sellers.
    pub best_sellers_top: usize,
}

impl Shop {
    /// The shop day of a moment.
    pub fn day(&self, moment: Moment) -> Date {
        moment.to_zoned(self.timezone.clone()).date()
    }

    /// The moment at which a shop day begins.
    pub fn day_start(&self, day: Date) -> Moment {
        day.to_zoned(self.timezone.clone()).map_or(Moment::MAX, |start| start.timestamp())
    }

    /// The number of an order that is placed with this id.
    pub fn order_no(&self, id: OrderId) -> OrderNo {
        OrderNo::of(id, &self.timezone)
    }

    /// The end of the hold of an order that is placed `now`.
    pub fn hold_end(&self, now: Moment) -> Moment {
        now.checked_add(SignedDuration::from_mins(i64::from(self.order_hold_minutes))).unwrap_or(Moment::MAX)
    }

    pub fn checkout_live(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.checkout_live_minutes))
    }

    pub fn checkout_hold(&self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.checkout_hold_minutes))
    }

    /// The time of the next lookup at the provider, after `checks` lookups without a result: exponential back-off.
    pub fn next_check_at(&self, now: Moment, checks: u32) -> Moment {
        let minutes = i64::from(self.reconcile_after_minutes) << checks.min(3);
        now.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(Moment::MAX)
    }

    /// The time until which a provider can usually capture money for a trade that was opened at `opened_at`.
    pub fn checkout_ends(&self, opened_at: Moment) -> Moment {
        let minutes = SignedDuration::from_mins(i64::from(self.reconcile_give_up_minutes));
        opened_at.checked_add(minutes).unwrap_or(Moment::MAX)
    }

    /// Whether the method's provider accepts the amount.
    pub fn takes(&self, method: PaymentMethod, amount: Cents) -> bool {
        self.charge_ranges.of(method).is_none_or(|range| range.contains(amount))
    }

    /// The last `best_sellers_days` shop days, today included, oldest first.
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
            open_orders_max: 10,
            open_preorders_max: 20,
            checkout_live_minutes: 15,
            checkout_hold_minutes: 10,
            reconcile_after_minutes: 10,
            reconcile_give_up_minutes: 120,
            charge_ranges: ChargeRanges::default(),
            points_charging: PointsCharging::Payment,
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
    fn the_hold_and_the_checkout_last_as_configured() {
        let now: Moment = "2026-11-21T12:00:00Z".parse().unwrap();
        assert_eq!(shop().hold_end(now).to_string(), "2026-11-21T12:15:00Z");
        let other = Shop { checkout_live_minutes: 7, checkout_hold_minutes: 3, ..shop() };
        assert_eq!(other.checkout_live(), SignedDuration::from_mins(7));
        assert_eq!(other.checkout_hold(), SignedDuration::from_mins(3));
    }

    #[test]
    fn checks_at_a_provider_back_off_and_end() {
        let now: Moment = "2026-11-21T12:00:00Z".parse().unwrap();
        let after = |checks| shop().next_check_at(now, checks).duration_since(now).as_mins();
        assert_eq!([0, 1, 2, 3, 4, 99].map(after), [10, 20, 40, 80, 80, 80]);
        assert_eq!(shop().checkout_ends(now).to_string(), "2026-11-21T14:00:00Z");
    }

    #[test]
    fn the_best_sellers_look_at_today_and_the_two_days_before() {
        let days = shop().best_seller_days("2026-03-01T00:00:00Z".parse().unwrap());
        let days: Vec<_> = days.iter().map(ToString::to_string).collect();
        assert_eq!(days, ["2026-02-27", "2026-02-28", "2026-03-01"]);
    }
}
