//! Late money and refunds at the providers.

use crate::fixtures::{POINTS, cart};
use crate::provider_pages::{Opened, PROVIDERS};
use crate::shop::{Shop, now};
use crate::users::Customer;
use crate::wait::until;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The price of an order in dollars, the providers' unit.
const DOLLARS: i64 = 300;

struct Paid {
    customer: Customer,
    order: Value,
    opened: Opened,
}

impl Paid {
    async fn at(shop: &Shop, provider: &str) -> Self {
        let goods = shop.goods(3).await;
        let (customer, order, opened) = begin(shop, provider, &goods.variant).await;
        shop.finish(&opened, "pay").await;
        let paid = Self { customer, order, opened };
        paid.wait_for(shop, "SHIPPING_SCHEDULED").await;
        shop.settle(&paid.opened).await;
        paid
    }

    async fn wait_for(&self, shop: &Shop, status: &str) -> Value {
        until(&format!("{} is {status}", self.opened.provider), || async {
            let order = shop.order_of(&self.customer, &self.order).await;
            (order["status"] == status).then_some(order)
        })
        .await
    }

    async fn refund(&self, shop: &Shop, cents: i64) -> crate::http::Reply {
        let path = format!("/admin/orders/{}/refund", self.order["order_id"].as_str().unwrap());
        let body = json!({"amount_cents": cents, "reason": "a broken tin"});
        shop.post(&path, &body).by(shop.admin()).send().await
    }

    /// Waits until the provider and the order show this refunded amount.
    async fn given_back(&self, shop: &Shop, dollars: i64) {
        until(&format!("{} has given back {dollars}", self.opened.provider), || async {
            // A refund without a response is looked up later.
            shop.tick("reconcile_payments", now() + SignedDuration::from_mins(12)).await;
            let order = shop.order_of(&self.customer, &self.order).await;
            (order["refunded_cents"] == dollars * 100).then_some(())
        })
        .await;
        assert_eq!(shop.trade(&self.opened).await["refunded"], dollars, "{}", self.opened.provider);
    }
}

async fn begin(shop: &Shop, provider: &str, variant: &str) -> (Customer, Value, Opened) {
    let customer = shop.customer().await;
    let mut wanted = cart(variant, 1);
    wanted["payment_method"] = json!(provider);
    let order = shop.try_order(&customer, &wanted).await.expect(201);
    let payment = shop.try_pay_at(provider, &customer, &order).await.expect(201);
    let opened = shop.open_checkout(provider, &payment).await;
    (customer, order, opened)
}

pub(crate) async fn late_money_for_a_canceled_order_pays_it_or_is_refunded(shop: &Shop) {
    for provider in ["ECPAY", "NEWEBPAY"] {
        for is_left in [true, false] {
            let goods = shop.goods(1).await;
            let (customer, order, opened) = begin(shop, provider, &goods.variant).await;
            let path = format!("/orders/{}/cancel", order["order_id"].as_str().unwrap());
            shop.post(&path, &json!({})).by(&customer.token).send().await.expect(200);
            if !is_left {
                // Another customer has bought it.
                let other = shop.customer_with(POINTS).await;
                let theirs = shop.order(&other, &goods, 1).await;
                shop.try_pay(&other, &theirs).await.expect(201);
            }
            shop.press(&opened, "pay").await;
            let late = Paid { customer, order, opened };
            if is_left {
                let order = late.wait_for(shop, "SHIPPING_SCHEDULED").await;
                assert_eq!(order["late"], true, "{order}");
                assert_eq!(shop.trade(&late.opened).await["refunded"], 0);
            } else {
                late.given_back(shop, DOLLARS).await;
                assert_eq!(shop.order_of(&late.customer, &late.order).await["status"], "CANCELED");
            }
        }
    }
}

pub(crate) async fn two_partial_refunds_never_exceed_the_payment(shop: &Shop) {
    for provider in PROVIDERS {
        let paid = Paid::at(shop, provider).await;
        paid.refund(shop, 10_000).await.expect(200);
        paid.given_back(shop, 100).await;
        paid.refund(shop, 20_100).await.problem();
        paid.refund(shop, 20_000).await.expect(200);
        paid.given_back(shop, DOLLARS).await;
        paid.refund(shop, 100).await.problem();
        assert_eq!(shop.trade(&paid.opened).await["refunds"].as_array().unwrap().len(), 2, "{provider}");
    }
}

pub(crate) async fn a_paid_order_that_is_canceled_is_refunded_in_full(shop: &Shop) {
    for provider in PROVIDERS {
        let paid = Paid::at(shop, provider).await;
        let path = format!("/admin/orders/{}/cancel", paid.order["order_id"].as_str().unwrap());
        shop.post(&path, &json!({"reason": "damaged in the store"})).by(shop.admin()).send().await.expect(200);
        paid.given_back(shop, DOLLARS).await;
        paid.wait_for(shop, "REFUNDED").await;
    }
}
