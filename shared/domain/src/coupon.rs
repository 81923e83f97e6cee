//! Coupons: limited campaigns, and the coupons that customers hold.

use crate::id::{CouponId, OrderId};
use crate::money::{Cents, ChargeUnit};
use crate::stock::Shards;
use crate::text::Name;
use crate::{Invalid, Moment, Refusal};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The maximum number of coupons in a campaign.
pub const TOTAL_QUANTITY_MAX: u32 = 10_000_000;

/// The discount of a coupon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Discount {
    /// A fixed amount.
    Fixed(Cents),
    /// A whole percentage of the items' total, 1 to 100 (not basis points).
    Percent(u8),
}

impl Discount {
    /// # Errors
    /// [`Invalid`] for `discount.type` or `discount.value` when the kind is unknown or the value is not chargeable.
    pub fn parse(kind: &str, value: i64, unit: ChargeUnit) -> Result<Self, Invalid> {
        match kind {
            "FIXED" => unit.parse_price("discount.value", value).map(Self::Fixed),
            "PERCENT" => u8::try_from(value)
                .ok()
                .filter(|percent| (1..=100).contains(percent))
                .map(Self::Percent)
                .ok_or_else(|| Invalid::field("discount.value", "must be a whole percentage from 1 to 100")),
            _ => Err(Invalid::field("discount.type", "must be FIXED or PERCENT")),
        }
    }
}

/// The value and validity of a coupon. Copied to each customer's coupon, so that placing an order reads only that item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub discount: Discount,
    /// The maximum discount of a percentage.
    pub max_discount: Option<Cents>,
    /// The minimum total of the items.
    pub min_order: Option<Cents>,
    /// The first moment at which the coupon is no longer valid.
    pub valid_until: Moment,
}

impl Terms {
    /// The discount on items that cost `items_total`: a multiple of the charge unit, at most the items' total.
    pub fn discount_on(&self, items_total: Cents, unit: ChargeUnit) -> Cents {
        let wanted = match self.discount {
            Discount::Fixed(amount) => amount,
            Discount::Percent(percent) => items_total.percent(percent, unit),
        };
        unit.floor(wanted.min(self.max_discount.unwrap_or(wanted)).min(items_total))
    }
}

/// A coupon campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub id: CouponId,
    pub name: Name,
    pub terms: Terms,
    /// The number of coupons in the campaign.
    pub total_quantity: u32,
    /// The shards of the quota.
    pub quota_shards: Shards,
    /// Start of the issue period.
    pub issue_starts_at: Moment,
    /// End of the issue period (exclusive).
    pub issue_ends_at: Moment,
    pub created_at: Moment,
    /// Whether customers see it in the list of available coupons.
    pub listed: bool,
    /// Incremented by every change, from 1. What an environment has cached about the campaign is valid for one version.
    pub version: u32,
    /// The campaign version from which queued requests are served. Requests of earlier versions arrived when nothing
    /// was left, and are rejected.
    pub served_from: u32,
}

/// An admin's changes to a running campaign; a field that is `None` keeps its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CampaignChange {
    /// The new number of coupons; must be greater than before.
    pub total_quantity: Option<u32>,
    /// A new number of quota shards.
    pub quota_shards: Option<u8>,
    pub name: Option<Name>,
    /// A new end of the issue period; in the past it ends the campaign.
    pub issue_ends_at: Option<Moment>,
    /// The end of the validity of coupons that are issued from now on (exclusive).
    pub valid_until: Option<Moment>,
    pub listed: Option<bool>,
}

impl Campaign {
    /// Issues a coupon to a customer during the issue period.
    ///
    /// # Errors
    /// [`Refusal::CouponNotStarted`], [`Refusal::CouponEnded`].
    pub fn issue(&self, now: Moment) -> Result<UserCoupon, Refusal> {
        self.check_period_at(now)?;
        Ok(self.serve(now))
    }

    /// Issues a coupon for a request that was accepted during the issue period, also when an admin has ended it since.
    pub fn serve(&self, now: Moment) -> UserCoupon {
        UserCoupon {
            coupon: self.id,
            name: self.name.clone(),
            terms: self.terms.clone(),
            status: UserCouponStatus::Issued,
            order: None,
            issued_at: now,
        }
    }

