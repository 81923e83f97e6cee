//! What admins see of a sell window before it ends: what its end would do, and how its offers grew.

use jiff::SignedDuration;
use serde_json::json;
use tests::Shop;
use tests::fixtures::{PRICE, text};
use tests::preorders::{Offered, terms, with};

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
