//! The OpenAPI 3.1 document, built from the routes and the types of their bodies. It is checked in as
//! `infra/openapi.json`, which the deployed binary serves; a test compares the file with what is built here.

mod operations;
mod refusals;
pub mod words;

use crate::page::{Limit, PageQuery};
use crate::problem::{PROBLEM_JSON, Problem};
use crate::routes::{Access, QueryParameters, Route};
use crate::staff::Group;
use domain::{Kind, Refusal};
use operations::{Body, OPERATIONS, Operation, ResponseBody, Schemas};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A line of text: not blank, no control characters (`domain::text::Line`).
const LINE: &str = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$";
/// A passage of text: may be empty and have line breaks (`domain::text::Passage`).
const PASSAGE: &str = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$";
const VARIANT_ID: &str = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.[0-9a-f]{8}$";
const BATCH_ID: &str = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$";

/// A name that somebody gives to a thing of theirs: a saved address, a shipping method.
const NAME_OF_CHOICE: &str = r"^[A-Za-z0-9_-]{1,32}$";

/// The patterns of texts by field name; a field name has the same meaning everywhere in the contract.
const FORMS: &[(&str, &str, &str)] = &[
    ("product_id", "format", "uuid"),
    ("order_id", "format", "uuid"),
    ("payment_id", "format", "uuid"),
    ("coupon_id", "format", "uuid"),
    ("entry_id", "format", "uuid"),
    ("event_id", "format", "uuid"),
    ("sell_window_id", "format", "uuid"),
    ("ticket_id", "format", "uuid"),
    ("batch_id", "pattern", BATCH_ID),
    ("work_order_id", "pattern", BATCH_ID),
    ("operator", "pattern", LINE),
    ("variant_id", "pattern", VARIANT_ID),
    ("sku", "pattern", r"^[A-Za-z0-9._-]+$"),
    ("currency", "pattern", "^[A-Z]{3}$"),
    ("name", "pattern", LINE),
    ("variant_name", "pattern", LINE),
    ("shipping_address", "pattern", LINE),
    ("reason", "pattern", LINE),
    ("note", "pattern", LINE),
    ("notes", "pattern", PASSAGE),
    ("planned_production_date", "format", "date"),
    ("planned_ship_date", "format", "date"),
    ("carrier", "pattern", LINE),
    ("tracking_no", "pattern", LINE),
    ("pickup_info", "pattern", LINE),
    ("description", "pattern", PASSAGE),
    ("email", "format", "email"),
    ("address_id", "pattern", NAME_OF_CHOICE),
    ("method_code", "pattern", NAME_OF_CHOICE),
    ("postal_code", "pattern", r"^[A-Za-z0-9 -]*[A-Za-z0-9][A-Za-z0-9 -]*$"),
    ("line_user_id", "pattern", "^U[0-9a-f]{32}$"),
];

/// A route that the table of operations does not cover.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Incomplete {
    /// No operation is listed for the use case.
    #[error("use case {0} has routes but no entry in contracts::openapi::operations; add one")]
    NoOperation(&'static str),
    /// An operation lists a refusal code that does not exist.
    #[error("use case {0} lists the refusal code {1}, which does not exist in domain::Refusal")]
    UnknownCode(&'static str, &'static str),
    /// A route accepts other query parameters than its entry lists.
    #[error("the query parameters of {0} in its manifest are not those in contracts::openapi::operations")]
    QueryDiffers(&'static str),
}

/// The area of a use case with routes: its folder in `functions/`.
pub fn area(use_case: &str) -> Option<&'static str> {
    OPERATIONS.iter().find(|operation| operation.use_case == use_case).map(|operation| operation.area)
}

/// The use cases with an operation, each once.
pub fn described() -> impl Iterator<Item = &'static str> {
    OPERATIONS.iter().map(|operation| operation.use_case)
}