    /// Checks that `now` is in the issue period.
    ///
    /// # Errors
    /// [`Refusal::CouponNotStarted`], [`Refusal::CouponEnded`].
    pub fn check_period_at(&self, now: Moment) -> Result<(), Refusal> {
        if now < self.issue_starts_at {
            return Err(Refusal::CouponNotStarted);
        }
        if now >= self.issue_ends_at {
            return Err(Refusal::CouponEnded);
        }
        Ok(())
    }

    /// Whether a coupon can be issued at `now` with this remaining quota.
    pub fn can_be_taken(&self, left: i64, now: Moment) -> bool {
        left > 0 && self.check_period_at(now).is_ok()
    }

    /// Applies a change and returns the number of added coupons. `left` is the quota before the change: when it is
    /// zero, all earlier requests are rejected for good, and only later requests get the added coupons.
    ///
    /// # Errors
    /// [`Invalid`] for `total_quantity` when it is less than before, and for times that do not fit together.
    pub fn change(self, change: &CampaignChange, left: i64) -> Result<(Self, u32), Invalid> {
        let total_quantity = change.total_quantity.unwrap_or(self.total_quantity);
        let added = total_quantity
            .checked_sub(self.total_quantity)
            .ok_or_else(|| Invalid::field("total_quantity", "must be greater than before"))?;
        let issue_ends_at = change.issue_ends_at.unwrap_or(self.issue_ends_at);
        let valid_until = change.valid_until.unwrap_or(self.terms.valid_until);
        Self::check_period(self.issue_starts_at, issue_ends_at, valid_until)?;
        let version = self.version + 1;
        let changed = Self {
            name: change.name.clone().unwrap_or(self.name),
            terms: Terms { valid_until, ..self.terms },
            issue_ends_at,
            listed: change.listed.unwrap_or(self.listed),
            total_quantity,
            quota_shards: change.quota_shards.map_or(self.quota_shards, |number| self.quota_shards.resized(number)),
            version,
            served_from: if left > 0 { self.served_from } else { version },
            ..self
        };
        Ok((changed, added))
    }

    /// # Errors
    /// [`Invalid`] for the fields whose times are in the wrong order.
    pub fn check_period(starts: Moment, ends: Moment, valid_until: Moment) -> Result<(), Invalid> {
        let mut wrong = Invalid::default();
        if ends <= starts {
            wrong.note("issue_ends_at", "must be after issue_starts_at");
        }
        if valid_until < ends {
            wrong.note("valid_until", "must not be before issue_ends_at");
        }
        wrong.into_result(Some(()))
    }
}

/// The number of a campaign's coupons that unpaid orders hold, and of those that were used. As a change, either can be
/// negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Uses {
    pub held: i64,
    pub used: i64,
}

impl Uses {
    /// An order holds its coupon.
    pub const HELD: Self = Self { held: 1, used: 0 };
    /// An order released the coupon that it held.
    pub const RELEASED: Self = Self { held: -1, used: 0 };
    /// A paid order was canceled or failed, and returned the coupon that it had used.
    pub const RETURNED: Self = Self { held: 0, used: -1 };

    /// An order was paid. An order that is paid late has released its coupon before.
    pub const fn paid(is_late: bool) -> Self {
        Self { held: if is_late { 0 } else { -1 }, used: 1 }
    }

    /// The sum of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { held: self.held + other.held, used: self.used + other.used }
    }
}

/// The status of a customer's coupon. EXPIRED is never stored: it is ISSUED after `valid_until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum UserCouponStatus {
    /// Can be used.
    Issued,
    /// Held by an order that is not paid yet.
    Held,
    /// Used by a paid order.
    Used,
    /// No longer valid.
    Expired,
}

impl UserCouponStatus {
    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}

/// A coupon that a customer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserCoupon {
    pub coupon: CouponId,
    pub name: Name,
    pub terms: Terms,
    /// The status.
    pub status: UserCouponStatus,
    /// The order that holds or used it.
    pub order: Option<OrderId>,
    pub issued_at: Moment,
}

