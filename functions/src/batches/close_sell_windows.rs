//! `close_sell_windows`: every minute. Closes the offers whose time is over.
//!
//! An offer below its threshold is extended, once, if its terms say so; otherwise it is MISSED, and `offer.missed.v1` leads
//! to the cancellation of its orders. Safe to run twice, late or concurrently: a compare-and-set on each offer decides.

use crate::App;
use crate::manifest::prelude::*;
use crate::sweep::{PAGE, work_through};
use contracts::Failure;
use contracts::events::OfferMissedV1;
use domain::Moment;
use domain::counter::{Counter, CounterStatus, shown};
use domain::id::BatchId;
use domain::offer::{Closing, Offer};
use runtime::schedule::Tick;
use store::batches::Due;
use store::stock::Pool;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Upkeep,
    "Closes the offers whose time is over: each is extended, is missed, or waits for the confirmation of its \
         batch.",
)
.schedule(Schedule::often("rate(1 minute)"))
.grants(&[
    Grant::Table(Batches, &[DeleteItem, PutItem, Query]),
    Grant::Table(Catalog, &[Query, UpdateItem]),
    Grant::Table(Counters, &[BatchGetItem, GetItem, UpdateItem]),
    Grant::Table(Outbox, &[PutItem]),
]);

/// Offers that are closed at the same time.
const OFFERS_AT_ONCE: usize = 4;

/// Reads the time of the tick.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    close_sell_windows(app, tick.time).await
}

/// Closes every offer that is due at `now`. An offer that cannot be closed does not delay the others.
pub async fn close_sell_windows(app: &App, now: Moment) -> Result<(), Failure> {
    work_through(
        OFFERS_AT_ONCE,
        |after| async move { app.store.due(Due::Close, now, after.as_deref(), PAGE).await },
        |(at, id)| async move { retry_on_stale_read(|| close_offer(app, at, id, now)).await },
    )
    .await
}

async fn close_offer(app: &App, at: Moment, id: BatchId, now: Moment) -> Result<(), Rejected> {
    let counter = app.store.load_counter(id.offer()).await?;
    let (window, offers) = app.store.load_window(id.offer().window).await?;
    let offer = offers.into_iter().find(|offer| offer.id == id.offer());
    let offer =
        offer.ok_or_else(|| Failure::broken(format!("offer {id} is in the due list but not in its sell window")))?;
    let mut tx = app.tx()?;
    tx.clear_due(Due::Close, at, id)?;
    if counter.status == CounterStatus::Open && offer.closes_at == at {
        let pool = Pool::Capacity(offer.id);
        let left = app.store.left(&[(pool, offer.capacity_shards)]).await?;
        let left = left.get(&pool).map(Vec::as_slice).unwrap_or_default();
        let taken = i64::from(offer.terms.capacity()) - left.iter().sum::<i64>();
        match offer.close(&window, &counter, taken, now) {
            Closing::Decided => {}
            Closing::Reaches => return Ok(()),
            Closing::Extended(extended) => {
                tx.save_offer(&extended)?;
                tx.save_counter(&counter.next(CounterStatus::Open))?;
                tx.set_due(Due::Close, extended.closes_at, id)?;
            }
            Closing::Missed => {
                let missed = counter.next(CounterStatus::Missed);
                tx.save_counter(&missed)?;
                // Only if exactly this much is left: an order that is placed meanwhile may be the missing one.
                tx.close_pool(pool, offer.capacity_shards, Some(left))?;
                tx.emit(&announcement(&offer, &missed))?;
            }
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
