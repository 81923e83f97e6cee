//! The home screen of the admins: what waits, what is low in stock, and what each day brought.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::Shop;
use tests::fixtures::{PRICE, text};
use tests::preorders::terms;

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
    assert_eq!(
        windows.iter().map(|window| text(window, "sell_window_id")).collect::<Vec<_>>(),
        [offered.window.clone(), later.window.clone()]
    );
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

/// The SKUs that the summary shows as low, with what is left.
async fn low(shop: &Shop) -> Vec<(String, i64)> {
    shop.tick("refresh_low_stock").await;
    let summary = shop.admin().get("/admin/summary").await.expect(200);
    let low = summary["low_stock"].as_array().unwrap().iter();
    low.map(|low| (text(low, "sku"), low["available_qty"].as_i64().unwrap())).collect()
}

#[tokio::test(start_paused = true)]
async fn variants_at_or_below_their_limit_are_low_until_they_are_stocked_or_withdrawn() {
    let shop = Shop::open();
    let admin = shop.admin();
    let product = shop.product("tea").await;
    let (few, none) = (shop.variant_of(&product, 5, 4).await, shop.variant_of(&product, 0, 1).await);
    let patch = async |variant: &str, change: &Value| {
        let changed = shop.admin().patch(&format!("/admin/variants/{variant}"), change).await;
        changed.expect(200)
    };
    let seen = patch(&few, &json!({"sku": "FEW", "low_stock_qty": 4})).await;
    assert_eq!((&seen["sku"], &seen["low_stock_qty"]), (&json!("FEW"), &json!(4)));
    patch(&none, &json!({"sku": "NONE", "low_stock_qty": 0})).await;
    assert_eq!(low(&shop).await, [("NONE".to_owned(), 0)], "five are above four");
    shop.customer("ann").order(&few, 1).await;
    assert_eq!(low(&shop).await, [("NONE".to_owned(), 0), ("FEW".to_owned(), 4)], "least left first");

    let public = shop.customer("ann").get(&format!("/products/{product}")).await.expect(200);
    assert!(public["variants"].as_array().unwrap().iter().all(|variant| variant.get("low_stock_qty").is_none()));
    let shown = admin.get(&format!("/admin/products/{product}")).await.expect(200);
    let limits: Vec<_> =
        shown["variants"].as_array().unwrap().iter().map(|variant| &variant["low_stock_qty"]).collect();
    assert_eq!(limits, [&json!(4), &json!(0)]);

    patch(&few, &json!({"is_active": false})).await;
    let stock = json!({"delta": 1, "reason": "delivery"});
    admin.post(&format!("/admin/variants/{none}/stock"), &stock).await.expect(200);
    assert_eq!(low(&shop).await, []);
    patch(&few, &json!({"is_active": true})).await;
    assert_eq!(low(&shop).await, [("FEW".to_owned(), 4)]);
    let seen = patch(&few, &json!({"low_stock_qty": null})).await;
    assert_eq!((seen.get("low_stock_qty"), low(&shop).await), (None, Vec::new()));

    admin.patch(&format!("/admin/variants/{few}"), &json!({"sku": "NONE"})).await.refused(409, "sku_taken");
    patch(&none, &json!({"sku": "OTHER"})).await;
    patch(&few, &json!({"sku": "NONE"})).await;
    for bad in [json!({"low_stock_qty": -1}), json!({"low_stock_qty": 10_000_001}), json!({"sku": "a b"}), json!({})] {
        admin.patch(&format!("/admin/variants/{few}"), &bad).await.refused(422, "invalid_request");
    }
    shop.run_to_quiescence().await;
}
