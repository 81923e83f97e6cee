//! `list_products`: GET /api/v1/products. The products on sale with their stock, from a cache that is a few seconds old.

use crate::App;
use crate::manifest::prelude::*;
use crate::paging::page_within_bytes;
use contracts::catalog::{ProductView, VariantView};
use contracts::page::PageQuery;
use contracts::{Failure, Page};
use domain::Invalid;
use domain::product_filter::{ProductFilter, ProductSort};
use domain::text::{Category, Line};
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Lists the products on sale.")
    .routes(&[HttpRoute::get("/api/v1/products", Public).query(&["category", "sort", "q", "limit", "cursor"])])
    .grants(&[
        Grant::Table(Catalog, &[Query]),
        Grant::Index(Catalog, "by_status"),
        Grant::Table(Counters, &[BatchGetItem]),
    ]);

/// Reads the filter, the order and the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let filter = read_filter(&request)?;
    page_within_bytes(&page, |page| list_products(app, &filter, page)).await
}

fn read_filter(request: &Request) -> Result<ProductFilter, Invalid> {
    let mut wrong = Invalid::default();
    let filter = ProductFilter {
        category: request.query("category").and_then(|text| wrong.check(Category::parse("category", text))),
        name_part: request.query("q").and_then(|text| wrong.check(Line::parse("q", text))),
        sort: request.query("sort").and_then(|text| wrong.check(ProductSort::parse("sort", text))).unwrap_or_default(),
    };
    wrong.into_result(Some(filter))
}

/// A page of active products.
pub async fn list_products(app: &App, filter: &ProductFilter, page: PageQuery) -> Result<Page<ProductView>, Failure> {
    let now = app.now();
    let found = app.store.shown_products(filter, &page, now).await?;
    let left = app.store.shown_stock(found.items.iter().flat_map(|(_, variants)| variants), now).await?;
    Ok(Page { items: super::view_with(&found.items, &left, VariantView::new), next_cursor: found.next_cursor })
}
