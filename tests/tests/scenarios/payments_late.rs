//! Late and duplicate payments: the money pays the order if possible, is refunded otherwise, and is always recorded.

use serde_json::json;
use tests::Shop;
use tests::fake_providers::FaultSettings;

/// Advances to 20:31 in Taipei, after the quarter of an hour in which ECPay settles and refuses refunds.
async fn expired(shop: &Shop) {
    shop.advance_minutes(31);
    shop.tick("expire_orders").await;
    shop.dispatch_events().await;
}

#[tokio::test(start_paused = true)]
async fn late_money_pays_an_expired_order_while_stock_is_available() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 2).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    expired(&shop).await;
    assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("EXPIRED", 3));
    for _ in 0..2 {
        assert_eq!(shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await.text, "1|OK");
    }
    let view = ann.get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!((&view["status"], &view["late"]), (&json!("PAID"), &json!(true)));
    assert_eq!((shop.left(&variant).await, shop.tasks().await), (1, vec!["LATE_SERVED".to_owned()]));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn late_money_is_refunded_automatically_when_stock_is_gone() {
    let shop = Shop::open();
    let (ann, bob, variant) = (shop.customer("ann"), shop.customer("bob"), shop.variant(1).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    expired(&shop).await;
    bob.order(&variant, 1).await;
    for _ in 0..2 {
        assert_eq!(shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await.text, "1|OK");
    }
    shop.dispatch_events().await;
    let view = ann.get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!((&view["status"], &view["refunded_cents"]), (&json!("EXPIRED"), &view["total_cents"]));
    assert_eq!(ann.payment_status(&open.payment).await, "REFUNDED");
    let trade = shop.aws.providers().trade(&open.trade_no);
    assert_eq!(trade.refunds, [trade.amount]);
    let taken = shop.aws.messengers().accepted();
    let mail = taken.iter().rfind(|message| message.subject.ends_with("TWD 350 went back to you")).unwrap();
    assert!(mail.text.contains("by ECPay") && mail.text.contains(&format!("https://shop.example/orders/{order}")));
    assert_eq!(shop.tasks().await, ["LATE_REFUNDED"]);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn late_money_is_refunded_when_its_units_are_in_more_shards_than_one_transaction_can_take_from() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variants = [shop.sharded_variant(60, 1).await, shop.sharded_variant(60, 1).await];
    let mut wanted = tests::fixtures::cart(&variants[0], 60);
    wanted["lines"] = variants.iter().map(|variant| json!({"variant_id": variant, "quantity": 60})).collect();
    let order = tests::fixtures::text(&ann.post("/orders", &wanted).await.expect(201), "order_id");
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    expired(&shop).await;
    for variant in &variants {
        let path = format!("/admin/variants/{variant}");
        shop.admin().patch(&path, &json!({"stock_shards": 64})).await.expect(200);
    }
    assert_eq!(shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await.text, "1|OK");
    shop.dispatch_events().await;
    assert_eq!((ann.status(&order).await.as_str(), shop.left(&variants[0]).await), ("EXPIRED", 60));
    assert_eq!(ann.payment_status(&open.payment).await, "REFUNDED");
    assert_eq!(shop.tasks().await, ["LATE_REFUNDED"]);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_payment_for_a_canceled_order_is_late_money() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "NEWEBPAY").await;
    ann.cancel(&order).await.expect(200);
    shop.aws.providers().pay(&open.trade_no);
    shop.newebpay_calls(&open.trade_no, FaultSettings::default()).await;
    assert_eq!(ann.status(&order).await, "PAID");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn late_money_is_refunded_when_the_coupon_was_used_by_another_order() {
    let shop = Shop::open();
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(9).await, shop.coupon(5, 1).await);
    ann.take(&coupon).await.expect(201);
    let order = ann.order_with(&variant, &coupon).await;
    let open = ann.check_out(&order, "ECPAY").await;
    expired(&shop).await;
    ann.order_with(&variant, &coupon).await;
    shop.aws.providers().pay(&open.trade_no);
    shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
    shop.dispatch_events().await;
    assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("EXPIRED", 8));
    assert_eq!(ann.payment_status(&open.payment).await, "REFUNDED");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_second_payment_of_an_order_is_refunded() {
    let shop = Shop::open();
    // After the quarter of an hour in which ECPay settles and refuses refunds.
    shop.advance_minutes(31);
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    // In two tabs of the same checkout, and at another provider.
    let first = ann.check_out(&order, "ECPAY").await;
    let second = shop.open_checkout(&ann.begin(&order, "ECPAY").await.expect(201)).await;
    shop.advance_minutes(16);
    let third = ann.check_out(&order, "NEWEBPAY").await;
    for trade in [&first.trade_no, &second, &third.trade_no] {
        shop.aws.providers().pay(trade);
    }
    for _ in 0..2 {
        shop.ecpay_calls(&first.trade_no, FaultSettings::default()).await;
        shop.ecpay_calls(&second, FaultSettings::default()).await;
        shop.newebpay_calls(&third.trade_no, FaultSettings::default()).await;
        shop.dispatch_events().await;
    }
    let providers = shop.aws.providers();
    let back: Vec<i64> =
        [&first.trade_no, &second, &third.trade_no].iter().map(|no| providers.trade(no).refunded()).collect();
    let amount = providers.trade(&second).amount;
    assert_eq!(back, [0, amount, amount], "one pays, two are refunded");
    assert_eq!(shop.tasks().await, ["PAID_TWICE", "PAID_TWICE"]);
    let view = ann.get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!(view.get("refunded_cents"), None, "the order's own payment is kept");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_checkout_extends_the_hold_once() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    ann.check_out(&order, "ECPAY").await;
    shop.open_checkout(&ann.begin(&order, "ECPAY").await.expect(201)).await;
    shop.advance_minutes(24);
    shop.tick("expire_orders").await;
    assert_eq!(ann.status(&order).await, "RESERVED");
    shop.advance_minutes(1);
    shop.tick("expire_orders").await;
    assert_eq!(ann.status(&order).await, "EXPIRED");
}
