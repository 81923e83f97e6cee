//! `App`: what every use case works with. The store, the bus, the shop's settings, the clock.

use crate::environment::{self, Connections};
use bus::Bus;
use bus::queue::Queue;
use contracts::Failure;
use contracts::events::{RawEnvelope, Trace};
use domain::id::{CustomerId, RecordId};
use domain::money::{Cents, ChargeUnit, Currency};
use domain::notification::Channels;
use domain::order::Order;
use domain::payment::{ChargeRange, ChargeRanges};
use domain::points::PointsCharging;
use domain::shop::Shop;
use domain::{Moment, Refusal};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use lake::{Bucket, Lake, Media};
use messages::{Language, TrackingUrls};
use providers::contact_keys::ContactKeys;
use providers::notify::{ANSWER_TIMEOUT, ChannelSettings, Messengers};
use providers::payment::{Payments, Place, Places};
use providers::users::Users;
use runtime::environment::{WrongVariable, optional, parsed, required};
use runtime::http::Request;
use runtime::telemetry::{Metric, Metrics};
use std::sync::Arc;
use store::activity::Command;
use store::outbox::KEEP_DAYS_MAX;
use store::{Answer, Idempotency, Store, Tables, Tx};
use uuid::Uuid;

/// The clock. No other code reads the time.
pub type Clock = Arc<dyn Fn() -> Moment + Send + Sync>;

/// The source of randomness. No other code generates random bytes.
pub type Entropy = Arc<dyn Fn(&mut [u8]) -> Result<(), Failure> + Send + Sync>;

/// The deployer's settings, except the names of the tables.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The settings that the domain rules use.
    pub shop: Shop,
    /// The settings of notifications: channels, language, sender.
    pub messaging: Messaging,
    /// `https://` and the public host of the API. Without it, the host of each request is used.
    pub public_url: Option<String>,
    /// The base URL of the shop's page, to which providers and messages send customers.
    pub shop_url: String,
    /// The time for which a sent event can still be read and replayed.
    pub outbox_keep: SignedDuration,
    /// The namespace of the metrics: `Millrun/<stack>`.
    pub metrics_namespace: String,
    /// The minimum severity of logged lines.
    pub log_level: String,
}

/// The settings of notifications: channels, language, sender.
#[derive(Debug, Clone)]
pub struct Messaging {
    /// The channels that the shop uses.
    pub channels: Channels,
    /// The language of the messages.
    pub language: Language,
    /// The shop's name in messages.
    pub shop_name: String,
    /// The URLs of the carriers' tracking pages.
    pub tracking_urls: TrackingUrls,
    /// The maximum number of messages that one customer's orders cause per day.
    pub messages_per_customer_day: u32,
    /// Whether an external system sends the messages instead of the shop.
    pub is_external: bool,
}

/// The external services that an execution environment uses, except its tables and its bus.
#[derive(Debug, Clone)]
pub struct Integrations {
    /// The data platform's files.
    pub lake: Lake,
    /// The images of products.
    pub media: Media,
    /// The queue of coupon requests.
    pub coupon_requests: Queue,
    /// The messengers.
    pub messengers: Messengers,
    /// The payment providers.
    pub payments: Payments,
    /// The accounts of customers.
    pub users: Users,
    /// The keys that contact data is hashed under.
    pub contact_keys: ContactKeys,
}

/// The context of one invocation. Cheap to clone: its parts are shared by the invocations of the execution environment.
#[derive(Clone)]
pub struct App {
    /// The tables.
    pub store: Store,
    /// Publishes events; only the relay and the sweep use it.
    pub bus: Bus,
    /// The data platform's files; only the export writes them.
    pub lake: Lake,
    /// The images of products.
    pub media: Media,
    /// The queue of coupon requests.
    pub coupon_requests: Queue,
    /// The messengers; their connections are opened by the use cases that send.
    pub messengers: Messengers,
    /// The payment providers; their connections are opened by the use cases that call them.
    pub payments: Payments,
    /// The accounts of customers.
    pub users: Users,
    /// The keys that contact data is hashed under.
    pub contact_keys: ContactKeys,
    /// The metrics of the invocation.
    pub metrics: Metrics,
    settings: Arc<Settings>,
    clock: Clock,
    entropy: Entropy,
    trace: Trace,
    /// The admin command that this invocation executes.
    command: Option<Command>,
}

