//! The shop of a run and everybody around it.

use super::book::{Book, Purpose, Request};
use super::witness::Witness;
use super::{Report, Round, chance};
use crate::goods::{PRICE, text};
use crate::preorders::{Offered, terms, with};
use crate::shop::{Caller, Reply, Session, Shop};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many customers there are.
pub(super) const CUSTOMERS: usize = 5;
/// How far the environments' clocks are ahead, in seconds: the outermost ones are five minutes apart.
const AHEAD_SECONDS: [i64; 3] = [0, 150, -150];
/// A key is remembered for a day; nobody asks again later.
const KEY_HOURS: i64 = 23;
/// What must not leave the shop but in a message to its customer.
const PERSONAL: [&str; 5] = ["Ada Byron", "0912345678", "ada@example.com", "12 St James", LINE_ID];
const LINE_ID: &str = "U0123456789abcdef0123456789abcdef";

/// An order that a customer knows of.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) owner: Caller,
    pub(super) id: String,
    pub(super) total_cents: i64,
}

/// What people know.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) book: Book,
    pub(super) orders: Vec<Known>,
    pub(super) trades: Vec<String>,
    pub(super) quotas: BTreeMap<String, i64>,
    pub(super) poison: BTreeSet<String>,
    answers: BTreeMap<String, usize>,
}

/// A shop with what is sold in it.
pub(super) struct World {
    pub(super) shop: Shop,
    environments: Mutex<Vec<Shop>>,
    pub(super) variants: Vec<String>,
    pub(super) coupons: Vec<String>,
    pub(super) offers: Vec<Offered>,
    state: Mutex<State>,
    witness: Arc<Mutex<Witness>>,
    leaks: Arc<Mutex<Vec<String>>>,
    struck: Arc<AtomicUsize>,
}

