//! Every invalid body is refused with a 4xx, without an internal error and without an effect.

use crate::fixtures::{POINTS, campaign, cart, contact};
use crate::http::{Ask, Reply};
use crate::shop::{Shop, unique};
use crate::users::Customer;
use contracts::routes::{Access, Route};
use functions::ROUTES;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

/// Concurrent requests.
const AT_ONCE: usize = 4;
/// More than any route and than API Gateway accepts.
const HUGE_BYTES: usize = 10 * 1024 * 1024 + 1;

/// A route with a body, with resources of the caller in its path, and a valid body.
struct Target {
    route: &'static Route,
    path: String,
    token: String,
    /// `None`: the route reads no body, and the path names nothing that exists.
    good: Option<Value>,
}

impl Target {
    /// A request with this body. The local gateway repairs invalid UTF-8 in JSON (it inserts U+FFFD), so invalid text is
    /// sent as bytes, which reach the function unchanged.
    fn ask<'s>(&self, shop: &'s Shop, body: Vec<u8>) -> Ask<'s> {
        let is_text = std::str::from_utf8(&body).is_ok();
        let content_type = if is_text { "application/json" } else { "application/octet-stream" };
        let ask = shop.ask(self.route.method, &self.path).key(&unique()).by(&self.token);
        ask.header("content-type", content_type).bytes(body)
    }
}

/// All writing routes of the contract except the providers' callbacks, which are forms. A new route fails until its valid
/// body is listed.
async fn targets(shop: &Shop) -> Vec<Target> {
    let goods = shop.goods(5).await;
    let customer = shop.customer_with(POINTS).await;
    let order = shop.order(&customer, &goods, 1).await;
    let nothing = "019aa3f5-9c00-7abc-8def-0123456789ab";
    let fill = |path: &str| {
        path.strip_prefix("/api/v1")
            .unwrap()
            .replace("{product_id}", &goods.product)
            .replace("{variant_id}", &goods.variant)
            .replace("{image_id}", nothing)
            .replace("{order_id}", order["order_id"].as_str().unwrap())
            .replace("{customer_id}", nothing)
            .replace("{coupon_id}", nothing)
            .replace("{sell_window_id}", nothing)
            .replace("{batch_id}", &format!("{nothing}.{nothing}"))
            .replace("{work_order_id}", &format!("{nothing}.{nothing}"))
            .replace("{n}", "1")
            .replace("{event_id}", nothing)
            .replace("{code}", "HOME")
    };
    let writing = ROUTES.iter().filter(|route| route.method != "GET" && route.access != Access::Public);
    writing
        .map(|route| Target {
            route,
            path: fill(route.path),
            token: if route.access == Access::Admin { shop.admin().to_owned() } else { customer.token.clone() },
            good: good_body(route.use_case, &goods.variant, &order),
        })
        .collect()
}

