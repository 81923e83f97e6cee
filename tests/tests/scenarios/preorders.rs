//! Preorders: windows and offers, reserving, counting.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::goods::text;
use tests::preorders::{counts, statuses, terms, with};
use tests::{Caller, Fault, Rule, Shop};

#[tokio::test(start_paused = true)]
async fn a_window_and_its_offers_are_shown_with_what_is_reserved_and_paid() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(4), &json!({"max_total_qty": 10}))).await;
    let created = shop.announced("threshold.created.v1");
    assert_eq!(created.len(), 0, "nothing is on the bus before the outbox is relayed");
    shop.reserved(&offered, 3).await;
    shop.pump().await;
    assert_eq!(shop.announced("threshold.created.v1")[0]["threshold_qty"], 4);
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["reserved_qty"], &offer["paid_qty"]), (&json!(3), &json!(0)));
    assert_eq!((&offer["reserved_percent"], &offer["status"]), (&json!(75), &json!("OPEN")));
    let listed = shop.session(Caller::Nobody).get("/sell-windows?limit=1").await.expect(200);
    assert_eq!(listed["items"][0]["offers"][0]["reserved_qty"], 3);
    shop.session(Caller::Nobody).get("/sell-windows/x").await.refused(404, "sell_window_not_found");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn windows_are_listed_newest_first_page_by_page() {
    let shop = Shop::open();
    let mut made = Vec::new();
    for _ in 0..5 {
        shop.pass(SignedDuration::from_secs(1));
        made.push(shop.window().await);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shop.customer("ann").get(&format!("/sell-windows?limit=2{cursor}")).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| text(item, "sell_window_id")));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    made.reverse();
    assert_eq!(seen, made);
}

#[tokio::test(start_paused = true)]
async fn a_window_or_offer_that_cannot_be_is_refused_with_the_field() {
    let shop = Shop::open();
    let window = json!({
        "name": "x", "start_at": "2026-12-01T00:00:00Z", "end_at": "2026-11-01T00:00:00Z", "timezone": "Moon/Base"
    });
    let refused = shop.admin().post("/admin/sell-windows", &window).await;
    refused.refused(422, "invalid_request");
    let fields: Vec<_> = refused.body["errors"].as_array().unwrap().iter().map(|error| text(error, "field")).collect();
    assert_eq!(fields, ["timezone", "end_at"]);

    let offered = shop.offered(&terms(4)).await;
    for (field, wrong) in [
        ("threshold_qty", json!({"threshold_qty": 0})),
        ("threshold_qty", json!({"threshold_qty": 11, "max_total_qty": 10})),
        ("extend_days", json!({"extend_days": 3})),
        ("extend_days", json!({"when_missed": "EXTEND", "extend_days": 91})),
        ("when_missed", json!({"when_missed": "SHRUG"})),
        ("underpaid_min_percent", json!({"when_underpaid": "PROCEED_IF_AT_LEAST"})),
        ("underpaid_min_percent", json!({"underpaid_min_percent": 50})),
        ("payment_window_hours", json!({"payment_window_hours": 721})),
        ("production_steps", json!({"production_steps": []})),
        ("capacity_shards", json!({"capacity_shards": 65})),
        ("capacity_shards", json!({"capacity_shards": 2})),
    ] {
        let refused = shop.admin().put(&offered.path(), &with(terms(4), &wrong)).await;
        refused.refused(422, "invalid_request");
        assert_eq!(refused.body["errors"][0]["field"], field, "{wrong}");
    }
    let nowhere = format!("/admin/sell-windows/{}/offers/{}", offered.product, offered.product);
    shop.admin().put(&nowhere, &terms(4)).await.refused(404, "sell_window_not_found");
    let nothing = format!("/admin/sell-windows/{}/offers/{}", offered.window, offered.window);
    shop.admin().put(&nothing, &terms(4)).await.refused(404, "product_not_found");
}

