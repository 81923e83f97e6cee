//! The memory and time of the audit of a large shop, on synthetic tables: one customer with a paid order, many times over.
//!
//! `ORDERS=1000000` is the size that docs/performance.md reports (`make prove` runs it); without it the shop is a tenth
//! of that. A program of its own, because the peak of memory is that of the process.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper that cannot go on fails the test")]

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use functions::platform::audit_ledgers::{ENTRIES_MAX, Part, audit_part};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;
use store::Store;
use tests::Shop;
use tests::fixtures::text;

/// The size of the shop without the variable `ORDERS`.
const ORDERS: u64 = 100_000;
/// The limit of the whole process.
const PEAK_BYTES_MAX: u64 = 1 << 30;
/// The customer of the order that is repeated. A name as long as the ids of the user pool, which nothing else contains.
const CUSTOMER: &str = "00000000-aaaa-4bbb-8ccc-dddddddddddd";
/// The tables of which each customer has items.
const PER_CUSTOMER: [&str; 5] = ["Orders", "Wallets", "Coupons", "Payments", "Outbox"];

/// The transport of an SDK client to these tables: it answers scans.
#[derive(Debug, Clone)]
struct SyntheticTables {
    orders: u64,
    /// The items of one customer, as JSON, in which [`CUSTOMER`] and `ids` stand for those of another one.
    templates: Arc<HashMap<String, String>>,
    ids: Arc<Vec<String>>,
    /// The items of the other tables.
    others: Arc<HashMap<String, Vec<Value>>>,
}

impl SyntheticTables {
    /// The page of a scan: the customers of its segment, as many as fit.
    fn page(&self, request: &Value) -> String {
        let number = |name: &str| request[name].as_u64().unwrap();
        let table = request["TableName"].as_str().unwrap();
        let (segment, of) = (number("Segment"), number("TotalSegments"));
        let Some(template) = self.templates.get(table) else {
            let items = if segment == 0 { self.others[table].as_slice() } else { &[] };
            return json!({"Items": items, "Count": items.len(), "ScannedCount": items.len()}).to_string();
        };
        let items_each = template.matches("\"pk\"").count().max(1);
        let customers = number("Limit") / u64::try_from(items_each).unwrap();
        let start = request["ExclusiveStartKey"]["pk"]["N"].as_str().map_or(segment, |n| n.parse().unwrap());
        let mut items = Vec::new();
        let mut customer = start;
        for _ in 0..customers {
            if customer >= self.orders {
                break;
            }
            items.push(self.renamed(template, customer));
            customer += of;
        }
        let last = (customer < self.orders).then(|| format!(r#","LastEvaluatedKey":{{"pk":{{"N":"{customer}"}}}}"#));
        format!(r#"{{"Items":[{}],"Count":0,"ScannedCount":0{}}}"#, items.join(","), last.unwrap_or_default())
    }

    fn renamed(&self, template: &str, customer: u64) -> String {
        let prefix = |id: &str| format!("{customer:08x}{}", &id[8..]);
        let mut items = template.replace(CUSTOMER, &prefix(CUSTOMER));
        for id in self.ids.iter() {
            items = items.replace(id, &prefix(id));
        }
        items
    }
}

impl HttpConnector for SyntheticTables {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        assert!(request.headers().get("x-amz-target").unwrap().ends_with(".Scan"), "the audit only scans");
        let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let page = self.page(&body);
        HttpConnectorFuture::ready(Ok(HttpResponse::new(StatusCode::try_from(200).unwrap(), SdkBody::from(page))))
    }
}

impl HttpClient for SyntheticTables {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

/// A shop with one paid order, and its tables as if it had many.
async fn large_shop(orders: u64) -> (Shop, SyntheticTables) {
    let shop = Shop::open();
    let (buyer, variant) = (shop.customer(CUSTOMER), shop.variant(1).await);
    buyer.charge(1_000_000).await.expect(200);
    let order = buyer.order(&variant, 1).await;
    let paid = buyer.pay(&order).await.expect(201);
    shop.run_to_quiescence().await;
    let engine = shop.aws.engine();
    let is_kept = |item: &Value| !item["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with("CONSUMED#"));
    let items = |table: &str| engine.items(table).into_iter().filter(is_kept).collect::<Vec<_>>();
    let template = |table: &str| {
        let items: Vec<String> = items(table).iter().map(Value::to_string).collect();
        (table.to_owned(), items.join(","))
    };
    let mut others: HashMap<String, Vec<Value>> =
        ["Catalog", "Counters", "Batches"].into_iter().map(|table| (table.to_owned(), items(table))).collect();
    let times = i64::try_from(orders).unwrap();
    for item in others.get_mut("Counters").unwrap() {
        for attribute in ["delta", "sold_qty"] {
            if let Some(number) = item[attribute]["N"].as_str() {
                item[attribute]["N"] = json!((number.parse::<i64>().unwrap() * times).to_string());
            }
        }
    }
    let tables = SyntheticTables {
        orders,
        templates: Arc::new(PER_CUSTOMER.into_iter().map(template).filter(|(_, items)| !items.is_empty()).collect()),
        ids: Arc::new(vec![order, text(&paid, "payment_id")]),
        others: Arc::new({
            others.insert("Coupons".to_owned(), Vec::new());
            others
        }),
    };
    (shop, tables)
}

/// The peak of this process's resident memory.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[tokio::test(start_paused = true)]
#[expect(clippy::print_stdout, reason = "docs/performance.md reports these figures")]
async fn the_audit_of_a_million_orders_fits_into_a_gigabyte() {
    let orders = std::env::var("ORDERS").map_or(ORDERS, |orders| orders.parse().unwrap());
    let (shop, tables) = large_shop(orders).await;
    let mut app = shop.app.clone();
    let config = shop.aws.config().into_builder().http_client(tables).build();
    app.store = Store::new(store::Client::new(&config), tests::shop::tables());
    let (before, began) = (peak_bytes(), Instant::now());
    let (differences, part) = audit_part(&app, Part::WHOLE, shop.now(), ENTRIES_MAX).await.unwrap();
    assert!(differences.is_empty(), "{:?}", differences.first());
    let peak = peak_bytes();
    println!(
        "{orders} orders in {} part: {} MiB at the peak, {} MiB of them for the audit, {} s",
        part.of(),
        peak >> 20,
        (peak - before) >> 20,
        began.elapsed().as_secs()
    );
    // One part holds a million orders; a smaller shop takes its share of the memory, beside what the process takes anyway.
    assert!(orders > 1_000_000 || part == Part::WHOLE);
    let share = PEAK_BYTES_MAX / 4 + PEAK_BYTES_MAX / 4 * 3 * orders.min(1_000_000) / 1_000_000;
    assert!(peak <= share, "{} MiB", peak >> 20);
}
