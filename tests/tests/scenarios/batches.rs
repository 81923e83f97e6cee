//! Batches: confirmation, payment requests, finalization, abandonment.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use std::time::Duration;
use tests::fixtures::text;
use tests::preorders::{asked, counts, statuses, terms, with};
use tests::{Fault, Rule, Shop};

#[tokio::test(start_paused = true)]
async fn a_batch_is_confirmed_once_and_requests_each_payment_once() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(3), &json!({"payment_window_hours": 48}))).await;
    let orders = shop.reserved(&offered, 3).await;
    shop.admin().get(&format!("/admin/batches/{}", offered.batch())).await.refused(404, "batch_not_found");
    shop.dispatch_events().await;
    let (one, other) = futures_util::join!(shop.confirm(&offered), shop.confirm(&offered));
    assert_eq!((one.status, other.status), (200, 200), "{} {}", one.text, other.text);
    shop.confirm(&offered).await.expect(200);
    shop.dispatch_events().await;
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
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_replayed_confirmation_returns_the_first_response_unchanged() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    shop.customer("ann").reserve(&offered, 1).await.expect(201);
    shop.dispatch_events().await;
    let path = format!("/admin/batches/{}/confirm", offered.batch());
    let one = shop.admin().post_once("one", &path, &json!({})).await;
    let other = shop.admin().post_once("other", &path, &json!({})).await;
    let moved = json!({"notes": "by sea"});
    shop.admin().put(&format!("/admin/batches/{}/schedule", offered.batch()), &moved).await.expect(200);
    for (key, before) in [("one", one), ("other", other)] {
        let again = shop.admin().post_once(key, &path, &json!({})).await;
        assert_eq!((again.status, &again.text), (200, &before.text), "{key}");
    }
    shop.admin().post_once("one", &path, &moved).await.refused(422, "idempotency_key_reused");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn batches_are_listed_by_status_and_their_dates_can_be_moved() {
    let shop = Shop::open();
    let mut batches = Vec::new();
    for _ in 0..3 {
        let offered = shop.offered(&terms(1)).await;
        shop.customer("ann").reserve(&offered, 1).await.expect(201);
        shop.dispatch_events().await;
        shop.advance(SignedDuration::from_secs(1));
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
async fn an_order_counted_after_its_batch_was_confirmed_gets_a_payment_request_too() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(2)).await;
    let mut orders = shop.reserved(&offered, 2).await;
    shop.dispatch_events().await;
    let late = shop.customer("late");
    let order = late.reserve(&offered, 1).await.expect(201);
    orders.push((late, text(&order, "order_id")));
    shop.confirm(&offered).await.expect(200);
    // The order's event was in flight: it arrives after the batch was processed.
    shop.dispatcher.relay(&shop).await;
    shop.dispatcher.route(&shop);
    let delayed = shop.dispatcher.waiting("count_reservations");
    shop.dispatcher.rearrange("count_reservations", Vec::clear);
    shop.dispatch_events().await;
    assert_eq!(statuses(&shop, &orders).await, counts([("PENDING_PAYMENT", 2), ("RESERVED", 1)]));
    shop.dispatcher.rearrange("count_reservations", |messages| messages.extend(delayed));
    shop.dispatch_events().await;
    assert_eq!(statuses(&shop, &orders).await, counts([("PENDING_PAYMENT", 3)]));
    assert_eq!(shop.announced("payment.requested.v1").len(), 3);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_cannot_be_asked_to_pay_does_not_block_others_and_is_retried() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(3)).await;
    let orders = shop.reserved(&offered, 3).await;
    shop.dispatch_events().await;
    // The transaction of one customer fails on every attempt.
    shop.inject(Rule::next("TransactWriteItems", Fault::Broken).by("request_payments").on("Orders"));
    shop.confirm(&offered).await.expect(200);
    shop.dispatch_events().await;
    shop.aws.assert_faults_hit();
    assert_eq!(statuses(&shop, &orders).await, counts([("PENDING_PAYMENT", 3)]));
    assert_eq!(shop.announced("payment.requested.v1").len(), 3);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_killed_payment_request_resumes_and_asks_no_customer_twice() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter] {
        for nth in 0..12 {
            let shop = Shop::open();
            let offered = shop.offered(&terms(3)).await;
            let orders = shop.reserved(&offered, 5).await;
            shop.dispatch_events().await;
            shop.confirm(&offered).await.expect(200);
            shop.inject(Rule::next("TransactWriteItems", fault.clone()).by("request_payments").after(nth));
            shop.dispatch_events().await;
            shop.aws.assert_faults_hit();
            assert_eq!(statuses(&shop, &orders).await, counts([("PENDING_PAYMENT", 5)]), "{fault:?} {nth}");
            assert_eq!(shop.announced("payment.requested.v1").len(), 5, "{fault:?} {nth}");
            shop.run_to_quiescence().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_offer_is_finalized_once_every_order_is_paid_or_expired() {
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
    shop.dispatch_events().await;
    assert_eq!(shop.offer(&offered).await["paid_qty"], 3);
    shop.tick("finalize_batches").await;
    assert_eq!(shop.offer(&offered).await["status"], "LOCKED", "the window is still open");
    shop.advance_minutes(60);
    shop.tick("finalize_batches").await;
    assert_eq!(shop.offer(&offered).await["status"], "LOCKED", "two orders have not ended yet");
    shop.tick("expire_orders").await;
    shop.dispatch_events().await;
    shop.tick("finalize_batches").await;
    shop.tick("finalize_batches").await;
    shop.dispatch_events().await;
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["status"], &offer["paid_qty"]), (&json!("FINALIZED"), &json!(3)));
    assert_eq!(statuses(&shop, &orders).await, counts([("EXPIRED", 1), ("PAID", 3)]));
    assert_eq!(
        (with_coupon.status(&held).await.as_str(), with_coupon.coupon_status(&coupon).await.as_str()),
        ("EXPIRED", "ISSUED")
    );
    let finalized = shop.announced("batch.finalized.v1");
    assert_eq!((finalized.len(), &finalized[0]["proceeds"], &finalized[0]["paid_qty"]), (1, &json!(true), &json!(3)));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_payment_at_the_deadline_pays_or_expires_and_never_both() {
    let mut ends = std::collections::BTreeSet::new();
    for seed in 0..12 {
        let shop = Shop::open();
        let offered = shop.offered(&with(terms(1), &json!({"payment_window_hours": 1}))).await;
        let orders = asked(&shop, &offered, 1).await;
        let (ann, order) = &orders[0];
        ann.charge(1_000_000).await.expect(200);
        shop.advance(SignedDuration::from_mins(60) - SignedDuration::from_millis(1));
        shop.aws.shuffle(seed);
        if seed % 2 == 1 {
            let late = Fault::Delayed(std::time::Duration::from_secs(1));
            shop.inject(Rule::next("TransactWriteItems", late).by("pay_order"));
        }
        let deadline = shop.now() + SignedDuration::from_millis(1);
        let payer = shop.fresh_environment().session(ann.caller.clone());
        let (paid, swept) = futures_util::join!(payer.pay(order), shop.tick_at("expire_orders", deadline));
        swept.unwrap();
        let status = ann.status(order).await;
        let word = paid.word();
        let agree = [("PAID", "201"), ("EXPIRED", "order_not_payable")].contains(&(status.as_str(), word.as_str()));
        assert!(agree, "seed {seed}: {status} {}", paid.text);
        shop.advance(SignedDuration::from_millis(1));
        payer.pay(order).await.refused(409, "order_not_payable");
        shop.run_to_quiescence().await;
        ends.insert(status);
    }
    assert_eq!(ends.len(), 2, "each of them must win at least once: {ends:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failed_payment_attempt_keeps_the_place_and_can_be_retried() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    let orders = asked(&shop, &offered, 1).await;
    let (ann, order) = &orders[0];
    ann.pay(order).await.refused(409, "insufficient_points");
    assert_eq!(ann.status(order).await, "PENDING_PAYMENT");
    ann.charge(1_000_000).await.expect(200);
    ann.pay(order).await.expect(201);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_underpaid_batch_follows_the_rule_of_its_offer() {
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
        shop.advance_minutes(61);
        shop.tick("expire_orders").await;
        shop.dispatch_events().await;
        shop.tick("finalize_batches").await;
        shop.dispatch_events().await;
        let batch = shop.batch(&offered).await;
        assert_eq!(batch["status"], if proceeds { "CONFIRMED" } else { "CANCELED" }, "{rule} {paid}");
        assert_eq!((&batch["offer_status"], &batch["paid_qty"]), (&json!("FINALIZED"), &json!(paid)));
        let expected = if proceeds { "PAID" } else { "REFUNDED" };
        for (customer, order) in &orders[..paid] {
            assert_eq!(customer.status(order).await, expected, "{rule} {paid}");
            let balance = if proceeds { 1_000_000 - tests::fixtures::PRICE } else { 1_000_000 };
            assert_eq!(customer.balance().await, balance, "{rule} {paid}");
        }
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_canceled_batch_returns_all_points_places_and_coupons() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(2), &json!({"max_total_qty": 4}))).await;
    let orders = asked(&shop, &offered, 3).await;
    orders[0].0.charge(1_000_000).await.expect(200);
    orders[0].0.pay(&orders[0].1).await.expect(201);
    let path = format!("/admin/batches/{}/cancel", offered.batch());
    shop.admin().post(&path, &json!({})).await.refused(422, "invalid_request");
    shop.admin().post(&path, &json!({"reason": "no wool"})).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(statuses(&shop, &orders).await, counts([("CANCELED", 2), ("REFUNDED", 1)]));
    let order = orders[1].0.get(&format!("/orders/{}", orders[1].1)).await.expect(200);
    assert_eq!(order["history"].as_array().unwrap().last().unwrap()["reason"], "no wool");
    assert_eq!(orders[0].0.balance().await, 1_000_000);
    shop.admin().post(&path, &json!({"reason": "no wool"})).await.refused(409, "batch_not_cancelable");
    shop.confirm(&offered).await.refused(409, "batch_not_confirmable");
    assert_eq!(shop.offer(&offered).await["status"], "MISSED");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_killed_abandonment_resumes_and_gives_back_once() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter] {
        for nth in [0, 1, 4, 9, 11] {
            let shop = Shop::open();
            let offered = shop.offered(&with(terms(9), &json!({"max_total_qty": 9}))).await;
            let orders = shop.reserved(&offered, 4).await;
            shop.dispatch_events().await;
            shop.advance(SignedDuration::from_hours(24 * 7));
            shop.tick("close_sell_windows").await;
            shop.inject(Rule::next("TransactWriteItems", fault.clone()).by("abandon_batch").after(nth));
            shop.dispatch_events().await;
            shop.aws.assert_faults_hit();
            assert_eq!(statuses(&shop, &orders).await, counts([("CANCELED", 4)]), "{fault:?} {nth}");
            shop.run_to_quiescence().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_is_refused_when_the_offer_closes_after_it_was_read() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(2)).await;
    shop.reserved(&offered, 2).await;
    shop.dispatch_events().await;
    let slow = Fault::Delayed(Duration::from_secs(2));
    shop.inject(Rule::next("TransactWriteItems", slow).by("place_order"));
    let late = shop.fresh_environment().customer("late");
    let (order, confirmed) = futures_util::join!(late.reserve(&offered, 1), shop.confirm(&offered));
    confirmed.expect(200);
    shop.aws.assert_faults_hit();
    order.refused(409, "sell_window_not_open");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn orders_that_race_with_the_confirmation_are_all_included_or_refused() {
    for seed in 0..6 {
        let shop = Shop::open();
        let offered = shop.offered(&with(terms(2), &json!({"max_total_qty": 20, "capacity_shards": 2}))).await;
        let mut orders = shop.reserved(&offered, 2).await;
        shop.dispatch_events().await;
        shop.aws.shuffle(seed);
        let racers: Vec<_> = (0..6).map(|n| shop.fresh_environment().customer(&format!("racer-{n}"))).collect();
        let reserve = join_all(racers.iter().map(|racer| racer.reserve(&offered, 1)));
        let (replies, confirmed) = futures_util::join!(reserve, shop.confirm(&offered));
        assert!(confirmed.status == 200 || confirmed.word() == "busy", "{}", confirmed.text);
        for (racer, reply) in racers.into_iter().zip(replies) {
            match reply.word().as_str() {
                "201" => orders.push((racer, text(&reply.body, "order_id"))),
                other => assert!(["sell_window_not_open", "busy"].contains(&other), "seed {seed}: {}", reply.text),
            }
        }
        shop.dispatch_events().await;
        shop.confirm(&offered).await.expect(200);
        shop.dispatch_events().await;
        assert_eq!(statuses(&shop, &orders).await, counts([("PENDING_PAYMENT", orders.len())]), "seed {seed}");
        shop.run_to_quiescence().await;
    }
}
