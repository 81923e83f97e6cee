//! A shop in one process, with its customers and admins.

use crate::alarm_checks::{API_ID, Metrics, SHOP_NAME};
use crate::data_leaks;
use crate::engine::Engine;
use crate::event_dispatcher::EventDispatcher;
use crate::events::{self, HttpRequest};
use crate::fake_aws::{ACTOR, Actor, CONTACT_KEYS, FakeAws};
use crate::fake_providers;
use crate::faults::Rule;
use crate::manual_clock::ManualClock;
use crate::roles;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use bus::Bus;
use bus::queue::Queue;
use domain::Moment;
use domain::money::{Cents, ChargeUnit, Currency};
use domain::notification::Channels;
use domain::points::PointsCharging;
use domain::shop::Shop as Numbers;
use functions::{App, Clock, Entropy, Integrations, Messaging, Settings, UseCase};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use lake::{Bucket, Lake, Media};
use messages::{Language, TrackingUrls};
use providers::contact_keys::ContactKeys;
use providers::http::Http;
use providers::notify::{ANSWER_TIMEOUT, ChannelSettings, Messengers};
use providers::payment::{Payments, Place, Places};
use providers::users::Users;
use runtime::Invocation;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};
use store::{Store, Tables};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Receives the log line of each invocation.
pub type Log = Arc<dyn Fn(&Value) + Send + Sync>;

/// The initial time of a shop: 20:00 in Taipei.
pub const OPENING: &str = "2026-11-21T12:00:00Z";

/// Names the log level of libraries; unset means no such lines.
pub const LOG: &str = "MILLRUN_LOG";

/// The bucket of the data platform.
const BUCKET: &str = "files.s3.local.amazonaws.com";
/// The bucket of product images.
const MEDIA_BUCKET: &str = "media.s3.local.amazonaws.com";
/// A queue's URL ends with the use case that consumes it.
const QUEUE: &str = "http://aws.test/000000000000/issue_requested_coupons";

/// The caller of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// No token.
    Nobody,
    /// A customer with this token subject.
    Customer(String),
    /// An admin with this token subject.
    Admin(String),
    Claims(Value),
}

impl Caller {
    /// The authorizer's context.
    pub(crate) fn claims(&self) -> Option<Value> {
        match self {
            Self::Nobody => None,
            Self::Customer(sub) => Some(json!({"sub": sub, "token_use": "access"})),
            Self::Admin(sub) => Some(json!({"sub": sub, "token_use": "access", "cognito:groups": "[admin]"})),
            Self::Claims(claims) => Some(claims.clone()),
        }
    }
}

/// A response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    pub headers: Value,
    /// The unparsed body.
    pub text: String,
    /// The parsed body.
    pub body: Value,
}

impl Reply {
    /// The body; panics unless the response has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.body
    }

    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        let is = (self.status, self.body["code"].as_str().unwrap_or_default());
        assert_eq!(is, (status, code), "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert_eq!(self.body["type"], format!("urn:millrun:problem:{code}"));
    }

    /// The code of a problem, or the status of a successful response.
    pub fn word(&self) -> String {
        self.body["code"].as_str().map_or_else(|| self.status.to_string(), str::to_owned)
    }
}

/// The random seed: constant, so that a failure can be reproduced; `MILLRUN_SEED` overrides it.
fn seed() -> u64 {
    std::env::var("MILLRUN_SEED").map_or(1, |seed| seed.parse().expect("MILLRUN_SEED is a whole number"))
}

/// A deterministic source of ids, and with them of shard guesses and order. The pauses of this thread and the SDK's tokens
/// use another seed, because a test that seeds them again must not get the same tokens.
fn seeded(seed: u64) -> Entropy {
    fastrand::seed(!seed);
    let random = std::sync::Mutex::new(fastrand::Rng::with_seed(seed));
    Arc::new(move |bytes| {
        random.lock().unwrap().fill(bytes);
        Ok(())
    })
}

