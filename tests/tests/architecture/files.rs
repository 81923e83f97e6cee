//! Files that can be read in one go, decisions that can be cited.

use crate::environment::sources;
use crate::{read, root};
use tests::template::files_in;

/// A file that needs a table of contents is two files.
const LINES_MAX: usize = 600;

#[test]
fn no_file_is_longer_than_600_lines() {
    let mut all: Vec<(String, String)> =
        ["functions", "shared", "tests"].iter().flat_map(|folder| sources(&root().join(folder))).collect();
    for folder in ["infra", "tools", "tools/local", "tools/checks", "tools/fakes", "tools/environments"] {
        let names = files_in(folder).into_iter().filter(|name| name.ends_with(".yaml") || name.ends_with(".py"));
        all.extend(names.map(|name| format!("{folder}/{name}")).map(|path| (path.clone(), read(&path))));
    }
    for (path, text) in all {
        let lines = text.lines().count();
        assert!(lines <= LINES_MAX, "{path} has {lines} lines: make two files of it");
    }
}

#[test]
fn decisions_are_numbered_without_a_gap() {
    for (number, name) in (1..).zip(files_in("docs/decisions")) {
        let wanted = format!("{number:04}-");
        assert!(name.starts_with(&wanted) && name.ends_with(".md"), "docs/decisions/{name} should be {wanted}….md");
        let text = read(&format!("docs/decisions/{name}"));
        let title = text.lines().next().unwrap_or_default();
        assert!(title.starts_with("# "), "docs/decisions/{name} begins with its title");
    }
}

#[test]
fn every_decision_that_is_cited_exists() {
    let decisions = files_in("docs/decisions");
    let code = ["functions/src", "shared"].iter().flat_map(|folder| sources(&root().join(folder)));
    for (path, text) in code {
        for (at, cited) in text.match_indices("docs/decisions/") {
            let number: String = text[at + cited.len()..].chars().take(4).collect();
            let exists = decisions.iter().any(|name| name.starts_with(&number));
            assert!(exists, "{path} cites decision {number}, which is not there");
        }
    }
}

#[test]
fn unit_tests_in_functions_are_where_they_run() {
    for (path, text) in sources(&root().join("functions/src")) {
        let included = read("functions/tests/pages.rs").contains(path.rsplit("/src/").next().unwrap());
        assert!(
            included || !text.contains("#[cfg(test)]"),
            "{path} has unit tests, and functions/Cargo.toml builds none: write a scenario, or name the file in functions/tests/pages.rs"
        );
    }
}
