//! What a customer is told on the way from an order to its parcel: each message once, in the order's language.

use crate::notifications::listed;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::Shop;
use tests::event_dispatcher::QueueMessage;
use tests::fake_messengers::{AcceptedMessage, FakeResponse};
use tests::fixtures::{cart, text};
use tests::preorders::{Offered, asked, terms, with};
use tests::shop::Session;

/// The templates of what was sent, sorted.
async fn told(shop: &Shop) -> Vec<String> {
    let sent = listed(shop, "?status=SENT&limit=100").await;
    let mut keys: Vec<String> = sent.iter().map(|job| text(job, "template_key")).collect();
    keys.sort();
    keys
}

/// The message whose subject contains this text.
fn message(shop: &Shop, subject: &str) -> AcceptedMessage {
    let taken = shop.aws.messengers().accepted();
    let found: Vec<_> = taken.iter().filter(|message| message.subject.contains(subject)).collect();
    assert_eq!(found.len(), 1, "{subject}: {taken:?}");
    found[0].clone()
}

#[tokio::test(start_paused = true)]
async fn a_customer_is_told_of_an_order_its_payment_and_its_parcel_in_its_language() {
    let shop = Shop::open();
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(5).await, shop.coupon(5, 1).await);
    ann.charge(1_000_000).await.expect(200);
    ann.take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 2);
    wanted["coupon_id"] = json!(coupon);
    wanted["language"] = json!("zh-TW");
    let placed = ann.post("/orders", &wanted).await.expect(201);
    assert_eq!(placed["language"], "zh-TW");
    let (order, number) = (text(&placed, "order_id"), text(&placed, "order_no"));
    shop.dispatch_events().await;
    let mail = message(&shop, &format!("訂單 {number} 已成立"));
    // It is 20:00 in Taipei, and the hold has a quarter of an hour.
    for part in
        ["2026-11-21 20:15", "tea – 150 g × 2: TWD 700", "折扣:-TWD 50", "合計:TWD 650", &format!("/orders/{order}")]
    {
        assert!(mail.text.contains(part), "{part} in {}", mail.text);
    }
    ann.pay(&order).await.expect(201);
    shop.dispatch_events().await;
    let mail = message(&shop, &format!("訂單 {number} 已付款 TWD 650"));
    assert!(mail.text.contains("tea – 150 g × 2: TWD 700"), "{}", mail.text);
    let parcel = json!({"carrier": "black cat", "tracking_no": "905 1"});
    shop.admin().post(&format!("/admin/orders/{order}/ship"), &parcel).await.expect(200);
    shop.dispatch_events().await;
    let mail = message(&shop, &format!("訂單 {number} 已出貨"));
    assert!(mail.text.contains("https://cat.example/?no=905+1"), "{}", mail.text);
    shop.run_to_quiescence().await;
    assert_eq!(told(&shop).await, ["order_paid", "order_placed", "order_shipped"]);
}

#[tokio::test(start_paused = true)]
async fn messages_are_in_the_language_of_the_order_else_of_the_profile_else_of_the_shop() {
    let shop = Shop::open();
    let (ann, bob, variant) = (shop.customer("ann"), shop.customer("bob"), shop.variant(5).await);
    let mut wanted = cart(&variant, 1);
    for bad in ["zh", "EN", "", "fr"] {
        wanted["language"] = json!(bad);
        let reply = ann.post("/orders", &wanted).await;
        reply.refused(422, "invalid_request");
        assert_eq!(reply.body["errors"][0]["field"], "language");
    }
    wanted.as_object_mut().unwrap().remove("language");
    let placed = ann.post("/orders", &wanted).await.expect(201);
    assert_eq!(placed.get("language"), None);
    shop.dispatch_events().await;
    message(&shop, &format!("Order {} was placed", text(&placed, "order_no")));

    bob.put("/me", &json!({"language": "zh-TW", "addresses": []})).await.expect(200);
    let placed = bob.post("/orders", &wanted).await.expect(201);
    wanted["language"] = json!("en");
    let english = bob.post("/orders", &wanted).await.expect(201);
    shop.dispatch_events().await;
    message(&shop, &format!("訂單 {} 已成立", text(&placed, "order_no")));
    message(&shop, &format!("Order {} was placed", text(&english, "order_no")));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_reserved_later_keeps_its_language() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let mut wanted = cart(&variant, 1);
    wanted["language"] = json!("zh-TW");
    let accepted = ann.post_async(None, "/orders", &wanted).await.expect(202);
    shop.dispatch_events().await;
    message(&shop, &format!("訂單 {} 已成立", text(&accepted, "order_no")));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_was_canceled_before_its_message_was_sent_is_not_announced() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    ann.cancel(&ann.order(&variant, 1).await).await.expect(200);
    shop.dispatch_events().await;
    // The mail cannot be sent at first, and its order is canceled before the next try.
    let order = ann.order(&variant, 1).await;
    shop.aws.messengers().refuse("SendEmail", FakeResponse::new(503, ""));
    shop.dispatch_events().await;
    ann.cancel(&order).await.expect(200);
    shop.advance_minutes(2);
    shop.tick("retry_notifications").await;
    shop.run_to_quiescence().await;
    assert_eq!(told(&shop).await, Vec::<String>::new());
    assert_eq!((shop.aws.messengers().calls("SendEmail"), shop.aws.messengers().accepted().len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn the_messages_of_an_order_say_what_its_delivery_costs() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let home = json!({"name": "宅配到府", "kind": "HOME", "fee_cents": 10_000, "sort": 1});
    shop.admin().put("/admin/shipping-methods/HOME", &home).await.expect(200);
    let mut wanted = cart(&variant, 2);
    wanted["shipping"] = json!({"method_code": "HOME"});
    ann.post("/orders", &wanted).await.expect(201);
    shop.dispatch_events().await;
    let mail = message(&shop, "was placed");
    assert!(mail.text.contains("tea – 150 g × 2: TWD 700\n宅配到府: TWD 100\nTotal: TWD 800"), "{}", mail.text);
}

#[tokio::test(start_paused = true)]
async fn a_ship_date_that_was_corrected_at_once_is_told_as_it_is_now() {
    let (shop, offered, _) = in_production().await;
    shop.run_to_quiescence().await;
    plan(&shop, &offered, "2027-02-01").await;
    plan(&shop, &offered, "2027-03-01").await;
    shop.run_to_quiescence().await;
    let mails = shop.aws.messengers().accepted();
    let moved: Vec<&str> =
        mails.iter().map(|mail| mail.subject.as_str()).filter(|subject| subject.contains("now planned for")).collect();
    assert!(moved.len() == 2 && moved.iter().all(|subject| subject.ends_with("2027-03-01")), "{moved:?}");
}

/// A batch in production with two paid orders and one that was not paid.
async fn in_production() -> (Shop, Offered, Vec<(Session, String)>) {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(2), &json!({"payment_window_hours": 1}))).await;
    let orders = asked(&shop, &offered, 3).await;
    for (customer, order) in &orders[..2] {
        customer.charge(1_000_000).await.expect(200);
        customer.pay(order).await.expect(201);
    }
    shop.dispatch_events().await;
    shop.advance(SignedDuration::from_hours(1));
    shop.tick("expire_orders").await;
    shop.dispatch_events().await;
    shop.tick("finalize_batches").await;
    shop.dispatch_events().await;
    let path = format!("/admin/work-orders/{}/start", offered.batch());
    shop.admin().post(&path, &json!({"operator": "Wei"})).await.expect(200);
    (shop, offered, orders)
}

