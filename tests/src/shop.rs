//! A shop with its customers and admins, in one process.

use crate::bank;
use crate::engine::Engine;
use crate::events::{self, HttpRequest};
use crate::faults::Rule;
use crate::leaks;
use crate::pump::Pump;
use crate::roles;
use crate::watch::{API_ID, SHOP_NAME, Watch};
use crate::wire::{ACTOR, Actor, Wire};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use bus::Bus;
use bus::queue::Queue;
use domain::Moment;
use domain::money::{Cents, ChargeUnit, Currency};
use domain::notification::Channels;
use domain::shop::Shop as Numbers;
use functions::{App, Clock, Entropy, Integrations, Messaging, Settings, UseCase};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use lake::{Bucket, Lake};
use messages::Language;
use providers::http::Http;
use providers::notify::{ANSWER_TIMEOUT, ChannelSettings, Messengers};
use providers::payment::{Payments, Place, Places};
use runtime::Invocation;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;
use store::{Store, Tables};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Takes the line that an invocation writes.
pub type Log = Arc<dyn Fn(&Value) + Send + Sync>;

/// Where the clock stands when a shop opens: 20:00 in Taipei.
pub const OPENING: &str = "2026-11-21T12:00:00Z";

/// Names the level of the libraries' lines; without it there are none.
pub const LOG: &str = "MILLRUN_LOG";

/// The bucket with the data platform's files.
const BUCKET: &str = "files.s3.local.amazonaws.com";
/// A queue's URL ends in the use case that consumes it.
const QUEUE: &str = "http://aws.test/000000000000/issue_requested_coupons";

/// Who sends a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody that is known.
    Nobody,
    /// A customer, by the token's subject.
    Customer(String),
    /// An admin, by the token's subject.
    Admin(String),
    /// A token with these claims.
    Claims(Value),
}

impl Caller {
    /// What the authorizer found in the token.
    pub(crate) fn claims(&self) -> Option<Value> {
        match self {
            Self::Nobody => None,
            Self::Customer(sub) => Some(json!({"sub": sub, "token_use": "access"})),
            Self::Admin(sub) => Some(json!({"sub": sub, "token_use": "access", "cognito:groups": "[admin]"})),
            Self::Claims(claims) => Some(claims.clone()),
        }
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Value,
    /// The body, byte for byte.
    pub text: String,
    /// The body, read.
    pub body: Value,
}

impl Reply {
    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    /// Panics unless it is a problem with this status and code.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        let is = (self.status, self.body["code"].as_str().unwrap_or_default());
        assert_eq!(is, (status, code), "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["type"], format!("urn:millrun:problem:{code}"));
    }

    /// The code of a problem, or the status of a success.
    pub fn word(&self) -> String {
        self.body["code"].as_str().map_or_else(|| self.status.to_string(), str::to_owned)
    }
}

/// What chance is drawn from: the same in each run, so that a test that failed fails again; `MILLRUN_SEED` is another one.
fn seed() -> u64 {
    std::env::var("MILLRUN_SEED").map_or(1, |seed| seed.parse().expect("MILLRUN_SEED is a whole number"))
}

/// Ids, and with them guesses and order, that follow from a seed; so do the pauses of this thread and the SDK's tokens, from
/// another one: a test that seeds them again must not meet the same tokens.
fn seeded(seed: u64) -> Entropy {
    fastrand::seed(!seed);
    let random = std::sync::Mutex::new(fastrand::Rng::with_seed(seed));
    Arc::new(move |bytes| {
        random.lock().unwrap().fill(bytes);
        Ok(())
    })
}

/// The shop. Cheap to clone; all clones share state, clock and wire.
#[derive(Clone)]
pub struct Shop {
    /// The environment that serves when no other is named.
    pub app: App,
    /// Faults and counts.
    pub wire: Wire,
    /// Events on their way.
    pub pump: Arc<Pump>,
    /// What CloudWatch sees.
    pub watch: Watch,
    clock: Hand,
    entropy: Entropy,
    log: Option<Log>,
    serial: Arc<AtomicU64>,
    rolling: Option<Arc<Rolling>>,
}

/// A deployment that is half done.
struct Rolling {
    /// An environment of the next version.
    next: App,
    /// Whose turn it is: a bit for each invocation, over and over.
    turns: u64,
}

impl Shop {
    /// An empty shop with the template's default numbers.
    pub fn open() -> Self {
        Self::open_keeping(SignedDuration::from_hours(24 * 14))
    }

