//! `list_products`: GET /api/v1/products. What is on sale, newest first, with what is left of it.

use crate::App;
use crate::manifest::prelude::*;
use contracts::catalog::ProductView;
use contracts::page::PageQuery;
use contracts::{Failure, Page};
use domain::catalog::ProductStatus;
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "What is on sale, page by page.")
    .routes(&[HttpRoute::get("/api/v1/products", Public)])
    .grants(&[
        Grant::Table(Catalog, &[Query]),
        Grant::Index(Catalog, "by_status"),
        Grant::Table(Counters, &[BatchGetItem]),
    ]);

/// Which page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    Response::ok(&list_products(app, &request.page()?).await?)
}

/// A page of active products.
pub async fn list_products(app: &App, page: &PageQuery) -> Result<Page<ProductView>, Failure> {
    let found = app.store.list_products(ProductStatus::Active, page.limit, page.cursor.as_deref()).await?;
    Ok(Page { items: super::view(app, &found.items).await?, next_cursor: found.next_cursor })
}
