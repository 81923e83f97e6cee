//! Completes every flow of an upgrade fixture.

use super::create::only_order;
use crate::fake_providers::FaultSettings;
use crate::fixtures::text;
use crate::shop::{Caller, Session, Shop};
use serde_json::{Value, json};

/// Completes every flow of a shop that a release has created ([`super::create`]).
pub async fn complete_flows(shop: &Shop) {
    everything_is_readable(shop).await;
    shop.dispatch_events().await;
    assert_eq!(shop.dispatcher.dead_letters(), Vec::<String>::new(), "an event can no longer be parsed");
    what_was_on_its_way_has_come(shop).await;
    instant_orders(shop).await;
    preorders(shop).await;
    providers(shop).await;
    shop.admin().post(&format!("/admin/outbox/{}/replay", set_aside(shop).await), &json!({})).await.expect(200);
    shop.run_to_quiescence().await;
    shop.advance_minutes(30);
    shop.run_to_quiescence().await;
    for (sub, status) in [
        ("is-to-be-shipped", "COMPLETED"),
        ("was-shipped", "COMPLETED"),
        ("expires", "EXPIRED"),
        ("is-ready", "REFUNDED"),
        ("is-made", "SHIPPING_SCHEDULED"),
        ("pays", "SHIPPING_SCHEDULED"),
        ("pays-another-amount", "SHIPPING_SCHEDULED"),
    ] {
        assert_eq!(status_of(shop, sub).await, status, "{sub}");
    }
    images(shop).await;
    for sub in ["is-to-be-told", "is-told-later", "was-told"] {
        let order = only_order(&shop.customer(sub)).await;
        let view = shop.admin().get(&format!("/admin/orders/{order}")).await.expect(200);
        let is_told = |job: &&Value| job["template_key"] == "order_canceled" && job["status"] == "SENT";
        assert_eq!(view["messages"].as_array().unwrap().iter().filter(is_told).count(), 1, "{sub}: {view}");
    }
}

/// A file that no product lists is deleted a day later.
async fn images(shop: &Shop) {
    let unlisted = || {
        let items = shop.aws.engine().items("Catalog").into_iter();
        items.filter(|item| item["pk"]["S"] == "UNLISTED_IMAGES").count()
    };
    assert!(unlisted() > 0, "the fixture has no image that was removed");
    shop.tick_at("delete_images", shop.now() + jiff::SignedDuration::from_hours(24)).await.unwrap();
    assert_eq!(unlisted(), 0);
}

async fn status_of(shop: &Shop, sub: &str) -> String {
    let customer = shop.customer(sub);
    customer.status(&only_order(&customer).await).await
}

async fn order_of(shop: &Shop, sub: &str) -> (Session, String) {
    let customer = shop.customer(sub);
    let order = only_order(&customer).await;
    (customer, order)
}

async fn everything_is_readable(shop: &Shop) {
    let admin = shop.admin();
    for target in [
        "/admin/batches",
        "/admin/work-orders",
        "/admin/payment-tasks",
        "/admin/shipping-methods",
        "/admin/notifications",
        "/admin/outbox?status=FAILED",
    ] {
        let found = admin.get(target).await.expect(200);
        assert!(!found["items"].as_array().unwrap().is_empty(), "{target}");
    }
    let nobody = shop.session(Caller::Nobody);
    for window in nobody.get("/sell-windows?limit=100").await.expect(200)["items"].as_array().unwrap() {
        nobody.get(&format!("/sell-windows/{}", text(window, "sell_window_id"))).await.expect(200);
    }
    let products = nobody.get("/products?limit=100").await.expect(200);
    for product in products["items"].as_array().unwrap() {
        nobody.get(&format!("/products/{}", text(product, "product_id"))).await.expect(200);
    }
    assert!(!best_sellers(shop).await.is_empty());
    let pays = shop.customer("pays");
    let history = pays.get("/points/history").await.expect(200);
    assert_eq!((pays.balance().await, &history["items"][0]["type"]), (1_000_000, &json!("CHARGE")));
}

