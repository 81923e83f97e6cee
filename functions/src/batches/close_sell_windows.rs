//! `close_sell_windows`: every minute. Closes offers whose time is over.
//!
//! An offer below its threshold is extended once, if its rules say so, or missed: emits `offer.missed.v1`, which cancels
//! its orders. Safe to run twice, late or concurrently: each offer is decided by a compare-and-set.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::OfferMissedV1;
use domain::Moment;
use domain::counter::{Counter, CounterStatus, shown};
use domain::id::BatchId;
use domain::offer::Offer;
use futures_util::{StreamExt, stream};
use runtime::schedule::Tick;
use store::batches::Due;
use store::stock::Pool;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Upkeep, "Extends, misses or closes offers whose time is over.")
    .schedule(Schedule::often("rate(1 minute)"))
    .grants(&[
        Grant::Table(Batches, &[DeleteItem, PutItem, Query]),
        Grant::Table(Catalog, &[Query, UpdateItem]),
        Grant::Table(Counters, &[BatchGetItem, GetItem, UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
    ]);

/// Offers that one tick closes; the next tick continues.
const OFFERS_PER_SWEEP_MAX: usize = 100;
/// Offers that are closed concurrently.
const OFFERS_AT_ONCE: usize = 4;

pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    close_sell_windows(app, tick.time).await
}

/// Closes the offers that are due at `now`. A failure of one offer does not affect the others.
pub async fn close_sell_windows(app: &App, now: Moment) -> Result<(), Failure> {
    let due = app.store.due(Due::Close, now, OFFERS_PER_SWEEP_MAX).await?;
    let closed: Vec<Result<(), Failure>> = stream::iter(due)
        .map(|(at, id)| async move { retry_on_stale_read(|| close_offer(app, at, id, now)).await })
        .buffer_unordered(OFFERS_AT_ONCE)
        .collect()
        .await;
    closed.into_iter().collect()
}

async fn close_offer(app: &App, at: Moment, id: BatchId, now: Moment) -> Result<(), Rejected> {
    let counter = app.store.load_counter(id.offer()).await?;
    let (window, offers) = app.store.load_window(id.offer().window).await?;
    let offer = offers.into_iter().find(|offer| offer.id == id.offer());
    let offer =
        offer.ok_or_else(|| Failure::broken(format!("offer {id} is due to close but not in the catalog table")))?;
    let mut tx = app.tx()?;
    tx.clear_due(Due::Close, at, id)?;
    if counter.status == CounterStatus::Open && offer.closes_at == at {
        let pool = Pool::Capacity(offer.id);
        let left = app.store.left(&[(pool, offer.capacity_shards)]).await?;
        let left = left.get(&pool).map(Vec::as_slice).unwrap_or_default();
        let taken = i64::from(offer.terms.capacity()) - left.iter().sum::<i64>();
        if taken >= i64::from(counter.threshold) {
            // Enough is reserved but not counted yet: the counter will reach its threshold by itself.
            return Ok(());
        }
        if let Some(extended) = offer.clone().extend(&window, now) {
            tx.save_offer(&extended)?;
            tx.save_counter(&counter.next(CounterStatus::Open))?;
            tx.set_due(Due::Close, extended.closes_at, id)?;
        } else {
            let missed = counter.next(CounterStatus::Missed);
            tx.save_counter(&missed)?;
            // The condition is the exact rest: a concurrent order may be the one that reaches the threshold.
            tx.close_pool(pool, offer.capacity_shards, Some(left))?;
            tx.emit(&announcement(&offer, &missed))?;
        }
    }
    tx.commit().await?;
    Ok(())
}

fn announcement(offer: &Offer, counter: &Counter) -> OfferMissedV1 {
    OfferMissedV1 {
        sell_window_id: offer.id.window,
        product_id: offer.id.product,
        batch_id: BatchId::of(offer.id),
        reserved_qty: shown(counter.reserved),
        threshold_qty: counter.threshold,
        version: counter.version,
    }
}
