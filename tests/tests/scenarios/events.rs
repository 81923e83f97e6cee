//! Queues: an event counts once however it comes, and what cannot be read keeps nobody.

use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tests::goods::{PRICE, text};
use tests::{Fault, Rule, Shop};

/// A shop in which so many orders of one piece were paid; their events wait on the queue.
async fn with_paid_orders(count: usize) -> (Shop, String, Vec<String>) {
    let shop = Shop::open();
    let product = shop.product("tea").await;
    let variant = shop.variant_of(&product, 100, 1).await;
    let mut orders = Vec::new();
    for n in 0..count {
        let buyer = shop.customer(&format!("buyer-{n}"));
        buyer.charge(1_000_000).await.expect(200);
        let order = buyer.order(&variant, 1).await;
        buyer.pay(&order).await.expect(201);
        orders.push(order);
    }
    shop.pump.relay(&shop).await;
    shop.pump.route(&shop);
    assert_eq!(shop.pump.waiting("count_sales").len(), count);
    (shop, product, orders)
}

async fn sold(shop: &Shop, product: &str) -> i64 {
    shop.tick("refresh_best_sellers").await;
    let best = shop.session(tests::Caller::Nobody).get("/products/best-sellers").await.expect(200);
    let item = best["items"].as_array().unwrap().iter().find(|item| item["product_id"] == product).cloned();
    item.map_or(0, |item| item["sold_qty"].as_i64().unwrap())
}

#[tokio::test(start_paused = true)]
async fn the_same_event_twice_in_one_batch_counts_once() {
    let (shop, product, _) = with_paid_orders(3).await;
    shop.pump.rearrange("count_sales", |messages| {
        let again = messages.clone();
        for (n, message) in again.into_iter().enumerate() {
            messages.push(tests::pump::QueueMessage { id: format!("again-{n}"), ..message });
        }
    });
    shop.pump.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 3);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn the_same_event_in_another_batch_counts_once_and_its_new_neighbours_count() {
    let (shop, product, _) = with_paid_orders(4).await;
    let all = shop.pump.waiting("count_sales");
    // First two alone; then all four, of which two were applied; then all four again, hours later.
    shop.pump.rearrange("count_sales", |messages| messages.truncate(2));
    shop.pump.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 2);
    shop.pump.rearrange("count_sales", |messages| messages.extend(all.clone()));
    shop.pump.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 4);
    shop.pass_minutes(60 * 2);
    shop.pump.rearrange("count_sales", |messages| messages.extend(all.iter().rev().cloned()));
    shop.pump.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 4);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_poison_message_does_not_stop_its_neighbours() {
    let (shop, product, _) = with_paid_orders(2).await;
    let poison = [
        "not json".to_owned(),
        "{}".to_owned(),
        json!({"detail": {"event_id": "x"}}).to_string(),
        tests::events::delivery("millrun.orders", "order.paid.v1", &unreadable("order.paid.v1")),
        tests::events::delivery("millrun.orders", "order.lost.v1", &unreadable("order.lost.v1")),
    ];
    for body in &poison {
        shop.pump.push("count_sales", body.clone());
    }
    // One of the good ones comes before the poison and one after it.
    shop.pump.rearrange("count_sales", |messages| messages.rotate_left(1));
    shop.pump.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 2);
    assert_eq!(shop.pump.waiting("count_sales").len(), poison.len(), "only the poison is tried again");
    shop.pump().await;
    let dead = shop.pump.dead_letters();
    assert_eq!(dead.len(), poison.len());
    assert!(poison.iter().all(|body| dead.contains(body)));
    // A redrive days later is safe: it comes back, and nothing is counted.
    shop.pump.redrive();
    shop.pump().await;
    assert_eq!(shop.pump.dead_letters().len(), poison.len());
    assert_eq!(sold(&shop, &product).await, 2);
}

