//! A rush for coupons in virtual time: the real use cases in many environments at once, on keys that throttle and
//! transactions that conflict. One seed replays a run exactly.

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

/// What the queue's worker is called by.
const WORKER: &str = "issue_requested_coupons";
/// In place of a customer in a prepared request.
const SOMEBODY: &str = "@somebody@";
/// Of so many messages one is delivered twice.
const DOUBLED_ONE_IN: usize = 100;

/// How large a rush is.
#[derive(Debug, Clone, Copy)]
pub struct Rush {
    /// Coupons.
    pub coupons: i64,
    /// Over how many shards.
    pub shards: i64,
    /// Customers who want one.
    pub customers: usize,
    /// How often each asks.
    pub requests_each: usize,
    /// Within which time.
    pub within: Duration,
    /// Environments that take requests.
    pub doors: usize,
    /// What decides who comes when, and every other accident.
    pub seed: u64,
}

/// How a rush went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How often each word was answered.
    pub answers: BTreeMap<String, usize>,
    /// Who has a coupon in the end.
    pub holders: BTreeSet<String>,
    /// What is left of the quota.
    pub left: i64,
    /// Events that say so.
    pub announced: usize,
    /// Write units of everything, the relay's too.
    pub write_units: u64,
    /// Read units of everything.
    pub read_units: u64,
    /// What the keys had to bear.
    pub load: Load,
    /// How long it took until everybody knew, in virtual time.
    pub lasted: Duration,
}

type Queue = Arc<Mutex<VecDeque<(String, u32)>>>;

/// Runs a rush. Panics when a message ends up among the dead letters.
pub async fn run(rush: Rush) -> Report {
    fastrand::seed(rush.seed);
    let shop = Shop::open_in_virtual_time(rush.seed);
    let coupon = shop.coupon(rush.coupons, rush.shards).await;
    shop.wire.take_calls();
    shop.wire.feel_load();
    let began = Instant::now();
    let arrivals = arrivals(&rush);
    let total = arrivals.len();
    let queue = Queue::default();
    let answered = Arc::new(Mutex::new(BTreeMap::new()));
    let done = Arc::new(std::sync::atomic::AtomicUsize::new(0));

    let mut tasks = tokio::task::JoinSet::new();
    for door in 0..rush.doors {
        let mine: Vec<(Duration, usize)> = arrivals.iter().skip(door).step_by(rush.doors).copied().collect();
        let (shop, queue, answered, done) =
            (shop.elsewhere(), Arc::clone(&queue), Arc::clone(&answered), Arc::clone(&done));
        let prepared = prepared(&coupon);
        tasks.spawn(async move {
            for (at, customer) in mine {
                sleep_until(began + at).await;
                let word = ask(&shop, &prepared, customer).await;
                *answered.lock().unwrap().entry(word).or_insert(0) += 1;
                let sent = shop.wire.take_sent();
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
        let (shop, queue, done) = (shop.elsewhere(), Arc::clone(&queue), Arc::clone(&done));
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
                    assert!(u64::from(failed.1) < worker.tries_max, "a dead letter: {}", failed.0);
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
    shop.pump.relay(&shop).await;
    report(&shop, &coupon, lasted, answered.lock().unwrap().clone())
}

/// Who asks when: every customer so often, all mixed up.
fn arrivals(rush: &Rush) -> Vec<(Duration, usize)> {
    let mut order: Vec<usize> = (0..rush.customers * rush.requests_each).map(|n| n % rush.customers).collect();
    fastrand::shuffle(&mut order);
    let nanos = u64::try_from(rush.within.as_nanos()).unwrap() / u64::try_from(order.len()).unwrap();
    (0..).zip(order).map(|(n, customer)| (Duration::from_nanos(nanos * n), customer)).collect()
}

fn name(customer: usize) -> String {
    format!("customer-{customer}")
}

/// A request as API Gateway hands it over, but for the customer.
fn prepared(coupon: &str) -> String {
    let request = HttpRequest {
        method: "POST".to_owned(),
        target: format!("{}/coupons/{coupon}/issue", contracts::routes::BASE),
        headers: vec![("prefer".to_owned(), "respond-async".to_owned())],
        body: Some(b"{}".to_vec()),
    };
    events::api_gateway(&request, &Caller::Customer(SOMEBODY.to_owned()), "request").1.to_string()
}

/// One request through the use case itself; the log line that an invocation writes is left out.
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

/// One batch through the queue's use case. Answers what failed, with one try more.
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
    let calls = shop.wire.take_calls();
    let units = |write: bool| {
        let of_kind = calls.iter().filter(|call| call.is_write() == write);
        of_kind.flat_map(|call| call.milliunits().into_values()).sum::<u64>() / 1_000
    };
    let copy = format!("COUPON#{coupon}");
    let mut holders = BTreeSet::new();
    shop.wire.engine().each_item("Coupons", |item| {
        if item["sk"]["S"] == copy.as_str() {
            let customer = item["pk"]["S"].as_str().unwrap().trim_start_matches("CUSTOMER#");
            assert!(holders.insert(customer.to_owned()));
        }
    });
    let mut left = 0;
    shop.wire.engine().each_item("Counters", |item| {
        if item["pk"]["S"].as_str().unwrap().starts_with("QUOTA#") {
            left += item["left_qty"]["N"].as_str().unwrap().parse::<i64>().unwrap();
        }
    });
    let published = shop.wire.take_published();
    let events: BTreeSet<&str> = published.iter().map(|event| event.event_id()).collect();
    assert!(published.len() <= holders.len() + RecordId::EVENTS_MAX);
    Report {
        answers,
        holders,
        left,
        announced: events.len(),
        write_units: units(true),
        read_units: units(false),
        load: shop.wire.load(),
        lasted,
    }
}

/// The same for a customer who looks what has become of their request.
pub async fn fate(shop: &Shop, coupon: &str, ticket: &str, customer: usize) -> Value {
    let path = format!("/coupons/{coupon}/requests/{ticket}");
    shop.customer(&name(customer)).get(&path).await.body
}

impl Report {
    /// For people.
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
