//! The types that cross the system's border: HTTP bodies, events, problems and routes. Wire types are not domain types: a
//! body is parsed into domain types, and a view is built from them.

// Clients read these docs in the OpenAPI document.
#![warn(missing_docs)]

pub mod batches;
pub mod catalog;
pub mod coupons;
pub mod customers;
pub mod events;
pub mod export;
mod failure;
pub mod images;
pub mod notifications;
pub mod object;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod orders;
pub mod page;
pub mod payments;
pub mod platform;
pub mod points;
pub mod problem;
pub mod production;
pub mod profile;
pub mod quotes;
pub mod rankings;
pub mod routes;
pub mod sell_windows;
pub mod shipping;
pub mod shipping_methods;
pub mod staff;
pub mod table;
pub mod tickets;
mod time;

pub use failure::Failure;
pub use page::Page;
pub use problem::Problem;
