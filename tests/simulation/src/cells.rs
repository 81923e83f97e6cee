//! The fault matrix, one test per cell: a script in which one use case has one kind of fault must end as without it.

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use tests::fault_matrix::CELLS;
use tests::simulation::{CellFault, FaultKind, run_cell};

/// Runs the selected cells; the arguments are those of `cargo test`: a part of a name, `--exact`, `--list`, `--skip`.
pub(crate) fn run(arguments: impl Iterator<Item = String>) -> ExitCode {
    let cells = CELLS.iter().flat_map(|(row, use_cases)| {
        use_cases
            .iter()
            .map(move |use_case| Trial::test(format!("{row}::{use_case}"), move || survives(use_case, of_row(row))))
    });
    libtest_mimic::run(&Arguments::from_iter(arguments), cells.collect()).exit_code()
}

/// Fails unless the fault occurred and the script ended as without it.
fn survives(use_case: &'static str, wanted: CellFault) -> Result<(), Failed> {
    let result = run_cell(use_case, wanted);
    if result.occurred == 0 {
        return Err(format!("{wanted:?} did not occur: {result:?}").into());
    }
    if result.wrong.is_empty() { Ok(()) } else { Err(format!("{wanted:?}: {}", result.wrong.join("\n  ")).into()) }
}

fn of_row(row: &str) -> CellFault {
    use FaultKind::{
        AnswerLost, Contention, ContentionBesideRefusal, InProgress, KilledAfter, KilledBefore, Throttled,
    };
    match row {
        "answer_lost" => CellFault::Faulted(&[AnswerLost, InProgress]),
        "contention" => CellFault::Faulted(&[Contention, ContentionBesideRefusal, Throttled]),
        "killed" => CellFault::Faulted(&[KilledBefore, KilledAfter]),
        "repeated" => CellFault::Repeated,
        "doubled" => CellFault::Doubled,
        "index_lags" => CellFault::IndexLags,
        "bus_away" => CellFault::BusAway,
        _ => CellFault::TickedTwice,
    }
}
