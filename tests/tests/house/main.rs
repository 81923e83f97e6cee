//! The test that guards the house: what belongs together in code, template, contract, samples and documents is together.
//! Each rule says, when it is broken, what to do.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a rule that is broken stops its test"
)]

mod alarms;
mod crates;
mod environment;
mod events;
mod fault_matrix;
mod files;
mod mutants;
mod queues;
mod roles;
mod routes;
mod samples;
mod template;
mod use_cases;