#[tokio::test(start_paused = true)]
async fn a_preorder_takes_places_and_no_stock_and_gives_them_back_when_canceled() {
    let shop = Shop::open();
    let limits = json!({"max_total_qty": 5, "per_customer_max": 3});
    let offered = shop.offered(&with(terms(2), &limits)).await;
    let ann = shop.customer("ann");
    let order = ann.reserve(&offered, 3).await.expect(201);
    assert_eq!((&order["kind"], &order["status"]), (&json!("PREORDER"), &json!("RESERVED")));
    assert_eq!(order["sell_window_id"], offered.window.as_str());
    assert!(order.get("hold_expires_at").is_none());
    ann.reserve(&offered, 1).await.refused(409, "per_customer_limit");
    shop.customer("bob").reserve(&offered, 3).await.refused(409, "offer_full");
    shop.customer("bob").reserve(&offered, 2).await.expect(201);
    ann.cancel(&text(&order, "order_id")).await.expect(200);
    ann.reserve(&offered, 3).await.expect(201);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn places_over_several_shards_are_taken_to_the_last_one_and_not_beyond() {
    for seed in 0..3 {
        let shop = Shop::open();
        let offered = shop.offered(&with(terms(1), &json!({"max_total_qty": 30, "capacity_shards": 8}))).await;
        shop.wire.shuffle(seed);
        let customers: Vec<_> = (0..20).map(|n| shop.elsewhere().customer(&format!("customer-{n}"))).collect();
        let replies = join_all(customers.iter().map(|customer| customer.reserve(&offered, 2))).await;
        let taken = replies.iter().filter(|reply| reply.status == 201).count();
        let full = replies.iter().filter(|reply| reply.word() == "offer_full").count();
        assert_eq!((taken, full), (15, 5), "seed {seed}");
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_preorder_outside_the_window_or_of_something_else_is_refused() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(2)).await;
    let ann = shop.customer("ann");
    let other = shop.variant(5).await;
    let mut elsewhere = offered.cart(1);
    elsewhere["lines"][0]["variant_id"] = json!(other);
    ann.post("/orders", &elsewhere).await.refused(409, "product_not_on_sale");
    elsewhere["lines"] = json!([
        {"variant_id": other, "quantity": 1}, {"variant_id": offered.variant, "quantity": 1}
    ]);
    ann.post("/orders", &elsewhere).await.refused(422, "invalid_request");
    let mut nowhere = offered.cart(1);
    nowhere["sell_window_id"] = json!(offered.product);
    ann.post("/orders", &nowhere).await.refused(404, "sell_window_not_found");
    shop.admin().put(&offered.path(), &with(terms(2), &json!({"enabled": false}))).await.expect(200);
    ann.reserve(&offered, 1).await.refused(409, "product_not_on_sale");
    shop.admin().put(&offered.path(), &terms(2)).await.expect(200);
    shop.pass(SignedDuration::from_hours(24 * 7));
    ann.reserve(&offered, 1).await.refused(409, "sell_window_not_open");
}

#[tokio::test(start_paused = true)]
async fn the_offers_rules_change_until_they_have_had_their_effect() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(4), &json!({"max_total_qty": 6}))).await;
    shop.reserved(&offered, 3).await;
    shop.pump().await;
    let put = |more: Value| {
        let (admin, path) = (shop.admin(), offered.path());
        async move { admin.put(&path, &with(terms(4), &more)).await }
    };
    put(json!({"threshold_qty": 2, "max_total_qty": 2})).await.refused(409, "capacity_below_reserved");
    assert_eq!(shop.offer(&offered).await["threshold_qty"], 4, "nothing of a refused change is kept");
    put(json!({"max_total_qty": 5})).await.expect(200);
    put(json!({})).await.expect(200);
    put(json!({"max_total_qty": 6})).await.expect(200);
    // A lowered threshold that meets what is reserved makes the batch at once.
    let reached = put(json!({"threshold_qty": 3, "max_total_qty": 6})).await.expect(200);
    assert_eq!(reached["status"], "REACHED");
    assert_eq!(shop.batch(&offered).await["target_qty"], 3);
    put(json!({"threshold_qty": 2, "max_total_qty": 6})).await.refused(409, "offer_not_configurable");
    put(json!({"threshold_qty": 3, "max_total_qty": 8})).await.expect(200);
    shop.confirm(&offered).await.expect(200);
    put(json!({"threshold_qty": 3, "max_total_qty": 9})).await.refused(409, "offer_not_configurable");
    put(json!({"threshold_qty": 3, "max_total_qty": 8})).await.expect(200);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn the_threshold_is_reached_once_however_the_events_come() {
    for (times, reversed) in [(1, false), (2, false), (1, true), (3, true)] {
        let shop = Shop::open();
        let offered = shop.offered(&terms(3)).await;
        shop.reserved(&offered, 5).await;
        shop.pump.relay(&shop).await;
        shop.pump.route(&shop);
        shop.pump.rearrange("count_reservations", |messages| {
            let all = messages.clone();
            messages.clear();
            for time in 0..times {
                for message in &all {
                    let id = format!("{}-{time}", message.id);
                    messages.push(tests::pump::QueueMessage { id, ..message.clone() });
                }
            }
            if reversed {
                messages.reverse();
            }
        });
        shop.pump().await;
        assert_eq!(shop.announced("batch.threshold_reached.v1").len(), 1, "{times} {reversed}");
        assert_eq!(shop.offer(&offered).await["reserved_qty"], 5);
        assert_eq!(shop.batch(&offered).await["status"], "CREATED");
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_threshold_crossed_by_two_deliveries_at_once_makes_one_batch() {
    for seed in 0..6 {
        let shop = Shop::open();
        let offered = shop.offered(&terms(2)).await;
        shop.reserved(&offered, 4).await;
        shop.pump.relay(&shop).await;
        shop.pump.route(&shop);
        let messages = shop.pump.waiting("count_reservations");
        shop.pump.rearrange("count_reservations", Vec::clear);
        shop.wire.shuffle(seed);
        let batch = |part: &[tests::pump::QueueMessage]| {
            let records: Vec<_> = part.iter().map(|message| (message.id.clone(), message.body.clone())).collect();
            let (shop, event) = (shop.elsewhere(), tests::events::sqs(&records));
            async move { shop.invoke("count_reservations", &event).await.unwrap() }
        };
        let (one, other) = futures_util::join!(batch(&messages[..2]), batch(&messages[2..]));
        assert_eq!((one["batchItemFailures"].clone(), other["batchItemFailures"].clone()), (json!([]), json!([])));
        shop.settle().await;
        assert_eq!(shop.announced("batch.threshold_reached.v1").len(), 1, "seed {seed}");
        assert_eq!(shop.offer(&offered).await["reserved_qty"], 4);
    }
}

#[tokio::test(start_paused = true)]
async fn cancels_lower_what_is_reserved_until_the_threshold_is_reached_and_not_afterwards() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(3)).await;
    let orders = shop.reserved(&offered, 2).await;
    shop.pump().await;
    orders[0].0.cancel(&orders[0].1).await.expect(200);
    shop.pump().await;
    assert_eq!(shop.offer(&offered).await["reserved_qty"], 1);
    for n in 0..2 {
        shop.customer(&format!("late-{n}")).reserve(&offered, 1).await.expect(201);
    }
    shop.pump().await;
    assert_eq!(shop.offer(&offered).await["status"], "REACHED");
    orders[1].0.cancel(&orders[1].1).await.expect(200);
    shop.pump().await;
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["reserved_qty"], &offer["status"]), (&json!(3), &json!("REACHED")));
    assert_eq!(shop.batch(&offered).await["waiting_qty"], 2);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn nobody_is_told_of_fewer_than_none_when_a_cancellation_is_counted_before_its_reservation() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(2)).await;
    let orders = shop.reserved(&offered, 2).await;
    shop.pump().await;
    let bob = shop.customer("bob");
    let order = text(&bob.reserve(&offered, 1).await.expect(201), "order_id");
    shop.pump.relay(&shop).await;
    shop.pump.route(&shop);
    let reservation = shop.pump.waiting("count_reservations");
    shop.pump.rearrange("count_reservations", Vec::clear);
    for (session, order) in orders.iter().chain([&(bob, order)]) {
        session.cancel(order).await.expect(200);
    }
    shop.pump().await;
    let batch = shop.batch(&offered).await;
    assert_eq!((&batch["waiting_qty"], &batch["reserved_qty"]), (&json!(0), &json!(2)));
    shop.pump.rearrange("count_reservations", |messages| messages.extend(reservation));
    shop.settle().await;
    let batch = shop.batch(&offered).await;
    assert_eq!((&batch["waiting_qty"], &batch["reserved_qty"]), (&json!(0), &json!(3)));
}