#[tokio::test(start_paused = true)]
async fn each_record_of_a_batch_that_failed_is_in_the_log_with_its_own_reason() {
    let (shop, ..) = with_paid_orders(1).await;
    let lines: Arc<Mutex<Vec<Value>>> = Arc::default();
    let log = Arc::clone(&lines);
    let shop = shop.logging(Arc::new(move |line| log.lock().unwrap().push(line.clone())));
    shop.pump.push("count_sales", "not json".to_owned());
    shop.pump.push("count_sales", json!({"detail": {"event_id": "x"}}).to_string());
    shop.pump.work(&shop).await;

    let poison = shop.pump.waiting("count_sales");
    let lines = lines.lock().unwrap();
    let line = lines.iter().find(|line| line["outcome"] == "partial").expect("a line that says so");
    let failures = line["failures"].as_object().unwrap();
    let why = poison.iter().map(|message| failures[&message.id].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(failures.len(), poison.len(), "the good one is not named: {line}");
    assert!(why[0].contains("expected") && why[1].contains("UUID"), "{why:?}");
}

/// An event whose data is not what its type says.
fn unreadable(event_type: &str) -> Value {
    json!({
        "event_id": "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a50", "type": event_type,
        "occurred_at": "2026-11-21T12:00:00Z", "aggregate": {"type": "order", "id": "x", "version": 1},
        "correlation_id": "c", "causation_id": "c", "data": {"lines": 7}
    })
}

#[tokio::test(start_paused = true)]
async fn events_tolerate_fields_of_later_versions() {
    let (shop, product, _) = with_paid_orders(1).await;
    shop.pump.rearrange("count_sales", |messages| {
        let mut body: Value = serde_json::from_str(&messages[0].body).unwrap();
        body["detail"]["tenant"] = json!("later");
        body["detail"]["data"]["gift_wrap"] = json!(true);
        messages[0].body = body.to_string();
    });
    shop.pump.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_meets_contention_comes_again_and_counts_once() {
    let (shop, product, _) = with_paid_orders(3).await;
    shop.inject(Rule::next("TransactWriteItems", Fault::Conflict("Counters", None)).by("count_sales").times(5));
    shop.pump.work(&shop).await;
    shop.wire.assert_struck();
    assert_eq!(shop.pump.waiting("count_sales").len(), 3);
    shop.pump().await;
    assert_eq!(sold(&shop, &product).await, 3);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_is_killed_counts_once() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter] {
        let (shop, product, _) = with_paid_orders(3).await;
        shop.inject(Rule::next("TransactWriteItems", fault).by("count_sales"));
        shop.pump.work(&shop).await;
        shop.wire.assert_struck();
        assert_eq!(shop.pump.waiting("count_sales").len(), 3);
        shop.pump().await;
        assert_eq!(sold(&shop, &product).await, 3);
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_ten_is_one_write_of_the_counter() {
    let (shop, product, _) = with_paid_orders(10).await;
    shop.wire.take_calls();
    shop.pump.work_for(&shop, "count_sales").await;
    let calls = shop.wire.take_calls();
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(sold(&shop, &product).await, 10);
}

#[tokio::test(start_paused = true)]
async fn a_canceled_paid_order_is_refunded_once_through_the_queue() {
    for fault in [None, Some(Fault::KilledAfter), Some(Fault::AnswerLost), Some(Fault::Conflict("Wallets", None))] {
        let shop = Shop::open();
        let ann = shop.customer("ann");
        let product = shop.product("tea").await;
        let variant = shop.variant_of(&product, 5, 1).await;
        let coupon = shop.coupon(5, 1).await;
        ann.charge(1_000_000).await.expect(200);
        ann.take(&coupon).await.expect(201);
        let order = ann.order_with(&variant, &coupon).await;
        let payment = text(&ann.pay(&order).await.expect(201), "payment_id");
        shop.pump().await;
        assert_eq!(sold(&shop, &product).await, 1);
        ann.cancel(&order).await.refused(409, "order_not_cancelable");

        let target = format!("/admin/orders/{order}/cancel");
        shop.admin().post(&target, &json!({"reason": "broken on the way"})).await.expect(200);
        assert_eq!(ann.status(&order).await, "CANCELED");
        assert_eq!((shop.left(&variant).await, ann.balance().await), (5, 1_000_000 - PRICE + 5_000));
        let asked = ann.get(&format!("/payments/{payment}")).await.expect(200);
        assert_eq!(asked["status"], "REFUND_REQUESTED");
        shop.admin().post(&target, &json!({})).await.refused(409, "order_not_cancelable");

        shop.pump.relay(&shop).await;
        shop.pump.route(&shop);
        let messages = shop.pump.waiting("refund_payment");
        assert_eq!(messages.len(), 1);
        shop.pump.rearrange("refund_payment", |queue| {
            queue.push(tests::pump::QueueMessage { id: "again".to_owned(), ..messages[0].clone() });
        });
        if let Some(fault) = fault {
            shop.inject(Rule::next("TransactWriteItems", fault).by("refund_payment"));
        }
        shop.pump().await;
        shop.wire.assert_struck();
        shop.pump.rearrange("refund_payment", |queue| queue.extend(messages));
        shop.pump().await;

        assert_eq!((ann.status(&order).await.as_str(), ann.balance().await), ("REFUNDED", 1_000_000));
        assert_eq!(ann.get(&format!("/payments/{payment}")).await.expect(200)["status"], "REFUNDED");
        assert_eq!(ann.coupon_status(&coupon).await, "USED");
        assert_eq!(sold(&shop, &product).await, 0);
        let refunded = ann.get(&format!("/orders/{order}")).await.expect(200);
        assert_eq!(refunded["refunded_cents"], PRICE - 5_000);
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_a_coupon_made_free_is_paid_and_refunded_without_points() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variant = shop.variant(5).await;
    let hour = jiff::SignedDuration::from_hours(1);
    let body = json!({
        "name": "gift", "discount": {"type": "PERCENT", "value": 100}, "total_quantity": 1,
        "issue_starts_at": shop.now(), "issue_ends_at": shop.now() + hour, "valid_until": shop.now() + hour
    });
    let coupon = text(&shop.admin().post("/admin/coupons", &body).await.expect(201), "coupon_id");
    ann.take(&coupon).await.expect(201);
    let order = ann.order_with(&variant, &coupon).await;
    assert_eq!(ann.pay(&order).await.expect(201)["amount_cents"], 0);
    assert_eq!(ann.get("/points/history").await.expect(200)["items"], json!([]));
    shop.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
    shop.settle().await;
    assert_eq!(ann.status(&order).await, "REFUNDED");
}

#[tokio::test(start_paused = true)]
async fn events_carry_no_contact_data() {
    let (shop, ..) = with_paid_orders(1).await;
    shop.pass_minutes(16);
    for event in shop.pump.published() {
        let detail = event.detail.to_string();
        for personal in ["Ada", "0912345678", "ada@example.com", "Main St"] {
            assert!(!detail.contains(personal), "{detail}");
        }
        assert!(event.source.starts_with("millrun."));
    }
}
