//! The data platform's files contain each paid order exactly once after deduplication by event id.

use contracts::export::PaidOrderLine;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::event_dispatcher::QueueMessage;
use tests::fixtures::{cart, text};
use tests::{Fault, Rule, Shop};

fn lines(shop: &Shop) -> Vec<(String, Value)> {
    let mut lines = Vec::new();
    for (key, text) in shop.aws.files() {
        let day = key.strip_prefix("orders/dt=").and_then(|rest| rest.split_once('/')).unwrap();
        assert!(day.1.ends_with(".ndjson"), "{key}");
        assert!(
            text.ends_with('\n') && !text.contains("\n\n"),
            "each line of {key} must end with a line feed: {text:?}"
        );
        lines.extend(text.lines().map(|line| (day.0.to_owned(), serde_json::from_str(line).unwrap())));
    }
    lines
}

/// The orders in the files after deduplication by event id, as a reader sees them.
fn exported(shop: &Shop) -> BTreeMap<String, (String, Value)> {
    let by_event: BTreeMap<String, (String, Value)> =
        lines(shop).into_iter().map(|(day, line)| (text(&line, "event_id"), (day, line))).collect();
    let count = by_event.len();
    let by_order: BTreeMap<String, (String, Value)> =
        by_event.into_values().map(|(day, line)| (text(&line, "order_id"), (day, line))).collect();
    assert_eq!(by_order.len(), count, "one order with two events");
    by_order
}

/// This many orders, paid some minutes apart, whose events are in the queue.
async fn with_paid_orders(count: usize, minutes: i64) -> (Shop, Vec<String>) {
    let shop = Shop::open();
    let variant = shop.variant(1_000).await;
    let mut orders = Vec::new();
    for n in 0..count {
        let buyer = shop.customer(&format!("buyer-{n}"));
        buyer.charge(1_000_000).await.expect(200);
        let order = buyer.order(&variant, 1 + i64::try_from(n % 3).unwrap()).await;
        buyer.pay(&order).await.expect(201);
        orders.push(order);
        shop.advance_minutes(minutes);
    }
    shop.dispatcher.relay(&shop).await;
    shop.dispatcher.route(&shop);
    assert_eq!(shop.dispatcher.waiting("export_orders").len(), count);
    (shop, orders)
}

#[tokio::test(start_paused = true)]
async fn paid_orders_are_exported_to_one_file_and_unpaid_orders_are_not() {
    let (shop, orders) = with_paid_orders(12, 0).await;
    let variant = shop.variant(10).await;
    let unpaid = shop.customer("somebody").post("/orders", &cart(&variant, 1)).await.expect(201);
    shop.run_to_quiescence().await;
    assert_eq!(shop.aws.files().len(), 1, "one file per batch");
    let exported = exported(&shop);
    assert_eq!(exported.keys().collect::<BTreeSet<_>>(), orders.iter().collect());
    assert!(!exported.contains_key(&text(&unpaid, "order_id")));
    for (order, (day, line)) in &exported {
        let buyer = shop.customer(line["customer_id"].as_str().unwrap());
        let seen = buyer.get(&format!("/orders/{order}")).await.expect(200);
        for field in ["order_no", "kind", "currency", "total_cents", "payment_id"] {
            assert_eq!(line[field], seen[field], "{field}");
        }
        assert_eq!(line["lines"][0]["quantity"], seen["lines"][0]["quantity"]);
        assert_eq!((day.as_str(), &line["method"]), ("2026-11-21", &json!("POINTS")));
        let paid_at = seen["history"].as_array().unwrap().iter().find(|step| step["status"] == "PAID").unwrap();
        assert_eq!(line["paid_at"], paid_at["at"]);
        serde_json::from_value::<PaidOrderLine>(line.clone()).expect("what is written can be parsed");
    }
}

