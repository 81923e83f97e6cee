//! What the code reads from the environment, the template sets.

use crate::template::{Template, read, root};
use std::collections::BTreeSet;
use std::path::Path;

/// Set by Lambda itself, or on one machine only.
const NOT_OURS: &[&str] = &[
    "_HANDLER",
    "AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
];
/// The ways to read a variable.
const READERS: &[&str] = &["required(", "parsed(", "text(", "whole(", "whole::<i64>(", "env::var("];

/// Every Rust file below a folder, as text.
pub(crate) fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

fn names_read(source: &str) -> BTreeSet<String> {
    let places = READERS.iter().flat_map(|reader| source.match_indices(reader).map(|(at, _)| at + reader.len()));
    places
        .filter_map(|at| source[at..].trim_start().strip_prefix('"')?.split('"').next())
        .filter(|name| {
            name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_') && name.len() > 2
        })
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_variable_that_the_code_reads_is_set_and_every_one_that_is_set_is_read() {
    let mut read: BTreeSet<String> = ["functions/src", "shared"]
        .iter()
        .flat_map(|folder| sources(&root().join(folder)))
        .flat_map(|(_, source)| names_read(&source))
        .collect();
    read.retain(|name| !NOT_OURS.contains(&name.as_str()));
    let template = Template::main();
    let variables = &template.value["Globals"]["Function"]["Environment"]["Variables"];
    let set: BTreeSet<String> = variables.as_object().unwrap().keys().cloned().collect();
    assert_eq!(set, read, "Globals of template.yaml set the first, the code reads the second");
}

#[test]
fn a_function_has_no_variables_of_its_own() {
    for (resource, function) in Template::main().functions() {
        assert!(function.get("Environment").is_none(), "{resource}: one binary, one environment: set it in Globals");
    }
}

#[test]
fn no_secret_is_a_variable() {
    let template = Template::main();
    let variables = &template.value["Globals"]["Function"]["Environment"]["Variables"];
    for name in variables.as_object().unwrap().keys() {
        let is_secret = ["SECRET", "PASSWORD", "TOKEN", "HASH"].iter().any(|word| name.contains(word));
        assert!(!is_secret || name.ends_with("_ARN"), "{name}: pass the secret's ARN and read the secret at the start");
    }
}

#[test]
fn every_parameter_is_grouped_for_the_deployer() {
    let template = Template::main();
    let groups = &template.value["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
    let grouped: BTreeSet<&str> = groups
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| group["Parameters"].as_array().unwrap())
        .filter_map(|name| name.as_str())
        .collect();
    let all: BTreeSet<&str> = template.value["Parameters"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(grouped, all, "ParameterGroups (left) and Parameters (right) of template.yaml differ");
    let text = read("template.yaml");
    for name in all {
        let uses = text.matches(name).count();
        assert!(uses > 2, "the parameter {name} is not used");
    }
}
