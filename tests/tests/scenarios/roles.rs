//! Rare flows that need permissions: late money on each path, and cold environments that read data which others have cached
//! (docs/security.md).

use serde_json::json;
use tests::checkout::Checkout;
use tests::fake_messengers::FakeResponse;
use tests::fake_providers::FaultSettings;
use tests::fixtures::{cart, text};
use tests::preorders::{Offered, terms};
use tests::shop::Session;
use tests::{Caller, Fault, Rule, Shop};

const METHODS: [&str; 3] = ["ECPAY", "NEWEBPAY", "LINE_PAY"];

/// The way in which the shop learns of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Ecpay,
    Newebpay,
    LinePay,
    Reconciled,
    External,
}

/// An order that expired while its customer paid; the shop does not know of the money yet.
async fn paid_too_late(shop: &Shop, ann: &Session, order: &str, way: Way) -> Option<Checkout> {
    let method = match way {
        Way::Ecpay | Way::Reconciled => "ECPAY",
        Way::Newebpay => "NEWEBPAY",
        Way::LinePay => "LINE_PAY",
        Way::External => "",
    };
    let open = if way == Way::External { None } else { Some(ann.check_out(order, method).await) };
    if way == Way::LinePay {
        // LINE Pay captured the money, and the confirming function was killed.
        shop.return_from_line_pay(&open.as_ref().unwrap().trade_no).await;
        shop.dispatcher.relay(shop).await;
        shop.dispatcher.route(shop);
        shop.inject(Rule::next("LineConfirm", Fault::KilledAfter));
        shop.dispatcher.work_for(shop, "confirm_line_pay").await;
        shop.aws.assert_faults_hit();
    } else if let Some(open) = &open {
        shop.aws.providers().pay(&open.trade_no);
    }
    shop.advance_minutes(31);
    shop.tick("expire_orders").await;
    assert_eq!(ann.status(order).await, "EXPIRED", "{way:?}");
    open
}

async fn hear(shop: &Shop, order: &str, way: Way, open: Option<Checkout>) {
    let trade_no = open.map(|open| open.trade_no).unwrap_or_default();
    match way {
        Way::Ecpay => drop(shop.ecpay_calls(&trade_no, FaultSettings::default()).await),
        Way::Newebpay => drop(shop.newebpay_calls(&trade_no, FaultSettings::default()).await),
        Way::LinePay => {}
        Way::Reconciled => shop.tick("reconcile_payments").await,
        Way::External => {
            let seen = shop.customer("ann").get(&format!("/orders/{order}")).await.expect(200);
            let detail = json!({
                "event_id": shop.app.new_id().unwrap(), "type": "payment.succeeded.v1", "occurred_at": shop.now(),
                "aggregate": {"type": "payment", "id": "x", "version": 1}, "correlation_id": "c", "causation_id": "c",
                "data": {
                    "payment_id": shop.app.new_id().unwrap(), "order_id": order, "customer_id": "ann",
                    "method": "EXTERNAL", "amount_cents": seen["total_cents"], "currency": "TWD",
                },
            });
            let body = tests::events::delivery("cashier.example", "payment.succeeded.v1", &detail);
            shop.dispatcher.deliver(shop, &body);
        }
    }
    shop.dispatch_events().await;
}

