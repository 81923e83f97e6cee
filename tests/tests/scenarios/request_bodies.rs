//! Every invalid body is refused with a 4xx, never with a 5xx, and never has an effect.

use functions::find_route;
use serde_json::{Value, json};
use tests::fixtures::{cart, contact};
use tests::{Reply, Shop};

const VARIANT: &str = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b.00000001";
const ID: &str = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

/// Every route that reads a body, with a valid body.
pub(crate) fn routes() -> Vec<(bool, &'static str, String, Value)> {
    vec![
        (
            true,
            "POST",
            "/admin/products".to_owned(),
            json!({"name": "tea", "description": "", "category": "Tea", "tags": ["new"], "status": "DRAFT"}),
        ),
        (
            true,
            "PATCH",
            format!("/admin/products/{ID}"),
            json!({"name": "tea", "description": "", "category": "Tea", "tags": ["new"], "status": "DRAFT"}),
        ),
        (
            true,
            "POST",
            format!("/admin/products/{ID}/variants"),
            json!({
                "sku": "A", "variant_name": "a", "price_cents": 100, "currency": "TWD", "stock_qty": 1, "stock_shards": 1
            }),
        ),
        (
            true,
            "PATCH",
            format!("/admin/variants/{VARIANT}"),
            json!({
                "variant_name": "a", "price_cents": 100, "is_active": true, "stock_shards": 1, "sku": "A", "low_stock_qty": 1
            }),
        ),
        (
            true,
            "POST",
            format!("/admin/products/{ID}/images"),
            json!({"content_type": "image/png", "bytes": 100, "alt": "a cup"}),
        ),
        (true, "PUT", format!("/admin/products/{ID}/images"), json!({"images": [{"image_id": ID, "alt": "a cup"}]})),
        (true, "POST", format!("/admin/variants/{VARIANT}/stock"), json!({"delta": 1, "reason": "found"})),
        (
            true,
            "POST",
            "/admin/coupons".to_owned(),
            json!({
                "name": "autumn", "discount": {"type": "PERCENT", "value": 10}, "max_discount_cents": 100,
                "min_order_cents": 0, "total_quantity": 1, "issue_starts_at": "2026-11-21T12:00:00Z",
                "issue_ends_at": "2026-11-21T13:00:00Z", "valid_until": "2026-11-21T14:00:00Z", "quota_shards": 1,
                "listed": true
            }),
        ),
        (
            true,
            "PATCH",
            format!("/admin/coupons/{ID}"),
            json!({
                "total_quantity": 2, "quota_shards": 4, "name": "autumn", "issue_ends_at": "2026-11-21T13:00:00Z",
                "valid_until": "2026-11-21T14:00:00Z", "listed": true
            }),
        ),
        (false, "POST", "/orders".to_owned(), {
            let mut cart = cart(VARIANT, 1);
            cart["coupon_id"] = json!(ID);
            cart["payment_method"] = json!("POINTS");
            cart["expected_total_cents"] = json!(1);
            cart["language"] = json!("en");
            cart["contact"]["line_user_id"] = json!("U0123456789abcdef0123456789abcdef");
            cart["shipping"] = json!({"method_code": "HOME", "postal_code": "100"});
            cart
        }),
        (false, "POST", "/quotes".to_owned(), {
            let mut cart = cart(VARIANT, 1);
            cart.as_object_mut().unwrap().remove("contact");
            cart["coupon_id"] = json!(ID);
            cart["payment_method"] = json!("POINTS");
            cart["expected_total_cents"] = json!(1);
            cart["shipping"] = json!({"method_code": "HOME", "postal_code": "100"});
            cart
        }),
        (false, "POST", "/quotes".to_owned(), {
            json!({"lines": [{"variant_id": VARIANT, "quantity": 1}], "sell_window_id": ID})
        }),
        (false, "POST", "/orders".to_owned(), {
            let mut cart = cart(VARIANT, 1);
            cart["sell_window_id"] = json!(ID);
            cart
        }),
        (false, "POST", "/points/charge".to_owned(), json!({"amount_cents": 1_000_000, "method": "ECPAY"})),
        (false, "POST", "/payments".to_owned(), json!({"order_id": ID, "method": "POINTS"})),
        (false, "POST", format!("/orders/{ID}/cancel"), json!({"reason": "why"})),
        (true, "POST", format!("/admin/orders/{ID}/ship"), json!({"carrier": "Black Cat", "tracking_no": "905-123"})),
        (true, "POST", format!("/admin/orders/{ID}/ship"), json!({"pickup_info": "At the shop"})),
        (
            true,
            "POST",
            "/admin/sell-windows".to_owned(),
            json!({
                "name": "a", "start_at": "2026-11-21T12:00:00Z", "end_at": "2026-11-22T12:00:00Z", "timezone": "Asia/Taipei"
            }),
        ),
        (
            true,
            "PUT",
            format!("/admin/sell-windows/{ID}/offers/{ID}"),
            json!({
                "threshold_qty": 1, "max_total_qty": 2, "lead_days": 1, "ship_days": 1, "enabled": true,
                "per_customer_max": 1, "when_missed": "EXTEND", "extend_days": 1,
                "when_underpaid": "PROCEED_IF_AT_LEAST", "underpaid_min_percent": 50, "payment_window_hours": 1,
                "production_steps": ["A"], "capacity_shards": 1
            }),
        ),
        (
            true,
            "POST",
            format!("/admin/batches/{ID}.{ID}/confirm"),
            json!({
                "planned_production_date": "2027-01-01", "planned_ship_date": "2027-01-02", "payment_window_hours": 1,
                "notes": "by sea"
            }),
        ),
        (true, "POST", format!("/admin/batches/{ID}.{ID}/cancel"), json!({"reason": "why"})),
        (
            true,
            "PUT",
            format!("/admin/batches/{ID}.{ID}/schedule"),
            json!({"planned_production_date": "2027-01-01", "planned_ship_date": "2027-01-02", "notes": "by sea"}),
        ),
        (
            true,
            "POST",
            "/admin/shipments".to_owned(),
            json!({"items": [{"order_id": ID, "carrier": "Black Cat", "tracking_no": "905-123"}]}),
        ),
        (
            true,
            "POST",
            "/admin/shipments".to_owned(),
            json!({"items": [{"order_no": "20261121-0123456789", "pickup_info": "At the shop"}]}),
        ),
        (
            true,
            "PUT",
            "/admin/shipping-methods/HOME".to_owned(),
            json!({
                "name": "Black Cat", "kind": "HOME", "provider": "MANUAL", "fee_cents": 6_000, "free_from_cents": 100_000,
                "island_surcharge_cents": 9_000, "enabled": false, "sort": 1
            }),
        ),
        (true, "POST", format!("/admin/orders/{ID}/refund"), json!({"amount_cents": 100, "reason": "why"})),
        (
            true,
            "POST",
            format!("/admin/orders/{ID}/refund"),
            json!({"lines": [{"variant_id": VARIANT, "quantity": 1}], "shipping_fee": true, "reason": "why"}),
        ),
        (false, "POST", "/orders".to_owned(), {
            json!({"lines": [{"variant_id": VARIANT, "quantity": 1}], "contact": {"address_id": "home"}})
        }),
        (false, "PUT", "/me".to_owned(), {
            let mut address = contact();
            address["address_id"] = json!("home");
            address["line_user_id"] = json!("U0123456789abcdef0123456789abcdef");
            json!({"language": "en", "addresses": [address]})
        }),
        (false, "PATCH", format!("/orders/{ID}/contact"), contact_change()),
        (true, "PATCH", format!("/admin/orders/{ID}/contact"), contact_change()),
        (true, "POST", format!("/admin/work-orders/{ID}.{ID}/start"), json!({"operator": "Wei"})),
        (true, "PATCH", format!("/admin/work-orders/{ID}.{ID}/steps/1"), json!({"status": "DONE", "notes": "a"})),
        (true, "POST", format!("/admin/work-orders/{ID}.{ID}/fail"), json!({"reason": "why"})),
    ]
}

