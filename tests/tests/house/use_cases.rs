//! One use case, one word: the same for file, resource, handler and sample.

use crate::template::{Template, files_in, pascal, read, root};
use contracts::routes::{Access, ROUTES};
use functions::{Binary, Trigger, USE_CASES, UseCase};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every `functions/src/<area>/<name>.rs` that handles something, as (area, name).
pub(crate) fn files() -> BTreeSet<(String, String)> {
    let areas = files_in("functions/src").into_iter().filter(|name| root().join("functions/src").join(name).is_dir());
    areas
        .flat_map(|area| {
            let names = files_in(&format!("functions/src/{area}")).into_iter();
            names.map(move |name| (area.clone(), name.trim_end_matches(".rs").to_owned()))
        })
        .filter(|(area, name)| {
            let source = read(&format!("functions/src/{area}/{name}.rs"));
            source.contains("pub async fn handle(") || source.contains(&format!("pub async fn {name}("))
        })
        .collect()
}

#[test]
fn every_use_case_has_its_file_and_every_file_its_use_case() {
    let files: BTreeSet<String> = files().into_iter().map(|(_, name)| name).collect();
    let listed: BTreeSet<String> = USE_CASES.iter().map(|use_case| use_case.name.to_owned()).collect();
    let (no_line, no_file): (Vec<_>, Vec<_>) =
        (files.difference(&listed).collect(), listed.difference(&files).collect());
    assert!(no_line.is_empty(), "add to use_cases! in functions/src/lib.rs: {no_line:?}");
    assert!(no_file.is_empty(), "write functions/src/<area>/<name>.rs for: {no_file:?}");
}

#[test]
fn every_use_case_has_its_resource_in_the_same_order() {
    let template = Template::main();
    let resources: Vec<&str> = template.functions().map(|(name, _)| name).collect();
    let wanted: Vec<String> = USE_CASES.iter().map(|use_case| pascal(use_case.name)).collect();
    assert_eq!(
        resources, wanted,
        "template.yaml (left) has its functions as use_cases! (right) lists them: add or move"
    );
}

#[test]
fn every_function_is_named_after_its_use_case() {
    let template = Template::main();
    for (use_case, (resource, function)) in USE_CASES.iter().zip(template.functions()) {
        let name = use_case.name;
        assert_eq!(function["Handler"], name, "{resource}: Handler is the use case");
        let artefact = format!("target/lambda/{}/bootstrap.zip", use_case.binary.name());
        assert_eq!(function["CodeUri"], artefact, "{resource}: CodeUri is the binary that holds the use case");
        let function_name = json!({ "Fn::Sub": format!("${{AWS::StackName}}-{name}") });
        assert_eq!(
            function["FunctionName"], function_name,
            "{resource}: FunctionName is the stack's and the use case's"
        );
        let logs = &template.value["Resources"][format!("{resource}Logs")]["Properties"]["LogGroupName"];
        let group = json!({ "Fn::Sub": format!("/aws/lambda/${{AWS::StackName}}-{name}") });
        assert_eq!(*logs, group, "{resource}Logs: a log group of its own, so that logs are not kept for ever");
    }
}

#[test]
fn each_use_case_is_in_the_binary_of_those_whom_it_is_for() {
    let template = Template::main();
    for (use_case, (_, function)) in USE_CASES.iter().zip(template.functions()) {
        let knows_secrets = function["Policies"].to_string().contains("secretsmanager:GetSecretValue");
        let route = ROUTES.iter().find(|route| route.use_case == use_case.name);
        let wanted = match (use_case.trigger, route) {
            _ if knows_secrets => Binary::External,
            (Trigger::Http(_), Some(route)) if route.access == Access::Admin => Binary::Admin,
            (Trigger::Http(_), _) => Binary::Shop,
            (Trigger::Queue(_), _) => Binary::Events,
            _ => Binary::Upkeep,
        };
        assert_eq!(use_case.binary, wanted, "use_cases! in functions/src/lib.rs: {}", use_case.name);
    }
}

#[test]
fn every_function_is_started_by_what_its_use_case_expects() {
    let template = Template::main();
    for (use_case, (resource, function)) in USE_CASES.iter().zip(template.functions()) {
        let events = function["Events"].as_object().into_iter().flat_map(|events| events.values());
        let mut starters: BTreeSet<&str> = events.filter_map(|event| event["Type"].as_str()).collect();
        for (_, mapping) in template.of_type("AWS::Lambda::EventSourceMapping") {
            let properties = &mapping["Properties"];
            if properties["FunctionName"] == json!({ "Ref": resource }) {
                let is_stream = properties.get("StartingPosition").is_some();
                starters.insert(if is_stream { "Stream" } else { "Queue" });
            }
        }
        assert_eq!(
            starters,
            expected(use_case),
            "{resource}: the template starts it by the first, use_cases! by the second"
        );
    }
}

fn expected(use_case: &UseCase) -> BTreeSet<&'static str> {
    match use_case.trigger {
        Trigger::Http(_) => BTreeSet::from(["HttpApi"]),
        Trigger::Schedule(_) => BTreeSet::from(["ScheduleV2"]),
        Trigger::HttpAndSchedule(..) => BTreeSet::from(["HttpApi", "ScheduleV2"]),
        Trigger::Queue(_) => BTreeSet::from(["Queue"]),
        Trigger::Stream(_) => BTreeSet::from(["Stream"]),
    }
}

#[test]
fn every_schedule_passes_its_time_and_keeps_what_it_could_not_deliver() {
    let template = Template::main();
    for (resource, function) in template.functions() {
        for event in function["Events"].as_object().into_iter().flat_map(|events| events.values()) {
            if event["Type"] == "ScheduleV2" {
                let input: Value =
                    serde_json::from_str(event["Properties"]["Input"].as_str().unwrap_or("null")).unwrap();
                assert_eq!(input["time"], "<aws.scheduler.scheduled-time>", "{resource}: `now` is the tick's own time");
                let dead = &event["Properties"]["DeadLetterConfig"]["Arn"];
                assert!(dead.is_object(), "{resource}: its schedule needs a DeadLetterConfig");
            }
        }
    }
}

#[test]
fn every_use_case_has_a_sample_and_every_sample_a_use_case() {
    let samples: BTreeSet<String> =
        files_in("events").into_iter().filter_map(|name| name.strip_suffix(".json").map(str::to_owned)).collect();
    let listed: BTreeSet<String> = USE_CASES.iter().map(|use_case| use_case.name.to_owned()).collect();
    assert_eq!(samples, listed, "events/<use_case>.json: a sample invocation each (left: samples, right: use cases)");
}