/// The shop. Cheap to clone; all clones share state, clock and transport.
#[derive(Clone)]
pub struct Shop {
    /// The default environment.
    pub app: App,
    pub aws: FakeAws,
    /// Delivers events and messages to the use cases.
    pub dispatcher: Arc<EventDispatcher>,
    pub metrics: Metrics,
    clock: ManualClock,
    entropy: Entropy,
    log: Option<Log>,
    serial: Arc<AtomicU64>,
    rolling: Option<Arc<Rolling>>,
}

/// A rolling deployment.
struct Rolling {
    next: App,
    /// One bit per invocation, repeated: whether the next version handles it.
    turns: u64,
}

impl Shop {
    /// An empty shop with the template's default settings.
    pub fn open() -> Self {
        Self::open_keeping(SignedDuration::from_hours(24 * 14))
    }

    /// An empty shop with these limits of unpaid orders: from stock, and of preorders in one window.
    pub fn open_limited(open_orders_max: u32, open_preorders_max: u32) -> Self {
        let numbers = Numbers { open_orders_max, open_preorders_max, ..numbers() };
        Self::open_with(numbers, SignedDuration::from_hours(24 * 14))
    }

    /// An empty shop in another time zone.
    pub fn open_in(timezone: &str) -> Self {
        let numbers = Numbers { timezone: TimeZone::get(timezone).unwrap(), ..numbers() };
        Self::open_with(numbers, SignedDuration::from_hours(24 * 14))
    }

    /// An empty shop that sells points by payments at providers, as the template's defaults do, up to this balance.
    pub fn open_selling_points(balance_max_cents: i64) -> Self {
        let points_balance_max = Cents::new(balance_max_cents);
        let numbers = Numbers { points_charging: PointsCharging::Payment, points_balance_max, ..numbers() };
        Self::open_with(numbers, SignedDuration::from_hours(24 * 14))
    }

    /// An empty shop that keeps sent outbox records for this long.
    pub fn open_keeping(outbox_keep: SignedDuration) -> Self {
        Self::open_with(numbers(), outbox_keep)
    }

    fn open_with(numbers: Numbers, outbox_keep: SignedDuration) -> Self {
        listen();
        let aws = FakeAws::new(Engine::new());
        let clock = ManualClock::default();
        let app = environment(&aws, clock.ahead(SignedDuration::ZERO), numbers, outbox_keep, messaging());
        let entropy = seeded(seed());
        Self {
            app: app.with_entropy(Arc::clone(&entropy)),
            aws,
            dispatcher: Arc::default(),
            metrics: Metrics::default(),
            clock,
            entropy,
            log: None,
            serial: Arc::default(),
            rolling: None,
        }
    }

    /// A shop whose clock follows tokio's and whose ids are derived from a seed.
    pub fn open_in_virtual_time(seed: u64) -> Self {
        Self::open().in_virtual_time(seed)
    }

    /// The same shop, whose clock follows tokio's and whose ids are derived from a seed.
    #[must_use]
    pub fn in_virtual_time(self, seed: u64) -> Self {
        let clock = ManualClock { began: Some(Instant::now()), ..self.clock.clone() };
        Self { clock, entropy: seeded(seed), ..self }.fresh_environment()
    }

    /// The same shop, but it sells points by payments at providers.
    #[must_use]
    pub fn selling_points(&self) -> Self {
        let numbers = Numbers { points_charging: PointsCharging::Payment, ..self.app.shop().clone() };
        self.with_environment(SignedDuration::ZERO, numbers, self.app.messaging().clone())
    }

    /// The shop with other notification channels.
    #[must_use]
    pub fn with_messaging(&self, messaging: Messaging) -> Self {
        self.with_environment(SignedDuration::ZERO, self.app.shop().clone(), messaging)
    }

    /// The shop with another receiver of log lines.
    #[must_use]
    pub fn logging(self, log: Log) -> Self {
        Self { log: Some(log), ..self }
    }

    fn wired(&self, app: App) -> App {
        app.with_entropy(Arc::clone(&self.entropy))
    }

    /// A new environment of the same shop, with empty caches.
    #[must_use]
    pub fn fresh_environment(&self) -> Self {
        self.fresh_environment_at(SignedDuration::ZERO)
    }

