//! A batch of ten thousand orders: asked page by page, killed in the middle, everyone once.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::preorders::terms;
use tests::{Fault, Rule, Shop};

const ORDERS: usize = 10_000;

/// Copies the one order there is, and its entry in the log, so often: what as many customers would have left behind.
fn multiply(shop: &Shop, orders: usize) {
    let engine = shop.wire.engine();
    let order = engine.items("Orders").into_iter().find(|item| is(item, "sk", "ORDER#")).unwrap();
    let entry = engine.items("Batches").into_iter().find(|item| is(item, "sk", "EVENT#")).unwrap();
    let offer = entry["pk"]["S"].as_str().unwrap().rsplit_once('#').unwrap().0.to_owned();
    for n in 0..orders {
        let customer = format!("copy-{n}");
        let id = shop.app.new_id().unwrap();
        let mut copy = order.clone();
        copy["pk"]["S"] = json!(format!("CUSTOMER#{customer}"));
        copy["sk"]["S"] = json!(format!("ORDER#{id}"));
        copy["order_no"]["S"] = json!(domain::order::OrderNo::of(domain::id::OrderId::new(id)).to_string());
        put(shop, "Orders", &copy);
        let count = json!({
            "pk": copy["pk"], "sk": {"S": offer.clone()}, "reserved_qty": {"N": "1"}
        });
        put(shop, "Orders", &count);
        let event = domain::id::RecordId::new(shop.app.new_id().unwrap()).event(0);
        let mut logged = entry.clone();
        logged["pk"]["S"] = json!(format!("{offer}#{}", store::counters::log_partition(event)));
        logged["sk"]["S"] = json!(format!("EVENT#{event}"));
        logged["customer_id"]["S"] = json!(customer);
        logged["order_id"]["S"] = json!(id.to_string());
        put(shop, "Batches", &logged);
    }
    for (sk, names) in [("COUNTER", vec!["reserved_qty", "waiting_qty"]), ("LEFT", vec!["left_qty"])] {
        let found = engine
            .items("Counters")
            .into_iter()
            .find(|item| item["sk"]["S"] == sk && (is(item, "pk", "OFFER#") || is(item, "pk", "CAPACITY#")));
        let mut item = found.unwrap();
        for name in names {
            let before: i64 = item[name]["N"].as_str().unwrap().parse().unwrap();
            let orders = i64::try_from(orders).unwrap();
            let after = if sk == "LEFT" { before - orders } else { before + orders };
            item[name]["N"] = json!(after.to_string());
        }
        put(shop, "Counters", &item);
    }
}

fn is(item: &Value, name: &str, prefix: &str) -> bool {
    item[name]["S"].as_str().is_some_and(|text| text.starts_with(prefix))
}

fn put(shop: &Shop, table: &str, item: &Value) {
    shop.wire.engine().run("PutItem", &json!({"TableName": table, "Item": item}));
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_orders_are_asked_to_pay_once_each_although_the_work_is_killed_twice() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    shop.customer("first").reserve(&offered, 1).await.expect(201);
    shop.pump().await;
    multiply(&shop, ORDERS);
    // Who is told is proven elsewhere; ten thousand messages would only take time.
    shop.pump.disable("RequestNotificationsOnWhatPeopleAreTold");
    shop.confirm(&offered).await.expect(200);
    let killed = |nth| Rule::next("TransactWriteItems", Fault::KilledAfter).by("request_payments").after(nth);
    shop.inject(killed(ORDERS / 3));
    shop.inject(killed(ORDERS / 3));
    shop.pump().await;
    shop.wire.assert_struck();

    let asked = shop.announced("payment.requested.v1");
    let orders: BTreeSet<&str> = asked.iter().map(|event| event["order_id"].as_str().unwrap()).collect();
    assert_eq!((asked.len(), orders.len()), (ORDERS + 1, ORDERS + 1));
    let batch = shop.batch(&offered).await;
    assert_eq!((&batch["target_qty"], &batch["waiting_qty"]), (&json!(ORDERS + 1), &json!(ORDERS + 1)));
    assert_eq!(batch["progress"], json!([{"work": "REQUEST_PAYMENTS", "orders_count": ORDERS + 1, "is_done": true}]));
    assert_eq!(shop.differences().await, Vec::<Value>::new());
}
