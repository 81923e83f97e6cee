//! The memory, the time and the reads of the audit of a large shop, on synthetic tables: one customer with a paid order,
//! many times over. It is audited in parts, one per invocation, and in one part.
//!
//! `ORDERS=1000000` is the size that docs/performance.md reports (`make prove` runs it); without it the shop is much
//! smaller. A program of its own, because the peak of memory is that of the process.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a helper that cannot go on fails the test"
)]

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use functions::App;
use functions::platform::audit_ledgers::{ENTRIES_MAX, Part, audit_part};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use store::Store;
use tests::Shop;
use tests::fixtures::text;

/// The size of the shop without the variable `ORDERS`.
const ORDERS: u64 = 30_000;
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
    /// The items of one customer, in which [`CUSTOMER`] and `ids` stand for those of another one.
    templates: Arc<HashMap<String, Template>>,
    ids: Arc<Vec<String>>,
    /// The items of the other tables.
    others: Arc<HashMap<String, Vec<Value>>>,
    read: Arc<Reads>,
}

/// The items of one customer in one table.
#[derive(Debug)]
struct Template {
    /// As JSON, without the brackets of the list.
    text: String,
    items: u64,
    bytes: u64,
}

impl Template {
    fn of(items: &[Value]) -> Self {
        let text = items.iter().map(Value::to_string).collect::<Vec<_>>().join(",");
        Self { text, items: u64::try_from(items.len()).unwrap(), bytes: items.iter().map(item_bytes).sum() }
    }
}

/// What the audit has read.
#[derive(Debug, Default)]
struct Reads {
    requests: AtomicU64,
    units: AtomicU64,
}

impl Reads {
    /// A page of this size, strongly consistent: a unit per 4 KB.
    fn add(&self, bytes: u64) {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.units.fetch_add(bytes.div_ceil(4_096).max(1), Ordering::Relaxed);
    }
}

/// The size of an item as DynamoDB counts it (Developer Guide, "DynamoDB item sizes and formats").
fn item_bytes(item: &Value) -> u64 {
    let attributes = item.as_object().unwrap().iter();
    attributes.map(|(name, value)| u64::try_from(name.len()).unwrap() + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> u64 {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    let length = || u64::try_from(value.as_str().unwrap().len()).unwrap();
    match kind.as_str() {
        "S" => length(),
        "N" => length().div_ceil(2) + 1,
        // Base64.
        "B" => length() / 4 * 3,
        "BOOL" | "NULL" => 1,
        "L" => value.as_array().unwrap().iter().map(|value| 1 + value_bytes(value)).sum::<u64>() + 3,
        "M" => item_bytes(value) + u64::try_from(value.as_object().unwrap().len()).unwrap() + 3,
        other => panic!("the shop has no attributes of type {other}"),
    }
}

impl SyntheticTables {
    /// The page of a scan: the customers of its segment, as many as fit.
    fn page(&self, request: &Value) -> String {
        let number = |name: &str| request[name].as_u64().unwrap();
        let table = request["TableName"].as_str().unwrap();
        let (segment, of) = (number("Segment"), number("TotalSegments"));
        let Some(template) = self.templates.get(table) else {
            let items = if segment == 0 { self.others[table].as_slice() } else { &[] };
            self.read.add(items.iter().map(item_bytes).sum());
            return json!({"Items": items, "Count": items.len(), "ScannedCount": items.len()}).to_string();
        };
        let customers = number("Limit") / template.items;
        let start = request["ExclusiveStartKey"]["pk"]["N"].as_str().map_or(segment, |n| n.parse().unwrap());
        let mut items = Vec::new();
        let mut customer = start;
        for _ in 0..customers {
            if customer >= self.orders {
                break;
            }
            items.push(self.renamed(&template.text, customer));
            customer += of;
        }
        self.read.add(template.bytes * u64::try_from(items.len()).unwrap());
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
    let template = |table: &str| (table.to_owned(), Template::of(&items(table)));
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
        templates: Arc::new(PER_CUSTOMER.into_iter().map(template).filter(|(_, of)| of.items > 0).collect()),
        ids: Arc::new(vec![order, text(&paid, "payment_id")]),
        others: Arc::new({
            others.insert("Coupons".to_owned(), Vec::new());
            others
        }),
        read: Arc::default(),
    };
    (shop, tables)
}

/// The peak of this process's resident memory.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Audits all parts of at most so many entries, one per invocation, and reports what that took. Returns the number of
/// parts.
#[expect(clippy::print_stdout, reason = "docs/performance.md reports these figures")]
async fn audit(app: &App, shop: &Shop, tables: &SyntheticTables, entries_max: usize) -> u64 {
    let (began, mut next, mut invocations) = (Instant::now(), Some(Part::WHOLE), 0);
    let count = |number: &AtomicU64| number.swap(0, Ordering::Relaxed);
    while let Some(part) = next {
        let (differences, part) = audit_part(app, part, shop.now(), entries_max).await.unwrap();
        assert!(differences.is_empty(), "{:?}", differences.first());
        invocations += 1;
        next = part.next();
    }
    let (requests, units) = (count(&tables.read.requests), count(&tables.read.units));
    println!(
        "{} orders, {invocations} invocations: {} MiB at the peak, {units} read units in {requests} requests, {} s",
        tables.orders,
        peak_bytes() >> 20,
        began.elapsed().as_secs()
    );
    invocations
}

#[tokio::test(start_paused = true)]
#[expect(clippy::print_stdout, reason = "docs/performance.md reports these figures")]
async fn the_audit_of_a_million_orders_fits_into_a_gigabyte() {
    let orders = std::env::var("ORDERS").map_or(ORDERS, |orders| orders.parse().unwrap());
    let (shop, tables) = large_shop(orders).await;
    let mut app = shop.app.clone();
    let config = shop.aws.config().into_builder().http_client(tables.clone()).build();
    app.store = Store::new(store::Client::new(&config), tests::shop::tables());
    println!("{} MiB before", peak_bytes() >> 20);
    // An order and a wallet for each customer, of which somewhat more than half are in memory at a time.
    let in_halves = usize::try_from(orders + orders / 4).unwrap();
    assert_eq!(audit(&app, &shop, &tables, in_halves).await, 2);
    // One part holds a million orders.
    let parts = audit(&app, &shop, &tables, ENTRIES_MAX).await;
    assert!(orders > 1_000_000 || parts == 1, "{parts} parts");
    // A smaller shop takes its share of the memory, beside what the process takes anyway.
    let share = PEAK_BYTES_MAX / 4 + PEAK_BYTES_MAX / 4 * 3 * orders.min(1_000_000) / 1_000_000;
    assert!(peak_bytes() <= share, "{} MiB", peak_bytes() >> 20);
}
