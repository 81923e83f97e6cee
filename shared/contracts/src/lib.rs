//! What crosses a border: HTTP bodies, events, problems, routes. Wire types are not domain types: a body is parsed into
//! the domain's, and a view is made from them.

pub mod batches;
pub mod catalog;
pub mod coupons;
pub mod events;
mod failure;
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
pub mod rankings;
pub mod routes;
pub mod sell_windows;
pub mod shipping;

pub use failure::Failure;
pub use page::Page;
pub use problem::Problem;
