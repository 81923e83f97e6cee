//! The facts about a use case from which its AWS resources are generated, stated once, in its own file, as its `MANIFEST`.
//!
//! `make generate` derives the functions' stacks (`infra/functions/`), the API's routes, the roles and the list of sample
//! events. This module has nothing specific to one use case, and nothing specific to a use case is elsewhere.

mod access;
mod trigger;

pub use access::{Action, Grant, Secret, Table};
pub use trigger::{Alarm, HttpRoute, Mode, Queue, Rule, Schedule, Stream, pascal_case};

use crate::Binary;

/// The imports of a manifest.
pub mod prelude {
    pub use super::Action::{BatchGetItem, ConditionCheckItem, DeleteItem, GetItem, PutItem, Query, Scan, UpdateItem};
    pub use super::Table::{
        Batches, Catalog, Counters, Coupons, Notifications, Orders, Outbox, Payments, Production, Rankings, Wallets,
    };
    pub use super::{Alarm, Grant, HttpRoute, Manifest, Mode, Queue, Rule, Schedule, Secret, Stream};
    pub use crate::Binary;
    pub use contracts::routes::Access::{Admin, Customer, Public};
}

/// Memory of a function in MiB: a fifth of a core. A first TLS handshake takes 10 ms there, and the process needs less than 15 MiB.
const MEMORY_MIB: u32 = 256;
/// Time-out for HTTP in seconds. It ends the retries of a request under contention (ARCHITECTURE, Retries).
const HTTP_TIMEOUT_SECONDS: u32 = 10;
/// Time-out for a batch of a queue or a stream, in seconds.
const BATCH_TIMEOUT_SECONDS: u32 = 30;
/// Time-out for a schedule, in seconds.
const SCHEDULE_TIMEOUT_SECONDS: u32 = 60;

/// A number that differs from the rule, with the reason; an empty reason means that it follows the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reasoned {
    /// The number.
    pub value: u32,
    /// The reason.
    pub why: &'static str,
}

impl Reasoned {
    const fn rule(value: u32) -> Self {
        Self { value, why: "" }
    }
}

/// The AWS side of one use case.
#[derive(Debug, Clone, Copy)]
pub struct Manifest {
    /// The binary that holds it.
    pub binary: Binary,
    /// What it does, in one sentence, for the description of the function in the AWS console.
    pub description: &'static str,
    /// Its routes in the API.
    pub routes: &'static [HttpRoute],
    /// The queues that it consumes.
    pub queues: &'static [Queue],
    /// Its schedule.
    pub schedule: Option<Schedule>,
    /// The table whose stream it reads.
    pub stream: Option<Stream>,
    /// The permissions of its role. The generator adds those for consuming its queues and its stream.
    pub grants: &'static [Grant],
    /// Time-out in seconds, where it is not that of its trigger.
    timeout: Option<Reasoned>,
    /// Memory in MiB.
    pub memory: Reasoned,
    /// The alarm on its dead-letter queue.
    pub dead_letters: Option<Alarm>,
}

impl Manifest {
    /// A use case in this binary, with this description.
    pub const fn new(binary: Binary, description: &'static str) -> Self {
        Self {
            binary,
            description,
            routes: &[],
            queues: &[],
            schedule: None,
            stream: None,
            grants: &[],
            timeout: None,
            memory: Reasoned::rule(MEMORY_MIB),
            dead_letters: None,
        }
    }

    /// Adds routes.
    #[must_use]
    pub const fn routes(self, routes: &'static [HttpRoute]) -> Self {
        Self { routes, ..self }
    }

    /// Adds queues.
    #[must_use]
    pub const fn queues(self, queues: &'static [Queue]) -> Self {
        Self { queues, ..self }
    }

    /// Sets the schedule.
    #[must_use]
    pub const fn schedule(self, schedule: Schedule) -> Self {
        Self { schedule: Some(schedule), ..self }
    }

    /// Reads a table's stream.
    #[must_use]
    pub const fn stream(self, stream: Stream) -> Self {
        Self { stream: Some(stream), ..self }
    }

    /// Sets the permissions.
    #[must_use]
    pub const fn grants(self, grants: &'static [Grant]) -> Self {
        Self { grants, ..self }
    }

    /// Overrides the time-out of its trigger.
    #[must_use]
    pub const fn timeout_seconds(self, value: u32, why: &'static str) -> Self {
        Self { timeout: Some(Reasoned { value, why }), ..self }
    }

    /// Overrides the memory.
    #[must_use]
    pub const fn memory_mib(self, value: u32, why: &'static str) -> Self {
        Self { memory: Reasoned { value, why }, ..self }
    }

    /// Sets the alarm on messages in its dead-letter queue.
    #[must_use]
    pub const fn alarm_on_dead_letters(self, name: &'static str, text: &'static str) -> Self {
        Self { dead_letters: Some(Alarm { name, text }), ..self }
    }

    /// Time-out in seconds.
    pub const fn timeout(&self) -> Reasoned {
        match (self.timeout, self.schedule, self.routes) {
            (Some(own), ..) => own,
            (None, Some(_), _) => Reasoned::rule(SCHEDULE_TIMEOUT_SECONDS),
            (None, None, []) => Reasoned::rule(BATCH_TIMEOUT_SECONDS),
            (None, None, _) => Reasoned::rule(HTTP_TIMEOUT_SECONDS),
        }
    }

    /// Whether it uses a table, so that init opens its connection to DynamoDB.
    pub fn uses_tables(&self) -> bool {
        self.grants.iter().any(|grant| matches!(grant, Grant::Table(..) | Grant::Index(..)))
    }

    /// Whether it publishes, so that init opens its connection to EventBridge.
    pub fn publishes(&self) -> bool {
        self.grants.contains(&Grant::PublishEvents)
    }
}
