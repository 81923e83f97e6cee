//! The repository is written in the field's terms: home-made words do not come back.

use crate::root;
use std::fs;
use std::path::Path;

/// Words that occur nowhere any more, each with the term to use.
const GONE: &[(&str, &str)] = &[
    ("answer_once", "idempotent_answer"),
    ("by_hand", "manual"),
    ("cancelled", "canceled"),
    ("desk", "mode, integration point, or merchant console"),
    ("haunt", "inject faults"),
    ("knobs", "fault settings"),
    ("look_at", "next_check_at"),
    ("means_of", "placement_inputs"),
    ("nights", "runbook drills"),
    ("openings", "checkout attempts"),
    ("rushes", "sold-out cache, or rush"),
    ("seam", "integration point"),
    ("seams", "integration points"),
    ("straggler", "late order"),
    ("stragglers", "late orders"),
    ("takings", "allocations"),
    ("trouble", "provider error, or fault"),
    ("troubled", "faulty"),
    ("walk", "batch pagination, or read"),
    ("walked", "processed, or read"),
    ("walks", "reads"),
    ("whoever", "the thing or component that does it"),
    ("worklist", "due index"),
    ("worklists", "due indexes"),
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

/// Parts of lines that name stored attributes, events of release 0.1, texts of AWS, or a function of Python's library.
const STORED: &[&str] =
    &["rename = \"", "alias = \"", "batch.cancelled.v1", "Transaction cancelled", "ResourceStatusReason", "os.walk("];

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

/// The lines of the repository that have a word of `GONE`.
fn lines_with_old_words() -> Vec<String> {
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
                if let Some((_, instead)) = GONE.iter().find(|(gone, _)| *gone == word) {
                    found.push(format!("{path}:{}: {word:?}: say {instead:?}", number + 1));
                }
            }
        }
    }
    found
}

#[test]
fn words_that_are_gone_do_not_come_back() {
    let found = lines_with_old_words();
    assert!(found.is_empty(), "use the field's term:\n{}", found.join("\n"));
}
