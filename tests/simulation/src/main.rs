//! Random runs of the whole shop until one goes wrong (`make soak`), and the cells of the fault matrix; `--help` says how.

mod cells;

use mimalloc::MiMalloc;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tests::simulation::{Plan, run, shrink};

/// Runs allocate all the time.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const HELP: &str = "\
Random runs of the whole shop with faults, until one goes wrong; as the environment says:

  SEED=n      only this run, and what happens in it; without it fresh seeds one after the other
  FROM=n      the first seed (default: chosen by the clock)
  RUNS=n      so many runs (default: without end)
  SECONDS=n   for so long (default: without end)
  ACTS=n      acts of one run (default: 200)
  THREADS=n   runs at the same time (default: one for each core)

With `cells`, the cells of the fault matrix instead: one use case in one trouble. `cells killed::pay_order` runs one of them,
`cells --help` says what else there is.
";

/// How often progress is said.
const SAY_EVERY: Duration = Duration::from_secs(10);
/// How many runs are tried to make one that fails smaller.
const SHRINK_TRIES_MAX: usize = 600;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "what was found is printed for who looked for it")]
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
            eprint!("there is no {other}\n\n{HELP}");
            return ExitCode::from(2);
        }
    }
    // What a run that fails has to say is in its report.
    std::panic::set_hook(Box::new(|_| {}));
    let acts = usize::try_from(variable("ACTS").unwrap_or(200)).unwrap_or(200);
    if let Some(seed) = variable("SEED") {
        return if holds(seed, acts, true) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let began = Instant::now();
    let first = variable("FROM").unwrap_or_else(fastrand_by_clock);
    let (runs, seconds) = (variable("RUNS").unwrap_or(u64::MAX), variable("SECONDS").unwrap_or(u64::MAX));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let threads = variable("THREADS").map_or(cores, |threads| usize::try_from(threads).unwrap_or(cores));
    println!("seeds from {first} on, {acts} acts each, {threads} at a time");
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
                    if !holds(first.wrapping_add(place), acts, false) {
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

/// Whether everything that must hold does in this run. Says why not, with the shortest run that could be found.
#[expect(clippy::print_stdout, reason = "what was found is printed for who looked for it")]
fn holds(seed: u64, acts: usize, in_detail: bool) -> bool {
    let plan = Plan::draw(seed, acts);
    let report = run(&plan);
    if in_detail {
        println!("{}{report:#?}", plan.to_text());
    }
    if report.wrong.is_empty() {
        return true;
    }
    println!("seed {seed}: {}", report.wrong.join("\n  "));
    let (smaller, found) = shrink(&plan, report, SHRINK_TRIES_MAX, run);
    println!("the shortest run that was found, of {} acts and strikes:\n{}", smaller.size(), smaller.to_text());
    println!("ends in:\n  {}\nSEED={seed} replays it", found.wrong.join("\n  "));
    false
}

/// A seed that nobody chose.
fn fastrand_by_clock() -> u64 {
    let elapsed = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    elapsed.as_secs()
}
