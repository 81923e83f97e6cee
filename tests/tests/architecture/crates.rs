//! Which crate may know which.

use crate::read;
use std::collections::BTreeSet;
use tests::template::files_in;

/// Each of our crates with those of ours that it may know: arrows point inwards, and `store` and `runtime` do not know each
/// other.
const ARROWS: &[(&str, &[&str])] = &[
    ("shared/domain", &[]),
    ("shared/contracts", &["domain"]),
    ("shared/aws", &[]),
    ("shared/store", &["domain", "contracts", "aws"]),
    ("shared/bus", &["domain", "contracts", "aws"]),
    ("shared/lake", &["domain", "contracts", "aws"]),
    ("shared/messages", &["domain"]),
    ("shared/providers", &["domain", "contracts", "aws"]),
    ("shared/runtime", &["domain", "contracts"]),
    ("functions", &["domain", "contracts", "messages", "aws", "store", "bus", "lake", "providers", "runtime"]),
];

/// The crates that only one crate of the workspace may name.
const OWNERS: &[(&str, &str)] = &[
    ("aws-sdk-cognitoidentityprovider", "shared/providers"),
    ("aws-sdk-dynamodb", "shared/store"),
    ("aws-sdk-eventbridge", "shared/bus"),
    ("aws-sdk-s3", "shared/lake"),
    ("aws-sdk-secretsmanager", "shared/providers"),
    ("aws-sdk-sesv2", "shared/providers"),
    ("aws-sdk-sns", "shared/providers"),
    ("aws-sdk-sqs", "shared/bus"),
    ("aws-smithy-http-client", "shared/aws"),
    ("lambda_http", "shared/runtime"),
    ("lambda_runtime", "shared/runtime"),
    ("aws_lambda_events", "shared/runtime"),
];

/// The crates in `[dependencies]`. What only tests need may be anything.
fn dependencies(folder: &str) -> BTreeSet<String> {
    let manifest = read(&format!("{folder}/Cargo.toml"));
    let section = manifest.split("\n[").find_map(|section| section.strip_prefix("dependencies]"));
    let lines = section.unwrap_or_default().lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split(['.', ' ', '=']).next().unwrap().to_owned()).collect()
}

#[test]
fn every_crate_has_its_place() {
    let known: BTreeSet<String> = ARROWS.iter().map(|(folder, _)| (*folder).to_owned()).collect();
    for name in files_in("shared") {
        assert!(
            known.contains(&format!("shared/{name}")),
            "say in ARROWS (architecture/crates.rs) whom shared/{name} may know"
        );
    }
}

#[test]
fn arrows_between_crates_point_inwards_only() {
    let ours: BTreeSet<&str> = ARROWS.iter().filter_map(|(folder, _)| folder.split('/').next_back()).collect();
    for (folder, may_know) in ARROWS {
        for name in dependencies(folder) {
            let is_allowed = !ours.contains(name.as_str()) || may_know.contains(&name.as_str());
            assert!(is_allowed, "{folder} must not know {name}: move what it needs inwards, or pass it in");
        }
    }
}

#[test]
fn sdk_crates_are_named_only_where_they_belong() {
    for (folder, _) in ARROWS {
        for name in dependencies(folder) {
            if let Some((_, owner)) = OWNERS.iter().find(|(owned, _)| *owned == name) {
                assert_eq!(folder, owner, "{name} belongs to {owner} alone: give {owner} what {folder} needs of it");
            }
            let is_new = name.starts_with("aws-sdk-") && !OWNERS.iter().any(|(owned, _)| *owned == name);
            assert!(!is_new, "say in OWNERS (architecture/crates.rs) which one crate owns {name}");
        }
    }
}

#[test]
fn the_domain_is_pure() {
    for name in dependencies("shared/domain") {
        let is_impure = ["aws", "lambda", "tokio", "futures", "reqwest", "getrandom", "fastrand", "tracing"];
        assert!(
            !is_impure.iter().any(|prefix| name.starts_with(prefix)),
            "domain must not know {name}: pass values in"
        );
    }
}
