//! Invocation events as AWS creates them: API Gateway, SQS, scheduler, stream.

use crate::data_leaks::TOKEN;
use crate::shop::Caller;
use serde_json::{Map, Value, json};

/// A request of a client.
#[derive(Debug, Clone)]
pub struct HttpRequest {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers with lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

/// An event of an HTTP API (payload version 2.0), with the use case of its route.
///
/// Panics if there is no such route, because API Gateway would respond itself.
pub fn api_gateway(request: &HttpRequest, caller: &Caller, request_id: &str) -> (&'static str, Value) {
    let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
    let (route, parameters) =
        functions::find_route(&request.method, path).unwrap_or_else(|| panic!("no route {} {path}", request.method));
    let route_key = format!("{} {}", route.method, route.path);
    let parameters: Map<String, Value> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let query_parameters: Map<String, Value> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let headers: Map<String, Value> =
        request.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let mut event = json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api",
            "domainName": "api.test",
            "domainPrefix": "api",
            "http": {
                "method": request.method, "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "tests"
            },
            "requestId": request_id,
            "routeKey": route_key,
            "stage": "$default",
            "time": "21/Nov/2026:00:00:00 +0000",
            "timeEpoch": 1_795_219_200_000_i64
        },
        "isBase64Encoded": false
    });
    if !parameters.is_empty() {
        event["pathParameters"] = Value::Object(parameters);
    }
    if !query_parameters.is_empty() {
        event["queryStringParameters"] = Value::Object(query_parameters);
    }
    if let Some(claims) = caller.claims() {
        event["headers"]["authorization"] = json!(format!("Bearer {TOKEN}"));
        event["requestContext"]["authorizer"] = json!({"jwt": {"claims": claims, "scopes": null}});
    }
    match request.body.as_ref().map(|bytes| (std::str::from_utf8(bytes), bytes)) {
        None => {}
        Some((Ok(text), _)) => event["body"] = json!(text),
        Some((Err(_), bytes)) => {
            event["body"] = json!(base64(bytes));
            event["isBase64Encoded"] = json!(true);
        }
    }
    (route.use_case, event)
}

/// A batch of SQS messages, given as id and body.
pub fn sqs(messages: &[(String, String)]) -> Value {
    let records: Vec<Value> = messages
        .iter()
        .map(|(id, body)| {
            json!({
                "messageId": id, "receiptHandle": id, "body": body, "attributes": {}, "messageAttributes": {},
                "md5OfBody": "", "eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:local:0:queue",
                "awsRegion": "local"
            })
        })
        .collect();
    json!({ "Records": records })
}

/// The message that EventBridge puts on a queue.
pub fn delivery(source: &str, detail_type: &str, detail: &Value) -> String {
    json!({
        "version": "0", "id": "0", "detail-type": detail_type, "source": source, "account": "0",
        "time": "2026-11-21T00:00:00Z", "region": "local", "resources": [], "detail": detail
    })
    .to_string()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
