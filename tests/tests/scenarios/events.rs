//! Queue consumers: each event counts once, and an unreadable message blocks no other.

use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tests::fixtures::{PRICE, text};
use tests::{Fault, Rule, Shop};

/// A shop with this many paid orders of one unit, whose events are in the queue.
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
    shop.dispatcher.relay(&shop).await;
    shop.dispatcher.route(&shop);
    assert_eq!(shop.dispatcher.waiting("count_sales").len(), count);
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
    shop.dispatcher.rearrange("count_sales", |messages| {
        let again = messages.clone();
        for (n, message) in again.into_iter().enumerate() {
            messages.push(tests::event_dispatcher::QueueMessage { id: format!("again-{n}"), ..message });
        }
    });
    shop.dispatcher.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 3);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_event_repeated_in_another_batch_counts_once_and_new_events_count() {
    let (shop, product, _) = with_paid_orders(4).await;
    let all = shop.dispatcher.waiting("count_sales");
    // First two; then all four, two of which were applied; then all four again, hours later.
    shop.dispatcher.rearrange("count_sales", |messages| messages.truncate(2));
    shop.dispatcher.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 2);
    shop.dispatcher.rearrange("count_sales", |messages| messages.extend(all.clone()));
    shop.dispatcher.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 4);
    shop.advance_minutes(60 * 2);
    shop.dispatcher.rearrange("count_sales", |messages| messages.extend(all.iter().rev().cloned()));
    shop.dispatcher.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 4);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_poison_message_does_not_block_the_rest_of_its_batch() {
    let (shop, product, _) = with_paid_orders(2).await;
    let poison = [
        "not json".to_owned(),
        "{}".to_owned(),
        json!({"detail": {"event_id": "x"}}).to_string(),
        tests::events::delivery("millrun.orders", "order.paid.v1", &unreadable("order.paid.v1")),
        tests::events::delivery("millrun.orders", "order.lost.v1", &unreadable("order.lost.v1")),
    ];
    for body in &poison {
        shop.dispatcher.push("count_sales", body.clone());
    }
    // One valid message is before the poison message and one after it.
    shop.dispatcher.rearrange("count_sales", |messages| messages.rotate_left(1));
    shop.dispatcher.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 2);
    assert_eq!(shop.dispatcher.waiting("count_sales").len(), poison.len(), "only the poison message is retried");
    shop.dispatch_events().await;
    let dead = shop.dispatcher.dead_letters();
    assert_eq!(dead.len(), poison.len());
    assert!(poison.iter().all(|body| dead.contains(body)));
    // A redrive days later is safe: the message fails again, and nothing is counted.
    shop.dispatcher.redrive();
    shop.dispatch_events().await;
    assert_eq!(shop.dispatcher.dead_letters().len(), poison.len());
    assert_eq!(sold(&shop, &product).await, 2);
}

