//! The wrong versions of the product in `tests/mutants` are still wrong versions of this product: `make mutants` shows that
//! a test notices each.

use crate::{read, root};
use serde::Deserialize;
use std::collections::BTreeSet;
use tests::template::files_in;

/// So few would leave too much to chance.
const MUTANTS_MIN: usize = 40;

#[derive(Deserialize)]
struct List {
    mutant: Vec<Mutant>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    name: String,
    wrong: String,
    file: String,
    #[serde(default)]
    within: Option<String>,
    find: String,
    replace: String,
    killed_by: String,
}

fn mutants() -> Vec<Mutant> {
    let lists = files_in("tests/mutants").into_iter().map(|name| format!("tests/mutants/{name}"));
    let list =
        |path: String| basic_toml::from_str::<List>(&read(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    lists.flat_map(|path| list(path).mutant).collect()
}

/// The file that a test is in: of a package's unit tests, or of a test binary of the package `tests`.
fn test_file(killed_by: &str) -> (String, &str) {
    let (place, path) = killed_by.split_once(' ').unwrap_or_else(|| panic!("{killed_by}: a package and a test"));
    let mut modules: Vec<&str> = path.split("::").collect();
    let test = modules.pop().unwrap();
    modules.retain(|module| *module != "tests");
    let folder = if root().join("tests/tests").join(place).is_dir() {
        format!("tests/tests/{place}")
    } else {
        ["shared/", ""]
            .map(|parent| format!("{parent}{place}/src"))
            .into_iter()
            .find(|path| root().join(path).is_dir())
            .unwrap()
    };
    let below = modules.join("/");
    let file = match modules.as_slice() {
        [] => format!("{folder}/lib.rs"),
        _ => [".rs", "/mod.rs"]
            .map(|end| format!("{folder}/{below}{end}"))
            .into_iter()
            .find(|path| root().join(path).is_file())
            .unwrap_or_else(|| panic!("{killed_by}: there is no such module")),
    };
    (file, test)
}

#[test]
fn there_are_enough_mutants_each_with_a_name_of_its_own() {
    let names: Vec<String> = mutants().into_iter().map(|mutant| mutant.name).collect();
    let distinct: BTreeSet<&String> = names.iter().collect();
    assert_eq!(distinct.len(), names.len(), "two mutants in tests/mutants have the same name");
    assert!(names.len() >= MUTANTS_MIN, "tests/mutants has {} mutants", names.len());
}

#[test]
fn what_a_mutant_changes_is_there_exactly_once() {
    for Mutant { name, wrong, file, within, find, replace, .. } in mutants() {
        assert!(!wrong.is_empty() && find != replace, "{name} says what is wrong, and is");
        let place = within.unwrap_or_else(|| find.clone());
        let found = (read(&file).matches(&place).count(), place.matches(&find).count());
        assert_eq!(found, (1, 1), "{name}: what it changes is in {file} so often; follow the code in tests/mutants");
    }
}

#[test]
fn the_test_that_kills_a_mutant_is_there() {
    for Mutant { name, killed_by, .. } in mutants() {
        let (file, test) = test_file(&killed_by);
        assert!(read(&file).contains(&format!("fn {test}(")), "{name}: there is no {test} in {file}");
    }
}

#[test]
fn every_mutant_is_in_the_document() {
    let document = read("docs/mutants.md");
    for Mutant { name, wrong, killed_by, .. } in mutants() {
        let line = format!("| `{name}` | {wrong} | `{killed_by}` |");
        assert!(document.contains(&line), "run `make mutants`: docs/mutants.md does not have {name} as it is");
    }
}
