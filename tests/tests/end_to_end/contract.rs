//! What every client can rely on, on any route.

use crate::shop::Shop;
use serde_json::{Value, json};

pub(crate) async fn the_served_contract_equals_the_checked_in_contract(shop: &Shop) {
    let served = shop.get("/openapi.json").send().await;
    let served_json = served.expect(200);
    let checked_in: Value = serde_json::from_str(include_str!("../../../infra/openapi.json")).unwrap();
    assert_eq!(served_json, checked_in);
    assert_eq!(served.header("content-type"), "application/json");
}

/// The gateway's own response, not a problem document.
pub(crate) async fn requests_refused_by_the_gateway_never_reach_a_function(shop: &Shop) {
    let reply = shop.get("/orders").send().await;
    assert_eq!((reply.status, reply.json()), (401, json!({"message": "Unauthorized"})));
    for (method, path) in [("GET", "/nothing"), ("DELETE", "/products"), ("PUT", "/orders"), ("GET", "/payments")] {
        let reply = shop.ask(method, path).by(shop.admin()).send().await;
        assert_eq!(reply.status, 404, "{method} {path}: {}", reply.text);
        assert_ne!(reply.header("content-type"), contracts::problem::PROBLEM_JSON, "{method} {path}");
    }
}

/// The only origin that the local stack allows (tools/local/deploy.py).
pub(crate) async fn cors_allows_a_configured_origin(shop: &Shop) {
    let preflight = |origin: &'static str| {
        let ask = shop.ask("OPTIONS", "/orders").header("origin", origin);
        ask.header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type,idempotency-key")
            .send()
    };
    let origin = "http://localhost:3000";
    let reply = preflight(origin).await;
    assert!((200..300).contains(&reply.status), "{}", reply.text);
    assert_eq!(reply.header("access-control-allow-origin"), origin);
    let allows = |name: &str, wanted: &str| {
        let allowed = reply.header(name).to_lowercase();
        assert!(allowed.split(',').any(|allowed| allowed.trim() == wanted), "{name}: {allowed}");
    };
    for method in ["get", "post", "patch"] {
        allows("access-control-allow-methods", method);
    }
    for header in ["authorization", "content-type", "idempotency-key", "prefer", "x-correlation-id"] {
        allows("access-control-allow-headers", header);
    }
    let reply = shop.get("/products?limit=1").header("origin", origin).send().await;
    reply.expect(200);
    assert_eq!(reply.header("access-control-allow-origin"), origin);
    assert!(reply.header("access-control-expose-headers").to_lowercase().contains("x-correlation-id"));

    let stranger = preflight("https://evil.example").await;
    assert_eq!(stranger.header("access-control-allow-origin"), "", "{}", stranger.status);
}

pub(crate) async fn a_refusal_is_a_problem_document(shop: &Shop) {
    let customer = shop.customer().await;
    let body = json!({"amount_cents": "1000000"});
    let ask = shop.post("/points/charge", &body).by(&customer.token).header("x-correlation-id", "c-1");
    let reply = ask.send().await;
    let problem = reply.refused(422, "invalid_request");
    assert_eq!(problem["errors"][0]["field"], "amount_cents", "{problem}");
    assert_eq!(reply.header("x-correlation-id"), "c-1");
    assert_eq!(reply.header("cache-control"), "no-store");
    let names: Vec<&str> = problem.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["code", "detail", "errors", "request_id", "status", "title", "type"]);

    let missing = shop.get("/orders/nonsense").by(&customer.token).send().await.refused(404, "order_not_found");
    assert!(missing.get("errors").is_none(), "{missing}");
    assert_ne!(missing["request_id"], problem["request_id"]);
    let body = json!({"amount_cents": 100});
    let low = shop.post("/points/charge", &body).by(&customer.token).send().await.refused(422, "charge_below_minimum");
    assert_eq!(low["detail"], "the minimum charge is 1000000 (minor units)");
    // A correlation id that is unsafe in a log is replaced.
    let reply = shop.get("/points").by(&customer.token).header("x-correlation-id", "a b\"c").send().await;
    assert!(!["a b\"c", ""].contains(&reply.header("x-correlation-id")));
}
