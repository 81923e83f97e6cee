//! Limited coupons.

pub mod create_coupon;
pub mod get_coupon;
pub mod issue_coupon;
pub mod list_my_coupons;
