//! Orders that a coupon made free, and coupons of canceled orders.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::Shop;
use tests::fixtures::text;
use tests::preorders::{terms, with};
use tests::shop::Session;

async fn view(customer: &Session, order: &str) -> Value {
    customer.get(&format!("/orders/{order}")).await.expect(200)
}

#[tokio::test(start_paused = true)]
async fn a_canceled_order_that_cost_nothing_has_no_refund_and_its_sale_is_undone() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let coupon = shop.gift(24).await;
    ann.take(&coupon).await.expect(201);
    let order = ann.order_with(&variant, &coupon).await;
    let payment = ann.pay(&order).await.expect(201);
    assert_eq!(payment["amount_cents"], 0);
    assert_eq!(ann.get("/points/history").await.expect(200)["items"], json!([]));
    shop.dispatch_events().await;
    assert_eq!(shop.sold().await, 1);
    shop.cancel(&order).await.expect(200);
    shop.run_to_quiescence().await;
    assert_eq!(ann.status(&order).await, "CANCELED");
    assert_eq!(ann.payment_status(&text(&payment, "payment_id")).await, "SUCCEEDED", "nothing was given back");
    assert_eq!((shop.sold().await, shop.left(&variant).await), (0, 5));
    for event_type in ["payment.refund_requested.v1", "payment.refunded.v1", "order.refunded.v1"] {
        assert_eq!(shop.announced(event_type), Vec::<Value>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn a_preorder_that_costs_nothing_is_paid_when_its_batch_is_confirmed() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(1), &json!({"max_total_qty": 4}))).await;
    let (ann, coupon) = (shop.customer("ann"), shop.gift(24 * 30).await);
    ann.take(&coupon).await.expect(201);
    let mut cart = offered.cart(1);
    cart["coupon_id"] = json!(coupon);
    let order = text(&ann.post("/orders", &cart).await.expect(201), "order_id");
    shop.dispatch_events().await;
    shop.confirm(&offered).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(ann.status(&order).await, "PAID");
    assert_eq!(shop.announced("payment.requested.v1"), Vec::<Value>::new(), "nobody is asked to pay nothing");
    assert_eq!(
        (ann.coupon_status(&coupon).await.as_str(), &shop.batch(&offered).await["paid_qty"]),
        ("USED", &json!(1))
    );
    // Its batch is given up: nothing goes back but the coupon.
    let path = format!("/admin/batches/{}/cancel", offered.batch());
    shop.admin().post(&path, &json!({"reason": "no wool"})).await.expect(200);
    shop.run_to_quiescence().await;
    assert_eq!((ann.status(&order).await.as_str(), ann.coupon_status(&coupon).await.as_str()), ("CANCELED", "ISSUED"));
    assert_eq!(shop.sold().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_canceled_paid_order_gives_its_coupon_back_while_it_is_valid_and_the_message_says_so() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    ann.charge(1_000_000).await.expect(200);
    // Valid for a day.
    for (way, hours, status, said) in [
        ("cancel", 1, "ISSUED", "is yours again"),
        ("cancel", 25, "USED", "not valid any more"),
        ("refund", 1, "ISSUED", "is yours again"),
        ("refund", 25, "USED", "not valid any more"),
    ] {
        let coupon = shop.coupon(1, 1).await;
        ann.take(&coupon).await.expect(201);
        let order = ann.order_with(&variant, &coupon).await;
        ann.pay(&order).await.expect(201);
        shop.dispatch_events().await;
        shop.advance(SignedDuration::from_hours(hours));
        let body = json!({"reason": "asked by phone"});
        shop.admin().post(&format!("/admin/orders/{order}/{way}"), &body).await.expect(200);
        shop.dispatch_events().await;
        let mine = ann.get("/me/coupons").await.expect(200);
        let mine = mine["items"].as_array().unwrap().iter().find(|mine| mine["coupon_id"] == coupon).unwrap().clone();
        let wanted = if status == "USED" { ["USED", "EXPIRED"] } else { ["ISSUED", "ISSUED"] };
        assert!(wanted.contains(&mine["status"].as_str().unwrap()), "{mine}");
        let taken = shop.aws.messengers().accepted();
        let mail = taken.iter().rfind(|message| message.subject.contains("was canceled")).unwrap();
        assert!(mail.text.contains(said), "{}", mail.text);
        shop.run_to_quiescence().await;
        assert_eq!(view(&ann, &order).await["status"], "REFUNDED");
    }
    assert_eq!(ann.balance().await, 1_000_000);
}
