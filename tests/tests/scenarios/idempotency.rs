//! Idempotency: one effect per caller and key; the same key and body get the identical response.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::fixtures::{cart, contact, text};
use tests::{Fault, Rule, Shop};

#[tokio::test(start_paused = true)]
async fn every_replayed_post_returns_the_first_response_and_has_no_second_effect() {
    let shop = Shop::open();
    let (ann, admin) = (shop.customer("ann"), shop.admin());
    let product = shop.product("tea").await;
    let variant = shop.variant_of(&product, 5, 1).await;
    let coupon = shop.coupon(5, 2).await;
    ann.charge(10_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    let other = ann.order(&variant, 1).await;
    let charged = shop.dispatcher.new_changes(&shop);
    let event = charged[0]["dynamodb"]["NewImage"]["sk"]["S"].as_str().unwrap().to_owned();
    shop.tick("sweep_outbox").await;

    let hour = SignedDuration::from_hours(1);
    let campaign = json!({
        "name": "spring", "discount": {"type": "PERCENT", "value": 10}, "total_quantity": 1,
        "issue_starts_at": shop.now(), "issue_ends_at": shop.now() + hour, "valid_until": shop.now() + hour
    });
    let variants = format!("/admin/products/{product}/variants");
    let stock = format!("/admin/variants/{variant}/stock");
    let requests: [(bool, String, Value); 10] = [
        (true, "/admin/products".to_owned(), json!({"name": "cup", "description": ""})),
        (true, variants, json!({"sku": "CUP-1", "variant_name": "blue", "price_cents": 100, "stock_qty": 3})),
        (true, stock, json!({"delta": -1, "reason": "broken"})),
        (true, "/admin/coupons".to_owned(), campaign),
        (true, format!("/admin/outbox/{event}/replay"), json!({})),
        (false, "/points/charge".to_owned(), json!({"amount_cents": 1_000_000})),
        (false, format!("/coupons/{coupon}/issue"), json!({})),
        (false, "/orders".to_owned(), cart(&variant, 2)),
        (false, "/payments".to_owned(), json!({"order_id": order, "method": "POINTS"})),
        (false, format!("/orders/{other}/cancel"), json!({"reason": "too late"})),
    ];
    for (n, (is_admin, target, body)) in requests.iter().enumerate() {
        let session = if *is_admin { &admin } else { &ann };
        let key = format!("key-{n}");
        let first = session.post_once(&key, target, body).await;
        assert!(first.status < 300, "{target}: {}", first.text);
        let before = state(&shop);
        shop.advance_minutes(1);
        let again = session.post_once(&key, target, body).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text), "{target}");
        let elsewhere = shop.fresh_environment().session(session.caller.clone());
        let again = elsewhere.post_once(&key, target, body).await;
        assert_eq!((again.status, &again.text), (first.status, &first.text), "{target}, in another environment");
        assert_eq!(state(&shop), before, "{target} had a second effect");
        let mut changed = body.clone();
        changed["surprise"] = json!(1);
        let refused = session.post_once(&key, target, &changed).await;
        assert!(refused.status == 422, "{target}: {}", refused.text);
    }
}

