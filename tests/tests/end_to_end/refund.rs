//! A paid order that an admin cancels is refunded once, through the queue.

use crate::fixtures::{POINTS, PRICE, cart, statuses};
use crate::instant_order::place_among_the_best;
use crate::listener::{Listener, about};
use crate::shop::{Shop, now, unique};
use crate::wait::until;
use serde_json::{Value, json};

pub(crate) async fn a_paid_order_canceled_by_an_admin_is_refunded(shop: &Shop) {
    let heard = Listener::to(shop, &["payment.refund_requested.v1", "order.canceled.v1", "order.refunded.v1"]).await;
    let quantity = place_among_the_best(shop).await;
    let goods = shop.goods(quantity).await;
    let customer = shop.customer_with(POINTS).await;
    let coupon = shop.campaign(1).await;
    shop.take_coupon(&customer, &coupon).await.expect(201);
    let mut body = cart(&goods.variant, quantity);
    body["coupon_id"] = json!(coupon);
    let order = shop.try_order(&customer, &body).await.expect(201);
    let payment = shop.try_pay(&customer, &order).await.expect(201);
    until("the sale is counted", || async { (shop.sold(&goods.product).await == quantity).then_some(()) }).await;
    shop.tick("refresh_best_sellers", now()).await;
    assert_eq!(sold_on_the_board(shop, &goods.product).await, Some(quantity));

    until("the order is scheduled for shipping", || async {
        (shop.order_of(&customer, &order).await["status"] == "SHIPPING_SCHEDULED").then_some(())
    })
    .await;

    // The customer can no longer cancel it.
    let own = format!("/orders/{}/cancel", order["order_id"].as_str().unwrap());
    shop.post(&own, &json!({})).by(&customer.token).send().await.refused(409, "order_not_cancelable");
    let (path, correlation) = (format!("/admin{own}"), unique());
    let cancel = shop.post(&path, &json!({"reason": "damaged in the store"})).by(shop.admin());
    let canceled = cancel.header("x-correlation-id", &correlation).send().await.expect(200);
    assert_eq!(canceled["status"], "CANCELED");
    shop.post(&path, &json!({})).by(shop.admin()).send().await.problem();

    let refunded = until("the order is refunded", || async {
        let order = shop.order_of(&customer, &order).await;
        (order["status"] == "REFUNDED").then_some(order)
    })
    .await;
    assert_eq!(statuses(&refunded), ["RESERVED", "PAID", "SHIPPING_SCHEDULED", "CANCELED", "REFUNDED"]);
    assert_eq!(refunded["history"][3]["reason"], "damaged in the store");
    assert_eq!(refunded["refunded_cents"], order["total_cents"]);
    let path = format!("/payments/{}", payment["payment_id"].as_str().unwrap());
    assert_eq!(shop.get(&path).by(&customer.token).send().await.expect(200)["status"], "REFUNDED");
    assert_eq!(shop.balance(&customer).await, POINTS);
    let ledger = shop.get("/points/history").by(&customer.token).send().await.expect(200);
    let total = PRICE * quantity - order["discount_cents"].as_i64().unwrap();
    let types: Vec<(&Value, &Value)> =
        ledger["items"].as_array().unwrap().iter().map(|entry| (&entry["type"], &entry["amount_cents"])).collect();
    assert_eq!(
        types,
        [(&json!("REFUND"), &json!(total)), (&json!("USE"), &json!(-total)), (&json!("CHARGE"), &json!(POINTS)),]
    );
    assert_eq!(shop.available(&goods).await, quantity);
    assert_eq!(shop.coupon_of(&customer, &coupon).await["status"], "ISSUED", "given back while it is valid");

    // One correlation id from the request through the queue to the events of its consumer.
    let of_type = |event_type: &'static str| {
        let about = about(&order);
        move |detail: &Value| detail["type"] == event_type && about(detail)
    };
    let requested = heard.wait("the refund's request", 1, of_type("payment.refund_requested.v1")).await;
    heard.wait("the cancellation", 1, of_type("order.canceled.v1")).await;
    let done = heard.wait("the refund", 1, of_type("order.refunded.v1")).await;
    assert_eq!(requested["detail"]["correlation_id"], correlation);
    assert_eq!(done["detail"]["correlation_id"], correlation);
    assert_eq!(done["detail"]["causation_id"], requested["detail"]["event_id"]);
    heard.close().await;

    until("the sale is reversed", || async { (shop.sold(&goods.product).await == 0).then_some(()) }).await;
    shop.tick("refresh_best_sellers", now()).await;
    assert!(sold_on_the_board(shop, &goods.product).await.is_none_or(|sold| sold == 0));
}

async fn sold_on_the_board(shop: &Shop, product: &str) -> Option<i64> {
    let best = shop.get("/products/best-sellers").send().await.expect(200);
    let mine = best["items"].as_array().unwrap().iter().find(|item| item["product_id"] == product);
    mine.map(|item| item["sold_qty"].as_i64().unwrap())
}
