//! What keeps the shop honest: the outbox on its way to the bus, and the audit.

pub mod audit_ledgers;
pub mod get_openapi;
pub mod list_outbox;
mod publish;
pub mod relay_outbox;
pub mod replay_event;
pub mod sweep_outbox;
