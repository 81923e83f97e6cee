//! A flash sale of coupons in virtual time: the real use cases in many concurrent environments, with throttled keys and
//! conflicting transactions. The same seed reproduces a run exactly.

use crate::events::{self, HttpRequest};
use crate::partitions::Load;
use crate::shop::{Caller, Shop};
use contracts::events::Trace;
use domain::id::RecordId;
use functions::{Trigger, UseCase};
use runtime::http::Request;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// The consumer of the queue.
const WORKER: &str = "issue_requested_coupons";
/// The placeholder for the customer in a prepared request.
const SOMEBODY: &str = "@somebody@";
/// One message in this many is delivered twice.
const DOUBLED_ONE_IN: usize = 100;

/// The size of a flash sale.
#[derive(Debug, Clone, Copy)]
pub struct FlashSale {
    /// The campaign's quantity.
    pub coupons: i64,
    /// The number of quota shards.
    pub shards: i64,
    /// The number of customers.
    pub customers: usize,
    /// Requests per customer.
    pub requests_each: usize,
    /// The period in which all requests arrive.
    pub within: Duration,
    /// The number of environments that handle requests.
    pub doors: usize,
    /// Determines arrival times and every other random choice.
    pub seed: u64,
}

/// The result of a flash sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The number of responses by status or code.
    pub answers: BTreeMap<String, usize>,
    /// The number of customers who have a coupon in the end.
    pub holders: BTreeSet<String>,
    /// The remaining quota.
    pub left: i64,
    /// The number of `coupon.issued` events.
    pub announced: usize,
    /// Write units of all requests, including those of the relay.
    pub write_units: u64,
    /// Read units of all requests.
    pub read_units: u64,
    /// The load on the keys.
    pub load: Load,
    /// Virtual time until every customer knew the result.
    pub lasted: Duration,
}

type Queue = Arc<Mutex<VecDeque<(String, u32)>>>;

