//! Runs the scenarios: first in parallel, then those that must run alone, then the final checks. Accepts a part of a name
//! as filter, like Rust's own harness: `cargo test --test end_to_end -- fifty_buyers`.

use crate::shop::Shop;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Concurrent scenarios. They share the cores with the shop.
const AT_ONCE: usize = 4;
/// The time limit of a scenario.
const SCENARIO_SECONDS_MAX: u64 = 300;

/// A named scenario.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) play: fn(Shop) -> BoxFuture<'static, ()>,
}

pub(crate) struct Plan {
    pub(crate) together: &'static [Scenario],
    pub(crate) alone: &'static [Scenario],
    pub(crate) last: &'static [Scenario],
    /// Replaces all others when it is selected.
    pub(crate) load: &'static Scenario,
}

/// Lists scenarios by their functions.
macro_rules! scenarios {
    ($($module:ident :: $name:ident),* $(,)?) => {
        &[$($crate::runner::Scenario {
            name: concat!(stringify!($module), "::", stringify!($name)),
            play: |shop| Box::pin(async move { $crate::$module::$name(&shop).await }),
        }),*]
    };
}
pub(crate) use scenarios;

tokio::task_local! {
    static NAME: &'static str;
}

/// Runs the plan against the stack that the environment variable describes.
#[expect(clippy::print_stdout, reason = "a test reports its result")]
pub(crate) fn run(plan: &Plan) -> ExitCode {
    let Some(description) = std::env::var("MILLRUN_STACK").ok().filter(|path| !path.is_empty()) else {
        println!("end_to_end: skipped, because MILLRUN_STACK names no running stack (`make test` starts one)");
        return ExitCode::SUCCESS;
    };
    let filters: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    // A failure is reported under the scenario's name, although many run concurrently.
    std::panic::set_hook(Box::new(|info| {
        let name = NAME.try_with(|name| *name).unwrap_or("end_to_end");
        println!("✗ {name}: {info}");
    }));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let shop = Shop::open(&description);
        let chosen = |scenarios: &'static [Scenario]| {
            scenarios.iter().filter(|scenario| {
                filters.is_empty() || filters.iter().any(|filter| scenario.name.contains(filter.as_str()))
            })
        };
        let began = Instant::now();
        if let Some((minutes, _)) = crate::load::settings() {
            let limit = Duration::from_secs(60 * minutes + crate::load::RECKONING_SECONDS_MAX);
            return if play(&shop, plan.load, limit).await { ExitCode::SUCCESS } else { ExitCode::FAILURE };
        }
        let limit = Duration::from_secs(SCENARIO_SECONDS_MAX);
        let mut passed: Vec<bool> = stream::iter(chosen(plan.together))
            .map(|scenario| play(&shop, scenario, limit))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for scenario in chosen(plan.alone).chain(chosen(plan.last)) {
            passed.push(play(&shop, scenario, limit).await);
        }
        let failed = passed.iter().filter(|passed| !**passed).count();
        println!("\nended after {:.1} s", began.elapsed().as_secs_f32());
        println!("{} passed, {failed} failed", passed.len() - failed);
        // A filter without a match tested nothing and is an error.
        if failed > 0 || passed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    })
}

#[expect(clippy::print_stdout, reason = "a test reports its result")]
async fn play(shop: &Shop, scenario: &'static Scenario, limit: Duration) -> bool {
    let began = Instant::now();
    let playing = tokio::spawn(NAME.scope(scenario.name, tokio::time::timeout(limit, (scenario.play)(shop.clone()))));
    let ended = playing.await;
    if matches!(ended, Ok(Err(_))) {
        println!("✗ {}: did not end within {} s", scenario.name, limit.as_secs());
    }
    let passed = matches!(ended, Ok(Ok(())));
    if passed {
        println!("✓ {} ({:.1} s)", scenario.name, began.elapsed().as_secs_f32());
    }
    passed
}
