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

/// A number, and the reason if it differs from the default. An empty reason means that it is the default.
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

/// A use case's AWS resources.
#[derive(Debug, Clone, Copy)]
pub struct Manifest {
    /// The binary that contains it.
    pub binary: Binary,
    /// A sentence that describes it, shown as the function's description in the AWS console.
    pub description: &'static str,
    /// The API routes that invoke it.
    pub routes: &'static [HttpRoute],
    /// The queues that it consumes.
    pub queues: &'static [Queue],
    /// The schedule that invokes it.
    pub schedule: Option<Schedule>,
    /// The table whose stream invokes it.
    pub stream: Option<Stream>,
    /// The permissions of its role. Consuming its queues and its stream needs no grant.
    pub grants: &'static [Grant],
    /// Time-out in seconds, if it differs from that of its trigger.
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

    /// Adds API routes.
    #[must_use]
    pub const fn routes(self, routes: &'static [HttpRoute]) -> Self {
        Self { routes, ..self }
    }

    /// Adds queues to consume.
    #[must_use]
    pub const fn queues(self, queues: &'static [Queue]) -> Self {
        Self { queues, ..self }
    }

    /// Adds a schedule.
    #[must_use]
    pub const fn schedule(self, schedule: Schedule) -> Self {
        Self { schedule: Some(schedule), ..self }
    }

    /// Adds a table's stream to consume.
    #[must_use]
    pub const fn stream(self, stream: Stream) -> Self {
        Self { stream: Some(stream), ..self }
    }

    /// Adds permissions to its role.
    #[must_use]
    pub const fn grants(self, grants: &'static [Grant]) -> Self {
        Self { grants, ..self }
    }

    /// Sets a time-out that differs from that of its trigger.
    #[must_use]
    pub const fn timeout_seconds(self, value: u32, why: &'static str) -> Self {
        Self { timeout: Some(Reasoned { value, why }), ..self }
    }

    /// Sets more memory than the default.
    #[must_use]
    pub const fn memory_mib(self, value: u32, why: &'static str) -> Self {
        Self { memory: Reasoned { value, why }, ..self }
    }

    /// Adds an alarm on messages in its dead-letter queue.
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

    /// Whether it uses a table, so that its connection to DynamoDB is opened in init.
    pub fn uses_tables(&self) -> bool {
        self.grants.iter().any(|grant| matches!(grant, Grant::Table(..) | Grant::Index(..)))
    }

    /// All permissions of its role: its grants, and for a staff command the write to the activity log.
    pub fn all_grants(&self) -> Vec<Grant> {
        let is_command = self.routes.iter().any(|route| route.access == Access::Admin && route.method != "GET");
        let log = Grant::Table(Table::Activity, &[Action::PutItem]);
        self.grants.iter().copied().chain(is_command.then_some(log)).collect()
    }

    /// Whether it publishes events, so that its connection to EventBridge is opened in init.
    pub fn publishes(&self) -> bool {
        self.grants.contains(&Grant::PublishEvents)
    }
}
