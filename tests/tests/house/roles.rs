//! A role per function: its own actions on its own tables, and nothing by wildcard.

use crate::template::{Template, each};
use serde_json::{Value, json};
use tests::roles::{self, DEEDS};

fn no_star(what: &str, value: &Value) {
    match value {
        Value::String(text) => assert!(!text.contains('*'), "{what}: name what it needs instead of {text}"),
        Value::Array(values) => values.iter().for_each(|value| no_star(what, value)),
        Value::Object(fields) => fields.values().for_each(|value| no_star(what, value)),
        _ => {}
    }
}

/// `${Stack.Outputs.BucketArn}/folder/*`.
fn is_folder_of_a_bucket(resource: &str) -> bool {
    let folder = resource.split_once("BucketArn}/").and_then(|(_, path)| path.strip_suffix("/*"));
    folder.is_some_and(|folder| !folder.is_empty() && folder.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// What a statement may do wherever it is: whom a mail or a text message reaches has no ARN.
const REACHES_ANYBODY: &[&str] = &["ses:SendEmail", "sns:Publish"];

fn reaches_anybody(statement: &Value) -> bool {
    let actions = each(&statement["Action"]);
    actions.iter().all(|action| action.as_str().is_some_and(|action| REACHES_ANYBODY.contains(&action)))
}

#[test]
fn no_role_has_a_wildcard() {
    let template = Template::main();
    for (resource, function) in template.functions() {
        for policy in function["Policies"].as_array().into_iter().flatten() {
            for statement in each(&policy["Statement"]) {
                // What a bucket holds has names that are made later: there the folder is as far as a name can go.
                let is_folder = statement["Action"] == json!(["s3:PutObject"])
                    && statement["Resource"]["Fn::Sub"].as_str().is_some_and(is_folder_of_a_bucket);
                for part in ["Action", "Resource"].into_iter().filter(|part| !(is_folder && *part == "Resource")) {
                    assert!(statement.get(part).is_some(), "{resource}: a statement says {part}, never Not{part}");
                    if statement["Effect"] == "Deny" || (part == "Resource" && reaches_anybody(statement)) {
                        continue;
                    }
                    no_star(&format!("{resource}, {part}"), &statement[part]);
                }
            }
        }
    }
}

/// SAM itself adds AWSLambdaBasicExecutionRole (logs) and AWSXRayDaemonWriteAccess (traces). Anything else that AWS manages
/// covers every table or queue of the account.
#[test]
fn no_function_takes_a_policy_that_somebody_else_manages() {
    for (path, template) in Template::all() {
        for (resource, function) in template.functions() {
            assert!(function.get("Role").is_none(), "{resource}: SAM makes its role from Policies");
            for policy in function["Policies"].as_array().into_iter().flatten() {
                assert!(policy.get("Statement").is_some(), "{resource}: write the statements out instead of {policy}");
            }
        }
        assert!(!template.value.to_string().contains("ManagedPolicyArns"), "{path}: write the statements out");
    }
}

#[test]
fn every_role_names_each_table_and_each_action_once() {
    let template = Template::main();
    for (resource, function) in template.functions() {
        let mut seen = Vec::new();
        for policy in function["Policies"].as_array().into_iter().flatten() {
            for statement in each(&policy["Statement"]) {
                for place in each(&statement["Resource"]).into_iter().filter(|_| !reaches_anybody(statement)) {
                    assert!(!seen.contains(&place), "{resource}: two statements for {place}: make them one");
                    seen.push(place);
                }
                let mut actions: Vec<&str> =
                    each(&statement["Action"]).iter().filter_map(|action| action.as_str()).collect();
                let given = actions.clone();
                actions.sort_unstable();
                actions.dedup();
                assert_eq!(given, actions, "{resource}: actions in order, each once");
            }
        }
    }
}

#[test]
fn only_the_audit_and_the_sweep_scan() {
    let template = Template::main();
    for (resource, function) in template.functions() {
        let scans = function["Policies"].to_string().contains("dynamodb:Scan");
        let may = ["AuditLedgers", "SweepOutbox"].contains(&resource);
        assert!(!scans || may, "{resource}: a scan reads a whole table: find a key or an index");
    }
}

#[test]
fn only_the_export_writes_to_the_bucket() {
    let template = Template::main();
    for (resource, function) in template.functions() {
        let writes = function["Policies"].to_string().contains("s3:");
        assert_eq!(writes, resource == "ExportOrders", "{resource}: the data platform's files are the export's alone");
    }
}

#[test]
fn only_relay_and_sweep_put_events_on_the_bus() {
    let template = Template::main();
    for (resource, function) in template.functions() {
        let publishes = function["Policies"].to_string().contains("events:PutEvents");
        let may = ["RelayOutbox", "SweepOutbox"].contains(&resource);
        assert_eq!(publishes, may, "{resource}: outbox or it did not happen: tx.emit(…)");
    }
}

/// Least privilege, exactly: what the scenarios did in each role's name is what the role allows. The wire refuses what a role leaves
/// out, so an action that is taken out of a role fails the scenario that needs it; one that nobody needs fails here.
#[test]
#[ignore = "after all scenarios have written down what they did: docs/security.md"]
fn every_role_has_exactly_what_the_scenarios_use() {
    let path = std::env::var(DEEDS).expect("MILLRUN_DEEDS names the file that the scenarios wrote");
    let done = roles::written(&path);
    let (unused, missing): (Vec<_>, Vec<_>) =
        (roles::granted().difference(&done).collect(), done.difference(roles::granted()).collect());
    assert!(
        unused.is_empty(),
        "no scenario needs these: take them out of the roles, or write the scenario: {unused:#?}"
    );
    assert!(missing.is_empty(), "these were refused, and no scenario failed: {missing:#?}");
}
