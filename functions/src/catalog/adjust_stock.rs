//! `adjust_stock`: POST `/api/v1/admin/variants/{variant_id}/stock`. An admin adds or removes stock, never below 0.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::catalog::{AdjustStock, StockView};
use domain::id::{AdjustmentId, CustomerId, VariantId};
use domain::stock::Allocation;
use domain::text::Reason;
use domain::{Refusal, stock};
use runtime::http::{Request, Response};
use store::stock::{Adjustment, Pool};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin adds or removes stock of a variant, with a reason.")
        .routes(&[HttpRoute::post("/api/v1/admin/variants/{variant_id}/stock", Admin)])
        .grants(&[
            Grant::Table(Catalog, &[GetItem]),
            Grant::Table(Counters, &[BatchGetItem, GetItem, PutItem, UpdateItem]),
        ]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let admin = request.admin()?;
    let idempotency = app.idempotency(&app.store.tables().counters, &admin, &request)?;
    let variant = VariantId::parse(request.path("variant_id")).ok_or(Refusal::VariantNotFound)?;
    let (delta, reason) = request.json::<AdjustStock>()?.parse()?;
    let work = retry_on_stale_read(|| adjust_stock(app, &admin, idempotency.as_ref(), variant, delta, &reason));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Changes the shards and stores the adjustment with its reason in one transaction.
pub async fn adjust_stock(
    app: &App,
    admin: &CustomerId,
    idempotency: Option<&Idempotency>,
    id: VariantId,
    delta: i64,
    reason: &Reason,
) -> Result<Answer, Rejected> {
    let variant = app.store.load_variant(id).await?;
    let pool = Pool::Stock(id);
    let left = app.store.left_of(pool, variant.stock_shards).await?;
    let pieces = u32::try_from(delta.unsigned_abs()).unwrap_or(u32::MAX);
    let available_qty = left.iter().sum::<i64>() + delta;
    let answer = Answer::new(200, &StockView { variant_id: id.to_string(), available_qty })?;

    let refusal = Refusal::OutOfStock { variant: id };
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    if delta < 0 {
        let allocations = stock::take(pieces, &left, &[]).ok_or_else(|| refusal.clone())?;
        tx.take(pool, &allocations, &refusal)?;
    } else {
        let shares: Vec<Allocation> =
            stock::spread(pieces, variant.stock_shards.used()).into_iter().filter(|share| share.quantity > 0).collect();
        tx.give(pool, &shares)?;
    }
    tx.insert_adjustment(&Adjustment {
        id: AdjustmentId::new(app.new_id()?),
        variant: id,
        delta,
        reason: reason.clone(),
        by: admin.to_string(),
        at: app.now(),
    })?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
