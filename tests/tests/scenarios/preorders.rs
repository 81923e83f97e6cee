//! Preorders: windows, offers, reservations and counters.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::fixtures::text;
use tests::preorders::{counts, statuses, terms, with};
use tests::{Caller, Fault, Rule, Shop};

#[tokio::test(start_paused = true)]
async fn a_window_and_its_offers_are_shown_with_what_is_reserved_and_paid() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(4), &json!({"max_total_qty": 10}))).await;
    let created = shop.announced("threshold.created.v1");
    assert_eq!(created.len(), 0, "no event is published before the outbox is relayed");
    shop.reserved(&offered, 3).await;
    shop.dispatch_events().await;
    assert_eq!(shop.announced("threshold.created.v1")[0]["threshold_qty"], 4);
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["reserved_qty"], &offer["paid_qty"]), (&json!(3), &json!(0)));
    assert_eq!((&offer["reserved_percent"], &offer["status"]), (&json!(75), &json!("OPEN")));
    let listed = shop.session(Caller::Nobody).get("/sell-windows?limit=1").await.expect(200);
    assert_eq!(listed["items"][0]["offers"][0]["reserved_qty"], 3);
    shop.session(Caller::Nobody).get("/sell-windows/x").await.refused(404, "sell_window_not_found");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn windows_are_listed_newest_first_page_by_page() {
    let shop = Shop::open();
    let mut made = Vec::new();
    for _ in 0..5 {
        shop.advance(SignedDuration::from_secs(1));
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
async fn an_invalid_window_or_offer_is_refused_with_the_name_of_the_field() {
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
async fn a_preorder_holds_places_but_no_stock_and_releases_them_when_canceled() {
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
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn places_on_several_shards_are_sold_to_the_last_one_and_not_beyond() {
    for seed in 0..3 {
        let shop = Shop::open();
        let offered = shop.offered(&with(terms(1), &json!({"max_total_qty": 30, "capacity_shards": 8}))).await;
        shop.aws.shuffle(seed);
        let customers: Vec<_> = (0..20).map(|n| shop.fresh_environment().customer(&format!("customer-{n}"))).collect();
        let replies = join_all(customers.iter().map(|customer| customer.reserve(&offered, 2))).await;
        let taken = replies.iter().filter(|reply| reply.status == 201).count();
        let full = replies.iter().filter(|reply| reply.word() == "offer_full").count();
        assert_eq!((taken, full), (15, 5), "seed {seed}");
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_preorder_outside_the_window_or_of_another_product_is_refused() {
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
    shop.advance(SignedDuration::from_hours(24 * 7));
    ann.reserve(&offered, 1).await.refused(409, "sell_window_not_open");
}

#[tokio::test(start_paused = true)]
async fn the_rules_of_an_offer_can_change_until_they_have_taken_effect() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(4), &json!({"max_total_qty": 6}))).await;
    shop.reserved(&offered, 3).await;
    shop.dispatch_events().await;
    let put = |more: Value| {
        let (admin, path) = (shop.admin(), offered.path());
        async move { admin.put(&path, &with(terms(4), &more)).await }
    };
    put(json!({"threshold_qty": 2, "max_total_qty": 2})).await.refused(409, "capacity_below_reserved");
    assert_eq!(shop.offer(&offered).await["threshold_qty"], 4, "a refused update stores nothing");
    put(json!({"max_total_qty": 5})).await.expect(200);
    put(json!({})).await.expect(200);
    put(json!({"max_total_qty": 6})).await.expect(200);
    // Lowering the threshold to the reserved quantity creates the batch immediately.
    let reached = put(json!({"threshold_qty": 3, "max_total_qty": 6})).await.expect(200);
    assert_eq!(reached["status"], "REACHED");
    assert_eq!(shop.batch(&offered).await["target_qty"], 3);
    put(json!({"threshold_qty": 2, "max_total_qty": 6})).await.refused(409, "offer_not_configurable");
    put(json!({"threshold_qty": 3, "max_total_qty": 8})).await.expect(200);
    shop.confirm(&offered).await.expect(200);
    put(json!({"threshold_qty": 3, "max_total_qty": 9})).await.refused(409, "offer_not_configurable");
    put(json!({"threshold_qty": 3, "max_total_qty": 8})).await.expect(200);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_threshold_is_reached_once_in_any_order_of_events() {
    for (times, reversed) in [(1, false), (2, false), (1, true), (3, true)] {
        let shop = Shop::open();
        let offered = shop.offered(&terms(3)).await;
        shop.reserved(&offered, 5).await;
        shop.dispatcher.relay(&shop).await;
        shop.dispatcher.route(&shop);
        shop.dispatcher.rearrange("count_reservations", |messages| {
            let all = messages.clone();
            messages.clear();
            for time in 0..times {
                for message in &all {
                    let id = format!("{}-{time}", message.id);
                    messages.push(tests::event_dispatcher::QueueMessage { id, ..message.clone() });
                }
            }
            if reversed {
                messages.reverse();
            }
        });
        shop.dispatch_events().await;
        assert_eq!(shop.announced("batch.threshold_reached.v1").len(), 1, "{times} {reversed}");
        assert_eq!(shop.offer(&offered).await["reserved_qty"], 5);
        assert_eq!(shop.batch(&offered).await["status"], "CREATED");
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn two_concurrent_deliveries_that_cross_the_threshold_create_one_batch() {
    for seed in 0..6 {
        let shop = Shop::open();
        let offered = shop.offered(&terms(2)).await;
        shop.reserved(&offered, 4).await;
        shop.dispatcher.relay(&shop).await;
        shop.dispatcher.route(&shop);
        let messages = shop.dispatcher.waiting("count_reservations");
        shop.dispatcher.rearrange("count_reservations", Vec::clear);
        shop.aws.shuffle(seed);
        let batch = |part: &[tests::event_dispatcher::QueueMessage]| {
            let records: Vec<_> = part.iter().map(|message| (message.id.clone(), message.body.clone())).collect();
            let (shop, event) = (shop.fresh_environment(), tests::events::sqs(&records));
            async move { shop.invoke("count_reservations", &event).await.unwrap() }
        };
        let (one, other) = futures_util::join!(batch(&messages[..2]), batch(&messages[2..]));
        assert_eq!((one["batchItemFailures"].clone(), other["batchItemFailures"].clone()), (json!([]), json!([])));
        shop.run_to_quiescence().await;
        assert_eq!(shop.announced("batch.threshold_reached.v1").len(), 1, "seed {seed}");
        assert_eq!(shop.offer(&offered).await["reserved_qty"], 4);
    }
}

#[tokio::test(start_paused = true)]
async fn cancellations_lower_the_reserved_quantity_only_until_the_threshold_is_reached() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(3)).await;
    let orders = shop.reserved(&offered, 2).await;
    shop.dispatch_events().await;
    orders[0].0.cancel(&orders[0].1).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(shop.offer(&offered).await["reserved_qty"], 1);
    for n in 0..2 {
        shop.customer(&format!("late-{n}")).reserve(&offered, 1).await.expect(201);
    }
    shop.dispatch_events().await;
    assert_eq!(shop.offer(&offered).await["status"], "REACHED");
    orders[1].0.cancel(&orders[1].1).await.expect(200);
    shop.dispatch_events().await;
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["reserved_qty"], &offer["status"]), (&json!(3), &json!("REACHED")));
    assert_eq!(shop.batch(&offered).await["waiting_qty"], 2);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn no_event_has_a_negative_quantity_when_a_cancellation_is_counted_before_its_reservation() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(2)).await;
    let orders = shop.reserved(&offered, 2).await;
    shop.dispatch_events().await;
    let bob = shop.customer("bob");
    let order = text(&bob.reserve(&offered, 1).await.expect(201), "order_id");
    shop.dispatcher.relay(&shop).await;
    shop.dispatcher.route(&shop);
    let reservation = shop.dispatcher.waiting("count_reservations");
    shop.dispatcher.rearrange("count_reservations", Vec::clear);
    for (session, order) in orders.iter().chain([&(bob, order)]) {
        session.cancel(order).await.expect(200);
    }
    shop.dispatch_events().await;
    let batch = shop.batch(&offered).await;
    assert_eq!((&batch["waiting_qty"], &batch["reserved_qty"]), (&json!(0), &json!(2)));
    shop.dispatcher.rearrange("count_reservations", |messages| messages.extend(reservation));
    shop.run_to_quiescence().await;
    let batch = shop.batch(&offered).await;
    assert_eq!((&batch["waiting_qty"], &batch["reserved_qty"]), (&json!(0), &json!(3)));
}

#[tokio::test(start_paused = true)]
async fn an_offer_shows_zero_reserved_when_a_cancellation_is_counted_before_its_reservation() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(4)).await;
    let orders = shop.reserved(&offered, 2).await;
    shop.dispatcher.relay(&shop).await;
    shop.dispatcher.route(&shop);
    let reservations = shop.dispatcher.waiting("count_reservations");
    shop.dispatcher.rearrange("count_reservations", Vec::clear);
    orders[0].0.cancel(&orders[0].1).await.expect(200);
    shop.dispatch_events().await;
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["reserved_qty"], &offer["reserved_percent"]), (&json!(0), &json!(0)));
    shop.dispatcher.rearrange("count_reservations", |messages| messages.extend(reservations));
    shop.run_to_quiescence().await;
    assert_eq!(shop.offer(&offered).await["reserved_qty"], 1);
}

