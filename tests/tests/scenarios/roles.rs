//! What a role allows for a turn that the flows seldom take: late money heard of in each way, and what an environment reads for
//! itself because none before it did (docs/security.md).

use serde_json::json;
use tests::bank::Knob;
use tests::checkout::Checkout;
use tests::goods::{cart, text};
use tests::post::Said;
use tests::preorders::{Offered, terms};
use tests::shop::Session;
use tests::{Caller, Fault, Rule, Shop};

const METHODS: [&str; 3] = ["ECPAY", "NEWEBPAY", "LINE_PAY"];

/// How the shop hears that a customer paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Ecpay,
    Newebpay,
    LinePay,
    Reconciled,
    External,
}

/// An order that has expired while its customer paid. The shop has not heard of the money yet.
async fn paid_too_late(shop: &Shop, ann: &Session, order: &str, way: Way) -> Option<Checkout> {
    let method = match way {
        Way::Ecpay | Way::Reconciled => "ECPAY",
        Way::Newebpay => "NEWEBPAY",
        Way::LinePay => "LINE_PAY",
        Way::External => "",
    };
    let open = if way == Way::External { None } else { Some(ann.check_out(order, method).await) };
    if way == Way::LinePay {
        // LINE Pay took the money, and who asked for it was killed.
        shop.return_from_line_pay(&open.as_ref().unwrap().trade_no).await;
        shop.pump.relay(shop).await;
        shop.pump.route(shop);
        shop.inject(Rule::next("LineConfirm", Fault::KilledAfter));
        shop.pump.work_for(shop, "confirm_line_pay").await;
        shop.wire.assert_struck();
    } else if let Some(open) = &open {
        shop.wire.bank().pay(&open.trade_no);
    }
    shop.pass_minutes(31);
    shop.tick("expire_orders").await;
    assert_eq!(ann.status(order).await, "EXPIRED", "{way:?}");
    open
}

async fn hear(shop: &Shop, order: &str, way: Way, open: Option<Checkout>) {
    let trade_no = open.map(|open| open.trade_no).unwrap_or_default();
    match way {
        Way::Ecpay => drop(shop.ecpay_calls(&trade_no, Knob::default()).await),
        Way::Newebpay => drop(shop.newebpay_calls(&trade_no, Knob::default()).await),
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
            shop.pump.deliver(shop, &body);
        }
    }
    shop.pump().await;
}

#[tokio::test(start_paused = true)]
async fn late_money_takes_goods_and_coupon_again_or_goes_back_however_it_is_heard_of() {
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
async fn an_environment_that_has_served_nobody_opens_gives_back_and_asks_about_a_payment_at_each_provider() {
    for method in METHODS {
        let shop = Shop::open();
        shop.pass_minutes(31);
        let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
        let order = ann.order(&variant, 1).await;
        let begun = ann.begin(&order, method).await.expect(201);
        let trade_no = shop.elsewhere().open_checkout(&begun).await;
        if method == "LINE_PAY" {
            shop.return_from_line_pay(&trade_no).await;
            shop.elsewhere().pump().await;
        } else {
            shop.wire.bank().pay(&trade_no);
            shop.pass_minutes(11);
            shop.elsewhere().tick("reconcile_payments").await;
        }
        shop.pump().await;
        assert_eq!(ann.status(&order).await, "SHIPPING_SCHEDULED", "{method}");
        shop.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
        shop.elsewhere().pump().await;
        assert_eq!(ann.status(&order).await, "REFUNDED", "{method}");
        // One that nobody finishes is asked about.
        let order = ann.order(&variant, 1).await;
        let open = ann.check_out(&order, method).await;
        shop.pass_minutes(121);
        shop.elsewhere().tick("reconcile_payments").await;
        assert_eq!(ann.payment_status(&open.payment).await, "EXPIRED", "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_coupon_that_a_preorder_held_is_free_again_when_its_batch_is_called_off() {
    let shop = Shop::open();
    let (ann, coupon): (Session, String) = (shop.customer("ann"), shop.coupon(1, 1).await);
    ann.take(&coupon).await.expect(201);
    let offered: Offered = shop.offered(&terms(1)).await;
    let mut wanted = offered.cart(1);
    wanted["coupon_id"] = json!(coupon);
    ann.post("/orders", &wanted).await.expect(201);
    shop.pump().await;
    shop.confirm(&offered).await.expect(200);
    assert_eq!(ann.coupon_status(&coupon).await, "HELD");
    let cancel = format!("/admin/batches/{}/cancel", offered.batch());
    shop.admin().post(&cancel, &json!({"reason": "no wool"})).await.expect(200);
    shop.settle().await;
    assert_eq!(ann.coupon_status(&coupon).await, "ISSUED");
}

#[tokio::test(start_paused = true)]
async fn an_accepted_order_to_be_paid_with_points_is_reserved_for_who_has_them() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(2).await);
    ann.charge(1_000_000).await.expect(200);
    let mut wanted = cart(&variant, 1);
    wanted["payment_method"] = json!("POINTS");
    let order = text(&ann.post_async(None, "/orders", &wanted).await.expect(202), "order_id");
    shop.pump().await;
    assert_eq!(ann.status(&order).await, "RESERVED");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn admins_are_told_of_a_threshold_by_whoever_tries_again() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    shop.wire.post().refuse("PostWebhook", Said::new(503, ""));
    shop.customer("ann").reserve(&offered, 1).await.expect(201);
    shop.pump().await;
    assert_eq!(shop.wire.post().calls("PostWebhook"), 1);
    shop.pass_minutes(60);
    shop.elsewhere().tick("retry_notifications").await;
    assert_eq!(shop.wire.post().calls("PostWebhook"), 2);
    let sent = shop.admin().get("/admin/notifications?status=SENT").await.expect(200);
    assert_eq!(sent["items"].as_array().unwrap().len(), 1, "{sent}");
}

#[tokio::test(start_paused = true)]
async fn a_shop_whose_best_sellers_were_never_written_down_counts_them_when_asked() {
    let shop = Shop::open();
    let (ann, product) = (shop.customer("ann"), shop.product("tea").await);
    let variant = shop.variant_of(&product, 5, 1).await;
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 2).await;
    ann.pay(&order).await.expect(201);
    shop.pump().await;
    let best = shop.session(Caller::Nobody).get("/products/best-sellers").await.expect(200);
    assert_eq!((&best["items"][0]["product_id"], &best["items"][0]["sold_qty"]), (&json!(product), &json!(2)));
}