impl App {
    /// An app with these parts and this clock.
    pub fn new(store: Store, bus: Bus, integrations: Integrations, settings: Settings, clock: Clock) -> Self {
        let trace = Trace { correlation_id: String::new(), causation_id: String::new() };
        let Integrations { lake, media, coupon_requests, messengers, payments, users, contact_keys } = integrations;
        Self {
            store,
            bus,
            lake,
            media,
            coupon_requests,
            messengers,
            payments,
            users,
            contact_keys,
            metrics: Metrics::default(),
            settings: Arc::new(settings),
            clock,
            entropy: system_entropy(),
            trace,
            command: None,
        }
    }

    /// The app with this source of randomness, so that a seed replays a random run.
    #[must_use]
    pub fn with_entropy(self, entropy: Entropy) -> Self {
        Self { entropy, ..self }
    }

    /// An app with the settings of Lambda's environment, and with the connections that its invocations will need.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    pub fn from_environment() -> Result<(Self, Connections), WrongVariable> {
        let (aws, connections) = environment::config()?;
        let tables = Tables {
            catalog: required("CATALOG_TABLE")?,
            orders: required("ORDERS_TABLE")?,
            wallets: required("WALLETS_TABLE")?,
            coupons: required("COUPONS_TABLE")?,
            counters: required("COUNTERS_TABLE")?,
            payments: required("PAYMENTS_TABLE")?,
            batches: required("BATCHES_TABLE")?,
            production: required("PRODUCTION_TABLE")?,
            notifications: required("NOTIFICATIONS_TABLE")?,
            rankings: required("RANKINGS_TABLE")?,
            activity: required("ACTIVITY_TABLE")?,
            outbox: required("OUTBOX_TABLE")?,
        };
        let store = Store::new(store::Client::new(&aws), tables);
        let bus = Bus::new(&aws, required("EVENT_BUS")?);
        let lake = Lake::new(&aws, &bucket("EXPORT_BUCKET_DOMAIN", &required("EXPORT_BUCKET_DOMAIN")?)?);
        let media = Media::new(&aws, &bucket("MEDIA_BUCKET_DOMAIN", &required("MEDIA_BUCKET_DOMAIN")?)?);
        let coupon_requests = Queue::new(&aws, optional("COUPON_REQUESTS_QUEUE").unwrap_or_default());
        let settings = Settings::from_environment()?;
        let messengers = Messengers::new(aws.clone(), channel_settings(&settings.messaging.shop_name)?);
        let users = Users::new(&aws, required("USER_POOL_ID")?);
        let contact_keys = ContactKeys::new(&aws, secret("contact-keys")?);
        let payments = Payments::new(aws, places()?);
        let integrations = Integrations { lake, media, coupon_requests, messengers, payments, users, contact_keys };
        Ok((Self::new(store, bus, integrations, settings, system_clock()), connections))
    }

    /// The app for one invocation: `trace` has the ids of its events and log lines.
    #[must_use]
    pub fn traced(&self, trace: Trace) -> Self {
        Self { trace, ..self.clone() }
    }

    /// The app for an admin command: each of its transactions writes an entry of the activity log.
    #[must_use]
    pub fn commanded(self, command: Option<Command>) -> Self {
        Self { command, ..self }
    }

    /// The app for the effects of an event, which keep its correlation id.
    #[must_use]
    pub fn caused_by(&self, event: &RawEnvelope) -> Self {
        let correlation_id = event.trace.correlation_id.clone();
        self.traced(Trace { correlation_id, causation_id: event.event_id.to_string() })
    }

    /// The cause of this invocation.
    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    /// The settings that the domain rules use.
    pub fn shop(&self) -> &Shop {
        &self.settings.shop
    }

    /// The settings of notifications: channels, language, sender.
    pub fn messaging(&self) -> &Messaging {
        &self.settings.messaging
    }

    /// `https://` and the public host of the API; `asked` is the host of the current request.
    pub fn public_url(&self, asked: Option<&str>) -> String {
        let base = self.settings.public_url.clone();
        base.unwrap_or_else(|| format!("https://{}", asked.unwrap_or_default()))
    }

    /// The shop's front end.
    pub fn shop_url(&self) -> &str {
        &self.settings.shop_url
    }

    /// The time for which a sent event is kept.
    pub fn outbox_keep(&self) -> SignedDuration {
        self.settings.outbox_keep
    }

    /// The namespace of the metrics.
    pub fn metrics_namespace(&self) -> &str {
        &self.settings.metrics_namespace
    }

    /// The minimum severity of logged lines.
    pub fn log_level(&self) -> &str {
        &self.settings.log_level
    }

    /// The time, in whole milliseconds.
    pub fn now(&self) -> Moment {
        let now = (self.clock)();
        Moment::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// A new id: a UUID v7, so that ids sort by time.
    ///
    /// # Errors
    /// [`Failure::Broken`] when the system has no randomness.
    pub fn new_id(&self) -> Result<Uuid, Failure> {
        let mut random = [0; 10];
        (self.entropy)(&mut random)?;
        let millis = u64::try_from(self.now().as_millisecond()).unwrap_or_default();
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// A random number to choose a shard by.
    ///
    /// # Errors
    /// See [`App::new_id`].
    pub fn new_seed(&self) -> Result<u64, Failure> {
        Ok(u64::try_from(self.new_id()?.as_u128() & u128::from(u32::MAX)).unwrap_or_default())
    }

    /// An unguessable token: 128 random bits in hexadecimal.
    ///
    /// # Errors
    /// See [`App::new_id`].
    pub fn new_token(&self) -> Result<String, Failure> {
        Ok(format!("{:032x}", self.random()?))
    }

    /// A new trade number: 20 characters of `A-Z0-9`, a hundred random bits, so that no number is ever used twice.
    ///
    /// # Errors
    /// See [`App::new_id`].
    pub fn new_trade_no(&self) -> Result<String, Failure> {
        const SIGNS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let mut rest = self.random()?;
        let mut text = String::with_capacity(TRADE_NO_CHARS);
        for _ in 0..TRADE_NO_CHARS {
            let sign = SIGNS.get(usize::try_from(rest % 36).unwrap_or_default()).copied().unwrap_or_default();
            text.push(char::from(sign));
            rest /= 36;
        }
        Ok(text)
    }

    /// The order with the hashes of its contact data. If the key cannot be read, the order is accepted without hashes; it
    /// is then not found by phone number and e-mail address.
    pub async fn with_contact_hashes(&self, order: Order) -> Order {
        let Some(contact) = &order.contact else { return order };
        match self.contact_keys.hashes(contact).await {
            Ok(hashes) => Order { contact_hashes: Some(hashes), ..order },
            Err(failure) => {
                tracing::error!(order_id = %order.id, %failure, "the contact keys cannot be read: no search by phone or e-mail finds the order");
                order
            }
        }
    }

    fn random(&self) -> Result<u128, Failure> {
        let mut random = [0; 16];
        (self.entropy)(&mut random)?;
        Ok(u128::from_be_bytes(random))
    }

    /// An empty transaction.
    ///
    /// # Errors
    /// See [`App::new_id`].
    pub fn tx(&self) -> Result<Tx<'_>, Failure> {
        Ok(self.store.tx(RecordId::new(self.new_id()?), &self.trace, self.now()).commanded(self.command.clone()))
    }

    /// The caller's idempotency key, if the request has one. `table` is the table of the use case's effect: the idempotency
    /// record is written there, in the effect's transaction.
    ///
    /// # Errors
    /// [`Refusal::MalformedRequest`].
    pub fn idempotency(
        &self,
        table: &str,
        owner: &CustomerId,
        request: &Request,
    ) -> Result<Option<Idempotency>, Refusal> {
        let key = request.idempotency_key()?;
        Ok(key.map(|key| Idempotency {
            table: table.to_owned(),
            owner: owner.to_string(),
            route: key.route,
            key: key.key,
            fingerprint: key.fingerprint,
        }))
    }

    /// The response of `work`; if `work` is refused, the response that was recorded under the key, if there is one.
    /// Otherwise a repeated request could be refused because of the effect of its first try.
    ///
    /// # Errors
    /// Those of `work`; [`Refusal::IdempotencyKeyReused`].
    pub async fn idempotent_answer(
        &self,
        idempotency: Option<&Idempotency>,
        work: impl Future<Output = Result<Answer, Failure>>,
    ) -> Result<Answer, Failure> {
        match (work.await, idempotency) {
            (Err(Failure::Refused(refusal)), Some(idempotency)) => {
                let before = self.store.find_answer(idempotency, self.now()).await?;
                before.ok_or(Failure::Refused(refusal))
            }
            (done, _) => done,
        }
    }

    /// Adds one to a metric.
    pub fn count(&self, metric: Metric) {
        self.metrics.add(metric, 1);
    }
}

