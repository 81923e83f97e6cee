//! `reserve_order`: queue. Reserves or fails orders that were accepted for asynchronous processing.
//!
//! The request `inventory.reserve_requested.v1` and its result are an integration point (docs/integration-points.md). In
//! built-in mode this function makes the same decision as `place_order`; in external mode another system responds with
//! `inventory.reserve_succeeded.v1` or `inventory.reserve_failed.v1`. Both results have the same effect. Emits
//! `order.reserved.v1`, or `order.failed.v1` with the refusal's code as the reason.

use super::allocation::Allocator;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{
    Event, OrderFailedV1, OrderReservedV1, RawEnvelope, ReserveFailedV1, ReserveRequestedV1, ReserveSucceededV1,
};
use domain::Refusal;
use domain::order::{self, Order, OrderStatus, Placement};
use runtime::telemetry::Metric;
use store::OrderKey;
use store::orders::Reads;
use store::{Rejected, Tx, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Events,
    "Reserves orders that were accepted for asynchronous reservation, and applies an external system's result.",
)
.queues(&[Queue::of(&[
    Rule::on("OnReserveRequested", &["inventory.reserve_requested.v1"], "The reservation of an order was requested.")
        .from("millrun.inventory")
        .only_built_in(Mode::Inventory)
        .because("Built-in inventory: without this rule an external system reserves the order."),
    Rule::on(
        "OnReserveResult",
        &["inventory.reserve_failed.v1", "inventory.reserve_succeeded.v1"],
        "An external system reported a result.",
    )
    .not_from("millrun.inventory")
    .because("In built-in mode this function has already applied the event."),
])
.concurrency(20, "in a rush, requests wait in the queue instead of contending for the shards")
.alarm_on_age(
    "orders wait to be reserved",
    "The oldest event in ReserveOrderQueue is older than ten minutes. Check the errors and \
     throttles of reserve_order.",
)])
.grants(&[
    Grant::Table(Catalog, &[BatchGetItem]),
    Grant::Table(Wallets, &[BatchGetItem]),
    Grant::Table(Coupons, &[BatchGetItem, UpdateItem]),
    Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
    Grant::Table(Orders, &[GetItem, UpdateItem]),
    Grant::Table(Outbox, &[PutItem]),
])
.alarm_on_dead_letters(
    "orders were not reserved",
    "reserve_order failed five times on each event in ReserveOrderDlq: the orders stay CREATED. Find the error in \
     its log by the message's id, fix the cause, and redrive the queue; an order that was reserved or failed \
     meanwhile does not change.",
);

/// Applies one event, once: only a CREATED order is reserved or fails.
pub async fn reserve_order(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    match event.event_type.as_str() {
        ReserveRequestedV1::TYPE => {
            let request: ReserveRequestedV1 = event.read().map_err(Failure::broken)?;
            let key = OrderKey { customer: request.customer_id, id: request.order_id };
            retry_on_stale_read(|| answer(app, &key)).await
        }
        ReserveSucceededV1::TYPE => {
            let result: ReserveSucceededV1 = event.read().map_err(Failure::broken)?;
            let key = OrderKey { customer: result.customer_id, id: result.order_id };
            retry_on_stale_read(|| succeed(app, &key)).await
        }
        ReserveFailedV1::TYPE => {
            let result: ReserveFailedV1 = event.read().map_err(Failure::broken)?;
            let reason = result
                .code()
                .ok_or_else(|| Failure::broken("the reason of inventory.reserve_failed.v1 is not a code"))?;
            let key = OrderKey { customer: result.customer_id.clone(), id: result.order_id };
            retry_on_stale_read(|| fail(app, &key, reason)).await
        }
        other => Err(Failure::broken(format!("reserve_order received an event of the unexpected type {other}"))),
    }
}

async fn load(app: &App, key: &OrderKey) -> Result<Option<Order>, Failure> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    Ok(Some(order).filter(|order| order.status == OrderStatus::Created))
}