    /// A new environment with this clock offset.
    #[must_use]
    pub fn fresh_environment_at(&self, ahead: SignedDuration) -> Self {
        self.with_environment(ahead, self.app.shop().clone(), self.app.messaging().clone())
    }

    fn with_environment(&self, ahead: SignedDuration, numbers: Numbers, messaging: Messaging) -> Self {
        let app = environment(&self.aws, self.clock.ahead(ahead), numbers, self.app.outbox_keep(), messaging);
        Self { app: self.wired(app), ..self.clone() }
    }

    /// The shop during a rolling deployment: the next version handles each invocation whose bit is set.
    #[must_use]
    pub fn rolling(&self, turns: u64) -> Self {
        Self { rolling: Some(Arc::new(Rolling { next: self.fresh_environment().app, turns })), ..self.clone() }
    }

    pub fn now(&self) -> Moment {
        self.app.now()
    }

    /// The clock alone.
    pub(crate) fn clock(&self) -> Clock {
        self.clock.ahead(SignedDuration::ZERO)
    }

    pub fn advance(&self, time: SignedDuration) {
        self.clock.passed_millis.fetch_add(i64::try_from(time.as_millis()).unwrap(), Ordering::Relaxed);
    }

    pub fn advance_minutes(&self, minutes: i64) {
        self.advance(SignedDuration::from_mins(minutes));
    }

    /// Injects a fault.
    pub fn inject(&self, rule: Rule) {
        self.aws.inject(rule);
    }

    pub fn customer(&self, sub: &str) -> Session {
        self.session(Caller::Customer(sub.to_owned()))
    }

    pub fn admin(&self) -> Session {
        self.session(Caller::Admin("admin-1".to_owned()))
    }

    pub fn session(&self, caller: Caller) -> Session {
        Session { shop: self.clone(), caller }
    }

    /// Invokes a scheduled use case now.
    pub async fn tick(&self, use_case: &str) {
        self.tick_at(use_case, self.now()).await.unwrap();
    }

    /// Invokes a scheduled use case for the tick at `time`.
    ///
    /// # Errors
    ///
    /// If the invocation failed as a whole.
    pub async fn tick_at(&self, use_case: &str, time: Moment) -> Result<(), String> {
        roles::assert_may_be_invoked(use_case);
        self.invoke(use_case, &json!({ "time": time })).await.map(drop)
    }

    /// Invokes a use case with an event, as Lambda does.
    ///
    /// # Errors
    ///
    /// If the invocation failed as a whole.
    pub async fn invoke(&self, use_case: &str, event: &Value) -> Result<Value, String> {
        self.run_as(use_case, event, Arc::default()).await
    }

    async fn run_as(&self, use_case: &str, event: &Value, killed: Arc<Notify>) -> Result<Value, String> {
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let next = self.rolling.as_ref().filter(|rolling| rolling.turns >> (serial % 64) & 1 == 1);
        let app = next.map_or(&self.app, |rolling| &rolling.next);
        let is_get = event["requestContext"]["http"]["method"] == "GET";
        let actor = Actor { use_case: use_case.to_owned(), is_next: next.is_some(), is_get, killed };
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
        self.metrics.read(&line);
        if found.manifest.schedule.is_some() {
            // Lambda sends a failed scheduled invocation here; an operator purges the queue after fixing the cause.
            let queue = format!("{SHOP_NAME}-SchedulesDlq");
            let visible = ("AWS/SQS", "ApproximateNumberOfMessagesVisible", &[("QueueName", queue.as_str())][..]);
            self.metrics.put(visible, i64::from(answer.is_err()), self.now());
        }
        answer
            .map(|answer: Box<RawValue>| serde_json::from_str(answer.get()).unwrap())
            .map_err(|error| error.to_string())
    }

    /// Like [`Self::invoke`], in an environment that a fault may kill. `None` if it was killed.
    pub async fn invoke_killable(&self, use_case: &str, event: &Value) -> Option<Result<Value, String>> {
        let killed = Arc::new(Notify::new());
        tokio::select! {
            biased;
            () = killed.notified() => None,
            answer = self.run_as(use_case, event, Arc::clone(&killed)) => Some(answer),
        }
    }