impl World {
    /// A shop with three variants, two campaigns and two offers.
    pub(super) async fn open(seed: u64) -> Self {
        let witness = Arc::new(Mutex::new(Witness::default()));
        let leaks = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&leaks);
        let shop = Shop::open_in_virtual_time(seed).logging(Arc::new(move |line| {
            let line = line.to_string();
            if is_personal(&line) {
                lock(&noted).push(format!("I14, a log line: {line}"));
            }
        }));
        let seen = Arc::clone(&witness);
        shop.wire.watch(move |engine, operation, body| lock(&seen).see(engine, operation, body));
        let variants =
            vec![shop.variant(6).await, shop.sharded_variant(12, 3).await, shop.sharded_variant(40, 2).await];
        let coupons = vec![shop.coupon(3, 1).await, shop.coupon(8, 3).await];
        let missed = json!({
            "max_total_qty": 6, "when_missed": "EXTEND", "extend_days": 1, "payment_window_hours": 24, "capacity_shards": 2
        });
        let underpaid =
            json!({"when_underpaid": "CANCEL_AND_REFUND", "payment_window_hours": 1, "per_customer_max": 3});
        let offers =
            vec![shop.offered(&with(terms(3), &missed)).await, shop.offered(&with(terms(2), &underpaid)).await];
        let world = Self {
            environments: Mutex::new(Vec::new()),
            variants,
            coupons,
            offers,
            state: Mutex::default(),
            witness,
            leaks,
            struck: Arc::default(),
            shop,
        };
        world.state().quotas = [(world.coupons[0].clone(), 3), (world.coupons[1].clone(), 8)].into_iter().collect();
        *lock(&world.environments) = (0..AHEAD_SECONDS.len()).map(|place| world.fresh(place)).collect();
        world
    }

    /// From here on things happen as this round says.
    pub(super) fn begin(&self, round: &Round) {
        self.shop.wire.shuffle(round.seed);
        self.shop.wire.haunt(chance::of(&round.strikes, Arc::clone(&self.struck)));
    }

    /// From here on nothing goes wrong any more.
    pub(super) fn calm(&self) {
        self.shop.wire.heal();
    }

    /// The environment at this place.
    pub(super) fn environment(&self, place: usize) -> Shop {
        let environments = lock(&self.environments);
        environments[place % environments.len()].clone()
    }

    fn fresh(&self, place: usize) -> Shop {
        self.shop.elsewhere_at(SignedDuration::from_secs(AHEAD_SECONDS[place % AHEAD_SECONDS.len()]))
    }

    /// The environment at this place was killed: another one takes its place.
    pub(super) fn replace(&self, place: usize) {
        let fresh = self.fresh(place);
        let mut environments = lock(&self.environments);
        let place = place % environments.len();
        environments[place] = fresh;
    }

    /// A customer.
    pub(super) fn customer(number: u8) -> Caller {
        Caller::Customer(format!("customer-{}", usize::from(number) % CUSTOMERS))
    }

    /// An admin.
    pub(super) fn admin() -> Caller {
        Caller::Admin("admin-1".to_owned())
    }

    /// A caller at an environment.
    pub(super) fn session(&self, place: usize, caller: Caller) -> Session {
        self.environment(place).session(caller)
    }

    /// A cart's contact.
    pub(super) fn contact() -> Value {
        json!({
            "name": PERSONAL[0], "phone": PERSONAL[1], "email": PERSONAL[2], "shipping_address": PERSONAL[3],
            "line_user_id": LINE_ID
        })
    }

    /// Writes a request down and sends it.
    pub(super) async fn post(&self, place: usize, request: Request) -> Option<Reply> {
        let number = {
            let mut state = self.state();
            state.book.requests.push(request);
            state.book.requests.len() - 1
        };
        self.send(place, number).await
    }

    /// Sends a request, for the first time or again.
    pub(super) async fn send(&self, place: usize, number: usize) -> Option<Reply> {
        let request = self.state().book.requests[number].clone();
        let session = self.session(place, request.caller.clone());
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("idempotency-key".to_owned(), request.key.clone()),
        ];
        if request.is_async {
            headers.push(("prefer".to_owned(), "respond-async".to_owned()));
        }
        let target = format!("{}{}", contracts::routes::BASE, request.target);
        let body = Some(request.body.clone().into_bytes());
        let wanted = crate::events::HttpRequest { method: "POST".to_owned(), target, headers, body };
        let reply = session.send_raw(&wanted).await;
        self.heard(place, &request.target, reply.as_ref());
        let mut state = self.state();
        state.book.answered(number, reply.as_ref());
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

    /// An answer came, or none.
    pub(super) fn heard(&self, place: usize, what: &str, reply: Option<&Reply>) {
        let Some(reply) = reply else {
            *self.state().answers.entry("killed".to_owned()).or_default() += 1;
            return self.replace(place);
        };
        let mut state = self.state();
        *state.answers.entry(reply.word()).or_default() += 1;
        if reply.status >= 400 && is_personal(&reply.text) {
            state.book.wrong.push(format!("I14, a refusal: {what}: {}", reply.text));
        }
    }

    /// Whether its key is still remembered.
    pub(super) fn may_come_again(&self, request: &Request) -> bool {
        self.shop.now().duration_since(request.at) < SignedDuration::from_hours(KEY_HOURS)
    }

    /// Something is not as it should be.
    pub(super) fn complain(&self, what: String) {
        self.state().book.wrong.push(what);
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn is_wrong(&self) -> bool {
        !lock(&self.witness).wrong.is_empty() || !lock(&self.leaks).is_empty() || !self.state().book.wrong.is_empty()
    }

    pub(super) fn struck(&self) -> usize {
        self.struck.load(Ordering::Relaxed)
    }

    pub(super) fn report(&self) -> Report {
        let state = self.state();
        let mut wrong = lock(&self.witness).wrong.clone();
        wrong.extend(lock(&self.leaks).iter().cloned());
        wrong.extend(state.book.wrong.iter().cloned());
        Report {
            wrong,
            calls: self.shop.wire.take_calls().len(),
            struck: self.struck(),
            fingerprint: lock(&self.witness).fingerprint,
            answers: state.answers.clone(),
        }
    }
}

/// Whether a text has contact data in it.
pub(super) fn is_personal(text: &str) -> bool {
    PERSONAL.iter().any(|personal| text.contains(personal))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
