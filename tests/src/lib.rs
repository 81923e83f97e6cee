//! The shop in one process: the real use cases on the real SDK over an embedded DynamoDB, with a movable clock, a pump that
//! delivers events, and an integration point below the use cases where faults are injected and calls are counted.
//!
//! Everything here runs on tokio's paused time: a request's latency, a retry's pause and a time-out cost nothing, and the
//! same seed gives the same interleaving.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper that cannot go on fails the test that called it"
)]

pub mod bank;
mod bill;
pub mod checkout;
pub mod engine;
pub mod events;
pub mod fault_matrix;
pub mod faults;
pub mod golden;
pub mod goods;
pub mod leaks;
pub mod partitions;
pub mod pattern;
pub mod post;
pub mod preorders;
pub mod pump;
pub mod roles;
pub mod rolling;
pub mod rush;
pub mod shop;
pub mod simulation;
pub mod template;
pub mod watch;
pub mod wire;

pub use faults::{Fault, Rule};
pub use shop::{Caller, Reply, Shop};
