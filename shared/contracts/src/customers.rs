//! Bodies of the routes about what the shop keeps about a customer.

use crate::coupons::UserCouponView;
use crate::orders::OrderView;
use crate::points::EntryView;
use serde::{Deserialize, Serialize};

/// One thing that the shop keeps about the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonalDataView {
    /// `ORDER`, `COUPON` or `POINTS_ENTRY`: the field that is there.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PersonalDataKind))]
    pub kind: String,
    /// An order, with its contact data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderView>,
    /// A coupon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<UserCouponView>,
    /// An entry of the points ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points_entry: Option<EntryView>,
}

impl From<OrderView> for PersonalDataView {
    fn from(order: OrderView) -> Self {
        Self { kind: "ORDER".to_owned(), order: Some(order), coupon: None, points_entry: None }
    }
}

impl From<UserCouponView> for PersonalDataView {
    fn from(coupon: UserCouponView) -> Self {
        Self { kind: "COUPON".to_owned(), order: None, coupon: Some(coupon), points_entry: None }
    }
}

impl From<EntryView> for PersonalDataView {
    fn from(entry: EntryView) -> Self {
        Self { kind: "POINTS_ENTRY".to_owned(), order: None, coupon: None, points_entry: Some(entry) }
    }
}
