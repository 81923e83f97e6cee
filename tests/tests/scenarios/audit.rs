//! The audit finds and names each planted difference.

use functions::platform::audit_ledgers::{Part, audit_part};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tests::Shop;
use tests::fixtures::{cart, text};

/// A shop with an order in every state and consistent ledgers.
async fn lively() -> (Shop, String) {
    let shop = Shop::open();
    let variant = shop.sharded_variant(50, 2).await;
    let coupon = shop.coupon(10, 2).await;
    let stock = format!("/admin/variants/{variant}/stock");
    shop.admin().post(&stock, &json!({"delta": 7, "reason": "found"})).await.expect(200);
    shop.admin().post(&stock, &json!({"delta": -3, "reason": "broken"})).await.expect(200);
    for name in ["reserved", "paid", "canceled", "refunded", "expired"] {
        let buyer = shop.customer(name);
        buyer.charge(1_000_000).await.expect(200);
        buyer.take(&coupon).await.expect(201);
        let mut wanted = cart(&variant, 2);
        wanted["coupon_id"] = json!(coupon);
        if name == "reserved" {
            continue;
        }
        let order = text(&buyer.post("/orders", &wanted).await.expect(201), "order_id");
        match name {
            "paid" => drop(buyer.pay(&order).await.expect(201)),
            "canceled" => drop(buyer.cancel(&order).await.expect(200)),
            "refunded" => {
                buyer.pay(&order).await.expect(201);
                shop.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
            }
            _ => {}
        }
    }
    shop.dispatch_events().await;
    shop.advance_minutes(15);
    shop.tick("expire_orders").await;
    let mut wanted = cart(&variant, 1);
    wanted["coupon_id"] = json!(coupon);
    shop.customer("reserved").post("/orders", &wanted).await.expect(201);
    shop.run_to_quiescence().await;
    (shop, variant)
}

/// Changes a number of the first matching item.
fn plant(shop: &Shop, table: &str, attribute: &str, is_it: impl Fn(&str, &Value) -> bool, change: i64) {
    let items = shop.aws.engine().items(table);
    let keyed = |item: &&Value| is_it(&format!("{} {}", item["pk"]["S"], item["sk"]["S"]).replace('"', ""), item);
    let mut item = items.iter().find(keyed).unwrap().clone();
    let number: i64 = item[attribute]["N"].as_str().unwrap().parse().unwrap();
    item[attribute]["N"] = json!((number + change).to_string());
    shop.aws.engine().run("PutItem", &json!({"TableName": table, "Item": item}));
}

async fn found(shop: &Shop) -> Vec<(String, String)> {
    let found = shop.differences().await;
    found.iter().map(|difference| (text(difference, "invariant"), text(difference, "subject"))).collect()
}

fn is_reported(found: &[(String, String)], invariant: &str, subject: &str) -> bool {
    found.iter().any(|(named, about)| named == invariant && about.contains(subject))
}

#[tokio::test(start_paused = true)]
async fn the_audit_of_a_busy_shop_finds_no_difference() {
    let (shop, _) = lively().await;
    assert_eq!(found(&shop).await, []);
    shop.tick("audit_ledgers").await;
}

