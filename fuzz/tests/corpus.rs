//! Replays the corpus at every target, so that a regression is found without fuzzing.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failing input fails its test")]

use contracts::events::CATALOGUE;
use functions::ROUTES;
use fuzz::TARGETS;
use serde_json::Value;
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

/// The sample invocations of `events/` as inputs: requests for the targets that read such, everything else as a delivery.
/// So a new use case is covered by its sample.
fn samples(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../events");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let as_input = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let event: Value = serde_json::from_str(&text).unwrap();
        let input = match (target, event.get("routeKey")) {
            ("requests" | "shop", Some(_)) => request(&event),
            ("deliveries", None) => text.into_bytes(),
            _ => return None,
        };
        Some((path.file_name().unwrap().to_string_lossy().into_owned(), input))
    };
    files.filter(|path| path.extension().is_some_and(|extension| extension == "json")).filter_map(as_input).collect()
}

/// A sample of API Gateway as the targets read requests: method and path, headers, an empty line, the body.
fn request(event: &Value) -> Vec<u8> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let mut input = format!("{} {}", text("/requestContext/http/method"), text("/rawPath"));
    if !text("/rawQueryString").is_empty() {
        input = format!("{input}?{}", text("/rawQueryString"));
    }
    for name in ["content-type", "idempotency-key", "prefer", "x-correlation-id"] {
        if let Some(value) = event["headers"].get(name).and_then(Value::as_str) {
            input.push_str(&format!("\n{name}: {value}"));
        }
    }
    format!("{input}\n\n{}", text("/body")).into_bytes()
}

fn replay(target: &str) {
    let run = fuzz::find(target).unwrap();
    for (name, input) in inputs(target).into_iter().chain(samples(target)) {
        let holds = catch_unwind(|| run(&input)).is_ok();
        assert!(holds, "{target} does not hold for {name} of fuzz/corpus/{target}.tar or events/");
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
fn the_corpus_and_the_samples_cover_every_use_case_with_a_route_and_every_event() {
    let texts = |target: &str| -> Vec<String> {
        let all = inputs(target).into_iter().chain(samples(target));
        all.map(|(_, input)| String::from_utf8_lossy(&input).into_owned()).collect()
    };
    let requests = texts("requests");
    for route in ROUTES {
        let is_there = requests.iter().any(|text| {
            let line = text.lines().next().unwrap_or_default();
            let (method, target) = line.split_once(' ').unwrap_or_default();
            let path = target.split('?').next().unwrap_or_default();
            functions::find_route(method, path).is_some_and(|(found, _)| found.use_case == route.use_case)
        });
        assert!(is_there, "neither fuzz/corpus/requests.tar nor events/ has a request for {}", route.use_case);
    }
    let deliveries = texts("deliveries");
    for (kind, ..) in CATALOGUE {
        assert!(
            deliveries.iter().any(|text| text.contains(kind)),
            "neither fuzz/corpus/deliveries.tar nor events/ has {kind}"
        );
    }
}
