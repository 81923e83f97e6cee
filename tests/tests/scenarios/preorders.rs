//! Preorders: windows and offers, reserving, counting, deciding, asking to pay, closing.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::goods::text;
use tests::preorders::{Offered, terms};
use tests::{Caller, Fault, Rule, Shop};

fn with(mut terms: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        terms[name] = value.clone();
    }
    terms
}

async fn statuses(shop: &Shop, orders: &[(tests::shop::Session, String)]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (customer, order) in orders {
        let customer = shop.session(customer.caller.clone());
        *counts.entry(customer.status(order).await).or_default() += 1;
    }
    counts
}

fn counts<const N: usize>(counts: [(&str, usize); N]) -> BTreeMap<String, usize> {
    counts.into_iter().map(|(status, count)| (status.to_owned(), count)).collect()
}

/// A batch of so many orders, confirmed, everyone asked.
async fn asked(shop: &Shop, offered: &Offered, customers: usize) -> Vec<(tests::shop::Session, String)> {
    let orders = shop.reserved(offered, customers).await;
    shop.pump().await;
    shop.confirm(offered).await.expect(200);
    shop.pump().await;
    orders
}

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
async fn a_batch_is_confirmed_once_and_everyone_is_asked_to_pay_once() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(3), &json!({"payment_window_hours": 48}))).await;
    let orders = shop.reserved(&offered, 3).await;
    shop.admin().get(&format!("/admin/batches/{}", offered.batch())).await.refused(404, "batch_not_found");
    shop.pump().await;
    let (one, other) = futures_util::join!(shop.confirm(&offered), shop.confirm(&offered));
    assert_eq!((one.status, other.status), (200, 200), "{} {}", one.text, other.text);
    shop.confirm(&offered).await.expect(200);
    shop.pump().await;
    assert_eq!(shop.announced("batch.confirmed.v1").len(), 1);
    assert_eq!(shop.announced("payment.requested.v1").len(), 3);
    assert_eq!(statuses(&shop, &orders).await, counts([("PENDING_PAYMENT", 3)]));
    let order = orders[0].0.get(&format!("/orders/{}", orders[0].1)).await.expect(200);
    assert_eq!(order["pay_before"], (shop.now() + SignedDuration::from_hours(48)).to_string());
    shop.customer("late").reserve(&offered, 1).await.refused(409, "sell_window_not_open");
    let batch = shop.batch(&offered).await;
    assert_eq!((&batch["status"], &batch["offer_status"]), (&json!("CONFIRMED"), &json!("LOCKED")));
    assert_eq!(batch["schedule"]["planned_production_date"], "2026-11-24");
    assert_eq!(batch["schedule"]["planned_ship_date"], "2026-12-01");
    assert_eq!(batch["progress"], json!([{"work": "REQUEST_PAYMENTS", "orders_count": 3, "is_done": true}]));
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn batches_are_listed_by_status_and_their_dates_can_be_moved() {
    let shop = Shop::open();
    let mut batches = Vec::new();
    for _ in 0..3 {
        let offered = shop.offered(&terms(1)).await;
        shop.customer("ann").reserve(&offered, 1).await.expect(201);
        shop.pump().await;
        shop.pass(SignedDuration::from_secs(1));
        batches.push(offered);
    }
    shop.confirm(&batches[1]).await.expect(200);
    let listed = shop.admin().get("/admin/batches?status=CREATED&limit=1").await.expect(200);
    assert_eq!(listed["items"][0]["batch_id"], batches[2].batch());
    let next = format!("/admin/batches?status=CREATED&limit=1&cursor={}", text(&listed, "next_cursor"));
    let listed = shop.admin().get(&next).await.expect(200);
    assert_eq!((&listed["items"][0]["batch_id"], listed.get("next_cursor")), (&json!(batches[0].batch()), None));
    shop.admin().get("/admin/batches?status=DONE").await.refused(422, "invalid_request");

    let path = format!("/admin/batches/{}/schedule", batches[1].batch());
    let moved =
        shop.admin().put(&path, &json!({"planned_ship_date": "2027-02-01", "notes": "by sea"})).await.expect(200);
    assert_eq!(moved["schedule"]["planned_ship_date"], "2027-02-01");
    assert_eq!(moved["schedule"]["planned_production_date"], "2026-11-24");
    shop.admin().put(&path, &json!({"planned_ship_date": "2026-11-01"})).await.refused(422, "invalid_request");
    shop.admin().put(&path, &json!({"planned_ship_date": "2027-02-30"})).await.refused(422, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_counted_after_its_batch_was_confirmed_is_asked_to_pay_too() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(2)).await;
    let mut orders = shop.reserved(&offered, 2).await;
    shop.pump().await;
    let late = shop.customer("late");
    let order = late.reserve(&offered, 1).await.expect(201);
    orders.push((late, text(&order, "order_id")));
    shop.confirm(&offered).await.expect(200);
    // Its event was on the way all the time: first the batch is worked through, then it arrives.
    shop.pump.relay(&shop).await;
    shop.pump.route(&shop);
    let delayed = shop.pump.waiting("count_reservations");
    shop.pump.rearrange("count_reservations", Vec::clear);
    shop.pump().await;
    assert_eq!(statuses(&shop, &orders).await, counts([("PENDING_PAYMENT", 2), ("RESERVED", 1)]));
    shop.pump.rearrange("count_reservations", |messages| messages.extend(delayed));
    shop.pump().await;
    assert_eq!(statuses(&shop, &orders).await, counts([("PENDING_PAYMENT", 3)]));
    assert_eq!(shop.announced("payment.requested.v1").len(), 3);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_cannot_be_asked_keeps_nobody_else_and_is_asked_when_it_can_be() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(3)).await;
    let orders = shop.reserved(&offered, 3).await;
    shop.pump().await;
    // One customer's transaction fails however often it is tried.
    shop.inject(Rule::next("TransactWriteItems", Fault::Broken).by("request_payments").on("Orders"));
    shop.confirm(&offered).await.expect(200);
    shop.pump().await;
    shop.wire.assert_struck();
    assert_eq!(statuses(&shop, &orders).await, counts([("PENDING_PAYMENT", 3)]));
    assert_eq!(shop.announced("payment.requested.v1").len(), 3);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_payment_request_that_is_killed_anywhere_goes_on_and_asks_nobody_twice() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter] {
        for nth in 0..12 {
            let shop = Shop::open();
            let offered = shop.offered(&terms(3)).await;
            let orders = shop.reserved(&offered, 5).await;
            shop.pump().await;
            shop.confirm(&offered).await.expect(200);
            shop.inject(Rule::next("TransactWriteItems", fault.clone()).by("request_payments").after(nth));
            shop.pump().await;
            shop.wire.assert_struck();
            assert_eq!(statuses(&shop, &orders).await, counts([("PENDING_PAYMENT", 5)]), "{fault:?} {nth}");
            assert_eq!(shop.announced("payment.requested.v1").len(), 5, "{fault:?} {nth}");
            shop.settle().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_offer_is_finalized_with_what_was_paid_once_everyone_has_paid_or_run_out_of_time() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(3), &json!({"payment_window_hours": 1, "max_total_qty": 5}))).await;
    let coupon = shop.coupon(5, 1).await;
    let with_coupon = shop.customer("carla");
    with_coupon.take(&coupon).await.expect(201);
    let mut cart = offered.cart(1);
    cart["coupon_id"] = json!(coupon);
    let held = text(&with_coupon.post("/orders", &cart).await.expect(201), "order_id");
    let orders = asked(&shop, &offered, 4).await;
    for (customer, order) in &orders[..3] {
        customer.charge(1_000_000).await.expect(200);
        customer.pay(order).await.expect(201);
    }
    shop.pump().await;
    assert_eq!(shop.offer(&offered).await["paid_qty"], 3);
    shop.tick("finalize_batches").await;
    assert_eq!(shop.offer(&offered).await["status"], "LOCKED", "the window is still open");
    shop.pass_minutes(60);
    shop.tick("finalize_batches").await;
    assert_eq!(shop.offer(&offered).await["status"], "LOCKED", "two orders have not ended yet");
    shop.tick("expire_orders").await;
    shop.pump().await;
    shop.tick("finalize_batches").await;
    shop.tick("finalize_batches").await;
    shop.pump().await;
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["status"], &offer["paid_qty"]), (&json!("FINALIZED"), &json!(3)));
    assert_eq!(statuses(&shop, &orders).await, counts([("EXPIRED", 1), ("PAID", 3)]));
    assert_eq!(
        (with_coupon.status(&held).await.as_str(), with_coupon.coupon_status(&coupon).await.as_str()),
        ("EXPIRED", "ISSUED")
    );
    let finalized = shop.announced("batch.finalized.v1");
    assert_eq!((finalized.len(), &finalized[0]["proceeds"], &finalized[0]["paid_qty"]), (1, &json!(true), &json!(3)));
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_payment_in_the_same_moment_as_the_deadline_pays_or_expires_and_never_both() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(1), &json!({"payment_window_hours": 1}))).await;
    let orders = asked(&shop, &offered, 1).await;
    let (ann, order) = &orders[0];
    ann.charge(1_000_000).await.expect(200);
    shop.pass(SignedDuration::from_mins(60) - SignedDuration::from_millis(1));
    for seed in 0..4 {
        shop.wire.shuffle(seed);
    }
    let deadline = shop.now() + SignedDuration::from_millis(1);
    let payer = shop.elsewhere().session(ann.caller.clone());
    let (paid, swept) = futures_util::join!(payer.pay(order), shop.tick_at("expire_orders", deadline));
    swept.unwrap();
    let status = ann.status(order).await;
    assert_eq!(status == "PAID", paid.status == 201, "{status} {}", paid.text);
    assert!(status == "PAID" || (status == "EXPIRED" && paid.word() == "order_not_payable"), "{status} {}", paid.text);
    shop.pass(SignedDuration::from_millis(1));
    payer.pay(order).await.refused(409, "order_not_payable");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_fails_keeps_the_place_and_may_be_tried_again() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    let orders = asked(&shop, &offered, 1).await;
    let (ann, order) = &orders[0];
    ann.pay(order).await.refused(409, "insufficient_points");
    assert_eq!(ann.status(order).await, "PENDING_PAYMENT");
    ann.charge(1_000_000).await.expect(200);
    ann.pay(order).await.expect(201);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn too_little_paid_ends_by_the_offers_rule() {
    for (rule, paid, proceeds) in [
        (json!({"when_underpaid": "PROCEED"}), 1, true),
        (json!({"when_underpaid": "PROCEED"}), 0, false),
        (json!({"when_underpaid": "PROCEED_IF_AT_LEAST", "underpaid_min_percent": 50}), 2, true),
        (json!({"when_underpaid": "PROCEED_IF_AT_LEAST", "underpaid_min_percent": 51}), 2, false),
        (json!({"when_underpaid": "CANCEL_AND_REFUND"}), 3, false),
    ] {
        let shop = Shop::open();
        let offered = shop.offered(&with(with(terms(4), &rule), &json!({"payment_window_hours": 1}))).await;
        let orders = asked(&shop, &offered, 4).await;
        for (customer, order) in &orders[..paid] {
            customer.charge(1_000_000).await.expect(200);
            customer.pay(order).await.expect(201);
        }
        shop.pass_minutes(61);
        shop.tick("expire_orders").await;
        shop.pump().await;
        shop.tick("finalize_batches").await;
        shop.pump().await;
        let batch = shop.batch(&offered).await;
        assert_eq!(batch["status"], if proceeds { "CONFIRMED" } else { "CANCELLED" }, "{rule} {paid}");
        assert_eq!((&batch["offer_status"], &batch["paid_qty"]), (&json!("FINALIZED"), &json!(paid)));
        let expected = if proceeds { "PAID" } else { "REFUNDED" };
        for (customer, order) in &orders[..paid] {
            assert_eq!(customer.status(order).await, expected, "{rule} {paid}");
            let balance = if proceeds { 1_000_000 - tests::goods::PRICE } else { 1_000_000 };
            assert_eq!(customer.balance().await, balance, "{rule} {paid}");
        }
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_canceled_batch_gives_everything_back_to_everyone() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(2), &json!({"max_total_qty": 4}))).await;
    let orders = asked(&shop, &offered, 3).await;
    orders[0].0.charge(1_000_000).await.expect(200);
    orders[0].0.pay(&orders[0].1).await.expect(201);
    let path = format!("/admin/batches/{}/cancel", offered.batch());
    shop.admin().post(&path, &json!({})).await.refused(422, "invalid_request");
    shop.admin().post(&path, &json!({"reason": "no wool"})).await.expect(200);
    shop.pump().await;
    assert_eq!(statuses(&shop, &orders).await, counts([("CANCELED", 2), ("REFUNDED", 1)]));
    let order = orders[1].0.get(&format!("/orders/{}", orders[1].1)).await.expect(200);
    assert_eq!(order["history"].as_array().unwrap().last().unwrap()["reason"], "no wool");
    assert_eq!(orders[0].0.balance().await, 1_000_000);
    shop.admin().post(&path, &json!({"reason": "no wool"})).await.refused(409, "batch_not_cancelable");
    shop.confirm(&offered).await.refused(409, "batch_not_confirmable");
    assert_eq!(shop.offer(&offered).await["status"], "MISSED");
    shop.settle().await;
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

