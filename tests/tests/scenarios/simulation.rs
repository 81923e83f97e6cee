//! What the random runs stand on.

use tests::simulation::{Act, Harm, Plan, Report, run, shrink};

#[test]
fn one_seed_replays_a_run_exactly() {
    let plan = Plan::draw(11, 60);
    assert_eq!(run(&plan), run(&plan));
    assert_ne!(run(&plan).fingerprint, run(&Plan::draw(12, 60)).fingerprint);
}

#[test]
fn a_run_that_fails_is_made_as_small_as_what_it_fails_of() {
    let has_cause = |plan: &Plan| {
        let acts = plan.rounds.iter().flat_map(|round| &round.acts);
        let strikes = plan.rounds.iter().flat_map(|round| &round.strikes);
        acts.filter(|act| matches!(act, Act::Relay)).count() >= 2
            && strikes.filter(|strike| strike.harm == Harm::KilledAfter).count() >= 1
    };
    let run = |plan: &Plan| {
        let wrong = if has_cause(plan) { vec!["lost: an event".to_owned()] } else { Vec::new() };
        Report { wrong, ..Report::default() }
    };
    let plan = Plan::draw(3, 200);
    assert!(has_cause(&plan) && plan.size() > 200);
    let (smallest, report) = shrink(&plan, run(&plan), 1_000, run);
    // A strike needs an act in its round.
    assert!(smallest.size() <= 4 && report.wrong.len() == 1, "{}", smallest.to_text());
}