impl UserCoupon {
    /// Whether an order that used the coupon returns it when it is canceled or fails.
    pub fn is_returnable(&self, order: OrderId, now: Moment) -> bool {
        self.status == UserCouponStatus::Used && self.order == Some(order) && now < self.terms.valid_until
    }

    /// The discount on an order of `items_total`, if the coupon can be held for it.
    ///
    /// # Errors
    /// [`Refusal::CouponAlreadyUsed`], [`Refusal::CouponExpired`], [`Refusal::CouponNotUsable`].
    pub fn discount_on(&self, items_total: Cents, now: Moment, unit: ChargeUnit) -> Result<Cents, Refusal> {
        match self.status_at(now) {
            UserCouponStatus::Used => Err(Refusal::CouponAlreadyUsed),
            UserCouponStatus::Held => Err(Refusal::CouponNotUsable),
            UserCouponStatus::Expired => Err(Refusal::CouponExpired),
            UserCouponStatus::Issued if self.terms.min_order.is_some_and(|least| items_total < least) => {
                Err(Refusal::CouponNotUsable)
            }
            UserCouponStatus::Issued => Ok(self.terms.discount_on(items_total, unit)),
        }
    }

    /// The status at `now`, EXPIRED included.
    pub fn status_at(&self, now: Moment) -> UserCouponStatus {
        match self.status {
            UserCouponStatus::Issued if now >= self.terms.valid_until => UserCouponStatus::Expired,
            status => status,
        }
    }
}

