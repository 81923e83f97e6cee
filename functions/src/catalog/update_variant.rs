//! `update_variant`: PATCH `/api/v1/admin/variants/{variant_id}`. An admin changes name, SKU, price or status of a variant,
//! its low-stock limit, or the number of its stock shards, also while it is being sold.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::catalog::{UpdateVariant, VariantView};
use domain::Refusal;
use domain::catalog::VariantChange;
use domain::id::VariantId;
use runtime::http::{Request, Response};
use store::stock::Pool;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Admin,
    "An admin changes a variant's name, SKU, price, availability, low-stock limit or stock shards.",
)
.routes(&[HttpRoute::patch("/api/v1/admin/variants/{variant_id}", Admin)])
.grants(&[
    Grant::Table(Catalog, &[DeleteItem, GetItem, PutItem, UpdateItem]),
    Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = VariantId::parse(request.path("variant_id")).ok_or(Refusal::VariantNotFound)?;
    let change = request.json::<UpdateVariant>()?.parse(app.shop())?;
    Response::ok(&retry_on_stale_read(|| update_variant(app, id, &change)).await?)
}

/// Changes the variant and returns it. Existing orders keep their price.
pub async fn update_variant(app: &App, id: VariantId, change: &VariantChange) -> Result<VariantView, Rejected> {
    let variant = app.store.load_variant(id).await?;
    let pool = Pool::Stock(id);
    let left = app.store.left_of(pool, variant.stock_shards).await?;
    let mut tx = app.tx()?;
    tx.change_variant(&variant, change)?;
    if let Some(number) = change.stock_shards {
        tx.reshape_pool(pool, &left, variant.stock_shards.resized(number), 0, None)?;
    }
    tx.commit().await?;
    Ok(VariantView::for_admins(&variant.changed(change, app.now()), left.iter().sum()))
}
