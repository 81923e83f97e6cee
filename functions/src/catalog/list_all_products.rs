//! `list_all_products`: GET /api/v1/admin/products. Products in every status, or in one, with all variants, newest first.

use crate::App;
use crate::manifest::prelude::*;
use crate::paging::page_within_bytes;
use contracts::catalog::{ProductView, VariantView};
use contracts::page::PageQuery;
use contracts::{Failure, Page};
use domain::catalog::ProductStatus;
use runtime::http::{Request, Response};
use store::orders::Reads;

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Lists the products in every status.")
    .routes(&[HttpRoute::get("/api/v1/admin/products", Admin).query(&["status", "limit", "cursor"])])
    .grants(&[
        Grant::Table(Catalog, &[Query]),
        Grant::Index(Catalog, "by_status"),
        Grant::Table(Counters, &[BatchGetItem]),
    ]);

/// Reads the filter and the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let status = request.query("status").map(|text| ProductStatus::parse("status", text)).transpose()?;
    page_within_bytes(&page, |page| async move { list_all_products(app, status, &page).await }).await
}

/// A page of the products in this status, or in any.
pub async fn list_all_products(
    app: &App,
    status: Option<ProductStatus>,
    page: &PageQuery,
) -> Result<Page<ProductView>, Failure> {
    let statuses = status.map_or_else(|| ProductStatus::ALL.to_vec(), |status| vec![status]);
    let found = app.store.list_products(&statuses, page.limit, page.cursor.as_deref(), Reads::Strong).await?;
    Ok(Page { items: super::view(app, &found.items, VariantView::for_admins).await?, next_cursor: found.next_cursor })
}
