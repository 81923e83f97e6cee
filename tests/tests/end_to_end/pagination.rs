//! Pagination of lists.

use crate::fixtures::POINTS;
use crate::shop::Shop;
use crate::wait::until;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

pub(crate) async fn lists_are_paginated(shop: &Shop) {
    let customer = shop.customer_with(1_000_000).await;
    let goods = shop.goods(10).await;
    for _ in 0..4 {
        let body = json!({"amount_cents": 1_000_000});
        shop.post("/points/charge", &body).by(&customer.token).send().await.expect(200);
    }
    for _ in 0..3 {
        shop.order(&customer, &goods, 1).await;
        let coupon = shop.campaign(1).await;
        shop.take_coupon(&customer, &coupon).await.expect(201);
    }
    for (path, id, count) in
        [("/points/history", "entry_id", 5), ("/orders", "order_id", 3), ("/me/coupons", "coupon_id", 3)]
    {
        let whole = items(shop, path, 100, &customer.token, id).await;
        assert_eq!(whole.len(), count, "{path}");
        for limit in [1, 2, 3] {
            assert_eq!(items(shop, path, limit, &customer.token, id).await, whole, "{path} by {limit}");
        }
    }
    let history = items(shop, "/points/history", 2, &customer.token, "balance_after_cents").await;
    let newest_first: Vec<String> = (1..=5).rev().map(|millions| json!(millions * 1_000_000).to_string()).collect();
    assert_eq!(history, newest_first);
    // Other scenarios add to the public list meanwhile; the earlier items are on it exactly once.
    let products = items(shop, "/products", 7, &customer.token, "product_id").await;
    let mine = json!(goods.product).to_string();
    assert_eq!(products.iter().filter(|id| **id == mine).count(), 1);
}

/// One field of every item of a list, read in pages of `limit`.
async fn items(shop: &Shop, path: &str, limit: usize, token: &str, field: &str) -> Vec<String> {
    let mut all = Vec::new();
    let separator = if path.contains('?') { '&' } else { '?' };
    let mut query = format!("{path}{separator}limit={limit}");
    loop {
        let page = shop.get(&query).by(token).send().await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{query}");
        all.extend(items.iter().map(|item| item[field].to_string()));
        let Some(cursor) = page["next_cursor"].as_str() else { return all };
        query = format!("{path}{separator}limit={limit}&cursor={cursor}");
    }
}

pub(crate) async fn an_admin_finds_an_order_by_number_id_and_status(shop: &Shop) {
    let goods = shop.goods(10).await;
    let customer = shop.customer_with(POINTS).await;
    let order = shop.order(&customer, &goods, 1).await;
    let (id, number) = (order["order_id"].as_str().unwrap(), order["order_no"].as_str().unwrap());
    let typed = number.to_lowercase().replace('-', "");
    for query in [format!("order_no={number}"), format!("order_no={typed}"), format!("order_id={id}")] {
        let found = shop.get(&format!("/admin/orders?{query}")).by(shop.admin()).send().await.expect(200);
        assert_eq!(found["items"], json!([order]), "{query}");
    }
    for query in ["order_no=251121-00000-00000", "order_no=nonsense", "order_id=nonsense"] {
        let found = shop.get(&format!("/admin/orders?{query}")).by(shop.admin()).send().await.expect(200);
        assert_eq!(found["items"], json!([]), "{query}");
    }
    let mine = json!(id).to_string();
    let reserved = items(shop, "/admin/orders?status=RESERVED", 3, shop.admin(), "order_id").await;
    assert_eq!(reserved.iter().filter(|id| **id == mine).count(), 1);
    shop.try_pay(&customer, &order).await.expect(201);
    until("the order is scheduled for shipping", || async {
        (shop.order_of(&customer, &order).await["status"] == "SHIPPING_SCHEDULED").then_some(())
    })
    .await;
    for (status, count) in [("SHIPPING_SCHEDULED", 1), ("PAID", 0), ("RESERVED", 0)] {
        let found = items(shop, &format!("/admin/orders?status={status}"), 100, shop.admin(), "order_id").await;
        assert_eq!(found.iter().filter(|id| **id == mine).count(), count, "{status}");
    }
    shop.get("/admin/orders?status=LOST").by(shop.admin()).send().await.refused(422, "invalid_request");
}

pub(crate) async fn bad_pages_and_forged_cursors_are_refused(shop: &Shop) {
    let (customer, other) = (shop.customer_with(1_000_000).await, shop.customer_with(2_000_000).await);
    let lists = ["/products", "/orders", "/points/history", "/me/coupons", "/admin/orders", "/admin/outbox"];
    let forged = |position: &str| URL_SAFE_NO_PAD.encode(position);
    let cursors = [
        "nonsense".to_owned(),
        "%00".to_owned(),
        "A".repeat(257),
        forged(""),
        forged("BALANCE"),
        forged(&format!("CUSTOMER#{}", other.id)),
        forged(&format!("{{\"pk\":\"CUSTOMER#{}\",\"sk\":\"BALANCE\"}}", other.id)),
        URL_SAFE_NO_PAD.encode([0xff, 0xfe]),
    ];
    for list in lists {
        let token = if list.starts_with("/admin") { shop.admin() } else { &customer.token };
        for limit in ["0", "101", "-1", "1.5", "x", "99999999999999999999", "1e1", "%20"] {
            let reply = shop.get(&format!("{list}?limit={limit}")).by(token).send().await;
            reply.refused(422, "invalid_request");
        }
        for cursor in &cursors {
            shop.get(&format!("{list}?cursor={cursor}")).by(token).send().await.refused(422, "invalid_request");
        }
    }
    // A valid cursor of another customer is a position in the caller's own list.
    let body = json!({"amount_cents": 1_000_000});
    shop.post("/points/charge", &body).by(&other.token).send().await.expect(200);
    let theirs = shop.get("/points/history?limit=1").by(&other.token).send().await.expect(200);
    let cursor = theirs["next_cursor"].as_str().unwrap();
    let mine = shop.get(&format!("/points/history?cursor={cursor}")).by(&customer.token).send().await.expect(200);
    let amounts: Vec<&Value> = mine["items"].as_array().unwrap().iter().map(|entry| &entry["amount_cents"]).collect();
    assert!(amounts.iter().all(|amount| **amount == json!(1_000_000)) && amounts.len() <= 1, "{mine}");
}
