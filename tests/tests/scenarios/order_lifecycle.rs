//! The main flow from cart to shipment.

use serde_json::json;
use tests::Shop;
use tests::fixtures::{PRICE, cart, text};

#[tokio::test(start_paused = true)]
async fn an_order_goes_from_cart_to_shipped_and_is_counted() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let product = shop.product("Oolong tea").await;
    let variant = shop.variant_of(&product, 10, 1).await;
    let coupon = shop.coupon(100, 1).await;
    ann.charge(1_000_000).await.expect(200);
    ann.take(&coupon).await.expect(201);

    let mut wanted = cart(&variant, 2);
    wanted["coupon_id"] = json!(coupon);
    wanted["payment_method"] = json!("POINTS");
    wanted["expected_total_cents"] = json!(2 * PRICE - 5_000);
    let order = ann.post("/orders", &wanted).await.expect(201);
    assert_eq!(order["status"], "RESERVED");
    assert_eq!(order["hold_expires_at"], json!(shop.now() + jiff::SignedDuration::from_mins(15)));
    assert_eq!((shop.left(&variant).await, ann.coupon_status(&coupon).await.as_str()), (8, "HELD"));

    let payment = ann.pay(&text(&order, "order_id")).await.expect(201);
    assert_eq!((&payment["status"], &payment["amount_cents"]), (&json!("SUCCEEDED"), &json!(2 * PRICE - 5_000)));
    let found = ann.get(&format!("/payments/{}", text(&payment, "payment_id"))).await.expect(200);
    assert_eq!(found, payment);
    let paid = ann.get(&format!("/orders/{}", text(&order, "order_id"))).await.expect(200);
    assert_eq!(paid["status"], "PAID");
    let steps: Vec<_> = paid["history"].as_array().unwrap().iter().map(|step| step["status"].clone()).collect();
    assert_eq!(steps, ["RESERVED", "PAID"]);
    assert_eq!(ann.balance().await, 1_000_000 - (2 * PRICE - 5_000));
    assert_eq!(ann.coupon_status(&coupon).await, "USED");

    shop.run_to_quiescence().await;
    let order = text(&order, "order_id");
    assert_eq!(ann.status(&order).await, "SHIPPING_SCHEDULED");
    let types: Vec<String> = shop.dispatcher.published().iter().map(|event| event.detail_type.clone()).collect();
    // Messages are told of beside everything else.
    let types: Vec<&String> = types.iter().filter(|event_type| !event_type.starts_with("notification.")).collect();
    assert_eq!(
        types,
        [
            "points.charged.v1",
            "coupon.issued.v1",
            "order.reserved.v1",
            "order.paid.v1",
            "payment.succeeded.v1",
            "points.used.v1",
            "shipping.schedule_requested.v1",
            "shipping.schedule_succeeded.v1",
            "order.shipping_scheduled.v1"
        ]
    );
    let parcel = json!({"carrier": "Black Cat", "tracking_no": "905-123-456"});
    shop.admin().post(&format!("/admin/orders/{order}/ship"), &parcel).await.expect(200);
    shop.dispatch_events().await;
    shop.advance_minutes(15);
    shop.run_to_quiescence().await;
    assert_eq!(ann.status(&order).await, "COMPLETED");
    shop.tick("refresh_best_sellers").await;
    let best = shop.session(tests::Caller::Nobody).get("/products/best-sellers").await.expect(200);
    let item = &best["items"][0];
    assert_eq!((&item["product_id"], &item["sold_qty"], &item["rank"]), (&json!(product), &json!(2), &json!(1)));
}
