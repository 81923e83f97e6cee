//! The fault matrix, a test for each cell, and what the random runs stand on. They play whole stories, so they are compiled
//! with the profile `simulation`: `cargo test --profile simulation -p simulation --test cells <row>::<use case>`.

use tests::simulation::{Act, Harm, Plan, Report, Trouble, run, shrink, trouble};

/// Fails unless the use case survives this, and it came.
fn survives(use_case: &'static str, wanted: Trouble) {
    let trial = trouble(use_case, wanted);
    assert!(trial.came > 0, "{wanted:?} never came: {trial:?}");
    assert_eq!(trial.wrong, Vec::<String>::new(), "{wanted:?}");
}

fn of_row(row: &str) -> Trouble {
    use Harm::{AnswerLost, Contention, ContentionBesideRefusal, InProgress, KilledAfter, KilledBefore, Throttled};
    match row {
        "answer_lost" => Trouble::Harmed(&[AnswerLost, InProgress]),
        "contention" => Trouble::Harmed(&[Contention, ContentionBesideRefusal, Throttled]),
        "killed" => Trouble::Harmed(&[KilledBefore, KilledAfter]),
        "repeated" => Trouble::Repeated,
        "doubled" => Trouble::Doubled,
        _ => Trouble::TickedTwice,
    }
}

macro_rules! cells {
    ($($row:ident: [$($use_case:ident)*];)*) => {
        $(mod $row {
            $(#[test]
            fn $use_case() {
                crate::survives(stringify!($use_case), crate::of_row(stringify!($row)));
            })*
        })*
    };
}
tests::troubled_cells!(cells);

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