/// Builds the document of these routes. `status_of` maps kinds of refusals to HTTP statuses (`runtime::problem::status`).
///
/// # Errors
/// [`Incomplete`].
pub fn document(routes: &[Route], status_of: fn(Kind) -> u16) -> Result<Value, Incomplete> {
    let mut schemas = Map::new();
    register(&mut schemas, || {
        let mut all = vec![(Problem::name().into_owned(), <Problem as utoipa::PartialSchema>::schema())];
        Problem::schemas(&mut all);
        all
    });
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for (position, route) in routes.iter().enumerate() {
        let operation = OPERATIONS
            .iter()
            .find(|operation| operation.use_case == route.use_case)
            .ok_or(Incomplete::NoOperation(route.use_case))?;
        if !lists_query(route, operation) {
            return Err(Incomplete::QueryDiffers(route.use_case));
        }
        let is_second = routes.iter().take(position).any(|other| other.use_case == route.use_case);
        let id = if is_second { format!("{}_as_admin", route.use_case) } else { route.use_case.to_owned() };
        let described = describe(route, operation, &id, status_of, &mut schemas)?;
        paths.entry(route.path).or_default().insert(route.method.to_lowercase(), described);
    }
    for (_, schema) in &mut schemas {
        refine(schema);
    }
    // Clients must be able to read a code that was added after they were made.
    if let Some(known) = schemas.remove("ProblemCode") {
        schemas.insert("KnownProblemCode".to_owned(), known);
        let open = json!({
            "description": "The permanent code. New codes can be added: handle an unknown code by its HTTP status.",
            "anyOf": [refer("schemas", "KnownProblemCode"), { "type": "string" }],
        });
        schemas.insert("ProblemCode".to_owned(), open);
    }
    schemas.insert(
        "GatewayMessage".to_owned(),
        json!({
            "type": "object",
            "description": "API Gateway's own response to a request that it refuses before a use case is invoked.",
            "properties": { "message": { "type": "string" } },
        }),
    );
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Millrun",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A shop that never loses an order, a point or a coupon. Money is a whole number of the currency's \
                minor unit; times are RFC 3339 in UTC. A field without a value is absent. The `code` of a problem is permanent.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The host that serves this document: the stack's output `ApiUrl`." }],
        "tags": tags(),
        "security": [{ "user_pool": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": shared_parameters(),
            "headers": shared_headers(),
            "responses": shared_responses(),
            "securitySchemes": { "user_pool": {
                "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                "description": "An identity or access token of the user pool. The customer is its `sub` claim. `x-roles` \
                    of an admin route lists the groups that may call it: one of them must be in `cognito:groups`.",
            } },
        },
    }))
}

/// Whether the route accepts the query parameters that the operation lists.
fn lists_query(route: &Route, operation: &Operation) -> bool {
    let QueryParameters::Known(accepted) = route.query else { return true };
    let of_page = if operation.answer.is_paged() { &["limit", "cursor"][..] } else { &[] };
    let mut listed: Vec<&str> = operation.query.iter().map(|(name, _)| *name).chain(of_page.iter().copied()).collect();
    let mut accepted = accepted.to_vec();
    listed.sort_unstable();
    accepted.sort_unstable();
    listed == accepted
}

fn tags() -> Vec<Value> {
    let mut areas: Vec<&str> = OPERATIONS.iter().map(|operation| operation.area).collect();
    areas.dedup();
    areas.into_iter().map(|area| json!({ "name": area })).collect()
}

