//! `expire_orders`: every minute. Expires orders that are unpaid after their deadline and releases their holds; fails
//! orders that were not reserved in time.
//!
//! Emits `order.expired.v1`, or `order.failed.v1`. Safe to run twice, late or concurrently: a compare-and-set on each order
//! decides.

use crate::App;
use crate::manifest::prelude::*;
use crate::sweep::{PAGE, work_through};
use contracts::Failure;
use contracts::events::{OrderExpiredV1, OrderFailedV1};
use domain::Moment;
use domain::order::OrderStatus;
use runtime::schedule::Tick;
use runtime::telemetry::Metric;
use store::OrderKey;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Upkeep, "Expires orders that are unpaid after their deadline, and releases their holds.")
        .schedule(Schedule::often("rate(1 minute)"))
        .grants(&[
            Grant::Table(Orders, &[GetItem, UpdateItem]),
            Grant::Index(Orders, "by_worklist"),
            Grant::Table(Coupons, &[UpdateItem]),
            Grant::Table(Counters, &[UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
        ]);

/// Orders that are expired at the same time.
const ORDERS_AT_ONCE: usize = 8;

/// Reads the time of the tick.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    expire_orders(app, tick.time).await
}

/// Expires the orders that are due at `now`. An order that cannot be expired does not delay the others.
pub async fn expire_orders(app: &App, now: Moment) -> Result<(), Failure> {
    let waiting = [OrderStatus::Created, OrderStatus::Reserved, OrderStatus::PendingPayment];
    work_through(
        ORDERS_AT_ONCE,
        |after| async move { app.store.due_orders(&waiting, now, after.as_deref(), PAGE).await },
        |key: OrderKey| async move { retry_on_stale_read(|| expire_order(app, &key, now)).await },
    )
    .await
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
    // The index may lag: the order may be paid.
    let Some(expired) = order.clone().expire(now) else { return Ok(()) };
    let mut tx = app.tx()?;
    tx.save_order(&expired)?;
    tx.release_holds(&order)?;
    tx.emit(&OrderExpiredV1::from(&expired))?;
    tx.commit().await?;
    app.count(Metric::OrdersExpired);
    Ok(())
}
