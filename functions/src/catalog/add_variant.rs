//! `add_variant`: POST `/api/v1/admin/products/{product_id}/variants`. An admin adds a variant with its price and initial
//! stock.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::catalog::{AddVariant, NewVariant, VariantView};
use domain::Refusal;
use domain::catalog::Variant;
use domain::id::{AdjustmentId, CustomerId, ProductId, VariantId};
use domain::stock::{self, Shards};
use domain::text::Reason;
use runtime::http::{Request, Response};
use store::stock::{Adjustment, Pool};
use store::{Answer, Idempotency};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin adds a variant to a product, with its price and initial stock.")
        .routes(&[HttpRoute::post("/api/v1/admin/products/{product_id}/variants", Admin)])
        .grants(&[Grant::Table(Catalog, &[GetItem, PutItem, UpdateItem]), Grant::Table(Counters, &[PutItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let admin = request.admin()?;
    let idempotency = app.idempotency(&app.store.tables().catalog, &admin, &request)?;
    let product = ProductId::parse(request.path("product_id")).ok_or(Refusal::ProductNotFound)?;
    let new = request.json::<AddVariant>()?.parse(app.shop())?;
    let work = add_variant(app, &admin, idempotency.as_ref(), product, new);
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Writes the variant, its SKU, the shards of its stock and the stock adjustment in one transaction.
pub async fn add_variant(
    app: &App,
    admin: &CustomerId,
    idempotency: Option<&Idempotency>,
    product: ProductId,
    new: NewVariant,
) -> Result<Answer, Failure> {
    app.store.load_product(product).await?;
    let now = app.now();
    let serial = u32::try_from(app.new_id()?.as_u128() & u128::from(u32::MAX)).unwrap_or_default();
    let variant = Variant {
        id: VariantId::new(product, serial),
        sku: new.sku,
        name: new.name,
        price: new.price,
        currency: app.shop().currency,
        is_active: true,
        stock_shards: Shards::new(new.stock_shards),
        low_stock_qty: None,
        created_at: now,
        updated_at: now,
    };
    let answer = Answer::new(201, &VariantView::new(&variant, i64::from(new.stock_qty)))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.insert_variant(&variant)?;
    tx.insert_pool(Pool::Stock(variant.id), &stock::spread(new.stock_qty, new.stock_shards))?;
    if new.stock_qty > 0 {
        tx.insert_adjustment(&Adjustment {
            id: AdjustmentId::new(app.new_id()?),
            variant: variant.id,
            delta: i64::from(new.stock_qty),
            reason: Reason::parse("reason", "initial stock")?,
            by: admin.to_string(),
            at: now,
        })?;
    }
    Ok(tx.commit().await?.unwrap_or(answer))
}
