//! Bodies of the routes about what the shop keeps about a customer.

use crate::coupons::UserCouponView;
use crate::orders::OrderView;
use crate::points::EntryView;
use crate::profile::ProfileView;
use serde::{Deserialize, Serialize};

/// One thing that the shop keeps about the caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonalDataView {
    /// `ORDER`, `COUPON`, `POINTS_ENTRY` or `PROFILE`: the field that is there.
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
    /// The saved addresses and language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<ProfileView>,
}

impl PersonalDataView {
    fn of(kind: &str) -> Self {
        Self { kind: kind.to_owned(), order: None, coupon: None, points_entry: None, profile: None }
    }
}

impl From<OrderView> for PersonalDataView {
    fn from(order: OrderView) -> Self {
        Self { order: Some(order), ..Self::of("ORDER") }
    }
}

impl From<UserCouponView> for PersonalDataView {
    fn from(coupon: UserCouponView) -> Self {
        Self { coupon: Some(coupon), ..Self::of("COUPON") }
    }
}

impl From<EntryView> for PersonalDataView {
    fn from(entry: EntryView) -> Self {
        Self { points_entry: Some(entry), ..Self::of("POINTS_ENTRY") }
    }
}

impl From<ProfileView> for PersonalDataView {
    fn from(profile: ProfileView) -> Self {
        Self { profile: Some(profile), ..Self::of("PROFILE") }
    }
}
