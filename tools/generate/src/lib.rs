//! Files that are generated from the use cases' manifests (`functions::manifest`) and committed, so that they are reviewed
//! and deployed as they are: a stack of functions per area, the stack of these stacks, the OpenAPI document, the list of
//! sample events.

mod area;
mod document;
mod examples;
mod function;
mod queue;
mod role;
mod samples;
mod stacks;
mod text;

use contracts::openapi::Incomplete;
use functions::{ROUTES, USE_CASES};

/// The command that writes the files.
pub const COMMAND: &str = "make generate";

/// A generated file.
#[derive(Debug)]
pub struct File {
    /// The path in the repository.
    pub path: String,
    /// The content.
    pub text: String,
}

/// Every generated file.
///
/// # Errors
/// [`Incomplete`] when a route has no description in the contract.
pub fn files() -> Result<Vec<File>, Incomplete> {
    let mut document = contracts::openapi::document(ROUTES, runtime::problem::status)?;
    examples::add(&mut document);
    let mut files = vec![
        File { path: "infra/openapi.json".to_owned(), text: document::text(&document) },
        File { path: "events/README.md".to_owned(), text: samples::list() },
    ];
    let areas: Vec<(&str, String)> = areas().into_iter().map(|area| (area, area::stack(area))).collect();
    files.push(File { path: "infra/functions.yaml".to_owned(), text: stacks::stack(&areas) });
    files.extend(areas.into_iter().map(|(area, text)| File { path: format!("infra/functions/{area}.yaml"), text }));
    Ok(files)
}

/// The areas, in the order of the use cases.
fn areas() -> Vec<&'static str> {
    let mut areas: Vec<&str> = USE_CASES.iter().map(|use_case| use_case.area).collect();
    areas.dedup();
    areas
}
