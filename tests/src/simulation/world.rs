//! The shop of a run, with its customers, admins and providers.

use super::client_log::{ClientLog, Purpose, Request};
use super::invariants::InvariantChecker;
use super::outages::Outages;
use super::script::{AT_ONCE, CellFault, Target};
use super::{Report, Round};
use crate::faults::FaultSource;
use crate::fixtures::{PRICE, text};
use crate::preorders::{Offered, terms, with};
use crate::shop::{Caller, Reply, Session, Shop};
use domain::Moment;
use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub(super) const CUSTOMERS: usize = 5;
/// How many unpaid orders a customer may have: few, so that some are refused.
pub(super) const OPEN_ORDERS_MAX: u32 = 6;
/// The clock offsets of the environments in seconds; the extremes are five minutes apart.
const AHEAD_SECONDS: [i64; 3] = [0, 150, -150];
/// A key expires after a day; clients do not repeat a request later.
const KEY_HOURS: i64 = 23;
/// Data that may only appear in a message to its customer.
const PERSONAL: [&str; 5] = ["Ada Byron", "+886912345678", "ada@example.com", "12 St James", LINE_ID];
const LINE_ID: &str = "U0123456789abcdef0123456789abcdef";

#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) owner: Caller,
    pub(super) id: String,
    pub(super) total_cents: i64,
}

