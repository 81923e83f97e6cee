//! The fault matrix, a test for each cell: a story with one use case in one trouble must end as without it.

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use tests::fault_matrix::TROUBLED;
use tests::simulation::{Harm, Trouble, trouble};

/// Runs the cells that the arguments ask for, which are those of `cargo test`: a part of a name, `--exact`, `--list`, `--skip`.
pub(crate) fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let cells = TROUBLED.iter().flat_map(|(row, use_cases)| {
        use_cases
            .iter()
            .map(move |use_case| Trial::test(format!("{row}::{use_case}"), move || survives(use_case, of_row(row))))
    });
    libtest_mimic::run(&Arguments::from_iter(arguments), cells.collect()).exit_code()
}

/// Fails unless the use case survives this, and it came.
fn survives(use_case: &'static str, wanted: Trouble) -> Result<(), Failed> {
    let trial = trouble(use_case, wanted);
    if trial.came == 0 {
        return Err(format!("{wanted:?} never came: {trial:?}").into());
    }
    if trial.wrong.is_empty() { Ok(()) } else { Err(format!("{wanted:?}: {}", trial.wrong.join("\n  ")).into()) }
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