fn good_body(use_case: &str, variant: &str, order: &Value) -> Option<Value> {
    let mut full_cart = cart(variant, 1);
    full_cart["expected_total_cents"] = json!(30_000);
    full_cart["language"] = json!("en");
    full_cart["contact"]["line_user_id"] = json!(format!("U{}", "0".repeat(32)));
    let mut full_campaign = campaign(5);
    full_campaign["max_discount_cents"] = json!(10_000);
    full_campaign["min_order_cents"] = json!(10_000);
    full_campaign["quota_shards"] = json!(1);
    Some(match use_case {
        "create_product" => json!({"name": "A", "description": "B", "status": "DRAFT"}),
        "update_product" => json!({"name": "A", "description": "B", "status": "ACTIVE"}),
        "add_variant" => json!({
            "sku": unique(), "variant_name": "A", "price_cents": 100, "currency": "TWD", "stock_qty": 1, "stock_shards": 1,
        }),
        "update_variant" => json!({
            "variant_name": "A", "price_cents": 100, "is_active": true, "stock_shards": 1, "sku": unique(), "low_stock_qty": 1,
        }),
        "upload_image" => json!({"content_type": "image/png", "bytes": 100, "alt": "A"}),
        // Of no product: a valid body for a product without images would remove none.
        "arrange_images" => json!({"images": [{"image_id": "019aa3f5-9c00-7abc-8def-0123456789ab", "alt": "A"}]}),
        "adjust_stock" => json!({"delta": 1, "reason": "A"}),
        "record_refund" => json!({"amount_cents": 100, "how": "A"}),
        "refund_order" => json!({"amount_cents": 100, "reason": "A"}),
        "create_sell_window" => json!({
            "name": "A", "start_at": "2026-11-01T00:00:00Z", "end_at": "2026-12-01T00:00:00Z", "timezone": "Asia/Taipei",
        }),
        "configure_offer" => json!({
            "threshold_qty": 1, "max_total_qty": 2, "lead_days": 1, "ship_days": 1, "enabled": true,
            "per_customer_max": 1, "when_missed": "EXTEND", "extend_days": 1, "when_underpaid": "PROCEED_IF_AT_LEAST",
            "underpaid_min_percent": 50, "payment_window_hours": 1, "production_steps": ["A"], "capacity_shards": 1,
        }),
        "confirm_batch" => json!({
            "planned_production_date": "2027-01-01", "planned_ship_date": "2027-01-02", "payment_window_hours": 1,
            "notes": "A",
        }),
        "cancel_batch" | "fail_work_order" => json!({"reason": "A"}),
        "schedule_batch" => json!({
            "planned_production_date": "2027-01-01", "planned_ship_date": "2027-01-02", "notes": "A",
        }),
        "start_work_order" => json!({"operator": "A"}),
        "update_work_step" => json!({"status": "DONE", "notes": "A"}),
        "place_order" => full_cart,
        "quote_order" => {
            full_cart.as_object_mut().unwrap().remove("contact");
            full_cart.as_object_mut().unwrap().remove("language");
            full_cart
        }
        "cancel_order" => json!({"reason": "A"}),
        "charge_points" => json!({"amount_cents": 1_000_000}),
        "create_coupon" => full_campaign,
        "update_coupon" => json!({
            "total_quantity": 10, "quota_shards": 2, "name": "A", "issue_ends_at": "2026-12-01T00:00:00Z",
            "valid_until": "2026-12-02T00:00:00Z", "listed": true,
        }),
        "update_sell_window" => {
            json!({"name": "A", "start_at": "2026-11-01T00:00:00Z", "end_at": "2027-01-01T00:00:00Z"})
        }
        "grant_points" => json!({"amount_cents": 100, "reason": "A"}),
        "replay_events" => json!({
            "status": "SENT", "from": "2026-11-01T00:00:00Z", "to": "2026-11-01T00:01:00Z",
        }),
        "finish_payment_task" => json!({"note": "A"}),
        "ship_order" => json!({"carrier": "A", "tracking_no": "B"}),
        "ship_orders" => json!({"items": [{"order_id": order["order_id"], "carrier": "A", "tracking_no": "B"}]}),
        "set_profile" => {
            let mut address = contact();
            address["address_id"] = json!("home");
            address["line_user_id"] = json!(format!("U{}", "0".repeat(32)));
            json!({"language": "en", "addresses": [address]})
        }
        // Disabled: with an enabled method every order of the other tests would have to choose one.
        "set_shipping_method" => json!({
            "name": "A", "kind": "HOME", "provider": "MANUAL", "fee_cents": 100, "free_from_cents": 100,
            "island_surcharge_cents": 100, "enabled": false, "sort": 1,
        }),
        "change_contact" => json!({"name": "A", "phone": "0912345678", "shipping_address": "B", "postal_code": "10"}),
        "pay_order" => json!({"order_id": order["order_id"], "method": "POINTS"}),
        "issue_coupon"
        | "replay_event"
        | "complete_work_order"
        | "end_sell_window"
        | "retry_notification"
        | "erase_customer"
        | "complete_image" => {
            return None;
        }
        other => panic!("add a valid body for {other}"),
    })
}

pub(crate) async fn every_invalid_body_is_refused_without_an_internal_error(shop: &Shop) {
    let targets = targets(shop).await;
    let mut tried = 0;
    for target in &targets {
        let Some(good) = &target.good else { continue };
        let bad: Vec<Bad> = unreadable(good).into_iter().chain(wrong(good)).collect();
        tried += bad.len();
        let replies = stream::iter(bad).map(|bad| async move {
            let reply = target.ask(shop, bad.bytes.clone()).send().await;
            (bad, reply)
        });
        replies.buffer_unordered(AT_ONCE).for_each(|(bad, reply)| async move { judge(&bad, &reply) }).await;
    }
    assert!(tried > 300, "only {tried} invalid bodies were tried");
}

