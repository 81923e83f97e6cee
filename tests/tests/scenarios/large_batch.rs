//! A batch of thousands of orders: payment requests page by page, with kills, each customer once.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::preorders::{multiply, terms};
use tests::{Fault, Rule, Shop};

#[tokio::test(start_paused = true)]
async fn thousands_of_payment_requests_are_made_once_each_although_the_function_is_killed_twice() {
    payment_requests_are_made_once_each(2_500).await;
}

#[ignore = "takes a minute or two: make prove ONLY=long-tests"]
#[tokio::test(start_paused = true)]
async fn ten_thousand_payment_requests_are_made_once_each_although_the_function_is_killed_twice() {
    payment_requests_are_made_once_each(10_000).await;
}

async fn payment_requests_are_made_once_each(number: usize) {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    shop.customer("first").reserve(&offered, 1).await.expect(201);
    shop.dispatch_events().await;
    multiply(&shop, number);
    // Notifications are tested elsewhere; thousands of them would only take time.
    shop.dispatcher.disable("RequestNotificationsOnWhatPeopleAreTold");
    shop.confirm(&offered).await.expect(200);
    let killed = |nth| Rule::next("TransactWriteItems", Fault::KilledAfter).by("request_payments").after(nth);
    shop.inject(killed(number / 3));
    shop.inject(killed(number / 3));
    shop.dispatch_events().await;
    shop.aws.assert_faults_hit();

    let asked = shop.announced("payment.requested.v1");
    let orders: BTreeSet<&str> = asked.iter().map(|event| event["order_id"].as_str().unwrap()).collect();
    assert_eq!((asked.len(), orders.len()), (number + 1, number + 1));
    let batch = shop.batch(&offered).await;
    assert_eq!((&batch["target_qty"], &batch["waiting_qty"]), (&json!(number + 1), &json!(number + 1)));
    assert_eq!(batch["progress"], json!([{"work": "REQUEST_PAYMENTS", "orders_count": number + 1, "is_done": true}]));
    assert_eq!(shop.differences().await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn waiting_preorders_do_not_delay_the_expiry_of_other_orders() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    shop.customer("first").reserve(&offered, 1).await.expect(201);
    shop.dispatch_events().await;
    // More than one sweep reads.
    multiply(&shop, 1_100);
    let variant = shop.variant(1).await;
    let (ann, late) = (shop.customer("ann"), shop.customer("late"));
    let order = ann.order(&variant, 1).await;
    shop.advance_minutes(15);
    shop.aws.take_calls();
    shop.tick("expire_orders").await;
    assert_eq!(ann.get(&format!("/orders/{order}")).await.expect(200)["status"], "EXPIRED");
    let looked_at = shop.aws.take_calls().into_iter().filter(|call| call.operation == "GetItem").count();
    assert!(looked_at < 10, "{looked_at} orders were read for one that was due");
    late.order(&variant, 1).await;
    let waiting = shop.admin().get("/admin/orders?status=RESERVED&limit=100").await.expect(200);
    assert_eq!(waiting["items"].as_array().unwrap().len(), 100, "an admin finds the waiting orders");
}
