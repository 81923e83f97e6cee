//! One use case, one word: the same for file, line, manifest and sample.

use crate::{read, root};
use contracts::routes::Access;
use functions::manifest::{Grant, Manifest, Secret};
use functions::{Binary, Trigger, USE_CASES, UseCase};
use std::collections::BTreeSet;
use tests::template::files_in;

/// Every `functions/src/<area>/<name>.rs` that handles something, as (area, name).
pub(crate) fn files() -> BTreeSet<(String, String)> {
    let areas = files_in("functions/src").into_iter().filter(|name| root().join("functions/src").join(name).is_dir());
    areas
        .flat_map(|area| {
            // Folders hold what use cases of the area share.
            let names = files_in(&format!("functions/src/{area}")).into_iter().filter(|name| name.ends_with(".rs"));
            names.map(move |name| (area.clone(), name.trim_end_matches(".rs").to_owned()))
        })
        .filter(|(area, name)| {
            let source = read(&format!("functions/src/{area}/{name}.rs"));
            source.contains("pub async fn handle(") || source.contains(&format!("pub async fn {name}("))
        })
        .collect()
}

#[test]
fn every_use_case_has_its_file_and_every_file_its_use_case() {
    let files: BTreeSet<String> = files().into_iter().map(|(_, name)| name).collect();
    let listed: BTreeSet<String> = USE_CASES.iter().map(|use_case| use_case.name.to_owned()).collect();
    let (no_line, no_file): (Vec<_>, Vec<_>) =
        (files.difference(&listed).collect(), listed.difference(&files).collect());
    assert!(no_line.is_empty(), "add to use_cases! in functions/src/lib.rs: {no_line:?}");
    assert!(no_file.is_empty(), "write functions/src/<area>/<name>.rs for: {no_file:?}");
}

#[test]
fn each_use_case_is_in_the_binary_of_those_whom_it_is_for() {
    for use_case in USE_CASES {
        let manifest = use_case.manifest;
        // The contact keys are the shop's own.
        let is_third_partys =
            |grant: &Grant| matches!(grant, Grant::Read(secret) if *secret != Secret::ContactKeysSecret);
        let knows_secrets = manifest.grants.iter().any(is_third_partys);
        let wanted = match (use_case.trigger, manifest.routes) {
            _ if knows_secrets => Binary::External,
            (Trigger::Http(_), [first, ..]) if first.access == Access::Admin => Binary::Admin,
            (Trigger::Http(_), _) => Binary::Shop,
            (Trigger::Queue(_), _) => Binary::Events,
            _ => Binary::Upkeep,
        };
        assert_eq!(manifest.binary, wanted, "{}: the binary of its manifest", use_case.name);
    }
}

#[test]
fn every_use_case_is_invoked_by_what_its_line_expects() {
    for use_case in USE_CASES {
        let Manifest { routes, queues, schedule, stream, .. } = use_case.manifest;
        let has = (!routes.is_empty(), !queues.is_empty(), schedule.is_some(), stream.is_some());
        let wanted = match use_case.trigger {
            Trigger::Http(_) => (true, false, false, false),
            Trigger::Queue(_) => (false, true, false, false),
            Trigger::Schedule(_) => (false, false, true, false),
            Trigger::Stream(_) => (false, false, false, true),
            Trigger::HttpAndSchedule(..) => (true, false, true, false),
        };
        let name = use_case.name;
        assert_eq!(
            has, wanted,
            "{name}: routes, queues, schedule and stream of its manifest, and its line in use_cases!"
        );
    }
}

#[test]
fn every_use_case_is_filed_under_its_area() {
    for (area, name) in files() {
        let use_case = UseCase::find(&name).unwrap();
        assert_eq!(use_case.area, area, "{name}: its line in use_cases! names its folder");
    }
    let mut areas: Vec<&str> = USE_CASES.iter().map(|use_case| use_case.area).collect();
    areas.dedup();
    let each: BTreeSet<&str> = areas.iter().copied().collect();
    assert_eq!(areas.len(), each.len(), "use_cases!: the use cases of an area stand together");
}

#[test]
fn every_use_case_has_a_sample_and_every_sample_a_use_case() {
    let samples: BTreeSet<String> =
        files_in("events").into_iter().filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect();
    let listed: BTreeSet<String> = USE_CASES.iter().map(|use_case| use_case.name.to_owned()).collect();
    assert_eq!(samples, listed, "events/<use_case>.json: a sample invocation each (left: samples, right: use cases)");
}