#[tokio::test(start_paused = true)]
async fn late_money_reacquires_stock_and_coupon_or_is_refunded_on_every_path() {
    for way in [Way::Ecpay, Way::Newebpay, Way::LinePay, Way::Reconciled, Way::External] {
        for is_gone in [false, true] {
            let shop = Shop::open();
            let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(1).await, shop.coupon(1, 1).await);
            ann.take(&coupon).await.expect(201);
            let order = ann.order_with(&variant, &coupon).await;
            let open = paid_too_late(&shop, &ann, &order, way).await;
            if is_gone {
                shop.customer("bob").order(&variant, 1).await;
            }
            hear(&shop, &order, way, open).await;
            let known = (ann.status(&order).await, ann.coupon_status(&coupon).await);
            let wanted = if is_gone { ("EXPIRED", "ISSUED") } else { ("SHIPPING_SCHEDULED", "USED") };
            assert_eq!((known.0.as_str(), known.1.as_str()), wanted, "{way:?}, {is_gone}");
            let task = if is_gone { "LATE_REFUNDED" } else { "LATE_SERVED" };
            assert!(shop.tasks().await.iter().any(|kind| kind == task), "{way:?}: {:?}", shop.tasks().await);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cold_environment_opens_refunds_and_reconciles_a_payment_at_each_provider() {
    for method in METHODS {
        let shop = Shop::open();
        shop.advance_minutes(31);
        let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
        let order = ann.order(&variant, 1).await;
        let begun = ann.begin(&order, method).await.expect(201);
        let trade_no = shop.fresh_environment().open_checkout(&begun).await;
        if method == "LINE_PAY" {
            shop.return_from_line_pay(&trade_no).await;
            shop.fresh_environment().dispatch_events().await;
        } else {
            shop.aws.providers().pay(&trade_no);
            shop.advance_minutes(11);
            shop.fresh_environment().tick("reconcile_payments").await;
        }
        shop.dispatch_events().await;
        assert_eq!(ann.status(&order).await, "SHIPPING_SCHEDULED", "{method}");
        shop.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
        shop.fresh_environment().dispatch_events().await;
        assert_eq!(ann.status(&order).await, "REFUNDED", "{method}");
        // An unfinished payment is reconciled.
        let order = ann.order(&variant, 1).await;
        let open = ann.check_out(&order, method).await;
        shop.advance_minutes(121);
        shop.fresh_environment().tick("reconcile_payments").await;
        assert_eq!(ann.payment_status(&open.payment).await, "EXPIRED", "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_coupon_held_by_a_preorder_is_released_when_its_batch_is_canceled() {
    let shop = Shop::open();
    let (ann, coupon): (Session, String) = (shop.customer("ann"), shop.coupon(1, 1).await);
    ann.take(&coupon).await.expect(201);
    let offered: Offered = shop.offered(&terms(1)).await;
    let mut wanted = offered.cart(1);
    wanted["coupon_id"] = json!(coupon);
    ann.post("/orders", &wanted).await.expect(201);
    shop.dispatch_events().await;
    shop.confirm(&offered).await.expect(200);
    assert_eq!(ann.coupon_status(&coupon).await, "HELD");
    let cancel = format!("/admin/batches/{}/cancel", offered.batch());
    shop.admin().post(&cancel, &json!({"reason": "no wool"})).await.expect(200);
    shop.run_to_quiescence().await;
    assert_eq!(ann.coupon_status(&coupon).await, "ISSUED");
}

#[tokio::test(start_paused = true)]
async fn an_accepted_order_paid_with_points_is_reserved_when_the_balance_suffices() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(2).await);
    ann.charge(1_000_000).await.expect(200);
    let mut wanted = cart(&variant, 1);
    wanted["payment_method"] = json!("POINTS");
    let order = text(&ann.post_async(None, "/orders", &wanted).await.expect(202), "order_id");
    shop.dispatch_events().await;
    assert_eq!(ann.status(&order).await, "RESERVED");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_threshold_notification_to_admins_is_retried() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    shop.aws.messengers().refuse("PostWebhook", FakeResponse::new(503, ""));
    shop.customer("ann").reserve(&offered, 1).await.expect(201);
    shop.dispatch_events().await;
    assert_eq!(shop.aws.messengers().calls("PostWebhook"), 1);
    shop.advance_minutes(60);
    shop.fresh_environment().tick("retry_notifications").await;
    assert_eq!(shop.aws.messengers().calls("PostWebhook"), 2);
    let sent = shop.admin().get("/admin/notifications?status=SENT").await.expect(200);
    let told = sent["items"].as_array().unwrap().iter().filter(|job| job["template_key"] == "threshold_reached");
    assert_eq!(told.count(), 1, "{sent}");
}

#[tokio::test(start_paused = true)]
async fn best_sellers_are_computed_on_request_when_none_are_stored() {
    let shop = Shop::open();
    let (ann, product) = (shop.customer("ann"), shop.product("tea").await);
    let variant = shop.variant_of(&product, 5, 1).await;
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 2).await;
    ann.pay(&order).await.expect(201);
    shop.dispatch_events().await;
    let best = shop.session(Caller::Nobody).get("/products/best-sellers").await.expect(200);
    assert_eq!((&best["items"][0]["product_id"], &best["items"][0]["sold_qty"]), (&json!(product), &json!(2)));
}