#[tokio::test(start_paused = true)]
async fn an_offer_shows_none_reserved_when_a_cancellation_is_counted_before_its_reservation() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(4)).await;
    let orders = shop.reserved(&offered, 2).await;
    shop.pump.relay(&shop).await;
    shop.pump.route(&shop);
    let reservations = shop.pump.waiting("count_reservations");
    shop.pump.rearrange("count_reservations", Vec::clear);
    orders[0].0.cancel(&orders[0].1).await.expect(200);
    shop.pump().await;
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["reserved_qty"], &offer["reserved_percent"]), (&json!(0), &json!(0)));
    shop.pump.rearrange("count_reservations", |messages| messages.extend(reservations));
    shop.settle().await;
    assert_eq!(shop.offer(&offered).await["reserved_qty"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_count_that_is_killed_or_meets_a_fault_is_made_once() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter, Fault::AnswerLost, Fault::Throttled, Fault::InProgress] {
        let shop = Shop::open();
        let offered = shop.offered(&terms(2)).await;
        shop.reserved(&offered, 2).await;
        shop.inject(Rule::next("TransactWriteItems", fault.clone()).by("count_reservations"));
        shop.pump().await;
        shop.wire.assert_struck();
        assert_eq!(shop.offer(&offered).await["reserved_qty"], 2, "{fault:?}");
        assert_eq!(shop.announced("batch.threshold_reached.v1").len(), 1, "{fault:?}");
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_poison_message_does_not_stop_the_counting_and_a_redrive_days_later_is_safe() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(2)).await;
    shop.reserved(&offered, 1).await;
    for consumer in ["count_reservations", "request_payments", "abandon_batch"] {
        shop.pump.push(consumer, "not json".to_owned());
    }
    shop.pump().await;
    assert_eq!(shop.offer(&offered).await["reserved_qty"], 1);
    assert_eq!(shop.pump.dead_letters().len(), 3);
    shop.pump.rearrange("count_reservations", Vec::clear);
    // An event that could not be counted for a while is counted when it comes again.
    shop.customer("bob").reserve(&offered, 1).await.expect(201);
    shop.inject(Rule::every("GetItem", Fault::Broken).by("count_reservations"));
    shop.pump().await;
    assert_eq!(shop.offer(&offered).await["reserved_qty"], 1);
    shop.wire.heal();
    shop.pass(SignedDuration::from_hours(24 * 3));
    shop.pump.redrive();
    shop.pump().await;
    assert_eq!(shop.offer(&offered).await["status"], "REACHED");
    assert_eq!(shop.differences().await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn an_offer_below_its_threshold_is_missed_when_its_window_ends() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(3), &json!({"max_total_qty": 4}))).await;
    let orders = shop.reserved(&offered, 2).await;
    shop.pump().await;
    shop.pass(SignedDuration::from_hours(24 * 7) - SignedDuration::from_secs(1));
    shop.tick("close_sell_windows").await;
    assert_eq!(shop.offer(&offered).await["status"], "OPEN");
    shop.pass(SignedDuration::from_secs(1));
    shop.tick("close_sell_windows").await;
    shop.tick("close_sell_windows").await;
    shop.pump().await;
    assert_eq!(shop.offer(&offered).await["status"], "MISSED");
    assert_eq!(shop.announced("offer.missed.v1").len(), 1);
    assert_eq!(statuses(&shop, &orders).await, counts([("CANCELED", 2)]));
    shop.customer("late").reserve(&offered, 1).await.refused(409, "sell_window_not_open");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn reservations_that_are_not_counted_yet_keep_an_offer_from_being_missed() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(2)).await;
    shop.reserved(&offered, 2).await;
    shop.pass(SignedDuration::from_hours(24 * 7));
    shop.tick("close_sell_windows").await;
    shop.pump().await;
    assert_eq!(shop.offer(&offered).await["status"], "REACHED");
    shop.tick("close_sell_windows").await;
    assert_eq!(shop.announced("offer.missed.v1").len(), 0);
    shop.confirm(&offered).await.expect(200);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_missed_offer_is_extended_once_and_takes_orders_again() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(3), &json!({"when_missed": "EXTEND", "extend_days": 2}))).await;
    let mut orders = shop.reserved(&offered, 1).await;
    shop.pump().await;
    shop.pass(SignedDuration::from_hours(24 * 7));
    shop.customer("early").reserve(&offered, 1).await.refused(409, "sell_window_not_open");
    shop.tick("close_sell_windows").await;
    shop.tick("close_sell_windows").await;
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["status"], &offer["extended"]), (&json!("OPEN"), &json!(true)));
    assert_eq!(offer["closes_at"], (shop.now() + SignedDuration::from_hours(48)).to_string());
    let again = shop.customer("again");
    let order = again.reserve(&offered, 1).await.expect(201);
    orders.push((again, text(&order, "order_id")));
    shop.pass(SignedDuration::from_hours(48));
    shop.tick("close_sell_windows").await;
    shop.pump().await;
    assert_eq!(shop.offer(&offered).await["status"], "MISSED");
    assert_eq!(statuses(&shop, &orders).await, counts([("CANCELED", 2)]));
    shop.settle().await;
}