/// Built-in mode: holds the units.
async fn answer(app: &App, key: &OrderKey) -> Result<(), Rejected> {
    let Some(created) = load(app, key).await? else { return Ok(()) };
    match hold(app, &created).await {
        Err(Rejected::Failure(Failure::Refused(refusal))) => {
            if let Refusal::OutOfStock { .. } = refusal {
                app.count(Metric::StockRefused);
            }
            let mut tx = app.tx()?;
            tx.emit(&ReserveFailedV1::new(&created, refusal.code()))?;
            write_failed(app, tx, created, refusal.code()).await
        }
        held => held,
    }
}

/// Repeats the decision of `place_order` with the order's cart; the total must be the total that the customer accepted.
async fn hold(app: &App, created: &Order) -> Result<(), Rejected> {
    let cart = created.cart()?;
    let reads = (Reads::Strong, app.now());
    let (listings, inputs) = app.store.placement_inputs(&created.customer, &cart, reads).await?;
    let placement = Placement { id: created.id, customer: created.customer.clone(), now: app.now() };
    let placed = order::place(placement, &cart, &listings, &inputs, app.shop())?;
    let Some(mut order) = created.clone().reserve(placed) else { return Ok(()) };
    let mut allocator = Allocator::new(listings, inputs.open_offer);
    allocator.check_memory(app, &order).await?;
    loop {
        match write_held(app, &order, &allocator).await {
            Err(rejected) => allocator.go_on(app, &mut order, rejected).await?,
            written => return written,
        }
    }
}

async fn write_held(app: &App, order: &Order, allocator: &Allocator) -> Result<(), Rejected> {
    let mut tx = app.tx()?;
    allocator.hold(&mut tx, order)?;
    tx.emit(&ReserveSucceededV1::from(order))?;
    write_reserved(tx, order).await
}

/// An external system holds the units: none are allocated from the shop's shards, but the shop holds the coupon.
async fn succeed(app: &App, key: &OrderKey) -> Result<(), Rejected> {
    let Some(created) = load(app, key).await? else { return Ok(()) };
    if let Err(refusal) = check_coupon(app, &created).await? {
        return write_failed(app, app.tx()?, created, refusal.code()).await;
    }
    let Some(order) = created.reserve_elsewhere(app.shop(), app.now()) else { return Ok(()) };
    let mut tx = app.tx()?;
    tx.hold_allocations(&order, None)?;
    write_reserved(tx, &order).await
}

/// Whether the order's coupon can still be held.
async fn check_coupon(app: &App, created: &Order) -> Result<Result<(), Refusal>, Failure> {
    if created.coupon.is_none() {
        return Ok(Ok(()));
    }
    let reads = (Reads::Strong, app.now());
    let (_, inputs) = app.store.placement_inputs(&created.customer, &created.cart()?, reads).await?;
    let Some(coupon) = inputs.coupon else { return Ok(Err(Refusal::CouponNotFound)) };
    Ok(coupon.discount_on(created.items_total(), app.now(), app.shop().charge_unit).map(|_| ()))
}

/// An external system cannot hold the units.
async fn fail(app: &App, key: &OrderKey, reason: &str) -> Result<(), Rejected> {
    match load(app, key).await? {
        Some(created) => write_failed(app, app.tx()?, created, reason).await,
        None => Ok(()),
    }
}

async fn write_reserved(mut tx: Tx<'_>, order: &Order) -> Result<(), Rejected> {
    tx.save_order(order)?;
    if let Some(coupon) = order.coupon {
        tx.hold_coupon(&order.customer, coupon, order.id)?;
    }
    tx.emit(&OrderReservedV1::from(order))?;
    tx.commit().await?;
    Ok(())
}

async fn write_failed(app: &App, mut tx: Tx<'_>, created: Order, reason: &str) -> Result<(), Rejected> {
    let Some(failed) = created.fail(reason, app.now()) else { return Ok(()) };
    tx.save_order(&failed)?;
    tx.emit(&OrderFailedV1::from(&failed))?;
    tx.commit().await?;
    Ok(())
}
