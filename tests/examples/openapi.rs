//! Writes `infra/openapi.json` anew from the routes and their types: `cargo run -p tests --example openapi`.

use std::error::Error;
use std::fs;

fn main() -> Result<(), Box<dyn Error>> {
    let document = contracts::openapi::document(runtime::problem::status)?;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/openapi.json");
    Ok(fs::write(path, format!("{document:#}\n"))?)
}
