//! What outsiders send, whatever it is, at every parser of it. No parser panics; what it takes it would take again; what it
//! refuses it refuses with a 4xx.
//!
//! Each target is a function of bytes. `make fuzz` searches for bytes that reach new code, `cargo test` replays those that
//! were found (`fuzz/corpus`).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a target that does not hold stops the search, or fails the replay"
)]

mod deliveries;
mod providers;
mod requests;
mod shop;

/// A family of parsers, by its name.
pub type Target = (&'static str, fn(&[u8]));

/// Every family.
pub const TARGETS: &[Target] = &[
    ("requests", requests::target),
    ("deliveries", deliveries::target),
    ("callbacks", providers::callbacks),
    ("answers", providers::answers),
    ("shop", shop::target),
];

/// The family of this name.
pub fn find(name: &str) -> Option<fn(&[u8])> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}
