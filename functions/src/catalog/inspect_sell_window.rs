//! `inspect_sell_window`: GET `/api/v1/admin/sell-windows/{sell_window_id}`. One sell window with all offers, disabled ones
//! included, and their production and shard settings.

use super::Shown;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::sell_windows::SellWindowView;
use domain::Refusal;
use domain::id::SellWindowId;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "Returns a sell window with all offers and their internal settings.")
        .routes(&[HttpRoute::get("/api/v1/admin/sell-windows/{sell_window_id}", Admin)])
        .grants(&[Grant::Table(Catalog, &[BatchGetItem, Query]), Grant::Table(Counters, &[BatchGetItem])]);

/// Reads the window's id.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = SellWindowId::parse(request.path("sell_window_id")).ok_or(Refusal::SellWindowNotFound)?;
    Response::ok(&inspect_sell_window(app, id).await?)
}

/// The window at any time, past and future.
pub async fn inspect_sell_window(app: &App, id: SellWindowId) -> Result<SellWindowView, Failure> {
    let found = app.store.load_window(id).await?;
    super::view_windows(app, &[found], Shown::All).await?.pop().ok_or(Refusal::SellWindowNotFound.into())
}
