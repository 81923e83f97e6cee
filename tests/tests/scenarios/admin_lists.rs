//! What admins list and look up beyond orders: products in every status, sell windows with disabled offers, coupons
//! with their counts.

use crate::notifications::{SMS, canceled, listed, with_channels};
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::Shop;
use tests::fake_messengers::FakeResponse;
use tests::fake_providers::FaultSettings;
use tests::fixtures::text;
use tests::preorders::{terms, with};
use tests::shop::Session;

/// Every item of a list, read in pages of `limit`.
pub(super) async fn all(session: &Session, target: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    let join = if target.contains('?') { '&' } else { '?' };
    loop {
        let page = session.get(&format!("{target}{join}limit={limit}{cursor}")).await.expect(200);
        items.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { return items };
        cursor = format!("&cursor={next}");
    }
}

pub(super) fn ids(items: &[Value], field: &str) -> Vec<String> {
    items.iter().map(|item| text(item, field)).collect()
}

async fn set_status(shop: &Shop, product: &str, status: &str) {
    shop.admin().patch(&format!("/admin/products/{product}"), &json!({"status": status})).await.expect(200);
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_products_in_every_status_newest_first_page_by_page() {
    let shop = Shop::open();
    let admin = shop.admin();
    let mut products = Vec::new();
    for n in 0..7 {
        shop.advance(SignedDuration::from_secs(1));
        products.insert(0, shop.product(&format!("tea {n}")).await);
    }
    let variant = shop.variant_of(&products[0], 5, 1).await;
    for (product, status) in [(&products[0], "DRAFT"), (&products[2], "INACTIVE"), (&products[5], "DRAFT")] {
        set_status(&shop, product, status).await;
    }
    admin.patch(&format!("/admin/variants/{variant}"), &json!({"is_active": false})).await.expect(200);
    for limit in [1, 2, 3, 7, 100] {
        assert_eq!(ids(&all(&admin, "/admin/products", limit).await, "product_id"), products, "by {limit}");
        let drafts = ids(&all(&admin, "/admin/products?status=DRAFT", limit).await, "product_id");
        assert_eq!(drafts, [products[0].clone(), products[5].clone()], "by {limit}");
    }
    let seen = admin.get(&format!("/admin/products/{}", products[0])).await.expect(200);
    assert_eq!((&seen["status"], &seen["variants"][0]["variant_id"]), (&json!("DRAFT"), &json!(variant)));
    assert_eq!((&seen["variants"][0]["is_active"], &seen["variants"][0]["available_qty"]), (&json!(false), &json!(5)));
    assert_eq!(admin.get("/admin/products?status=DRAFT&limit=1").await.expect(200)["items"][0], seen);

    shop.customer("ann").get(&format!("/products/{}", products[0])).await.refused(404, "product_not_found");
    admin.get("/admin/products/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b").await.refused(404, "product_not_found");
    for bad in ["?status=draft", "?status=", "?state=DRAFT", "?status=DRAFT&status=DRAFT", "?cursor=AAAA"] {
        admin.get(&format!("/admin/products{bad}")).await.refused(422, "invalid_request");
    }
    shop.customer("ann").get("/admin/products").await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_windows_past_and_future_with_disabled_offers_and_drafts() {
    let shop = Shop::open();
    let admin = shop.admin();
    let offered = shop.offered(&terms(2)).await;
    shop.reserved(&offered, 1).await;
    shop.dispatch_events().await;
    shop.advance(SignedDuration::from_secs(1));
    let draft = shop.product("hat").await;
    set_status(&shop, &draft, "DRAFT").await;
    let path = format!("/admin/sell-windows/{}", offered.window);
    let disabled = with(terms(3), &json!({"enabled": false}));
    admin.put(&format!("{path}/offers/{draft}"), &disabled).await.expect(200);
    shop.advance(SignedDuration::from_hours(24 * 8));
    let next = shop.window().await;

    let seen = admin.get(&path).await.expect(200);
    let offers = seen["offers"].as_array().unwrap();
    assert_eq!(ids(offers, "product_id"), [offered.product.clone(), draft.clone()]);
    assert_eq!((&offers[0]["reserved_qty"], &offers[0]["capacity_shards"]), (&json!(1), &json!(1)));
    assert_eq!((&offers[1]["enabled"], &offers[1]["threshold_qty"]), (&json!(false), &json!(3)));
    assert_eq!(offers[1]["production_steps"], json!(["PRODUCE", "CHECK", "PACK"]));
    for limit in [1, 100] {
        let found = all(&admin, "/admin/sell-windows", limit).await;
        assert_eq!(ids(&found, "sell_window_id"), [next.clone(), offered.window.clone()], "by {limit}");
        assert_eq!(found[1], seen);
    }
    admin.get("/admin/sell-windows/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b").await.refused(404, "sell_window_not_found");
    admin.get("/admin/sell-windows?status=OPEN").await.refused(422, "invalid_request");
    shop.customer("ann").get(&path).await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_how_many_coupons_of_each_campaign_are_issued_held_and_used() {
    let shop = Shop::open();
    let (admin, variant) = (shop.admin(), shop.variant(10).await);
    let coupon = shop.coupon(9, 2).await;
    shop.advance(SignedDuration::from_secs(1));
    let other = shop.coupon(1, 1).await;
    let quantities = async || {
        let seen = shop.admin().get(&format!("/admin/coupons/{coupon}")).await.expect(200);
        ["issued_qty", "held_qty", "used_qty", "remaining_qty"].map(|name| seen[name].as_i64().unwrap())
    };
    assert_eq!(quantities().await, [0, 0, 0, 9]);
    let mut orders = Vec::new();
    for name in ["pays", "cancels", "expires", "cancels-paid", "keeps"] {
        let customer = shop.customer(name);
        customer.take(&coupon).await.expect(201);
        customer.charge(1_000_000).await.expect(200);
        if name != "keeps" {
            orders.push((name, customer.order_with(&variant, &coupon).await));
        }
    }
    shop.dispatch_events().await;
    assert_eq!(quantities().await, [5, 4, 0, 4]);
    for (name, order) in &orders {
        let customer = shop.customer(name);
        match *name {
            "pays" => drop(customer.pay(order).await.expect(201)),
            "cancels" => drop(customer.cancel(order).await.expect(200)),
            "cancels-paid" => {
                customer.pay(order).await.expect(201);
                admin.post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
            }
            _ => {}
        }
    }
    shop.advance_minutes(16);
    shop.tick("expire_orders").await;
    shop.dispatch_events().await;
    assert_eq!(quantities().await, [5, 0, 1, 4], "a canceled order gives its coupon back");

    for limit in [1, 100] {
        let found = all(&admin, "/admin/coupons", limit).await;
        assert_eq!(ids(&found, "coupon_id"), [other.clone(), coupon.clone()], "by {limit}");
        assert_eq!((&found[1]["used_qty"], &found[0]["remaining_qty"]), (&json!(1), &json!(1)));
        assert_eq!((&found[1]["listed"], &found[1]["ended_at"]), (&json!(false), &Value::Null));
    }
    let end = shop.now();
    admin.patch(&format!("/admin/coupons/{coupon}"), &json!({"listed": true, "issue_ends_at": end})).await.expect(200);
    let seen = admin.get(&format!("/admin/coupons/{coupon}")).await.expect(200);
    assert_eq!((&seen["listed"], &seen["ended_at"]), (&json!(true), &json!(end)));
    admin.get("/admin/coupons?listed=true").await.refused(422, "invalid_request");
    admin.get("/admin/coupons/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b").await.refused(404, "coupon_not_found");
    shop.customer("ann").get("/admin/coupons").await.refused(403, "forbidden");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn late_money_that_takes_its_coupon_again_counts_as_used() {
    let shop = Shop::open();
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(1).await, shop.coupon(1, 1).await);
    ann.take(&coupon).await.expect(201);
    let order = ann.order_with(&variant, &coupon).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.advance_minutes(31);
    shop.tick("expire_orders").await;
    shop.dispatch_events().await;
    shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
    shop.dispatch_events().await;
    assert_eq!(ann.coupon_status(&coupon).await, "USED");
    let seen = shop.admin().get(&format!("/admin/coupons/{coupon}")).await.expect(200);
    assert_eq!((&seen["held_qty"], &seen["used_qty"]), (&json!(0), &json!(1)));
}

#[tokio::test(start_paused = true)]
async fn an_admin_lists_notifications_by_status_with_masked_recipients() {
    let shop = with_channels(true, true);
    for n in 0..4 {
        if n == 3 {
            shop.aws.messengers().refuse(SMS, FakeResponse::new(400, "<Code>InvalidParameter</Code>"));
        }
        canceled(&shop).await;
        shop.dispatch_events().await;
        shop.advance_minutes(1);
    }
    assert_eq!(listed(&shop, "").await.len(), 12);
    assert_eq!(listed(&shop, "?status=FAILED").await.len(), 1);
    assert_eq!(listed(&shop, "?status=REQUESTED").await.len(), 0);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shop.admin().get(&format!("/admin/notifications?status=SENT&limit=3{cursor}")).await.expect(200);
        seen.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let mut ids: Vec<String> = seen.iter().map(|job| text(job, "job_id")).collect();
    assert_eq!(ids.len(), 11);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 11);
    let masked = |channel: &str| text(seen.iter().find(|job| job["channel"] == channel).unwrap(), "recipient");
    assert_eq!((masked("EMAIL").as_str(), masked("SMS").as_str()), ("a***@example.com", "***678"));
    assert_eq!(masked("LINE"), "***def");
    shop.admin().get("/admin/notifications?status=LOST").await.refused(422, "invalid_request");
    shop.admin().get("/admin/notifications?cursor=T1JERVIjMQ").await.refused(422, "invalid_request");
    shop.customer("ann").get("/admin/notifications").await.refused(403, "forbidden");
}
