//! Invokes functions in turn, as Lambda does, and prints the measurements as JSON. Run by `make bench`.
//!
//! The first argument is the plan as JSON: the number of runs, what to measure, the command of each peer, and our binaries.

#![allow(clippy::indexing_slicing, reason = "a value without the field is null, which fails where it is used")]

mod function;
mod growth;
mod server;
mod share;
mod stage;

use function::{Function, Recipe};
use functions::UseCase;
use serde_json::{Value, json};
use share::Share;
use stage::{Stage, is_done};
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

/// Invocations before warm measurements.
const WARM_UP: usize = 50;
/// The use cases with a call budget (P1), and the relay, which is part of the cost of an order (P9).
const STEPS: [&str; 6] =
    ["place_order", "pay_order", "relay_outbox", "issue_coupon", "charge_points", "get_best_sellers"];
const STEP_INVOCATIONS: u32 = 200;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[expect(clippy::print_stdout, reason = "the figures are read by who called")]
fn main() -> Outcome<()> {
    let plan: Value = serde_json::from_str(&std::env::args().nth(1).ok_or("the plan is missing")?)?;
    let measures = |what: &str| plan["measure"].as_array().is_some_and(|all| all.iter().any(|one| one == what));
    let number = |name: &str| plan[name].as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or_default();
    let mut figures = serde_json::Map::new();
    if measures("growth") {
        figures.insert("growth".to_owned(), growth::measure());
    }
    if ["cold", "warm", "steps"].into_iter().any(measures) {
        let stage = Stage::set()?;
        let recipes = recipes(&plan, &stage)?;
        if measures("warm") {
            figures.insert("warm".to_owned(), warm(&stage, &recipes, number("invocations"))?);
        }
        if measures("steps") {
            figures.insert("steps".to_owned(), steps(&plan, &stage)?);
        }
        if measures("cold") {
            figures.insert("cold".to_owned(), cold(&stage, &recipes, number("runs"))?);
        }
    }
    println!("{}", Value::Object(figures));
    Ok(())
}

/// The command of a use case: the binary that contains it.
fn ours(plan: &Value, stage: &Stage, use_case: &str) -> Outcome<Recipe> {
    let binary = UseCase::find(use_case)?.manifest.binary.name();
    let program = plan["binaries"][binary].as_str().ok_or("nothing of ours to measure")?;
    Ok(Recipe { name: "millrun", command: vec![program.to_owned()], variables: stage.variables(use_case) })
}

/// The commands of `place_order` and each peer. The bare peer repeats the requests of `place_order`, which are recorded
/// first.
fn recipes(plan: &Value, stage: &Stage) -> Outcome<Vec<Recipe>> {
    let ours = ours(plan, stage, "place_order")?;
    invoke(&Function::start(&ours)?, stage, "place_order")?;
    let mut recipes = vec![ours];
    for name in ["bare", "node", "python"] {
        let Some(command) = plan["peers"][name].as_array() else { continue };
        let mut recipe = Recipe {
            name,
            command: command.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            variables: stage.variables("place_order"),
        };
        if name == "bare" {
            recipe.variables.insert("READS".to_owned(), stage.last("BatchGetItem"));
            recipe.variables.insert("WRITES".to_owned(), stage.last("TransactWriteItems"));
        }
        invoke(&Function::start(&recipe)?, stage, "place_order")?;
        recipes.push(recipe);
    }
    Ok(recipes)
}

fn invoke(function: &Function, stage: &Stage, use_case: &str) -> Outcome<Duration> {
    let (took, answer) = function.invoke(stage.event(use_case))?;
    if is_done(&answer) { Ok(took) } else { Err(format!("{use_case} did not succeed: {answer}").into()) }
}

/// P4 and P7: warm invocations of `place_order` and of each peer, alternating; then their memory.
fn warm(stage: &Stage, recipes: &[Recipe], invocations: usize) -> Outcome<Value> {
    let mut running = Vec::new();
    for recipe in recipes {
        let function = Function::start(recipe)?;
        let began = function.processor_time()?;
        running.push((recipe.name, function, began, Vec::new()));
    }
    for round in 0..invocations.max(WARM_UP + 1) {
        for (_, function, _, times) in &mut running {
            let took = invoke(function, stage, "place_order")?;
            if round >= WARM_UP {
                times.push(took);
            }
        }
    }
    let mut figures = serde_json::Map::new();
    for (name, function, began, mut times) in running {
        let (resident, most) = function.memory_kb()?;
        let processor_nanos = (function.processor_time()? - began).as_nanos() / invocations.max(1) as u128;
        let figure = json!({
            "median_us": micros(median(&mut times)), "processor_us": u64::try_from(processor_nanos / 1_000)?,
            "resident_kb": resident, "most_kb": most, "invocations": invocations
        });
        figures.insert(name.to_owned(), figure);
    }
    Ok(Value::Object(figures))
}

/// P1 and P9: each use case in its own process: connections opened before and during the first invocation, and processor
/// time of a warm invocation.
fn steps(plan: &Value, stage: &Stage) -> Outcome<Value> {
    let mut figures = serde_json::Map::new();
    for use_case in STEPS {
        let opened = stage.connections();
        let function = Function::start(&ours(plan, stage, use_case)?)?;
        let early = stage.connections() - opened;
        invoke(&function, stage, use_case)?;
        let late = stage.connections() - opened - early;
        let began = function.processor_time()?;
        for _ in 0..STEP_INVOCATIONS {
            invoke(&function, stage, use_case)?;
        }
        let each = (function.processor_time()? - began) / STEP_INVOCATIONS;
        let figure = json!({"early_connections": early, "late_connections": late, "processor_us": micros(each)});
        figures.insert(use_case.to_owned(), figure);
    }
    Ok(Value::Object(figures))
}

/// P5: time from the start of the process to its first poll and to its first response, with a whole processor, and limited
/// to the share of 256 MB after the first poll. Alternating, medians.
fn cold(stage: &Stage, recipes: &[Recipe], runs: usize) -> Outcome<Value> {
    let (share, refused) = match Share::of_256_mb() {
        Ok(share) => (Some(share), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let mut times: BTreeMap<(&str, &str), Vec<Duration>> = BTreeMap::new();
    for _ in 0..runs {
        for recipe in recipes {
            for is_squeezed in [false, true] {
                if is_squeezed && share.is_none() {
                    continue;
                }
                let function = Function::start(recipe)?;
                if let (true, Some(share)) = (is_squeezed, &share) {
                    function.squeeze(share)?;
                }
                let took = invoke(&function, stage, "place_order")?;
                let kind = if is_squeezed { "answer_256_mb" } else { "answer_full" };
                times.entry((recipe.name, "next")).or_default().push(function.to_next);
                times.entry((recipe.name, kind)).or_default().push(function.to_next + took);
            }
        }
    }
    let mut figures = json!({"runs": runs, "share_refused": refused});
    for ((name, kind), mut times) in times {
        figures[name][kind] = json!(micros(median(&mut times)));
    }
    Ok(figures)
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
