//! Makes a run that fails smaller: leaves out what it fails without.

use super::{Plan, Report, Round};

/// The smallest plan that could be found in so many runs which fails like this one, with what it came to.
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

/// The plan without `count` of its acts and strikes from `start` on. Rounds in which nothing happens are left out too.
fn without(plan: &Plan, start: usize, count: usize) -> Plan {
    let mut place = 0;
    let mut stays = || {
        place += 1;
        !(start..start + count).contains(&(place - 1))
    };
    let mut rounds = Vec::new();
    for round in &plan.rounds {
        let acts: Vec<_> = round.acts.iter().filter(|_| stays()).cloned().collect();
        let strikes: Vec<_> = round.strikes.iter().filter(|_| stays()).cloned().collect();
        if !acts.is_empty() {
            rounds.push(Round { seed: round.seed, acts, strikes });
        }
    }
    Plan { seed: plan.seed, rounds }
}
