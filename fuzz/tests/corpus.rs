//! What the search has found, at every target again: no search is needed to notice that a parser got worse.

#![expect(clippy::unwrap_used, clippy::panic, reason = "an input that does not hold fails its test")]

use contracts::events::CATALOGUE;
use contracts::routes::ROUTES;
use fuzz::TARGETS;
use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// What all of it may weigh.
const CORPUS_BYTES_MAX: u64 = 1024 * 1024;

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target)
}

fn files(target: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(target)).unwrap_or_else(|error| panic!("fuzz/corpus/{target}: {error}"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn replay(target: &str) {
    let run = fuzz::find(target).unwrap();
    for file in files(target) {
        let input = fs::read(&file).unwrap();
        let holds = catch_unwind(|| run(&input)).is_ok();
        assert!(holds, "{target} does not hold for {}", file.display());
    }
}

#[test]
fn every_request_that_was_found_is_read_or_refused() {
    replay("requests");
}

#[test]
fn every_delivery_that_was_found_is_read_or_set_aside() {
    replay("deliveries");
}

#[test]
fn every_callback_that_was_found_is_read_or_refused() {
    replay("callbacks");
}

#[test]
fn every_answer_that_was_found_is_understood_or_waited_for() {
    replay("answers");
}

#[test]
fn every_request_that_was_found_is_never_the_shops_fault() {
    replay("shop");
}

#[test]
fn every_target_has_a_corpus_that_is_small() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let folders: BTreeSet<String> =
        files("").iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(targets, folders);
    let bytes: u64 = targets.iter().flat_map(|name| files(name)).map(|file| fs::metadata(file).unwrap().len()).sum();
    assert!(bytes <= CORPUS_BYTES_MAX, "fuzz/corpus has {bytes} bytes: minimise it (make fuzz does)");
}

#[test]
fn the_corpus_knows_every_route_and_every_event() {
    let texts = |target: &str| -> Vec<String> {
        files(target).iter().map(|file| String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()).collect()
    };
    let requests = texts("requests");
    for route in ROUTES {
        let is_there = requests.iter().any(|text| {
            let line = text.lines().next().unwrap_or_default();
            let (method, target) = line.split_once(' ').unwrap_or_default();
            let path = target.split('?').next().unwrap_or_default();
            contracts::routes::Route::find(method, path).is_some_and(|(found, _)| found == route)
        });
        assert!(is_there, "fuzz/corpus/requests has no {} {}", route.method, route.path);
    }
    let deliveries = texts("deliveries");
    for (kind, ..) in CATALOGUE {
        assert!(deliveries.iter().any(|text| text.contains(kind)), "fuzz/corpus/deliveries has no {kind}");
    }
}
