//! The load test (`make load`): mixed traffic with faults and killed functions, and an outage of the event bus in the
//! middle. It runs alone, and only if `MILLRUN_LOAD_MINUTES` is set.

use crate::kills::{kill_one, processes};
use crate::outage::{self, Outage};
use crate::shop::Shop;
use crate::traffic::{Market, Visitor, faults, set_faults};
use futures_util::future::{join, join_all, select};
use serde_json::json;
use std::collections::BTreeMap;
use std::pin::pin;
use std::time::{Duration, Instant};

/// Concurrent customers: as many as keep two cores busy.
const VISITORS: usize = 6;
/// The share of all requests between functions and AWS.
const FAULTS_SHARE: f64 = 0.05;
/// Time between two kills of a function process.
const KILL_EVERY: Duration = Duration::from_secs(7);
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// The time limit of the final checks: the local DynamoDB reads every item for each page of the audit.
pub(crate) const RECKONING_SECONDS_MAX: u64 = 900;
/// The maximum growth of a process after its warm-up, in KiB. A leak of 1 KiB per invocation exceeds it within minutes.
const GROWTH_KIB_MAX: u64 = 4 * 1024;
/// The part of a process's life that counts as warm-up: connections, caches, allocator arenas.
const WARM_UP_SHARE: usize = 3;
/// The minimum number of samples of a process.
const LOOKS_MIN: usize = 12;

/// The duration and the seed.
pub(crate) fn settings() -> Option<(u64, u64)> {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    Some((number("MILLRUN_LOAD_MINUTES")?, number("MILLRUN_SEED").unwrap_or(1)))
}

/// Resident memory samples in KiB, by function and process id.
type Memory = BTreeMap<(String, u32), Vec<u64>>;

pub(crate) async fn no_data_is_lost_and_memory_stays_bounded_under_load(shop: &Shop) {
    let (minutes, seed) = settings().expect("MILLRUN_LOAD_MINUTES");
    let market = Market::open(shop).await;
    let mut visitors = Vec::new();
    for _ in 0..VISITORS {
        visitors.push(market.visitor().await);
    }
    let faults_of_load = json!({"share": FAULTS_SHARE, "seed": seed});
    set_faults(shop, &faults_of_load).await;
    let (began, length) = (Instant::now(), Duration::from_secs(60 * minutes));
    let mut memory = Memory::new();
    let (mut killed, mut outage) = (0, Outage::default());
    let visitors = {
        let visiting = visit(&market, visitors, began + length, seed);
        let disturbing = disturb(shop, &mut memory, &mut killed, began, seed);
        let without_bus = outage::in_the_middle(shop, length, &faults_of_load, &mut outage);
        match select(pin!(visiting), pin!(join(disturbing, without_bus))).await {
            futures_util::future::Either::Left((visitors, _)) => visitors,
            futures_util::future::Either::Right((_, _)) => unreachable!("it goes on until the last visit is over"),
        }
    };
    let seconds = began.elapsed().as_secs_f64();
    let struck = faults(shop, 0.0, seed).await;
    report(&visitors, &memory, killed, &struck, seconds);
    let drained = outage::drain(shop).await;
    say_outage(&outage, drained);
    market.reckon(&visitors).await;
    assert!(
        killed > 0 && struck.values().all(|count| *count > 0),
        "{killed} kills and faults {struck:?}: too few to prove anything"
    );
    let is_away = struck.get("away").is_some_and(|count| *count > 0);
    assert!(is_away && outage.sweeps > 0 && outage.waited > 0, "{outage:?}: an outage that nothing noticed");
    for ((function, process), looks) in &memory {
        let growth = growth(looks);
        assert!(
            growth.is_none_or(|kib| kib <= GROWTH_KIB_MAX),
            "{function} ({process}) grew by {growth:?} KiB: {looks:?}"
        );
    }
}

async fn visit(market: &Market, visitors: Vec<Visitor>, until: Instant, seed: u64) -> Vec<Visitor> {
    join_all(visitors.into_iter().zip(0..).map(|(mut visitor, n)| async move {
        let mut choices = fastrand::Rng::with_seed(seed.wrapping_mul(31).wrapping_add(n));
        while Instant::now() < until {
            market.visit(&mut visitor, choices.u8(..)).await;
        }
        visitor
    }))
    .await
}

/// Kills function processes from time to time, and samples the memory of all.
#[expect(clippy::print_stdout, reason = "half an hour without a result is too long")]
async fn disturb(shop: &Shop, memory: &mut Memory, killed: &mut usize, began: Instant, seed: u64) {
    let mut choices = fastrand::Rng::with_seed(seed);
    let (mut next_kill, mut next_look, mut next_word) = (KILL_EVERY, LOOK_EVERY, Duration::from_secs(60));
    loop {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = began.elapsed();
        if now >= next_kill {
            next_kill = now + KILL_EVERY;
            *killed += kill_one(shop, &mut choices);
        }
        if now >= next_look {
            next_look = now + LOOK_EVERY;
            for (function, process) in processes(shop) {
                if let Some(kib) = resident_kib(process) {
                    memory.entry((function, process)).or_default().push(kib);
                }
            }
        }
        if now >= next_word {
            next_word = now + Duration::from_secs(60);
            let alive = processes(shop).len();
            println!("  {:>3} min: {killed} killed, {alive} processes", now.as_secs() / 60);
        }
    }
}

fn resident_kib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The growth of a process since its warm-up: the last sample minus the largest sample of the warm-up.
fn growth(looks: &[u64]) -> Option<u64> {
    if looks.len() < LOOKS_MIN {
        return None;
    }
    let (warm_up, after) = looks.split_at(looks.len() / WARM_UP_SHARE);
    Some(after.last()?.saturating_sub(*warm_up.iter().max()?))
}

#[expect(clippy::print_stdout, reason = "the report")]
fn say_outage(outage: &Outage, drained: Duration) {
    let (waited, sweeps, seconds) = (outage.waited, outage.sweeps, drained.as_secs());
    println!(
        "  without the bus: {waited} records waited after {sweeps} sweeps; all drained {seconds} s after the load"
    );
}

#[expect(clippy::print_stdout, reason = "the report")]
fn report(visitors: &[Visitor], memory: &Memory, killed: usize, struck: &BTreeMap<String, u64>, seconds: f64) {
    let answered: usize = visitors.iter().map(|visitor| visitor.answered).sum();
    let again: usize = visitors.iter().map(|visitor| visitor.sent_again).sum();
    println!(
        "  {seconds:.0} s: {answered} requests answered, {again} of them after more than one try; {killed} killed"
    );
    println!("  faults between functions and AWS: {struck:?}");
    let mut functions: BTreeMap<&str, (usize, u64, u64)> = BTreeMap::new();
    for ((function, _), looks) in memory {
        let (processes, largest, most) = functions.entry(function).or_default();
        *processes += 1;
        *largest = looks.iter().copied().max().unwrap_or_default().max(*largest);
        *most = growth(looks).unwrap_or_default().max(*most);
    }
    println!("  {:<24} {:>9} {:>11} {:>11}", "function", "processes", "largest KiB", "growth KiB");
    for (function, (processes, largest, most)) in functions {
        println!("  {function:<24} {processes:>9} {largest:>11} {most:>11}");
    }
}
