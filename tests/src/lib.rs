//! The shop in one process: the real use cases on the real SDK over an embedded DynamoDB, with a controllable clock, an
//! event dispatcher, and a fake AWS transport below the use cases that injects faults and records calls.
//!
//! Everything here runs on tokio's paused time: latencies, back-off and time-outs take no real time, and the same seed
//! gives the same interleaving.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "only tests use it: what a name says is not repeated, and a helper that cannot continue fails its test"
)]

pub mod alarm_checks;
mod aws_error;
pub mod checkout;
mod consumed_capacity;
pub mod data_leaks;
pub mod engine;
pub mod event_dispatcher;
pub mod event_pattern;
pub mod events;
pub mod fake_aws;
pub mod fake_buckets;
pub mod fake_messengers;
pub mod fake_providers;
pub mod fake_users;
pub mod fault_matrix;
pub mod faults;
pub mod fixtures;
pub mod flash_sale;
mod manual_clock;
pub mod partitions;
pub mod preorders;
pub mod product_images;
pub mod roles;
pub mod rolling_deployment;
pub mod shop;
pub mod simulation;
pub mod template;
pub mod upgrade_fixtures;

pub use faults::{Fault, Rule};
pub use shop::{Caller, Reply, Shop};
