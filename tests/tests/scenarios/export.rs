//! The data platform's files: each paid order is in them, and once it is read by event id, once.

use contracts::export::PaidOrderLine;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::goods::{cart, text};
use tests::pump::QueueMessage;
use tests::{Fault, Rule, Shop};

/// The lines of every file, each with the day of its folder.
fn lines(shop: &Shop) -> Vec<(String, Value)> {
    let mut lines = Vec::new();
    for (key, text) in shop.wire.files() {
        let day = key.strip_prefix("orders/dt=").and_then(|rest| rest.split_once('/')).unwrap();
        assert!(day.1.ends_with(".ndjson"), "{key}");
        assert!(text.ends_with('\n') && !text.contains("\n\n"), "{key} is lines, each with its end: {text:?}");
        lines.extend(text.lines().map(|line| (day.0.to_owned(), serde_json::from_str(line).unwrap())));
    }
    lines
}

/// The orders in the files after deduplication by event id, as one who reads them sees them.
fn exported(shop: &Shop) -> BTreeMap<String, (String, Value)> {
    let by_event: BTreeMap<String, (String, Value)> =
        lines(shop).into_iter().map(|(day, line)| (text(&line, "event_id"), (day, line))).collect();
    let count = by_event.len();
    let by_order: BTreeMap<String, (String, Value)> =
        by_event.into_values().map(|(day, line)| (text(&line, "order_id"), (day, line))).collect();
    assert_eq!(by_order.len(), count, "an order under two events");
    by_order
}

/// So many orders that were paid one after the other, some minutes apart; their events wait on the queue.
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
        shop.pass_minutes(minutes);
    }
    shop.pump.relay(&shop).await;
    shop.pump.route(&shop);
    assert_eq!(shop.pump.waiting("export_orders").len(), count);
    (shop, orders)
}

#[tokio::test(start_paused = true)]
async fn paid_orders_become_one_file_and_those_that_are_not_paid_stay_out() {
    let (shop, orders) = with_paid_orders(12, 0).await;
    let variant = shop.variant(10).await;
    let unpaid = shop.customer("somebody").post("/orders", &cart(&variant, 1)).await.expect(201);
    shop.settle().await;
    assert_eq!(shop.wire.files().len(), 1, "a batch is a file");
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
        serde_json::from_value::<PaidOrderLine>(line.clone()).expect("what is written can be read");
    }
}

#[tokio::test(start_paused = true)]
async fn no_contact_data_leaves_for_the_data_platform() {
    let (shop, _) = with_paid_orders(2, 0).await;
    shop.pump().await;
    for text in shop.wire.files().values() {
        for personal in ["Ada", "0912345678", "ada@example.com", "Main St"] {
            assert!(!text.contains(personal), "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_file_belongs_to_the_shop_day_on_which_its_orders_were_paid() {
    // From 20:00 in Taipei on, one every hour and a half: three before midnight, the others after it.
    let (shop, orders) = with_paid_orders(6, 90).await;
    shop.pump().await;
    let exported = exported(&shop);
    let days: Vec<&str> = orders.iter().map(|order| exported[order].0.as_str()).collect();
    assert_eq!(days, ["2026-11-21", "2026-11-21", "2026-11-21", "2026-11-22", "2026-11-22", "2026-11-22"]);
    assert_eq!(shop.wire.files().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn events_that_come_twice_and_out_of_order_are_exported_once_after_deduplication() {
    for seed in 0..20 {
        let (shop, orders) = with_paid_orders(9, 60).await;
        let mut random = fastrand::Rng::with_seed(seed);
        let all = shop.pump.waiting("export_orders");
        // In three deliveries, each of some of them, some twice; what was left out comes with the last.
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
            shop.pump.rearrange("export_orders", |queue| *queue = batch);
            shop.pump.work(&shop).await;
            shop.pass_minutes(random.i64(0..=60 * 48));
        }
        shop.pump.rearrange("export_orders", |queue| *queue = all);
        shop.pump().await;
        assert_eq!(exported(&shop).keys().collect::<BTreeSet<_>>(), orders.iter().collect(), "seed {seed}");
        assert_eq!(shop.pump.dead_letters(), Vec::<String>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_that_comes_again_writes_the_same_file_over_itself() {
    let (shop, orders) = with_paid_orders(5, 0).await;
    let all = shop.pump.waiting("export_orders");
    shop.pump.work(&shop).await;
    let files = shop.wire.files();
    shop.pump.rearrange("export_orders", |queue| *queue = all.into_iter().rev().collect());
    shop.pump.work(&shop).await;
    assert_eq!(shop.wire.files(), files, "the same name, byte for byte");
    assert_eq!(lines(&shop).len(), orders.len());
}

#[tokio::test(start_paused = true)]
async fn an_export_that_fails_or_is_killed_loses_nothing() {
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
        // The SDK's three attempts fail, and so the batch does; the next delivery goes well.
        let times = if matches!(fault, Fault::KilledBefore | Fault::KilledAfter) { 1 } else { 3 };
        shop.inject(Rule::next("PutObject", fault.clone()).times(times));
        shop.pump.work(&shop).await;
        shop.wire.assert_struck();
        assert_eq!(shop.pump.waiting("export_orders").len(), orders.len(), "{fault:?}");
        shop.pump().await;
        assert_eq!(exported(&shop).len(), orders.len(), "{fault:?}");
        assert_eq!(lines(&shop).len(), orders.len(), "{fault:?}: one file");
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_day_that_cannot_be_written_does_not_keep_the_other() {
    let (shop, orders) = with_paid_orders(6, 90).await;
    shop.inject(Rule::next("PutObject", Fault::Broken).times(3));
    shop.pump.work(&shop).await;
    shop.wire.assert_struck();
    assert_eq!((shop.pump.waiting("export_orders").len(), exported(&shop).len()), (3, 3));
    shop.pump().await;
    assert_eq!(exported(&shop).len(), orders.len());
}

#[tokio::test(start_paused = true)]
async fn a_poison_message_does_not_stop_its_neighbours_on_their_way_to_the_files() {
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
        shop.pump.push("export_orders", body.clone());
    }
    shop.pump.rearrange("export_orders", |messages| messages.rotate_left(1));
    shop.pump.work(&shop).await;
    assert_eq!(exported(&shop).len(), orders.len());
    assert_eq!(shop.pump.waiting("export_orders").len(), poison.len(), "only the poison is tried again");
    shop.pump().await;
    assert_eq!(shop.pump.dead_letters().len(), poison.len());
    assert_eq!(lines(&shop).len(), orders.len());
}