fn state(shop: &Shop) -> Vec<Value> {
    let tables = ["Catalog", "Orders", "Wallets", "Coupons", "Counters", "Payments", "Rankings", "Outbox"];
    tables.into_iter().flat_map(|table| shop.aws.engine().items(table)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_reused_key_with_another_body_is_refused_and_changes_nothing() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variant = shop.variant(5).await;
    ann.post_once("k", "/orders", &cart(&variant, 1)).await.expect(201);
    ann.post_once("k", "/orders", &cart(&variant, 2)).await.refused(422, "idempotency_key_reused");
    assert_eq!(shop.left(&variant).await, 4);
    // Also where the current state would be refused before the transaction.
    ann.post_once("k", "/orders", &cart(&variant, 99)).await.refused(422, "idempotency_key_reused");
    // The order of fields and white space do not change the request.
    let body = format!(r#"{{ "contact": {}, "lines": [ {{"quantity": 1, "variant_id": "{variant}"}} ] }}"#, contact());
    assert_eq!(ann.send("POST", "/orders", Some("k"), Some(body.into_bytes())).await.status, 201);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_idempotency_key_is_scoped_to_its_caller_and_path() {
    let shop = Shop::open();
    let variant = shop.variant(5).await;
    let (one, other) = (shop.coupon(5, 1).await, shop.coupon(5, 1).await);
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    let anns = ann.post_once("k", "/orders", &cart(&variant, 1)).await.expect(201);
    let bobs = bob.post_once("k", "/orders", &cart(&variant, 1)).await.expect(201);
    assert_ne!(anns["order_id"], bobs["order_id"]);
    ann.post_once("c", &format!("/coupons/{one}/issue"), &json!({})).await.expect(201);
    let reused = ann.post_once("c", &format!("/coupons/{other}/issue"), &json!({})).await;
    reused.refused(422, "idempotency_key_reused");
    // Another route has keys of its own, whichever table its record is in.
    ann.post_once("k", &format!("/coupons/{other}/issue"), &json!({})).await.expect(201);
    let order = text(&anns, "order_id");
    ann.post_once("k", "/points/charge", &json!({"amount_cents": 1_000_000})).await.expect(200);
    ann.post_once("k", "/payments", &json!({"order_id": order, "method": "POINTS"})).await.expect(201);
    let placed = text(&ann.post_once("l", "/orders", &cart(&variant, 1)).await.expect(201), "order_id");
    ann.post_once("l", &format!("/orders/{placed}/cancel"), &json!({})).await.expect(200);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_idempotency_key_expires_after_a_day() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let body = json!({"amount_cents": 1_000_000});
    ann.post_once("k", "/points/charge", &body).await.expect(200);
    shop.advance(SignedDuration::from_hours(24));
    ann.post_once("k", "/points/charge", &body).await.expect(200);
    assert_eq!(ann.balance().await, 1_000_000);
    // DynamoDB has not deleted the record yet, but it has expired.
    shop.advance(SignedDuration::from_secs(1));
    ann.post_once("k", "/points/charge", &body).await.expect(200);
    assert_eq!(ann.balance().await, 2_000_000);
}

#[tokio::test(start_paused = true)]
async fn an_idempotency_key_has_1_to_255_visible_characters() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let body = json!({"amount_cents": 1_000_000});
    ann.post_once(&"k".repeat(255), "/points/charge", &body).await.expect(200);
    // Control characters never arrive: API Gateway refuses such a header.
    for bad in [String::new(), "k".repeat(256), "é".to_owned()] {
        let reply = ann.post_once(&bad, "/points/charge", &body).await;
        reply.refused(400, "malformed_request");
    }
    assert_eq!(ann.balance().await, 1_000_000);
}

#[tokio::test(start_paused = true)]
async fn a_lost_response_is_returned_to_the_same_key() {
    for forgotten in [false, true] {
        let shop = Shop::open();
        let ann = shop.customer("ann");
        let variant = shop.variant(1).await;
        if forgotten {
            shop.aws.forget_tokens();
        }
        // Committed, but neither the SDK's retries nor the client get a response.
        shop.inject(Rule::next("TransactWriteItems", Fault::AnswerLost));
        shop.inject(Rule::next("TransactWriteItems", Fault::Undelivered).times(2));
        let wanted = cart(&variant, 1);
        ann.post_once("k", "/orders", &wanted).await.refused(503, "busy");
        shop.aws.assert_faults_hit();
        let again = ann.post_once("k", "/orders", &wanted).await.expect(201);
        let orders = ann.get("/orders").await.expect(200);
        assert_eq!(orders["items"], json!([again]));
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_sdk_retry_after_a_lost_response_succeeds_even_without_its_request_token() {
    for (key, forgotten) in [(None, false), (None, true), (Some("k"), false), (Some("k"), true)] {
        let shop = Shop::open();
        let ann = shop.customer("ann");
        let variant = shop.variant(5).await;
        let coupon = shop.coupon(5, 1).await;
        if forgotten {
            shop.aws.forget_tokens();
        }
        let lose = || shop.inject(Rule::next("TransactWriteItems", Fault::AnswerLost));
        let post = async |target: &str, body: Value| {
            let body = body.to_string().into_bytes();
            ann.send("POST", target, key.map(|key| format!("{key}-{target}")).as_deref(), Some(body)).await
        };
        lose();
        post("/points/charge", json!({"amount_cents": 1_000_000})).await.expect(200);
        lose();
        post(&format!("/coupons/{coupon}/issue"), json!({})).await.expect(201);
        lose();
        let order = text(&post("/orders", cart(&variant, 1)).await.expect(201), "order_id");
        lose();
        post("/payments", json!({"order_id": order, "method": "POINTS"})).await.expect(201);
        let other = ann.order(&variant, 1).await;
        lose();
        post(&format!("/orders/{other}/cancel"), json!({})).await.expect(200);
        let stock = format!("/admin/variants/{variant}/stock");
        lose();
        shop.admin().post(&stock, &json!({"delta": 1, "reason": "found"})).await.expect(200);
        let late = ann.order(&variant, 1).await;
        shop.advance_minutes(15);
        lose();
        shop.tick("expire_orders").await;
        assert_eq!(ann.status(&late).await, "EXPIRED");
        shop.aws.assert_faults_hit();
        assert_eq!(shop.left(&variant).await, 5);
        shop.run_to_quiescence().await;
    }
}
