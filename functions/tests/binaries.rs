//! Each binary serves its own use cases and no others.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use functions::{Binary, USE_CASES};
use std::process::Command;

/// Starts a binary as this use case without settings; returns whether it succeeded, and its log.
fn started(binary: Binary, use_case: &str) -> (bool, String) {
    let program = match binary {
        Binary::Shop => env!("CARGO_BIN_EXE_shop"),
        Binary::Admin => env!("CARGO_BIN_EXE_admin"),
        Binary::External => env!("CARGO_BIN_EXE_external"),
        Binary::Events => env!("CARGO_BIN_EXE_events"),
        Binary::Upkeep => env!("CARGO_BIN_EXE_upkeep"),
    };
    let ended = Command::new(program).env_clear().env("_HANDLER", use_case).output().unwrap();
    (ended.status.success(), String::from_utf8(ended.stdout).unwrap())
}

#[test]
fn a_binary_that_is_asked_for_what_another_one_holds_does_not_start() {
    for binary in [Binary::Shop, Binary::Admin, Binary::External, Binary::Events, Binary::Upkeep] {
        for use_case in USE_CASES {
            let (succeeded, log) = started(binary, use_case.name);
            let is_unknown = log.contains("no use case is named");
            assert_eq!(is_unknown, use_case.manifest.binary != binary, "{} in {}: {log}", use_case.name, binary.name());
            assert!(!succeeded, "it cannot start without its settings: {log}");
        }
    }
}
