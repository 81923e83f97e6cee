//! `update_product`: PATCH `/api/v1/admin/products/{product_id}`. An admin renames, describes, or puts on or off sale.

use crate::App;
use contracts::Failure;
use contracts::catalog::{ProductView, UpdateProduct};
use domain::Refusal;
use domain::catalog::ProductChange;
use domain::id::ProductId;
use runtime::http::{Request, Response};

/// Which, what.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = ProductId::parse(request.path("product_id")).ok_or(Refusal::ProductNotFound)?;
    let change = request.json::<UpdateProduct>()?.parse()?;
    Response::ok(&update_product(app, id, &change).await?)
}

/// Changes it and shows it as it is now.
pub async fn update_product(app: &App, id: ProductId, change: &ProductChange) -> Result<ProductView, Failure> {
    app.store.change_product(id, change, app.now()).await?;
    let product = app.store.find_product(id).await?.ok_or(Refusal::ProductNotFound)?;
    super::view(app, &[product]).await?.pop().ok_or(Refusal::ProductNotFound.into())
}