#[tokio::test(start_paused = true)]
async fn each_failed_record_of_a_batch_is_logged_with_its_reason() {
    let (shop, ..) = with_paid_orders(1).await;
    let lines: Arc<Mutex<Vec<Value>>> = Arc::default();
    let log = Arc::clone(&lines);
    let shop = shop.logging(Arc::new(move |line| log.lock().unwrap().push(line.clone())));
    shop.dispatcher.push("count_sales", "not json".to_owned());
    shop.dispatcher.push("count_sales", json!({"detail": {"event_id": "x"}}).to_string());
    shop.dispatcher.work(&shop).await;

    let poison = shop.dispatcher.waiting("count_sales");
    let lines = lines.lock().unwrap();
    let line = lines.iter().find(|line| line["outcome"] == "partial").expect("the log line");
    let failures = line["failures"].as_object().unwrap();
    let why = poison.iter().map(|message| failures[&message.id].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(failures.len(), poison.len(), "the successful message must not be listed: {line}");
    assert!(why[0].contains("expected") && why[1].contains("UUID"), "{why:?}");
}

/// An event whose data does not match its type.
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
    shop.dispatcher.rearrange("count_sales", |messages| {
        let mut body: Value = serde_json::from_str(&messages[0].body).unwrap();
        body["detail"]["tenant"] = json!("later");
        body["detail"]["data"]["gift_wrap"] = json!(true);
        messages[0].body = body.to_string();
    });
    shop.dispatcher.work(&shop).await;
    assert_eq!(sold(&shop, &product).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_meets_contention_is_retried_and_counts_once() {
    let (shop, product, _) = with_paid_orders(3).await;
    shop.inject(Rule::next("TransactWriteItems", Fault::Conflict("Counters", None)).by("count_sales").times(5));
    shop.dispatcher.work(&shop).await;
    shop.aws.assert_faults_hit();
    assert_eq!(shop.dispatcher.waiting("count_sales").len(), 3);
    shop.dispatch_events().await;
    assert_eq!(sold(&shop, &product).await, 3);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_is_killed_counts_once() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter] {
        let (shop, product, _) = with_paid_orders(3).await;
        shop.inject(Rule::next("TransactWriteItems", fault).by("count_sales"));
        shop.dispatcher.work(&shop).await;
        shop.aws.assert_faults_hit();
        assert_eq!(shop.dispatcher.waiting("count_sales").len(), 3);
        shop.dispatch_events().await;
        assert_eq!(sold(&shop, &product).await, 3);
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_ten_events_writes_the_counter_once() {
    let (shop, product, _) = with_paid_orders(10).await;
    shop.aws.take_calls();
    shop.dispatcher.work_for(&shop, "count_sales").await;
    let calls = shop.aws.take_calls();
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
        shop.dispatch_events().await;
        assert_eq!(sold(&shop, &product).await, 1);
        ann.cancel(&order).await.refused(409, "order_not_cancelable");

        let target = format!("/admin/orders/{order}/cancel");
        shop.admin().post(&target, &json!({"reason": "broken on the way"})).await.expect(200);
        assert_eq!(ann.status(&order).await, "CANCELED");
        assert_eq!((shop.left(&variant).await, ann.balance().await), (5, 1_000_000 - PRICE + 5_000));
        let asked = ann.get(&format!("/payments/{payment}")).await.expect(200);
        assert_eq!(asked["status"], "REFUND_REQUESTED");
        shop.admin().post(&target, &json!({})).await.refused(409, "order_not_cancelable");

        shop.dispatcher.relay(&shop).await;
        shop.dispatcher.route(&shop);
        let messages = shop.dispatcher.waiting("refund_payment");
        assert_eq!(messages.len(), 1);
        shop.dispatcher.rearrange("refund_payment", |queue| {
            queue.push(tests::event_dispatcher::QueueMessage { id: "again".to_owned(), ..messages[0].clone() });
        });
        if let Some(fault) = fault {
            shop.inject(Rule::next("TransactWriteItems", fault).by("refund_payment"));
        }
        shop.dispatch_events().await;
        shop.aws.assert_faults_hit();
        shop.dispatcher.rearrange("refund_payment", |queue| queue.extend(messages));
        shop.dispatch_events().await;

        assert_eq!((ann.status(&order).await.as_str(), ann.balance().await), ("REFUNDED", 1_000_000));
        assert_eq!(ann.get(&format!("/payments/{payment}")).await.expect(200)["status"], "REFUNDED");
        assert_eq!(ann.coupon_status(&coupon).await, "ISSUED");
        assert_eq!(sold(&shop, &product).await, 0);
        let refunded = ann.get(&format!("/orders/{order}")).await.expect(200);
        assert_eq!(refunded["refunded_cents"], PRICE - 5_000);
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn events_carry_no_contact_data() {
    let (shop, ..) = with_paid_orders(1).await;
    shop.advance_minutes(16);
    for event in shop.dispatcher.published() {
        let detail = event.detail.to_string();
        for personal in ["Ada", "912345678", "ada@example.com", "Main St"] {
            assert!(!detail.contains(personal), "{detail}");
        }
        assert!(event.source.starts_with("millrun."));
    }
}
