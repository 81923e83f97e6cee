//! Searches the log lines of functions for sensitive data.
//!
//! Events, files and refusals are checked by the fake AWS transport and the sessions in every scenario. Log lines go to
//! standard output, as Lambda expects: to read them, this file runs some scenarios again in a separate process.

use std::process::Command;
use tests::data_leaks::{Canaries, of_every_scenario};
use tests::shop::LOG;

/// Scenarios with contact data, tokens and keys, and with refusing channels and providers.
const FLOWS: [&str; 8] = [
    "order_lifecycle::",
    "notifications::a_customer_is_notified_once_on_each_channel",
    "notifications::no_event_and_no_job_contains_contact_data",
    "notifications::a_permanently_rejected_message_fails_at_once",
    "payments_callbacks::an_order_is_paid_",
    "payments_callbacks::a_callback_with_a_wrong_signature_changes_nothing",
    "payments_refunds::a_refund_with_a_lost_response_is_looked_up",
    "payments_refunds::a_refund_without_a_provider_api",
];

/// The most verbose level that can be configured, and a more verbose one.
#[test]
fn no_log_line_contains_contact_data_or_secrets_at_any_level() {
    let again = Command::new(std::env::current_exe().unwrap())
        .args(FLOWS)
        .args(["--nocapture", "--test-threads=2"])
        .env(LOG, "TRACE")
        .output()
        .unwrap();
    let written = String::from_utf8_lossy(&again.stdout).into_owned() + &String::from_utf8_lossy(&again.stderr);
    assert!(again.status.success(), "{}", &written[written.len().saturating_sub(4_000)..]);
    for flow in FLOWS {
        assert!(written.contains(&format!("test {flow}")), "no scenario is called {flow}…");
    }
    for wanted in ["\"UseCase\":\"send_notification\"", "\"UseCase\":\"refund_payment\"", "\"level\":\"DEBUG\""] {
        assert!(written.contains(wanted), "no line contains {wanted}: the search reads the wrong data");
    }
    let canaries = Canaries::of(of_every_scenario().iter().map(|(name, value)| (*name, value.as_str())));
    let leaks = canaries.in_text(&written);
    let line = || written.lines().find(|line| !canaries.in_text(line).is_empty());
    assert!(leaks.is_empty(), "sensitive data is stored or logged: {leaks:?}, first at {:?}", line());
}
