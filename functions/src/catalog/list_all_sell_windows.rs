//! `list_all_sell_windows`: GET /api/v1/admin/sell-windows. Past and future sell windows with all offers, newest first.

use super::Shown;
use crate::App;
use crate::manifest::prelude::*;
use crate::paging::page_within_bytes;
use contracts::page::PageQuery;
use contracts::sell_windows::SellWindowView;
use contracts::{Failure, Page};
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Lists past and future sell windows with all offers.")
    .routes(&[HttpRoute::get("/api/v1/admin/sell-windows", Admin).query(&["limit", "cursor"])])
    .grants(&[Grant::Table(Catalog, &[BatchGetItem, Query]), Grant::Table(Counters, &[BatchGetItem])]);

/// Reads the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    page_within_bytes(&page, |page| async move { list_all_sell_windows(app, &page).await }).await
}

/// A page of windows.
pub async fn list_all_sell_windows(app: &App, page: &PageQuery) -> Result<Page<SellWindowView>, Failure> {
    let found = app.store.list_windows(page).await?;
    Ok(Page { items: super::view_windows(app, &found.items, Shown::All).await?, next_cursor: found.next_cursor })
}
