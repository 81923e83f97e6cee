//! Events of coupons.

use super::{Aggregate, Event};
use domain::Moment;
use domain::coupon::UserCoupon;
use domain::id::{CouponId, CustomerId};
use serde::{Deserialize, Serialize};

/// `coupon.issued.v1`: a customer got a coupon.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponIssuedV1 {
    /// The campaign.
    pub coupon_id: CouponId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The end of the coupon's validity (exclusive).
    pub valid_until: Moment,
}

impl CouponIssuedV1 {
    /// A newly issued coupon.
    pub fn new(customer_id: CustomerId, coupon: &UserCoupon) -> Self {
        Self { coupon_id: coupon.coupon, customer_id, valid_until: coupon.terms.valid_until }
    }
}

impl Event for CouponIssuedV1 {
    const TYPE: &'static str = "coupon.issued.v1";
    const AREA: &'static str = "coupons";

    fn aggregate(&self) -> Aggregate {
        Aggregate::new("user_coupon", format!("{}/{}", self.coupon_id, self.customer_id), 1)
    }
}
