//! Concurrent requests, one interleaving per seed: the sums are right in any order.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tests::fixtures::{PRICE, cart};
use tests::{Fault, Reply, Rule, Shop};

/// The number of responses by status or code.
fn tally(replies: &[Reply]) -> BTreeMap<String, usize> {
    let mut words = BTreeMap::new();
    for reply in replies {
        *words.entry(reply.word()).or_default() += 1;
    }
    words
}

fn words<const N: usize>(words: [(&str, usize); N]) -> BTreeMap<String, usize> {
    words.into_iter().map(|(word, count)| (word.to_owned(), count)).collect()
}

#[tokio::test(start_paused = true)]
async fn fifty_buyers_and_one_unit_make_one_order() {
    for seed in 0..4 {
        let shop = Shop::open();
        let variant = shop.variant(1).await;
        shop.aws.shuffle(seed);
        let buyers = (0..50).map(|n| shop.fresh_environment().customer(&format!("buyer-{n}")));
        let wanted = cart(&variant, 1);
        let replies = join_all(buyers.map(|buyer| {
            let wanted = &wanted;
            async move { buyer.post("/orders", wanted).await }
        }))
        .await;
        assert_eq!(tally(&replies), words([("201", 1), ("out_of_stock", 49)]), "seed {seed}");
        assert_eq!(shop.left(&variant).await, 0);
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn sharded_stock_is_sold_to_the_last_unit_and_not_beyond() {
    for seed in 0..3 {
        let shop = Shop::open();
        let variant = shop.sharded_variant(30, 8).await;
        shop.aws.shuffle(seed);
        let buyers = (0..20).map(|n| shop.fresh_environment().customer(&format!("buyer-{n}")));
        let wanted = cart(&variant, 2);
        let replies = join_all(buyers.map(|buyer| {
            let wanted = &wanted;
            async move { buyer.post("/orders", wanted).await }
        }))
        .await;
        assert_eq!(tally(&replies), words([("201", 15), ("out_of_stock", 5)]), "seed {seed}");
        assert_eq!(shop.left(&variant).await, 0);
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn two_hundred_customers_and_fifty_coupons_make_exactly_fifty() {
    for (seed, shards) in [(1, 1), (2, 1), (3, 4), (4, 16)] {
        let shop = Shop::open();
        let coupon = shop.coupon(50, shards).await;
        shop.aws.shuffle(seed);
        let customers: Vec<_> = (0..200).map(|n| shop.fresh_environment().customer(&format!("customer-{n}"))).collect();
        let replies = join_all(customers.iter().map(|customer| customer.take(&coupon))).await;
        assert_eq!(tally(&replies), words([("201", 50), ("coupon_sold_out", 150)]), "{shards} shards, seed {seed}");
        for (customer, reply) in customers.iter().zip(&replies) {
            let mine = customer.get("/me/coupons").await.expect(200);
            let count = mine["items"].as_array().unwrap().len();
            assert_eq!(count, usize::from(reply.status == 201), "ISSUED was reported exactly for the existing coupons");
        }
        let seen = customers[0].get(&format!("/coupons/{coupon}")).await.expect(200);
        assert_eq!((&seen["issued_qty"], &seen["remaining_qty"]), (&json!(50), &json!(0)));
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn concurrent_requests_of_one_customer_issue_one_coupon() {
    let shop = Shop::open();
    let coupon = shop.coupon(50, 4).await;
    shop.aws.shuffle(7);
    let sessions: Vec<_> = (0..20).map(|_| shop.fresh_environment().customer("ann")).collect();
    let replies = join_all(sessions.iter().map(|ann| ann.take(&coupon))).await;
    assert_eq!(tally(&replies), words([("201", 1), ("coupon_already_issued", 19)]));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn one_key_sent_fifty_times_concurrently_creates_one_order_and_fifty_equal_responses() {
    for seed in 0..4 {
        let shop = Shop::open();
        // One unit: the repeated requests find it sold out by the first request of the same key, and must not be told so.
        let variant = shop.variant(1).await;
        shop.aws.shuffle(seed);
        let sessions: Vec<_> = (0..50).map(|_| shop.fresh_environment().customer("ann")).collect();
        let wanted = cart(&variant, 1);
        let replies = join_all(sessions.iter().map(|ann| ann.post_once("key-1", "/orders", &wanted))).await;
        let first = &replies[0];
        assert_eq!(first.status, 201, "{}", first.text);
        for reply in &replies {
            assert_eq!((reply.status, &reply.text), (first.status, &first.text), "seed {seed}");
        }
        let orders = sessions[0].get("/orders").await.expect(200);
        assert_eq!(orders["items"].as_array().unwrap().len(), 1);
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_charge_sent_fifty_times_concurrently_charges_once() {
    let shop = Shop::open();
    shop.aws.shuffle(11);
    let sessions: Vec<_> = (0..50).map(|_| shop.fresh_environment().customer("ann")).collect();
    let body = json!({"amount_cents": 1_000_000});
    let replies = join_all(sessions.iter().map(|ann| ann.post_once("k", "/points/charge", &body))).await;
    assert_eq!(tally(&replies), words([("200", 50)]));
    assert_eq!(shop.customer("ann").balance().await, 1_000_000);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn concurrent_charges_all_count_or_return_busy() {
    let shop = Shop::open();
    shop.aws.shuffle(3);
    let sessions: Vec<_> = (0..12).map(|_| shop.fresh_environment().customer("ann")).collect();
    let replies = join_all(sessions.iter().map(|ann| ann.charge(1_000_000))).await;
    let done = i64::try_from(replies.iter().filter(|reply| reply.status == 200).count()).unwrap();
    assert!(replies.iter().all(|reply| reply.status == 200 || reply.word() == "busy"), "{:?}", tally(&replies));
    assert!(done > 0);
    assert_eq!(shop.customer("ann").balance().await, done * 1_000_000);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn two_orders_competing_for_the_last_points_have_one_winner() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variant = shop.variant(100).await;
    ann.charge(1_000_000).await.expect(200);
    let (one, other) = (ann.order(&variant, 20).await, ann.order(&variant, 20).await);
    shop.aws.shuffle(5);
    let (first, second) = (shop.fresh_environment().customer("ann"), shop.fresh_environment().customer("ann"));
    let (one, other) = futures_util::join!(first.pay(&one), second.pay(&other));
    assert_eq!(tally(&[one, other]), words([("201", 1), ("insufficient_points", 1)]));
    assert_eq!(ann.balance().await, 1_000_000 - 20 * PRICE);
    shop.dispatch_events().await;
    shop.advance_minutes(16);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn two_orders_competing_for_one_coupon_have_one_winner() {
    let shop = Shop::open();
    let variant = shop.variant(10).await;
    let coupon = shop.coupon(10, 1).await;
    shop.customer("ann").take(&coupon).await.expect(201);
    shop.aws.shuffle(2);
    let mut wanted = cart(&variant, 1);
    wanted["coupon_id"] = json!(coupon);
    let sessions: Vec<_> = (0..5).map(|_| shop.fresh_environment().customer("ann")).collect();
    let replies = join_all(sessions.iter().map(|ann| ann.post("/orders", &wanted))).await;
    assert_eq!(tally(&replies), words([("201", 1), ("coupon_not_usable", 4)]));
    shop.run_to_quiescence().await;
}

/// The clocks of pay and cancel are just before the end of the hold, the sweep's just after it: all three may act.
#[tokio::test(start_paused = true)]
async fn concurrent_pay_cancel_and_expire_have_one_winner_in_any_commit_order() {
    let places = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    // A coupon has its own condition; without one only the order's condition decides.
    for (delays, has_coupon) in places.into_iter().flat_map(|delays| [(delays, true), (delays, false)]) {
        let shop = Shop::open();
        let ann = shop.customer("ann");
        let variant = shop.variant(3).await;
        let coupon = shop.coupon(5, 1).await;
        ann.charge(1_000_000).await.expect(200);
        ann.take(&coupon).await.expect(201);
        let order = if has_coupon { ann.order_with(&variant, &coupon).await } else { ann.order(&variant, 1).await };
        shop.dispatch_events().await;
        shop.advance(SignedDuration::from_mins(15) - SignedDuration::from_secs(1));
        for (actor, delay) in ["pay_order", "cancel_order", "expire_orders"].into_iter().zip(delays) {
            let late = Fault::Delayed(Duration::from_millis(100 * (delay + 1)));
            shop.inject(Rule::next("TransactWriteItems", late).by(actor));
        }
        let (payer, canceler) = (shop.fresh_environment().customer("ann"), shop.fresh_environment().customer("ann"));
        let sweep = shop.fresh_environment_at(SignedDuration::from_secs(1));
        let (paid, canceled, expired) =
            futures_util::join!(payer.pay(&order), canceler.cancel(&order), sweep.tick("expire_orders"));
        shop.aws.assert_faults_hit();
        let () = expired;

        let status = ann.status(&order).await;
        let winner = delays.iter().position(|delay| *delay == 0).unwrap();
        assert_eq!(status, ["PAID", "CANCELED", "EXPIRED"][winner], "{delays:?}");
        let said = (paid.word(), canceled.word());
        let expected = match winner {
            0 => ("201", "order_not_cancelable"),
            1 => ("order_not_payable", "200"),
            _ => ("order_not_payable", "order_not_cancelable"),
        };
        assert_eq!((said.0.as_str(), said.1.as_str()), expected, "{delays:?}");
        let is_paid = winner == 0;
        assert_eq!(shop.left(&variant).await, if is_paid { 2 } else { 3 });
        let price = if has_coupon { PRICE - 5_000 } else { PRICE };
        assert_eq!(ann.balance().await, if is_paid { 1_000_000 - price } else { 1_000_000 });
        assert_eq!(ann.coupon_status(&coupon).await, if is_paid && has_coupon { "USED" } else { "ISSUED" });
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn two_concurrent_sweeps_release_a_hold_once() {
    let shop = Shop::open();
    let variant = shop.variant(10).await;
    for n in 0..10 {
        shop.customer(&format!("buyer-{}", n % 3)).order(&variant, 1).await;
    }
    assert_eq!(shop.left(&variant).await, 0);
    shop.advance_minutes(15);
    shop.aws.shuffle(9);
    let (one, other) = (shop.fresh_environment(), shop.fresh_environment());
    futures_util::join!(one.tick("expire_orders"), other.tick("expire_orders"));
    assert_eq!(shop.left(&variant).await, 10);
    let found = shop.admin().get("/admin/orders?status=EXPIRED").await.expect(200);
    assert!(found["items"].as_array().unwrap().iter().all(|order| steps(order) == ["RESERVED", "EXPIRED"]));
    assert_eq!(found["items"].as_array().unwrap().len(), 10);
    shop.run_to_quiescence().await;
}

fn steps(order: &Value) -> Vec<String> {
    order["history"].as_array().unwrap().iter().map(|step| step["status"].as_str().unwrap().to_owned()).collect()
}
