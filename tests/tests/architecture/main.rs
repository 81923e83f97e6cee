//! What the compiler and the generator do not guarantee: that code, contract, samples, templates by hand and documents
//! agree. Each rule says, when it is broken, what to do.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a rule that is broken stops its test"
)]

mod alarms;
mod contract;
mod crates;
mod environment;
mod events;
mod fault_matrix;
mod files;
mod generated;
mod mutants;
mod roles;
mod samples;
mod stacks;
mod use_cases;
mod words;

use std::path::{Path, PathBuf};

/// The repository's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the repository as text.
fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
