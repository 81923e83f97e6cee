//! Limited coupons.

pub mod create_coupon;
pub mod get_coupon;
pub mod get_coupon_request;
pub mod issue_coupon;
pub mod issue_requested_coupons;
pub mod list_coupons;
pub mod list_my_coupons;
pub mod update_coupon;
