//! Scenarios in process: the true border, the real use cases, the real SDK, an embedded DynamoDB.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a scenario's helper that cannot go on fails the scenario"
)]

mod access;
mod alarms;
mod audit;
mod batches;
mod bodies;
mod budget;
mod contention;
mod events;
mod export;
mod faults;
mod hot_keys;
mod idempotency;
mod integration_points;
mod large_batch;
mod later_orders;
#[cfg(test)]
mod leaks;
mod messengers;
mod notifications;
mod outbox;
mod pages;
mod payments_callbacks;
mod payments_late;
mod payments_refunds;
mod preorder_conditions;
mod preorders;
mod production;
mod races;
mod roles;
mod rush;
mod sales;
mod shipping;
mod simulation;
mod store_conditions;
mod story;
mod tickets;
mod upgrade;
