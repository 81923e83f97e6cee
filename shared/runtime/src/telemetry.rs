//! Telemetry: one JSON line per invocation, with its metrics in CloudWatch's embedded metric format, and warnings of
//! libraries as separate JSON lines.
//!
//! Invariant: no contact data, token or secret is in a line. Lines contain ids, codes, counts and durations.

use contracts::Failure;
use domain::Moment;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use tracing::Level;

macro_rules! metrics {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A metric.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Metric {
            $($(#[$doc])* $name,)*
        }

        impl Metric {
            /// All metrics.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in CloudWatch.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

metrics! {
    /// Orders that were placed.
    OrdersPlaced,
    /// Orders that were paid.
    OrdersPaid,
    /// Orders that expired.
    OrdersExpired,
    /// Orders that were canceled.
    OrdersCanceled,
    /// Orders refused for lack of stock or places.
    StockRefused,
    /// Offers that reached their threshold.
    ThresholdsReached,
    /// Coupons that were issued.
    CouponsIssued,
    /// Coupons that were refused.
    CouponsRefused,
    /// Transactions repeated after a conflict or a throttle.
    ConflictRetries,
    /// Age of the oldest unpublished event, in seconds.
    OutboxAge,
    /// Events that are FAILED.
    OutboxFailed,
    /// Differences found by the audit.
    AuditDifferences,
    /// Completed refunds.
    Refunds,
    /// Messages to a provider's callback address without a valid signature.
    BadSignatures,
    /// Signed messages about money that an admin has to check.
    PaymentsParked,
    /// Checkouts that a provider refused to begin.
    CheckoutsRefused,
    /// Late money, or a second payment of an order.
    LatePayments,
    /// Refunds that the provider's API cannot make.
    ManualRefunds,
    /// Notifications that a channel accepted.
    NotificationsSent,
    /// Notifications that will be retried.
    NotificationsRetried,
    /// Notifications that failed permanently.
    NotificationsFailed,
    /// Failed records of a queue or stream.
    BatchItemFailures,
    /// Responses with status 500.
    Faults,
}

impl Metric {
    const fn unit(self) -> &'static str {
        match self {
            Self::OutboxAge => "Seconds",
            _ => "Count",
        }
    }
}

/// The counters of an invocation. Cheap to clone; all clones share the counters.
#[derive(Debug, Clone, Default)]
pub struct Metrics(Arc<Mutex<Vec<(Metric, u64)>>>);

impl Metrics {
    /// Adds to a metric.
    pub fn add(&self, metric: Metric, value: u64) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match counted.iter_mut().find(|(known, _)| *known == metric) {
            Some((_, sum)) => *sum += value,
            None => counted.push((metric, value)),
        }
    }

    /// The counts since the last call.
    pub fn take(&self) -> Vec<(Metric, u64)> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The outcome of an invocation, for its log line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The outcome's name: `ok`, `refused`, `busy`, `partial` or `broken`.
    pub word: &'static str,
    /// The permanent code of a refusal.
    pub code: Option<&'static str>,
    /// The error with its causes.
    pub error: Option<String>,
}

impl Outcome {
    /// Success.
    pub const OK: Self = Self { word: "ok", code: None, error: None };

    /// A failure with its chain of causes.
    pub fn of(failure: &Failure) -> Self {
        let word = match failure {
            Failure::Refused(_) => "refused",
            Failure::Busy => "busy",
            Failure::Broken(_) => "broken",
        };
        let error = if let Failure::Broken(source) = failure { Some(chain(source.as_ref())) } else { None };
        Self { word, code: Some(crate::problem::code(failure)), error }
    }

    /// The error, or the code of the refusal.
    pub fn why(&self) -> &str {
        self.error.as_deref().or(self.code).unwrap_or(self.word)
    }
}

/// An error with its causes. An error's own text does not repeat its source, so each appears once.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// One invocation, for its log line.
#[derive(Debug)]
pub struct Line<'l> {
    /// The namespace of the metrics, e.g. `Millrun/millrun`.
    pub namespace: &'l str,
    /// The use case.
    pub use_case: &'l str,
    /// The request id of Lambda or API Gateway.
    pub request_id: &'l str,
    /// The correlation id: the same in all effects of one request.
    pub correlation_id: &'l str,
    /// The causation id: the request or event that caused the invocation.
    pub causation_id: &'l str,
    /// The correlation ids of a batch's records, so that one id finds every step of an order.
    pub correlation_ids: &'l [String],
    /// For a batch: the ids of the failed records, each with its error.
    pub failures: &'l [(String, String)],
    /// The outcome.
    pub outcome: &'l Outcome,
    /// The HTTP status, if any.
    pub status: Option<u16>,
    /// The duration.
    pub duration_ms: u64,
    /// Whether it was a cold start.
    pub cold_start: bool,
    /// Requests to DynamoDB.
    pub dynamodb_calls: u64,
    /// Thousandths of read units.
    pub read_milliunits: u64,
    /// Thousandths of write units.
    pub write_milliunits: u64,
    /// The start, in milliseconds since the Unix epoch.
    pub timestamp_ms: i64,
    /// The metrics.
    pub metrics: &'l [(Metric, u64)],
}

impl Line<'_> {
    /// The line as JSON.
    pub fn to_json(&self) -> Value {
        let mut line = Map::new();
        let mut set = |name: &str, value: Value| line.insert(name.to_owned(), value);
        // Lambda assigns the level INFO to a line without a timestamp in this format.
        set("timestamp", json!(rfc_3339(self.timestamp_ms)));
        set("level", json!(if self.outcome.word == "broken" { "ERROR" } else { "INFO" }));
        set("message", json!("invocation"));
        set("UseCase", json!(self.use_case));
        set("request_id", json!(self.request_id));
        set("correlation_id", json!(self.correlation_id));
        set("causation_id", json!(self.causation_id));
        set("outcome", json!(self.outcome.word));
        set("duration_ms", json!(self.duration_ms));
        set("cold_start", json!(self.cold_start));
        set("dynamodb_calls", json!(self.dynamodb_calls));
        set("read_milliunits", json!(self.read_milliunits));
        set("write_milliunits", json!(self.write_milliunits));
        if !self.correlation_ids.is_empty() {
            set("correlation_ids", json!(self.correlation_ids));
        }
        if !self.failures.is_empty() {
            set("failures", self.failures.iter().map(|(id, why)| (id.clone(), json!(why))).collect());
        }
        self.status.map(|status| set("status", json!(status)));
        self.outcome.code.map(|code| set("code", json!(code)));
        self.outcome.error.as_ref().map(|error| set("error", json!(error)));
        if !self.metrics.is_empty() {
            let definitions: Vec<Value> =
                self.metrics.iter().map(|(metric, _)| json!({"Name": metric.name(), "Unit": metric.unit()})).collect();
            for (metric, value) in self.metrics {
                set(metric.name(), json!(value));
            }
            let metrics =
                json!([{"Namespace": self.namespace, "Dimensions": [[], ["UseCase"]], "Metrics": definitions}]);
            set("_aws", json!({"Timestamp": self.timestamp_ms, "CloudWatchMetrics": metrics}));
        }
        Value::Object(line)
    }
}

