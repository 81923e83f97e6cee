//! The repository is written in the field's terms: home-made words do not come back.
//!
//! A word is removed folder by folder. `TO_CLEAN` lists the folders in which the words of `LEAVING` still occur; a folder that is
//! clean has to leave the list.

use crate::root;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Words that occur nowhere any more, each with the term to use.
const GONE: &[(&str, &str)] = &[
    ("answer_once", "idempotent_answer"),
    ("by_hand", "manual"),
    ("cancelled", "canceled"),
    ("look_at", "next_check_at"),
    ("means_of", "placement_inputs"),
    ("openings", "checkout attempts"),
    ("seam", "integration point"),
    ("seams", "integration points"),
    ("straggler", "late order"),
    ("stragglers", "late orders"),
    ("takings", "allocations"),
    ("worklist", "due index"),
    ("worklists", "due indexes"),
];

/// Words that occur only in `TO_CLEAN`.
const LEAVING: &[(&str, &str)] = &[
    ("desk", "mode, integration point, or merchant console"),
    ("haunt", "inject faults"),
    ("knobs", "fault settings"),
    ("nights", "runbook drills"),
    ("rushes", "sold-out cache, or rush"),
    ("trouble", "provider error, or fault"),
    ("troubled", "faulty"),
    ("walk", "batch pagination, or read"),
    ("walked", "processed, or read"),
    ("walks", "reads"),
    ("whoever", "the thing or component that does it"),
];

/// Where words of `LEAVING` still occur.
const TO_CLEAN: &[&str] = &[
    "Makefile",
    "deny.toml",
    "functions",
    "infra",
    "shared/bus",
    "shared/lake",
    "shared/providers",
    "template.yaml",
    "tools",
    "web",
];

/// Files that name old words: what changed and what is still read, this list, and what other releases have stored.
const ABOUT_OLD_WORDS: &[&str] = &[
    "CHANGELOG.md",
    "docs/upgrade.md",
    "tests/tests/architecture/words.rs",
    "tests/upgrade_fixtures",
    "fuzz/corpus",
    "docs/performance",
];

/// Parts of lines that name stored attributes, events of release 0.1, or texts of AWS.
const STORED: &[&str] =
    &["rename = \"", "alias = \"", "batch.cancelled.v1", "Transaction cancelled", "ResourceStatusReason"];

/// Every text file of the repository, as a path from its root.
fn files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = entry.path().strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        let is_made =
            name.starts_with('.') || ["target", "node_modules", "dist", "__pycache__"].contains(&name.as_str());
        if is_made || ABOUT_OLD_WORDS.contains(&path.as_str()) || entry.file_type().unwrap().is_symlink() {
            continue;
        }
        if entry.path().is_dir() {
            files(&entry.path(), found);
        } else {
            found.push(path);
        }
    }
}

/// The words of a line, in lower case: identifiers are one word each.
fn words(line: &str) -> impl Iterator<Item = String> {
    line.split(|sign: char| !sign.is_alphanumeric() && sign != '_' && sign != '\'').map(str::to_lowercase)
}

/// The lines of the repository that have one of these words.
fn lines_with(listed: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    files(&root(), &mut paths);
    let mut found = Vec::new();
    for path in paths {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if STORED.iter().any(|part| line.contains(part)) {
                continue;
            }
            for word in words(line) {
                if let Some((_, instead)) = listed.iter().find(|(listed, _)| *listed == word) {
                    found.push((path.clone(), format!("{path}:{}: {word:?}: say {instead:?}", number + 1)));
                }
            }
        }
    }
    found
}

fn cleaned_later(path: &str) -> Option<&'static str> {
    TO_CLEAN.iter().copied().find(|part| path == *part || path.starts_with(&format!("{part}/")))
}

#[test]
fn words_that_are_gone_do_not_come_back() {
    let found: Vec<String> = lines_with(GONE).into_iter().map(|(_, line)| line).collect();
    assert!(found.is_empty(), "use the field's term:\n{}", found.join("\n"));
}

#[test]
fn clean_folders_stay_clean_and_leave_the_list() {
    let (later, now): (Vec<_>, Vec<_>) =
        lines_with(LEAVING).into_iter().partition(|(path, _)| cleaned_later(path).is_some());
    let now: Vec<String> = now.into_iter().map(|(_, line)| line).collect();
    assert!(now.is_empty(), "use the field's term:\n{}", now.join("\n"));
    let unclean: BTreeSet<&str> = later.iter().filter_map(|(path, _)| cleaned_later(path)).collect();
    let listed: BTreeSet<&str> = TO_CLEAN.iter().copied().collect();
    assert_eq!(unclean, listed, "the folders with words of LEAVING (left) and TO_CLEAN (right) differ");
}
