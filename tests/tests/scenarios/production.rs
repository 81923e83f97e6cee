//! Production: from a confirmed batch to shipped orders or refunds.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::fixtures::text;
use tests::preorders::{Offered, asked, counts, statuses, terms, with};
use tests::shop::Session;
use tests::{Fault, Rule, Shop};

/// A batch of three orders, two of them paid, after its payment window.
async fn paid_batch() -> (Shop, Offered, Vec<(Session, String)>) {
    let shop = Shop::open();
    let rules = json!({"payment_window_hours": 1, "production_steps": ["SEW", "PACK"], "max_total_qty": 3});
    let offered = shop.offered(&with(terms(2), &rules)).await;
    let orders = asked(&shop, &offered, 3).await;
    for (customer, order) in &orders[..2] {
        customer.charge(1_000_000).await.expect(200);
        customer.pay(order).await.expect(201);
    }
    shop.dispatch_events().await;
    (shop, offered, orders)
}

async fn finalize(shop: &Shop) {
    shop.advance(SignedDuration::from_hours(1));
    shop.tick("expire_orders").await;
    shop.dispatch_events().await;
    shop.tick("finalize_batches").await;
    shop.dispatch_events().await;
}

async fn post(shop: &Shop, offered: &Offered, what: &str, body: &Value) -> tests::Reply {
    shop.admin().post(&format!("/admin/work-orders/{}/{what}", offered.batch()), body).await
}

async fn step(shop: &Shop, offered: &Offered, n: &str, body: &Value) -> tests::Reply {
    shop.admin().patch(&format!("/admin/work-orders/{}/steps/{n}", offered.batch()), body).await
}

