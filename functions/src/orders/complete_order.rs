//! `complete_order`: queues, on `notification.sent.v1` and `notification.failed.v1` about a shipment, and on
//! `shipment.created.v1` a quarter of an hour after it.
//!
//! An order is complete once it is shipped and a notification of its customer was attempted, whatever the result. Without
//! an attempt, because the customer has no channel or notifications are out of order, the delayed event of the shipment
//! completes the order. Emits `order.completed.v1`.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{
    Event, NotificationFailedV1, NotificationSentV1, OrderCompletedV1, RawEnvelope, ShipmentCreatedV1,
};
use domain::id::OrderId;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Events, "Completes an order that is shipped and whose customer was notified.")
        .queues(&[
            Queue::of(&[Rule::on(
                "OnNotificationTried",
                &["notification.failed.v1", "notification.sent.v1"],
                "The message about a shipment was sent or has failed.",
            )
            .with("template_key", "order_shipped")])
            .concurrency(2, "the minimum: completion is not urgent")
            .alarm_on_age(
                "shipped orders wait to be completed",
                "The oldest event in CompleteOrderQueue is older than ten minutes. Check the errors and \
                 throttles of complete_order.",
            ),
            Queue::of(&[Rule::on("OnShipmentCreated", &["shipment.created.v1"], "An order was shipped.")])
                .named("Later")
                .delay_seconds(900, "the maximum of SQS")
                .concurrency(2, "most orders are complete by then")
                .because(
                    "The shipment's event is delayed here, so that the customer is notified first. If no try \
                     was made by then, the order is completed without it.",
                ),
        ])
        .grants(&[
            Grant::Table(Production, &[GetItem]),
            Grant::Table(Orders, &[GetItem, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
        ])
        .alarm_on_dead_letters(
            "shipped orders were not completed",
            "complete_order failed five times on each event in CompleteOrderDlq: shipped orders stay \
             SHIPPING_SCHEDULED. Find the error in its log by the message's id, fix the cause, and send the events \
             to CompleteOrderQueue; processing an event twice is harmless.",
        );

/// The template of the message about a shipment.
const TEMPLATE: &str = "order_shipped";

/// Completes the order of an event. Safe for any number and order of events: the order's compare-and-set decides.
pub async fn complete_order(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    match shipped_order(event)? {
        Some(order) => retry_on_stale_read(|| attempt(app, order)).await,
        None => Ok(()),
    }
}

/// The order of an event about shipping, if it is one.
fn shipped_order(event: &RawEnvelope) -> Result<Option<OrderId>, Failure> {
    let about = |template: &str, order| if template == TEMPLATE { order } else { None };
    match event.event_type.as_str() {
        ShipmentCreatedV1::TYPE => Ok(Some(event.read::<ShipmentCreatedV1>().map_err(Failure::broken)?.order_id)),
        NotificationSentV1::TYPE => {
            let sent: NotificationSentV1 = event.read().map_err(Failure::broken)?;
            Ok(about(&sent.template_key, sent.order_id))
        }
        NotificationFailedV1::TYPE => {
            let failed: NotificationFailedV1 = event.read().map_err(Failure::broken)?;
            Ok(about(&failed.template_key, failed.order_id))
        }
        other => Err(Failure::broken(format!("complete_order received an event of the unexpected type {other}"))),
    }
}

async fn attempt(app: &App, order: OrderId) -> Result<(), Rejected> {
    let key = app.store.find_shipping(order).await?;
    let key = key.ok_or_else(|| Failure::broken("the event names an order whose shipping was not requested"))?;
    let order = app.store.load_order(&key.customer, key.id).await?;
    let Some(completed) = order.complete(app.now()) else { return Ok(()) };
    let mut tx = app.tx()?;
    tx.save_order(&completed)?;
    tx.emit(&OrderCompletedV1::from(&completed))?;
    tx.commit().await?;
    Ok(())
}
