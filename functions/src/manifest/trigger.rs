//! What invokes a use case: routes, queues with their rules, schedules, the outbox's stream.

use super::{Manifest, Reasoned, Table};
use contracts::routes::{Access, QueryParameters, Route};

/// The default limit of a body, in KiB: room for the longest text (a description of 4,000 characters) with every character
/// written as JSON escapes of 12 bytes. Texts have their own limits in characters.
const BODY_KIB_MAX: usize = 64;
/// Receives after which a message is moved to the dead-letter queue.
pub(crate) const RECEIVES_MAX: u32 = 5;

/// A route of the API.
#[derive(Debug, Clone, Copy)]
pub struct HttpRoute {
    /// The HTTP method.
    pub method: &'static str,
    /// The path, with `{parameters}` as API Gateway writes them.
    pub path: &'static str,
    /// The callers that it admits.
    pub access: Access,
    /// The limit of its body, in KiB: the maximum size of its fields, with room for escapes.
    pub body_kib_max: usize,
    /// The query parameters that it accepts; by default none.
    pub query: QueryParameters,
}

impl HttpRoute {
    /// `GET`.
    pub const fn get(path: &'static str, access: Access) -> Self {
        Self::of("GET", path, access)
    }

    /// `PATCH`.
    pub const fn patch(path: &'static str, access: Access) -> Self {
        Self::of("PATCH", path, access)
    }

    /// `POST`.
    pub const fn post(path: &'static str, access: Access) -> Self {
        Self::of("POST", path, access)
    }

    /// `PUT`.
    pub const fn put(path: &'static str, access: Access) -> Self {
        Self::of("PUT", path, access)
    }

    const fn of(method: &'static str, path: &'static str, access: Access) -> Self {
        Self { method, path, access, body_kib_max: BODY_KIB_MAX, query: QueryParameters::Known(&[]) }
    }

    /// The route in the form of the API's table.
    pub(crate) const fn of_use_case(&self, use_case: &'static str) -> Route {
        let Self { method, path, access, body_kib_max, query } = *self;
        Route { use_case, method, path, access, body_bytes_max: body_kib_max * 1024, query }
    }

    /// Accepts these query parameters.
    #[must_use]
    pub const fn query(self, names: &'static [&'static str]) -> Self {
        Self { query: QueryParameters::Known(names), ..self }
    }

    /// Accepts any query parameter.
    #[must_use]
    pub const fn any_query(self) -> Self {
        Self { query: QueryParameters::Any, ..self }
    }

    /// Accepts bodies of up to this many KiB.
    #[must_use]
    pub const fn body_kib(self, body_kib_max: usize) -> Self {
        Self { body_kib_max, ..self }
    }
}

/// An integration point whose mode a template parameter sets: the shop itself does this work, or an external system
/// (docs/integration-points.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Inventory,
    Shipping,
    Notification,
}

/// A rule of the bus that puts events on a queue.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// The suffix after the use case in its name: `OnOrderPaid`.
    pub suffix: &'static str,
    /// The event in words, as one sentence.
    pub description: &'static str,
    /// The event types.
    pub types: &'static [&'static str],
    /// Only events of this source: the shop itself.
    pub from: Option<&'static str>,
    /// Only events that do not have this source: those of an external system.
    pub not_from: Option<&'static str>,
    /// Only events with one of these values in this field of their data.
    pub with: Option<(&'static str, &'static str)>,
    /// Only events that have this field in their data.
    pub with_field: Option<&'static str>,
    /// Disabled if an external system does the work.
    pub only_built_in: Option<Mode>,
    /// The reason for the rule, if it is not obvious.
    pub why: &'static str,
}

