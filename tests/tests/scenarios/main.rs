//! Scenarios in process: the real request handling, use cases and SDK over an embedded DynamoDB.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a scenario's helper that cannot go on fails the scenario"
)]

mod access;
mod admin_commands;
mod admin_details;
mod admin_forecast;
mod admin_lists;
mod admin_summary;
mod alarms;
mod asynchronous_orders;
mod audit;
mod batches;
mod budget;
mod contention;
#[cfg(test)]
mod customers;
mod data_leaks;
#[cfg(test)]
mod documents;
mod events;
mod export;
mod faults;
mod flash_sale;
mod free_orders;
mod fulfilment;
mod hot_keys;
mod idempotency;
mod integration_points;
mod large_batch;
mod limits;
mod messengers;
mod notification_limits;
mod notifications;
mod order_lifecycle;
mod order_messages;
mod outbox;
mod pagination;
mod payments_callbacks;
mod payments_checkout;
mod payments_late;
mod payments_reconciliation;
mod payments_refunds;
mod points_payments;
mod preorder_conditions;
mod preorders;
mod product_images;
mod production;
mod profiles;
mod quotes;
mod races;
mod request_bodies;
mod request_fields;
mod roles;
mod sales;
mod shipping;
mod shipping_methods;
mod simulation;
mod store_conditions;
mod storefront;
mod tickets;
mod upgrade;