/// A time in milliseconds since the Unix epoch, as RFC 3339.
fn rfc_3339(epoch_ms: i64) -> String {
    Moment::from_millisecond(epoch_ms).unwrap_or(Moment::UNIX_EPOCH).to_string()
}

/// Writes a line to standard output, where Lambda reads it.
#[expect(clippy::print_stdout, reason = "standard output is Lambda's log")]
pub fn write(line: &Value) {
    println!("{line}");
}

/// Logs why a function could not start.
#[expect(clippy::print_stdout, reason = "standard output is Lambda's log")]
#[expect(clippy::disallowed_methods, reason = "there is no app yet, and so no clock of its own")]
pub fn say_broken(error: &(dyn Error + 'static)) {
    let timestamp = rfc_3339(Moment::now().as_millisecond());
    println!("{}", json!({"timestamp": timestamp, "level": "ERROR", "message": "cannot start", "error": chain(error)}));
}

/// Logs warnings of libraries as JSON. `level` is a word such as `INFO`.
pub fn listen(level: &str) {
    let level = loudest(level);
    tracing_subscriber::fmt().json().flatten_event(true).with_max_level(level).with_target(true).init();
}

/// The level of this name, up to DEBUG: at TRACE libraries log every byte that they send and receive, including tokens and
/// contact data.
fn loudest(level: &str) -> Level {
    level.parse().unwrap_or(Level::INFO).min(Level::DEBUG)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_level_is_so_loud_that_it_says_what_was_sent() {
        let named = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE", "5", "?"].map(loudest);
        assert_eq!(
            named,
            [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::DEBUG, Level::DEBUG, Level::INFO]
        );
    }

    fn line<'l>(outcome: &'l Outcome, metrics: &'l [(Metric, u64)]) -> Line<'l> {
        Line {
            namespace: "Millrun/millrun",
            use_case: "place_order",
            request_id: "r-1",
            correlation_id: "c-1",
            causation_id: "r-1",
            correlation_ids: &[],
            failures: &[],
            outcome,
            status: Some(201),
            duration_ms: 7,
            cold_start: false,
            dynamodb_calls: 2,
            read_milliunits: 1_000,
            write_milliunits: 10_000,
            timestamp_ms: 0,
            metrics,
        }
    }

    #[test]
    fn metrics_are_in_the_embedded_format_with_and_without_the_use_case() {
        let json = line(&Outcome::OK, &[(Metric::OrdersPlaced, 1)]).to_json();
        assert_eq!(json["OrdersPlaced"], 1);
        let definition = &json["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(definition["Dimensions"], json!([[], ["UseCase"]]));
        assert_eq!(definition["Metrics"], json!([{"Name": "OrdersPlaced", "Unit": "Count"}]));
        assert_eq!(json["UseCase"], "place_order");
    }

    #[test]
    fn every_line_says_when_it_began_in_the_form_that_lambda_reads() {
        let json = Line { timestamp_ms: 1_796_000_000_123, ..line(&Outcome::OK, &[]) }.to_json();
        assert_eq!(json["timestamp"], "2026-11-30T00:53:20.123Z");
        assert_eq!(json["level"], "INFO");
    }

    #[test]
    fn what_is_broken_is_logged_once_with_its_causes() {
        let outcome = Outcome::of(&Failure::broken("the table is gone"));
        let json = line(&outcome, &[]).to_json();
        assert_eq!((&json["level"], &json["error"]), (&json!("ERROR"), &json!("the table is gone")));
        assert!(json.get("_aws").is_none());
    }
}
