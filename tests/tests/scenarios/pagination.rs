//! Pagination: every item exactly once over all pages, in order, and cursors that are valid only for their own list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::fixtures::{cart, text, without_contact};
use tests::shop::Session;
use tests::{Fault, Rule, Shop};

/// Every item of a list, read in pages of `limit`.
async fn all(session: &Session, target: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    let join = if target.contains('?') { '&' } else { '?' };
    for _ in 0..500 {
        let page = session.get(&format!("{target}{join}limit={limit}{cursor}")).await.expect(200);
        let found = page["items"].as_array().unwrap();
        assert!(found.len() <= limit, "{} on a page of {limit}", found.len());
        items.extend(found.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return items,
        }
    }
    panic!("{target} never ends");
}

/// Panics unless the list has exactly these items, newest first, for any page size.
async fn has_exactly(session: &Session, target: &str, field: &str, ids: &[String]) {
    for limit in [1, 2, 3, 7, 100] {
        let found: Vec<String> = all(session, target, limit).await.iter().map(|item| text(item, field)).collect();
        let newest_first: Vec<String> = ids.iter().rev().cloned().collect();
        assert_eq!(found, newest_first, "{target} by {limit}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_list_shows_everything_exactly_once_newest_first() {
    let shop = Shop::open();
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    let (mut products, mut coupons, mut orders, mut entries) = (vec![], vec![], vec![], vec![]);
    let variant = shop.variant(100).await;
    products.push(variant.split('.').next().unwrap().to_owned());
    for n in 0..7 {
        shop.advance(SignedDuration::from_secs(1));
        if n > 0 {
            products.push(shop.product(&format!("tea {n}")).await);
        }
        let coupon = shop.coupon(9, 1).await;
        ann.take(&coupon).await.expect(201);
        coupons.push(coupon);
        orders.push(ann.order(&variant, 1).await);
        bob.order(&variant, 1).await;
        entries.push(text(&ann.charge(1_000_000).await.expect(200), "entry_id"));
        bob.charge(1_000_000).await.expect(200);
    }
    has_exactly(&ann, "/products", "product_id", &products).await;
    has_exactly(&ann, "/me/coupons", "coupon_id", &coupons).await;
    has_exactly(&ann, "/orders", "order_id", &orders).await;
    has_exactly(&ann, "/points/history", "entry_id", &entries).await;
    let history = ann.get("/points/history?limit=1").await.expect(200);
    assert_eq!(history["items"][0]["balance_after_cents"], 7_000_000);
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_from_1_to_100_and_20_by_default() {
    let shop = Shop::open();
    let (ann, admin) = (shop.customer("ann"), shop.admin());
    let variant = shop.variant(100).await;
    for _ in 0..25 {
        shop.advance(SignedDuration::from_millis(1));
        ann.order(&variant, 1).await;
    }
    assert_eq!(ann.get("/orders").await.expect(200)["items"].as_array().unwrap().len(), 20);
    assert_eq!(ann.get("/orders?limit=100").await.expect(200)["items"].as_array().unwrap().len(), 25);
    let lists = [(&ann, "/orders"), (&ann, "/points/history"), (&ann, "/me/coupons"), (&ann, "/products")];
    for (session, list) in lists.into_iter().chain([(&admin, "/admin/orders"), (&admin, "/admin/outbox")]) {
        for bad in ["0", "101", "-1", "x", "1.5", "99999999999999999999"] {
            session.get(&format!("{list}?limit={bad}")).await.refused(422, "invalid_request");
        }
        for bad in ["x", "%25", "AAAA", "_w", &"A".repeat(257), &URL_SAFE_NO_PAD.encode("BALANCE")] {
            session.get(&format!("{list}?cursor={bad}")).await.refused(422, "invalid_request");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cursor_of_another_customer_reveals_nothing() {
    let shop = Shop::open();
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    let variant = shop.variant(100).await;
    let mut anns = BTreeSet::new();
    for _ in 0..3 {
        shop.advance(SignedDuration::from_secs(1));
        anns.insert(ann.order(&variant, 1).await);
        bob.order(&variant, 1).await;
        shop.advance(SignedDuration::from_secs(1));
        ann.charge(1_000_000).await.expect(200);
        bob.charge(1_000_000).await.expect(200);
    }
    let cursor = text(&ann.get("/orders?limit=1").await.expect(200), "next_cursor");
    let bobs = bob.get(&format!("/orders?cursor={cursor}")).await.expect(200);
    assert!(bobs["items"].as_array().unwrap().iter().all(|order| !anns.contains(&text(order, "order_id"))));
    // A cursor does not work for another list.
    for forged in ["BALANCE", "ENTRY#", "COUPON#x", "ORDER#0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", "CUSTOMER#ann"] {
        let cursor = URL_SAFE_NO_PAD.encode(forged);
        bob.get(&format!("/points/history?cursor={cursor}")).await.refused(422, "invalid_request");
        bob.get(&format!("/orders?cursor={cursor}")).await.refused(422, "invalid_request");
    }
}

#[tokio::test(start_paused = true)]
async fn an_admin_finds_orders_by_status_number_and_id() {
    let shop = Shop::open();
    let admin = shop.admin();
    let variant = shop.variant(100).await;
    let mut by_status: [Vec<String>; 3] = Default::default();
    for n in 0..12 {
        shop.advance(SignedDuration::from_secs(10));
        let buyer = shop.customer(&format!("buyer-{}", n % 4));
        buyer.charge(1_000_000).await.expect(200);
        let order = buyer.order(&variant, 1).await;
        match n % 3 {
            0 => {}
            1 => drop(buyer.pay(&order).await.expect(201)),
            _ => drop(buyer.cancel(&order).await.expect(200)),
        }
        by_status[n % 3].push(order);
    }
    for (status, ids) in ["RESERVED", "PAID", "CANCELED"].into_iter().zip(&by_status) {
        has_exactly(&admin, &format!("/admin/orders?status={status}"), "order_id", ids).await;
    }
    let every: BTreeSet<String> = by_status.iter().flatten().cloned().collect();
    for limit in [2, 100] {
        let found = all(&admin, "/admin/orders", limit).await;
        assert_eq!(found.len(), 12, "by {limit}");
        assert!(found.is_sorted_by(|one, next| text(one, "created_at") > text(next, "created_at")), "newest first");
        assert_eq!(found.iter().map(|order| text(order, "order_id")).collect::<BTreeSet<_>>(), every);
    }
    has_exactly(&admin, "/admin/orders?status=REFUNDED", "order_id", &[]).await;
    admin.get("/admin/orders?status=paid").await.refused(422, "invalid_request");

    let id = &by_status[0][2];
    let order = admin.get(&format!("/admin/orders/{id}")).await.expect(200);
    let number = text(&order, "order_no");
    for query in [format!("order_no={number}"), format!("order_id={id}")] {
        let found = admin.get(&format!("/admin/orders?{query}")).await.expect(200);
        assert_eq!(
            (found["items"].as_array().unwrap().len(), &found["items"][0]["order_id"]),
            (1, &order["order_id"]),
            "{query}"
        );
    }
    let none = "order_id=0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
    admin.get("/admin/orders?order_no=").await.refused(422, "invalid_request");
    for query in ["order_no=nonsense", "order_id=x", none] {
        assert_eq!(admin.get(&format!("/admin/orders?{query}")).await.expect(200)["items"], json!([]), "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_whose_order_changes_says_when_it_was_read() {
    let shop = Shop::open();
    let (ann, admin, variant) = (shop.customer("ann"), shop.admin(), shop.variant(9).await);
    ann.order(&variant, 1).await;
    for list in ["/admin/orders?status=RESERVED", "/admin/notifications"] {
        let page = admin.get(list).await.expect(200);
        let read_at: domain::Moment = page["as_of"].as_str().unwrap().parse().unwrap();
        assert_eq!(read_at, shop.now(), "{list}");
    }
    for list in ["/admin/orders", "/admin/batches", "/admin/work-orders", "/admin/payment-tasks"] {
        assert_eq!(admin.get(list).await.expect(200).get("as_of"), None, "{list}: in the order of creation");
    }
    assert_eq!(ann.get("/orders").await.expect(200).get("as_of"), None);
}

#[tokio::test(start_paused = true)]
async fn a_search_continues_across_the_end_of_a_month() {
    let shop = Shop::open();
    let variant = shop.variant(100).await;
    let mut ids = Vec::new();
    for n in 0..6 {
        let buyer = shop.customer(&format!("buyer-{n}"));
        let order = buyer.order(&variant, 1).await;
        buyer.cancel(&order).await.expect(200);
        ids.push(order);
        shop.advance(SignedDuration::from_hours(24 * 8));
    }
    has_exactly(&shop.admin(), "/admin/orders?status=CANCELED", "order_id", &ids).await;
}

#[tokio::test(start_paused = true)]
async fn the_outbox_is_listed_by_status_newest_first() {
    // The list reads every minute for which events are kept.
    let shop = Shop::open_keeping(SignedDuration::from_hours(4));
    // The effects of an order and its payment would be counted too.
    shop.dispatcher.disable("ScheduleShippingOnOrderPaid");
    shop.dispatcher.disable("RequestNotificationsOnWhatPeopleAreTold");
    let admin = shop.admin();
    let ann = shop.customer("ann");
    let variant = shop.variant(100).await;
    for n in 0..4 {
        shop.advance(SignedDuration::from_mins(50));
        ann.charge(1_000_000).await.expect(200);
        let order = ann.order(&variant, 1).await;
        ann.pay(&order).await.expect(201);
        if n == 1 {
            shop.dispatch_events().await;
        }
    }
    // Per round: charged, reserved, and three of the payment. Two rounds were published.
    for limit in [3, 100] {
        let ids = |items: Vec<Value>| items.iter().map(|item| text(item, "event_id")).collect::<Vec<_>>();
        let every = ids(all(&admin, "/admin/outbox", limit).await);
        assert_eq!(every.len(), 20, "by {limit}");
        assert!(every.is_sorted_by(|one, other| one > other), "{every:?}");
    }
    for (status, count) in [("SENT", 10), ("NEW", 10), ("FAILED", 0)] {
        let found = all(&admin, &format!("/admin/outbox?status={status}"), 7).await;
        assert_eq!(found.len(), count, "{status}");
        assert!(found.iter().all(|item| item["status"] == status), "{found:?}");
    }
    shop.inject(Rule::every("PutEvents", Fault::EntriesInvalid((0..10).collect())));
    for _ in 0..5 {
        shop.advance_minutes(1);
        shop.tick("sweep_outbox").await;
    }
    for limit in [3, 100] {
        assert_eq!(all(&admin, "/admin/outbox?status=FAILED", limit).await.len(), 10, "by {limit}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_shows_names_and_prices_at_the_time_it_was_placed() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let product = shop.product("Oolong").await;
    let variant = shop.variant_of(&product, 5, 1).await;
    let placed = ann.post("/orders", &cart(&variant, 1)).await.expect(201);
    shop.admin().patch(&format!("/admin/products/{product}"), &json!({"name": "Black"})).await.expect(200);
    shop.admin().patch(&format!("/admin/variants/{variant}"), &json!({"price_cents": 99_900})).await.expect(200);
    let seen = ann.get(&format!("/orders/{}", text(&placed, "order_id"))).await.expect(200);
    assert_eq!(seen["contact"], cart(&variant, 1)["contact"]);
    assert_eq!(without_contact(seen.clone()), placed);
    assert_eq!(seen["lines"][0]["name"], "Oolong – 150 g");
    assert!(placed.get("contact").is_none(), "an answer is kept for a day under its key");
}

#[tokio::test(start_paused = true)]
async fn a_page_of_the_outbox_does_not_read_a_busy_minute_whole() {
    let shop = Shop::open_keeping(jiff::SignedDuration::from_mins(30));
    for n in 0..200 {
        shop.customer(&format!("customer-{n}")).charge(1_000_000).await.expect(200);
    }
    shop.aws.take_calls();
    let page = shop.admin().get("/admin/outbox?limit=1").await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let read: u64 = shop.aws.take_calls().iter().flat_map(|call| call.milliunits().into_values()).sum();
    assert!(read < 50_000, "{read} thousandths of a unit: at most two records of each shard of ten minutes");
    assert_eq!(all(&shop.admin(), "/admin/outbox", 30).await.len(), 200);
}