/// The clients' knowledge of the shop.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) client_log: ClientLog,
    pub(super) orders: Vec<Known>,
    pub(super) trades: Vec<String>,
    /// When each trade was opened.
    pub(super) opened: BTreeMap<String, Moment>,
    /// The trades whose payment no callback will report.
    pub(super) silent: BTreeSet<String>,
    /// The addresses of checkouts.
    pub(super) links: Vec<String>,
    pub(super) quotas: BTreeMap<String, i64>,
    pub(super) poison: BTreeSet<String>,
    /// Messages to deliver days later for the first time, by consumer.
    pub(super) late: Vec<(&'static str, String)>,
    /// Messages to deliver days later once more, by consumer.
    pub(super) echoes: Vec<(&'static str, String)>,
    answers: BTreeMap<String, usize>,
}

/// A shop with its products.
pub(super) struct World {
    pub(super) shop: Shop,
    /// An environment that sells points by payments at providers; the others credit them at once.
    pub(super) selling_points: Shop,
    environments: Mutex<Vec<Shop>>,
    pub(super) variants: Vec<String>,
    pub(super) coupons: Vec<String>,
    pub(super) offers: Vec<Offered>,
    state: Mutex<State>,
    invariants: Arc<Mutex<InvariantChecker>>,
    leaks: Arc<Mutex<Vec<String>>>,
    faults_hit: Arc<AtomicUsize>,
    outages: Arc<Mutex<Outages>>,
    target: Option<Target>,
}

impl World {
    /// Creates a shop with three variants, two campaigns, two offers and two shipping methods.
    pub(super) async fn open(seed: u64) -> Self {
        let invariants = Arc::new(Mutex::new(InvariantChecker::default()));
        let leaks = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&leaks);
        let shop = Shop::open_limited(OPEN_ORDERS_MAX, OPEN_ORDERS_MAX).in_virtual_time(seed);
        let shop = shop.logging(Arc::new(move |line| {
            let line = line.to_string();
            if is_personal(&line) {
                lock(&noted).push(format!("I14, a log line: {line}"));
            }
        }));
        let seen = Arc::clone(&invariants);
        shop.aws.observe_writes(move |engine, operation, body| lock(&seen).check(engine, operation, body));
        let variants =
            vec![shop.variant(6).await, shop.sharded_variant(12, 3).await, shop.sharded_variant(40, 2).await];
        let coupons = vec![shop.coupon(3, 1).await, shop.coupon(8, 3).await];
        let offers = offers(&shop).await;
        let pickup = json!({"name": "at the shop", "kind": "PICKUP", "fee_cents": 0});
        for (code, method) in [("HOME", home(6_000)), ("PICKUP", pickup)] {
            shop.admin().put(&format!("/admin/shipping-methods/{code}"), &method).await.expect(200);
        }
        let world = Self {
            selling_points: shop.selling_points(),
            environments: Mutex::new(Vec::new()),
            variants,
            coupons,
            offers,
            state: Mutex::default(),
            invariants,
            leaks,
            faults_hit: Arc::default(),
            outages: Arc::default(),
            target: None,
            shop,
        };
        world.state().quotas = [(world.coupons[0].clone(), 3), (world.coupons[1].clone(), 8)].into_iter().collect();
        *lock(&world.environments) = (0..AHEAD_SECONDS.len()).map(|place| world.fresh(place)).collect();
        world
    }

    /// The world with the fault of a cell.
    pub(super) fn with_cell_fault(self, target: Option<Target>) -> Self {
        Self { target, ..self }
    }

    /// Whether a use case has this cell fault. It counts as a fault that hit.
    pub(super) fn has_cell_fault(&self, fault: CellFault, use_case: &str) -> bool {
        let is_in = self.target.is_some_and(|target| target.fault == fault && target.use_case == use_case);
        self.faults_hit.fetch_add(usize::from(is_in), Ordering::Relaxed);
        is_in
    }

    /// Uses this round's seed for the interleaving.
    pub(super) fn begin(&self, round: &Round) {
        self.shop.aws.shuffle(round.seed);
    }

    /// Injects the outages, and faults from a source, and counts those of the source that hit.
    pub(super) fn inject_faults(&self, mut chance: FaultSource) {
        let (faults_hit, outages, now) = (Arc::clone(&self.faults_hit), Arc::clone(&self.outages), self.shop.clock());
        self.shop.aws.inject_faults(Box::new(move |sent| {
            let fault = chance(sent);
            faults_hit.fetch_add(usize::from(fault.is_some()), Ordering::Relaxed);
            fault.or_else(|| lock(&outages).fault_of(sent, now()))
        }));
    }

    pub(super) fn outages(&self) -> MutexGuard<'_, Outages> {
        lock(&self.outages)
    }

    /// Clears all faults and outages.
    pub(super) fn clear_faults(&self) {
        *self.outages() = Outages::default();
        self.shop.aws.clear_faults();
    }

    pub(super) fn environment(&self, place: usize) -> Shop {
        let environments = lock(&self.environments);
        environments[place % environments.len()].clone()
    }

    fn fresh(&self, place: usize) -> Shop {
        self.shop.fresh_environment_at(SignedDuration::from_secs(AHEAD_SECONDS[place % AHEAD_SECONDS.len()]))
    }

    /// Replaces a killed environment.
    pub(super) fn replace(&self, place: usize) {
        let fresh = self.fresh(place);
        let mut environments = lock(&self.environments);
        let place = place % environments.len();
        environments[place] = fresh;
    }

    pub(super) fn customer(number: u8) -> Caller {
        Caller::Customer(format!("customer-{}", usize::from(number) % CUSTOMERS))
    }

    /// The customer who never pays.
    pub(super) fn nonpayer() -> Caller {
        Caller::Customer("nonpayer".to_owned())
    }

    pub(super) fn admin() -> Caller {
        Caller::Admin("admin-1".to_owned())
    }

    pub(super) fn session(&self, place: usize, caller: Caller) -> Session {
        self.environment(place).session(caller)
    }

    /// The contact data of a cart. Customers with an even number also get LINE messages.
    pub(super) fn contact(number: u8) -> Value {
        let mut contact = json!({
            "name": PERSONAL[0], "phone": PERSONAL[1], "email": PERSONAL[2], "shipping_address": PERSONAL[3]
        });
        if number.is_multiple_of(2) {
            contact["line_user_id"] = json!(LINE_ID);
        }
        contact
    }

    /// Records a request and sends it.
    pub(super) async fn post(&self, place: usize, request: Request) -> Option<Reply> {
        let number = {
            let mut state = self.state();
            state.client_log.requests.push(request);
            state.client_log.requests.len() - 1
        };
        let first = self.send(place, number).await;
        if let Some(use_case) = self.use_case_of(number)
            && self.has_cell_fault(CellFault::Repeated, use_case)
        {
            self.send(place + 1, number).await;
            join_all((0..AT_ONCE).map(|n| self.send(place + n, number))).await;
        }
        first
    }

    fn use_case_of(&self, number: usize) -> Option<&'static str> {
        let state = self.state();
        let request = &state.client_log.requests[number];
        let path = format!("{}{}", contracts::routes::BASE, request.target);
        functions::find_route(request.method, &path).map(|(route, _)| route.use_case)
    }

    /// Sends a recorded request.
    pub(super) async fn send(&self, place: usize, number: usize) -> Option<Reply> {
        let request = self.state().client_log.requests[number].clone();
        let session = self.session(place, request.caller.clone());
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        if request.method == "POST" {
            headers.push(("idempotency-key".to_owned(), request.key.clone()));
        }
        if request.is_async {
            headers.push(("prefer".to_owned(), "respond-async".to_owned()));
        }
        let target = format!("{}{}", contracts::routes::BASE, request.target);
        let body = Some(request.body.clone().into_bytes());
        let wanted = crate::events::HttpRequest { method: request.method.to_owned(), target, headers, body };
        let reply = session.send_raw(&wanted).await;
        self.heard(place, &request.target, reply.as_ref());
        let mut state = self.state();
        state.client_log.answered(number, reply.as_ref());
        if let Some(reply) = &reply
            && reply.status < 300
            && request.purpose == Purpose::Order
        {
            let id = text(&reply.body, "order_id");
            if state.orders.iter().all(|order| order.id != id) {
                let total_cents = reply.body["total_cents"].as_i64().unwrap_or(PRICE);
                state.orders.push(Known { owner: request.caller.clone(), id, total_cents });
            }
        }
        reply
    }

    /// Records a response, or that there was none.
    pub(super) fn heard(&self, place: usize, what: &str, reply: Option<&Reply>) {
        let Some(reply) = reply else {
            *self.state().answers.entry("killed".to_owned()).or_default() += 1;
            return self.replace(place);
        };
        let mut state = self.state();
        *state.answers.entry(reply.word()).or_default() += 1;
        if reply.status >= 400 && is_personal(&reply.text) {
            state.client_log.wrong.push(format!("I14, a refusal: {what}: {}", reply.text));
        }
    }

    /// Whether its key has not expired.
    pub(super) fn may_come_again(&self, request: &Request) -> bool {
        self.shop.now().duration_since(request.at) < SignedDuration::from_hours(KEY_HOURS)
    }

    /// Records a violation.
    pub(super) fn complain(&self, what: String) {
        self.state().client_log.wrong.push(what);
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn is_wrong(&self) -> bool {
        !lock(&self.invariants).wrong.is_empty()
            || !lock(&self.leaks).is_empty()
            || !self.state().client_log.wrong.is_empty()
    }

    pub(super) fn faults_hit(&self) -> usize {
        self.faults_hit.load(Ordering::Relaxed)
    }

    pub(super) fn report(&self) -> Report {
        let state = self.state();
        let mut wrong = lock(&self.invariants).wrong.clone();
        wrong.extend(lock(&self.leaks).iter().cloned());
        wrong.extend(state.client_log.wrong.iter().cloned());
        Report {
            wrong,
            calls: self.shop.aws.take_calls().len(),
            faults_hit: self.faults_hit(),
            fingerprint: lock(&self.invariants).fingerprint,
            answers: state.answers.clone(),
            ..Report::default()
        }
    }
}

