//! `create_product`: POST /api/v1/admin/products. An admin describes something to sell.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::catalog::{CreateProduct, NewProduct, ProductView};
use domain::catalog::Product;
use domain::id::ProductId;
use runtime::http::{Request, Response};
use store::{Answer, Idempotency};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin adds a product.")
    .routes(&[HttpRoute::post("/api/v1/admin/products", Admin)])
    .grants(&[Grant::Table(Catalog, &[PutItem])]);

/// Who, which key, what.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().catalog, &request.admin()?, &request)?;
    let new = request.json::<CreateProduct>()?.parse()?;
    let answer = create_product(app, idempotency.as_ref(), new).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Writes the product down.
pub async fn create_product(app: &App, idempotency: Option<&Idempotency>, new: NewProduct) -> Result<Answer, Failure> {
    let now = app.now();
    let product = Product {
        id: ProductId::new(app.new_id()?),
        name: new.name,
        description: new.description,
        status: new.status,
        variant_count: 0,
        created_at: now,
        updated_at: now,
    };
    let answer = Answer::new(201, &ProductView::new(&product, []))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.insert_product(&product)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
