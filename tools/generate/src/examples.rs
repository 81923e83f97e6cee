//! Examples of every operation in the OpenAPI document: a request's body from its sample event, every other value from its
//! schema.

use serde_json::{Map, Value, json};
use std::path::Path;

/// The maximum depth of references between schemas.
const DEPTH_MAX: usize = 12;
/// The media type of most bodies.
const JSON: &str = "application/json";

/// Examples by field name; a field name has the same meaning everywhere in the contract.
const FIELDS: &[(&str, &str)] = &[
    ("variant_id", "01a1c39c-de00-7a10-8b20-000000001001.00000001"),
    ("batch_id", "01a1c39c-de00-7a10-8b20-0000000000a1.01a1c39c-de00-7a10-8b20-000000001001"),
    ("work_order_id", "01a1c39c-de00-7a10-8b20-0000000000a1.01a1c39c-de00-7a10-8b20-000000001001"),
    ("customer_id", "9f2c41d0-7b1e-4c55-a3f4-2d6be0c1a7e9"),
    ("job_id", "01a1f71e-4c88-7a10-8b20-000000009180.EMAIL.4f0c6d2b9a7e1835"),
    ("task_id", "1795147802000.01a1f71e-4c88-7a10-8b20-000000009180"),
    ("order_no", "261121-7GQ4K-2M9TD"),
    ("name", "Oolong"),
    ("product_name", "Oolong"),
    ("variant_name", "150 g"),
    ("description", "From the high mountains."),
    ("category", "Tea"),
    ("sku", "TEA-150"),
    ("currency", "TWD"),
    ("timezone", "Asia/Taipei"),
    ("phone", "+886912345678"),
    ("email", "ada@example.com"),
    ("shipping_address", "1 Main St, Taipei"),
    ("line_user_id", "U0123456789abcdef0123456789abcdef"),
    ("carrier", "Black Cat"),
    ("tracking_no", "905-123-456"),
    ("pickup_info", "Taipei shop, from Monday"),
    ("reason", "water damage"),
    ("operator", "Wei"),
    ("step_name", "SEW"),
    (
        "checkout_url",
        "https://api.shop.example/api/v1/payments/01a1f71d-60db-7a10-8b20-30a5c7e91f42/checkout?token=x3Vb",
    ),
    ("return_url", "https://shop.example/orders/01a1f71d-60db-7a10-8b20-30a5c7e91f42"),
    ("template_key", "order_shipped"),
    ("recipient", "a***@example.com"),
    ("correlation_id", "web-91d2c6e0"),
    ("request_id", "JKJaX4PoFiEJ9w="),
    ("invariant", "I1"),
    ("subject", "variant 01a1c39c-de00-7a10-8b20-000000001001.00000001: left + held + sold"),
    ("expected", "12"),
    ("found", "11"),
    ("next_cursor", "MDFhMWY3MWQtNjBkYi03YTEwLThiMjAtMzBhNWM3ZTkxZjQy.3f9a0c51d2e4"),
    ("field", "lines[0].quantity"),
    ("message", "must be a whole number from 1 to 99"),
    ("by", "9f2c41d0-7b1e-4c55-a3f4-2d6be0c1a7e9"),
    ("action", "ship_order"),
];

/// Adds the examples to a document.
pub(crate) fn add(document: &mut Value) {
    let schemas = document.pointer("/components/schemas").cloned().unwrap_or_default();
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        let use_case = operation["operationId"].as_str().unwrap_or_default().trim_end_matches("_as_admin").to_owned();
        if let Some(content) = operation.pointer_mut("/requestBody/content/application~1json") {
            let body = sample(&use_case).unwrap_or_else(|| of(&content["schema"], &schemas, "", 0));
            content["example"] = body;
        }
        let Some(responses) = operation["responses"].as_object_mut() else { continue };
        for (_, response) in responses.iter_mut().filter(|(status, _)| status.starts_with('2')) {
            let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else { continue };
            for (media_type, body) in content {
                body["example"] = match media_type.as_str() {
                    JSON => of(&body["schema"], &schemas, "", 0),
                    "text/csv" => {
                        json!("order_id,order_no\r\n01a1f71d-60db-7a10-8b20-30a5c7e91f42,261121-7GQ4K-2M9TD\r\n")
                    }
                    "text/html" => json!("<!doctype html><title>Payment</title>"),
                    _ => json!("1|OK"),
                };
            }
        }
        for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
            let Some(name) = parameter["name"].as_str().map(str::to_owned) else { continue };
            parameter["example"] = of(&parameter["schema"], &schemas, &name, 0);
        }
    }
}

