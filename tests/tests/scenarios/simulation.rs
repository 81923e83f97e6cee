//! The properties that random runs rely on.

use tests::simulation::{Action, FaultKind, Plan, Report, run, shrink};

#[test]
fn one_seed_reproduces_a_run_exactly() {
    let plan = Plan::draw(11, 60);
    assert_eq!(run(&plan), run(&plan));
    assert_ne!(run(&plan).fingerprint, run(&Plan::draw(12, 60)).fingerprint);
}

#[test]
fn a_failing_run_is_shrunk_to_the_actions_that_make_it_fail() {
    let has_cause = |plan: &Plan| {
        let actions = plan.rounds.iter().flat_map(|round| &round.actions);
        let faults = plan.rounds.iter().flat_map(|round| &round.faults);
        actions.filter(|action| matches!(action, Action::Relay)).count() >= 2
            && faults.filter(|fault| fault.kind == FaultKind::KilledAfter).count() >= 1
    };
    let run = |plan: &Plan| {
        let wrong = if has_cause(plan) { vec!["lost: an event".to_owned()] } else { Vec::new() };
        Report { wrong, ..Report::default() }
    };
    let plan = Plan::draw(3, 200);
    assert!(has_cause(&plan) && plan.size() > 200);
    let (smallest, report) = shrink(&plan, run(&plan), 1_000, run);
    // A fault needs an action in its round.
    assert!(smallest.size() <= 4 && report.wrong.len() == 1, "{}", smallest.to_text());
}
