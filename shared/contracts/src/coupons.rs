//! Bodies of the coupons' routes.

use domain::coupon::{Campaign, CampaignChange, Discount, TOTAL_QUANTITY_MAX, Terms, UserCoupon};
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
    /// What one coupon takes off.
    #[serde(deserialize_with = "crate::object::object")]
    pub discount: DiscountBody,
    /// The most that a percentage takes off.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100_000_000))]
    pub max_discount_cents: Option<i64>,
    /// The least that the items must cost.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100_000_000))]
    pub min_order_cents: Option<i64>,
    /// How many there are, 1 to 10,000,000.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000))]
    pub total_quantity: i64,
    /// From when on it is issued; may have begun already.
    pub issue_starts_at: Timestamp,
    /// From when on it is no longer issued.
    pub issue_ends_at: Timestamp,
    /// From when on it can no longer be used.
    pub valid_until: Timestamp,
    /// Over how many shards the quota is split, 1 to 64; default 1. More for a rush.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 64))]
    pub quota_shards: Option<i64>,
}

/// What a coupon takes off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DiscountBody {
    /// `FIXED` or `PERCENT`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::DiscountType))]
    pub discount_type: String,
    /// An amount in the currency's minor unit, or whole percents from 1 to 100.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100_000_000))]
    pub value: i64,
}

/// A campaign as an admin describes it.
#[derive(Debug, Clone)]
pub struct NewCampaign {
    /// Its name.
    pub name: Name,
    /// What one coupon is worth.
    pub terms: Terms,
    /// How many there are.
    pub total_quantity: u32,
    /// Over how many shards.
    pub quota_shards: u8,
    /// The issue period's start.
    pub issue_starts_at: Timestamp,
    /// The issue period's end.
    pub issue_ends_at: Timestamp,
}

impl CreateCoupon {
    /// # Errors
    /// Names each wrong field.
    pub fn parse(&self, shop: &Shop) -> Result<NewCampaign, Invalid> {
        let mut wrong = Invalid::default();
        let unit = shop.charge_unit;
        let name = wrong.check(Name::parse("name", &self.name));
        let discount = wrong.check(Discount::parse(&self.discount.discount_type, self.discount.value, unit));
        let max_discount =
            self.max_discount_cents.and_then(|cents| wrong.check(unit.parse_price("max_discount_cents", cents)));
        if self.max_discount_cents.is_some() && self.discount.discount_type == "FIXED" {
            wrong.note("max_discount_cents", "goes with a discount of type PERCENT");
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
    /// How many there are from now on: more than before, at most 10,000,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000))]
    pub total_quantity: Option<i64>,
    /// Over how many shards the quota is split from now on, 1 to 64.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 64))]
    pub quota_shards: Option<i64>,
}

impl UpdateCoupon {
    /// # Errors
    /// Names each wrong field, or both of them when there is none.
    pub fn parse(&self) -> Result<CampaignChange, Invalid> {
        let mut wrong = Invalid::default();
        if self.total_quantity.is_none() && self.quota_shards.is_none() {
            wrong.note("", "must change at least one of total_quantity, quota_shards");
        }
        let change = CampaignChange {
            total_quantity: self.total_quantity.and_then(|number| wrong.check(parse_total_quantity(number))),
            quota_shards: self.quota_shards.and_then(|n| wrong.check(stock::parse_shards("quota_shards", n))),
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

/// A campaign with what is left of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CouponView {
    /// Its id.
    pub coupon_id: String,
    /// Its name.
    pub name: String,
    /// What one coupon takes off.
    pub discount: DiscountBody,
    /// The most that a percentage takes off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_discount_cents: Option<i64>,
    /// The least that the items must cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_order_cents: Option<i64>,
    /// How many there are.
    pub total_quantity: u32,
    /// How many were issued.
    pub issued_qty: i64,
    /// How many are left.
    pub remaining_qty: i64,
    /// The issue period's start.
    pub issue_starts_at: Timestamp,
    /// The issue period's end.
    pub issue_ends_at: Timestamp,
    /// From when on it can no longer be used.
    pub valid_until: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
}

impl CouponView {
    /// A campaign with what is left of it.
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

/// The answer to `POST /coupons/{coupon_id}/issue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuedView {
    /// Of which campaign.
    pub coupon_id: String,
    /// `ISSUED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::UserCouponStatus))]
    pub status: String,
    /// When.
    pub issued_at: Timestamp,
    /// From when on it can no longer be used.
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
    /// Of which campaign.
    pub coupon_id: String,
    /// The campaign's name.
    pub name: String,
    /// What it takes off.
    pub discount: DiscountBody,
    /// The most that a percentage takes off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_discount_cents: Option<i64>,
    /// The least that the items must cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_order_cents: Option<i64>,
    /// `ISSUED`, `HELD`, `USED` or `EXPIRED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::UserCouponStatus))]
    pub status: String,
    /// The order that holds or used it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// When the customer got it.
    pub issued_at: Timestamp,
    /// From when on it can no longer be used.
    pub valid_until: Timestamp,
}

impl UserCouponView {
    /// A coupon as it is seen `now`.
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
