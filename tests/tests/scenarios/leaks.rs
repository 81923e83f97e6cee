//! Nothing leaks: what the functions write down is read again and searched.
//!
//! Events, files and refusals are searched by the wire and by the sessions themselves, in every scenario. The log lines go to
//! standard output, as Lambda wants them: to read them this file runs a part of the scenarios once more, as a process of its own.

use std::process::Command;
use tests::leaks::{Canaries, of_every_scenario};
use tests::shop::LOG;

/// Scenarios through whose hands go contact data, tokens and keys, and channels and providers that say no.
const FLOWS: [&str; 8] = [
    "story::",
    "notifications::a_customer_is_told_once",
    "notifications::contact_data_is_in_no_event",
    "notifications::what_will_never_be_taken",
    "payments_callbacks::an_order_is_paid_at",
    "payments_callbacks::what_is_not_signed",
    "payments_refunds::a_refund_whose_answer_got_lost",
    "payments_refunds::what_no_machine_can_give_back",
];

/// As loud as anybody may ask for, and louder.
#[test]
fn no_line_says_whom_to_reach_or_what_is_secret_however_loud_the_log_is() {
    let again = Command::new(std::env::current_exe().unwrap())
        .args(FLOWS)
        .args(["--nocapture", "--test-threads=2"])
        .env(LOG, "TRACE")
        .output()
        .unwrap();
    let written = String::from_utf8_lossy(&again.stdout).into_owned() + &String::from_utf8_lossy(&again.stderr);
    assert!(again.status.success(), "{}", &written[written.len().saturating_sub(4_000)..]);
    for wanted in ["\"UseCase\":\"send_notification\"", "\"UseCase\":\"refund_payment\"", "\"level\":\"DEBUG\""] {
        assert!(written.contains(wanted), "no line with {wanted}: what is read is not what was written");
    }
    let canaries = Canaries::of(of_every_scenario().iter().map(|(name, value)| (*name, value.as_str())));
    let leaks = canaries.in_text(&written);
    let line = || written.lines().find(|line| !canaries.in_text(line).is_empty());
    assert!(leaks.is_empty(), "{leaks:?} are written down, first here: {:?}", line());
}