#[tokio::test(start_paused = true)]
async fn giving_up_that_is_killed_anywhere_goes_on_and_gives_back_once() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter] {
        for nth in [0, 1, 4, 9, 11] {
            let shop = Shop::open();
            let offered = shop.offered(&with(terms(9), &json!({"max_total_qty": 9}))).await;
            let orders = shop.reserved(&offered, 4).await;
            shop.pump().await;
            shop.pass(SignedDuration::from_hours(24 * 7));
            shop.tick("close_sell_windows").await;
            shop.inject(Rule::next("TransactWriteItems", fault.clone()).by("abandon_batch").after(nth));
            shop.pump().await;
            shop.wire.assert_struck();
            assert_eq!(statuses(&shop, &orders).await, counts([("CANCELED", 4)]), "{fault:?} {nth}");
            shop.settle().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn orders_race_for_the_last_place_while_the_batch_is_confirmed_and_none_is_forgotten() {
    for seed in 0..6 {
        let shop = Shop::open();
        let offered = shop.offered(&with(terms(2), &json!({"max_total_qty": 20, "capacity_shards": 2}))).await;
        let mut orders = shop.reserved(&offered, 2).await;
        shop.pump().await;
        shop.wire.shuffle(seed);
        let racers: Vec<_> = (0..6).map(|n| shop.elsewhere().customer(&format!("racer-{n}"))).collect();
        let reserve = join_all(racers.iter().map(|racer| racer.reserve(&offered, 1)));
        let (replies, confirmed) = futures_util::join!(reserve, shop.confirm(&offered));
        assert!(confirmed.status == 200 || confirmed.word() == "busy", "{}", confirmed.text);
        for (racer, reply) in racers.into_iter().zip(replies) {
            match reply.word().as_str() {
                "201" => orders.push((racer, text(&reply.body, "order_id"))),
                other => assert!(["sell_window_not_open", "busy"].contains(&other), "seed {seed}: {}", reply.text),
            }
        }
        shop.pump().await;
        shop.confirm(&offered).await.expect(200);
        shop.pump().await;
        assert_eq!(statuses(&shop, &orders).await, counts([("PENDING_PAYMENT", orders.len())]), "seed {seed}");
        shop.settle().await;
    }
}
