//! `list_sell_windows`: GET /api/v1/sell-windows. The sell windows, newest first, with what is reserved and paid.

use crate::App;
use crate::manifest::prelude::*;
use contracts::page::PageQuery;
use contracts::sell_windows::SellWindowView;
use contracts::{Failure, Page};
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest =
    Manifest::new(Binary::Shop, "Periods in which preorders are taken, with what is reserved and paid.")
        .routes(&[HttpRoute::get("/api/v1/sell-windows", Public)])
        .grants(&[Grant::Table(Catalog, &[BatchGetItem, Query]), Grant::Table(Counters, &[BatchGetItem])]);

/// Which page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    Response::ok(&list_sell_windows(app, &request.page()?).await?)
}

/// A page of windows.
pub async fn list_sell_windows(app: &App, page: &PageQuery) -> Result<Page<SellWindowView>, Failure> {
    let found = app.store.list_windows(page).await?;
    Ok(Page { items: super::view_windows(app, &found.items).await?, next_cursor: found.next_cursor })
}
