//! What happens to coupons.

use super::{Aggregate, Event};
use domain::Moment;
use domain::coupon::UserCoupon;
use domain::id::{CouponId, CustomerId};
use serde::{Deserialize, Serialize};

/// `coupon.issued.v1`: a customer got a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponIssuedV1 {
    /// Of which campaign.
    pub coupon_id: CouponId,
    /// Who.
    pub customer_id: CustomerId,
    /// From when on it can no longer be used.
    pub valid_until: Moment,
}

impl CouponIssuedV1 {
    /// A customer's fresh copy.
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
