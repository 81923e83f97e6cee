//! `get_product`: GET `/api/v1/products/{product_id}`. One product on sale, with the remaining stock.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::catalog::{ProductView, VariantView};
use domain::Refusal;
use domain::catalog::ProductStatus;
use domain::id::ProductId;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Shop, "Returns a product on sale with its variants and their stock.")
        .routes(&[HttpRoute::get("/api/v1/products/{product_id}", Public)])
        .grants(&[Grant::Table(Catalog, &[Query]), Grant::Table(Counters, &[BatchGetItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = ProductId::parse(request.path("product_id")).ok_or(Refusal::ProductNotFound)?;
    Response::ok(&get_product(app, id).await?)
}

/// The product; a product that is not on sale is not found.
pub async fn get_product(app: &App, id: ProductId) -> Result<ProductView, Failure> {
    let found = app.store.find_product(id).await?.filter(|(product, _)| product.status == ProductStatus::Active);
    super::view(app, &[found.ok_or(Refusal::ProductNotFound)?], VariantView::new)
        .await?
        .pop()
        .ok_or(Refusal::ProductNotFound.into())
}