async fn work_order(shop: &Shop) -> Value {
    shop.admin().get("/admin/work-orders").await.expect(200)["items"][0].clone()
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_produced_step_by_step_and_its_paid_orders_are_shipped() {
    let (shop, offered, orders) = paid_batch().await;
    let opened = work_order(&shop).await;
    assert_eq!((&opened["status"], &opened["quantity"]), (&json!("READY"), &json!(3)));
    assert_eq!(opened["steps"][1], json!({"n": 2, "step_name": "PACK", "status": "TODO"}));
    let operator = json!({"operator": "Wei"});
    post(&shop, &offered, "start", &operator).await.refused(409, "work_order_not_startable");
    finalize(&shop).await;
    let started = post(&shop, &offered, "start", &operator).await.expect(200);
    assert_eq!((&started["status"], &started["quantity"]), (&json!("IN_PROGRESS"), &json!(2)));
    post(&shop, &offered, "start", &operator).await.refused(409, "work_order_not_startable");
    let cancel = format!("/admin/batches/{}/cancel", offered.batch());
    shop.admin().post(&cancel, &json!({"reason": "x"})).await.refused(409, "batch_not_cancelable");

    post(&shop, &offered, "complete", &json!({})).await.refused(409, "work_order_not_finished");
    step(&shop, &offered, "1", &json!({"status": "DOING", "notes": "two machines"})).await.expect(200);
    step(&shop, &offered, "1", &json!({"status": "SLOW"})).await.refused(422, "invalid_request");
    for n in ["0", "3", "x"] {
        step(&shop, &offered, n, &json!({"status": "DONE"})).await.refused(404, "work_step_not_found");
    }
    step(&shop, &offered, "1", &json!({"status": "DONE"})).await.expect(200);
    let last = step(&shop, &offered, "2", &json!({"status": "DONE"})).await.expect(200);
    assert_eq!(last["steps"][0]["notes"], "two machines");
    let done = post(&shop, &offered, "complete", &json!({})).await.expect(200);
    assert_eq!(done["status"], "DONE");
    shop.dispatch_events().await;
    assert_eq!(statuses(&shop, &orders).await, counts([("EXPIRED", 1), ("SHIPPING_SCHEDULED", 2)]));
    assert_eq!(shop.announced("shipping.schedule_requested.v1").len(), 2);
    assert_eq!(shop.announced("production.completed.v1")[0]["quantity"], 2);
    let batch = shop.batch(&offered).await;
    assert_eq!(batch["progress"][1], json!({"work": "SCHEDULE_SHIPPING", "orders_count": 3, "is_done": true}));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_production_fails_its_orders_and_refunds_them() {
    let (shop, offered, orders) = paid_batch().await;
    finalize(&shop).await;
    post(&shop, &offered, "fail", &json!({"reason": "fire"})).await.refused(409, "work_order_not_in_progress");
    post(&shop, &offered, "start", &json!({"operator": "Wei"})).await.expect(200);
    post(&shop, &offered, "fail", &json!({"reason": "fire"})).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(statuses(&shop, &orders).await, counts([("EXPIRED", 1), ("REFUNDED", 2)]));
    let order = orders[0].0.get(&format!("/orders/{}", orders[0].1)).await.expect(200);
    let failed = order["history"].as_array().unwrap().iter().find(|step| step["status"] == "FAILED").unwrap();
    assert_eq!(failed["reason"], "production_failed");
    assert_eq!(orders[0].0.balance().await, 1_000_000);
    assert_eq!(shop.announced("order.failed.v1").len(), 2);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_production_gives_valid_coupons_back_and_refunds_nothing_of_what_cost_nothing() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(2), &json!({"payment_window_hours": 1}))).await;
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    let (gift, coupon) = (shop.gift(24 * 30).await, shop.coupon(1, 1).await);
    let mut orders = Vec::new();
    for (customer, coupon) in [(&ann, &gift), (&bob, &coupon)] {
        customer.take(coupon).await.expect(201);
        let mut cart = offered.cart(1);
        cart["coupon_id"] = json!(coupon);
        orders.push(text(&customer.post("/orders", &cart).await.expect(201), "order_id"));
    }
    shop.dispatch_events().await;
    shop.confirm(&offered).await.expect(200);
    shop.dispatch_events().await;
    bob.charge(1_000_000).await.expect(200);
    bob.pay(&orders[1]).await.expect(201);
    shop.dispatch_events().await;
    finalize(&shop).await;
    post(&shop, &offered, "start", &json!({"operator": "Wei"})).await.expect(200);
    post(&shop, &offered, "fail", &json!({"reason": "fire"})).await.expect(200);
    shop.run_to_quiescence().await;
    assert_eq!((ann.status(&orders[0]).await.as_str(), bob.status(&orders[1]).await.as_str()), ("FAILED", "REFUNDED"));
    assert_eq!(
        (ann.coupon_status(&gift).await.as_str(), bob.coupon_status(&coupon).await.as_str()),
        ("ISSUED", "ISSUED")
    );
    assert_eq!((bob.balance().await, shop.announced("payment.refunded.v1").len()), (1_000_000, 1));
    for coupon in [&gift, &coupon] {
        let seen = shop.admin().get(&format!("/admin/coupons/{coupon}")).await.expect(200);
        assert_eq!(seen["used_qty"], 0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_work_order_of_a_canceled_batch_ends_in_any_order_of_events() {
    for reversed in [false, true] {
        let shop = Shop::open();
        let offered = shop.offered(&terms(1)).await;
        shop.customer("ann").reserve(&offered, 1).await.expect(201);
        shop.dispatch_events().await;
        shop.confirm(&offered).await.expect(200);
        let cancel = format!("/admin/batches/{}/cancel", offered.batch());
        shop.admin().post(&cancel, &json!({"reason": "no wool"})).await.expect(200);
        shop.dispatcher.relay(&shop).await;
        shop.dispatcher.route(&shop);
        if reversed {
            shop.dispatcher.rearrange("open_work_order", |messages| messages.reverse());
        }
        shop.dispatch_events().await;
        let ended = work_order(&shop).await;
        assert_eq!((&ended["status"], &ended["reason"]), (&json!("FAILED"), &json!("no wool")), "{reversed}");
        post(&shop, &offered, "start", &json!({"operator": "Wei"})).await.refused(409, "work_order_not_startable");
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn concurrent_start_and_cancel_have_one_winner() {
    for seed in 0..6 {
        let (shop, offered, _) = paid_batch().await;
        finalize(&shop).await;
        shop.aws.shuffle(seed);
        let other = shop.fresh_environment();
        let cancel = format!("/admin/batches/{}/cancel", offered.batch());
        let (admin, body, operator) = (other.admin(), json!({"reason": "no wool"}), json!({"operator": "Wei"}));
        let (started, canceled) =
            futures_util::join!(post(&shop, &offered, "start", &operator), admin.post(&cancel, &body));
        let words = [started.word(), canceled.word()];
        let is_one = (started.status == 200) != (canceled.status == 200);
        assert!(is_one, "seed {seed}: {words:?}");
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn duplicated_killed_and_dead_lettered_production_events_take_effect_once() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter] {
        for actor in ["open_work_order", "schedule_shipping"] {
            let (shop, offered, orders) = paid_batch().await;
            shop.inject(Rule::next("TransactWriteItems", fault.clone()).by(actor));
            finalize(&shop).await;
            post(&shop, &offered, "start", &json!({"operator": "Wei"})).await.expect(200);
            for n in ["1", "2"] {
                step(&shop, &offered, n, &json!({"status": "DONE"})).await.expect(200);
            }
            post(&shop, &offered, "complete", &json!({})).await.expect(200);
            shop.dispatcher.relay(&shop).await;
            shop.dispatcher.route(&shop);
            shop.dispatcher.rearrange("schedule_shipping", |messages| {
                let again: Vec<_> = messages.clone();
                messages.extend(again.into_iter().map(|message| tests::event_dispatcher::QueueMessage {
                    id: format!("again-{}", message.id),
                    ..message
                }));
            });
            shop.dispatcher.push("schedule_shipping", "not json".to_owned());
            shop.dispatcher.push("open_work_order", "{}".to_owned());
            shop.dispatch_events().await;
            assert_eq!(statuses(&shop, &orders).await, counts([("EXPIRED", 1), ("SHIPPING_SCHEDULED", 2)]));
            assert_eq!(shop.announced("shipping.schedule_requested.v1").len(), 2, "{fault:?} {actor}");
            assert_eq!(shop.dispatcher.dead_letters().len(), 2);
            let listed = shop.admin().get("/admin/work-orders?status=DONE").await.expect(200);
            assert_eq!(listed["items"].as_array().unwrap().len(), 1);
            assert_eq!(shop.differences().await, Vec::<Value>::new());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn work_orders_are_listed_newest_first_page_by_page() {
    let shop = Shop::open();
    let mut made = Vec::new();
    for _ in 0..3 {
        let offered = shop.offered(&terms(1)).await;
        shop.customer("ann").reserve(&offered, 1).await.expect(201);
        shop.dispatch_events().await;
        shop.confirm(&offered).await.expect(200);
        shop.dispatch_events().await;
        shop.advance(SignedDuration::from_secs(1));
        made.push(offered.batch());
    }
    made.reverse();
    let first = shop.admin().get("/admin/work-orders?status=READY&limit=2").await.expect(200);
    let next = format!("/admin/work-orders?status=READY&limit=2&cursor={}", text(&first, "next_cursor"));
    let second = shop.admin().get(&next).await.expect(200);
    let all = [&first, &second].map(|page| page["items"].as_array().unwrap().clone()).concat();
    let ids: Vec<String> = all.iter().map(|item| text(item, "work_order_id")).collect();
    assert_eq!((ids, second.get("next_cursor")), (made, None));
    shop.admin().get("/admin/work-orders?status=LOST").await.refused(422, "invalid_request");
}

/// Delivers all events, and redrives dead-letter messages one day later, after the fault is cleared. Returns whether there
/// were any.
async fn deliver_and_redrive(shop: &Shop) -> bool {
    shop.dispatch_events().await;
    let was_set_aside = !shop.dispatcher.dead_letters().is_empty();
    if was_set_aside {
        shop.aws.clear_faults();
        shop.advance(SignedDuration::from_hours(24));
        shop.dispatcher.redrive();
        shop.dispatch_events().await;
    }
    was_set_aside
}

#[tokio::test(start_paused = true)]
async fn every_consumer_of_a_batch_catches_up_after_a_redrive_one_day_later() {
    let consumers = ["count_reservations", "request_payments", "open_work_order", "schedule_shipping", "abandon_batch"];
    for consumer in consumers {
        let shop = Shop::open();
        let rules = json!({"payment_window_hours": 72, "production_steps": ["SEW"]});
        let offered = shop.offered(&with(terms(2), &rules)).await;
        let orders = shop.reserved(&offered, 2).await;
        shop.inject(Rule::every("TransactWriteItems", Fault::Broken).by(consumer));
        let mut redriven = deliver_and_redrive(&shop).await;
        shop.confirm(&offered).await.expect(200);
        redriven |= deliver_and_redrive(&shop).await;
        for (customer, order) in &orders {
            customer.charge(1_000_000).await.expect(200);
            customer.pay(order).await.expect(201);
        }
        redriven |= deliver_and_redrive(&shop).await;
        shop.advance(SignedDuration::from_hours(72));
        shop.tick("finalize_batches").await;
        redriven |= deliver_and_redrive(&shop).await;
        post(&shop, &offered, "start", &json!({"operator": "Wei"})).await.expect(200);
        let end = if consumer == "abandon_batch" {
            post(&shop, &offered, "fail", &json!({"reason": "fire"})).await.expect(200);
            "REFUNDED"
        } else {
            step(&shop, &offered, "1", &json!({"status": "DONE"})).await.expect(200);
            post(&shop, &offered, "complete", &json!({})).await.expect(200);
            "SHIPPING_SCHEDULED"
        };
        redriven |= deliver_and_redrive(&shop).await;
        assert!(redriven, "{consumer} has no dead-letter message");
        assert_eq!(statuses(&shop, &orders).await, counts([(end, 2)]), "{consumer}");
        assert_eq!(shop.announced("payment.requested.v1").len(), 2, "{consumer}");
        shop.run_to_quiescence().await;
    }
}
