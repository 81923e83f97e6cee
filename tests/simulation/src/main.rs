//! Random runs of the whole shop until one fails (`make soak`), and the cells of the fault matrix; see `--help`.

mod cells;

use mimalloc::MiMalloc;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tests::simulation::{Plan, run, shrink};

/// Runs allocate heavily.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const HELP: &str = "\
Random runs of the whole shop with faults, until one fails. Environment variables:

  SEED=n      play only this run and print its actions; without it, fresh seeds one after the other
  FROM=n      the first seed (default: from the clock)
  RUNS=n      the number of runs (default: no limit)
  SECONDS=n   the duration (default: no limit)
  ACTS=n      actions per run (default: 200)
  THREADS=n   concurrent runs (default: one per core)

With `cells`, plays the cells of the fault matrix instead: one use case with one kind of fault. `cells killed::pay_order` plays one
of them, `cells --help` lists the options.
";

/// The interval at which progress is printed.
const SAY_EVERY: Duration = Duration::from_secs(10);
/// The maximum number of runs to shrink a failing one.
const SHRINK_TRIES_MAX: usize = 600;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    match arguments.peek().map(String::as_str) {
        None => {}
        Some("cells") => return cells::run(arguments),
        Some("--help" | "-h") => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Some(other) => {
            eprint!("unknown argument {other}\n\n{HELP}");
            return ExitCode::from(2);
        }
    }
    // The report contains the panics of a failed run.
    std::panic::set_hook(Box::new(|_| {}));
    let actions = usize::try_from(variable("ACTS").unwrap_or(200)).unwrap_or(200);
    if let Some(seed) = variable("SEED") {
        return if holds(seed, actions, true) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let began = Instant::now();
    let first = variable("FROM").unwrap_or_else(fastrand_by_clock);
    let (runs, seconds) = (variable("RUNS").unwrap_or(u64::MAX), variable("SECONDS").unwrap_or(u64::MAX));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = variable("THREADS").map_or(cores, |threads| usize::try_from(threads).unwrap_or(cores));
    println!("seeds from {first}, {actions} actions each, {threads} concurrent runs");
    let (next, done, all_well) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(true));
    let said = Mutex::new(Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while all_well.load(Ordering::Relaxed) && began.elapsed().as_secs() < seconds {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    if place >= runs {
                        return;
                    }
                    if !holds(first.wrapping_add(place), actions, false) {
                        all_well.store(false, Ordering::Relaxed);
                    }
                    let done = done.fetch_add(1, Ordering::Relaxed) + 1;
                    let mut said = said.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    if said.elapsed() >= SAY_EVERY {
                        *said = Instant::now();
                        println!("{done} runs in {} s", began.elapsed().as_secs());
                    }
                }
            });
        }
    });
    println!("{} runs in {} s", done.load(Ordering::Relaxed), began.elapsed().as_secs());
    if all_well.into_inner() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether all invariants hold in this run. Prints the violations and the shortest failing run that was found.
#[expect(clippy::print_stdout, reason = "a command-line program")]
fn holds(seed: u64, actions: usize, in_detail: bool) -> bool {
    let plan = Plan::draw(seed, actions);
    let report = run(&plan);
    if in_detail {
        println!("{}{report:#?}", plan.to_text());
    }
    if report.wrong.is_empty() {
        return true;
    }
    println!("seed {seed}: {}", report.wrong.join("\n  "));
    let (smaller, found) = shrink(&plan, report, SHRINK_TRIES_MAX, run);
    println!("the shortest failing run, with {} actions and faults:\n{}", smaller.size(), smaller.to_text());
    println!("fails with:\n  {}\nSEED={seed} replays it", found.wrong.join("\n  "));
    false
}

/// A seed from the clock.
fn fastrand_by_clock() -> u64 {
    let elapsed = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    elapsed.as_secs()
}
