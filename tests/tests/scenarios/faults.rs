//! Kills at any request of a use case leave consistent data, and a retry with the same key completes the work.

use serde_json::json;
use tests::fixtures::{cart, text};
use tests::{Fault, Rule, Shop};

#[tokio::test(start_paused = true)]
async fn a_customer_flow_completes_after_a_kill_at_any_request() {
    for after in [false, true] {
        // As many as the flow sends.
        for (operation, count) in [("TransactWriteItems", 4), ("BatchGetItem", 2), ("GetItem", 1)] {
            for nth in 0..count {
                story_with_a_kill(operation, nth, after).await;
            }
        }
    }
}

async fn story_with_a_kill(operation: &'static str, nth: usize, after: bool) {
    let shop = Shop::open();
    let variant = shop.variant(3).await;
    let coupon = shop.coupon(5, 1).await;
    let fault = if after { Fault::KilledAfter } else { Fault::KilledBefore };
    shop.inject(Rule::next(operation, fault).after(nth));
    let mut order = String::new();
    let issue = format!("/coupons/{coupon}/issue");
    for step in ["charge", "issue", "place", "pay"] {
        let mut wanted = cart(&variant, 1);
        wanted["coupon_id"] = json!(coupon);
        let (target, body) = match step {
            "charge" => ("/points/charge", json!({"amount_cents": 1_000_000})),
            "issue" => (issue.as_str(), json!({})),
            "place" => ("/orders", wanted),
            _ => ("/payments", json!({"order_id": order, "method": "POINTS"})),
        };
        // A client without a response retries with the same key in another environment.
        let mut heard = None;
        while heard.is_none() {
            let ann = shop.fresh_environment().customer("ann");
            heard = ann.send_killable("POST", target, Some(step), Some(body.to_string().into_bytes())).await;
        }
        let reply = heard.unwrap();
        assert!(reply.status < 300, "{operation} {nth} {after} {step}: {}", reply.text);
        if step == "place" {
            order = text(&reply.body, "order_id");
        }
    }
    shop.aws.assert_faults_hit();
    let ann = shop.customer("ann");
    assert_eq!(ann.get("/orders").await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("PAID", 2));
    assert_eq!(ann.balance().await, 1_000_000 - 30_000);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_next_run_completes_a_killed_sweep() {
    for after in [false, true] {
        for nth in [0, 3] {
            let shop = Shop::open();
            let variant = shop.variant(10).await;
            for n in 0..4 {
                shop.customer(&format!("buyer-{n}")).order(&variant, 1).await;
            }
            shop.advance_minutes(15);
            let fault = if after { Fault::KilledAfter } else { Fault::KilledBefore };
            shop.inject(Rule::next("TransactWriteItems", fault).by("expire_orders").after(nth));
            let ended = shop.invoke_killable("expire_orders", &json!({"time": shop.now()})).await;
            assert!(ended.is_none(), "killed at transaction {nth}");
            shop.tick("expire_orders").await;
            assert_eq!(shop.left(&variant).await, 10);
            shop.run_to_quiescence().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_hold_expires_after_fifteen_minutes_and_releases_everything() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variant = shop.sharded_variant(10, 3).await;
    let coupon = shop.coupon(5, 1).await;
    ann.charge(10_000_000).await.expect(200);
    ann.take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 9);
    wanted["coupon_id"] = json!(coupon);
    let order = text(&ann.post("/orders", &wanted).await.expect(201), "order_id");
    assert_eq!(shop.left(&variant).await, 1);
    shop.advance_minutes(14);
    shop.tick("expire_orders").await;
    assert_eq!(ann.status(&order).await, "RESERVED");
    shop.advance_minutes(1);
    // The deadline has passed, whether swept or not.
    ann.pay(&order).await.refused(409, "order_not_payable");
    shop.tick("expire_orders").await;
    assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("EXPIRED", 10));
    assert_eq!(ann.coupon_status(&coupon).await, "ISSUED");
    ann.pay(&order).await.refused(409, "order_not_payable");
    ann.cancel(&order).await.refused(409, "order_not_cancelable");
    let again = ann.order_with(&variant, &coupon).await;
    ann.pay(&again).await.expect(201);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_an_index_lists_again_after_its_end_releases_its_hold_once() {
    for lag in [Fault::Lagging, Fault::ListedTwice] {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let ended = ann.order(&variant, 1).await;
        shop.advance_minutes(15);
        shop.tick("expire_orders").await;
        let later = ann.order(&variant, 1).await;
        shop.advance_minutes(15);
        shop.inject(Rule::every("Query", lag.clone()).by("expire_orders"));
        for _ in 0..10 {
            shop.tick("expire_orders").await;
            shop.advance_minutes(1);
        }
        let seen = if lag == Fault::Lagging { ("RESERVED", 2) } else { ("EXPIRED", 3) };
        assert_eq!((ann.status(&later).await.as_str(), shop.left(&variant).await), seen, "{lag:?}");
        shop.aws.clear_faults();
        shop.run_to_quiescence().await;
        assert_eq!((ann.status(&ended).await, ann.status(&later).await), ("EXPIRED".into(), "EXPIRED".into()));
        assert_eq!(shop.left(&variant).await, 3, "{lag:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_was_down_for_weeks_still_finds_everything() {
    let shop = Shop::open();
    let variant = shop.variant(3).await;
    shop.customer("ann").order(&variant, 2).await;
    shop.dispatch_events().await;
    shop.advance_minutes(60 * 24 * 20);
    shop.tick("expire_orders").await;
    assert_eq!(shop.left(&variant).await, 3);
    shop.dispatch_events().await;
    assert_eq!(shop.differences().await, Vec::<serde_json::Value>::new());
}

#[tokio::test(start_paused = true)]
async fn clocks_five_minutes_apart_do_not_break_a_deadline() {
    let shop = Shop::open();
    let minutes = jiff::SignedDuration::from_mins;
    let variant = shop.variant(3).await;
    let (behind, ahead) = (shop.fresh_environment_at(minutes(-5)), shop.fresh_environment_at(minutes(5)));
    ahead.customer("ann").charge(1_000_000).await.expect(200);
    let order = behind.customer("ann").order(&variant, 1).await;
    // The deadline was stored by the clock of the placing environment: ten minutes from here.
    shop.advance_minutes(5);
    ahead.customer("ann").pay(&order).await.refused(409, "order_not_payable");
    ahead.tick("expire_orders").await;
    behind.customer("ann").pay(&order).await.refused(409, "order_not_payable");
    assert_eq!(shop.left(&variant).await, 3);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_coupon_is_valid_only_in_its_period() {
    let shop = Shop::open();
    let hour = jiff::SignedDuration::from_hours(1);
    let body = json!({
        "name": "autumn", "discount": {"type": "FIXED", "value": 5_000}, "min_order_cents": 70_000, "total_quantity": 9,
        "issue_starts_at": shop.now() + hour, "issue_ends_at": shop.now() + hour * 2,
        "valid_until": shop.now() + hour * 3
    });
    let coupon = text(&shop.admin().post("/admin/coupons", &body).await.expect(201), "coupon_id");
    let variant = shop.variant(10).await;
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    ann.take(&coupon).await.refused(409, "coupon_not_started");
    shop.advance(hour);
    ann.take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 1);
    wanted["coupon_id"] = json!(coupon);
    ann.post("/orders", &wanted).await.refused(409, "coupon_not_usable");
    wanted["lines"][0]["quantity"] = json!(2);
    let order = ann.post("/orders", &wanted).await.expect(201);
    assert_eq!((&order["discount_cents"], &order["lines"][0]["discount_cents"]), (&json!(5_000), &json!(5_000)));
    shop.advance(hour);
    bob.take(&coupon).await.refused(409, "coupon_ended");
    shop.tick("expire_orders").await;
    shop.advance(hour);
    ann.post("/orders", &wanted).await.refused(409, "coupon_expired");
    assert_eq!(ann.coupon_status(&coupon).await, "EXPIRED");
    shop.run_to_quiescence().await;
}