impl Settings {
    fn from_environment() -> Result<Self, WrongVariable> {
        let shop = Shop {
            currency: text("SHOP_CURRENCY", "TWD", Currency::parse, "an ISO 4217 code")?,
            timezone: text("SHOP_TIMEZONE", "Asia/Taipei", |name| TimeZone::get(name).ok(), "an IANA time zone")?,
            charge_unit: text(
                "CHARGE_UNIT_CENTS",
                "100",
                |cents| ChargeUnit::new(cents.parse().ok()?),
                "a whole number from 1 to 1000000",
            )?,
            order_hold_minutes: whole("ORDER_HOLD_MINUTES", 15)?,
            open_orders_max: whole("OPEN_ORDERS_MAX", 10)?,
            open_preorders_max: whole("OPEN_PREORDERS_MAX", 20)?,
            checkout_live_minutes: whole("CHECKOUT_LIVE_MINUTES", 15)?,
            checkout_hold_minutes: whole("CHECKOUT_HOLD_MINUTES", 10)?,
            reconcile_after_minutes: whole("RECONCILE_AFTER_MINUTES", 10)?,
            reconcile_give_up_minutes: whole("RECONCILE_GIVE_UP_MINUTES", 120)?,
            charge_ranges: charge_ranges()?,
            points_charging: points_charging()?,
            points_charge_min: Cents::new(whole("POINTS_CHARGE_MIN_CENTS", 1_000_000)?),
            points_balance_max: Cents::new(whole("POINTS_BALANCE_MAX_CENTS", 200_000_000)?),
            best_sellers_days: whole("BEST_SELLERS_DAYS", 3)?,
            best_sellers_top: whole("BEST_SELLERS_TOP", 5)?,
        };
        Ok(Self {
            shop,
            messaging: messaging()?,
            public_url: optional("PUBLIC_URL"),
            shop_url: optional("SHOP_URL").unwrap_or_else(|| "https://shop.example".to_owned()),
            outbox_keep: outbox_keep()?,
            metrics_namespace: format!("Millrun/{}", required("STACK_NAME")?),
            log_level: optional("LOG_LEVEL").unwrap_or_else(|| "INFO".to_owned()),
        })
    }
}