async fn best_sellers(shop: &Shop) -> Vec<Value> {
    let best = shop.session(Caller::Nobody).get("/products/best-sellers").await.expect(200);
    best["items"].as_array().unwrap().clone()
}

async fn what_was_on_its_way_has_come(shop: &Shop) {
    for (sub, status) in [
        ("is-complete", "COMPLETED"),
        ("missed", "CANCELED"),
        ("pays-late", "SHIPPING_SCHEDULED"),
        ("is-expired", "EXPIRED"),
        ("was-made", "SHIPPING_SCHEDULED"),
        ("was-spoiled", "REFUNDED"),
        ("has-canceled", "CANCELED"),
        ("waits", "RESERVED"),
        ("was-reserved", "RESERVED"),
        ("is-too-late", "FAILED"),
        ("has-paid", "SHIPPING_SCHEDULED"),
        ("is-to-be-scheduled", "SHIPPING_SCHEDULED"),
        ("is-scheduled", "SHIPPING_SCHEDULED"),
        ("cannot-be-shipped", "REFUNDED"),
        ("gets-money-back", "REFUNDED"),
        ("got-money-back", "REFUNDED"),
        ("is-confirmed", "PENDING_PAYMENT"),
        ("is-asked", "PENDING_PAYMENT"),
        ("was-called-off", "CANCELED"),
        ("comes-from-line-pay", "SHIPPING_SCHEDULED"),
    ] {
        assert_eq!(status_of(shop, sub).await, status, "{sub}");
    }
    let coupons = shop.customer("has-a-ticket").get("/me/coupons").await.expect(200);
    assert_eq!(coupons["items"][0]["status"], "ISSUED");
    let (part, order) = order_of(shop, "gets-a-part-back").await;
    let order = part.get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!(order["refunded_cents"], 10_000);
}

async fn instant_orders(shop: &Shop) {
    let (pays, order) = order_of(shop, "pays").await;
    pays.pay(&order).await.expect(201);
    let coupons = pays.get("/me/coupons").await.expect(200);
    assert_eq!(coupons["items"][0]["status"], "USED");
    let saved = shop.customer("has-saved-an-address");
    let variant = shop.variant(1).await;
    let named = json!({"lines": [{"variant_id": variant, "quantity": 1}], "contact": {"address_id": "home"}});
    saved.post("/orders", &named).await.expect(201);
    let (delivered, order) = order_of(shop, "pays-for-delivery").await;
    let paid = delivered.pay(&order).await.expect(201);
    assert_eq!(paid["amount_cents"], crate::fixtures::PRICE + 6_000);
    let (cancels, order) = order_of(shop, "cancels").await;
    cancels.cancel(&order).await.expect(200);
    let (_, order) = order_of(shop, "is-to-be-shipped").await;
    let pickup = json!({"pickup_info": "At the shop, from Monday noon"});
    shop.admin().post(&format!("/admin/orders/{order}/ship"), &pickup).await.expect(200);
    // A request that an earlier release answered has no second effect under the same key.
    let (waits, order) = order_of(shop, "waits").await;
    let seen = waits.get(&format!("/orders/{order}")).await.expect(200);
    let variant = text(&seen["lines"][0], "variant_id");
    let again = waits.post_async(Some("waits-key"), "/orders", &crate::fixtures::cart(&variant, 1)).await.expect(202);
    assert_eq!(again["order_id"], order.as_str());
    waits.pay(&order).await.expect(201);
}

