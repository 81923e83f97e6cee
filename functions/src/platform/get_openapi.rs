//! `get_openapi`: GET /api/v1/openapi.json. The contract, as it was generated from the code's own types.

use crate::App;
use contracts::Failure;
use runtime::http::{Request, Response};

/// Checked against the types by a test, so that the deployed binary need not carry what generates it.
const DOCUMENT: &str = include_str!("../../../infra/openapi.json");
/// How long anybody in between may keep it.
const CACHE_CONTROL: &str = "public, max-age=300";

/// Anybody.
pub async fn handle(_app: &App, _request: Request) -> Result<Response, Failure> {
    Ok(Response::json(200, DOCUMENT.to_owned()).with("cache-control", CACHE_CONTROL))
}
