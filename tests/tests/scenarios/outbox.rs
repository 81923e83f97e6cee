//! Events on their way: at least once, never not at all; what cannot be published is set aside for an admin.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::goods::{cart, text};
use tests::{Fault, Rule, Shop};

/// A shop in which so many customers charged points, each an event that no relay has seen.
async fn with_events(count: usize) -> Shop {
    // A list looks back as far as events are kept, minute by minute.
    let shop = Shop::open_keeping(jiff::SignedDuration::from_mins(30));
    for n in 0..count {
        shop.customer(&format!("customer-{n}")).charge(1_000_000).await.expect(200);
    }
    shop
}

/// How often each event was published.
fn published(shop: &Shop) -> BTreeMap<String, usize> {
    shop.pump.route(shop);
    let mut ids = BTreeMap::new();
    for event in shop.pump.published() {
        *ids.entry(event.event_id().to_owned()).or_default() += 1;
    }
    ids
}

async fn listed(shop: &Shop, status: &str) -> Vec<Value> {
    let found = shop.admin().get(&format!("/admin/outbox?status={status}&limit=100")).await.expect(200);
    found["items"].as_array().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_is_killed_loses_no_event() {
    // Before and after publishing, before and after marking.
    let faults = [
        ("PutEvents", Fault::KilledBefore, 1),
        ("PutEvents", Fault::KilledAfter, 2),
        ("UpdateItem", Fault::KilledBefore, 2),
        ("UpdateItem", Fault::KilledAfter, 2),
    ];
    for (operation, fault, most) in faults {
        let shop = with_events(3).await;
        shop.inject(Rule::next(operation, fault).by("relay_outbox"));
        shop.pump.relay(&shop).await;
        shop.wire.assert_struck();
        let ids = published(&shop);
        assert_eq!(ids.len(), 3);
        assert!(ids.values().all(|count| (1..=most).contains(count)), "{operation}: {ids:?}");
        assert_eq!((listed(&shop, "SENT").await.len(), listed(&shop, "NEW").await.len()), (3, 0));
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_never_comes_back_is_replaced_by_the_sweep() {
    let shop = with_events(5).await;
    shop.inject(Rule::every("PutEvents", Fault::KilledBefore).by("relay_outbox"));
    shop.pump.relay(&shop).await;
    assert_eq!(published(&shop).len(), 0);
    // A record may be in the relay's hands for half a minute.
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).len(), 0);
    shop.pass_minutes(1);
    shop.tick("sweep_outbox").await;
    let ids = published(&shop);
    assert_eq!((ids.len(), ids.values().sum::<usize>()), (5, 5));
    shop.pass_minutes(1);
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).values().sum::<usize>(), 5, "what was sent is not sent again");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn entries_that_the_bus_refuses_stay_and_the_others_leave() {
    let shop = with_events(4).await;
    shop.inject(Rule::next("PutEvents", Fault::EntriesRefused(vec![1, 3])));
    let changes = shop.pump.new_changes(&shop);
    let answer = shop.invoke("relay_outbox", &json!({ "Records": changes })).await.unwrap();
    let failed = answer["batchItemFailures"].as_array().unwrap().clone();
    let expected: Vec<Value> =
        [1, 3].iter().map(|n| json!({"itemIdentifier": changes[*n]["dynamodb"]["SequenceNumber"]})).collect();
    assert_eq!(failed, expected);
    assert_eq!((listed(&shop, "SENT").await.len(), listed(&shop, "NEW").await.len()), (2, 2));
    shop.pass_minutes(1);
    shop.tick("sweep_outbox").await;
    let ids = published(&shop);
    assert_eq!((ids.len(), ids.values().max()), (4, Some(&1)));
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_record_of_several_events_leaves_when_all_of_them_have_whatever_was_refused_before_it() {
    let shop = Shop::open();
    let variant = shop.variant(3).await;
    for name in ["ann", "bob"] {
        shop.customer(name).charge(1_000_000).await.expect(200);
    }
    let orders = [shop.customer("ann").order(&variant, 1).await, shop.customer("bob").order(&variant, 1).await];
    shop.pump().await;
    shop.customer("ann").pay(&orders[0]).await.expect(201);
    shop.customer("bob").pay(&orders[1]).await.expect(201);
    // Three events each: the first one of the one payment, and the last one of the other.
    shop.inject(Rule::next("PutEvents", Fault::EntriesRefused(vec![0, 5])));
    let changes = shop.pump.new_changes(&shop);
    let answer = shop.invoke("relay_outbox", &json!({ "Records": changes })).await.unwrap();
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 2);
    assert_eq!(listed(&shop, "NEW").await.len(), 6);
    shop.settle().await;
    let paid: Vec<_> =
        shop.pump.published().into_iter().filter(|event| event.detail_type == "points.used.v1").collect();
    assert_eq!(
        paid.iter().map(|event| event.event_id().to_owned()).collect::<std::collections::BTreeSet<_>>().len(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_fails_whole_or_loses_its_answer_is_asked_again() {
    for fault in [Fault::Throttled, Fault::Broken, Fault::Undelivered, Fault::AnswerLost] {
        let shop = with_events(2).await;
        shop.inject(Rule::every("PutEvents", fault).by("relay_outbox"));
        shop.pump.relay(&shop).await;
        assert_eq!(listed(&shop, "NEW").await.len(), 2);
        shop.wire.heal();
        shop.pass_minutes(1);
        shop.tick("sweep_outbox").await;
        assert_eq!((published(&shop).len(), listed(&shop, "NEW").await.len()), (2, 0));
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn more_than_ten_events_go_in_several_requests() {
    let shop = with_events(23).await;
    shop.wire.take_calls();
    shop.pump.relay(&shop).await;
    let calls = shop.wire.take_calls();
    assert_eq!(calls.iter().filter(|call| call.operation == "PutEvents").count(), 3);
    assert_eq!(published(&shop).len(), 23);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn after_five_tries_an_event_is_set_aside_and_an_admin_sends_it_again() {
    let shop = with_events(2).await;
    shop.inject(Rule::every("PutEvents", Fault::Broken));
    shop.pump.relay(&shop).await;
    for attempt in 1..=5 {
        shop.pass_minutes(1);
        shop.tick("sweep_outbox").await;
        let failed = listed(&shop, "FAILED").await;
        assert_eq!(failed.len(), if attempt == 5 { 2 } else { 0 }, "after sweep {attempt}");
    }
    shop.wire.heal();
    shop.pass_minutes(10);
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).len(), 0, "what is set aside waits for an admin");
    let stuck = shop.differences().await;
    assert_eq!(stuck.len(), 2);
    assert!(stuck.iter().all(|difference| difference["invariant"] == "I11"), "{stuck:?}");

    let failed = listed(&shop, "FAILED").await;
    assert_eq!(failed[0]["attempts"], 5);
    for event in &failed {
        let target = format!("/admin/outbox/{}/replay", text(event, "event_id"));
        let replayed = shop.admin().post(&target, &json!({})).await.expect(200);
        assert_eq!((&replayed["status"], &replayed["event_id"]), (&json!("NEW"), &event["event_id"]));
    }
    assert_eq!((listed(&shop, "FAILED").await.len(), listed(&shop, "NEW").await.len()), (0, 2));
    shop.tick("sweep_outbox").await;
    let ids = published(&shop);
    assert_eq!((ids.len(), ids.values().max()), (2, Some(&1)));
    shop.pass_minutes(1);
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).values().max(), Some(&1), "a replay leaves once");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_was_sent_can_be_replayed_under_its_own_id_and_counts_once() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variant = shop.variant(3).await;
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    ann.pay(&order).await.expect(201);
    shop.pump().await;
    let sent = listed(&shop, "SENT").await;
    let paid = sent.iter().find(|event| event["type"] == "order.paid.v1").unwrap();
    let target = format!("/admin/outbox/{}/replay", text(paid, "event_id"));
    shop.admin().post(&target, &json!({})).await.expect(200);
    shop.tick("sweep_outbox").await;
    shop.pump().await;
    assert_eq!(published(&shop)[&text(paid, "event_id")], 2);
    shop.settle().await;
    let missing = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a51";
    shop.admin().post(&format!("/admin/outbox/{missing}/replay"), &json!({})).await.refused(404, "event_not_found");
}

#[tokio::test(start_paused = true)]
async fn two_sweeps_and_a_relay_at_once_leave_nothing_behind() {
    for seed in 0..3 {
        let shop = with_events(12).await;
        shop.pass_minutes(1);
        shop.wire.shuffle(seed);
        let (one, other) = (shop.elsewhere(), shop.elsewhere());
        futures_util::join!(one.tick("sweep_outbox"), other.tick("sweep_outbox"), shop.pump.relay(&shop));
        let ids = published(&shop);
        assert_eq!((ids.len(), listed(&shop, "NEW").await.len()), (12, 0));
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_was_away_for_hours_catches_up() {
    let shop = with_events(3).await;
    shop.tick("sweep_outbox").await;
    shop.pass_minutes(60 * 7);
    shop.customer("late").charge(1_000_000).await.expect(200);
    shop.pass_minutes(1);
    for _ in 0..3 {
        shop.tick("sweep_outbox").await;
    }
    assert_eq!(published(&shop).len(), 4);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn what_an_outage_left_behind_is_not_passed_over_when_the_bus_fails_too() {
    let shop = with_events(3).await;
    shop.tick("sweep_outbox").await;
    shop.pass_minutes(60);
    shop.inject(Rule::every("PutEvents", Fault::Broken).times(3));
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).len(), 0);
    shop.wire.heal();
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).len(), 3);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_announced_before_or_without_its_transaction() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    shop.pump().await;
    let before = published(&shop);
    shop.inject(Rule::every("TransactWriteItems", Fault::Throttled).by("place_order"));
    ann.post("/orders", &cart(&variant, 1)).await.refused(503, "busy");
    shop.wire.heal();
    ann.order(&variant, 1).await;
    assert_eq!(published(&shop), before, "the bus hears of it from the relay alone");
    shop.pump().await;
    assert_eq!(published(&shop).len(), before.len() + 1);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_is_killed_anywhere_loses_no_event() {
    // The fourth update notes how far it came.
    for (operation, before) in [("Query", 0), ("PutEvents", 0), ("UpdateItem", 0), ("UpdateItem", 3)] {
        for fault in [Fault::KilledBefore, Fault::KilledAfter] {
            let shop = with_events(3).await;
            shop.pass_minutes(20);
            shop.inject(Rule::next(operation, fault).by("sweep_outbox").after(before));
            let killed = shop.invoke_mortal("sweep_outbox", &json!({"time": shop.now()})).await;
            assert!(killed.is_none(), "{operation}");
            shop.tick("sweep_outbox").await;
            assert_eq!((published(&shop).len(), listed(&shop, "NEW").await.len()), (3, 0), "{operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_mark_that_was_lost_publishes_again_under_the_same_id() {
    let shop = with_events(1).await;
    shop.inject(Rule::every("UpdateItem", Fault::Undelivered).by("relay_outbox"));
    shop.pump.relay(&shop).await;
    shop.wire.heal();
    shop.pass_minutes(1);
    shop.tick("sweep_outbox").await;
    let ids = published(&shop);
    assert_eq!(ids.len(), 1);
    assert!(*ids.values().next().unwrap() > 1);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_transactions_events_leave_together_also_after_they_left_in_part() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variant = shop.variant(3).await;
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    shop.pump().await;
    ann.pay(&order).await.expect(201);
    // Of the payment's three events the first is on the bus and the others are not.
    shop.inject(Rule::next("PutEvents", Fault::EntriesRefused(vec![1, 2])).times(3));
    shop.pump.relay(&shop).await;
    shop.wire.assert_struck();
    let new = listed(&shop, "NEW").await;
    assert_eq!(new.len(), 3);
    shop.pass_minutes(1);
    shop.tick("sweep_outbox").await;
    let ids = published(&shop);
    let counts: Vec<usize> = new.iter().rev().map(|event| ids[&text(event, "event_id")]).collect();
    assert_eq!(counts, [4, 1, 1], "under the same ids, in the order in which they happened");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn every_event_that_was_set_aside_is_on_exactly_one_page() {
    let shop = with_events(7).await;
    shop.inject(Rule::every("PutEvents", Fault::Broken));
    for _ in 0..5 {
        shop.pass_minutes(1);
        shop.tick("sweep_outbox").await;
    }
    let every: Vec<String> = listed(&shop, "FAILED").await.iter().map(|event| text(event, "event_id")).collect();
    assert_eq!(every.len(), 7);
    for limit in 1..=7 {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let target = format!("/admin/outbox?status=FAILED&limit={limit}{cursor}");
            let page = shop.admin().get(&target).await.expect(200);
            seen.extend(page["items"].as_array().unwrap().iter().map(|event| text(event, "event_id")));
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, every, "by {limit}");
    }
}
