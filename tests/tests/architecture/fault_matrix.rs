//! Every fault to survive has a test for every use case that it can strike, and the document says which.

use std::path::{Path, PathBuf};
use tests::fault_matrix::{ROWS, document};

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn every_cell_that_applies_has_a_test() {
    for row in ROWS {
        let bare: Vec<&str> = (row.applies)().into_iter().filter(|name| row.tests_of(name).is_empty()).collect();
        assert!(bare.is_empty(), "{}: no test in tests/src/fault_matrix.rs for {bare:?}", row.fault);
    }
}

#[test]
fn every_test_of_the_matrix_exists() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let text: String = sources(&folder).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    for row in ROWS {
        for test in row.others.iter().flat_map(|(_, tests)| tests.iter()) {
            assert!(text.contains(&format!("fn {test}()")), "{}: no test is called {test}", row.fault);
        }
    }
}

#[test]
fn the_fault_matrix_in_the_documents_is_the_one_of_the_tests() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/fault-matrix.md");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, document()).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == document(),
        "docs/fault-matrix.md is old: BLESS=1 cargo test -p tests --test architecture fault_matrix"
    );
}
