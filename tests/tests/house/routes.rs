//! Code, template and document have the same routes.

use crate::template::{Template, pascal, read};
use crate::use_cases;
use contracts::openapi;
use contracts::routes::{Access, ROUTES};
use functions::{Trigger, UseCase};
use serde_json::Value;
use std::collections::BTreeSet;

/// Method, path, resource, and whether it needs no token.
type Served = BTreeSet<(String, String, String, bool)>;

#[test]
fn the_template_has_the_routes_of_the_contract_with_the_same_access() {
    let template = Template::main();
    let mut served = Served::new();
    for (resource, function) in template.functions() {
        for event in function["Events"].as_object().into_iter().flat_map(|events| events.values()) {
            let route = &event["Properties"];
            if event["Type"] == "HttpApi" {
                let text = |name: &str| route[name].as_str().unwrap_or_default().to_owned();
                let is_public = match route["Auth"]["Authorizer"].as_str() {
                    None => false,
                    Some("NONE") => true,
                    Some(other) => panic!("{resource}: the default authorizer or NONE, not {other}"),
                };
                served.insert((text("Method"), text("Path"), resource.to_owned(), is_public));
            }
        }
    }
    let wanted: Served = ROUTES
        .iter()
        .map(|route| {
            let is_public = route.access == Access::Public;
            (route.method.to_owned(), route.path.to_owned(), pascal(route.use_case), is_public)
        })
        .collect();
    let (extra, missing): (Vec<_>, Vec<_>) =
        (served.difference(&wanted).collect(), wanted.difference(&served).collect());
    assert!(extra.is_empty(), "add to contracts::routes::ROUTES, with this access: {extra:?}");
    assert!(
        missing.is_empty(),
        "add to the function's Events in template.yaml (Authorizer NONE if public): {missing:?}"
    );
}

#[test]
fn every_route_has_a_handler_and_every_handler_a_route() {
    for route in ROUTES {
        let use_case = UseCase::find(route.use_case).unwrap_or_else(|error| panic!("{}: {error}", route.path));
        let is_http = matches!(use_case.trigger, Trigger::Http(_) | Trigger::HttpAndSchedule(..));
        assert!(is_http, "{} answers {} and is no HTTP use case in use_cases!", route.use_case, route.path);
    }
    for use_case in functions::USE_CASES {
        if let Trigger::Http(_) | Trigger::HttpAndSchedule(..) = use_case.trigger {
            let has_route = ROUTES.iter().any(|route| route.use_case == use_case.name);
            assert!(has_route, "{} has no line in contracts::routes::ROUTES", use_case.name);
        }
    }
}

#[test]
fn the_api_lets_a_browser_use_every_method_and_header_of_the_contract() {
    let cors = &Template::main().value["Resources"]["Api"]["Properties"]["CorsConfiguration"];
    for route in ROUTES {
        let methods = cors["AllowMethods"].as_array().unwrap();
        assert!(methods.iter().any(|method| method == route.method), "add {} to AllowMethods", route.method);
    }
    for header in ["authorization", "content-type", "idempotency-key", "x-correlation-id"] {
        assert!(cors["AllowHeaders"].as_array().unwrap().iter().any(|allowed| allowed == header), "add {header}");
    }
}

#[test]
fn the_document_is_what_the_code_says() {
    let document = openapi::document(runtime::problem::status).unwrap_or_else(|error| panic!("{error}"));
    let checked_in = read("infra/openapi.json");
    let is_same = checked_in == format!("{document:#}\n");
    assert!(
        is_same,
        "infra/openapi.json is not what the types say: cargo run -p tests --example openapi, and look at the difference"
    );
}

#[test]
fn the_document_has_the_routes_of_the_contract() {
    let document: Value = serde_json::from_str(&read("infra/openapi.json")).unwrap();
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
    assert_eq!(described, wanted, "infra/openapi.json (left) has other routes than contracts::routes::ROUTES (right)");
}

#[test]
fn the_document_files_every_use_case_under_its_area() {
    for (area, name) in use_cases::files() {
        if let Some(documented) = openapi::area(&name) {
            assert_eq!(documented, area, "{name}: its line in contracts::openapi::operations names its folder");
        }
    }
}