async fn preorders(shop: &Shop) {
    let batches = shop.admin().get("/admin/batches?limit=100").await.expect(200);
    // Two customers reached the threshold, and the event of the second was in flight.
    let reached = batches["items"].as_array().unwrap().iter().find(|batch| batch["status"] == "CREATED");
    assert!(reached.is_some(), "{batches}");
    let mut confirmed = 0;
    for batch in batches["items"].as_array().unwrap().iter().filter(|batch| batch["status"] == "CREATED") {
        let target = format!("/admin/batches/{}/confirm", text(batch, "batch_id"));
        shop.admin().post(&target, &json!({})).await.expect(200);
        confirmed += 1;
    }
    assert_eq!(confirmed, 2);
    shop.dispatch_events().await;
    for sub in ["has-reserved", "reserves", "is-enough", "is-confirmed", "is-asked", "is-to-pay"] {
        let (customer, order) = order_of(shop, sub).await;
        customer.charge(1_000_000).await.expect(200);
        customer.pay(&order).await.expect(201);
    }
    let work_orders = shop.admin().get("/admin/work-orders?limit=100").await.expect(200);
    for (order, path) in work_orders["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| (order, format!("/admin/work-orders/{}", text(order, "work_order_id"))))
    {
        let is_paid = order["steps"].as_array().unwrap().len() == 2;
        match order["status"].as_str().unwrap() {
            "IN_PROGRESS" => {
                shop.admin().patch(&format!("{path}/steps/2"), &json!({"status": "DONE"})).await.expect(200);
                shop.admin().post(&format!("{path}/complete"), &json!({})).await.expect(200);
            }
            "READY" if is_paid => {
                shop.admin().post(&format!("{path}/start"), &json!({"operator": "Wei"})).await.expect(200);
                shop.admin().post(&format!("{path}/fail"), &json!({"reason": "fire"})).await.expect(200);
            }
            _ => {}
        }
    }
}

async fn providers(shop: &Shop) {
    let providers = shop.aws.providers().clone();
    for sub in ["pays-at-ecpay", "takes-a-number"] {
        let (customer, order) = order_of(shop, sub).await;
        let trade_no = text_of_trade(shop, &order);
        providers.pay(&trade_no);
        assert_eq!(shop.ecpay_calls(&trade_no, FaultSettings::default()).await.text, "1|OK");
        assert_eq!(customer.status(&order).await, "PAID", "{sub}");
    }
    let (customer, order) = order_of(shop, "has-no-money").await;
    let open = customer.check_out(&order, "NEWEBPAY").await;
    providers.pay(&open.trade_no);
    shop.newebpay_calls(&open.trade_no, FaultSettings::default()).await;
    assert_eq!(customer.status(&order).await, "PAID");
    let (_, order) = order_of(shop, "is-paid-by-hand").await;
    let payment = payment_of(shop, &order);
    let given = json!({"amount_cents": 10_000, "how": "bank transfer 7"});
    shop.admin().post(&format!("/admin/payments/{payment}/manual-refund"), &given).await.expect(200);
    shop.advance_minutes(11);
    shop.tick("reconcile_payments").await;
    shop.dispatch_events().await;
}

fn payment_of(shop: &Shop, order: &str) -> String {
    let payments = shop.aws.engine().items("Payments");
    let of_order = payments.iter().find(|item| item["order_id"]["S"] == order && item["sk"]["S"] == "META");
    of_order.unwrap()["payment_id"]["S"].as_str().unwrap().to_owned()
}

fn text_of_trade(shop: &Shop, order: &str) -> String {
    let payment = payment_of(shop, order);
    let payments = shop.aws.engine().items("Payments");
    let trade = payments.iter().find(|item| {
        item["payment_id"]["S"] == payment.as_str() && item["pk"]["S"].as_str().unwrap().starts_with("TRADE#")
    });
    trade.unwrap()["pk"]["S"].as_str().unwrap().trim_start_matches("TRADE#").to_owned()
}

async fn set_aside(shop: &Shop) -> String {
    let failed = shop.admin().get("/admin/outbox?status=FAILED").await.expect(200);
    text(&failed["items"][0], "event_id")
}