    /// The same in another time zone.
    pub fn open_in(timezone: &str) -> Self {
        let numbers = Numbers { timezone: TimeZone::get(timezone).unwrap(), ..numbers() };
        Self::open_with(numbers, SignedDuration::from_hours(24 * 14))
    }

    /// The same, which forgets events so long after they were sent.
    pub fn open_keeping(outbox_keep: SignedDuration) -> Self {
        Self::open_with(numbers(), outbox_keep)
    }

    fn open_with(numbers: Numbers, outbox_keep: SignedDuration) -> Self {
        listen();
        let wire = Wire::new(Engine::new());
        let clock = Hand::default();
        let app = environment(&wire, clock.ahead(SignedDuration::ZERO), numbers, outbox_keep, messaging());
        let entropy = seeded(seed());
        Self {
            app: app.with_entropy(Arc::clone(&entropy)),
            wire,
            pump: Arc::default(),
            watch: Watch::default(),
            clock,
            entropy,
            log: None,
            serial: Arc::default(),
            rolling: None,
        }
    }

    /// A shop whose clock follows tokio's, and whose ids follow from a seed.
    pub fn open_in_virtual_time(seed: u64) -> Self {
        let shop = Self::open();
        let clock = Hand { began: Some(Instant::now()), ..shop.clock.clone() };
        Self { clock, entropy: seeded(seed), ..shop }.elsewhere()
    }

    /// The same shop with other channels.
    #[must_use]
    pub fn telling(&self, messaging: Messaging) -> Self {
        let (shop, keep) = (self.app.shop().clone(), self.app.outbox_keep());
        let app = environment(&self.wire, self.clock.ahead(SignedDuration::ZERO), shop, keep, messaging);
        Self { app: self.wired(app), ..self.clone() }
    }

    /// The same shop with its log lines going here.
    #[must_use]
    pub fn logging(self, log: Log) -> Self {
        Self { log: Some(log), ..self }
    }

    fn wired(&self, app: App) -> App {
        app.with_entropy(Arc::clone(&self.entropy))
    }

    /// A fresh environment: one that remembers nothing.
    #[must_use]
    pub fn elsewhere(&self) -> Self {
        self.elsewhere_at(SignedDuration::ZERO)
    }

    /// A fresh environment whose clock is so far ahead, or with a minus behind.
    #[must_use]
    pub fn elsewhere_at(&self, ahead: SignedDuration) -> Self {
        let (shop, keep, messaging) = (self.app.shop().clone(), self.app.outbox_keep(), self.app.messaging().clone());
        let app = environment(&self.wire, self.clock.ahead(ahead), shop, keep, messaging);
        Self { app: self.wired(app), ..self.clone() }
    }

    /// The same shop while the next version is rolled out: it takes each invocation whose bit is set.
    #[must_use]
    pub fn rolling(&self, turns: u64) -> Self {
        Self { rolling: Some(Arc::new(Rolling { next: self.elsewhere().app, turns })), ..self.clone() }
    }

    /// The time.
    pub fn now(&self) -> Moment {
        self.app.now()
    }

    /// Lets time pass.
    pub fn pass(&self, time: SignedDuration) {
        self.clock.passed_millis.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }

    /// Lets minutes pass.
    pub fn pass_minutes(&self, minutes: i64) {
        self.pass(SignedDuration::from_mins(minutes));
    }

    /// Lets a fault strike.
    pub fn inject(&self, rule: Rule) {
        self.wire.inject(rule);
    }

