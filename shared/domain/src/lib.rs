//! Millrun's rules: what the shop allows, what things cost, how an order lives.
//!
//! Pure by construction: time arrives as an argument, ids are made outside, and no call here waits for anything.
//! So every rule is a plain unit test.

pub mod batch;
pub mod cart;
pub mod catalog;
pub mod contact;
pub mod counter;
pub mod coupon;
pub mod id;
pub mod invalid;
pub mod money;
pub mod notification;
pub mod offer;
pub mod order;
pub mod payment;
pub mod points;
pub mod quantity;
pub mod ranking;
pub mod refusal;
pub mod sell_window;
pub mod shipment;
pub mod shop;
pub mod stock;
pub mod text;
pub mod work_order;

pub use invalid::Invalid;
pub use refusal::{Kind, Refusal};

/// A moment in time. Stored and compared in whole milliseconds, shown as RFC 3339 in UTC.
pub type Moment = jiff::Timestamp;
