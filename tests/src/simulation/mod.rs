//! Random runs of the whole shop: customers, admins, providers and the machinery between them do what one seed says, several
//! at once, while faults strike below the use cases. Every write that is committed is looked at, and once the faults are over
//! everything must be as it should.
//!
//! A run is data ([`Plan`]): rounds of acts and strikes. The same plan gives the same run, and a plan without one of its acts
//! is a plan too, so that a run that fails can be made smaller ([`shrink`]).

mod act;
mod book;
mod chance;
mod perform;
mod plan;
mod rest;
mod shrink;
mod story;
mod witness;
mod world;

pub use act::Act;
pub use chance::{Harm, Strike};
pub use plan::{Plan, Round};
pub use shrink::shrink;
pub use story::{Trouble, trouble};

use futures_util::future::join_all;
use std::panic::{AssertUnwindSafe, catch_unwind};
use world::World;

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// What should not be, in the order in which it was seen; nothing if all is well.
    pub wrong: Vec<String>,
    /// Requests to AWS and to third parties.
    pub calls: usize,
    /// Strikes that hit a request.
    pub struck: usize,
    /// A fingerprint of everything that was written: equal for equal runs.
    pub fingerprint: u64,
    /// What everything came to in the end, without names and times; of a story alone.
    pub digest: Vec<String>,
    /// What became of the requests, by their answers' words.
    pub answers: std::collections::BTreeMap<String, usize>,
}

impl Report {
    /// What is wrong first, without what differs from run to run; `None` if all is well.
    pub fn kind(&self) -> Option<String> {
        let first = self.wrong.first()?;
        Some(first.split(':').next().unwrap_or_default().to_owned())
    }
}

/// Runs a plan in a shop of its own.
pub fn run(plan: &Plan) -> Report {
    in_runtime(play(plan))
}

/// Plays in a time of its own. A panic is what went wrong.
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
        world.haunt(chance::of(&round.strikes));
        join_all(round.acts.iter().enumerate().map(|(place, act)| world.perform(number, place, act))).await;
        if world.is_wrong() {
            return world.report();
        }
    }
    world.calm();
    world.come_to_rest().await;
    world.report()
}