fn describe(
    route: &Route,
    operation: &Operation,
    id: &str,
    status_of: fn(Kind) -> u16,
    schemas: &mut Map<String, Value>,
) -> Result<Value, Incomplete> {
    let mut described = Map::new();
    let mut set = |name: &str, value: Value| described.insert(name.to_owned(), value);
    set("operationId", json!(id));
    set("summary", json!(operation.summary));
    set("tags", json!([operation.area]));
    set(
        "security",
        match route.access {
            Access::Public => json!([]),
            Access::Customer | Access::Admin => json!([{ "user_pool": [] }]),
        },
    );
    if route.access == Access::Admin {
        set("x-roles", Group::of(route).map(Group::name).collect());
    }
    set("parameters", parameters(route, operation, schemas).into());
    let body = match operation.body {
        Body::None => None,
        Body::Optional(body) => Some((body, false)),
        Body::Required(body) => Some((body, true)),
    };
    if let Some((body, required)) = body {
        let schema = register(schemas, body);
        set("requestBody", json!({ "required": required, "content": { "application/json": { "schema": schema } } }));
    }
    let mut responses = Map::new();
    let description = if operation.status == 201 { "Created." } else { "OK." };
    responses.insert(operation.status.to_string(), response(operation.answer, description, headers(), schemas));
    if let Some((when, instead)) = operation.instead {
        responses.insert("200".to_owned(), response(instead, when, headers(), schemas));
    }
    if let Some(later) = operation.later {
        let mut headers = headers();
        headers.extend(["Location", "PreferenceApplied"].map(|name| {
            let header = if name == "Location" { "Location" } else { "Preference-Applied" };
            (header.to_owned(), refer("headers", name))
        }));
        let description =
            "Accepted for asynchronous processing; `Location` shows the status. Only with `Prefer: respond-async`.";
        responses.insert("202".to_owned(), response(later, description, headers, schemas));
    }
    if let Some(description) = operation.redirect {
        let header = json!({ "description": "Where to.", "schema": { "type": "string" } });
        responses.insert("303".to_owned(), json!({ "description": description, "headers": { "Location": header } }));
    }
    responses.extend(problems(route, operation, status_of)?);
    set("responses", Value::Object(responses));
    Ok(Value::Object(described))
}

fn parameters(route: &Route, operation: &Operation, schemas: &mut Map<String, Value>) -> Vec<Value> {
    let mut parameters = Vec::new();
    for name in route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let mut schema = json!({ "type": "string" });
        shape(name, &mut schema);
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    for (name, words) in operation.query {
        let schema = words.map_or_else(|| json!({ "type": "string" }), |words| register(schemas, words));
        parameters.push(json!({ "name": name, "in": "query", "required": false, "schema": schema }));
    }
    if operation.answer.is_paged() {
        parameters.extend([refer("parameters", "Limit"), refer("parameters", "Cursor")]);
    }
    if takes_key(route) {
        parameters.push(refer("parameters", "IdempotencyKey"));
    }
    if operation.later.is_some() {
        parameters.push(refer("parameters", "Prefer"));
    }
    parameters.push(refer("parameters", "CorrelationId"));
    parameters
}

fn shared_parameters() -> Value {
    json!({
        "Limit": {
            "name": "limit", "in": "query", "required": false,
            "description": "The maximum number of items of the page.",
            "schema": {
                "type": "integer", "minimum": 1, "maximum": Limit::MAX, "default": Limit::DEFAULT.get(),
            },
        },
        "Cursor": {
            "name": "cursor", "in": "query", "required": false,
            "description": "`next_cursor` of the previous page; any other value is refused.",
            "schema": { "type": "string", "maxLength": PageQuery::CURSOR_BYTES_MAX },
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "The idempotency key. For 24 hours a repeated request with the same key gets the first response; a \
                different request with this key is refused. Keys are separate per caller and route.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-+.-~-]+$" },
        },
        "Prefer": {
            "name": "Prefer", "in": "header", "required": false,
            "description": "`respond-async` (RFC 7240) asks for asynchronous processing; other preferences are ignored.",
            "schema": { "type": "string" },
        },
        "CorrelationId": {
            "name": "X-Correlation-Id", "in": "header", "required": false,
            "description": "The correlation id of the request's log lines and events: 1 to 64 characters of `A-Z a-z 0-9 . _ -`. \
                An invalid value is ignored.",
            "schema": { "type": "string" },
        },
    })
}

/// Every POST that writes takes an idempotency key; PATCH is idempotent by itself.
fn takes_key(route: &Route) -> bool {
    route.method == "POST" && route.access != Access::Public && route.use_case != "quote_order"
}

