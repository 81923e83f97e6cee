//! `update_product`: PATCH `/api/v1/admin/products/{product_id}`. An admin changes a product's name, description, category,
//! tags or status.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::catalog::{ProductView, UpdateProduct, VariantView};
use domain::Refusal;
use domain::catalog::ProductChange;
use domain::id::ProductId;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin changes a product's name, description, category, tags or status.")
        .routes(&[HttpRoute::patch("/api/v1/admin/products/{product_id}", Admin)])
        .grants(&[Grant::Table(Catalog, &[Query, UpdateItem]), Grant::Table(Counters, &[BatchGetItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = ProductId::parse(request.path("product_id")).ok_or(Refusal::ProductNotFound)?;
    let change = request.json::<UpdateProduct>()?.parse()?;
    Response::ok(&update_product(app, id, &change).await?)
}

/// Changes the product and returns it.
pub async fn update_product(app: &App, id: ProductId, change: &ProductChange) -> Result<ProductView, Failure> {
    let mut tx = app.tx()?;
    tx.change_product(id, change)?;
    tx.commit().await?;
    let product = app.store.find_product(id).await?.ok_or(Refusal::ProductNotFound)?;
    super::view(app, &[product], VariantView::for_admins).await?.pop().ok_or(Refusal::ProductNotFound.into())
}
