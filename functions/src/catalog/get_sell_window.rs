//! `get_sell_window`: GET `/api/v1/sell-windows/{sell_window_id}`. One sell window with what is reserved and paid.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::sell_windows::SellWindowView;
use domain::Refusal;
use domain::id::SellWindowId;
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "One of them.")
    .routes(&[HttpRoute::get("/api/v1/sell-windows/{sell_window_id}", Public)])
    .grants(&[Grant::Table(Catalog, &[BatchGetItem, Query]), Grant::Table(Counters, &[BatchGetItem])]);

/// Which.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = SellWindowId::parse(request.path("sell_window_id")).ok_or(Refusal::SellWindowNotFound)?;
    Response::ok(&get_sell_window(app, id).await?)
}

/// The window.
pub async fn get_sell_window(app: &App, id: SellWindowId) -> Result<SellWindowView, Failure> {
    let found = app.store.load_window(id).await?;
    super::view_windows(app, &[found]).await?.pop().ok_or(Refusal::SellWindowNotFound.into())
}
