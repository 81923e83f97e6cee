//! Routes and the document that describes them.

use crate::{read, use_cases};
use contracts::openapi;
use contracts::routes::{Access, BASE};
use functions::ROUTES;
use serde_json::Value;
use std::collections::BTreeSet;

fn document() -> Value {
    serde_json::from_str(&read("infra/openapi.json")).unwrap()
}

#[test]
fn admin_routes_are_exactly_those_under_admin() {
    for route in ROUTES {
        assert!(route.path.starts_with(BASE), "{}", route.path);
        assert_eq!(route.access == Access::Admin, route.path.starts_with("/api/v1/admin/"), "{}", route.path);
    }
}

#[test]
fn no_two_use_cases_have_the_same_route() {
    let mut seen = BTreeSet::new();
    for route in ROUTES {
        assert!(seen.insert((route.method, route.path)), "{} {}: twice", route.method, route.path);
    }
}

#[test]
fn the_api_lets_a_browser_use_every_method_and_header_of_the_contract() {
    let root = tests::template::read("template.yaml");
    let cors = &root["Resources"]["Api"]["Properties"]["CorsConfiguration"];
    for route in ROUTES {
        let methods = cors["AllowMethods"].as_array().unwrap();
        assert!(methods.iter().any(|method| method == route.method), "add {} to AllowMethods", route.method);
    }
    for header in ["link", "location", "preference-applied", "retry-after", "x-correlation-id"] {
        assert!(cors["ExposeHeaders"].as_array().unwrap().iter().any(|shown| shown == header), "add {header}");
    }
    for header in ["authorization", "content-type", "idempotency-key", "prefer", "x-correlation-id"] {
        assert!(cors["AllowHeaders"].as_array().unwrap().iter().any(|allowed| allowed == header), "add {header}");
    }
}

#[test]
fn the_document_has_the_routes_of_the_contract() {
    let document = document();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let is_public = operation["security"].as_array().unwrap().is_empty();
            described.insert((method.to_uppercase(), path.clone(), is_public));
        }
    }
    let wanted: BTreeSet<_> = ROUTES
        .iter()
        .map(|route| (route.method.to_owned(), route.path.to_owned(), route.access == Access::Public))
        .collect();
    assert_eq!(described, wanted, "infra/openapi.json (left) has other routes than functions::ROUTES (right)");
}

#[test]
fn the_document_files_every_use_case_under_its_area() {
    for (area, name) in use_cases::files() {
        if let Some(documented) = openapi::area(&name) {
            assert_eq!(documented, area, "{name}: its line in contracts::openapi::operations names its folder");
        }
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn the_document_refers_to_nothing_that_it_does_not_have() {
    let document = document();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    for reference in &found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(found.contains(&format!("#/components/schemas/{name}")), "nothing uses the schema {name}");
    }
}

#[test]
fn every_operation_has_a_name_of_its_own_and_every_line_a_route() {
    let document = document();
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    let names: BTreeSet<&str> = operations.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), ROUTES.len(), "{names:?}");
    for use_case in openapi::described() {
        assert!(ROUTES.iter().any(|route| route.use_case == use_case), "{use_case} has no route");
    }
}

#[test]
fn every_operation_has_examples_and_no_answer_narrows_another_schema() {
    let document = document();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let body = operation.pointer("/requestBody/content/application~1json");
            assert!(body.is_none_or(|body| !body["example"].is_null()), "{method} {path}: an example of its body");
            for (status, response) in operation["responses"].as_object().unwrap() {
                for (media_type, content) in response["content"].as_object().into_iter().flatten() {
                    let has_example = content.get("example").is_some() || content.get("examples").is_some();
                    assert!(has_example, "{method} {path}: an example of {status} {media_type}");
                    assert!(content["schema"].get("allOf").is_none(), "{method} {path} {status}: a plain reference");
                }
            }
        }
    }
}

#[test]
fn a_problem_comes_before_the_gateways_own_answer_and_its_code_is_open() {
    let text = read("infra/openapi.json");
    let document = document();
    let code = &document["components"]["schemas"]["ProblemCode"]["anyOf"];
    assert_eq!(code[1]["type"], "string", "a code that is added later can be read: {code}");
    let (problems, gateway) = ("\"application/problem+json\": {", "\"application/json\": {");
    let first = text.find("\"401\": {").unwrap();
    let answer = &text[first..];
    assert!(answer.find(problems).unwrap() < answer.find(gateway).unwrap());
}

#[test]
fn requests_refuse_unknown_fields_and_answers_are_never_null() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for (name, schema) in schemas {
        let is_request = schema["additionalProperties"] == false;
        assert!(is_request || !schema.to_string().contains("\"null\""), "{name} is an answer with a null: {schema}");
    }
    let paths = document["paths"].as_object().unwrap().values();
    for operation in paths.flat_map(|path| path.as_object().unwrap().values()) {
        let body = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
        if let Some(name) = body.as_str().and_then(|path| path.rsplit('/').next()) {
            assert_eq!(schemas[name]["additionalProperties"], false, "{name} takes unknown fields");
        }
    }
}