impl Rule {
    /// A rule for all events of these types.
    pub const fn on(suffix: &'static str, types: &'static [&'static str], description: &'static str) -> Self {
        Self {
            suffix,
            description,
            types,
            from: None,
            not_from: None,
            with: None,
            with_field: None,
            only_built_in: None,
            why: "",
        }
    }

    /// Only from this source.
    #[must_use]
    pub const fn from(self, source: &'static str) -> Self {
        Self { from: Some(source), ..self }
    }

    /// Not from this source.
    #[must_use]
    pub const fn not_from(self, source: &'static str) -> Self {
        Self { not_from: Some(source), ..self }
    }

    /// Only with this value in this field of `data`.
    #[must_use]
    pub const fn with(self, field: &'static str, value: &'static str) -> Self {
        Self { with: Some((field, value)), ..self }
    }

    /// Only with this field in `data`.
    #[must_use]
    pub const fn with_field(self, field: &'static str) -> Self {
        Self { with_field: Some(field), ..self }
    }

    /// Disables the rule if an external system does this work.
    #[must_use]
    pub const fn only_built_in(self, mode: Mode) -> Self {
        Self { only_built_in: Some(mode), ..self }
    }

    /// Gives the reason for the rule.
    #[must_use]
    pub const fn because(self, why: &'static str) -> Self {
        Self { why, ..self }
    }
}

/// An alarm.
#[derive(Debug, Clone, Copy)]
pub struct Alarm {
    /// The fault, in a few words; a part of the alarm's name.
    pub name: &'static str,
    /// Its meaning, and what to check.
    pub text: &'static str,
}

/// A queue that a use case consumes, with a dead-letter queue behind it.
#[derive(Debug, Clone, Copy)]
pub struct Queue {
    /// The word before `Queue` in its name, if the use case has more than one queue.
    pub word: &'static str,
    /// The rules that feed it.
    pub rules: &'static [Rule],
    /// Messages of one batch.
    pub batch: Reasoned,
    /// Seconds for which a batch is gathered.
    pub window_seconds: u32,
    /// The maximum number of batches that are consumed concurrently, if limited.
    pub concurrency: Option<Reasoned>,
    /// Seconds for which a message waits before it can be received.
    pub delay: Option<Reasoned>,
    /// The alarm on the age of its oldest message.
    pub is_old: Option<Alarm>,
    /// The queue's purpose, if it is not obvious.
    pub why: &'static str,
}

impl Queue {
    /// A queue with these rules; 10 messages a batch.
    pub const fn of(rules: &'static [Rule]) -> Self {
        Self {
            word: "",
            rules,
            batch: Reasoned::rule(10),
            window_seconds: 0,
            concurrency: None,
            delay: None,
            is_old: None,
            why: "",
        }
    }

    /// A second queue of the same use case, with this word in its name.
    #[must_use]
    pub const fn named(self, word: &'static str) -> Self {
        Self { word, ..self }
    }

    /// The batch size, in messages.
    #[must_use]
    pub const fn batch(self, value: u32, why: &'static str) -> Self {
        Self { batch: Reasoned { value, why }, ..self }
    }

    /// The time for which a batch is gathered.
    #[must_use]
    pub const fn window_seconds(self, window_seconds: u32) -> Self {
        Self { window_seconds, ..self }
    }

    /// The maximum number of batches that are consumed concurrently.
    #[must_use]
    pub const fn concurrency(self, value: u32, why: &'static str) -> Self {
        Self { concurrency: Some(Reasoned { value, why }), ..self }
    }

    /// The delay before a message can be received.
    #[must_use]
    pub const fn delay_seconds(self, value: u32, why: &'static str) -> Self {
        Self { delay: Some(Reasoned { value, why }), ..self }
    }

    /// Adds an alarm: the oldest message is older than ten minutes.
    #[must_use]
    pub const fn alarm_on_age(self, name: &'static str, text: &'static str) -> Self {
        Self { is_old: Some(Alarm { name, text }), ..self }
    }

    /// Its purpose.
    #[must_use]
    pub const fn because(self, why: &'static str) -> Self {
        Self { why, ..self }
    }

    /// Seconds for which a received message is invisible: six times the function's time-out, plus the time for which a
    /// batch is gathered, so that no message is delivered again while it is processed.
    pub const fn visibility_seconds(&self, manifest: &Manifest) -> u32 {
        6 * manifest.timeout().value + self.window_seconds
    }

    /// Receives after which a message is moved to the dead-letter queue.
    pub const fn receives_max(&self) -> u32 {
        RECEIVES_MAX
    }
}

/// The schedule of a use case.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// `rate(1 minute)`, or `cron(…)` in the shop's time zone.
    pub expression: &'static str,
    /// The Scheduler's retries of an invocation.
    pub retries: u32,
    /// The age in seconds after which the Scheduler drops a tick.
    pub tick_seconds_max: u32,
}

impl Schedule {
    /// For a short interval, where the next tick replaces a missed one: `rate(1 minute)`, `rate(5 minutes)`.
    pub const fn often(expression: &'static str) -> Self {
        Self { expression, retries: 2, tick_seconds_max: 600 }
    }

    /// For a long interval, where a tick is retried more often: hourly, daily.
    pub const fn seldom(expression: &'static str) -> Self {
        Self { expression, retries: 5, tick_seconds_max: 3_600 }
    }

    /// Whether its time is local time of the shop's time zone.
    pub fn is_local_time(&self) -> bool {
        self.expression.starts_with("cron")
    }
}

/// The stream of a table, which delivers new items of the outbox.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    /// The table.
    pub table: Table,
}

/// `place_order` as `PlaceOrder`.
pub fn pascal_case(name: &str) -> String {
    let capitalize = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    name.split('_').map(capitalize).collect()
}
