//! Fuzz targets for every parser of outside input. No parser panics; accepted input is accepted again after a round trip;
//! refused input is refused with a 4xx.
//!
//! Each target is a function of bytes. `make fuzz` searches for inputs that reach new code, `cargo test` replays the corpus
//! (`fuzz/corpus`).
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "only the fuzzer uses it; a property that does not hold stops the search, or fails the replay"
)]

mod deliveries;
mod providers;
mod requests;
mod shop;

/// A fuzz target with its name.
pub type Target = (&'static str, fn(&[u8]));

pub const TARGETS: &[Target] = &[
    ("requests", requests::target),
    ("deliveries", deliveries::target),
    ("callbacks", providers::callbacks),
    ("answers", providers::answers),
    ("shop", shop::target),
];

pub fn find(name: &str) -> Option<fn(&[u8])> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}