/// An invalid body and the expected code.
struct Bad {
    what: String,
    bytes: Vec<u8>,
    statuses: &'static [u16],
}

#[track_caller]
fn judge(bad: &Bad, reply: &Reply) {
    // A quote says in its answer what ordering would refuse.
    if reply.status == 200 && reply.what.contains("/quotes") && reply.text.contains("\"code\":") {
        return;
    }
    // A profile may have no address, and a product no image.
    if reply.status == 200 && ["/addresses = []", "/images = []"].contains(&bad.what.as_str()) {
        return;
    }
    let told = bad.statuses.contains(&reply.status);
    assert!(told, "{} of {}: {} {}", bad.what, reply.what, reply.status, reply.text);
    let problem = reply.problem();
    let code = problem["code"].as_str().unwrap();
    match reply.status {
        400 => assert_eq!(code, "malformed_request", "{}", bad.what),
        422 if code == "invalid_request" => {
            let errors = problem["errors"].as_array().unwrap_or_else(|| panic!("{}: {problem}", bad.what));
            assert!(errors.iter().all(|error| error["field"].is_string() && error["message"] != ""), "{problem}");
        }
        _ => {}
    }
}

fn unreadable(good: &Value) -> Vec<Bad> {
    let (good, values) = (good.to_string(), positional(good).to_string());
    let bad = |what: &str, bytes: &[u8], statuses| Bad { what: what.to_owned(), bytes: bytes.to_vec(), statuses };
    let with_bytes = |bytes: &[u8]| [b"{\"name\":\"", bytes, b"\"}"].concat();
    vec![
        bad("a brace", b"{", &[400]),
        bad("half a body", &good.as_bytes()[..good.len() / 2], &[400]),
        bad("a trailing comma", format!("{},}}", &good[..good.len() - 1]).as_bytes(), &[400]),
        bad("two bodies", format!("{good}{good}").as_bytes(), &[400]),
        bad("a form", b"name=A&delta=1", &[400]),
        bad("XML", b"<name>A</name>", &[400]),
        bad("a byte order mark", format!("\u{feff}{good}").as_bytes(), &[400]),
        bad("single quotes", good.replace('"', "'").as_bytes(), &[400]),
        // An unknown field is refused before its value is read.
        bad("broken UTF-8", &with_bytes(b"\xff\xfe"), &[400, 422]),
        bad("overlong UTF-8", &with_bytes(b"\xc0\xaf"), &[400, 422]),
        bad("half a surrogate pair", &with_bytes(b"\\ud800"), &[400, 422]),
        bad("broken UTF-8 outside of texts", b"{\xff}", &[400]),
        bad("compressed", b"\x1f\x8b\x08\x00\x00\x00\x00\x00", &[400]),
        bad("a deep nest", &b"[".repeat(1_000), &[400, 422]),
        bad("a deep nest of objects", &b"{\"lines\":".repeat(500), &[400, 422]),
        bad("NaN", b"NaN", &[400]),
        bad("null", b"null", &[422]),
        bad("a list", b"[]", &[400, 422]),
        bad("a list of its values", values.as_bytes(), &[422]),
        bad("a list of bodies", format!("[{good}]").as_bytes(), &[422]),
        bad("a text", b"\"name\"", &[422]),
        bad("a number", b"1", &[422]),
        bad("true", b"true", &[422]),
        bad("an unknown field", format!("{},\"surprise\":1}}", &good[..good.len() - 1]).as_bytes(), &[422]),
        bad("a field of the prototype", format!("{},\"__proto__\":{{}}}}", &good[..good.len() - 1]).as_bytes(), &[422]),
    ]
}

/// The values of a body without their names, in alphabetical order of the names. If that is the order of the struct's
/// fields, as with `delta` and `reason`, serde alone would accept the array.
fn positional(good: &Value) -> Value {
    good.as_object().unwrap().values().cloned().collect()
}

