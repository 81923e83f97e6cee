//! What is generated is what the manifests say.

use crate::{read, root};
use std::collections::BTreeSet;
use tests::template::files_in;

#[test]
fn every_generated_file_is_what_the_manifests_say() {
    for file in generate::files().unwrap() {
        let is_same = std::fs::read_to_string(root().join(&file.path)).is_ok_and(|text| text == file.text);
        assert!(is_same, "{} is stale: {}, and look at the difference", file.path, generate::COMMAND);
    }
}

#[test]
fn no_generated_file_is_left_over() {
    let generated: BTreeSet<String> = generate::files().unwrap().into_iter().map(|file| file.path).collect();
    for name in files_in("infra/functions") {
        let path = format!("infra/functions/{name}");
        assert!(generated.contains(&path), "{path} belongs to an area that is gone: delete it");
    }
}

#[test]
fn a_generated_template_fits_on_the_screen() {
    for file in generate::files().unwrap() {
        if file.path.ends_with(".yaml") {
            for line in file.text.lines() {
                assert!(line.chars().count() <= 140, "{}: {line}", file.path);
            }
        }
    }
}

#[test]
fn make_generate_is_a_target() {
    assert!(read("Makefile").contains("\ngenerate:"), "the command that the other tests name");
}
