//! `inspect_product`: GET `/api/v1/admin/products/{product_id}`. One product in any status, with all variants and their
//! stock.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::catalog::{ProductView, VariantView};
use domain::Refusal;
use domain::id::ProductId;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Returns a product in any status with all variants.")
    .routes(&[HttpRoute::get("/api/v1/admin/products/{product_id}", Admin)])
    .grants(&[Grant::Table(Catalog, &[Query]), Grant::Table(Counters, &[BatchGetItem])]);

/// Reads the product's id.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = ProductId::parse(request.path("product_id")).ok_or(Refusal::ProductNotFound)?;
    Response::ok(&inspect_product(app, id).await?)
}

/// The product in any status.
pub async fn inspect_product(app: &App, id: ProductId) -> Result<ProductView, Failure> {
    let found = app.store.find_product(id).await?.ok_or(Refusal::ProductNotFound)?;
    super::view(app, &[found], VariantView::for_admins).await?.pop().ok_or(Refusal::ProductNotFound.into())
}