/// The body of the use case's sample event, if it has one.
fn sample(use_case: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../events/{use_case}.json"));
    let event: Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
    serde_json::from_str(event.get("body")?.as_str()?).ok()
}

/// A value of a schema; `field` is its name in the surrounding object.
fn of(schema: &Value, schemas: &Value, field: &str, depth: usize) -> Value {
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    let of = |schema: &Value, field: &str| of(schema, schemas, field, depth + 1);
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return of(&schemas[name], field);
    }
    if let Some(known) = schema.get("const").or_else(|| schema["enum"].get(0)) {
        return known.clone();
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| of(part, field));
        let fields = parts.filter_map(|part| part.as_object().cloned()).flatten();
        return Value::Object(fields.chain(properties(schema, of)).collect());
    }
    let choices = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
    if let Some(choice) = choices.and_then(|choices| choices.iter().find(|choice| choice["type"] != "null")) {
        return of(choice, field);
    }
    let kinds = schema["type"].as_array();
    let kind = kinds.and_then(|kinds| kinds.iter().find(|kind| **kind != "null")).unwrap_or(&schema["type"]);
    match kind.as_str().unwrap_or("object") {
        "string" => text(schema, field),
        "integer" | "number" => whole(schema, field),
        "boolean" => json!(true),
        "array" => json!([of(&schema["items"], field.trim_end_matches('s'))]),
        _ => Value::Object(properties(schema, of).collect()),
    }
}

fn properties<'s>(
    schema: &'s Value,
    of: impl Fn(&Value, &str) -> Value + 's,
) -> impl Iterator<Item = (String, Value)> + 's {
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties.map(move |(name, property)| (name.clone(), of(property, name)))
}

fn text(schema: &Value, field: &str) -> Value {
    if let Some((_, known)) = FIELDS.iter().find(|(name, _)| *name == field) {
        return json!(known);
    }
    json!(match schema["format"].as_str() {
        Some("uuid") => "01a1f71d-60db-7a10-8b20-30a5c7e91f42",
        Some("date-time") => "2026-11-21T12:00:00Z",
        Some("date") => "2026-12-20",
        Some("email") => "ada@example.com",
        _ if field.ends_with("_id") => "01a1f71d-60db-7a10-8b20-30a5c7e91f42",
        _ if field.ends_with("url") => "https://shop.example",
        _ => "text",
    })
}

fn whole(schema: &Value, field: &str) -> Value {
    if field.ends_with("_cents") {
        return json!(35_000);
    }
    let least = schema["minimum"].as_i64().unwrap_or(1);
    json!(schema["default"].as_i64().unwrap_or(least.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_has_the_form_of_its_schema() {
        let schemas =
            json!({"Line": {"type": "object", "properties": {"quantity": {"type": "integer", "minimum": 2}}}});
        let schema = json!({"type": "object", "properties": {
            "order_id": {"type": "string", "format": "uuid"},
            "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
            "status": {"type": "string", "enum": ["PAID", "EXPIRED"]},
            "note": {"type": ["string", "null"]},
        }});
        let wanted = json!({
            "order_id": "01a1f71d-60db-7a10-8b20-30a5c7e91f42", "lines": [{"quantity": 2}], "status": "PAID", "note": "text"
        });
        assert_eq!(of(&schema, &schemas, "", 0), wanted);
    }

    #[test]
    fn a_request_has_the_body_of_its_sample() {
        assert!(sample("place_order").unwrap()["lines"].is_array());
        assert_eq!(sample("list_orders"), None);
    }
}
