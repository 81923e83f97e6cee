//! Replays the corpus at every target, so that a regression is found without fuzzing.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failing input fails its test")]

use contracts::events::CATALOGUE;
use functions::ROUTES;
use fuzz::TARGETS;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufReader, Read as _};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

/// The size limit of the whole corpus.
const CORPUS_BYTES_MAX: usize = 1024 * 1024;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The inputs of a target's archive, with their names (`python -m tools.checks.corpus` lists and unpacks them).
fn inputs(target: &str) -> Vec<(String, Vec<u8>)> {
    let path = folder().join(format!("{target}.tar"));
    let file = fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut archive = tar::Archive::new(BufReader::new(file));
    let read = |mut entry: tar::Entry<'_, BufReader<fs::File>>| {
        let mut input = Vec::new();
        entry.read_to_end(&mut input).unwrap();
        (entry.path().unwrap().display().to_string(), input)
    };
    let inputs: Vec<_> = archive.entries().unwrap().map(|entry| read(entry.unwrap())).collect();
    assert!(!inputs.is_empty(), "{} is empty", path.display());
    inputs
}

fn replay(target: &str) {
    let run = fuzz::find(target).unwrap();
    for (name, input) in inputs(target) {
        let holds = catch_unwind(|| run(&input)).is_ok();
        assert!(holds, "{target} does not hold for {name} of fuzz/corpus/{target}.tar");
    }
}

#[test]
fn every_corpus_request_is_parsed_or_refused() {
    replay("requests");
}

#[test]
fn every_corpus_delivery_is_parsed_or_dead_lettered() {
    replay("deliveries");
}

#[test]
fn every_corpus_callback_is_parsed_or_refused() {
    replay("callbacks");
}

#[test]
fn every_corpus_provider_response_is_classified_or_retried() {
    replay("answers");
}

#[test]
fn no_corpus_request_causes_an_internal_error() {
    replay("shop");
}

#[test]
fn every_fuzz_target_has_a_small_corpus() {
    let targets: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let archives: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_str().unwrap().strip_suffix(".tar").unwrap().to_owned())
        .collect();
    assert_eq!(targets, archives);
    let bytes: usize = targets.iter().flat_map(|name| inputs(name)).map(|(_, input)| input.len()).sum();
    assert!(bytes <= CORPUS_BYTES_MAX, "fuzz/corpus has {bytes} bytes: minimise it (make fuzz does)");
}

#[test]
fn the_corpus_covers_every_route_and_every_event() {
    let texts = |target: &str| -> Vec<String> {
        inputs(target).iter().map(|(_, input)| String::from_utf8_lossy(input).into_owned()).collect()
    };
    let requests = texts("requests");
    for route in ROUTES {
        let is_there = requests.iter().any(|text| {
            let line = text.lines().next().unwrap_or_default();
            let (method, target) = line.split_once(' ').unwrap_or_default();
            let path = target.split('?').next().unwrap_or_default();
            functions::find_route(method, path).is_some_and(|(found, _)| found == route)
        });
        assert!(is_there, "fuzz/corpus/requests.tar has no {} {}", route.method, route.path);
    }
    let deliveries = texts("deliveries");
    for (kind, ..) in CATALOGUE {
        assert!(deliveries.iter().any(|text| text.contains(kind)), "fuzz/corpus/deliveries.tar has no {kind}");
    }
}