    /// What a customer sees of the shop.
    pub fn customer(&self, sub: &str) -> Session {
        self.session(Caller::Customer(sub.to_owned()))
    }

    /// What an admin sees of the shop.
    pub fn admin(&self) -> Session {
        self.session(Caller::Admin("admin-1".to_owned()))
    }

    /// What a caller sees of the shop.
    pub fn session(&self, caller: Caller) -> Session {
        Session { shop: self.clone(), caller }
    }

    /// A schedule's tick, now.
    pub async fn tick(&self, use_case: &str) {
        self.tick_at(use_case, self.now()).await.unwrap();
    }

    /// A schedule's tick that was due at `time`.
    ///
    /// # Errors
    /// When the invocation failed as a whole.
    pub async fn tick_at(&self, use_case: &str, time: Moment) -> Result<(), String> {
        roles::assert_fed(use_case);
        self.invoke(use_case, &json!({ "time": time })).await.map(drop)
    }

    /// Invokes a use case with an event, as Lambda does.
    ///
    /// # Errors
    /// When the invocation failed as a whole.
    pub async fn invoke(&self, use_case: &str, event: &Value) -> Result<Value, String> {
        self.run_as(use_case, event, Arc::default()).await
    }

    async fn run_as(&self, use_case: &str, event: &Value, killed: Arc<Notify>) -> Result<Value, String> {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let next = self.rolling.as_ref().filter(|rolling| rolling.turns >> (serial % 64) & 1 == 1);
        let app = next.map_or(&self.app, |rolling| &rolling.next);
        let actor = Actor { use_case: use_case.to_owned(), is_next: next.is_some(), killed };
        ACTOR.scope(actor, self.run(app, use_case, event, format!("lambda-{serial}"))).await
    }

    async fn run(&self, app: &App, use_case: &str, event: &Value, request_id: String) -> Result<Value, String> {
        let found = UseCase::find(use_case).unwrap();
        let invocation = Invocation { request_id, event: to_raw_value(event).unwrap() };
        let (answer, line) = functions::observe(app, found, invocation).await;
        match &self.log {
            Some(log) => log(&line),
            None => runtime::telemetry::write(&line),
        }
        self.watch.read(&line);
        if found.manifest.schedule.is_some() {
            // Where Lambda puts a tick at which the function failed; whoever mends the cause purges it.
            let queue = format!("{SHOP_NAME}-SchedulesDlq");
            let visible = ("AWS/SQS", "ApproximateNumberOfMessagesVisible", &[("QueueName", queue.as_str())][..]);
            self.watch.put(visible, i64::from(answer.is_err()), self.now());
        }
        answer
            .map(|answer: Box<RawValue>| serde_json::from_str(answer.get()).unwrap())
            .map_err(|error| error.to_string())
    }

    /// The same in an environment that a fault may kill. `None` when it was.
    pub async fn invoke_mortal(&self, use_case: &str, event: &Value) -> Option<Result<Value, String>> {
        let killed = Arc::new(Notify::new());
        tokio::select! {
            biased;
            () = killed.notified() => None,
            answer = self.run_as(use_case, event, Arc::clone(&killed)) => Some(answer),
        }
    }

    /// Delivers every event until nothing is left to do.
    pub async fn pump(&self) {
        self.pump.run(self).await;
    }

    /// Everything settles: events are delivered, sweeps run, and the books must add up.
    pub async fn settle(&self) {
        self.pump().await;
        for _ in 0..3 {
            self.pass_minutes(1);
            for sweep in
                ["expire_orders", "close_sell_windows", "finalize_batches", "retry_notifications", "sweep_outbox"]
            {
                self.tick(sweep).await;
            }
            self.pump().await;
        }
        assert_eq!(self.differences().await, Vec::<Value>::new(), "the books do not add up");
        assert_eq!(self.pump.dead_letters(), Vec::<String>::new());
    }

