//! `schedule_shipping`: queue. Requests the shipping of paid orders, and applies the results.
//!
//! An INSTANT order is requested on `order.paid.v1`, a batch's paid orders page by page on `production.completed.v1`:
//! `shipping.schedule_requested.v1`, once per order. The request and its result are an integration point
//! (docs/integration-points.md). In built-in mode this function answers the request itself
//! (`shipping.schedule_succeeded.v1`); in external mode another system does. Both results have the same effect: the
//! order waits to be shipped, or it fails, its stock is released, a refund is requested, and a valid coupon is returned.

use crate::App;
use crate::batches::pagination;
use crate::manifest::prelude::*;
use crate::orders::unfulfilled::fail_paid;
use contracts::Failure;
use contracts::events::{
    BatchPageDueV1, BatchWork, Event, OrderPaidV1, OrderShippingScheduledV1, ProductionCompletedV1, RawEnvelope,
    ScheduleFailedV1, ScheduleRequestedV1, ScheduleSucceededV1,
};
use domain::id::{CustomerId, OrderId};
use domain::order::{Order, OrderKind, OrderStatus, ShopReason};
use store::OrderKey;
use store::{Rejected, Tx, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Events, "Requests the shipping of paid orders, and applies the result.")
        .queues(&[Queue::of(&[
            Rule::on("OnOrderPaid", &["order.paid.v1"], "An order from stock was paid.").with("kind", "INSTANT"),
            Rule::on("OnProductionCompleted", &["production.completed.v1"], "The production of a batch was completed."),
            Rule::on("OnPageDue", &["batch.page_due.v1"], "The next page of its orders is due.")
                .with("work", "SCHEDULE_SHIPPING"),
            Rule::on(
                "OnScheduleRequested",
                &["shipping.schedule_requested.v1"],
                "The shop requested the shipping of an order.",
            )
            .from("millrun.shipping")
            .only_built_in(Mode::Shipping)
            .because("Built-in mode: without this rule an external system schedules the shipping."),
            Rule::on(
                "OnScheduleResult",
                &["shipping.schedule_failed.v1", "shipping.schedule_succeeded.v1"],
                "An external system reported a result.",
            )
            .not_from("millrun.shipping")
            .because("In built-in mode this function has already applied the event."),
        ])
        .concurrency(3, "a batch of ten thousand orders is scheduled in minutes")
        .alarm_on_age(
            "paid orders wait to be scheduled",
            "The oldest event in ScheduleShippingQueue is older than ten minutes. Check the errors \
         and throttles of schedule_shipping.",
        )])
        .grants(&[
            Grant::Table(Orders, &[GetItem, UpdateItem]),
            Grant::Table(Batches, &[PutItem, Query, UpdateItem]),
            Grant::Table(Production, &[GetItem, PutItem]),
            Grant::Table(Payments, &[GetItem, UpdateItem]),
            Grant::Table(Coupons, &[GetItem, UpdateItem]),
            Grant::Table(Counters, &[UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
        ])
        .alarm_on_dead_letters(
            "orders were not scheduled for shipping",
            "schedule_shipping failed five times on each event in ScheduleShippingDlq: paid orders stay PAID, or an \
         external system reported a shipment that was not requested. Find the error in its log by the message's id, \
         fix the cause, and redrive the queue; processing an event twice is harmless.",
        );

/// The consumer's name in consumed records.
const CONSUMER: &str = "schedule_shipping";

/// Applies one event, once.
pub async fn schedule_shipping(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    match event.event_type.as_str() {
        OrderPaidV1::TYPE => {
            let paid: OrderPaidV1 = event.read().map_err(Failure::broken)?;
            match paid.kind {
                OrderKind::Instant => {
                    request(app, event, &OrderKey { customer: paid.customer_id, id: paid.order_id }).await
                }
                OrderKind::Preorder => Ok(()),
            }
        }
        ProductionCompletedV1::TYPE => {
            let batch = event.read::<ProductionCompletedV1>().map_err(Failure::broken)?.batch_id;
            pagination::begin(app, CONSUMER, event, batch, BatchWork::ScheduleShipping).await
        }
        BatchPageDueV1::TYPE => {
            let page: BatchPageDueV1 = event.read().map_err(Failure::broken)?;
            let each = |key: OrderKey| Box::pin(async move { request(app, event, &key).await }) as _;
            pagination::page(app, CONSUMER, event, &page, each).await
        }
        ScheduleRequestedV1::TYPE => {
            let request: ScheduleRequestedV1 = event.read().map_err(Failure::broken)?;
            retry_on_stale_read(|| answer(app, &request)).await
        }
        ScheduleSucceededV1::TYPE => {
            let result: ScheduleSucceededV1 = event.read().map_err(Failure::broken)?;
            let key = asked_for(app, result.order_id, result.customer_id).await?;
            retry_on_stale_read(|| succeed(app, &key)).await
        }
        ScheduleFailedV1::TYPE => {
            let result: ScheduleFailedV1 = event.read().map_err(Failure::broken)?;
            let key = asked_for(app, result.order_id, result.customer_id.clone()).await?;
            retry_on_stale_read(|| fail(app, &key, &result)).await
        }
        other => Err(Failure::broken(format!("schedule_shipping received an event of the unexpected type {other}"))),
    }
}

/// Requests shipping of a paid order, once.
async fn request(app: &App, event: &RawEnvelope, key: &OrderKey) -> Result<(), Failure> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    if order.status != OrderStatus::Paid {
        return Ok(());
    }
    let mut tx = app.tx()?;
    tx.request_shipping(&order, event.event_id)?;
    tx.emit(&ScheduleRequestedV1::from(&order))?;
    match tx.commit().await {
        Ok(_) | Err(Rejected::Consumed(_)) => Ok(()),
        Err(rejected) => Err(rejected.into()),
    }
}

/// Built-in mode: a paid order can always be shipped.
async fn answer(app: &App, request: &ScheduleRequestedV1) -> Result<(), Rejected> {
    let order = app.store.load_order(&request.customer_id, request.order_id).await?;
    let Some(scheduled) = order.schedule_shipping(app.now()) else { return Ok(()) };
    let mut tx = app.tx()?;
    tx.emit(&ScheduleSucceededV1::from(&scheduled))?;
    schedule(tx, &scheduled).await
}

/// An external system ships the order.
async fn succeed(app: &App, key: &OrderKey) -> Result<(), Rejected> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    let Some(scheduled) = order.schedule_shipping(app.now()) else { return Ok(()) };
    schedule(app.tx()?, &scheduled).await
}

async fn schedule(mut tx: Tx<'_>, scheduled: &Order) -> Result<(), Rejected> {
    tx.save_order(scheduled)?;
    tx.emit(&OrderShippingScheduledV1::from(scheduled))?;
    tx.commit().await?;
    Ok(())
}

/// An external system cannot ship the order.
async fn fail(app: &App, key: &OrderKey, result: &ScheduleFailedV1) -> Result<(), Rejected> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    let reason = Some(result.kept_reason()).filter(|reason| !reason.is_empty());
    let why = ShopReason::ShippingFailed;
    fail_paid(app, &order, reason.as_deref().unwrap_or(why.as_str()), why).await
}

/// The order of an external result, if its shipping was requested.
async fn asked_for(app: &App, order: OrderId, customer: CustomerId) -> Result<OrderKey, Failure> {
    let key = app.store.find_shipping(order).await?;
    key.filter(|key| key.customer == customer).ok_or_else(|| {
        Failure::broken(format!("the result names order {order}, whose shipping was not requested for this customer"))
    })
}
