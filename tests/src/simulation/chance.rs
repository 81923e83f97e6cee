//! What goes wrong below the use cases, as a plan says it.

use crate::faults::{Chance, Fault, Sent};
use functions::{Trigger, USE_CASES};
use std::time::Duration;

/// How a request is harmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// It meets another one, or an index lags, or entries or keys are left out.
    Contention,
    /// The same, beside a condition that fails.
    ContentionBesideRefusal,
    /// The service is too busy for it.
    Throttled,
    /// It is never done.
    Undelivered,
    /// It is done and its answer is lost.
    AnswerLost,
    /// It is done, and the service says that it is still at it.
    InProgress,
    /// The environment is killed before it.
    KilledBefore,
    /// The environment is killed after it.
    KilledAfter,
    /// It takes its time.
    Slow,
    /// The queue's record that it is sent for trips a bug.
    Panicked,
}

impl Harm {
    /// All of them.
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

    /// What it means for this request.
    pub(super) fn to(self, sent: &Sent<'_>) -> Fault {
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
            // Whoever serves one request at a time dies of it.
            Self::KilledBefore | Self::Panicked => Fault::KilledBefore,
            Self::KilledAfter => Fault::KilledAfter,
            Self::Contention | Self::ContentionBesideRefusal | Self::Throttled if is_ours => Fault::Throttled,
            Self::Slow if is_ours => Fault::Delayed(Duration::from_millis(700)),
            _ => Fault::Undelivered,
        }
    }
}

/// A request of a round, by its place among all of them, and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strike {
    /// Which request, counted from 0.
    pub call: usize,
    /// What happens to it.
    pub harm: Harm,
}

/// Lets these strikes hit the requests of a round.
pub(super) fn of(strikes: &[Strike]) -> Chance {
    let strikes = strikes.to_vec();
    let mut calls = 0;
    Box::new(move |sent| {
        let strike = strikes.iter().find(|strike| strike.call == calls);
        calls += 1;
        strike.map(|strike| strike.harm.to(sent))
    })
}
