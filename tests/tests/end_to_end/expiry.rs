//! Unpaid orders.

use crate::fixtures::{POINTS, cart, statuses};
use crate::listener::{Listener, about};
use crate::races::hold_end;
use crate::shop::Shop;
use futures_util::future::join;
use jiff::SignedDuration;
use serde_json::json;

pub(crate) async fn an_unpaid_order_expires_once_and_releases_everything(shop: &Shop) {
    let heard = Listener::to(shop, &["order.expired.v1"]).await;
    let goods = shop.goods(3).await;
    let customer = shop.customer_with(POINTS).await;
    let coupon = shop.campaign(1).await;
    shop.take_coupon(&customer, &coupon).await.expect(201);
    let mut body = cart(&goods.variant, 2);
    body["coupon_id"] = json!(coupon);
    let order = shop.try_order(&customer, &body).await.expect(201);
    let end = hold_end(&order);

    shop.tick("expire_orders", end - SignedDuration::from_secs(1)).await;
    let seen = tests::fixtures::without_contact(shop.order_of(&customer, &order).await);
    assert_eq!(seen, order, "it was not due yet");

    let due = end + SignedDuration::from_secs(1);
    join(shop.tick("expire_orders", due), shop.tick("expire_orders", due)).await;
    let expired = shop.order_of(&customer, &order).await;
    assert_eq!(statuses(&expired), ["RESERVED", "EXPIRED"]);
    assert_eq!(shop.available(&goods).await, 3);
    assert_eq!(shop.coupon_of(&customer, &coupon).await["status"], "ISSUED");
    assert_eq!(shop.balance(&customer).await, POINTS);

    shop.tick("expire_orders", due + SignedDuration::from_mins(1)).await;
    assert_eq!(shop.order_of(&customer, &order).await, expired, "a later sweep changes nothing");
    assert_eq!(shop.available(&goods).await, 3);
    shop.try_pay(&customer, &order).await.refused(409, "order_not_payable");
    assert_eq!(shop.balance(&customer).await, POINTS);

    // The coupon can be used again, and exactly one expiry event was published.
    let again = shop.try_order(&customer, &body).await.expect(201);
    assert_eq!(again["coupon_id"], json!(coupon));
    heard.wait("the expiry", 1, about(&order)).await;
    let ids: std::collections::BTreeSet<String> =
        heard.all(about(&order)).await.iter().map(|event| event["detail"]["event_id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    heard.close().await;
}
