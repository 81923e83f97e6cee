//! `get_best_sellers`: GET /api/v1/products/best-sellers. What sold most in the last shop days: one read.

use super::refresh_best_sellers::best_sellers;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::rankings::BestSellersView;
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "What sold best in the last days.")
    .routes(&[HttpRoute::get("/api/v1/products/best-sellers", Public)])
    .grants(&[Grant::Table(Rankings, &[GetItem]), Grant::Table(Counters, &[Query]), Grant::Table(Catalog, &[Query])]);

/// How long anybody in between may keep the answer. It changes hourly.
const CACHE_CONTROL: &str = "public, max-age=60";

/// Anybody.
pub async fn handle(app: &App, _request: Request) -> Result<Response, Failure> {
    Ok(Response::ok(&get_best_sellers(app).await?)?.with("cache-control", CACHE_CONTROL))
}

/// As they were last written down. In a shop so young that they never were, as they are.
pub async fn get_best_sellers(app: &App) -> Result<BestSellersView, Failure> {
    match app.store.find_best_sellers().await? {
        Some(view) => Ok(view),
        None => best_sellers(app, app.now()).await,
    }
}