    /// Delivers events until none is left.
    pub async fn dispatch_events(&self) {
        self.dispatcher.run(self).await;
    }

    /// Delivers all events and runs the sweeps, then panics unless the audit finds no difference and there is no
    /// dead-letter message.
    pub async fn run_to_quiescence(&self) {
        self.dispatch_events().await;
        self.skip_quiet_minutes();
        for _ in 0..3 {
            self.advance_minutes(1);
            for sweep in
                ["expire_orders", "close_sell_windows", "finalize_batches", "retry_notifications", "sweep_outbox"]
            {
                self.tick(sweep).await;
            }
            self.dispatch_events().await;
        }
        assert_eq!(self.differences().await, Vec::<Value>::new(), "the audit finds differences");
        assert_eq!(self.dispatcher.dead_letters(), Vec::<String>::new());
    }

    /// If nothing waits in the outbox, moves the sweep's watermark to where a run in every minute would have moved it.
    /// Reading the minutes of a week one by one takes seconds.
    fn skip_quiet_minutes(&self) {
        let engine = self.aws.engine();
        let mut is_quiet = true;
        engine.each_item("Outbox", |item| is_quiet &= item["status"]["S"] != "NEW");
        if is_quiet {
            let minute = (self.now() - SignedDuration::from_mins(11)).as_millisecond() / 60_000;
            let watermark =
                json!({"pk": {"S": "SWEEP"}, "sk": {"S": "WATERMARK"}, "minute": {"N": minute.to_string()}});
            engine.run("PutItem", &json!({"TableName": "Outbox", "Item": watermark}));
        }
    }

    /// The differences that the audit finds.
    pub async fn differences(&self) -> Vec<Value> {
        let found = self.admin().get("/admin/audit").await.expect(200);
        found["differences"].as_array().unwrap().clone()
    }

    fn next_request_id(&self) -> String {
        format!("request-{}", self.serial.fetch_add(1, Ordering::Relaxed))
    }
}

/// If `MILLRUN_LOG` is set, writes the log lines of libraries to standard output, as a function does.
fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        if let Ok(level) = std::env::var(LOG) {
            runtime::telemetry::listen(&level);
        }
    });
}

/// The table names of the engine.
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
        activity: "Activity".to_owned(),
        outbox: "Outbox".to_owned(),
    }
}

/// The template's default settings, except that points are credited at once.
pub fn numbers() -> Numbers {
    Numbers {
        currency: Currency::parse("TWD").unwrap(),
        timezone: TimeZone::get("Asia/Taipei").unwrap(),
        charge_unit: ChargeUnit::new(100).unwrap(),
        order_hold_minutes: 15,
        // Many scenarios need more orders of one customer than the template allows: see `Shop::open_limited`.
        open_orders_max: 1_000,
        open_preorders_max: 1_000,
        checkout_live_minutes: 15,
        checkout_hold_minutes: 10,
        reconcile_after_minutes: 10,
        reconcile_give_up_minutes: 120,
        charge_ranges: domain::payment::ChargeRanges::default(),
        // Most tests need points, not the payment of them.
        points_charging: PointsCharging::Trusted,
        points_charge_min: Cents::new(1_000_000),
        points_balance_max: Cents::new(200_000_000),
        best_sellers_days: 3,
        best_sellers_top: 5,
    }
}

fn environment_store(aws: &FakeAws) -> Store {
    Store::new(store::Client::new(&aws.config()), tables())
}

/// Notifications to customers by e-mail and, if they gave an id, by LINE; to admins by Slack.
pub fn messaging() -> Messaging {
    Messaging {
        channels: Channels {
            line: true,
            sms: None,
            sms_countries: vec!["TW".to_owned()],
            slack: true,
            admin_email: None,
        },
        messages_per_customer_day: 20,
        language: Language::En,
        tracking_urls: TrackingUrls::parse("Black Cat=https://cat.example/?no={tracking_no}").unwrap(),
        shop_name: "Millrun".to_owned(),
        is_external: false,
    }
}