/// The bucket with this domain name, the value of a variable.
fn bucket(variable: &'static str, domain: &str) -> Result<Bucket, WrongVariable> {
    Bucket::parse(domain).ok_or_else(|| WrongVariable::new(variable, "must be <bucket>.s3.<region>.<suffix>"))
}

/// The way in which points are bought. A production stack never credits them without a payment.
fn points_charging() -> Result<PointsCharging, WrongVariable> {
    let charging = match optional("POINTS_CHARGING").as_deref() {
        None | Some("payment") => PointsCharging::Payment,
        Some("trusted") => PointsCharging::Trusted,
        Some(_) => return Err(WrongVariable::new("POINTS_CHARGING", "must be payment or trusted")),
    };
    if is_production() && charging == PointsCharging::Trusted {
        return Err(WrongVariable::new("STAGE", "is production, and POINTS_CHARGING is trusted"));
    }
    Ok(charging)
}

fn is_production() -> bool {
    optional("STAGE").is_some_and(|stage| stage == "production")
}

/// Consumed records are kept longer than its maximum, so that no replay counts twice.
fn outbox_keep() -> Result<SignedDuration, WrongVariable> {
    let days = text(
        "OUTBOX_KEEP_DAYS",
        "14",
        |days| days.parse::<i64>().ok().filter(|days| (1..=KEEP_DAYS_MAX).contains(days)),
        "a whole number of days from 1 to 365",
    )?;
    Ok(SignedDuration::from_hours(24 * days))
}

/// `ECPAY_CHARGE_CENTS` and so on: `min-max`, both ends included.
fn charge_ranges() -> Result<ChargeRanges, WrongVariable> {
    let usual = ChargeRanges::default();
    let must_be = "two amounts in cents, the least and the most, as 500-19999900";
    Ok(ChargeRanges {
        ecpay: parsed("ECPAY_CHARGE_CENTS", usual.ecpay, ChargeRange::parse, must_be)?,
        newebpay: parsed("NEWEBPAY_CHARGE_CENTS", usual.newebpay, ChargeRange::parse, must_be)?,
        line_pay: parsed("LINE_PAY_CHARGE_CENTS", usual.line_pay, ChargeRange::parse, must_be)?,
    })
}

