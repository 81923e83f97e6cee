//! Bodies of the routes about customers: their accounts, and what the shop keeps about them.

use crate::coupons::UserCouponView;
use crate::orders::OrderView;
use crate::points::EntryView;
use crate::profile::ProfileView;
use domain::id::CustomerId;
use domain::money::Cents;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A customer in the list of accounts.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountView {
    /// The customer.
    pub customer_id: String,
    /// The e-mail address that the customer signs in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The creation time of the account.
    pub created_at: Timestamp,
}

/// `GET /admin/customers/{customer_id}`: an account with the customer's points, coupons and latest orders.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerView {
    /// The customer.
    pub customer_id: String,
    /// The e-mail address that the customer signs in with; absent once the account was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The account's phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// The creation time of the account; absent after it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// The points.
    pub points: BalanceView,
    /// The newest 100 coupons.
    pub coupons: Vec<UserCouponView>,
    /// The newest 20 orders.
    pub orders: Vec<OrderView>,
}

/// A balance of points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BalanceView {
    /// The balance, in the currency's minor unit.
    pub balance_cents: i64,
}

impl fmt::Debug for AccountView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountView({}, redacted)", self.customer_id)
    }
}

impl fmt::Debug for CustomerView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomerView({}, redacted)", self.customer_id)
    }
}

impl From<Cents> for BalanceView {
    fn from(balance: Cents) -> Self {
        Self { balance_cents: balance.get() }
    }
}

/// `POST /admin/customers/{customer_id}/erase`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErasedView {
    /// The customer whose contact data was erased.
    pub customer_id: String,
}

impl ErasedView {
    /// The customer whose contact data was erased.
    pub fn new(customer: &CustomerId) -> Self {
        Self { customer_id: customer.to_string() }
    }
}

/// One record that the shop keeps about the caller. Exactly one of its data fields is present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PersonalDataView {
    /// `ORDER`, `COUPON`, `POINTS_ENTRY` or `PROFILE`: the field that is present.
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