/// Splits a discount over lines in proportion to their subtotals, in whole charge units, by the largest-remainder
/// method: the parts add up to the discount exactly, and none exceeds its line. So a refund of one line returns exactly
/// what it cost.
///
/// `discount` and all `subtotals` are multiples of `unit`, and the discount is at most their sum.
pub fn split(discount: Cents, subtotals: &[Cents], unit: ChargeUnit) -> Vec<Cents> {
    let total: i128 = subtotals.iter().map(|line| i128::from(line.get())).sum();
    if total == 0 {
        return vec![Cents::ZERO; subtotals.len()];
    }
    let units = i128::from(discount.get() / unit.get());
    let shares: Vec<(i128, i128)> =
        subtotals.iter().map(|line| units * i128::from(line.get())).map(|n| (n / total, n % total)).collect();
    let mut rest = units - shares.iter().map(|(whole, _)| whole).sum::<i128>();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by_key(|line| std::cmp::Reverse(shares.get(*line).map(|(_, remainder)| *remainder)));
    let mut parts: Vec<i128> = shares.iter().map(|(whole, _)| *whole).collect();
    for line in order {
        if rest == 0 {
            break;
        }
        // A line with a remainder can take one more unit: its exact share is greater than the whole part.
        if let Some(part) = parts.get_mut(line) {
            *part += 1;
            rest -= 1;
        }
    }
    parts
        .into_iter()
        .map(|part| Cents::new(i64::try_from(part).unwrap_or(i64::MAX).saturating_mul(unit.get())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOON: &str = "2026-11-21T12:00:00Z";

    fn unit() -> ChargeUnit {
        ChargeUnit::new(100).unwrap()
    }

    fn at(text: &str) -> Moment {
        text.parse().unwrap()
    }

    fn terms(discount: Discount) -> Terms {
        Terms { discount, max_discount: None, min_order: None, valid_until: at("2026-12-01T00:00:00Z") }
    }

    fn user_coupon() -> UserCoupon {
        UserCoupon {
            coupon: CouponId::new(uuid::Uuid::nil()),
            name: Name::parse("name", "autumn").unwrap(),
            terms: terms(Discount::Percent(10)),
            status: UserCouponStatus::Issued,
            order: None,
            issued_at: at("2026-11-01T00:00:00Z"),
        }
    }

    #[test]
    fn a_percentage_is_rounded_down_to_what_can_be_charged() {
        assert_eq!(terms(Discount::Percent(15)).discount_on(Cents::new(12_300), unit()), Cents::new(1_800));
    }

    #[test]
    fn a_percentage_stops_at_its_maximum() {
        let capped = Terms { max_discount: Some(Cents::new(500)), ..terms(Discount::Percent(50)) };
        assert_eq!(capped.discount_on(Cents::new(10_000), unit()), Cents::new(500));
    }

    #[test]
    fn a_discount_never_exceeds_what_the_items_cost() {
        assert_eq!(terms(Discount::Fixed(Cents::new(50_000))).discount_on(Cents::new(300), unit()), Cents::new(300));
    }

    #[test]
    fn only_an_issued_coupon_in_its_time_can_be_used() {
        let (total, noon) = (Cents::new(1_000), at(NOON));
        assert_eq!(user_coupon().discount_on(total, noon, unit()), Ok(Cents::new(100)));
        let used = UserCoupon { status: UserCouponStatus::Used, ..user_coupon() };
        assert_eq!(used.discount_on(total, noon, unit()), Err(Refusal::CouponAlreadyUsed));
        let held = UserCoupon { status: UserCouponStatus::Held, ..user_coupon() };
        assert_eq!(held.discount_on(total, noon, unit()), Err(Refusal::CouponNotUsable));
        let end = user_coupon().terms.valid_until;
        assert_eq!(user_coupon().discount_on(total, end, unit()), Err(Refusal::CouponExpired));
    }

    #[test]
    fn an_order_below_the_minimum_cannot_use_it() {
        let mut coupon = user_coupon();
        coupon.terms.min_order = Some(Cents::new(1_000));
        assert_eq!(coupon.discount_on(Cents::new(900), at(NOON), unit()), Err(Refusal::CouponNotUsable));
        assert!(coupon.discount_on(Cents::new(1_000), at(NOON), unit()).is_ok());
    }

    fn campaign() -> Campaign {
        Campaign {
            id: CouponId::new(uuid::Uuid::nil()),
            name: Name::parse("name", "autumn").unwrap(),
            terms: terms(Discount::Percent(10)),
            total_quantity: 1,
            quota_shards: Shards::new(1),
            issue_starts_at: at("2026-11-01T00:00:00Z"),
            issue_ends_at: at("2026-11-30T00:00:00Z"),
            created_at: at("2026-10-01T00:00:00Z"),
            listed: false,
            version: 1,
            served_from: 1,
        }
    }

    #[test]
    fn a_top_up_serves_waiting_requests_unless_it_was_sold_out() {
        let more = CampaignChange { total_quantity: Some(5), quota_shards: Some(4), ..CampaignChange::default() };
        let (selling, added) = campaign().change(&more, 1).unwrap();
        assert_eq!((added, selling.total_quantity, selling.quota_shards.used()), (4, 5, 4));
        assert_eq!((selling.version, selling.served_from), (2, 1));
        let (sold_out, _) = campaign().change(&more, 0).unwrap();
        assert_eq!((sold_out.version, sold_out.served_from), (2, 2));
        let fewer = CampaignChange { total_quantity: Some(0), ..CampaignChange::default() };
        assert!(campaign().change(&fewer, 1).is_err());
    }

    #[test]
    fn a_coupon_can_be_taken_in_the_issue_period_while_some_are_left() {
        let can = |left, now| campaign().can_be_taken(left, at(now));
        assert!(can(1, "2026-11-01T00:00:00Z") && can(1, "2026-11-29T23:59:59Z"));
        assert!(!can(0, NOON) && !can(1, "2026-10-31T23:59:59Z") && !can(1, "2026-11-30T00:00:00Z"));
    }

    #[test]
    fn the_times_of_a_changed_campaign_fit_together() {
        let ends = |ends, until| {
            let change = CampaignChange {
                issue_ends_at: Some(at(ends)),
                valid_until: Some(at(until)),
                listed: Some(true),
                ..CampaignChange::default()
            };
            campaign().change(&change, 1)
        };
        let (changed, added) = ends("2026-11-10T00:00:00Z", "2026-11-10T00:00:00Z").unwrap();
        assert_eq!((changed.issue_ends_at, added, changed.listed), (changed.terms.valid_until, 0, true));
        assert_eq!(
            ends("2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z").unwrap_err().errors()[0].field,
            "issue_ends_at"
        );
        assert_eq!(ends("2026-11-30T00:00:00Z", "2026-11-29T00:00:00Z").unwrap_err().errors()[0].field, "valid_until");
    }

    #[test]
    fn a_campaign_issues_from_its_start_until_before_its_end() {
        let campaign = campaign();
        assert_eq!(campaign.issue(at("2026-10-31T23:59:59.999Z")), Err(Refusal::CouponNotStarted));
        assert!(campaign.issue(campaign.issue_starts_at).is_ok());
        assert_eq!(campaign.issue(campaign.issue_ends_at), Err(Refusal::CouponEnded));
    }

    #[test]
    fn the_times_of_a_campaign_fit_together() {
        let check = |starts, ends, until| Campaign::check_period(at(starts), at(ends), at(until));
        let (first, second) = ("2026-11-01T00:00:00Z", "2026-11-30T00:00:00Z");
        assert_eq!(check(first, second, second), Ok(()));
        assert_eq!(check(first, first, second).unwrap_err().errors()[0].field, "issue_ends_at");
        assert_eq!(check(second, first, second).unwrap_err().errors()[0].field, "issue_ends_at");
        assert_eq!(check(first, second, first).unwrap_err().errors()[0].field, "valid_until");
    }

    #[test]
    fn an_issued_coupon_is_expired_after_valid_until() {
        let seen = |status, moment| UserCoupon { status, ..user_coupon() }.status_at(moment);
        let end = user_coupon().terms.valid_until;
        assert_eq!(seen(UserCouponStatus::Issued, at(NOON)), UserCouponStatus::Issued);
        assert_eq!(seen(UserCouponStatus::Issued, end), UserCouponStatus::Expired);
        assert_eq!(seen(UserCouponStatus::Held, end), UserCouponStatus::Held);
        assert_eq!(seen(UserCouponStatus::Used, end), UserCouponStatus::Used);
    }

    #[test]
    fn a_discount_outside_its_bounds_is_refused() {
        assert_eq!(Discount::parse("FIXED", 500, unit()).unwrap(), Discount::Fixed(Cents::new(500)));
        assert_eq!(Discount::parse("PERCENT", 100, unit()).unwrap(), Discount::Percent(100));
        for (kind, value) in [("FIXED", 150), ("FIXED", 0), ("PERCENT", 0), ("PERCENT", 101), ("percent", 5), ("", 1)] {
            assert!(Discount::parse(kind, value, unit()).is_err(), "{kind} {value}");
        }
    }

    #[test]
    fn remainders_of_a_split_go_to_the_largest_and_then_the_first() {
        let split = |subtotals: &[i64]| {
            let subtotals: Vec<Cents> = subtotals.iter().copied().map(Cents::new).collect();
            split(Cents::new(1_000), &subtotals, unit()).into_iter().map(Cents::get).collect::<Vec<_>>()
        };
        assert_eq!(split(&[500, 2_500]), [200, 800], "exactly 166.67 and 833.33");
        assert_eq!(split(&[700, 700, 700]), [400, 300, 300]);
    }

    proptest! {
        #[test]
        fn a_split_discount_adds_up_and_fits_its_lines(
            lines in prop::collection::vec(0..=99_000i64, 1..50), share in 0..=1_000i64,
        ) {
            let subtotals: Vec<Cents> = lines.iter().map(|units| Cents::new(units * 100)).collect();
            let total: Cents = subtotals.iter().copied().sum();
            let discount = unit().floor(Cents::new(total.get() / 1_000 * share));
            let parts = split(discount, &subtotals, unit());
            prop_assert_eq!(parts.iter().copied().sum::<Cents>(), discount);
            for (part, subtotal) in parts.iter().zip(&subtotals) {
                prop_assert!(part.get() % 100 == 0 && *part >= Cents::ZERO && part <= subtotal);
            }
        }
    }
}
