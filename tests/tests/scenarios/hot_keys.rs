//! Hot keys: resharding while selling, and the sold-out cache.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use tests::Shop;
use tests::fixtures::cart;

fn writes(shop: &Shop) -> usize {
    shop.aws.take_calls().iter().filter(|call| call.is_write()).count()
}

async fn reshard(shop: &Shop, variant: &str, shards: i64) -> tests::Reply {
    shop.admin().patch(&format!("/admin/variants/{variant}"), &json!({"stock_shards": shards})).await
}

#[tokio::test(start_paused = true)]
async fn changing_the_shard_count_while_64_buyers_buy_sells_every_unit_once() {
    for (seed, from, to) in [(1, 1, 16), (2, 16, 1), (3, 4, 7), (4, 1, 64)] {
        let shop = Shop::open();
        let variant = shop.sharded_variant(50, from).await;
        let wanted = cart(&variant, 1);
        shop.aws.shuffle(seed);
        let buyers: Vec<_> = (0..64).map(|n| shop.fresh_environment().customer(&format!("buyer-{n}"))).collect();
        let buy = join_all(buyers.iter().map(|buyer| buyer.post("/orders", &wanted)));
        let (mut replies, changed) = futures_util::join!(buy, reshard(&shop, &variant, to));
        assert!(["200", "busy"].contains(&changed.word().as_str()), "{}", changed.text);
        // Busy responses are retried until everything is sold or all are served.
        for _ in 0..20 {
            for (buyer, reply) in buyers.iter().zip(&mut replies) {
                if reply.word() == "busy" {
                    *reply = buyer.post("/orders", &wanted).await;
                }
            }
        }
        let sold = replies.iter().filter(|reply| reply.status == 201).count();
        let refused = replies.iter().filter(|reply| reply.word() == "out_of_stock").count();
        assert_eq!((sold, refused), (50, 14), "{from} to {to} shards, seed {seed}");
        assert_eq!(shop.left(&variant).await, 0);
        // Expired units return to the shards they came from, including unused ones, and are found there.
        shop.advance_minutes(16);
        shop.tick("expire_orders").await;
        assert_eq!(shop.left(&variant).await, 50);
        for n in 0..50 {
            shop.fresh_environment().customer(&format!("again-{n}")).post("/orders", &wanted).await.expect(201);
        }
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn resharding_spreads_stock_evenly_and_loses_nothing() {
    let shop = Shop::open();
    let variant = shop.sharded_variant(10, 2).await;
    for (shards, expected) in [(4, vec![3, 3, 2, 2]), (1, vec![10, 0, 0, 0]), (3, vec![4, 3, 3, 0])] {
        reshard(&shop, &variant, shards).await.expect(200);
        let mut left: Vec<i64> = Vec::new();
        for item in shop.aws.engine().items("Counters") {
            let pk = item["pk"]["S"].as_str().unwrap();
            if let (true, Some(number)) = (pk.starts_with("STOCK#"), item["left_qty"]["N"].as_str()) {
                left.push(number.parse().unwrap());
            }
        }
        left.sort_unstable_by(|one, other| other.cmp(one));
        assert_eq!(left, expected);
    }
    shop.admin()
        .post(&format!("/admin/variants/{variant}/stock"), &json!({"delta": -10, "reason": "recalled"}))
        .await
        .expect(200);
    reshard(&shop, &variant, 2).await.expect(200);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_takes_from_several_shards_when_one_is_not_enough() {
    let shop = Shop::open();
    let variant = shop.sharded_variant(8, 4).await;
    shop.customer("ann").post("/orders", &cart(&variant, 7)).await.expect(201);
    assert_eq!(shop.left(&variant).await, 1);
    shop.customer("bob").post("/orders", &cart(&variant, 2)).await.refused(409, "out_of_stock");
    shop.customer("bob").post("/orders", &cart(&variant, 1)).await.expect(201);
    shop.run_to_quiescence().await;
}

/// A cart of two variants, each with this stock spread over 64 shards.
async fn scattered_cart(shop: &Shop, stock: i64, quantity: i64) -> (Vec<String>, serde_json::Value) {
    let variants = vec![shop.sharded_variant(stock, 64).await, shop.sharded_variant(stock, 64).await];
    let mut wanted = cart(&variants[0], quantity);
    wanted["lines"] = variants.iter().map(|variant| json!({"variant_id": variant, "quantity": quantity})).collect();
    (variants, wanted)
}

#[tokio::test(start_paused = true)]
async fn an_order_is_served_from_more_shards_than_one_transaction_can_take_from() {
    let shop = Shop::open();
    let (variants, wanted) = scattered_cart(&shop, 64, 60).await;
    let ann = shop.customer("ann");
    let order = tests::fixtures::text(&ann.post("/orders", &wanted).await.expect(201), "order_id");
    for variant in &variants {
        assert_eq!(shop.left(variant).await, 4);
    }
    // The refusal of the next one is true.
    shop.customer("bob").post("/orders", &wanted).await.refused(409, "out_of_stock");
    ann.charge(10_000_000).await.expect(200);
    ann.pay(&order).await.expect(201);
    shop.cancel(&order).await.expect(200);
    for variant in &variants {
        assert_eq!(shop.left(variant).await, 64);
    }
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn buyers_of_scattered_stock_at_once_never_sell_a_unit_twice() {
    for seed in 1..4 {
        let shop = Shop::open();
        let (variants, wanted) = scattered_cart(&shop, 64, 60).await;
        shop.aws.shuffle(seed);
        let buyers: Vec<_> = (0..4).map(|n| shop.fresh_environment().customer(&format!("buyer-{n}"))).collect();
        let mut replies = join_all(buyers.iter().map(|buyer| buyer.post("/orders", &wanted))).await;
        for _ in 0..20 {
            for (buyer, reply) in buyers.iter().zip(&mut replies) {
                if reply.word() == "busy" {
                    *reply = buyer.post("/orders", &wanted).await;
                }
            }
        }
        let sold = replies.iter().filter(|reply| reply.status == 201).count();
        let refused = replies.iter().filter(|reply| reply.word() == "out_of_stock").count();
        assert_eq!((sold, refused), (1, 3), "seed {seed}");
        for variant in &variants {
            assert_eq!(shop.left(variant).await, 4);
        }
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn requests_after_the_last_unit_write_nothing_and_see_new_stock_within_seconds() {
    let shop = Shop::open();
    let variant = shop.sharded_variant(1, 4).await;
    let wanted = cart(&variant, 1);
    shop.customer("ann").post("/orders", &wanted).await.expect(201);
    let elsewhere = shop.fresh_environment();
    elsewhere.customer("bob").post("/orders", &wanted).await.refused(409, "out_of_stock");
    shop.aws.take_calls();
    for n in 0..20 {
        elsewhere.customer(&format!("late-{n}")).post("/orders", &wanted).await.refused(409, "out_of_stock");
    }
    assert_eq!(writes(&shop), 0);
    shop.advance(SignedDuration::from_secs(3));
    elsewhere.customer("late").post("/orders", &wanted).await.refused(409, "out_of_stock");
    assert_eq!(writes(&shop), 0, "one read when the cache has expired");
    let path = format!("/admin/variants/{variant}/stock");
    shop.admin().post(&path, &json!({"delta": 5, "reason": "arrived"})).await.expect(200);
    shop.advance(SignedDuration::from_secs(3));
    elsewhere.customer("bob").post("/orders", &wanted).await.expect(201);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_releases_stock_clears_its_sold_out_cache() {
    let shop = Shop::open();
    let variant = shop.variant(1).await;
    let ann = shop.customer("ann");
    let order = ann.order(&variant, 1).await;
    shop.customer("bob").post("/orders", &cart(&variant, 1)).await.refused(409, "out_of_stock");
    ann.cancel(&order).await.expect(200);
    shop.customer("bob").post("/orders", &cart(&variant, 1)).await.expect(201);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_replayed_request_gets_its_first_response_after_the_product_sold_out() {
    let shop = Shop::open();
    let (variant, coupon) = (shop.variant(1).await, shop.coupon(1, 1).await);
    let (ann, issue) = (shop.customer("ann"), format!("/coupons/{coupon}/issue"));
    let order = ann.post_once("o", "/orders", &cart(&variant, 1)).await;
    let issued = ann.post_once("c", &issue, &json!({})).await;
    shop.customer("bob").post("/orders", &cart(&variant, 1)).await.refused(409, "out_of_stock");
    shop.customer("bob").take(&coupon).await.refused(409, "coupon_sold_out");
    assert_eq!(ann.post_once("o", "/orders", &cart(&variant, 1)).await.text, order.text);
    assert_eq!(ann.post_once("c", &issue, &json!({})).await.text, issued.text);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_full_offer_is_refused_from_the_sold_out_cache() {
    let shop = Shop::open();
    let mut terms = tests::preorders::terms(1);
    terms["max_total_qty"] = json!(2);
    terms["capacity_shards"] = json!(2);
    let offered = shop.offered(&terms).await;
    for n in 0..2 {
        shop.customer(&format!("customer-{n}")).reserve(&offered, 1).await.expect(201);
    }
    shop.customer("late").reserve(&offered, 1).await.refused(409, "offer_full");
    shop.aws.take_calls();
    shop.customer("later").reserve(&offered, 1).await.refused(409, "offer_full");
    assert_eq!(writes(&shop), 0);
    shop.run_to_quiescence().await;
}
