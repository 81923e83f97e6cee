//! `get_openapi`: GET /api/v1/openapi.json. The OpenAPI document, generated from the code's types.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Returns the OpenAPI document.")
    .routes(&[HttpRoute::get("/api/v1/openapi.json", Public)]);

/// A test compares it with the types, so that the deployed binary does not need the generator.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/openapi.deflate"));
/// The maximum age of the document in caches.
const CACHE_CONTROL: &str = "public, max-age=300";

pub async fn handle(_app: &App, _request: Request) -> Result<Response, Failure> {
    let document =
        miniz_oxide::inflate::decompress_to_vec(PACKED).map_err(|error| Failure::broken(error.to_string()))?;
    let document = String::from_utf8(document).map_err(Failure::broken)?;
    Ok(Response::json(200, document).with("cache-control", CACHE_CONTROL))
}
