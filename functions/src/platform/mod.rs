//! The outbox, the export for the data platform, the audit, and the contract.

pub mod audit_ledgers;
pub mod export_orders;
pub mod get_event;
pub mod get_openapi;
pub mod get_summary;
pub mod list_activity;
pub mod list_outbox;
mod publish;
pub mod relay_outbox;
pub mod replay_event;
pub mod replay_events;
pub mod sweep_outbox;
