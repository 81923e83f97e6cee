//! `create_product`: POST /api/v1/admin/products. An admin creates a product.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::catalog::{CreateProduct, NewProduct, ProductView};
use domain::catalog::Product;
use domain::id::ProductId;
use runtime::http::{Request, Response};
use store::{Answer, Idempotency};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin adds a product.")
    .routes(&[HttpRoute::post("/api/v1/admin/products", Admin)])
    .grants(&[Grant::Table(Catalog, &[PutItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().catalog, &request.admin()?, &request)?;
    let new = request.json::<CreateProduct>()?.parse()?;
    let answer = create_product(app, idempotency.as_ref(), new).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Writes the product.
pub async fn create_product(app: &App, idempotency: Option<&Idempotency>, new: NewProduct) -> Result<Answer, Failure> {
    let now = app.now();
    let product = Product {
        id: ProductId::new(app.new_id()?),
        name: new.name,
        description: new.description,
        category: new.category,
        tags: new.tags,
        images: Vec::new(),
        status: new.status,
        variant_count: 0,
        created_at: now,
        updated_at: now,
    };
    let answer = Answer::new(201, &ProductView::new(&product, Vec::new()))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.about("product", product.id);
    tx.insert_product(&product)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