    /// What the audit finds.
    pub async fn differences(&self) -> Vec<Value> {
        let found = self.admin().get("/admin/audit").await.expect(200);
        found["differences"].as_array().unwrap().clone()
    }

    fn next_request_id(&self) -> String {
        format!("request-{}", self.serial.fetch_add(1, Ordering::Relaxed))
    }
}

/// Where `MILLRUN_LOG` names a level, the libraries' lines go to standard output as they do in a function.
fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        if let Ok(level) = std::env::var(LOG) {
            runtime::telemetry::listen(&level);
        }
    });
}

/// The hand of every clock of a shop.
#[derive(Debug, Clone, Default)]
struct Hand {
    passed_millis: Arc<AtomicI64>,
    /// Where tokio's time stood, if it moves the hand too.
    began: Option<Instant>,
}

impl Hand {
    /// A clock that is so far ahead of it.
    fn ahead(&self, ahead: SignedDuration) -> Clock {
        let (hand, opening) = (self.clone(), OPENING.parse::<Moment>().unwrap());
        Arc::new(move || {
            let passed = SignedDuration::from_millis(hand.passed_millis.load(Ordering::Relaxed));
            let elapsed = hand.began.map_or(Duration::ZERO, |began| began.elapsed());
            opening + passed + SignedDuration::try_from(elapsed).unwrap() + ahead
        })
    }
}

/// The tables as the engine names them.
pub fn tables() -> Tables {
    Tables {
        catalog: "Catalog".to_owned(),
        orders: "Orders".to_owned(),
        wallets: "Wallets".to_owned(),
        coupons: "Coupons".to_owned(),
        counters: "Counters".to_owned(),
        payments: "Payments".to_owned(),
        batches: "Batches".to_owned(),
        production: "Production".to_owned(),
        notifications: "Notifications".to_owned(),
        rankings: "Rankings".to_owned(),
        outbox: "Outbox".to_owned(),
    }
}

/// The template's default numbers.
pub fn numbers() -> Numbers {
    Numbers {
        currency: Currency::parse("TWD").unwrap(),
        timezone: TimeZone::get("Asia/Taipei").unwrap(),
        charge_unit: ChargeUnit::new(100).unwrap(),
        order_hold_minutes: 15,
        checkout_live_minutes: 15,
        checkout_hold_minutes: 10,
        reconcile_after_minutes: 10,
        reconcile_give_up_minutes: 120,
        points_charge_min: Cents::new(1_000_000),
        points_balance_max: Cents::new(200_000_000),
        best_sellers_days: 3,
        best_sellers_top: 5,
    }
}

fn environment_store(wire: &Wire) -> Store {
    Store::new(store::Client::new(&wire.config()), tables())
}

/// Customers are told by mail and, where they gave an id, by LINE; admins in Slack.
pub fn messaging() -> Messaging {
    Messaging {
        channels: Channels { line: true, sms: None, slack: true, admin_email: None },
        language: Language::En,
        shop_name: "Millrun".to_owned(),
        is_external: false,
    }
}

/// The channels' settings.
pub fn channel_settings() -> ChannelSettings {
    ChannelSettings {
        mail_from: "no-reply@shop.example".to_owned(),
        mail_from_name: "Millrun".to_owned(),
        line_api_url: "http://line.test".to_owned(),
        secret_arn: "arn:aws:secretsmanager:local:000000000000:secret:messengers".to_owned(),
        answer_timeout: ANSWER_TIMEOUT,
    }
}

/// Where the providers that take money are.
pub fn places() -> Places {
    let place =
        |index: usize| Place { url: bank::HOSTS[index].to_owned(), secret_arn: bank::SECRETS[index].to_owned() };
    Places { ecpay: place(0), newebpay: place(1), line_pay: place(2) }
}

