//! What keeps the shop honest and known: the outbox on its way to the bus, the export for the data platform, the audit.

pub mod audit_ledgers;
pub mod export_orders;
pub mod get_openapi;
pub mod list_outbox;
mod publish;
pub mod relay_outbox;
pub mod replay_event;
pub mod sweep_outbox;
