//! Shrinks a failing run: removes what it does not need to fail.

use super::{Plan, Report, Round};

/// The smallest plan found within this many runs that fails in the same way, with its report.
pub fn shrink(plan: &Plan, report: Report, tries_max: usize, run: impl Fn(&Plan) -> Report) -> (Plan, Report) {
    let (mut best, mut found) = (plan.clone(), report);
    let mut tries = 0;
    let mut size = best.size().div_ceil(2);
    while tries < tries_max {
        let mut start = 0;
        let mut is_smaller = false;
        while start < best.size() && tries < tries_max {
            let smaller = without(&best, start, size);
            tries += 1;
            let report = run(&smaller);
            if report.kind().is_some() && report.kind() == found.kind() {
                (best, found) = (smaller, report);
                is_smaller = true;
            } else {
                start += size;
            }
        }
        if size == 1 && !is_smaller {
            break;
        }
        size = if size > 1 { size.div_ceil(2) } else { 1 };
    }
    (best, found)
}

/// The plan without `count` of its actions and faults from `start`, and without empty rounds.
fn without(plan: &Plan, start: usize, count: usize) -> Plan {
    let mut place = 0;
    let mut stays = || {
        place += 1;
        !(start..start + count).contains(&(place - 1))
    };
    let mut rounds = Vec::new();
    for round in &plan.rounds {
        let actions: Vec<_> = round.actions.iter().filter(|_| stays()).cloned().collect();
        let faults: Vec<_> = round.faults.iter().filter(|_| stays()).cloned().collect();
        if !actions.is_empty() {
            rounds.push(Round { seed: round.seed, actions, faults });
        }
    }
    Plan { seed: plan.seed, rounds }
}