/// Runs a flash sale. Panics if a message ends in the dead-letter queue.
pub async fn run(sale: FlashSale) -> Report {
    fastrand::seed(sale.seed);
    let shop = Shop::open_in_virtual_time(sale.seed);
    let coupon = shop.coupon(sale.coupons, sale.shards).await;
    shop.aws.take_calls();
    shop.aws.feel_load();
    let began = Instant::now();
    let arrivals = arrivals(&sale);
    let total = arrivals.len();
    let queue = Queue::default();
    let answered = Arc::new(Mutex::new(BTreeMap::new()));
    let done = Arc::new(std::sync::atomic::AtomicUsize::new(0));

    let mut tasks = tokio::task::JoinSet::new();
    for door in 0..sale.doors {
        let mine: Vec<(Duration, usize)> = arrivals.iter().skip(door).step_by(sale.doors).copied().collect();
        let (shop, queue, answered, done) =
            (shop.fresh_environment(), Arc::clone(&queue), Arc::clone(&answered), Arc::clone(&done));
        let prepared = prepared(&coupon);
        tasks.spawn(async move {
            for (at, customer) in mine {
                sleep_until(began + at).await;
                let word = ask(&shop, &prepared, customer).await;
                *answered.lock().unwrap().entry(word).or_insert(0) += 1;
                let sent = shop.aws.take_sent();
                let mut queue = queue.lock().unwrap();
                for (_, body) in sent {
                    if fastrand::usize(0..DOUBLED_ONE_IN) == 0 {
                        queue.push_back((body.clone(), 0));
                    }
                    queue.push_back((body, 0));
                }
                done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
        });
    }
    let worker = crate::template::consumers().iter().find(|consumer| consumer.use_case == WORKER).unwrap();
    for _ in 0..worker.concurrency_max {
        let (shop, queue, done) = (shop.fresh_environment(), Arc::clone(&queue), Arc::clone(&done));
        tasks.spawn(async move {
            loop {
                let all_came = done.load(std::sync::atomic::Ordering::Relaxed) == total;
                let batch: Vec<(String, u32)> = {
                    let mut queue = queue.lock().unwrap();
                    let most = worker.batch_max.min(queue.len());
                    queue.drain(..most).collect()
                };
                if batch.is_empty() && all_came {
                    return;
                }
                for failed in work(&shop, &batch).await {
                    assert!(u64::from(failed.1) < worker.tries_max, "a dead-letter message: {}", failed.0);
                    queue.lock().unwrap().push_back(failed);
                }
                sleep(Duration::from_millis(if batch.is_empty() { 200 } else { 1 })).await;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let lasted = began.elapsed();
    shop.dispatcher.relay(&shop).await;
    report(&shop, &coupon, lasted, answered.lock().unwrap().clone())
}

/// The requests of all customers in random order.
fn arrivals(sale: &FlashSale) -> Vec<(Duration, usize)> {
    let mut order: Vec<usize> = (0..sale.customers * sale.requests_each).map(|n| n % sale.customers).collect();
    fastrand::shuffle(&mut order);
    let nanos = u64::try_from(sale.within.as_nanos()).unwrap() / u64::try_from(order.len()).unwrap();
    (0..).zip(order).map(|(n, customer)| (Duration::from_nanos(nanos * n), customer)).collect()
}

fn name(customer: usize) -> String {
    format!("customer-{customer}")
}

/// A request as API Gateway passes it, with a placeholder for the customer.
fn prepared(coupon: &str) -> String {
    let request = HttpRequest {
        method: "POST".to_owned(),
        target: format!("{}/coupons/{coupon}/issue", contracts::routes::BASE),
        headers: vec![("prefer".to_owned(), "respond-async".to_owned())],
        body: Some(b"{}".to_vec()),
    };
    events::api_gateway(&request, &Caller::Customer(SOMEBODY.to_owned()), "request").1.to_string()
}

/// Handles one request, without the invocation's log line.
async fn ask(shop: &Shop, prepared: &str, customer: usize) -> String {
    let event = RawValue::from_string(prepared.replace(SOMEBODY, &name(customer))).unwrap();
    let request = Request::read(&event, functions::ROUTES).unwrap();
    let Trigger::Http(handle) = UseCase::find("issue_coupon").unwrap().trigger else { panic!("not a route") };
    let correlation_id = shop.app.new_id().unwrap().to_string();
    let app = shop.app.traced(Trace { causation_id: correlation_id.clone(), correlation_id });
    match handle(&app, request).await {
        Ok(response) => response.status.to_string(),
        Err(failure) => runtime::problem::code(&failure).to_owned(),
    }
}

/// Consumes one batch. Returns the failed messages with an incremented receive count.
async fn work(shop: &Shop, batch: &[(String, u32)]) -> Vec<(String, u32)> {
    if batch.is_empty() {
        return Vec::new();
    }
    let records: Vec<(String, String)> =
        batch.iter().enumerate().map(|(place, (body, _))| (place.to_string(), body.clone())).collect();
    let event = to_raw_value(&events::sqs(&records)).unwrap();
    let Trigger::Queue(handle) = UseCase::find(WORKER).unwrap().trigger else { panic!("not a queue") };
    let failures = handle(&shop.app, runtime::queue::read(&event).unwrap()).await;
    let failed = failures.0.iter().map(|(id, _)| id.parse::<usize>().unwrap());
    failed.map(|place| (batch[place].0.clone(), batch[place].1 + 1)).collect()
}

fn report(shop: &Shop, coupon: &str, lasted: Duration, answers: BTreeMap<String, usize>) -> Report {
    let calls = shop.aws.take_calls();
    let units = |write: bool| {
        let of_kind = calls.iter().filter(|call| call.is_write() == write);
        of_kind.flat_map(|call| call.milliunits().into_values()).sum::<u64>() / 1_000
    };
    let copy = format!("COUPON#{coupon}");
    let mut holders = BTreeSet::new();
    shop.aws.engine().each_item("Coupons", |item| {
        if item["sk"]["S"] == copy.as_str() {
            let customer = item["pk"]["S"].as_str().unwrap().trim_start_matches("CUSTOMER#");
            assert!(holders.insert(customer.to_owned()));
        }
    });
    let mut left = 0;
    shop.aws.engine().each_item("Counters", |item| {
        if item["pk"]["S"].as_str().unwrap().starts_with("QUOTA#") {
            left += item["left_qty"]["N"].as_str().unwrap().parse::<i64>().unwrap();
        }
    });
    let published = shop.aws.take_published();
    let events: BTreeSet<&str> = published.iter().map(|event| event.event_id()).collect();
    assert!(published.len() <= holders.len() + RecordId::EVENTS_MAX);
    Report {
        answers,
        holders,
        left,
        announced: events.len(),
        write_units: units(true),
        read_units: units(false),
        load: shop.aws.load(),
        lasted,
    }
}

/// Handles one request for the status of a ticket.
pub async fn fate(shop: &Shop, coupon: &str, ticket: &str, customer: usize) -> Value {
    let path = format!("/coupons/{coupon}/requests/{ticket}");
    shop.customer(&name(customer)).get(&path).await.body
}

impl Report {
    pub fn to_text(&self) -> String {
        let (units, (table, key)) = &self.load.hottest;
        json!({
            "answers": self.answers, "holders": self.holders.len(), "left": self.left, "announced": self.announced,
            "write_units": self.write_units, "read_units": self.read_units, "hottest_key": format!("{table} {key}"),
            "hottest_key_units_per_second": units, "throttled": self.load.throttled, "conflicts": self.load.conflicts,
            "lasted_ms": u64::try_from(self.lasted.as_millis()).unwrap(),
        })
        .to_string()
    }
}