#[tokio::test(start_paused = true)]
async fn the_audit_finds_a_stock_difference() {
    for change in [1, -1, -100] {
        let (shop, variant) = lively().await;
        plant(&shop, "Counters", "left_qty", |key, _| key.starts_with("STOCK#") && key.ends_with("LEFT"), change);
        let found = found(&shop).await;
        assert!(is_reported(&found, "I1", &format!("variant {variant}")), "{found:?}");
        assert_eq!(is_reported(&found, "I1", "shard"), change == -100, "{found:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_audit_finds_a_balance_that_differs_from_its_ledger() {
    let (shop, _) = lively().await;
    plant(&shop, "Wallets", "balance_cents", |key, _| key == "CUSTOMER#paid BALANCE", 100);
    let only = found(&shop).await;
    assert_eq!(only, [("I4".to_owned(), "balance of customer paid".to_owned())]);
}

/// The differences of all parts, when so much is in memory at a time, and the number of parts.
async fn found_in_parts(shop: &Shop, entries_max: usize) -> (Vec<(String, String)>, u64) {
    let (mut found, mut next, mut of) = (BTreeSet::new(), Some(Part::WHOLE), 0);
    while let Some(part) = next {
        let (differences, part) = audit_part(&shop.app, part, shop.now(), entries_max).await.unwrap();
        found.extend(differences.into_iter().map(|difference| (difference.invariant, difference.subject)));
        (next, of) = (part.next(), part.of());
    }
    (found.into_iter().collect(), of)
}

#[tokio::test(start_paused = true)]
async fn the_audit_of_a_shop_that_does_not_fit_into_memory_finds_the_same_part_by_part() {
    let (shop, variant) = lively().await;
    // More than one customer has, so that parts of single customers fit.
    for entries_max in [8, 12] {
        let (differences, of) = found_in_parts(&shop, entries_max).await;
        assert_eq!(differences, [], "{entries_max}");
        assert!(of > 1, "{entries_max}");
    }
    for name in ["paid", "refunded", "reserved"] {
        plant(&shop, "Wallets", "balance_cents", |key, _| key == format!("CUSTOMER#{name} BALANCE"), 100);
    }
    plant(&shop, "Counters", "left_qty", |key, _| key.starts_with("STOCK#") && key.ends_with("LEFT"), 1);
    let mut whole = found(&shop).await;
    whole.sort();
    assert!(whole.len() == 4 && is_reported(&whole, "I1", &variant), "{whole:?}");
    for entries_max in [8, 12, 1_000] {
        assert_eq!(found_in_parts(&shop, entries_max).await.0, whole, "{entries_max}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_of_the_audit_is_named_by_its_cursor() {
    let (shop, _) = lively().await;
    assert_eq!(shop.admin().get("/admin/audit").await.expect(200).get("next_cursor"), None);
    for bad in ["", "x", "0-2", "MC0y"] {
        shop.admin().get(&format!("/admin/audit?cursor={bad}")).await.refused(422, "invalid_request");
    }
}

/// Receives the log lines of libraries in this test.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn the_nightly_audit_logs_its_differences() {
    let (shop, _) = lively().await;
    plant(&shop, "Wallets", "balance_cents", |key, _| key == "CUSTOMER#paid BALANCE", 100);
    // While there is one listener only, `tracing` asks just the thread that writes a line for the first time whether
    // anybody listens. Another scenario's thread would answer no for all.
    let second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let lines = Lines::default();
    let writer = lines.clone();
    let listening = tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone());
    let heard = tracing::subscriber::set_default(listening.finish());
    shop.tick("audit_ledgers").await;
    drop((heard, second));
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let line: Value =
        serde_json::from_str(text.lines().find(|line| line.contains("the ledgers differ")).unwrap()).unwrap();
    assert_eq!((&line["level"], &line["invariant"]), (&json!("WARN"), &json!("I4")));
    assert_eq!(line["subject"], "balance of customer paid");
}

#[tokio::test(start_paused = true)]
async fn the_audit_finds_a_lost_ledger_entry() {
    let (shop, _) = lively().await;
    let entries = shop.aws.engine().items("Wallets");
    let entry = entries.iter().find(|item| item["sk"]["S"].as_str().unwrap().starts_with("ENTRY#")).unwrap();
    let key = json!({"pk": entry["pk"], "sk": entry["sk"]});
    shop.aws.engine().run("DeleteItem", &json!({"TableName": "Wallets", "Key": key}));
    assert!(is_reported(&found(&shop).await, "I4", "balance of customer"));
}

#[tokio::test(start_paused = true)]
async fn the_audit_finds_an_over_issued_coupon() {
    let (shop, _) = lively().await;
    plant(&shop, "Counters", "left_qty", |key, _| key.starts_with("QUOTA#"), 1);
    let only = found(&shop).await;
    assert!(only.len() == 1 && is_reported(&only, "I5", "issued + left"), "{only:?}");
}

#[tokio::test(start_paused = true)]
async fn the_audit_finds_a_coupon_whose_status_contradicts_its_orders() {
    let (shop, _) = lively().await;
    let coupons = shop.aws.engine().items("Coupons");
    let used = coupons.iter().find(|item| item["status"]["S"] == "USED").unwrap();
    let mut again = used.clone();
    again["status"]["S"] = json!("ISSUED");
    shop.aws.engine().run("PutItem", &json!({"TableName": "Coupons", "Item": again}));
    assert!(is_reported(&found(&shop).await, "I6", "status"));
}

#[tokio::test(start_paused = true)]
async fn the_audit_finds_sales_without_a_paid_order() {
    for change in [1, -1] {
        let (shop, _) = lively().await;
        plant(&shop, "Counters", "sold_qty", |key, _| key.starts_with("SALES#"), change);
        let only = found(&shop).await;
        assert!(only.len() == 1 && is_reported(&only, "I12", "sales of product"), "{only:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_audit_finds_uncounted_sales() {
    let (shop, _) = lively().await;
    let counters = shop.aws.engine().items("Counters");
    let sale = counters.iter().find(|item| item["pk"]["S"].as_str().unwrap().starts_with("SALES#")).unwrap();
    let key = json!({"pk": sale["pk"], "sk": sale["sk"]});
    shop.aws.engine().run("DeleteItem", &json!({"TableName": "Counters", "Key": key}));
    assert!(is_reported(&found(&shop).await, "I12", "sales of product"));
}

#[tokio::test(start_paused = true)]
async fn the_audit_finds_an_unpublished_event_after_five_minutes() {
    let (shop, _) = lively().await;
    shop.customer("late").charge(1_000_000).await.expect(200);
    shop.advance_minutes(5);
    assert_eq!(found(&shop).await, []);
    shop.advance_minutes(1);
    let only = found(&shop).await;
    assert!(only.len() == 1 && is_reported(&only, "I11", "outbox record"), "{only:?}");
}

#[tokio::test(start_paused = true)]
async fn the_audit_finds_an_unexpired_order_after_five_minutes() {
    let (shop, _) = lively().await;
    shop.advance_minutes(20);
    let found = found(&shop).await;
    assert!(is_reported(&found, "I11", "past its deadline"), "{found:?}");
}

#[tokio::test(start_paused = true)]
async fn the_audit_finds_a_payment_without_a_paid_order() {
    let (shop, _) = lively().await;
    let orders = shop.aws.engine().items("Orders");
    let mut order = orders.iter().find(|item| item["status"]["S"] == "SHIPPING_SCHEDULED").unwrap().clone();
    order["status"]["S"] = json!("EXPIRED");
    shop.aws.engine().run("PutItem", &json!({"TableName": "Orders", "Item": order}));
    let found = found(&shop).await;
    assert!(found.iter().any(|(invariant, _)| invariant == "I3"), "{found:?}");
}
