//! The documents agree with the repository: the map with the tree, the retry bounds with the constants, the index of
//! use cases with the scenarios.

use functions::USE_CASES;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Folders that no commit contains.
const UNTRACKED: [&str; 4] = ["target", "node_modules", "__pycache__", "dist"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The folders inside a folder that a commit can contain.
fn folders(path: &str) -> BTreeSet<String> {
    let entries = std::fs::read_dir(root().join(path)).unwrap().map(|entry| entry.unwrap().path());
    let folders = entries.filter(|path| path.is_dir() && has_files(path));
    let names = folders.map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    names.filter(|name| !name.starts_with('.') && !UNTRACKED.contains(&name.as_str())).collect()
}

fn has_files(folder: &Path) -> bool {
    let mut entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.any(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        !UNTRACKED.contains(&name) && (path.is_file() || has_files(&path))
    })
}

/// The folders on the map in ARCHITECTURE, with the folders that it lists inside each.
fn map() -> BTreeMap<String, BTreeSet<String>> {
    let text = read("ARCHITECTURE.md");
    let map = text.split("## The map").nth(1).unwrap().split("```\n").nth(1).unwrap().to_owned();
    let mut folders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut outer = String::new();
    for line in map.lines() {
        let Some(name) = line.split_whitespace().next().and_then(|name| name.strip_suffix('/')) else { continue };
        match line.len() - line.trim_start().len() {
            0 => {
                name.clone_into(&mut outer);
                folders.entry(outer.clone()).or_default();
            }
            2 => drop(folders.get_mut(&outer).unwrap().insert(name.to_owned())),
            _ => {}
        }
    }
    folders
}

#[test]
fn the_map_in_architecture_equals_the_tree() {
    let map = map();
    let outer: BTreeSet<String> = map.keys().cloned().collect();
    assert_eq!(outer, folders("."), "ARCHITECTURE's map (left) and the folders of the repository (right)");
    for (folder, inner) in &map {
        assert_eq!(*inner, folders(folder), "ARCHITECTURE's map (left) and the folders of {folder}/ (right)");
    }
}

/// The rows of the retry table in ARCHITECTURE: the bound, the constant and its file.
fn retries() -> Vec<(u64, String, String)> {
    let text = read("ARCHITECTURE.md");
    let table = text.split("<!-- retries: begin -->").nth(1).unwrap().split("<!-- retries: end -->").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        (cells[2].parse().unwrap(), cells[3].to_owned(), cells[4].to_owned())
    })
    .collect()
}

/// The value of a constant in a source file.
fn constant(path: &str, name: &str) -> u64 {
    let text = read(path);
    let line = text.lines().find(|line| line.contains(&format!("const {name}:")));
    let line = line.unwrap_or_else(|| panic!("{path} has no constant {name}"));
    let value = line.split('=').nth(1).unwrap().trim().trim_end_matches(';').replace('_', "");
    value.parse().unwrap_or_else(|_| panic!("{path}: {name} is not a number: {line}"))
}

#[test]
fn the_retry_bounds_in_architecture_are_those_of_the_code() {
    let retries = retries();
    assert!(retries.len() >= 10, "{retries:?}");
    for (bound, name, path) in &retries {
        assert_eq!(*bound, constant(path, name), "ARCHITECTURE (left) and {name} in {path} (right)");
    }
    // The worst cases are computed from the same constants.
    let [attempts, time_out, tries, moves, probes] = [
        ("functions/src/environment.rs", "ATTEMPTS_MAX"),
        ("functions/src/environment.rs", "ATTEMPT_TIMEOUT_MS"),
        ("shared/store/src/tx.rs", "TX_TRIES_MAX"),
        ("shared/store/src/contention.rs", "MOVES_MAX"),
        ("functions/src/orders/allocation.rs", "PROBES_MAX"),
    ]
    .map(|(path, name)| constant(path, name));
    let writes = 1 + moves + tries + probes;
    let transactions = (1 + tries) * writes * tries;
    let seconds = attempts * time_out / 1_000 + (1..attempts).sum::<u64>();
    let text = read("ARCHITECTURE.md").split_whitespace().collect::<Vec<_>>().join(" ");
    for sentence in [
        format!("1 + {moves} + {tries} + {probes} = {writes} times"),
        format!("at most {transactions} transactions, or {} requests", transactions * attempts),
        format!("{} decisions, {} transactions", 1 + tries, (1 + tries) * tries),
        format!("of back-off, {seconds} s in total"),
    ] {
        assert!(text.contains(&sentence), "ARCHITECTURE, Retries: {sentence}");
    }
}

/// The rows of docs/use-cases.md: the use case and its scenarios.
fn index() -> Vec<(String, Vec<String>)> {
    let text = read("docs/use-cases.md");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let mut codes = row.split('`').skip(1).step_by(2).map(str::to_owned);
        (codes.next().unwrap(), codes.collect())
    })
    .collect()
}

#[test]
fn every_use_case_is_in_the_index_with_scenarios_that_exist() {
    let index = index();
    let listed: Vec<&str> = index.iter().map(|(name, _)| name.as_str()).collect();
    let wanted: Vec<&str> = USE_CASES.iter().map(|use_case| use_case.name).collect();
    assert_eq!(listed, wanted, "docs/use-cases.md (left) and the use cases (right), in the same order");
    for (name, scenarios) in &index {
        assert!(!scenarios.is_empty(), "docs/use-cases.md: {name} has no scenario");
        for scenario in scenarios {
            let (module, test) = scenario.split_once("::").unwrap_or_else(|| panic!("{scenario}: module::test"));
            let source = read(&format!("tests/tests/scenarios/{module}.rs"));
            assert!(source.contains(&format!("fn {test}()")), "docs/use-cases.md: {name}: no test {scenario}");
        }
    }
}
