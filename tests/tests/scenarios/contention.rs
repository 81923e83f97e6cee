//! Contention and throttling: retried, then `busy`; never reported as a refusal.

use serde_json::json;
use tests::fixtures::cart;
use tests::{Fault, Rule, Shop};

const TX: &str = "TransactWriteItems";

#[tokio::test(start_paused = true)]
async fn a_temporary_conflict_is_retried_and_not_visible() {
    let shop = Shop::open();
    let variant = shop.variant(1).await;
    for table in ["Counters", "Orders", "Outbox"] {
        shop.inject(Rule::next(TX, Fault::Conflict(table, None)).by("place_order"));
    }
    let ann = shop.customer("ann");
    ann.post("/orders", &cart(&variant, 1)).await.expect(201);
    shop.aws.assert_faults_hit();
    assert_eq!(shop.left(&variant).await, 0);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn persistent_conflicts_end_in_busy_and_change_nothing() {
    for failed in [None, Some("Counters"), Some("Coupons")] {
        let shop = Shop::open();
        let variant = shop.variant(1).await;
        let coupon = shop.coupon(1, 1).await;
        // Also with a failed condition, which may have failed because of a write that is being rolled back: neither sold
        // out nor already issued.
        shop.inject(Rule::every(TX, Fault::Conflict("Outbox", failed)));
        let ann = shop.customer("ann");
        let refused = ann.post_once("k", "/orders", &cart(&variant, 1)).await;
        refused.refused(503, "busy");
        assert_eq!(refused.headers["retry-after"], "1");
        ann.take(&coupon).await.refused(503, "busy");
        ann.charge(1_000_000).await.refused(503, "busy");
        shop.aws.clear_faults();
        assert_eq!(shop.left(&variant).await, 1);
        ann.post_once("k", "/orders", &cart(&variant, 1)).await.expect(201);
        ann.take(&coupon).await.expect(201);
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn persistent_conflicts_on_any_item_are_never_reported_as_sold_out() {
    let shop = Shop::open();
    let variant = shop.sharded_variant(100, 4).await;
    let coupon = shop.coupon(100, 4).await;
    for table in ["Counters", "Orders", "Coupons", "Outbox"] {
        for failed in [None, Some("Counters")] {
            if failed == Some(table) {
                continue;
            }
            shop.inject(Rule::every(TX, Fault::Conflict(table, failed)).on(table));
            let ann = shop.customer("ann");
            if table != "Coupons" {
                ann.post("/orders", &cart(&variant, 1)).await.refused(503, "busy");
            }
            if table != "Orders" {
                ann.take(&coupon).await.refused(503, "busy");
            }
            shop.aws.clear_faults();
        }
    }
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn every_temporary_cancellation_reason_is_retried() {
    let codes = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded"];
    for code in codes {
        let shop = Shop::open();
        shop.inject(Rule::next(TX, Fault::Canceled(vec![(0, code)])).times(4));
        shop.customer("ann").charge(1_000_000).await.expect(200);
        shop.aws.assert_faults_hit();
    }
}

#[tokio::test(start_paused = true)]
async fn a_transaction_is_tried_at_most_five_times() {
    let shop = Shop::open();
    shop.aws.take_calls();
    shop.inject(Rule::every(TX, Fault::Conflict("Wallets", None)));
    shop.customer("ann").charge(1_000_000).await.refused(503, "busy");
    assert_eq!(shop.aws.take_calls().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_transaction_still_in_progress_is_retried_and_counts_once() {
    for forgotten in [false, true] {
        let shop = Shop::open();
        if forgotten {
            shop.aws.forget_tokens();
        }
        shop.inject(Rule::next(TX, Fault::InProgress));
        let ann = shop.customer("ann");
        ann.charge(1_000_000).await.expect(200);
        shop.aws.assert_faults_hit();
        assert_eq!(ann.balance().await, 1_000_000);
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_throttled_table_results_in_busy_and_not_in_an_internal_error() {
    for (operation, fault) in [
        (TX, Fault::Throttled),
        (TX, Fault::Broken),
        (TX, Fault::Undelivered),
        ("BatchGetItem", Fault::Throttled),
        ("BatchGetItem", Fault::Undelivered),
        ("BatchGetItem", Fault::Unprocessed),
    ] {
        let shop = Shop::open();
        let variant = shop.variant(1).await;
        shop.inject(Rule::every(operation, fault));
        shop.customer("ann").post("/orders", &cart(&variant, 1)).await.refused(503, "busy");
        shop.aws.clear_faults();
        assert_eq!(shop.left(&variant).await, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_unresponsive_service_results_in_busy_within_the_time_outs() {
    let shop = Shop::open();
    shop.inject(Rule::every("GetItem", Fault::Delayed(std::time::Duration::from_secs(3_600))));
    let began = tokio::time::Instant::now();
    shop.customer("ann").get("/points").await.refused(503, "busy");
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn unprocessed_keys_of_a_batch_read_are_requested_again() {
    let shop = Shop::open();
    let variant = shop.variant(1).await;
    shop.inject(Rule::next("BatchGetItem", Fault::Unprocessed).times(2));
    shop.customer("ann").post("/orders", &cart(&variant, 1)).await.expect(201);
    shop.aws.assert_faults_hit();
}

#[tokio::test(start_paused = true)]
async fn one_order_that_cannot_be_expired_does_not_block_the_others() {
    let shop = Shop::open();
    let variant = shop.variant(10).await;
    for n in 0..4 {
        shop.customer(&format!("buyer-{n}")).order(&variant, 1).await;
    }
    shop.advance_minutes(15);
    shop.inject(Rule::next(TX, Fault::Conflict("Orders", None)).by("expire_orders").times(5));
    let ended = shop.tick_at("expire_orders", shop.now()).await;
    // Five conflicts hit the first orders; in the end all others are expired.
    let left = shop.left(&variant).await;
    assert!(left >= 9, "{left} left, the tick said {ended:?}");
    shop.tick("expire_orders").await;
    assert_eq!(shop.left(&variant).await, 10);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_environment_with_a_cached_old_wallet_reads_it_again() {
    let shop = Shop::open();
    let (here, there) = (shop.customer("ann"), shop.fresh_environment().customer("ann"));
    here.charge(1_000_000).await.expect(200);
    there.charge(1_000_000).await.expect(200);
    here.charge(1_000_000).await.expect(200);
    assert_eq!(here.balance().await, 3_000_000);
    // A limit that the cached balance would satisfy.
    there.charge(196_000_000).await.expect(200);
    here.charge(2_000_000).await.refused(409, "balance_limit_exceeded");
    // And one that the cached balance would not satisfy.
    let variant = shop.variant(99).await;
    let order = there.order(&variant, 99).await;
    there.pay(&order).await.expect(201);
    here.charge(1_000_000 + 99 * 35_000).await.expect(200);
    assert_eq!(here.balance().await, json!(200_000_000).as_i64().unwrap());
    shop.run_to_quiescence().await;
}

/// The remaining quantity of each shard of pools with this prefix.
fn shards(shop: &Shop, prefix: &str) -> Vec<i64> {
    let mut found: Vec<(String, i64)> = Vec::new();
    for item in shop.aws.engine().items("Counters") {
        let pk = item["pk"]["S"].as_str().unwrap();
        if let (true, Some(left)) = (pk.starts_with(prefix), item["left_qty"]["N"].as_str()) {
            found.push((pk.to_owned(), left.parse().unwrap()));
        }
    }
    found.sort();
    found.into_iter().map(|(_, left)| left).collect()
}

fn transactions(shop: &Shop) -> usize {
    shop.aws.take_calls().iter().filter(|call| call.operation == TX).count()
}

#[tokio::test(start_paused = true)]
async fn a_contended_stock_shard_is_replaced_by_another_and_every_unit_is_sold_once() {
    let shop = Shop::open();
    let variant = shop.sharded_variant(40, 4).await;
    shop.inject(Rule::every(TX, Fault::ConflictAt("#02")));
    shop.aws.take_calls();
    for n in 0..30 {
        shop.customer(&format!("buyer-{n}")).post("/orders", &cart(&variant, 1)).await.expect(201);
    }
    let sent = transactions(&shop);
    assert!(sent > 30, "{sent} transactions for 30 orders: no order met the conflict");
    assert_eq!(shards(&shop, "STOCK#"), [0, 0, 10, 0]);
    // Only the contended shard has units left: that is not sold out.
    shop.customer("late").post("/orders", &cart(&variant, 1)).await.refused(503, "busy");
    shop.aws.clear_faults();
    shop.customer("late").post("/orders", &cart(&variant, 1)).await.expect(201);
    assert_eq!(shop.left(&variant).await, 9);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn one_conflict_on_a_shard_costs_one_retry_on_another_shard() {
    let shop = Shop::open();
    let variant = shop.sharded_variant(40, 4).await;
    let coupon = shop.coupon(40, 4).await;
    let mut moved = 0;
    for n in 0..12 {
        let ann = shop.customer(&format!("ann-{n}"));
        let before = (shards(&shop, "STOCK#"), shards(&shop, "QUOTA#"));
        shop.inject(Rule::every(TX, Fault::ConflictAt("#01")));
        shop.aws.take_calls();
        ann.post("/orders", &cart(&variant, 1)).await.expect(201);
        let order = transactions(&shop);
        ann.take(&coupon).await.expect(201);
        let taken = transactions(&shop);
        shop.aws.clear_faults();
        assert!((1..=2).contains(&order) && (1..=2).contains(&taken), "{order} and {taken} transactions");
        moved += order + taken - 2;
        assert_eq!((shards(&shop, "STOCK#")[1], shards(&shop, "QUOTA#")[1]), (before.0[1], before.1[1]));
    }
    assert!(moved > 0, "no request met the conflict");
    assert_eq!((shop.left(&variant).await, shards(&shop, "QUOTA#").iter().sum::<i64>()), (28, 28));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn every_shard_is_tried_without_back_off_and_lasting_contention_ends_in_busy() {
    let shop = Shop::open();
    let variant = shop.variant(5).await;
    for (number, tries) in [(1, 5), (4, 9), (16, 21), (64, 21)] {
        let path = format!("/admin/variants/{variant}");
        shop.admin().patch(&path, &json!({"stock_shards": number})).await.expect(200);
        shop.inject(Rule::every(TX, Fault::Conflict("Counters", None)));
        shop.aws.take_calls();
        shop.customer("ann").post("/orders", &cart(&variant, 1)).await.refused(503, "busy");
        assert_eq!(transactions(&shop), tries, "{number} shards");
        shop.aws.clear_faults();
    }
    assert_eq!(shop.left(&variant).await, 5);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_contended_quota_shard_is_replaced_by_another_for_requests_and_for_the_queue() {
    let shop = Shop::open();
    let coupon = shop.coupon(80, 4).await;
    shop.inject(Rule::every(TX, Fault::ConflictAt("#01")));
    for n in 0..20 {
        shop.customer(&format!("now-{n}")).take(&coupon).await.expect(201);
        let later = shop.customer(&format!("later-{n}"));
        later.post_async(None, &format!("/coupons/{coupon}/issue"), &json!({})).await.expect(202);
    }
    shop.dispatch_events().await;
    let left = shards(&shop, "QUOTA#");
    assert_eq!((left[1], left.iter().sum::<i64>()), (20, 40), "{left:?}");
    shop.aws.clear_faults();
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_contended_capacity_shard_is_replaced_by_another() {
    let shop = Shop::open();
    let mut terms = tests::preorders::terms(1);
    terms["max_total_qty"] = json!(16);
    terms["capacity_shards"] = json!(4);
    let offered = shop.offered(&terms).await;
    shop.inject(Rule::every(TX, Fault::ConflictAt("#03")));
    for n in 0..12 {
        shop.customer(&format!("customer-{n}")).reserve(&offered, 1).await.expect(201);
    }
    assert_eq!(shards(&shop, "CAPACITY#"), [0, 0, 0, 4]);
    shop.aws.clear_faults();
    shop.run_to_quiescence().await;
}
