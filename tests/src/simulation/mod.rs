//! Random runs of the whole shop: customers, admins, providers and AWS perform the actions that one seed determines,
//! several at a time, while faults occur below the use cases. Every committed write is checked, and all invariants are
//! checked once the faults are cleared.
//!
//! A run is data ([`Plan`]): rounds of actions and faults. The same plan gives the same run, and a plan without one of its
//! actions is a valid plan, so a failing run can be shrunk ([`shrink`]).

mod action;
mod client_log;
mod invariants;
mod outages;
mod perform;
mod plan;
mod planned_faults;
mod provide;
mod quiescence;
mod script;
mod shrink;
mod world;

pub use action::Action;
pub use plan::{Plan, Round};
pub use planned_faults::{FaultKind, PlannedFault};
pub use script::{CellFault, run_cell};
pub use shrink::shrink;

use futures_util::future::join_all;
use std::panic::{AssertUnwindSafe, catch_unwind};
use world::World;

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// The violations in order of detection; empty if the run passed.
    pub wrong: Vec<String>,
    /// The number of requests to AWS and third parties.
    pub calls: usize,
    /// The number of faults that hit a request.
    pub faults_hit: usize,
    /// A hash of all writes: equal for equal runs.
    pub fingerprint: u64,
    /// The final state without names and times; only for scripts.
    pub digest: Vec<String>,
    /// The number of responses by status or code.
    pub answers: std::collections::BTreeMap<String, usize>,
}

impl Report {
    /// The kind of the first violation, without run-specific details; `None` if the run passed.
    pub fn kind(&self) -> Option<String> {
        let first = self.wrong.first()?;
        Some(first.split(':').next().unwrap_or_default().to_owned())
    }
}

/// Runs a plan in a new shop.
pub fn run(plan: &Plan) -> Report {
    in_runtime(play(plan))
}

/// Runs on paused time. A panic becomes a violation.
fn in_runtime(play: impl Future<Output = Report>) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let run = catch_unwind(AssertUnwindSafe(|| runtime.block_on(play)));
    run.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Report { wrong: vec![format!("panic: {}", text.unwrap_or_default())], ..Report::default() }
    })
}

async fn play(plan: &Plan) -> Report {
    fastrand::seed(plan.seed);
    let world = World::open(plan.seed).await;
    for (number, round) in plan.rounds.iter().enumerate() {
        world.begin(round);
        world.inject_faults(planned_faults::of(&round.faults));
        join_all(round.actions.iter().enumerate().map(|(place, action)| world.perform(number, place, action))).await;
        if world.is_wrong() {
            return world.report();
        }
    }
    world.clear_faults();
    world.run_to_quiescence().await;
    world.report()
}
