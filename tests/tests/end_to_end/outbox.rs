//! The outbox, as an admin sees it.

use crate::aws::number;
use crate::events::{paid_order, waiting};
use crate::fixtures::POINTS;
use crate::listener::{Listener, about};
use crate::shop::{Shop, now, unique};
use crate::wait::until;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};

pub(crate) async fn a_replayed_event_is_published_again_and_counts_nothing_twice(shop: &Shop) {
    let heard = Listener::to(shop, &["order.paid.v1"]).await;
    let goods = shop.goods(10).await;
    let customer = shop.customer_with(POINTS).await;
    let order = paid_order(shop, &customer, &goods, 2).await;
    let event = heard.wait("order.paid", 1, about(&order)).await;
    let id = event["detail"]["event_id"].as_str().unwrap();
    until("the sale is counted", || async { (shop.sold(&goods.product).await == 2).then_some(()) }).await;
    until("it is noted as sent", || async { (listed(shop, id).await?["status"] == "SENT").then_some(()) }).await;

    let (path, key) = (format!("/admin/outbox/{id}/replay"), unique());
    let again = shop.ask("POST", &path).key(&key).by(shop.admin()).send().await.expect(200);
    assert_eq!((&again["event_id"], &again["status"]), (&json!(id), &json!("NEW")));
    shop.tick("sweep_outbox", now()).await;
    let repeated = heard.wait("order.paid once more", 2, about(&order)).await;
    assert_eq!(repeated["detail"], event["detail"], "published under the same id, with the same body");
    until("it is marked as sent again", || async { (listed(shop, id).await?["status"] == "SENT").then_some(()) }).await;

    paid_order(shop, &customer, &goods, 1).await;
    until("the next sale is counted", || async { (shop.sold(&goods.product).await > 2).then_some(()) }).await;
    until("the queue is empty", || async { (waiting(shop, "CountSalesQueue").await == 0).then_some(()) }).await;
    assert_eq!(shop.sold(&goods.product).await, 3);
    // The same key identifies the same request, so there is no second replay.
    let same = shop.ask("POST", &path).key(&key).by(shop.admin()).send().await.expect(200);
    assert_eq!(same, again);
    heard.close().await;

    let unknown = format!("/admin/outbox/{}/replay", id.replace(|digit: char| digit.is_ascii_digit(), "0"));
    shop.ask("POST", &unknown).by(shop.admin()).send().await.refused(404, "event_not_found");
}

/// An event as an admin sees it, if it is on one of the newest pages.
async fn listed(shop: &Shop, id: &str) -> Option<Value> {
    let page = shop.get("/admin/outbox?limit=100").by(shop.admin()).send().await.expect(200);
    page["items"].as_array().unwrap().iter().find(|item| item["event_id"] == id).cloned()
}

pub(crate) async fn an_admin_pages_through_the_outbox(shop: &Shop) {
    // At least five events: each charge emits one.
    let customer = shop.customer_with(1_000_000).await;
    for _ in 0..4 {
        let body = json!({"amount_cents": 1_000_000});
        shop.post("/points/charge", &body).by(&customer.token).send().await.expect(200);
    }
    let mut seen: Vec<Value> = Vec::new();
    let mut path = "/admin/outbox?limit=2".to_owned();
    for _ in 0..3 {
        let page = shop.get(&path).by(shop.admin()).send().await.expect(200);
        let items = page["items"].as_array().unwrap();
        assert!((1..=2).contains(&items.len()), "{page}");
        seen.extend(items.iter().cloned());
        path = format!("/admin/outbox?limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    }
    let ids: Vec<&str> = seen.iter().map(|item| item["event_id"].as_str().unwrap()).collect();
    assert!(ids.is_sorted_by(|newer, older| newer > older), "newest first without duplicates: {ids:?}");
    for item in &seen {
        assert!(["NEW", "SENT"].contains(&item["status"].as_str().unwrap()), "{item}");
        assert!(item["type"].is_string() && item["attempts"].is_number() && item["created_at"].is_string(), "{item}");
    }
    let failed = shop.get("/admin/outbox?status=FAILED").by(shop.admin()).send().await.expect(200);
    assert_eq!(failed["items"], json!([]));
    shop.get("/admin/outbox?status=LOST").by(shop.admin()).send().await.refused(422, "invalid_request");
}

pub(crate) async fn every_event_is_published_in_the_end(shop: &Shop) {
    until("every event is sent", || async {
        shop.tick("sweep_outbox", now()).await;
        let (unsent, all) = records(shop).await;
        assert!(all > 0, "no event was written");
        (unsent == 0).then_some(())
    })
    .await;
    for status in ["NEW", "FAILED"] {
        let page = shop.get(&format!("/admin/outbox?status={status}")).by(shop.admin()).send().await.expect(200);
        assert_eq!(page["items"], json!([]), "{status}");
    }
    // Failed messages would be here. The relay's queue is excluded: killed functions leave stream positions in it.
    for queue in ["CountSalesDlq", "RefundPaymentDlq", "RulesDlq", "SchedulesDlq"] {
        assert_eq!(waiting(shop, queue).await, 0, "{queue}");
    }
}

/// The number of unsent records, and of all records.
async fn records(shop: &Shop) -> (usize, usize) {
    let (mut unsent, mut all) = (0, 0);
    let mut pages =
        shop.aws.tables.scan().table_name(shop.table("outbox")).consistent_read(true).into_paginator().send();
    while let Some(page) = pages.next().await {
        for item in page.unwrap().items() {
            if item.contains_key("events") {
                all += 1;
                let sent = item.get("status") == Some(&AttributeValue::S("SENT".to_owned()));
                unsent += usize::from(!sent || number(item, "sent_at") == 0);
            }
        }
    }
    (unsent, all)
}
