//! The files in the data platform's bucket.

use crate::events::paid_order;
use crate::fixtures::POINTS;
use crate::listener::{Listener, about};
use crate::shop::Shop;
use crate::wait::until;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) async fn a_paid_order_is_exported_once_although_its_event_was_duplicated(shop: &Shop) {
    let heard = Listener::to(shop, &["order.paid.v1"]).await;
    let goods = shop.goods(20).await;
    let customer = shop.customer_with(POINTS).await;
    let mut orders = Vec::new();
    for quantity in 1..=3 {
        orders.push(paid_order(shop, &customer, &goods, quantity).await);
    }
    let event = heard.wait("order.paid", 1, about(&orders[0])).await;
    let again = PutEventsRequestEntry::builder()
        .event_bus_name(&shop.about.event_bus)
        .source("millrun.orders")
        .detail_type("order.paid.v1")
        .detail(event["detail"].to_string())
        .build();
    let put = shop.aws.bus.put_events().entries(again).send().await.unwrap();
    assert_eq!(put.failed_entry_count, 0);
    heard.wait("order.paid once more", 2, about(&orders[0])).await;
    heard.close().await;

    let ids: Vec<&str> = orders.iter().map(|order| order["order_id"].as_str().unwrap()).collect();
    let mine = until("the orders are in the files", || async {
        let lines = lines(shop).await;
        let mine: Vec<_> = lines.into_iter().filter(|(_, line)| ids.contains(&order_of(line))).collect();
        let found: BTreeSet<&str> = mine.iter().map(|(_, line)| order_of(line)).collect();
        (found.len() == ids.len()).then_some(mine)
    })
    .await;
    let by_event: BTreeMap<&str, &Value> =
        mine.iter().map(|(_, line)| (line["event_id"].as_str().unwrap(), line)).collect();
    assert_eq!(by_event.len(), orders.len(), "each order is there once after deduplication");
    let shop_time = TimeZone::get("Asia/Taipei").unwrap();
    for (day, line) in &mine {
        let order = orders.iter().find(|order| order["order_id"] == line["order_id"]).unwrap();
        for field in ["order_no", "kind", "currency", "total_cents"] {
            assert_eq!(line[field], order[field], "{field}");
        }
        assert_eq!(line["customer_id"], customer.id.as_str());
        assert_eq!(line["lines"][0]["product_id"], goods.product.as_str());
        assert_eq!(line["lines"][0]["quantity"], order["lines"][0]["quantity"]);
        let paid_at: Timestamp = line["paid_at"].as_str().unwrap().parse().unwrap();
        assert_eq!(*day, paid_at.to_zoned(shop_time.clone()).date().to_string());
        for personal in ["Mill Road", "ada@shop.example", "+886912345678", "Ada"] {
            assert!(!line.to_string().contains(personal), "a file contains contact data: {line}");
        }
    }
}

/// After all scenarios, the files contain exactly the paid orders.
pub(crate) async fn every_paid_order_is_exported_in_the_end(shop: &Shop) {
    until("the files hold exactly the paid orders", || async {
        let paid = paid_orders(shop).await;
        assert!(!paid.is_empty());
        let lines = lines(shop).await;
        let events: BTreeSet<&str> = lines.iter().map(|(_, line)| line["event_id"].as_str().unwrap()).collect();
        let exported: BTreeSet<String> = lines.iter().map(|(_, line)| order_of(line).to_owned()).collect();
        assert_eq!(events.len(), exported.len(), "one order with two events");
        assert!(exported.is_subset(&paid), "exported although unpaid: {:?}", exported.difference(&paid));
        (exported == paid).then_some(())
    })
    .await;
}

fn order_of(line: &Value) -> &str {
    line["order_id"].as_str().unwrap()
}

/// All orders that were ever paid.
async fn paid_orders(shop: &Shop) -> BTreeSet<String> {
    let mut paid = BTreeSet::new();
    let mut cursor = String::new();
    loop {
        let page = shop.get(&format!("/admin/orders?limit=100{cursor}")).by(shop.admin()).send().await.expect(200);
        for order in page["items"].as_array().unwrap() {
            if order["history"].as_array().unwrap().iter().any(|step| step["status"] == "PAID") {
                paid.insert(order["order_id"].as_str().unwrap().to_owned());
            }
        }
        let Some(next) = page["next_cursor"].as_str() else { return paid };
        cursor = format!("&cursor={next}");
    }
}

pub(crate) async fn lines(shop: &Shop) -> Vec<(String, Value)> {
    let mut lines = Vec::new();
    for key in keys(shop).await {
        let day = key.strip_prefix("orders/dt=").and_then(|rest| rest.split_once('/')).expect("a folder per day").0;
        let text = shop.bucket(&format!("/{}", key.replace('=', "%3D"))).await;
        assert!(text.ends_with('\n'), "{key} ends within a line");
        lines.extend(text.lines().map(|line| (day.to_owned(), serde_json::from_str(line).unwrap())));
    }
    lines
}

async fn keys(shop: &Shop) -> Vec<String> {
    let mut keys = Vec::new();
    let mut query = "?list-type=2&prefix=orders%2F".to_owned();
    loop {
        let page = shop.bucket(&query).await;
        keys.extend(tags(&page, "Key"));
        let Some(next) = tags(&page, "NextContinuationToken").pop() else { return keys };
        let next: String = next.bytes().map(|byte| format!("%{byte:02X}")).collect();
        query = format!("?continuation-token={next}&list-type=2&prefix=orders%2F");
    }
}

/// The text between tags with this name. Keys of the bucket contain nothing that XML escapes.
fn tags(xml: &str, name: &str) -> Vec<String> {
    let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
    xml.split(&begin).skip(1).filter_map(|part| Some(part.split_once(&end)?.0.to_owned())).collect()
}
