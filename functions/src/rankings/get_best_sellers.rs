//! `get_best_sellers`: GET /api/v1/products/best-sellers. The best-selling products of the last shop days, in one read.

use super::refresh_best_sellers::best_sellers;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::rankings::BestSellersView;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Returns the best sellers of the last shop days.")
    .routes(&[HttpRoute::get("/api/v1/products/best-sellers", Public)])
    .grants(&[Grant::Table(Rankings, &[GetItem]), Grant::Table(Counters, &[Query]), Grant::Table(Catalog, &[Query])]);

/// The maximum age of the response in caches. The ranking changes hourly.
const CACHE_CONTROL: &str = "public, max-age=60";

pub async fn handle(app: &App, _request: Request) -> Result<Response, Failure> {
    Ok(Response::ok(&get_best_sellers(app).await?)?.with("cache-control", CACHE_CONTROL))
}

/// The stored ranking; in a new shop without one, it is computed.
pub async fn get_best_sellers(app: &App) -> Result<BestSellersView, Failure> {
    match app.store.find_best_sellers().await? {
        Some(view) => Ok(view),
        None => best_sellers(app, app.now()).await,
    }
}