/// The valid body with each value made invalid, omitted or duplicated.
fn wrong(good: &Value) -> Vec<Bad> {
    let mut all = Vec::new();
    for pointer in pointers(good, "") {
        let present = good.pointer(&pointer).unwrap();
        for value in wrong_values(present) {
            let mut body = good.clone();
            *body.pointer_mut(&pointer).unwrap() = value.clone();
            // A text that is an id may be unknown, which is not found; an amount may be invalid in the current state.
            let what = format!("{pointer} = {:.60}", value.to_string());
            all.push(Bad {
                what,
                bytes: body.to_string().into_bytes(),
                statuses: if present.is_number() { &[422, 409] } else { &[422, 404] },
            });
        }
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        if let Some(fields) = good.pointer(parent).and_then(Value::as_object) {
            let others: String = fields.iter().map(|(name, value)| format!(",{}:{value}", json!(name))).collect();
            let twice = format!("{{{}:{present}{others}}}", json!(name));
            let body = if parent.is_empty() {
                twice
            } else {
                good.to_string().replacen(&good.pointer(parent).unwrap().to_string(), &twice, 1)
            };
            all.push(Bad { what: format!("{pointer} twice"), bytes: body.into_bytes(), statuses: &[422] });
        }
        // A number outside the range of machine numbers is refused.
        if present.is_number() {
            for literal in ["1e999", "-1e999", "1.0e2", "1E2"] {
                let marked = {
                    let mut body = good.clone();
                    *body.pointer_mut(&pointer).unwrap() = json!("\u{1}");
                    body.to_string().replace("\"\\u0001\"", literal)
                };
                let what = format!("{pointer} = {literal}");
                all.push(Bad { what, bytes: marked.into_bytes(), statuses: &[400, 422] });
            }
        }
    }
    for pointer in REQUIRED.iter().filter(|pointer| good.pointer(pointer).is_some()) {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let mut without = good.clone();
        without.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        let mut null = good.clone();
        *null.pointer_mut(pointer).unwrap() = Value::Null;
        for (what, body) in [("left out", without), ("null", null)] {
            // A field that is required for creation may be optional in an update.
            if !is_change(good) {
                let what = format!("{pointer} {what}");
                all.push(Bad { what, bytes: body.to_string().into_bytes(), statuses: &[422] });
            }
        }
    }
    all
}

/// The required fields of a body.
const REQUIRED: &[&str] = &[
    "/name",
    "/description",
    "/sku",
    "/variant_name",
    "/price_cents",
    "/delta",
    "/start_at",
    "/end_at",
    "/timezone",
    "/threshold_qty",
    "/lead_days",
    "/ship_days",
    "/enabled",
    "/operator",
    "/lines",
    "/lines/0/variant_id",
    "/lines/0/quantity",
    "/contact",
    "/contact/name",
    "/contact/phone",
    "/contact/email",
    "/contact/shipping_address",
    "/amount_cents",
    "/order_id",
    "/method",
    "/discount",
    "/discount/type",
    "/discount/value",
    "/total_quantity",
    "/issue_starts_at",
    "/issue_ends_at",
    "/valid_until",
    "/carrier",
    "/tracking_no",
];

/// Whether a body is an update, in which every field is optional.
fn is_change(good: &Value) -> bool {
    let has = |name: &str| good.get(name).is_some();
    let is_campaigns = has("total_quantity") && !has("issue_starts_at");
    // A refund without an amount refunds everything.
    let is_refund = has("amount_cents") && has("reason");
    let is_products = good.get("status").is_some_and(|status| status == "ACTIVE");
    let is_windows = has("start_at") && !has("timezone");
    // A shipping method is enabled where it does not say, which every other test would notice.
    let is_shipping_method = has("fee_cents");
    is_campaigns
        || is_refund
        || is_products
        || is_windows
        || is_shipping_method
        || has("is_active")
        || has("shipping_address")
}

/// The JSON pointer of every value in a body.
fn pointers(value: &Value, at: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (format!("{at}/{name}"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(n, value)| (format!("{at}/{n}"), value)).collect(),
        _ => Vec::new(),
    };
    inner.into_iter().flat_map(|(at, value)| std::iter::once(at.clone()).chain(pointers(value, &at))).collect()
}

