//! The faults of a plan.

use crate::faults::{Fault, FaultSource, SentRequest};
use functions::{Trigger, USE_CASES};
use std::time::Duration;

/// The kind of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A conflict, a lagging index, rejected entries or unprocessed keys.
    Contention,
    /// A conflict together with a failed condition.
    ContentionBesideRefusal,
    Throttled,
    Undelivered,
    /// The request is performed and its response lost.
    AnswerLost,
    /// The request is performed, and the service responds that it is in progress.
    InProgress,
    KilledBefore,
    KilledAfter,
    Slow,
    /// The handler of a queue record panics.
    Panicked,
}

impl FaultKind {
    pub const ALL: [Self; 10] = [
        Self::Contention,
        Self::ContentionBesideRefusal,
        Self::Throttled,
        Self::Undelivered,
        Self::AnswerLost,
        Self::InProgress,
        Self::KilledBefore,
        Self::KilledAfter,
        Self::Slow,
        Self::Panicked,
    ];

    /// The fault for this request.
    pub(super) fn to(self, sent: &SentRequest<'_>) -> Fault {
        let is_transaction = sent.operation == "TransactWriteItems";
        let is_ours = !sent.tables.is_empty() || matches!(sent.operation, "PutEvents" | "SendMessage");
        let is_for_a_record = USE_CASES
            .iter()
            .any(|use_case| Some(use_case.name) == sent.actor && matches!(use_case.trigger, Trigger::Queue(_)));
        match self {
            Self::Contention if is_transaction => Fault::Canceled(vec![(0, "TransactionConflict")]),
            Self::Contention if sent.is_index => Fault::Lagging,
            Self::Contention if sent.operation == "BatchGetItem" => Fault::Unprocessed,
            Self::Contention if sent.operation == "PutEvents" => Fault::EntriesRefused(vec![0, 2]),
            Self::ContentionBesideRefusal if is_transaction => Fault::ConflictBesideRefusal,
            Self::InProgress if is_transaction => Fault::InProgress,
            Self::AnswerLost | Self::InProgress => Fault::AnswerLost,
            Self::Panicked if is_for_a_record => Fault::Panicked,
            // A handler of a single request is killed by a panic.
            Self::KilledBefore | Self::Panicked => Fault::KilledBefore,
            Self::KilledAfter => Fault::KilledAfter,
            Self::Contention | Self::ContentionBesideRefusal | Self::Throttled if is_ours => Fault::Throttled,
            Self::Slow if is_ours => Fault::Delayed(Duration::from_millis(700)),
            _ => Fault::Undelivered,
        }
    }
}

/// A fault and the request that it hits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedFault {
    /// The number of the request in its round, from 0.
    pub call: usize,
    pub kind: FaultKind,
}

/// A fault source with these faults.
pub(super) fn of(faults: &[PlannedFault]) -> FaultSource {
    let faults = faults.to_vec();
    let mut calls = 0;
    Box::new(move |sent| {
        let fault = faults.iter().find(|fault| fault.call == calls);
        calls += 1;
        fault.map(|fault| fault.kind.to(sent))
    })
}
