//! Every field of every request, as the API's contract lists them, with every kind of bad value: a new field is covered as
//! soon as it is in the contract.

use crate::request_bodies::{routes, send};
use functions::find_route;
use serde_json::{Value, json};
use tests::Shop;

/// A field of a request by its JSON pointer, with the type that the contract gives it.
type Field = (String, String);

fn contract() -> Value {
    serde_json::from_str(include_str!("../../../infra/openapi.json")).unwrap()
}

/// The fields below a schema. A list's are those of its first item.
fn fields(contract: &Value, schema: &Value, at: &str, found: &mut Vec<Field>) {
    if let Some(name) = schema["$ref"].as_str() {
        return fields(contract, contract.pointer(&name[1..]).unwrap(), at, found);
    }
    for choice in ["allOf", "oneOf", "anyOf"] {
        schema[choice].as_array().into_iter().flatten().for_each(|schema| fields(contract, schema, at, found));
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        fields(contract, schema, &format!("{at}/{name}"), found);
    }
    if schema["items"].is_object() {
        fields(contract, &schema["items"], &format!("{at}/0"), found);
    }
    let types = schema["type"].as_array().cloned().unwrap_or_else(|| vec![schema["type"].clone()]);
    for kind in
        types.iter().filter_map(Value::as_str).filter(|kind| ["string", "integer", "number", "boolean"].contains(kind))
    {
        found.push((at.to_owned(), kind.to_owned()));
    }
}

/// Each route that reads a body, with a body that it would take, and the body's fields in the contract.
fn requests() -> Vec<(bool, &'static str, String, Value, Vec<Field>)> {
    let contract = contract();
    let with_fields = |(is_admin, method, target, good): (bool, &'static str, String, Value)| {
        let path = format!("/api/v1{target}");
        let route = find_route(method, &path).unwrap().0;
        let operation = &contract["paths"][route.path][method.to_lowercase()];
        let mut found = Vec::new();
        fields(&contract, &operation["requestBody"]["content"]["application/json"]["schema"], "", &mut found);
        assert!(!found.is_empty(), "{method} {target} has no field in the contract");
        (is_admin, method, target, good, found)
    };
    routes().into_iter().map(with_fields).collect()
}

#[test]
fn every_field_of_the_contract_is_in_a_body_that_is_tried() {
    let all = requests();
    for (_, method, target, _, found) in &all {
        for (place, _) in found {
            let is_in = |good: &Value| good.pointer(place).is_some();
            assert!(
                all.iter().any(|(_, m, t, good, _)| (m, t) == (method, target) && is_in(good)),
                "give {method} {target} a value at {place} in scenarios/request_bodies.rs"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn every_number_field_says_that_it_takes_whole_numbers() {
    let shop = Shop::open();
    for (is_admin, method, target, good, found) in requests() {
        for (place, _) in found.iter().filter(|(place, kind)| kind == "integer" && good.pointer(place).is_some()) {
            for written in ["1.0", "1e0", "1.5", "\"4311\"", "true", "[4311]", "18446744073709551616"] {
                let mut body = good.clone();
                *body.pointer_mut(place).unwrap() = json!("@number@");
                let body = body.to_string().replace("\"@number@\"", written);
                let reply = send(&shop, is_admin, method, &target, body.into_bytes()).await;
                reply.refused(422, "invalid_request");
                let message = reply.body["errors"][0]["message"].as_str().unwrap();
                assert!(message.contains("a whole number"), "{method} {target} {place} = {written}: {message}");
                assert!(!reply.text.contains("4311") && !reply.text.contains("i64"), "{}", reply.text);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_text_field_takes_a_text_that_shows_nothing() {
    /// They may be empty.
    const PASSAGES: [&str; 2] = ["/description", "/notes"];
    let shop = Shop::open();
    for (is_admin, method, target, good, found) in requests() {
        let is_tried = |place: &str, kind: &str| kind == "string" && good.pointer(place).is_some();
        for (place, _) in
            found.iter().filter(|(place, kind)| is_tried(place, kind) && !PASSAGES.contains(&place.as_str()))
        {
            for hidden in ["\u{200b}", "\u{202e}\u{2066}", "\u{feff}\u{ad}\u{3164}", "\u{2800}", "\u{301}"] {
                let mut body = good.clone();
                *body.pointer_mut(place).unwrap() = json!(hidden);
                let reply = send(&shop, is_admin, method, &target, body.to_string().into_bytes()).await;
                let is_refused = matches!(reply.status, 404 | 422) && !reply.text.contains(hidden);
                assert!(is_refused, "{method} {target} {place} = {hidden:?}: {}", reply.text);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_refusal_repeats_what_a_field_was_given() {
    const SECRET: &str = "4311-9522, expected 4311 at line 4311";
    let shop = Shop::open();
    for (is_admin, method, target, good, found) in requests() {
        for (place, _) in found.iter().filter(|(place, _)| good.pointer(place).is_some()) {
            for secret in [json!(SECRET), json!([SECRET]), json!({SECRET: SECRET})] {
                let mut body = good.clone();
                *body.pointer_mut(place).unwrap() = secret.clone();
                let reply = send(&shop, is_admin, method, &target, body.to_string().into_bytes()).await;
                let is_quiet = reply.status < 400 || !reply.text.contains("4311");
                assert!(is_quiet, "{method} {target} {place} = {secret}: {}", reply.text);
                for word in ["i64", "u32", "struct ", ", expected", "Visitor", "parse error"] {
                    assert!(reply.status < 400 || !reply.text.contains(word), "{place}: {}", reply.text);
                }
            }
        }
    }
}
