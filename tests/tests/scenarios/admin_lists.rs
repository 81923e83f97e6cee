//! What admins list and look up beyond orders: products in every status, sell windows with disabled offers, coupons with their
//! counts, tasks, events, payments, work orders, stock adjustments.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::fake_providers::FaultSettings;
use tests::fixtures::{PRICE, text};
use tests::preorders::{Offered, asked, terms, with};
use tests::shop::Session;
use tests::{Fault, Rule, Shop};

/// Every item of a list, read in pages of `limit`.
async fn all(session: &Session, target: &str, limit: usize) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    let join = if target.contains('?') { '&' } else { '?' };
    loop {
        let page = session.get(&format!("{target}{join}limit={limit}{cursor}")).await.expect(200);
        items.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { return items };
        cursor = format!("&cursor={next}");
    }
}

fn ids(items: &[Value], field: &str) -> Vec<String> {
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
    assert_eq!(quantities().await, [5, 0, 2, 4], "the coupon of a paid order is used for good");

    for limit in [1, 100] {
        let found = all(&admin, "/admin/coupons", limit).await;
        assert_eq!(ids(&found, "coupon_id"), [other.clone(), coupon.clone()], "by {limit}");
        assert_eq!((&found[1]["used_qty"], &found[0]["remaining_qty"]), (&json!(2), &json!(1)));
    }
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
async fn payment_tasks_say_what_to_do_and_stay_listed_once_they_are_done() {
    let shop = Shop::open();
    let (admin, ann, variant) = (shop.admin(), shop.customer("ann"), shop.variant(9).await);
    // Late money leaves a notice.
    let late = ann.order(&variant, 1).await;
    let open = ann.check_out(&late, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.advance_minutes(31);
    shop.tick("expire_orders").await;
    shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
    shop.dispatch_events().await;
    shop.advance(SignedDuration::from_secs(1));
    // A payment at a machine has no refund at the provider's API.
    let order = ann.order(&variant, 1).await;
    let begun = ann.begin(&order, "ECPAY").await.expect(201);
    let trade_no = shop.open_checkout(&begun).await;
    shop.aws.providers().change(&trade_no, |trade| trade.way = "ATM_TAISHIN".to_owned());
    shop.aws.providers().pay(&trade_no);
    shop.ecpay_calls(&trade_no, FaultSettings::default()).await;
    admin.post(&format!("/admin/orders/{order}/refund"), &json!({"reason": "broken"})).await.expect(200);
    shop.dispatch_events().await;
    shop.advance_minutes(61);
    shop.tick("reconcile_payments").await;

    let open_tasks = all(&admin, "/admin/payment-tasks?done=false", 100).await;
    assert_eq!(ids(&open_tasks, "kind"), ["MANUAL_REFUND"]);
    assert!(text(&open_tasks[0], "to_do").contains("record the manual refund"), "{}", open_tasks[0]);
    assert_eq!(ids(&all(&admin, "/admin/payment-tasks?done=true", 100).await, "kind"), ["LATE_SERVED"]);
    let refund = format!("/admin/payments/{}/manual-refund", text(&open_tasks[0], "payment_id"));
    let given = json!({"amount_cents": open_tasks[0]["amount_cents"], "how": "bank transfer 7"});
    admin.post(&refund, &given).await.expect(200);

    for limit in [1, 2, 100] {
        let every = all(&admin, "/admin/payment-tasks", limit).await;
        assert_eq!(ids(&every, "kind"), ["MANUALLY_REFUNDED", "MANUAL_REFUND", "LATE_SERVED"], "by {limit}");
        assert_eq!((&every[1]["done"], &every[1]["done_by"]), (&json!(true), &json!("admin-1")));
        assert_eq!(every[1]["note"], "bank transfer 7");
        assert_eq!(every[1]["task_id"], open_tasks[0]["task_id"]);
        assert_eq!(all(&admin, "/admin/payment-tasks?done=false", limit).await, Vec::<Value>::new());
        let of_kind = all(&admin, "/admin/payment-tasks?kind=MANUAL_REFUND&done=true", limit).await;
        assert_eq!(ids(&of_kind, "kind"), ["MANUAL_REFUND"]);
    }
    for bad in ["?kind=manual", "?done=yes", "?done=", "?done=true&done=true", "?status=OPEN"] {
        admin.get(&format!("/admin/payment-tasks{bad}")).await.refused(422, "invalid_request");
    }
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_a_payment_with_all_that_its_provider_said_and_no_card_data() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
    let seen = shop.admin().get(&format!("/admin/payments/{}", open.payment)).await.expect(200);
    assert_eq!(
        (&seen["order_id"], &seen["customer_id"], &seen["status"]),
        (&json!(order), &json!("ann"), &json!("SUCCEEDED"))
    );
    let event = &seen["events"][0];
    assert_eq!(
        (&event["action"], &event["result"], &event["trade_no"]),
        (&json!("CAPTURE"), &json!("OK"), &json!(open.trade_no))
    );
    let raw = event["raw"].as_object().unwrap();
    assert_eq!(raw["MerchantTradeNo"], open.trade_no.as_str());
    assert!(raw.keys().all(|name| !name.to_lowercase().contains("card")), "{raw:?}");
    shop.admin().get("/admin/payments/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b").await.refused(404, "payment_not_found");
    ann.get(&format!("/admin/payments/{}", open.payment)).await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_the_payload_of_an_event_and_why_it_was_not_published() {
    let shop = Shop::open();
    let (admin, ann, variant) = (shop.admin(), shop.customer("ann"), shop.variant(5).await);
    let order = ann.order(&variant, 1).await;
    shop.inject(Rule::every("PutEvents", Fault::Broken));
    shop.advance_minutes(1);
    shop.tick("sweep_outbox").await;
    let event = text(&admin.get("/admin/outbox").await.expect(200)["items"][0], "event_id");
    let seen = admin.get(&format!("/admin/outbox/{event}")).await.expect(200);
    assert_eq!(
        (&seen["type"], &seen["status"], &seen["attempts"]),
        (&json!("order.reserved.v1"), &json!("NEW"), &json!(1))
    );
    assert_eq!(seen["aggregate"], json!({"type": "order", "id": order, "version": 1}));
    assert_eq!(seen["payload"]["order_id"], order.as_str());
    assert!(!text(&seen, "last_error").is_empty());
    admin.get("/admin/outbox/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a50").await.refused(404, "event_not_found");
    ann.get(&format!("/admin/outbox/{event}")).await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_a_work_order_with_the_names_of_its_product_and_window() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    asked(&shop, &offered, 1).await;
    let seen = shop.admin().get(&format!("/admin/work-orders/{}", offered.batch())).await.expect(200);
    assert_eq!((&seen["product_name"], &seen["sell_window_name"]), (&json!("coat"), &json!("2026_CNY")));
    assert_eq!((&seen["status"], &seen["batch_id"]), (&json!("READY"), &json!(offered.batch())));
    let other = format!("{}.{}", offered.product, offered.window);
    shop.admin().get(&format!("/admin/work-orders/{other}")).await.refused(404, "work_order_not_found");
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_who_changed_a_stock_and_why_newest_first() {
    let shop = Shop::open();
    let (admin, variant) = (shop.admin(), shop.variant(5).await);
    for (delta, reason) in [(3, "found"), (-2, "broken"), (7, "delivery")] {
        shop.advance(SignedDuration::from_secs(1));
        let change = json!({"delta": delta, "reason": reason});
        admin.post(&format!("/admin/variants/{variant}/stock"), &change).await.expect(200);
    }
    let path = format!("/admin/variants/{variant}/adjustments");
    for limit in [1, 2, 100] {
        let found = all(&admin, &path, limit).await;
        let seen: Vec<_> = found.iter().map(|item| (item["delta"].as_i64().unwrap(), text(item, "reason"))).collect();
        let wanted = [(7, "delivery"), (-2, "broken"), (3, "found"), (5, "initial stock")];
        assert_eq!(seen, wanted.map(|(delta, reason)| (delta, reason.to_owned())), "by {limit}");
        assert!(found.iter().all(|item| item["by"] == "admin-1" && item["at"].is_string()));
    }
    let other = format!("{}.00000001", variant.split('.').next().unwrap());
    admin.get(&format!("/admin/variants/{other}/adjustments")).await.refused(404, "variant_not_found");
    shop.customer("ann").get(&path).await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn the_summary_shows_what_waits_and_what_each_day_brought() {
    let shop = Shop::open();
    let (admin, variant) = (shop.admin(), shop.variant(50).await);
    let offered = shop.offered(&terms(2)).await;
    shop.reserved(&offered, 2).await;
    let later = shop.offered(&terms(9)).await;
    shop.reserved(&later, 1).await;
    let ann = shop.customer("ann");
    ann.charge(10_000_000).await.expect(200);
    let mut orders = Vec::new();
    for n in 1..=3 {
        let order = ann.order(&variant, n).await;
        ann.pay(&order).await.expect(201);
        orders.push(order);
    }
    shop.dispatch_events().await;
    shop.advance(SignedDuration::from_hours(24 * 4 + 1));
    admin.post(&format!("/admin/orders/{}/cancel", orders[1]), &json!({})).await.expect(200);
    shop.dispatch_events().await;

    shop.aws.take_calls();
    let seen = admin.get("/admin/summary?days=7").await.expect(200);
    let cost: u64 = shop.aws.take_calls().iter().flat_map(|call| call.milliunits().into_values()).sum();
    assert!(cost <= 20_000, "{cost} thousandths of a read unit");
    assert_eq!((&seen["orders_to_ship"], &seen["batches_to_confirm"]), (&json!(2), &json!(1)));
    assert_eq!((&seen["payment_tasks"], &seen["failed_notifications"]), (&json!(0), &json!(0)));
    assert_eq!(seen["failed_events"], 0);
    let windows = seen["windows"].as_array().unwrap();
    assert_eq!(ids(windows, "sell_window_id"), [offered.window.clone(), later.window.clone()]);
    let progress = (&windows[1]["name"], &windows[1]["reserved_qty"], &windows[1]["threshold_qty"]);
    assert_eq!(progress, (&json!("coat"), &json!(1), &json!(9)));
    let days = seen["days"].as_array().unwrap();
    let day = |day: &str, orders: i64, pieces: i64, revenue: i64, refunded: i64| json!({"day": day, "orders": orders, "pieces": pieces, "revenue_cents": revenue, "refunded_cents": refunded});
    assert_eq!(days.len(), 7);
    assert_eq!(days[2], day("2026-11-21", 3, 6, 6 * PRICE, 0));
    assert_eq!(days[3], day("2026-11-22", 0, 0, 0, 0));
    assert_eq!(days[6], day("2026-11-25", 0, 0, 0, 2 * PRICE), "{days:?}");

    shop.confirm(&offered).await.expect(200);
    assert_eq!(admin.get("/admin/summary").await.expect(200)["batches_to_confirm"], 0);
    assert_eq!(admin.get("/admin/summary").await.expect(200)["days"].as_array().unwrap().len(), 30);
    for bad in ["?days=0", "?days=91", "?days=x", "?days=", "?day=1", "?days=1&days=1"] {
        admin.get(&format!("/admin/summary{bad}")).await.refused(422, "invalid_request");
    }
    ann.get("/admin/summary").await.refused(403, "forbidden");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_forecast_says_what_the_end_of_a_window_would_do_and_does_nothing() {
    let shop = Shop::open();
    let admin = shop.admin();
    let offered = shop.offered(&terms(2)).await;
    let path = format!("/admin/sell-windows/{}", offered.window);
    shop.advance(SignedDuration::from_secs(1));
    let extends = shop.product("hat").await;
    let extending = with(terms(3), &json!({"when_missed": "EXTEND", "extend_days": 2}));
    admin.put(&format!("{path}/offers/{extends}"), &extending).await.expect(200);
    let misses = shop.product("scarf").await;
    admin.put(&format!("{path}/offers/{misses}"), &terms(3)).await.expect(200);
    shop.reserved(&offered, 2).await;
    let variant = shop.variant_of(&misses, 0, 1).await;
    let scarf = Offered { product: misses.clone(), variant, ..offered.clone() };
    shop.customer("ann").reserve(&scarf, 2).await.expect(201);
    let canceled = text(&shop.customer("bob").reserve(&scarf, 1).await.expect(201), "order_id");
    shop.customer("bob").cancel(&canceled).await.expect(200);
    shop.dispatch_events().await;

    shop.aws.take_calls();
    let seen = admin.get(&format!("{path}/forecast")).await.expect(200);
    assert!(shop.aws.take_calls().iter().all(|call| !call.is_write()));
    let offer = |product: &str| {
        let offers = seen["offers"].as_array().unwrap();
        let found = offers.iter().find(|offer| offer["product_id"] == product).unwrap();
        let number = |name: &str| found[name].as_i64().unwrap();
        (text(found, "outcome"), ["reserved_qty", "missing_qty", "orders", "amount_cents"].map(number))
    };
    assert_eq!(offer(&offered.product), ("CONFIRMABLE".to_owned(), [2, 0, 2, 2 * PRICE]));
    assert_eq!(offer(&extends), ("EXTENDED".to_owned(), [0, 3, 0, 0]));
    assert_eq!(offer(&misses), ("CANCELED".to_owned(), [2, 1, 1, 2 * PRICE]));
    let until = shop.now() + SignedDuration::from_hours(48);
    let extended = seen["offers"].as_array().unwrap().iter().find(|offer| offer["product_id"] == extends.as_str());
    assert_eq!(extended.unwrap()["extended_until"], json!(until));

    // The end itself does the same.
    shop.advance(SignedDuration::from_hours(24 * 7));
    shop.tick("close_sell_windows").await;
    shop.dispatch_events().await;
    let after = admin.get(&path).await.expect(200);
    let status = |product: &str| {
        let offers = after["offers"].as_array().unwrap();
        text(offers.iter().find(|offer| offer["product_id"] == product).unwrap(), "status")
    };
    assert_eq!([status(&offered.product), status(&extends), status(&misses)], ["REACHED", "OPEN", "MISSED"]);
    let later = admin.get(&format!("{path}/forecast")).await.expect(200);
    let outcomes: Vec<_> = later["offers"].as_array().unwrap().iter().map(|offer| text(offer, "outcome")).collect();
    assert_eq!(outcomes, ["CONFIRMABLE", "CANCELED", "CANCELED"], "an offer is extended once");
    admin
        .get("/admin/sell-windows/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/forecast")
        .await
        .refused(404, "sell_window_not_found");
    shop.customer("ann").get(&format!("{path}/forecast")).await.refused(403, "forbidden");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_history_of_an_offer_is_a_curve_by_the_hour() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(9)).await;
    let orders = shop.reserved(&offered, 3).await;
    shop.dispatch_events().await;
    shop.advance_minutes(90);
    let (customer, order) = &orders[0];
    customer.cancel(order).await.expect(200);
    shop.dispatch_events().await;
    let path = format!("{}/history", offered.path());
    let seen = shop.admin().get(&path).await.expect(200);
    let point = |at: &str, reserved: i64| json!({"at": at.parse::<domain::Moment>().unwrap(), "reserved_qty": reserved, "paid_qty": 0});
    let wanted = json!([point("2026-11-21T13:00:00Z", 3), point("2026-11-21T14:00:00Z", 2)]);
    assert_eq!(seen["items"], wanted);
    let nothing = format!("/admin/sell-windows/{}/offers/{}/history", offered.window, offered.window);
    shop.admin().get(&nothing).await.refused(404, "sell_window_not_found");
    shop.customer("ann").get(&path).await.refused(403, "forbidden");
}
