//! The outbox: events are published at least once; an event that cannot be published becomes FAILED for an admin.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::fixtures::{cart, text};
use tests::{Fault, Rule, Shop};

/// A shop in which this many customers charged points, each with an unpublished event.
async fn with_events(count: usize) -> Shop {
    // The list reads every minute for which events are kept.
    let shop = Shop::open_keeping(jiff::SignedDuration::from_mins(30));
    for n in 0..count {
        shop.customer(&format!("customer-{n}")).charge(1_000_000).await.expect(200);
    }
    shop
}

fn published(shop: &Shop) -> BTreeMap<String, usize> {
    shop.dispatcher.route(shop);
    let mut ids = BTreeMap::new();
    for event in shop.dispatcher.published() {
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
    let faults = [
        ("PutEvents", Fault::KilledBefore, 1),
        ("PutEvents", Fault::KilledAfter, 2),
        ("UpdateItem", Fault::KilledBefore, 2),
        ("UpdateItem", Fault::KilledAfter, 2),
    ];
    for (operation, fault, most) in faults {
        let shop = with_events(3).await;
        shop.inject(Rule::next(operation, fault).by("relay_outbox"));
        shop.dispatcher.relay(&shop).await;
        shop.aws.assert_faults_hit();
        let ids = published(&shop);
        assert_eq!(ids.len(), 3);
        assert!(ids.values().all(|count| (1..=most).contains(count)), "{operation}: {ids:?}");
        assert_eq!((listed(&shop, "SENT").await.len(), listed(&shop, "NEW").await.len()), (3, 0));
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_sweep_publishes_what_a_failed_relay_left() {
    let shop = with_events(5).await;
    shop.inject(Rule::every("PutEvents", Fault::KilledBefore).by("relay_outbox"));
    shop.dispatcher.relay(&shop).await;
    assert_eq!(published(&shop).len(), 0);
    // The relay has half a minute for a record before the sweep takes it.
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).len(), 0);
    shop.advance_minutes(1);
    shop.tick("sweep_outbox").await;
    let ids = published(&shop);
    assert_eq!((ids.len(), ids.values().sum::<usize>()), (5, 5));
    shop.advance_minutes(1);
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).values().sum::<usize>(), 5, "a sent notification is not sent again");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn entries_that_the_bus_rejects_stay_in_the_outbox_and_the_others_are_published() {
    let shop = with_events(4).await;
    shop.inject(Rule::next("PutEvents", Fault::EntriesRefused(vec![1, 3])));
    let changes = shop.dispatcher.new_changes(&shop);
    let answer = shop.invoke("relay_outbox", &json!({ "Records": changes })).await.unwrap();
    let failed = answer["batchItemFailures"].as_array().unwrap().clone();
    let expected: Vec<Value> =
        [1, 3].iter().map(|n| json!({"itemIdentifier": changes[*n]["dynamodb"]["SequenceNumber"]})).collect();
    assert_eq!(failed, expected);
    assert_eq!((listed(&shop, "SENT").await.len(), listed(&shop, "NEW").await.len()), (2, 2));
    shop.advance_minutes(1);
    shop.tick("sweep_outbox").await;
    let ids = published(&shop);
    assert_eq!((ids.len(), ids.values().max()), (4, Some(&1)));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_record_of_several_events_is_sent_once_all_of_them_are_published() {
    let shop = Shop::open();
    let variant = shop.variant(3).await;
    for name in ["ann", "bob"] {
        shop.customer(name).charge(1_000_000).await.expect(200);
    }
    let orders = [shop.customer("ann").order(&variant, 1).await, shop.customer("bob").order(&variant, 1).await];
    shop.dispatch_events().await;
    shop.customer("ann").pay(&orders[0]).await.expect(201);
    shop.customer("bob").pay(&orders[1]).await.expect(201);
    // Three events each: the first one of one payment, and the last one of the other.
    shop.inject(Rule::next("PutEvents", Fault::EntriesRefused(vec![0, 5])));
    let changes = shop.dispatcher.new_changes(&shop);
    let answer = shop.invoke("relay_outbox", &json!({ "Records": changes })).await.unwrap();
    assert_eq!(answer["batchItemFailures"].as_array().unwrap().len(), 2);
    assert_eq!(listed(&shop, "NEW").await.len(), 6);
    shop.run_to_quiescence().await;
    let paid: Vec<_> =
        shop.dispatcher.published().into_iter().filter(|event| event.detail_type == "points.used.v1").collect();
    assert_eq!(
        paid.iter().map(|event| event.event_id().to_owned()).collect::<std::collections::BTreeSet<_>>().len(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_or_unanswered_put_events_call_is_retried() {
    for fault in [Fault::Throttled, Fault::Broken, Fault::Undelivered, Fault::AnswerLost] {
        let shop = with_events(2).await;
        shop.inject(Rule::every("PutEvents", fault).by("relay_outbox"));
        shop.dispatcher.relay(&shop).await;
        assert_eq!(listed(&shop, "NEW").await.len(), 2);
        shop.aws.clear_faults();
        shop.advance_minutes(1);
        shop.tick("sweep_outbox").await;
        assert_eq!((published(&shop).len(), listed(&shop, "NEW").await.len()), (2, 0));
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn more_than_ten_events_are_published_in_several_requests() {
    let shop = with_events(23).await;
    shop.aws.take_calls();
    shop.dispatcher.relay(&shop).await;
    let calls = shop.aws.take_calls();
    assert_eq!(calls.iter().filter(|call| call.operation == "PutEvents").count(), 3);
    assert_eq!(published(&shop).len(), 23);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn after_five_refusals_an_event_is_marked_failed_and_an_admin_replays_it() {
    let shop = with_events(2).await;
    shop.inject(Rule::every("PutEvents", Fault::EntriesInvalid((0..10).collect())));
    shop.dispatcher.relay(&shop).await;
    for attempt in 1..=5 {
        shop.advance_minutes(1);
        shop.tick("sweep_outbox").await;
        let failed = listed(&shop, "FAILED").await;
        assert_eq!(failed.len(), if attempt == 5 { 2 } else { 0 }, "after sweep {attempt}");
    }
    shop.aws.clear_faults();
    shop.advance_minutes(10);
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).len(), 0, "a FAILED record waits for an admin");
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
    shop.advance_minutes(1);
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).values().max(), Some(&1), "a replay publishes once");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_event_that_was_sent_can_be_replayed_under_its_own_id_and_counts_once() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variant = shop.variant(3).await;
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    ann.pay(&order).await.expect(201);
    shop.dispatch_events().await;
    let sent = listed(&shop, "SENT").await;
    let paid = sent.iter().find(|event| event["type"] == "order.paid.v1").unwrap();
    let target = format!("/admin/outbox/{}/replay", text(paid, "event_id"));
    shop.admin().post(&target, &json!({})).await.expect(200);
    shop.tick("sweep_outbox").await;
    shop.dispatch_events().await;
    assert_eq!(published(&shop)[&text(paid, "event_id")], 2);
    shop.run_to_quiescence().await;
    let missing = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a51";
    shop.admin().post(&format!("/admin/outbox/{missing}/replay"), &json!({})).await.refused(404, "event_not_found");
}

#[tokio::test(start_paused = true)]
async fn two_concurrent_sweeps_and_a_relay_publish_everything() {
    for seed in 0..3 {
        let shop = with_events(12).await;
        shop.advance_minutes(1);
        shop.aws.shuffle(seed);
        let (one, other) = (shop.fresh_environment(), shop.fresh_environment());
        futures_util::join!(one.tick("sweep_outbox"), other.tick("sweep_outbox"), shop.dispatcher.relay(&shop));
        let ids = published(&shop);
        assert_eq!((ids.len(), listed(&shop, "NEW").await.len()), (12, 0));
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_was_down_for_hours_catches_up() {
    let shop = with_events(3).await;
    shop.tick("sweep_outbox").await;
    shop.advance_minutes(60 * 7);
    shop.customer("late").charge(1_000_000).await.expect(200);
    shop.advance_minutes(1);
    for _ in 0..3 {
        shop.tick("sweep_outbox").await;
    }
    assert_eq!(published(&shop).len(), 4);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_watermark_does_not_pass_records_that_the_bus_rejects_after_an_outage() {
    let shop = with_events(3).await;
    shop.tick("sweep_outbox").await;
    shop.advance_minutes(60);
    shop.inject(Rule::every("PutEvents", Fault::Broken).times(3));
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).len(), 0);
    shop.aws.clear_faults();
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).len(), 3);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn no_event_is_published_before_or_without_its_transaction() {
    let shop = Shop::open();
    // The events of the message about the order would be counted too.
    shop.dispatcher.disable("RequestNotificationsOnWhatPeopleAreTold");
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    shop.dispatch_events().await;
    let before = published(&shop);
    shop.inject(Rule::every("TransactWriteItems", Fault::Throttled).by("place_order"));
    ann.post("/orders", &cart(&variant, 1)).await.refused(503, "busy");
    shop.aws.clear_faults();
    ann.order(&variant, 1).await;
    assert_eq!(published(&shop), before, "only the relay publishes it");
    shop.dispatch_events().await;
    assert_eq!(published(&shop).len(), before.len() + 1);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_sweep_killed_at_any_request_loses_no_event() {
    // The fourth update stores the watermark.
    for (operation, before) in [("Query", 0), ("PutEvents", 0), ("UpdateItem", 0), ("UpdateItem", 3)] {
        for fault in [Fault::KilledBefore, Fault::KilledAfter] {
            let shop = with_events(3).await;
            shop.advance_minutes(20);
            shop.inject(Rule::next(operation, fault).by("sweep_outbox").after(before));
            let killed = shop.invoke_killable("sweep_outbox", &json!({"time": shop.now()})).await;
            assert!(killed.is_none(), "{operation}");
            shop.tick("sweep_outbox").await;
            assert_eq!((published(&shop).len(), listed(&shop, "NEW").await.len()), (3, 0), "{operation}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_whose_sent_mark_was_lost_is_published_again_under_the_same_id() {
    let shop = with_events(1).await;
    shop.inject(Rule::every("UpdateItem", Fault::Undelivered).by("relay_outbox"));
    shop.dispatcher.relay(&shop).await;
    shop.aws.clear_faults();
    shop.advance_minutes(1);
    shop.tick("sweep_outbox").await;
    let ids = published(&shop);
    assert_eq!(ids.len(), 1);
    assert!(*ids.values().next().unwrap() > 1);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_events_of_a_transaction_are_published_together_after_a_partial_publish() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variant = shop.variant(3).await;
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    shop.dispatch_events().await;
    ann.pay(&order).await.expect(201);
    // Of the payment's three events, only the first is on the bus.
    shop.inject(Rule::next("PutEvents", Fault::EntriesRefused(vec![1, 2])).times(3));
    shop.dispatcher.relay(&shop).await;
    shop.aws.assert_faults_hit();
    let new = listed(&shop, "NEW").await;
    assert_eq!(new.len(), 3);
    shop.advance_minutes(1);
    shop.tick("sweep_outbox").await;
    let ids = published(&shop);
    let counts: Vec<usize> = new.iter().rev().map(|event| ids[&text(event, "event_id")]).collect();
    assert_eq!(counts, [4, 1, 1], "under the same ids, in order");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn every_failed_event_is_on_exactly_one_page() {
    let shop = with_events(7).await;
    shop.inject(Rule::every("PutEvents", Fault::EntriesInvalid((0..10).collect())));
    for _ in 0..5 {
        shop.advance_minutes(1);
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

#[tokio::test(start_paused = true)]
async fn an_outage_of_the_bus_costs_no_tries_and_ends_by_itself() {
    let outages = [Fault::Broken, Fault::Throttled, Fault::Undelivered, Fault::EntriesRefused((0..10).collect())];
    for outage in outages {
        let shop = with_events(12).await;
        shop.inject(Rule::every("PutEvents", outage.clone()));
        shop.dispatcher.relay(&shop).await;
        // An hour, with more runs than an event may be refused.
        for _ in 0..8 {
            shop.advance_minutes(8);
            shop.tick("sweep_outbox").await;
        }
        shop.aws.clear_faults();
        shop.advance_minutes(1);
        shop.tick("sweep_outbox").await;
        let ids = published(&shop);
        assert_eq!((ids.len(), ids.values().max()), (12, Some(&1)), "{outage:?}");
        let sent = all_events(&shop).await;
        assert!(sent.iter().all(|event| event["attempts"]["N"] == "0" && event["status"]["S"] == "SENT"), "{sent:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_the_bus_refuses_for_good_keeps_no_other_event_waiting() {
    let shop = with_events(12).await;
    shop.advance_minutes(1);
    shop.inject(Rule::next("PutEvents", Fault::EntriesInvalid(vec![4])));
    shop.tick("sweep_outbox").await;
    let tried: Vec<Value> = all_events(&shop).await.into_iter().filter(|event| event["attempts"]["N"] == "1").collect();
    assert_eq!((published(&shop).len(), tried.len()), (11, 1), "{tried:?}");
    shop.tick("sweep_outbox").await;
    assert_eq!(published(&shop).len(), 12);
    shop.run_to_quiescence().await;
}

#[ignore = "takes minutes: make prove ONLY=long-tests"]
#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_waiting_events_drain_in_runs_that_end_before_their_deadline() {
    const EVENTS: usize = 100_000;
    const MINUTES: i64 = 40;
    let shop = with_events(1).await;
    let pattern = all_events(&shop).await.remove(0);
    let first = shop.now();
    let mut left = EVENTS - 1;
    for minute in 0..MINUTES {
        let here = if minute + 1 == MINUTES { left } else { EVENTS / 40 };
        left -= here;
        let created = first + jiff::SignedDuration::from_mins(minute);
        for n in 0..here {
            shop.aws.engine().run("PutItem", &json!({"TableName": "Outbox", "Item": waiting(&pattern, created, n)}));
        }
    }
    shop.advance_minutes(MINUTES + 11);
    let mut runs = 0;
    loop {
        let began = tokio::time::Instant::now();
        shop.tick("sweep_outbox").await;
        assert!(began.elapsed() < std::time::Duration::from_secs(50), "the function has a minute");
        let calls = shop.aws.take_calls();
        let most = most_at_once(&calls);
        assert!(most <= 20, "{most} requests at once");
        runs += 1;
        let events = shop.aws.take_published().len();
        if events == 0 {
            break;
        }
        let marked = calls.iter().any(|call| call.operation == "UpdateItem");
        assert!(marked, "a run marks what it has sent");
        shop.advance_minutes(1);
        assert!(runs < 20, "the backlog does not drain");
    }
    let mut sent = 0;
    shop.aws.engine().each_item("Outbox", |item| sent += usize::from(item["status"]["S"] == "SENT"));
    assert_eq!(sent, EVENTS);
    assert!(runs > 2, "more than one run was needed, so that the watermark was");
}

#[tokio::test(start_paused = true)]
async fn consumers_remember_an_event_for_as_long_as_it_can_be_replayed() {
    let shop = Shop::open_keeping(jiff::SignedDuration::from_hours(24 * store::outbox::KEEP_DAYS_MAX));
    let ann = shop.customer("ann");
    let variant = shop.variant(3).await;
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    ann.pay(&order).await.expect(201);
    shop.dispatch_events().await;
    shop.advance_minutes(60 * 2);
    let number = |value: &Value| value["N"].as_str().unwrap().parse::<i64>().unwrap();
    let before = all_events(&shop).await;
    let paid = before.iter().map(|record| text(&record["sk"], "S")).collect::<Vec<_>>();
    for record in &paid {
        let event = domain::id::RecordId::parse(record).unwrap().event(0);
        shop.admin().post(&format!("/admin/outbox/{event}/replay"), &json!({})).await.expect(200);
    }
    shop.tick("sweep_outbox").await;
    let last = all_events(&shop).await.iter().map(|record| number(&record["expires_at"])).max().unwrap();
    let mut remembered = Vec::new();
    for table in ["Counters", "Notifications", "Batches"] {
        shop.aws.engine().each_item(table, |item| {
            let is_consumed = item["pk"]["S"].as_str().unwrap().starts_with("CONSUMED#");
            remembered.extend(is_consumed.then(|| number(&item["expires_at"])));
        });
    }
    assert!(!remembered.is_empty());
    let month = 30 * 24 * 3_600;
    assert!(remembered.iter().all(|until| *until >= last + month - 60), "{remembered:?} {last}");
}

/// The stored records of the outbox.
async fn all_events(shop: &Shop) -> Vec<Value> {
    let mut records = Vec::new();
    shop.aws.engine().each_item("Outbox", |item| records.extend(item.get("events").is_some().then_some(item.clone())));
    records
}

/// A copy of a stored record that waits since a minute.
fn waiting(pattern: &Value, created: domain::Moment, n: usize) -> Value {
    let millis = created.as_millisecond();
    let (bytes, n) = (u128::try_from(millis).unwrap() << 80, u128::try_from(n).unwrap());
    // A UUID v7: the time, the version, the variant, and a number.
    let id = uuid::Uuid::from_u128(bytes | 7 << 76 | 2 << 62 | n << 4);
    let id = domain::id::RecordId::new(id);
    let mut item = pattern.clone();
    item["pk"]["S"] = json!(format!("{}#{}", millis / 60_000, id.spread() % 4));
    item["sk"]["S"] = json!(id.to_string());
    item["created_at"]["N"] = json!(millis.to_string());
    item
}

fn most_at_once(calls: &[tests::fake_aws::Call]) -> usize {
    let mut ends: Vec<(tokio::time::Instant, i64)> =
        calls.iter().flat_map(|call| [(call.began, 1), (call.ended, -1)]).collect();
    ends.sort();
    let mut open = 0_i64;
    let most = ends.iter().map(|(_, step)| {
        open += step;
        open
    });
    usize::try_from(most.max().unwrap_or_default()).unwrap()
}
