//! What the code reads from the environment, the template sets; and what the template lets a deployer choose, the code
//! takes.

use crate::{read, root};
use std::collections::BTreeSet;
use std::path::Path;

/// Set by Lambda itself, or on one machine only.
const NOT_OURS: &[&str] =
    &["_HANDLER", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
/// The ways to read a variable.
const READERS: &[&str] = &["required(", "optional(", "parsed(", "text(", "whole(", "whole::<i64>(", "env::var("];

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
    read.remove("SETTINGS");
    let mut set = settings();
    // Of the one function that fills a queue of ours.
    set.insert("COUPON_REQUESTS_QUEUE".to_owned());
    assert_eq!(set, read, "Settings of template.yaml has the first, the code reads the second");
}

/// The names in the root template's `Settings`.
fn settings() -> BTreeSet<String> {
    let template = tests::template::read("template.yaml");
    let text = template["Resources"]["Settings"]["Properties"]["Value"]["!Sub"].as_str().unwrap().to_owned();
    text.lines().map(|line| line.split_once('=').unwrap().0.to_owned()).collect()
}

#[test]
fn no_secret_is_a_variable() {
    for name in settings() {
        let is_secret = ["SECRET", "PASSWORD", "TOKEN", "HASH"].iter().any(|word| name.contains(word));
        assert!(!is_secret || name.ends_with("_ARN"), "{name}: pass the secret's ARN and read the secret at the start");
    }
}

#[test]
fn every_parameter_is_grouped_for_the_deployer() {
    let template = tests::template::read("template.yaml");
    let groups = &template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"];
    let grouped: BTreeSet<&str> = groups
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|group| group["Parameters"].as_array().unwrap())
        .filter_map(|name| name.as_str())
        .collect();
    let all: BTreeSet<&str> = template["Parameters"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(grouped, all, "ParameterGroups (left) and Parameters (right) of template.yaml differ");
    let text = read("template.yaml");
    for name in all {
        let uses = text.matches(name).count();
        assert!(uses > 2, "the parameter {name} is not used");
    }
}

/// Every value that the template lets a deployer choose for this parameter.
fn allowed(parameter: &str) -> Vec<String> {
    let template = tests::template::read("template.yaml");
    let values = template["Parameters"][parameter]["AllowedValues"].as_array().unwrap().clone();
    values.into_iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_choice_of_the_template_is_one_that_the_code_knows() {
    for language in allowed("ShopLanguage") {
        assert!(messages::Language::find(&language).is_some(), "no message is written in {language}");
    }
    for parameter in ["InventoryMode", "ShippingMode", "NotificationMode"] {
        assert_eq!(allowed(parameter), ["built-in", "external"], "{parameter}");
    }
    for parameter in ["CustomerLine", "CustomerSms", "AdminSlack", "DeletionProtection"] {
        assert_eq!(allowed(parameter), ["true", "false"], "{parameter}");
    }
}