/// Invalid replacements for `present`.
fn wrong_values(present: &Value) -> Vec<Value> {
    match present {
        Value::String(_) => {
            vec![json!(1), json!(1.5), json!(true), json!({}), json!([]), json!("x".repeat(5_000)), json!("a\u{0}b")]
        }
        Value::Number(_) => vec![
            json!("1"),
            json!(true),
            json!({}),
            json!([]),
            json!(1.5),
            json!(i64::MAX),
            json!(i64::MIN),
            json!(u64::MAX),
            json!(99_999_999_999_i64),
            json!(-99_999_999_999_i64),
        ],
        Value::Bool(_) => vec![json!("true"), json!(1), json!({}), json!([])],
        Value::Array(_) => vec![json!([]), json!({}), json!("x"), json!(1), json!([null]), json!([[]])],
        Value::Object(_) => vec![positional(present), json!([]), json!("x"), json!(1), json!(true)],
        Value::Null => Vec::new(),
    }
}

pub(crate) async fn a_body_that_is_too_large_is_refused(shop: &Shop) {
    for target in targets(shop).await {
        let limit = target.route.body_bytes_max;
        // Valid except for its size: white space counts.
        let mut body = target.good.clone().unwrap_or(json!({})).to_string().into_bytes();
        body.resize(limit + 1, b' ');
        let reply = target.ask(shop, body).send().await;
        reply.refused(413, "body_too_large");
        let reply = target.ask(shop, vec![b'['; limit + 1024]).send().await;
        reply.refused(413, "body_too_large");
    }
    // One of these is enough, because it is expensive for the emulator.
    let huge = vec![b'1'; HUGE_BYTES];
    let reply = shop.ask("POST", "/orders").by(&shop.customer().await.token).bytes(huge).send_once().await;
    assert_eq!(reply.status, 413, "{}", reply.text);
}

/// The contract has one content type, so the header is ignored: a body that is not JSON is refused for that reason.
pub(crate) async fn a_body_is_parsed_as_json_for_any_content_type(shop: &Shop) {
    let customer = shop.customer().await;
    let charge = |body: &str, content_type: &str| {
        let ask = shop.ask("POST", "/points/charge").key(&unique()).by(&customer.token);
        ask.header("content-type", content_type).bytes(body.as_bytes().to_vec()).send()
    };
    charge("amount_cents=1000000", "application/x-www-form-urlencoded").await.refused(400, "malformed_request");
    charge("<amount_cents>1000000</amount_cents>", "application/xml").await.refused(400, "malformed_request");
    charge("--b\r\n\r\n1000000\r\n--b--", "multipart/form-data; boundary=b").await.refused(400, "malformed_request");
    assert_eq!(shop.balance(&customer).await, 0);
    for content_type in ["text/plain", "application/octet-stream", "application/json; charset=utf-8"] {
        charge(r#"{"amount_cents":1000000}"#, content_type).await.expect(200);
    }
    assert_eq!(shop.balance(&customer).await, 3_000_000);
}

pub(crate) async fn an_idempotency_key_is_limited_and_identifies_one_request(shop: &Shop) {
    let customer: Customer = shop.customer().await;
    let charge = |cents: i64| {
        let ask = shop.ask("POST", "/points/charge").by(&customer.token);
        ask.json(&json!({"amount_cents": cents}))
    };
    let long = "k".repeat(255);
    charge(1_000_000).key(&format!("{long}k")).send().await.refused(400, "malformed_request");
    charge(1_000_000).raw_header("idempotency-key", b"k\xff").send().await.refused(400, "malformed_request");
    assert_eq!(shop.balance(&customer).await, 0);

    let first = charge(1_000_000).key(&long).send().await;
    first.expect(200);
    assert_eq!(charge(1_000_000).key(&long).send().await.text, first.text);
    // The same request in another spelling.
    let spaced = shop.ask("POST", "/points/charge").by(&customer.token).key(&long);
    assert_eq!(spaced.bytes(b" { \"amount_cents\" : 1000000 } ".to_vec()).send().await.text, first.text);
    charge(2_000_000).key(&long).send().await.refused(422, "idempotency_key_reused");
    // The same key on another route is another request.
    let order = json!({"lines": [], "contact": contact()});
    shop.post("/orders", &order).key(&long).by(&customer.token).send().await.refused(422, "invalid_request");
    assert_eq!(shop.balance(&customer).await, 1_000_000);
}