impl World {
    /// The contents of the tables without names and times: the number of items per kind and status, and sums.
    pub(super) fn digest(&self) -> Vec<String> {
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for table in ["Orders", "Wallets", "Coupons", "Counters", "Payments", "Batches", "Production", "Rankings"] {
            self.shop.aws.engine().each_item(table, |item| {
                let text = |name: &str| item[name]["S"].as_str().unwrap_or_default();
                let kind = text("pk").split('#').next().unwrap_or_default();
                if matches!(kind, "CONSUMED" | "IDEMPOTENCY" | "TRADE" | "PAUSE" | "TASKS" | "PARKED") {
                    return;
                }
                let part = text("sk").split('#').next().unwrap_or_default();
                let status = text("status");
                if !status.is_empty() {
                    *sums.entry(format!("{table} {kind} {part} {status}")).or_default() += 1;
                }
                for name in ["left_qty", "balance_cents", "refunded_cents", "reserved_qty", "paid_qty", "sold_qty"] {
                    if let Some(number) = item[name]["N"].as_str().and_then(|number| number.parse::<i64>().ok()) {
                        *sums.entry(format!("{table} {kind} {name}")).or_default() += number;
                    }
                }
            });
        }
        sums.into_iter().map(|(what, sum)| format!("{what}: {sum}")).collect()
    }
}

/// A method for delivery with this fee, which is waived for four pieces.
pub(super) fn home(fee_cents: i64) -> Value {
    json!({"name": "Black Cat", "kind": "HOME", "fee_cents": fee_cents, "free_from_cents": PRICE * 4})
}

/// Two offers: one in a window that ends soon and is extended when it is missed, and one with a minimum of paid orders.
async fn offers(shop: &Shop) -> Vec<Offered> {
    let missed = json!({"max_total_qty": 6, "when_missed": "EXTEND", "extend_days": 1, "capacity_shards": 2});
    let underpaid = json!({"when_underpaid": "CANCEL_AND_REFUND", "per_customer_max": 3});
    let mut offers = Vec::new();
    for (threshold, more, hours) in [(3, missed, 3), (2, underpaid, 24 * 7)] {
        // It starts in the past, because some clocks are behind.
        let (start, end) = (shop.now() - SignedDuration::from_hours(1), shop.now() + SignedDuration::from_hours(hours));
        let body = json!({"name": "2026_CNY", "start_at": start, "end_at": end, "timezone": "Asia/Taipei"});
        let window = text(&shop.admin().post("/admin/sell-windows", &body).await.expect(201), "sell_window_id");
        let product = shop.product("coat").await;
        let variant = shop.variant_of(&product, 0, 1).await;
        let offered = Offered { window, product, variant };
        let terms = with(with(terms(threshold), &more), &json!({"payment_window_hours": 1}));
        shop.admin().put(&offered.path(), &terms).await.expect(200);
        offers.push(offered);
    }
    offers
}

/// Whether a text contains contact data.
pub(super) fn is_personal(text: &str) -> bool {
    PERSONAL.iter().any(|personal| text.contains(personal))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