async fn plan(shop: &Shop, offered: &Offered, day: &str) -> Value {
    let path = format!("/admin/batches/{}/schedule", offered.batch());
    shop.admin().put(&path, &json!({"planned_ship_date": day})).await.expect(200)
}

#[tokio::test(start_paused = true)]
async fn the_customers_of_a_batch_are_told_of_its_production_and_of_a_later_ship_date_once() {
    let (shop, offered, orders) = in_production().await;
    // Everything is delivered twice.
    for _ in 0..12 {
        shop.dispatcher.relay(&shop).await;
        shop.dispatcher.route(&shop);
        shop.dispatcher.rearrange("request_notifications", |messages| {
            let again: Vec<QueueMessage> = messages
                .iter()
                .map(|message| QueueMessage { id: format!("{}-again", message.id), ..message.clone() })
                .collect();
            messages.extend(again);
        });
        shop.dispatcher.work(&shop).await;
    }
    let count = |keys: &[String], key: &str| keys.iter().filter(|known| *known == key).count();
    let keys = told(&shop).await;
    assert_eq!(count(&keys, "preorder_reserved"), 3);
    assert_eq!((count(&keys, "order_paid"), count(&keys, "production_started")), (2, 2), "{keys:?}");
    let mails = shop.aws.messengers().accepted();
    let started = mails.iter().find(|mail| mail.subject.contains("production has started")).unwrap();
    let planned = text(&shop.batch(&offered).await["schedule"], "planned_ship_date");
    assert!(started.subject.ends_with(&format!("shipping is planned for {planned}")), "{}", started.subject);

    plan(&shop, &offered, "2027-02-01").await;
    shop.aws.messengers().refuse("SendEmail", FakeResponse::new(503, ""));
    shop.dispatch_events().await;
    shop.advance_minutes(2);
    shop.tick("retry_notifications").await;
    let moved = |shop: &Shop| {
        let mails = shop.aws.messengers().accepted();
        mails.iter().filter(|mail| mail.subject.ends_with("now planned for 2027-02-01")).count()
    };
    assert_eq!(moved(&shop), 2);
    // The same day again, or an earlier one, sends no message.
    plan(&shop, &offered, "2027-02-01").await;
    plan(&shop, &offered, "2027-01-20").await;
    shop.dispatch_events().await;
    assert_eq!(count(&told(&shop).await, "ship_date_changed"), 2);
    // An order that was canceled meanwhile is left out.
    shop.cancel(&orders[0].1).await.expect(200);
    plan(&shop, &offered, "2027-03-01").await;
    shop.run_to_quiescence().await;
    assert_eq!(count(&told(&shop).await, "ship_date_changed"), 3);
    let batch = shop.batch(&offered).await;
    let progress = batch["progress"].as_array().unwrap().iter().find(|work| work["work"] == "TELL_SHIP_DATE").unwrap();
    assert_eq!(progress["is_done"], true, "both rounds: {batch}");
}
