//! `update_variant`: PATCH `/api/v1/admin/variants/{variant_id}`. An admin renames, prices, or puts on or off sale.

use crate::App;
use contracts::Failure;
use contracts::catalog::{UpdateVariant, VariantView};
use domain::Refusal;
use domain::catalog::VariantChange;
use domain::id::VariantId;
use runtime::http::{Request, Response};

/// Which, what.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = VariantId::parse(request.path("variant_id")).ok_or(Refusal::VariantNotFound)?;
    let change = request.json::<UpdateVariant>()?.parse(app.shop())?;
    Response::ok(&update_variant(app, id, &change).await?)
}

/// Changes it and shows it as it is now. Orders that were placed keep their price.
pub async fn update_variant(app: &App, id: VariantId, change: &VariantChange) -> Result<VariantView, Failure> {
    app.store.change_variant(id, change, app.now()).await?;
    let variant = app.store.load_variant(id).await?;
    let left = app.store.available([&variant]).await?.get(&id).copied().unwrap_or_default();
    Ok(VariantView::new(&variant, left))
}
