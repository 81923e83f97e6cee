//! The main flow: from a product without stock to a paid order in the best sellers.

use crate::fixtures::{PRICE, cart, statuses};
use crate::listener::{Listener, about};
use crate::shop::{Shop, now, unique};
use crate::wait::until;
use serde_json::{Value, json};

/// Units that this scenario sells beyond the last of the best sellers.
const AHEAD: i64 = 10;

pub(crate) async fn an_instant_order_goes_from_cart_to_paid(shop: &Shop) {
    let heard = Listener::to(shop, &["order.reserved.v1", "order.paid.v1"]).await;
    let quantity = place_among_the_best(shop).await;
    let goods = shop.goods(quantity + 5).await;
    let charge = 4 * PRICE * quantity + 1_000_000;
    let customer = shop.customer_with(charge).await;
    let coupon = shop.campaign(3).await;
    let issued = shop.take_coupon(&customer, &coupon).await.expect(201);
    assert_eq!((&issued["status"], &issued["coupon_id"]), (&json!("ISSUED"), &json!(coupon)));

    // Two lines of one variant and one of another: merged, priced from the catalog, with the discount split over both.
    let second = shop.variant(&goods.product, 1).await;
    let correlation = unique();
    let items_total = PRICE * (quantity + 1);
    let discount = items_total / 10 / 100 * 100;
    let mut body = cart(&goods.variant, quantity - 1);
    body["lines"]
        .as_array_mut()
        .unwrap()
        .extend([json!({"variant_id": second, "quantity": 1}), json!({"variant_id": goods.variant, "quantity": 1})]);
    body["coupon_id"] = json!(coupon);
    body["expected_total_cents"] = json!(items_total - discount);
    let ask = shop.post("/orders", &body).by(&customer.token).header("x-correlation-id", &correlation);
    let reply = ask.send().await;
    assert_eq!(reply.header("x-correlation-id"), correlation);
    let order = reply.expect(201);
    assert_eq!((&order["status"], &order["kind"]), (&json!("RESERVED"), &json!("INSTANT")));
    assert!(is_order_number(order["order_no"].as_str().unwrap()), "{}", order["order_no"]);
    assert_eq!(order["items_total_cents"], items_total);
    assert_eq!(order["discount_cents"], discount);
    assert_eq!(order["total_cents"], items_total - discount);
    let lines = order["lines"].as_array().unwrap();
    let quantities: Vec<i64> = lines.iter().map(|line| line["quantity"].as_i64().unwrap()).collect();
    assert_eq!(quantities, [quantity, 1], "lines of the same variant are merged");
    let split: i64 = lines.iter().map(|line| line["discount_cents"].as_i64().unwrap()).sum();
    assert_eq!(split, discount, "the lines' discounts are the order's");
    assert!(lines.iter().all(|line| line["discount_cents"].as_i64().unwrap() > 0));
    assert_eq!(shop.coupon_of(&customer, &coupon).await["status"], "HELD");
    assert_eq!(shop.available(&goods).await, 5);

    let pay = json!({"order_id": order["order_id"], "method": "POINTS"});
    let ask = shop.post("/payments", &pay).by(&customer.token).header("x-correlation-id", &correlation);
    let payment = ask.send().await.expect(201);
    assert_eq!((&payment["status"], &payment["amount_cents"]), (&json!("SUCCEEDED"), &order["total_cents"]));
    let path = format!("/payments/{}", payment["payment_id"].as_str().unwrap());
    assert_eq!(shop.get(&path).by(&customer.token).send().await.expect(200), payment);

    let paid = until("the order is scheduled for shipping", || async {
        let order = shop.order_of(&customer, &order).await;
        (order["status"] == "SHIPPING_SCHEDULED").then_some(order)
    })
    .await;
    assert_eq!(statuses(&paid), ["RESERVED", "PAID", "SHIPPING_SCHEDULED"]);
    assert_eq!(paid["payment_id"], payment["payment_id"]);
    assert_eq!(paid["order_no"], order["order_no"]);
    let total = order["total_cents"].as_i64().unwrap();
    assert_eq!(shop.balance(&customer).await, charge - total);
    let ledger = shop.get("/points/history").by(&customer.token).send().await.expect(200);
    let entries: Vec<(&str, i64, i64)> = ledger["items"].as_array().unwrap().iter().map(entry).collect();
    assert_eq!(entries, [("USE", -total, charge - total), ("CHARGE", charge, charge)]);
    assert_eq!(ledger["items"][0]["order_id"], order["order_id"]);
    let used = shop.coupon_of(&customer, &coupon).await;
    assert_eq!((&used["status"], &used["order_id"]), (&json!("USED"), &order["order_id"]));
    assert_eq!(shop.available(&goods).await, 5, "the held units are sold");
    let campaign = shop.get(&format!("/coupons/{coupon}")).by(&customer.token).send().await.expect(200);
    assert_eq!((&campaign["issued_qty"], &campaign["remaining_qty"]), (&json!(1), &json!(2)));

    let mut known = Vec::new();
    for event_type in ["order.reserved.v1", "order.paid.v1"] {
        let mine = |detail: &Value| detail["type"] == event_type && about(&order)(detail);
        let event = heard.wait(event_type, 1, mine).await;
        assert_eq!((&event["source"], &event["detail-type"]), (&json!("millrun.orders"), &json!(event_type)));
        assert_eq!(event["detail"]["correlation_id"], correlation, "{event}");
        assert!(!event.to_string().contains("Mill Road"), "an event contains contact data: {event}");
        known.push(event["detail"]["event_id"].clone());
    }
    assert_ne!(known[0], known[1]);
    heard.close().await;

    until("the sale is counted", || async { (shop.sold(&goods.product).await == quantity + 1).then_some(()) }).await;
    shop.tick("refresh_best_sellers", now()).await;
    let best = shop.get("/products/best-sellers").send().await.expect(200);
    let mine = best["items"].as_array().unwrap().iter().find(|item| item["product_id"] == goods.product.as_str());
    let mine = mine.unwrap_or_else(|| panic!("missing in the best sellers: {best}"));
    assert_eq!((&mine["sold_qty"], &mine["price_cents"]), (&json!(quantity + 1), &json!(PRICE)));

    // Refunded, so that the ranking has room when this runs again.
    let path = format!("/admin/orders/{}/cancel", order["order_id"].as_str().unwrap());
    shop.post(&path, &json!({})).by(shop.admin()).send().await.expect(200);
    until("the sale is reversed", || async { (shop.sold(&goods.product).await == 0).then_some(()) }).await;
}

/// The quantity that puts a product among the best sellers.
pub(crate) async fn place_among_the_best(shop: &Shop) -> i64 {
    shop.tick("refresh_best_sellers", now()).await;
    let best = shop.get("/products/best-sellers").send().await.expect(200);
    let items = best["items"].as_array().unwrap();
    let ahead = items.last().map_or(0, |last| last["sold_qty"].as_i64().unwrap()) + AHEAD;
    assert!(ahead <= 99, "too much was sold on this stack for one order to reach the best sellers: start a new stack");
    ahead
}

fn entry(entry: &Value) -> (&str, i64, i64) {
    let cents = |name: &str| entry[name].as_i64().unwrap();
    (entry["type"].as_str().unwrap(), cents("amount_cents"), cents("balance_after_cents"))
}

/// `YYMMDD-XXXXX-XXXXX`.
fn is_order_number(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [6, 5, 5] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit() || byte.is_ascii_uppercase())
}
