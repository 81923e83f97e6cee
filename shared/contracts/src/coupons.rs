//! Bodies of the coupon routes.

use domain::coupon::{Campaign, CampaignChange, Discount, TOTAL_QUANTITY_MAX, Terms, UserCoupon, Uses};
use domain::money::Cents;
use domain::shop::Shop;
use domain::text::Name;
use domain::{Invalid, stock};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST /admin/coupons`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateCoupon {
    /// 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: String,
    /// The discount.
    #[serde(deserialize_with = "crate::object::object")]
    pub discount: DiscountBody,
    /// The maximum discount of a percentage, in the currency's minor unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100_000_000))]
    pub max_discount_cents: Option<i64>,
    /// The minimum total of the items, in the currency's minor unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100_000_000))]
    pub min_order_cents: Option<i64>,
    /// The number of coupons, 1 to 10,000,000.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000))]
    pub total_quantity: i64,
    /// The start of the issue period; may be in the past.
    #[serde(deserialize_with = "crate::time::milliseconds")]
    pub issue_starts_at: Timestamp,
    /// The end of the issue period (exclusive).
    #[serde(deserialize_with = "crate::time::milliseconds")]
    pub issue_ends_at: Timestamp,
    /// The end of the coupon's validity (exclusive).
    #[serde(deserialize_with = "crate::time::milliseconds")]
    pub valid_until: Timestamp,
    /// The number of quota shards, 1 to 64; default 1. More shards reduce contention in a rush.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 64))]
    pub quota_shards: Option<i64>,
    /// Whether customers see it in the list of coupons that they can take; default `false`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<bool>,
}

/// The discount of a coupon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiscountBody {
    /// `FIXED` or `PERCENT`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::DiscountType))]
    pub discount_type: String,
    /// An amount in the currency's minor unit, or a whole percentage from 1 to 100.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100_000_000))]
    pub value: i64,
}

/// A valid new campaign.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// The name.
    pub name: Name,
    /// The value and validity of one coupon.
    pub terms: Terms,
    /// The number of coupons.
    pub total_quantity: u32,
    /// The number of shards.
    pub quota_shards: u8,
    /// The start of the issue period.
    pub issue_starts_at: Timestamp,
    /// The end of the issue period (exclusive).
    pub issue_ends_at: Timestamp,
    /// Whether customers see it in the list of coupons that they can take.
    pub listed: bool,
}

impl CreateCoupon {
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self, shop: &Shop) -> Result<NewCampaign, Invalid> {
        let mut wrong = Invalid::default();
        let unit = shop.charge_unit;
        let name = wrong.check(Name::parse("name", &self.name));
        let discount = wrong.check(Discount::parse(&self.discount.discount_type, self.discount.value, unit));
        let max_discount =
            self.max_discount_cents.and_then(|cents| wrong.check(unit.parse_price("max_discount_cents", cents)));
        if self.max_discount_cents.is_some() && self.discount.discount_type == "FIXED" {
            wrong.note("max_discount_cents", "is only allowed with a discount of type PERCENT");
        }
        let min_order = self.min_order_cents.and_then(|cents| wrong.check(parse_min_order(cents)));
        let total_quantity = wrong.check(parse_total_quantity(self.total_quantity));
        let quota_shards = wrong.check(stock::parse_shards("quota_shards", self.quota_shards.unwrap_or(1)));
        let period = wrong.check(Campaign::check_period(self.issue_starts_at, self.issue_ends_at, self.valid_until));
        let campaign = name.zip(discount).zip(total_quantity).zip(quota_shards).zip(period).map(
            |((((name, discount), total_quantity), quota_shards), ())| NewCampaign {
                name,
                terms: Terms { discount, max_discount, min_order, valid_until: self.valid_until },
                total_quantity,
                quota_shards,
                issue_starts_at: self.issue_starts_at,
                issue_ends_at: self.issue_ends_at,
                listed: self.listed.unwrap_or_default(),
            },
        );
        wrong.into_result(campaign)
    }
}

/// `PATCH /admin/coupons/{coupon_id}`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateCoupon {
    /// The new number of coupons: more than before, at most 10,000,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000))]
    pub total_quantity: Option<i64>,
    /// The new number of quota shards, 1 to 64.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 64))]
    pub quota_shards: Option<i64>,
    /// 1 to 100 characters. Coupons that customers hold keep the name that they have.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: Option<String>,
    /// A new end of the issue period (exclusive), after `issue_starts_at`; a time that has passed ends it within seconds.
    #[serde(default, deserialize_with = "crate::time::optional_milliseconds", skip_serializing_if = "Option::is_none")]
    pub issue_ends_at: Option<Timestamp>,
    /// The end of the validity (exclusive) of coupons that are issued from now on; not before `issue_ends_at`.
    #[serde(default, deserialize_with = "crate::time::optional_milliseconds", skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// Whether customers see it in the list of coupons that they can take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<bool>,
}

impl UpdateCoupon {
    /// # Errors
    /// [`Invalid`] for each invalid field, or for the body when no field is given.
    pub fn parse(&self) -> Result<CampaignChange, Invalid> {
        let mut wrong = Invalid::default();
        let times = self.issue_ends_at.or(self.valid_until);
        let is_empty = self.total_quantity.or(self.quota_shards).is_none()
            && self.name.is_none()
            && times.is_none()
            && self.listed.is_none();
        if is_empty {
            let fields = "total_quantity, quota_shards, name, issue_ends_at, valid_until, listed";
            wrong.note("", format!("must change at least one of {fields}"));
        }
        let change = CampaignChange {
            total_quantity: self.total_quantity.and_then(|number| wrong.check(parse_total_quantity(number))),
            quota_shards: self.quota_shards.and_then(|n| wrong.check(stock::parse_shards("quota_shards", n))),
            name: self.name.as_ref().and_then(|name| wrong.check(Name::parse("name", name))),
            issue_ends_at: self.issue_ends_at,
            valid_until: self.valid_until,
            listed: self.listed,
        };
        wrong.into_result(Some(change))
    }
}

fn parse_min_order(cents: i64) -> Result<Cents, Invalid> {
    if (0..=Cents::PRICE_MAX.get()).contains(&cents) {
        Ok(Cents::new(cents))
    } else {
        Err(Invalid::field("min_order_cents", format!("must be a whole number from 0 to {}", Cents::PRICE_MAX)))
    }
}

fn parse_total_quantity(number: i64) -> Result<u32, Invalid> {
    u32::try_from(number).ok().filter(|number| (1..=TOTAL_QUANTITY_MAX).contains(number)).ok_or_else(|| {
        Invalid::field("total_quantity", format!("must be a whole number from 1 to {TOTAL_QUANTITY_MAX}"))
    })
}

/// A campaign with its remaining quota.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CouponView {
    /// The id.
    pub coupon_id: String,
    /// The name.
    pub name: String,
    /// The discount.
    pub discount: DiscountBody,
    /// The maximum discount of a percentage, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_discount_cents: Option<i64>,
    /// The minimum total of the items, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_order_cents: Option<i64>,
    /// The number of coupons.
    pub total_quantity: u32,
    /// The number of issued coupons.
    pub issued_qty: i64,
    /// The remaining quota.
    pub remaining_qty: i64,
    /// The start of the issue period.
    pub issue_starts_at: Timestamp,
    /// The end of the issue period (exclusive).
    pub issue_ends_at: Timestamp,
    /// The end of the coupons' validity (exclusive).
    pub valid_until: Timestamp,
    /// The time of creation.
    pub created_at: Timestamp,
    /// Whether customers see it in the list of coupons that they can take.
    #[serde(default)]
    pub listed: bool,
}

impl CouponView {
    /// A campaign with its remaining quota.
    pub fn new(campaign: &Campaign, remaining_qty: i64) -> Self {
        Self {
            coupon_id: campaign.id.to_string(),
            name: campaign.name.as_str().to_owned(),
            discount: DiscountBody::from(campaign.terms.discount),
            max_discount_cents: campaign.terms.max_discount.map(Cents::get),
            min_order_cents: campaign.terms.min_order.map(Cents::get),
            total_quantity: campaign.total_quantity,
            issued_qty: i64::from(campaign.total_quantity) - remaining_qty,
            remaining_qty,
            issue_starts_at: campaign.issue_starts_at,
            issue_ends_at: campaign.issue_ends_at,
            valid_until: campaign.terms.valid_until,
            created_at: campaign.created_at,
            listed: campaign.listed,
        }
    }
}

/// The admin's view of a campaign, with its held and used coupons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminCouponView {
    /// The campaign.
    #[serde(flatten)]
    pub coupon: CouponView,
    /// The number of issued coupons that orders hold which are not paid yet. It follows the orders by some seconds.
    pub held_qty: i64,
    /// The number of issued coupons that paid orders have used. It follows the orders by some seconds.
    pub used_qty: i64,
    /// The end of the issue period; absent while coupons can be issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl AdminCouponView {
    /// A campaign at `now` with its remaining quota, and its coupons that are held and used.
    pub fn new(campaign: &Campaign, remaining_qty: i64, uses: Uses, now: Timestamp) -> Self {
        // A release that is counted before its hold leaves a sum below zero for a moment.
        Self {
            coupon: CouponView::new(campaign, remaining_qty),
            held_qty: uses.held.max(0),
            used_qty: uses.used.max(0),
            ended_at: Some(campaign.issue_ends_at).filter(|end| *end <= now),
        }
    }
}

impl From<Discount> for DiscountBody {
    fn from(discount: Discount) -> Self {
        let (discount_type, value) = match discount {
            Discount::Fixed(amount) => ("FIXED", amount.get()),
            Discount::Percent(percent) => ("PERCENT", i64::from(percent)),
        };
        Self { discount_type: discount_type.to_owned(), value }
    }
}

/// The response of `POST /coupons/{coupon_id}/issue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuedView {
    /// The campaign.
    pub coupon_id: String,
    /// Always `ISSUED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::UserCouponStatus))]
    pub status: String,
    /// The time of issue.
    pub issued_at: Timestamp,
    /// The end of the coupon's validity (exclusive).
    pub valid_until: Timestamp,
}

