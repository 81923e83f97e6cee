//! `expire_orders`: every minute. Expires unpaid orders after their deadline, and fails orders that were not reserved in
//! time.
//!
//! Releases what they hold. Emits `order.expired.v1`, or `order.failed.v1`. Safe to run twice, late or concurrently: each
//! order is decided by a compare-and-set.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{OrderExpiredV1, OrderFailedV1};
use domain::Moment;
use domain::order::OrderStatus;
use futures_util::future::try_join_all;
use futures_util::{StreamExt, stream};
use runtime::schedule::Tick;
use runtime::telemetry::Metric;
use store::OrderKey;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Upkeep, "Expires unpaid orders and releases what they hold.")
    .schedule(Schedule::often("rate(1 minute)"))
    .grants(&[
        Grant::Table(Orders, &[GetItem, UpdateItem]),
        Grant::Index(Orders, "by_worklist"),
        Grant::Table(Coupons, &[UpdateItem]),
        Grant::Table(Counters, &[UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
    ]);

/// Orders of each kind per tick; the next tick continues.
const ORDERS_PER_SWEEP_MAX: usize = 1_000;
/// Orders that are expired concurrently.
const ORDERS_AT_ONCE: usize = 8;

pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    expire_orders(app, tick.time).await
}

/// Expires the orders that are due at `now`. A failure of one order does not affect the others.
pub async fn expire_orders(app: &App, now: Moment) -> Result<(), Failure> {
    let waiting = [OrderStatus::Created, OrderStatus::Reserved, OrderStatus::PendingPayment];
    let due = waiting.map(|status| app.store.due_orders(status, now, ORDERS_PER_SWEEP_MAX));
    let expired: Vec<Result<(), Failure>> = stream::iter(try_join_all(due).await?.into_iter().flatten())
        .map(|key| async move { retry_on_stale_read(|| expire_order(app, &key, now)).await })
        .buffer_unordered(ORDERS_AT_ONCE)
        .collect()
        .await;
    expired.into_iter().collect()
}

async fn expire_order(app: &App, key: &OrderKey, now: Moment) -> Result<(), Rejected> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    if let Some(failed) = order.clone().give_up(now) {
        let mut tx = app.tx()?;
        tx.save_order(&failed)?;
        tx.emit(&OrderFailedV1::from(&failed))?;
        tx.commit().await?;
        return Ok(());
    }
    // The index only nominates: it may not show yet that the order was paid.
    let Some(expired) = order.clone().expire(now) else { return Ok(()) };
    let mut tx = app.tx()?;
    tx.save_order(&expired)?;
    tx.release_holds(&order)?;
    tx.emit(&OrderExpiredV1::from(&expired))?;
    tx.commit().await?;
    app.count(Metric::OrdersExpired);
    Ok(())
}