pub fn channel_settings() -> ChannelSettings {
    ChannelSettings {
        mail_from: "no-reply@shop.example".to_owned(),
        mail_from_name: "Millrun".to_owned(),
        line_api_url: "http://line.test".to_owned(),
        secret_arn: "arn:aws:secretsmanager:local:000000000000:secret:messengers".to_owned(),
        answer_timeout: ANSWER_TIMEOUT,
    }
}

/// The addresses and secrets of the payment providers.
pub fn places() -> Places {
    let place = |index: usize| Place {
        url: fake_providers::HOSTS[index].to_owned(),
        secret_arn: fake_providers::SECRETS[index].to_owned(),
    };
    Places { ecpay: place(0), newebpay: place(1), line_pay: place(2) }
}

fn environment(aws: &FakeAws, clock: Clock, shop: Numbers, outbox_keep: SignedDuration, messaging: Messaging) -> App {
    let config = aws.config();
    let settings = Settings {
        shop,
        messaging,
        public_url: None,
        shop_url: "https://shop.example".to_owned(),
        outbox_keep,
        metrics_namespace: format!("Millrun/{SHOP_NAME}"),
        log_level: "INFO".to_owned(),
    };
    let store = environment_store(aws);
    let bus = Bus::new(&config, "bus".to_owned());
    let lake = Lake::new(&config, &Bucket::parse(BUCKET).unwrap());
    let media = Media::new(&config, &Bucket::parse(MEDIA_BUCKET).unwrap());
    let coupon_requests = Queue::new(&config, QUEUE.to_owned());
    let http = Http::over(SharedHttpConnector::new(aws.clone()));
    let messengers = Messengers::new(config.clone(), channel_settings()).over(http.clone());
    let users = Users::new(&config, "pool".to_owned());
    let contact_keys = ContactKeys::new(&config, CONTACT_KEYS.to_owned());
    let payments = Payments::new(config, places()).over(http);
    let integrations = Integrations { lake, media, coupon_requests, messengers, payments, users, contact_keys };
    App::new(store, bus, integrations, settings, clock)
}

#[derive(Clone)]
pub struct Session {
    pub shop: Shop,
    pub caller: Caller,
}

impl Session {
    /// Sends a GET to a path below `/api/v1`.
    pub async fn get(&self, target: &str) -> Reply {
        self.send("GET", target, None, None).await
    }

    /// Sends a POST to a path below `/api/v1`.
    pub async fn post(&self, target: &str, body: &Value) -> Reply {
        self.send("POST", target, None, Some(body.to_string().into_bytes())).await
    }

    /// Sends a POST with an idempotency key.
    pub async fn post_once(&self, key: &str, target: &str, body: &Value) -> Reply {
        self.send("POST", target, Some(key), Some(body.to_string().into_bytes())).await
    }

    /// Sends a PATCH to a path below `/api/v1`.
    pub async fn patch(&self, target: &str, body: &Value) -> Reply {
        self.send("PATCH", target, None, Some(body.to_string().into_bytes())).await
    }

    /// Sends a POST with `Prefer: respond-async`, and an idempotency key if one is given.
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

    pub async fn send(&self, method: &str, target: &str, key: Option<&str>, body: Option<Vec<u8>>) -> Reply {
        self.send_killable(method, target, key, body).await.unwrap()
    }

    /// Sends a request to an environment that a fault may kill. `None` if it was killed: the client gets no response.
    pub async fn send_killable(
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

    /// Sends a request with these headers.
    pub async fn send_raw(&self, request: &HttpRequest) -> Option<Reply> {
        let request_id = self.shop.next_request_id();
        let (use_case, event) = events::api_gateway(request, &self.caller, &request_id);
        let answer = self.shop.invoke_killable(use_case, &event).await?.unwrap();
        let text = answer["body"].as_str().unwrap_or_default().to_owned();
        let status = u16::try_from(answer["statusCode"].as_u64().unwrap()).unwrap();
        let faults = ("AWS/ApiGateway", "5xx", &[("ApiId", API_ID)][..]);
        self.shop.metrics.put(faults, i64::from(status >= 500), self.shop.now());
        if status >= 400 {
            data_leaks::assert_none("a refusal", &text);
        }
        Some(Reply {
            status,
            headers: answer["headers"].clone(),
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        })
    }
}