fn messaging() -> Result<Messaging, WrongVariable> {
    let sends_sms = text("CUSTOMER_SMS", "false", truth, "true or false")?;
    let country_code = text("SMS_COUNTRY_CODE", "886", country_code, "1 to 3 digits")?;
    let channels = Channels {
        line: text("CUSTOMER_LINE", "false", truth, "true or false")?,
        sms: Some(country_code).filter(|_| sends_sms),
        sms_countries: text("SMS_COUNTRIES", "TW", countries, "country codes such as TW,JP")?,
        slack: text("ADMIN_SLACK", "false", truth, "true or false")?,
        admin_email: optional("ADMIN_EMAIL"),
    };
    Ok(Messaging {
        channels,
        language: text("SHOP_LANGUAGE", "zh-TW", Language::find, "en or zh-TW")?,
        shop_name: optional("SHOP_NAME").unwrap_or_else(|| "Millrun".to_owned()),
        tracking_urls: text(
            "TRACKING_URLS",
            "",
            TrackingUrls::parse,
            "carrier=https://… with {tracking_no} in each address, and semicolons between",
        )?,
        messages_per_customer_day: whole("MESSAGES_PER_CUSTOMER_DAY", 20)?,
        is_external: text("NOTIFICATION_MODE", "built-in", mode, "built-in or external")?,
    })
}

/// The name of a secret: the stack's name and its own. Names instead of ARNs keep the settings short enough for a
/// parameter.
fn secret(name: &str) -> Result<String, WrongVariable> {
    Ok(format!("{}/{name}", required("STACK_NAME")?))
}

fn channel_settings(shop_name: &str) -> Result<ChannelSettings, WrongVariable> {
    Ok(ChannelSettings {
        mail_from: required("MAIL_FROM")?,
        mail_from_name: shop_name.to_owned(),
        line_api_url: optional("LINE_API_URL").unwrap_or_else(|| "https://api.line.me".to_owned()),
        secret_arn: secret("messengers")?,
        answer_timeout: ANSWER_TIMEOUT,
    })
}

fn truth(text: &str) -> Option<bool> {
    text.parse().ok()
}

fn mode(text: &str) -> Option<bool> {
    match text {
        "built-in" => Some(false),
        "external" => Some(true),
        _ => None,
    }
}

/// Codes of ISO 3166-1 alpha-2, separated by commas.
fn countries(text: &str) -> Option<Vec<String>> {
    let is_code = |code: &str| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase());
    text.split(',').map(|code| is_code(code).then(|| code.to_owned())).collect()
}

fn country_code(text: &str) -> Option<String> {
    ((1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.to_owned())
}

/// The characters of a trade number: those that ECPay, the strictest provider, accepts.
const TRADE_NO_CHARS: usize = 20;

/// The hosts of the providers, and the secrets with their keys. In production only the providers' own hosts are accepted.
fn places() -> Result<Places, WrongVariable> {
    let places = Places {
        ecpay: Place { url: required("ECPAY_HOST")?, secret_arn: secret("ecpay")? },
        newebpay: Place { url: required("NEWEBPAY_HOST")?, secret_arn: secret("newebpay")? },
        line_pay: Place { url: required("LINE_PAY_HOST")?, secret_arn: secret("line-pay")? },
    };
    if is_production() && !places.are_real() {
        return Err(WrongVariable::new("STAGE", "is production, and a provider's host is not the provider's own"));
    }
    Ok(places)
}

fn whole<T: std::str::FromStr>(name: &str, default: T) -> Result<T, WrongVariable> {
    parsed(name, default, |text| text.parse().ok(), "a whole number")
}

fn text<T>(name: &str, default: &str, parse: impl Fn(&str) -> Option<T>, must_be: &str) -> Result<T, WrongVariable> {
    let value = optional(name).unwrap_or_else(|| default.to_owned());
    parse(&value).ok_or_else(|| WrongVariable::new(name, format!("must be {must_be}")))
}

fn system_entropy() -> Entropy {
    Arc::new(|bytes| getrandom::fill(bytes).map_err(|error| Failure::broken(error.to_string())))
}

#[expect(clippy::disallowed_methods, reason = "the one clock")]
fn system_clock() -> Clock {
    Arc::new(Moment::now)
}