fn response(
    body: ResponseBody,
    description: &str,
    headers: Map<String, Value>,
    schemas: &mut Map<String, Value>,
) -> Value {
    let schema = match body {
        ResponseBody::One(view) => register(schemas, view),
        ResponseBody::Page(view) | ResponseBody::PageOrCsv(view) => {
            let item = register(schemas, view);
            let name = format!("PageOf{}", view().first().map_or("", |(name, _)| name));
            schemas.insert(name.clone(), json!({
                "type": "object",
                "required": ["items"],
                "properties": {
                    "items": { "type": "array", "items": item, "maxItems": Limit::MAX },
                    "next_cursor": { "type": "string", "description": "The cursor of the next page. Absent on the last page." },
                    "as_of": {
                        "type": "string", "format": "date-time",
                        "description": "The time at which the page was read, of a list whose order changes with its items: an item that \
                            changes between the reads of two pages may be on both or on neither. Absent if the order is fixed.",
                    },
                },
            }));
            refer("schemas", &name)
        }
        ResponseBody::Object => json!({ "type": "object" }),
        ResponseBody::Text(_) => json!({ "type": "string" }),
    };
    let media_type = match body {
        ResponseBody::Text(media_type) => media_type,
        _ => "application/json",
    };
    let (mut headers, mut content) = (headers, Map::new());
    content.insert(media_type.to_owned(), json!({ "schema": schema }));
    if let ResponseBody::PageOrCsv(_) = body {
        headers.insert("Link".to_owned(), refer("headers", "NextTable"));
        content.insert("text/csv".to_owned(), json!({ "schema": { "type": "string" } }));
    }
    json!({ "description": description, "headers": headers, "content": content })
}

fn headers() -> Map<String, Value> {
    Map::from_iter([("X-Correlation-Id".to_owned(), refer("headers", "CorrelationId"))])
}

fn shared_headers() -> Value {
    json!({
        "CorrelationId": {
            "description": "The request's correlation id, or a generated one.",
            "schema": { "type": "string" },
        },
        "Location": { "description": "The path of the accepted request's status.", "schema": { "type": "string" } },
        "NextTable": {
            "description": "`<?cursor=…>; rel=\"next\"` (RFC 8288) when a CSV table is longer than one response: repeat the request \
                with the same parameters and this cursor.",
            "schema": { "type": "string" },
        },
        "PreferenceApplied": { "description": "`respond-async`.", "schema": { "type": "string" } },
        "RetryAfter": { "description": "Seconds to wait before a retry.", "schema": { "type": "integer", "minimum": 0 } },
    })
}

/// The responses that every route can have.
fn shared_responses() -> Value {
    json!({
        "TooManyRequests": {
            "description": "The API's rate limit is exceeded.",
            "content": { "application/json": { "schema": refer("schemas", "GatewayMessage") } },
        },
        "InternalError": problem(500, &["internal_error"]),
        "Busy": problem(503, &["busy"]),
    })
}

