//! Limits of what one customer may hold without paying.

use serde_json::json;
use tests::Shop;
use tests::fixtures::{cart, text};
use tests::preorders::terms;

#[tokio::test(start_paused = true)]
async fn a_customer_with_the_maximum_of_unpaid_orders_pays_or_cancels_one_before_the_next() {
    let shop = Shop::open_limited(3, 1);
    let (ann, bob, variant) = (shop.customer("ann"), shop.customer("bob"), shop.variant(100).await);
    let wanted = cart(&variant, 1);
    let first = ann.order(&variant, 1).await;
    // An accepted order counts before it is reserved.
    ann.post_async(None, "/orders", &wanted).await.expect(202);
    let last = text(&ann.post_once("last", "/orders", &wanted).await.expect(201), "order_id");
    let refused = ann.post("/orders", &wanted).await;
    refused.refused(409, "too_many_open_orders");
    assert!(refused.body["detail"].as_str().unwrap().contains("at most 3"), "{}", refused.text);
    ann.post_async(None, "/orders", &wanted).await.refused(409, "too_many_open_orders");
    let again = ann.post_once("last", "/orders", &wanted).await.expect(201);
    assert_eq!(text(&again, "order_id"), last, "a replay is no further order");
    bob.order(&variant, 1).await;

    ann.cancel(&first).await.expect(200);
    let other = ann.order(&variant, 1).await;
    ann.post("/orders", &wanted).await.refused(409, "too_many_open_orders");
    ann.charge(1_000_000).await.expect(200);
    ann.pay(&other).await.expect(201);
    ann.order(&variant, 1).await;
    ann.post("/orders", &wanted).await.refused(409, "too_many_open_orders");

    shop.advance_minutes(60);
    shop.run_to_quiescence().await;
    ann.order(&variant, 1).await;
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_customer_has_the_maximum_of_unpaid_preorders_in_each_window() {
    let shop = Shop::open_limited(1, 2);
    let (ann, variant) = (shop.customer("ann"), shop.variant(100).await);
    let (one, other) = (shop.offered(&terms(10)).await, shop.offered(&terms(10)).await);
    let first = text(&ann.reserve(&one, 1).await.expect(201), "order_id");
    shop.advance(jiff::SignedDuration::from_hours(48));
    ann.reserve(&one, 1).await.expect(201);
    ann.reserve(&one, 1).await.refused(409, "too_many_open_orders");
    ann.post_async(None, "/orders", &one.cart(1)).await.refused(409, "too_many_open_orders");
    ann.reserve(&other, 1).await.expect(201);
    ann.order(&variant, 1).await;
    ann.post("/orders", &cart(&variant, 1)).await.refused(409, "too_many_open_orders");
    ann.cancel(&first).await.expect(200);
    ann.reserve(&one, 1).await.expect(201);
    ann.reserve(&one, 1).await.refused(409, "too_many_open_orders");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_limit_costs_one_read_beside_the_others_and_no_write() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(100).await);
    for _ in 0..3 {
        ann.order(&variant, 1).await;
    }
    shop.aws.take_calls();
    ann.order(&variant, 1).await;
    let names: Vec<String> = shop.aws.take_calls().iter().map(|call| call.operation.clone()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    let writes = names.iter().filter(|name| name.contains("Write")).count();
    assert_eq!(writes, 1, "{names:?}");
    assert_eq!(json!(names.last()), "TransactWriteItems");
}

#[tokio::test(start_paused = true)]
async fn an_orders_number_begins_with_the_shops_day_and_finds_it_as_its_id_does() {
    let shop = Shop::open();
    let (ann, admin, variant) = (shop.customer("ann"), shop.admin(), shop.variant(100).await);
    // 16:30 in UTC: half past midnight in Taipei.
    shop.advance_minutes(4 * 60 + 30);
    let order = ann.order(&variant, 1).await;
    let number = text(&ann.get(&format!("/orders/{order}")).await.expect(200), "order_no");
    assert!(number.starts_with("261122-"), "{number}");
    for query in [format!("order_no={number}"), format!("order_id={order}")] {
        let found = admin.get(&format!("/admin/orders?{query}")).await.expect(200);
        assert_eq!(found["items"][0]["order_id"], order.as_str(), "{query}");
    }
    admin.get(&format!("/admin/orders/{order}")).await.expect(200);
}