#[tokio::test(start_paused = true)]
async fn a_reservation_count_that_is_killed_or_meets_a_fault_is_applied_once() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter, Fault::AnswerLost, Fault::Throttled, Fault::InProgress] {
        let shop = Shop::open();
        let offered = shop.offered(&terms(2)).await;
        shop.reserved(&offered, 2).await;
        shop.inject(Rule::next("TransactWriteItems", fault.clone()).by("count_reservations"));
        shop.dispatch_events().await;
        shop.aws.assert_faults_hit();
        assert_eq!(shop.offer(&offered).await["reserved_qty"], 2, "{fault:?}");
        assert_eq!(shop.announced("batch.threshold_reached.v1").len(), 1, "{fault:?}");
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_poison_message_does_not_block_counting_and_a_redrive_days_later_is_safe() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(2)).await;
    shop.reserved(&offered, 1).await;
    for consumer in ["count_reservations", "request_payments", "abandon_batch"] {
        shop.dispatcher.push(consumer, "not json".to_owned());
    }
    shop.dispatch_events().await;
    assert_eq!(shop.offer(&offered).await["reserved_qty"], 1);
    assert_eq!(shop.dispatcher.dead_letters().len(), 3);
    shop.dispatcher.rearrange("count_reservations", Vec::clear);
    // An event that could not be counted is counted when it is redelivered.
    shop.customer("bob").reserve(&offered, 1).await.expect(201);
    shop.inject(Rule::every("GetItem", Fault::Broken).by("count_reservations"));
    shop.dispatch_events().await;
    assert_eq!(shop.offer(&offered).await["reserved_qty"], 1);
    shop.aws.clear_faults();
    shop.advance(SignedDuration::from_hours(24 * 3));
    shop.dispatcher.redrive();
    shop.dispatch_events().await;
    assert_eq!(shop.offer(&offered).await["status"], "REACHED");
    assert_eq!(shop.differences().await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn an_offer_below_its_threshold_becomes_missed_when_its_window_ends() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(3), &json!({"max_total_qty": 4}))).await;
    let orders = shop.reserved(&offered, 2).await;
    shop.dispatch_events().await;
    shop.advance(SignedDuration::from_hours(24 * 7) - SignedDuration::from_secs(1));
    shop.tick("close_sell_windows").await;
    assert_eq!(shop.offer(&offered).await["status"], "OPEN");
    shop.advance(SignedDuration::from_secs(1));
    shop.tick("close_sell_windows").await;
    shop.tick("close_sell_windows").await;
    shop.dispatch_events().await;
    assert_eq!(shop.offer(&offered).await["status"], "MISSED");
    assert_eq!(shop.announced("offer.missed.v1").len(), 1);
    assert_eq!(statuses(&shop, &orders).await, counts([("CANCELED", 2)]));
    shop.customer("late").reserve(&offered, 1).await.refused(409, "sell_window_not_open");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_offer_with_uncounted_reservations_is_not_missed_yet() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(2)).await;
    shop.reserved(&offered, 2).await;
    shop.advance(SignedDuration::from_hours(24 * 7));
    shop.tick("close_sell_windows").await;
    shop.dispatch_events().await;
    assert_eq!(shop.offer(&offered).await["status"], "REACHED");
    shop.tick("close_sell_windows").await;
    assert_eq!(shop.announced("offer.missed.v1").len(), 0);
    shop.confirm(&offered).await.expect(200);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_missed_offer_is_extended_once_and_accepts_orders_again() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(3), &json!({"when_missed": "EXTEND", "extend_days": 2}))).await;
    let mut orders = shop.reserved(&offered, 1).await;
    shop.dispatch_events().await;
    shop.advance(SignedDuration::from_hours(24 * 7));
    shop.customer("early").reserve(&offered, 1).await.refused(409, "sell_window_not_open");
    shop.tick("close_sell_windows").await;
    shop.tick("close_sell_windows").await;
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["status"], &offer["extended"]), (&json!("OPEN"), &json!(true)));
    assert_eq!(offer["closes_at"], (shop.now() + SignedDuration::from_hours(48)).to_string());
    let again = shop.customer("again");
    let order = again.reserve(&offered, 1).await.expect(201);
    orders.push((again, text(&order, "order_id")));
    shop.advance(SignedDuration::from_hours(48));
    shop.tick("close_sell_windows").await;
    shop.dispatch_events().await;
    assert_eq!(shop.offer(&offered).await["status"], "MISSED");
    assert_eq!(statuses(&shop, &orders).await, counts([("CANCELED", 2)]));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn two_admins_who_create_the_same_offer_at_once_are_both_told_what_is_stored() {
    for seed in 0..4 {
        let shop = Shop::open();
        let (window, product) = (shop.window().await, shop.product("coat").await);
        let target = format!("/admin/sell-windows/{window}/offers/{product}");
        shop.aws.shuffle(seed);
        let environments = [shop.fresh_environment(), shop.fresh_environment()];
        let put = async |environment: &Shop, lead_days: i64| {
            let wanted = with(terms(2), &json!({"lead_days": lead_days, "max_total_qty": 10}));
            environment.admin().put(&target, &wanted).await.expect(200)
        };
        let (one, other) = futures_util::join!(put(&environments[0], 3), put(&environments[1], 4));
        let seen = shop.customer("anyone").get(&format!("/sell-windows/{window}")).await.expect(200);
        let stored = &seen["offers"][0]["lead_days"];
        assert!([&one["lead_days"], &other["lead_days"]].contains(&stored), "seed {seed}");
        // The second to write changes what the first has stored; it does not take the first one's write for its own.
        let offer = domain::id::OfferId {
            window: domain::id::SellWindowId::parse(&window).unwrap(),
            product: domain::id::ProductId::parse(&product).unwrap(),
        };
        assert_eq!(shop.app.store.load_offer(offer).await.unwrap().version, 2, "seed {seed}");
        shop.run_to_quiescence().await;
    }
}
