//! The types of a use case's `MANIFEST`, which declares its AWS resources once, in the use case's own file.
//!
//! `make generate` derives the functions' stacks (`infra/functions/`), the API's routes, the roles and the list of
//! sample events from the manifests.

mod access;
mod trigger;

pub use access::{Action, Grant, MediaAction, Secret, Table, UserAction};
pub use trigger::{Alarm, HttpRoute, Mode, Queue, Rule, Schedule, Stream, pascal_case};

use crate::Binary;
use contracts::routes::Access;

/// The imports of a use case's file for its manifest.
pub mod prelude {
    pub use super::Action::{BatchGetItem, ConditionCheckItem, DeleteItem, GetItem, PutItem, Query, Scan, UpdateItem};
    pub use super::Table::{
        Activity, Batches, Catalog, Counters, Coupons, Notifications, Orders, Outbox, Payments, Production, Rankings,
        Wallets,
    };
    pub use super::UserAction::{AdminDeleteUser, AdminGetUser, ListUsers};
    pub use super::{Alarm, Grant, HttpRoute, Manifest, MediaAction, Mode, Queue, Rule, Schedule, Secret, Stream};
    pub use crate::Binary;
    pub use contracts::routes::Access::{Admin, Customer, Public};
}

/// Memory of a function in MiB: a fifth of a core. A first TLS handshake takes 10 ms there, and the process needs less
/// than 15 MiB.
const MEMORY_MIB: u32 = 256;
/// Time-out for HTTP in seconds. It ends a request before the bounds of its retries do (ARCHITECTURE, Retries), and the
/// client retries with its idempotency key.
const HTTP_TIMEOUT_SECONDS: u32 = 10;
/// Time-out for a batch of a queue or a stream, in seconds.
const BATCH_TIMEOUT_SECONDS: u32 = 30;
/// Time-out for a schedule, in seconds.
const SCHEDULE_TIMEOUT_SECONDS: u32 = 60;

/// A number, and the reason if it differs from the rule. An empty reason means that it follows the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reasoned {
    /// The number.
    pub value: u32,
    /// Why it is this one.
    pub why: &'static str,
}

impl Reasoned {
    const fn rule(value: u32) -> Self {
        Self { value, why: "" }
    }
}

/// One use case as AWS sees it.
#[derive(Debug, Clone, Copy)]
pub struct Manifest {
    /// The binary that holds it.
    pub binary: Binary,
    /// What it does, in one sentence, for the description of the function in the AWS console.
    pub description: &'static str,
    /// Where the API serves it.
    pub routes: &'static [HttpRoute],
    /// The queues that it consumes.
    pub queues: &'static [Queue],
    /// When the Scheduler invokes it.
    pub schedule: Option<Schedule>,
    /// The table whose stream it reads.
    pub stream: Option<Stream>,
    /// What its role allows. Consuming its queues and its stream needs no line here.
    pub grants: &'static [Grant],
    /// Time-out in seconds, where it is not that of its trigger.
    timeout: Option<Reasoned>,
    /// Memory in MiB.
    pub memory: Reasoned,
    /// The alarm on its dead-letter queue.
    pub dead_letters: Option<Alarm>,
}

impl Manifest {
    /// A use case in this binary, described by this sentence.
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

    /// Served at these routes.
    #[must_use]
    pub const fn routes(self, routes: &'static [HttpRoute]) -> Self {
        Self { routes, ..self }
    }

    /// Consumes these queues.
    #[must_use]
    pub const fn queues(self, queues: &'static [Queue]) -> Self {
        Self { queues, ..self }
    }

    /// Invoked by the Scheduler.
    #[must_use]
    pub const fn schedule(self, schedule: Schedule) -> Self {
        Self { schedule: Some(schedule), ..self }
    }

    /// Reads a table's stream.
    #[must_use]
    pub const fn stream(self, stream: Stream) -> Self {
        Self { stream: Some(stream), ..self }
    }

    /// Its role allows this.
    #[must_use]
    pub const fn grants(self, grants: &'static [Grant]) -> Self {
        Self { grants, ..self }
    }

    /// Another time-out than its trigger's.
    #[must_use]
    pub const fn timeout_seconds(self, value: u32, why: &'static str) -> Self {
        Self { timeout: Some(Reasoned { value, why }), ..self }
    }

    /// More memory than the rule.
    #[must_use]
    pub const fn memory_mib(self, value: u32, why: &'static str) -> Self {
        Self { memory: Reasoned { value, why }, ..self }
    }

    /// Alarmed when a message ends in its dead-letter queue.
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

    /// Whether it reads or writes a table, so that its connection to DynamoDB is opened in init.
    pub fn uses_tables(&self) -> bool {
        self.grants.iter().any(|grant| matches!(grant, Grant::Table(..) | Grant::Index(..)))
    }

    /// What its role allows: its grants, and for a command of the staff the entry in the activity log.
    pub fn all_grants(&self) -> Vec<Grant> {
        let is_command = self.routes.iter().any(|route| route.access == Access::Admin && route.method != "GET");
        let log = Grant::Table(Table::Activity, &[Action::PutItem]);
        self.grants.iter().copied().chain(is_command.then_some(log)).collect()
    }

    /// Whether it publishes, so that its connection to EventBridge is opened in init.
    pub fn publishes(&self) -> bool {
        self.grants.contains(&Grant::PublishEvents)
    }
}
