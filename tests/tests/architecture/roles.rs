//! A role per function: its own actions on its own tables.

use functions::USE_CASES;
use functions::manifest::{Action, Grant, MediaAction};
use std::collections::BTreeSet;
use tests::roles::{self, DEEDS};

/// The use cases with a grant of this kind.
fn granted(is_wanted: impl Fn(&Grant) -> bool) -> Vec<&'static str> {
    let with = USE_CASES.iter().filter(|use_case| use_case.manifest.grants.iter().any(&is_wanted));
    with.map(|use_case| use_case.name).collect()
}

#[test]
fn every_role_names_each_table_once_and_its_actions_in_order() {
    for use_case in USE_CASES {
        let mut seen = BTreeSet::new();
        for grant in use_case.manifest.grants {
            for deed in grant.allows() {
                assert!(seen.insert(deed.clone()), "{}: {deed:?} twice", use_case.name);
            }
            if let Grant::Table(table, actions) = grant {
                assert!(!actions.is_empty() && actions.is_sorted(), "{}: {table:?}: actions in order", use_case.name);
                let lines = use_case
                    .manifest
                    .grants
                    .iter()
                    .filter(|other| matches!(other, Grant::Table(same, _) if same == table));
                assert_eq!(lines.count(), 1, "{}: one line for {table:?}", use_case.name);
            }
        }
    }
}

#[test]
fn only_the_audit_and_the_sweep_scan() {
    let scans = granted(|grant| matches!(grant, Grant::Table(_, actions) if actions.contains(&Action::Scan)));
    assert_eq!(scans, ["sweep_outbox", "audit_ledgers"], "a scan reads a whole table: find a key or an index");
}

#[test]
fn only_the_export_writes_to_the_bucket() {
    let writes = granted(|grant| matches!(grant, Grant::PutObjects(_)));
    assert_eq!(writes, ["export_orders"], "the data platform's files are the export's alone");
}

#[test]
fn only_what_has_checked_an_image_writes_where_it_is_served() {
    let writes = granted(|grant| *grant == Grant::Media(MediaAction::PutObject, contracts::images::MEDIA));
    assert_eq!(writes, ["complete_image"], "everything below media/ is served to everybody");
}

#[test]
fn only_relay_and_sweep_put_events_on_the_bus() {
    let publish = granted(|grant| *grant == Grant::PublishEvents);
    assert_eq!(publish, ["relay_outbox", "sweep_outbox"], "outbox or it did not happen: tx.emit(…)");
}

/// Least privilege, exactly: what the scenarios did in each role's name is what the role allows. The wire refuses what
/// a role leaves out, so an action that is taken out of a role fails the scenario that needs it; one that nobody needs
/// fails here.
#[test]
#[ignore = "after all scenarios have written down what they did: docs/security.md"]
fn every_role_has_exactly_what_the_scenarios_use() {
    let path = std::env::var(DEEDS).expect("MILLRUN_DEEDS names the file that the scenarios wrote");
    let done = roles::written(&path);
    let (unused, missing): (Vec<_>, Vec<_>) =
        (roles::granted().difference(&done).collect(), done.difference(roles::granted()).collect());
    assert!(
        unused.is_empty(),
        "no scenario needs these: take them out of the roles, or write the scenario: {unused:#?}"
    );
    assert!(missing.is_empty(), "these were refused, and no scenario failed: {missing:#?}");
}
