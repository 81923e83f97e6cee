//! The templates as a whole: what CloudFormation takes.

use functions::USE_CASES;
use functions::manifest::pascal_case;
use serde_json::Value;
use std::collections::BTreeSet;
use tests::template::{all, resources};

/// Resources of one stack. AWS takes 500; half of them leaves room for years.
const RESOURCES_MAX: usize = 250;
/// Longest name of a function or of a schedule, in characters.
const FUNCTION_NAME_CHARS_MAX: usize = 64;
/// Longest name of a queue, in characters.
const QUEUE_NAME_CHARS_MAX: usize = 80;
/// Longest name of the root stack, as the templates that are given it and `make deploy` refuse.
const STACK_NAME_CHARS_MAX: usize = 38;
/// Longest parameter of a nested stack, in bytes.
const PARAMETER_BYTES_MAX: usize = 4_096;

#[test]
fn no_stack_has_more_than_250_resources() {
    for (path, template) in all() {
        let count = template["Resources"].as_object().unwrap().len();
        assert!(count <= RESOURCES_MAX, "{path} has {count} resources: make two areas of it");
    }
}

#[test]
fn a_stack_name_that_the_templates_take_leaves_room_for_every_name() {
    for use_case in USE_CASES {
        let chars = STACK_NAME_CHARS_MAX + 1 + use_case.name.len();
        assert!(chars <= FUNCTION_NAME_CHARS_MAX, "{}: {chars} characters: a shorter name", use_case.name);
        for queue in use_case.manifest.queues {
            let chars = STACK_NAME_CHARS_MAX + 1 + pascal_case(use_case.name).len() + queue.word.len() + "Queue".len();
            assert!(chars <= QUEUE_NAME_CHARS_MAX, "{}: {chars} characters: a shorter name", use_case.name);
        }
    }
    let limits: Vec<&Value> = all()
        .iter()
        .filter_map(|(_, template)| template["Parameters"].as_object())
        .filter_map(|parameters| parameters.get("ShopName").or(parameters.get("BusName")))
        .map(|parameter| &parameter["MaxLength"])
        .filter(|limit| !limit.is_null())
        .collect();
    assert!(!limits.is_empty(), "the template refuses a stack name that is too long");
    assert!(limits.iter().all(|limit| **limit == STACK_NAME_CHARS_MAX), "{limits:?}");
}

#[test]
fn every_area_is_reached_from_the_root() {
    let mut reached = BTreeSet::new();
    for (path, template) in all() {
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        for (_, stack) in resources(template, "AWS::CloudFormation::Stack") {
            reached.insert(format!("{folder}{}", stack["TemplateURL"].as_str().unwrap()));
        }
    }
    let generated = generate::files().unwrap().into_iter().filter(|file| file.path.ends_with(".yaml"));
    for file in generated {
        assert!(reached.contains(&file.path), "{} is in no stack", file.path);
    }
}

#[test]
fn every_nested_stack_is_given_the_parameters_that_it_has() {
    for (path, template) in all() {
        let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        for (name, stack) in resources(template, "AWS::CloudFormation::Stack") {
            let nested = tests::template::read(&format!("{folder}{}", stack["TemplateURL"].as_str().unwrap()));
            let names = |value: &Value| -> BTreeSet<String> {
                value.as_object().into_iter().flat_map(|fields| fields.keys().cloned()).collect()
            };
            assert_eq!(names(&stack["Parameters"]), names(&nested["Parameters"]), "{path}, {name}: given, and had");
        }
    }
}

#[test]
fn the_settings_fit_into_a_parameter() {
    let root = tests::template::read("template.yaml");
    let text = root["Resources"]["Settings"]["Properties"]["Value"]["!Sub"].as_str().unwrap();
    // Each reference stands for a name or an address; those of a table or a secret are the longest.
    let references = text.matches("${").count();
    let written = text.len() + references * 30;
    assert!(written <= PARAMETER_BYTES_MAX, "about {written} bytes");
}

#[test]
fn no_queue_is_without_encryption_and_every_queue_by_hand_is_a_dead_letter_queue() {
    for (path, template) in all() {
        for (name, queue) in resources(template, "AWS::SQS::Queue") {
            assert_eq!(queue["SqsManagedSseEnabled"], true, "{path}, {name}");
            assert!(path.starts_with("infra/functions/") || name.ends_with("Dlq"), "{path}, {name}: who consumes it?");
        }
    }
}