/// One response per status, each with the route's codes of that status.
fn problems(
    route: &Route,
    operation: &Operation,
    status_of: fn(Kind) -> u16,
) -> Result<Map<String, Value>, Incomplete> {
    let has_body = !matches!(operation.body, Body::None);
    let checks_query = matches!(route.query, QueryParameters::Known(_));
    let mut codes: Vec<&'static str> = operation.refuses.to_vec();
    let mut also = |is: bool, more: &[&'static str]| codes.extend(more.iter().filter(|_| is));
    also(route.access != Access::Public, &["unauthenticated"]);
    also(route.access == Access::Admin, &["forbidden"]);
    also(has_body || takes_key(route), &["malformed_request"]);
    also(has_body || checks_query, &["invalid_request"]);
    also(takes_key(route), &["idempotency_key_reused"]);
    also(has_body || takes_key(route), &["body_too_large", "encoding_not_accepted"]);

    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in codes {
        let refusal: Refusal = refusals::of(code).ok_or(Incomplete::UnknownCode(operation.use_case, code))?;
        by_status.entry(status_of(refusal.kind())).or_default().push(code);
    }
    let mut responses: Map<String, Value> =
        by_status.iter().map(|(status, codes)| (status.to_string(), problem(*status, codes))).collect();
    for (status, name) in [("429", "TooManyRequests"), ("500", "InternalError"), ("503", "Busy")] {
        responses.insert(status.to_owned(), refer("responses", name));
    }
    Ok(responses)
}

/// A response with a problem: the schema is the same everywhere, so that clients generate one type; the examples are
/// the codes.
fn problem(status: u16, codes: &[&str]) -> Value {
    let examples: Map<String, Value> =
        codes.iter().map(|code| ((*code).to_owned(), json!({ "value": example(status, code) }))).collect();
    let mut content = Map::new();
    content.insert(PROBLEM_JSON.to_owned(), json!({ "schema": refer("schemas", "Problem"), "examples": examples }));
    // API Gateway itself can also send these, before a use case is invoked.
    if matches!(status, 401 | 403 | 413 | 500 | 503) {
        let message = json!({ "message": if status == 401 { "Unauthorized" } else { "Forbidden" } });
        let gateway = json!({ "schema": refer("schemas", "GatewayMessage"), "example": message });
        content.insert("application/json".to_owned(), gateway);
    }
    let mut headers = headers();
    if status == 503 {
        headers.insert("Retry-After".to_owned(), refer("headers", "RetryAfter"));
    }
    let list: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
    json!({ "description": list.join(", "), "headers": headers, "content": content })
}

/// A problem with this code.
fn example(status: u16, code: &str) -> Value {
    let request_id = "JKJaX4PoFiEJ9w=";
    let problem = match refusals::of(code) {
        Some(refusal) => Problem::of(&refusal, status, request_id),
        None => Problem::new(status, code, code, "see the code", request_id),
    };
    json!(problem)
}

fn refer(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// Adds the schemas that a type refers to, and returns a reference to the type.
fn register(schemas: &mut Map<String, Value>, of: Schemas) -> Value {
    let all = of();
    let name = all.first().map(|(name, _)| name.clone()).unwrap_or_default();
    for (name, schema) in all {
        schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
    }
    refer("schemas", &name)
}

/// Adds what the derive macro cannot know: text patterns, and that views omit absent fields.
fn refine(schema: &mut Value) {
    // What is flattened into another view stands beside it.
    if let Some(parts) = schema.get_mut("allOf").and_then(Value::as_array_mut) {
        parts.iter_mut().for_each(refine);
    }
    let is_request = schema.get("additionalProperties") == Some(&Value::Bool(false));
    let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { return };
    for (name, property) in properties {
        if !is_request {
            never_null(property);
        }
        shape(name, property);
    }
}

/// A request may send `null` for an optional field; a response never does.
fn never_null(property: &mut Value) {
    if let Some(types) = property.get_mut("type")
        && let Some(one) = types.as_array().and_then(|types| types.iter().find(|one| *one != "null")).cloned()
    {
        *types = one;
    }
    // "Another schema or null" becomes the other schema.
    let Some(mut choices) = property.get_mut("oneOf").and_then(Value::as_array_mut).map(std::mem::take) else { return };
    choices.retain(|choice| choice["type"] != "null");
    match (choices.pop(), choices.is_empty(), property.as_object_mut()) {
        (Some(Value::Object(only)), true, Some(property)) => {
            property.remove("oneOf");
            property.extend(only);
        }
        (last, _, Some(property)) => {
            choices.extend(last);
            property.insert("oneOf".to_owned(), Value::Array(choices));
        }
        _ => {}
    }
}

fn shape(name: &str, property: &mut Value) {
    let is_text = property
        .get("type")
        .is_some_and(|kind| kind == "string" || kind.as_array().is_some_and(|kinds| kinds.contains(&json!("string"))));
    if let Some((_, keyword, value)) = FORMS.iter().find(|(form, _, _)| *form == name && is_text) {
        property[*keyword] = json!(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_listed_once() {
        let document = document(&[], |_| 400).unwrap();
        let listed = document["components"]["schemas"]["KnownProblemCode"]["enum"].as_array().unwrap();
        for refusal in refusals::every() {
            assert_eq!(listed.iter().filter(|code| **code == refusal.code()).count(), 1, "{}", refusal.code());
        }
    }
}