#[tokio::test(start_paused = true)]
async fn no_contact_data_is_exported_to_the_data_platform() {
    let (shop, _) = with_paid_orders(2, 0).await;
    shop.dispatch_events().await;
    for text in shop.aws.files().values() {
        for personal in ["Ada", "912345678", "ada@example.com", "Main St"] {
            assert!(!text.contains(personal), "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_is_partitioned_by_the_shop_day_of_payment() {
    // One every hour and a half from 20:00 in Taipei: three before midnight, the others after it.
    let (shop, orders) = with_paid_orders(6, 90).await;
    shop.dispatch_events().await;
    let exported = exported(&shop);
    let days: Vec<&str> = orders.iter().map(|order| exported[order].0.as_str()).collect();
    assert_eq!(days, ["2026-11-21", "2026-11-21", "2026-11-21", "2026-11-22", "2026-11-22", "2026-11-22"]);
    assert_eq!(shop.aws.files().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn duplicated_and_reordered_events_are_exported_once_after_deduplication() {
    for seed in 0..20 {
        let (shop, orders) = with_paid_orders(9, 60).await;
        let mut random = fastrand::Rng::with_seed(seed);
        let all = shop.dispatcher.waiting("export_orders");
        // Three deliveries, each with some of the events, some duplicated; the last one has the rest.
        for round in 0..3 {
            let mut batch: Vec<QueueMessage> = Vec::new();
            for message in &all {
                for _ in 0..random.usize(0..=2) {
                    batch.push(QueueMessage {
                        id: format!("{}-{round}-{}", message.id, batch.len()),
                        ..message.clone()
                    });
                }
            }
            random.shuffle(&mut batch);
            shop.dispatcher.rearrange("export_orders", |queue| *queue = batch);
            shop.dispatcher.work(&shop).await;
            shop.advance_minutes(random.i64(0..=60 * 48));
        }
        shop.dispatcher.rearrange("export_orders", |queue| *queue = all);
        shop.dispatch_events().await;
        assert_eq!(exported(&shop).keys().collect::<BTreeSet<_>>(), orders.iter().collect(), "seed {seed}");
        assert_eq!(shop.dispatcher.dead_letters(), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_redelivered_batch_overwrites_the_same_file() {
    let (shop, orders) = with_paid_orders(5, 0).await;
    let all = shop.dispatcher.waiting("export_orders");
    shop.dispatcher.work(&shop).await;
    let files = shop.aws.files();
    shop.dispatcher.rearrange("export_orders", |queue| *queue = all.into_iter().rev().collect());
    shop.dispatcher.work(&shop).await;
    assert_eq!(shop.aws.files(), files, "the same name, byte for byte");
    assert_eq!(lines(&shop).len(), orders.len());
}

#[tokio::test(start_paused = true)]
async fn a_failed_or_killed_export_loses_nothing() {
    let faults = [
        Fault::KilledBefore,
        Fault::KilledAfter,
        Fault::AnswerLost,
        Fault::Undelivered,
        Fault::Broken,
        Fault::Delayed(std::time::Duration::from_secs(30)),
    ];
    for fault in faults {
        let (shop, orders) = with_paid_orders(3, 0).await;
        // The SDK's three attempts fail, so the batch fails; the next delivery succeeds.
        let times = if matches!(fault, Fault::KilledBefore | Fault::KilledAfter) { 1 } else { 3 };
        shop.inject(Rule::next("PutObject", fault.clone()).times(times));
        shop.dispatcher.work(&shop).await;
        shop.aws.assert_faults_hit();
        assert_eq!(shop.dispatcher.waiting("export_orders").len(), orders.len(), "{fault:?}");
        shop.dispatch_events().await;
        assert_eq!(exported(&shop).len(), orders.len(), "{fault:?}");
        assert_eq!(lines(&shop).len(), orders.len(), "{fault:?}: one file");
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_day_that_cannot_be_exported_does_not_block_another_day() {
    let (shop, orders) = with_paid_orders(6, 90).await;
    shop.inject(Rule::next("PutObject", Fault::Broken).times(3));
    shop.dispatcher.work(&shop).await;
    shop.aws.assert_faults_hit();
    assert_eq!((shop.dispatcher.waiting("export_orders").len(), exported(&shop).len()), (3, 3));
    shop.dispatch_events().await;
    assert_eq!(exported(&shop).len(), orders.len());
}

#[tokio::test(start_paused = true)]
async fn a_poison_message_does_not_block_the_export_of_its_batch() {
    let (shop, orders) = with_paid_orders(2, 0).await;
    let stranger = json!({
        "event_id": "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a50", "type": "order.expired.v1",
        "occurred_at": "2026-11-21T12:00:00Z", "aggregate": {"type": "order", "id": "x", "version": 1},
        "correlation_id": "c", "causation_id": "c", "data": {}
    });
    let mut unreadable = stranger.clone();
    unreadable["type"] = json!("order.paid.v1");
    let poison = [
        "not json".to_owned(),
        tests::events::delivery("millrun.orders", "order.expired.v1", &stranger),
        tests::events::delivery("millrun.orders", "order.paid.v1", &unreadable),
    ];
    for body in &poison {
        shop.dispatcher.push("export_orders", body.clone());
    }
    shop.dispatcher.rearrange("export_orders", |messages| messages.rotate_left(1));
    shop.dispatcher.work(&shop).await;
    assert_eq!(exported(&shop).len(), orders.len());
    assert_eq!(shop.dispatcher.waiting("export_orders").len(), poison.len(), "only the poison message is retried");
    shop.dispatch_events().await;
    assert_eq!(shop.dispatcher.dead_letters().len(), poison.len());
    assert_eq!(lines(&shop).len(), orders.len());
}