impl From<&UserCoupon> for IssuedView {
    fn from(coupon: &UserCoupon) -> Self {
        Self {
            coupon_id: coupon.coupon.to_string(),
            status: coupon.status.as_str().to_owned(),
            issued_at: coupon.issued_at,
            valid_until: coupon.terms.valid_until,
        }
    }
}

/// One of the customer's coupons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserCouponView {
    /// The campaign.
    pub coupon_id: String,
    /// The campaign's name.
    pub name: String,
    /// The discount.
    pub discount: DiscountBody,
    /// The maximum discount of a percentage, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_discount_cents: Option<i64>,
    /// The minimum total of the items, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_order_cents: Option<i64>,
    /// `ISSUED`, `HELD`, `USED` or `EXPIRED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::UserCouponStatus))]
    pub status: String,
    /// The order that holds or used it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The time of issue.
    pub issued_at: Timestamp,
    /// The end of the coupon's validity (exclusive).
    pub valid_until: Timestamp,
}

impl UserCouponView {
    /// A coupon with its status at `now`.
    pub fn new(coupon: &UserCoupon, now: Timestamp) -> Self {
        Self {
            coupon_id: coupon.coupon.to_string(),
            name: coupon.name.as_str().to_owned(),
            discount: DiscountBody::from(coupon.terms.discount),
            max_discount_cents: coupon.terms.max_discount.map(Cents::get),
            min_order_cents: coupon.terms.min_order.map(Cents::get),
            status: coupon.status_at(now).as_str().to_owned(),
            order_id: coupon.order.map(|id| id.to_string()),
            issued_at: coupon.issued_at,
            valid_until: coupon.terms.valid_until,
        }
    }
}
