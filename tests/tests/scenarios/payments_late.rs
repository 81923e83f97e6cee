//! Money that comes after its order has ended, or once too often: served if it can be, sent back otherwise, always seen.

use serde_json::json;
use tests::Shop;
use tests::bank::Knob;

/// To 20:31 in Taipei, past the quarter of an hour in which ECPay settles and refunds nothing.
async fn expired(shop: &Shop) {
    shop.pass_minutes(31);
    shop.tick("expire_orders").await;
    shop.pump().await;
}

#[tokio::test(start_paused = true)]
async fn an_expired_order_is_served_all_the_same_while_its_goods_are_there() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 2).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.wire.bank().pay(&open.trade_no);
    expired(&shop).await;
    assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("EXPIRED", 3));
    for _ in 0..2 {
        assert_eq!(shop.ecpay_calls(&open.trade_no, Knob::default()).await.text, "1|OK");
    }
    let view = ann.get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!((&view["status"], &view["late"]), (&json!("PAID"), &json!(true)));
    assert_eq!((shop.left(&variant).await, shop.tasks().await), (1, vec!["LATE_SERVED".to_owned()]));
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn late_money_goes_back_by_itself_when_the_goods_are_gone() {
    let shop = Shop::open();
    let (ann, bob, variant) = (shop.customer("ann"), shop.customer("bob"), shop.variant(1).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.wire.bank().pay(&open.trade_no);
    expired(&shop).await;
    bob.order(&variant, 1).await;
    for _ in 0..2 {
        assert_eq!(shop.ecpay_calls(&open.trade_no, Knob::default()).await.text, "1|OK");
    }
    shop.pump().await;
    let view = ann.get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!((&view["status"], &view["refunded_cents"]), (&json!("EXPIRED"), &view["total_cents"]));
    assert_eq!(ann.payment_status(&open.payment).await, "REFUNDED");
    let trade = shop.wire.bank().trade(&open.trade_no);
    assert_eq!(trade.refunds, [trade.amount]);
    assert_eq!(shop.tasks().await, ["LATE_REFUNDED"]);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn money_for_a_canceled_order_is_late_money() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "NEWEBPAY").await;
    ann.cancel(&order).await.expect(200);
    shop.wire.bank().pay(&open.trade_no);
    shop.newebpay_calls(&open.trade_no, Knob::default()).await;
    assert_eq!(ann.status(&order).await, "PAID");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_coupon_that_went_elsewhere_sends_late_money_back() {
    let shop = Shop::open();
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(9).await, shop.coupon(5, 1).await);
    ann.take(&coupon).await.expect(201);
    let order = ann.order_with(&variant, &coupon).await;
    let open = ann.check_out(&order, "ECPAY").await;
    expired(&shop).await;
    ann.order_with(&variant, &coupon).await;
    shop.wire.bank().pay(&open.trade_no);
    shop.ecpay_calls(&open.trade_no, Knob::default()).await;
    shop.pump().await;
    assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("EXPIRED", 8));
    assert_eq!(ann.payment_status(&open.payment).await, "REFUNDED");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn who_pays_twice_gets_one_of_the_two_back() {
    let shop = Shop::open();
    // Past the quarter of an hour in which ECPay settles and refunds nothing.
    shop.pass_minutes(31);
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    // In two tabs of the same checkout, and at another provider besides.
    let first = ann.check_out(&order, "ECPAY").await;
    let second = shop.open_checkout(&ann.begin(&order, "ECPAY").await.expect(201)).await;
    shop.pass_minutes(16);
    let third = ann.check_out(&order, "NEWEBPAY").await;
    for trade in [&first.trade_no, &second, &third.trade_no] {
        shop.wire.bank().pay(trade);
    }
    for _ in 0..2 {
        shop.ecpay_calls(&first.trade_no, Knob::default()).await;
        shop.ecpay_calls(&second, Knob::default()).await;
        shop.newebpay_calls(&third.trade_no, Knob::default()).await;
        shop.pump().await;
    }
    let bank = shop.wire.bank();
    let back: Vec<i64> =
        [&first.trade_no, &second, &third.trade_no].iter().map(|no| bank.trade(no).refunded()).collect();
    let amount = bank.trade(&second).amount;
    assert_eq!(back, [0, amount, amount], "one pays, two go back");
    assert_eq!(shop.tasks().await, ["PAID_TWICE", "PAID_TWICE"]);
    let view = ann.get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!(view.get("refunded_cents"), None, "the order's own money is kept");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_checkout_puts_the_hold_off_once() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    ann.check_out(&order, "ECPAY").await;
    shop.open_checkout(&ann.begin(&order, "ECPAY").await.expect(201)).await;
    shop.pass_minutes(24);
    shop.tick("expire_orders").await;
    assert_eq!(ann.status(&order).await, "RESERVED");
    shop.pass_minutes(1);
    shop.tick("expire_orders").await;
    assert_eq!(ann.status(&order).await, "EXPIRED");
}
