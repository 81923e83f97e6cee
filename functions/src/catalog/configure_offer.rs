//! `configure_offer`: PUT `/api/v1/admin/sell-windows/{sell_window_id}/offers/{product_id}`. An admin offers a product in a
//! sell window, or changes the terms of its offer.
//!
//! Emits `threshold.created.v1` the first time, and `batch.threshold_reached.v1` when a lowered threshold is already
//! reached.

use crate::App;
use crate::batches;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::ThresholdCreatedV1;
use contracts::sell_windows::{ConfigureOffer, OfferView};
use domain::catalog::Product;
use domain::counter::{Counter, shown};
use domain::id::{BatchId, OfferId, ProductId, SellWindowId};
use domain::offer::{Offer, Terms};
use domain::sell_window::SellWindow;
use domain::{Invalid, Refusal, stock};
use runtime::http::{Request, Response};
use store::batches::Due;
use store::stock::Pool;
use store::{Rejected, Tx, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Admin,
    "An admin offers a product in a sell window or changes its offer; a lowered threshold can create the batch.",
)
.routes(&[HttpRoute::put("/api/v1/admin/sell-windows/{sell_window_id}/offers/{product_id}", Admin)])
.grants(&[
    Grant::Table(Catalog, &[GetItem, PutItem, Query, UpdateItem]),
    Grant::Table(Counters, &[BatchGetItem, GetItem, PutItem, UpdateItem]),
    Grant::Table(Batches, &[PutItem]),
    Grant::Table(Outbox, &[PutItem]),
]);

/// Reads the offer and its terms.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let window = SellWindowId::parse(request.path("sell_window_id")).ok_or(Refusal::SellWindowNotFound)?;
    let product = ProductId::parse(request.path("product_id")).ok_or(Refusal::ProductNotFound)?;
    let (terms, shards) = request.json::<ConfigureOffer>()?.parse()?;
    let id = OfferId { window, product };
    Response::ok(&retry_on_stale_read(|| configure_offer(app, id, terms.clone(), shards)).await?)
}

pub async fn configure_offer(app: &App, id: OfferId, terms: Terms, shards: Option<u8>) -> Result<OfferView, Rejected> {
    let (window, offers) = app.store.load_window(id.window).await?;
    let product = app.store.load_product(id.product).await?;
    match offers.into_iter().find(|offer| offer.id == id) {
        None => create(app, &window, &product, terms, shards.unwrap_or(1)).await,
        Some(offer) if shards.is_some_and(|shards| shards != offer.capacity_shards) => {
            let message = "cannot change once the offer is there";
            Err(Refusal::from(Invalid::field("capacity_shards", message)).into())
        }
        Some(offer) => change(app, &product, offer, terms).await,
    }
}

async fn create(
    app: &App,
    window: &SellWindow,
    product: &Product,
    terms: Terms,
    capacity_shards: u8,
) -> Result<OfferView, Rejected> {
    let now = app.now();
    let offer = Offer {
        id: OfferId { window: window.id, product: product.id },
        terms,
        capacity_shards,
        closes_at: window.end_at,
        extended: false,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let counter = Counter::new(offer.id, offer.terms.threshold_qty);
    let mut tx = app.tx()?;
    tx.insert_offer(&offer)?;
    tx.insert_counter(&counter)?;
    tx.insert_pool(Pool::Capacity(offer.id), &stock::spread(offer.terms.capacity(), capacity_shards))?;
    tx.set_due(Due::Close, offer.closes_at, BatchId::of(offer.id))?;
    tx.emit(&ThresholdCreatedV1 {
        sell_window_id: window.id,
        product_id: product.id,
        threshold_qty: offer.terms.threshold_qty,
        max_total_qty: offer.terms.max_total_qty,
        closes_at: offer.closes_at,
        version: counter.version,
    })?;
    tx.commit().await?;
    Ok(OfferView::new(&offer, &counter, product))
}

async fn change(app: &App, product: &Product, before: Offer, terms: Terms) -> Result<OfferView, Rejected> {
    let now = app.now();
    let counter = app.store.load_counter(before.id).await?;
    let offer = before.clone().configure(terms, &counter, now)?;
    if offer == before {
        return Ok(OfferView::new(&offer, &counter, product));
    }
    let status = counter.status;
    let mut counter = Counter { threshold: offer.terms.threshold_qty, ..counter.next(status) };
    let mut tx = app.tx()?;
    tx.save_offer(&offer)?;
    if counter.reach(None, now) {
        batches::reach(&mut tx, &counter, now)?;
    }
    // Saved even without a change: concurrent decisions on this counter are repeated with the new rules.
    tx.save_counter(&counter)?;
    resize(app, &mut tx, &before, &offer, &counter).await?;
    tx.commit().await?;
    Ok(OfferView::new(&offer, &counter, product))
}

/// Adds places to the capacity, or removes free places.
async fn resize(app: &App, tx: &mut Tx<'_>, before: &Offer, offer: &Offer, counter: &Counter) -> Result<(), Rejected> {
    let (old, new) = (before.terms.capacity(), offer.terms.capacity());
    let pool = Pool::Capacity(offer.id);
    if new > old {
        let more = stock::spread(new - old, offer.capacity_shards);
        let more: Vec<_> = more.into_iter().filter(|share| share.quantity > 0).collect();
        return Ok(tx.give(pool, &more)?);
    }
    if new == old {
        return Ok(());
    }
    let left = app.store.left(&[(pool, offer.capacity_shards)]).await?;
    let left = left.get(&pool).map(Vec::as_slice).unwrap_or_default();
    let free: i64 = left.iter().sum();
    let reserved_qty = u64::try_from(i64::from(old) - free).unwrap_or_default();
    let waiting_qty = u64::try_from(shown(counter.waiting)).unwrap_or_default();
    let refusal = Refusal::CapacityBelowReserved { reserved_qty: reserved_qty.max(waiting_qty) };
    let fewer = stock::take(old - new, left, &[]).ok_or_else(|| refusal.clone())?;
    Ok(tx.take(pool, &fewer, &refusal)?)
}