fn contact_change() -> Value {
    json!({"name": "Ada", "phone": "+886912345678", "shipping_address": "1 Main St", "postal_code": "100"})
}

pub(crate) async fn send(shop: &Shop, is_admin: bool, method: &str, target: &str, body: Vec<u8>) -> Reply {
    let session = if is_admin { shop.admin() } else { shop.customer("ann") };
    session.send(method, target, Some("k"), Some(body)).await
}

fn is_refusal(reply: &Reply) -> bool {
    (400..500).contains(&reply.status) && reply.headers["content-type"] == "application/problem+json"
}

/// The replacement values for each field.
fn strange() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!(9_223_372_036_854_775_807_i64),
        json!(-9_223_372_036_854_775_808_i64),
        json!(18_446_744_073_709_551_615_u64),
        json!(1e308),
        json!(""),
        json!("x"),
        json!(" \u{0}\u{7}\n"),
        json!("\u{202e}\u{feff}\u{1F375}"),
        json!("x".repeat(5_000)),
        json!([]),
        json!({}),
        json!([[[]]]),
    ]
}

/// The JSON pointer of every value in a body.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, value)| places(value, &format!("{at}/{n}"), found));
        }
        _ => {}
    }
}

#[tokio::test(start_paused = true)]
async fn no_value_in_any_field_of_any_body_causes_an_internal_error() {
    let shop = Shop::open();
    for (is_admin, method, target, good) in routes() {
        let mut found = Vec::new();
        places(&good, "", &mut found);
        for place in found {
            for strange in strange() {
                let mut body = good.clone();
                *body.pointer_mut(&place).unwrap() = strange.clone();
                let reply = send(&shop, is_admin, method, &target, body.to_string().into_bytes()).await;
                assert!(reply.status < 500, "{method} {target} {place} = {strange}: {}", reply.text);
                let must_be_object = place.is_empty() && !strange.is_object();
                assert!(!must_be_object || is_refusal(&reply), "{method} {target} = {strange}: {}", reply.text);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_field_of_a_wrong_type_or_unknown_name_is_reported_without_its_value() {
    let shop = Shop::open();
    for (is_admin, method, target, good) in routes() {
        let mut body = good.clone();
        body["card_number"] = json!("4311-9522-2222-2222");
        let reply = send(&shop, is_admin, method, &target, body.to_string().into_bytes()).await;
        reply.refused(422, "invalid_request");
        assert_eq!(reply.body["errors"][0]["field"], "card_number", "{}", reply.text);
        assert!(!reply.text.contains("4311"), "{}", reply.text);
        for name in good.as_object().unwrap().keys() {
            let mut body = good.clone();
            body[name.as_str()] = json!([[{"secret": "4311-9522"}]]);
            let reply = send(&shop, is_admin, method, &target, body.to_string().into_bytes()).await;
            reply.refused(422, "invalid_request");
            let field = reply.body["errors"][0]["field"].as_str().unwrap().to_owned();
            assert!(field.starts_with(name.as_str()), "{name}: {}", reply.text);
            assert!(!reply.text.contains("4311"), "{}", reply.text);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_not_json_is_malformed() {
    let shop = Shop::open();
    for (is_admin, method, target, good) in routes() {
        let good = good.to_string();
        let mut broken_utf8 = good.clone().into_bytes();
        let at = good.find(":\"").unwrap_or(1) + 2;
        broken_utf8.insert(at, 0xff);
        let bad: Vec<Vec<u8>> = vec![
            b" ".to_vec(),
            b"{".to_vec(),
            b"\xff\xfe".to_vec(),
            b"{'a': 1}".to_vec(),
            b"<xml/>".to_vec(),
            format!("{good}{good}").into_bytes(),
            format!("{good},").into_bytes(),
            good.as_bytes()[..good.len() - 1].to_vec(),
            broken_utf8,
            b"[".repeat(4_000),
            b"NaN".to_vec(),
        ];
        for body in bad {
            let shown = String::from_utf8_lossy(&body[..body.len().min(80)]).into_owned();
            let reply = send(&shop, is_admin, method, &target, body).await;
            assert!(is_refusal(&reply) && matches!(reply.status, 400 | 422), "{target} {shown}: {}", reply.text);
        }
        let session = if is_admin { shop.admin() } else { shop.customer("ann") };
        let reply = session.send(method, &target, None, None).await;
        assert!(is_refusal(&reply), "{target} without a body: {}", reply.text);
    }
}

#[tokio::test(start_paused = true)]
async fn a_duplicate_field_is_refused() {
    let shop = Shop::open();
    for (is_admin, method, target, good) in routes() {
        let (name, value) = good.as_object().unwrap().iter().next().unwrap();
        let body = good.to_string().replacen('{', &format!("{{\"{name}\": {value},"), 1);
        let reply = send(&shop, is_admin, method, &target, body.into_bytes()).await;
        reply.refused(422, "invalid_request");
    }
    let twice = format!(
        r#"{{"lines": [{{"variant_id": "{VARIANT}", "quantity": 1, "quantity": 99}}], "contact": {}}}"#,
        contact()
    );
    send(&shop, false, "POST", "/orders", twice.into_bytes()).await.refused(422, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn a_body_over_its_routes_limit_is_too_large() {
    let shop = Shop::open();
    for (is_admin, method, target, good) in routes() {
        let limit = find_route(method, &format!("/api/v1{target}")).unwrap().0.body_bytes_max;
        let size = if target == "/orders" { 10 * 1024 * 1024 } else { limit + 1 };
        let mut body = good.to_string().into_bytes();
        body.resize(size, b' ');
        send(&shop, is_admin, method, &target, body).await.refused(413, "body_too_large");
    }
    let mut body = cart(VARIANT, 1).to_string().into_bytes();
    body.resize(64 * 1024, b' ');
    send(&shop, false, "POST", "/orders", body).await.refused(404, "variant_not_found");
}

#[tokio::test(start_paused = true)]
async fn quantities_lines_and_amounts_are_limited() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variant = shop.variant(1_000).await;
    for quantity in [0, -1, 100, i64::MAX, i64::MIN] {
        let reply = ann.post("/orders", &cart(&variant, quantity)).await;
        reply.refused(422, "invalid_request");
        assert_eq!(reply.body["errors"][0]["field"], "lines[0].quantity");
    }
    let line = json!({"variant_id": variant, "quantity": 50});
    let merged = ann.post("/orders", &json!({"lines": [line, line], "contact": contact()})).await;
    merged.refused(422, "invalid_request");
    assert_eq!(merged.body["errors"][0]["field"], "lines[1].quantity");
    let lines: Vec<Value> = (0..51).map(|_| json!({"variant_id": variant, "quantity": 1})).collect();
    ann.post("/orders", &json!({"lines": lines, "contact": contact()})).await.refused(422, "invalid_request");
    let order = ann.post("/orders", &json!({"lines": lines[..50], "contact": contact()})).await.expect(201);
    assert_eq!((&order["lines"][0]["quantity"], order["lines"].as_array().unwrap().len()), (&json!(50), 1));
    assert_eq!(shop.left(&variant).await, 950);

    ann.charge(999_999).await.refused(422, "charge_below_minimum");
    for cents in [0, -1_000_000, i64::MIN] {
        ann.charge(cents).await.refused(422, "charge_below_minimum");
    }
    ann.charge(200_000_001).await.refused(409, "balance_limit_exceeded");
    ann.charge(i64::MAX).await.refused(409, "balance_limit_exceeded");
    ann.charge(200_000_000).await.expect(200);
    ann.charge(i64::MAX).await.refused(409, "balance_limit_exceeded");

    let stock = format!("/admin/variants/{variant}/stock");
    for delta in [0, 10_000_001, -10_000_001, i64::MAX, i64::MIN] {
        shop.admin().post(&stock, &json!({"delta": delta, "reason": "x"})).await.refused(422, "invalid_request");
    }
    shop.admin().post(&stock, &json!({"delta": -951, "reason": "x"})).await.refused(409, "out_of_stock");
    shop.admin().post(&stock, &json!({"delta": -950, "reason": "x"})).await.expect(200);
    assert_eq!(shop.left(&variant).await, 0);
}

#[tokio::test(start_paused = true)]
async fn fifty_lines_are_one_order() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let mut variants = Vec::new();
    for product in 0..2 {
        let product = shop.product(&format!("tea {product}")).await;
        for _ in 0..25 {
            variants.push(shop.variant_of(&product, 2, 1).await);
        }
    }
    let lines: Vec<Value> = variants.iter().map(|id| json!({"variant_id": id, "quantity": 1})).collect();
    let placed = ann.post_once("k", "/orders", &json!({"lines": lines, "contact": contact()})).await.expect(201);
    assert_eq!(placed["lines"].as_array().unwrap().len(), 50);
    ann.post(&format!("/orders/{}/cancel", placed["order_id"].as_str().unwrap()), &json!({})).await.expect(200);
    assert_eq!(shop.left(&variants[49]).await, 2);
    shop.run_to_quiescence().await;
}