fn environment(wire: &Wire, clock: Clock, shop: Numbers, outbox_keep: SignedDuration, messaging: Messaging) -> App {
    let config = wire.config();
    let settings = Settings {
        shop,
        messaging,
        public_url: None,
        shop_url: "https://shop.example".to_owned(),
        outbox_keep,
        metrics_namespace: format!("Millrun/{SHOP_NAME}"),
        log_level: "INFO".to_owned(),
    };
    let store = environment_store(wire);
    let bus = Bus::new(&config, "bus".to_owned());
    let lake = Lake::new(&config, &Bucket::parse(BUCKET).unwrap());
    let coupon_requests = Queue::new(&config, QUEUE.to_owned());
    let http = Http::over(SharedHttpConnector::new(wire.clone()));
    let messengers = Messengers::new(config.clone(), channel_settings()).over(http.clone());
    let payments = Payments::new(config, places()).over(http);
    App::new(store, bus, Integrations { lake, coupon_requests, messengers, payments }, settings, clock)
}

/// A caller at the shop's API.
#[derive(Clone)]
pub struct Session {
    /// The shop.
    pub shop: Shop,
    /// Who calls.
    pub caller: Caller,
}

impl Session {
    /// GET of a path below `/api/v1`.
    pub async fn get(&self, target: &str) -> Reply {
        self.send("GET", target, None, None).await
    }

    /// POST of a path below `/api/v1`.
    pub async fn post(&self, target: &str, body: &Value) -> Reply {
        self.send("POST", target, None, Some(body.to_string().into_bytes())).await
    }

    /// POST under an idempotency key.
    pub async fn post_once(&self, key: &str, target: &str, body: &Value) -> Reply {
        self.send("POST", target, Some(key), Some(body.to_string().into_bytes())).await
    }

    /// PATCH of a path below `/api/v1`.
    pub async fn patch(&self, target: &str, body: &Value) -> Reply {
        self.send("PATCH", target, None, Some(body.to_string().into_bytes())).await
    }

    /// POST by somebody who would rather not wait, under an idempotency key if one is given.
    pub async fn post_async(&self, key: Option<&str>, target: &str, body: &Value) -> Reply {
        let mut headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("prefer".to_owned(), "respond-async".to_owned()),
        ];
        headers.extend(key.map(|key| ("idempotency-key".to_owned(), key.to_owned())));
        let target = format!("{}{target}", contracts::routes::BASE);
        let body = Some(body.to_string().into_bytes());
        self.send_raw(&HttpRequest { method: "POST".to_owned(), target, headers, body }).await.unwrap()
    }

    /// Any request.
    pub async fn send(&self, method: &str, target: &str, key: Option<&str>, body: Option<Vec<u8>>) -> Reply {
        self.send_mortal(method, target, key, body).await.unwrap()
    }

    /// Any request, to an environment that a fault may kill. `None` when it was: the client never hears.
    pub async fn send_mortal(
        &self,
        method: &str,
        target: &str,
        key: Option<&str>,
        body: Option<Vec<u8>>,
    ) -> Option<Reply> {
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        headers.extend(key.map(|key| ("idempotency-key".to_owned(), key.to_owned())));
        let target = format!("{}{target}", contracts::routes::BASE);
        let request = HttpRequest { method: method.to_owned(), target, headers, body };
        self.send_raw(&request).await
    }

    /// A request with its own headers.
    pub async fn send_raw(&self, request: &HttpRequest) -> Option<Reply> {
        let request_id = self.shop.next_request_id();
        let (use_case, event) = events::api_gateway(request, &self.caller, &request_id);
        let answer = self.shop.invoke_mortal(use_case, &event).await?.unwrap();
        let text = answer["body"].as_str().unwrap_or_default().to_owned();
        let status = u16::try_from(answer["statusCode"].as_u64().unwrap()).unwrap();
        let faults = ("AWS/ApiGateway", "5xx", &[("ApiId", API_ID)][..]);
        self.shop.watch.put(faults, i64::from(status >= 500), self.shop.now());
        if status >= 400 {
            leaks::assert_none("a refusal", &text);
        }
        Some(Reply {
            status,
            headers: answer["headers"].clone(),
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        })
    }
}
