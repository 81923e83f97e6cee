//! `request_notifications`: queue, on `batch.threshold_reached.v1` (for the admins), `payment.requested.v1`,
//! `order.expired.v1`, `order.canceled.v1`, `order.failed.v1`, `shipment.created.v1` (for the customer).
//!
//! Creates one job per channel on which the recipient can be reached, and for a payment request a reminder that is due
//! later. Emits `notification.requested.v1` for each job that is due now.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{
    BatchThresholdReachedV1, Event, NotificationRequestedV1, OrderCanceledV1, OrderExpiredV1, OrderFailedV1,
    PaymentRequestedV1, RawEnvelope, ShipmentCreatedV1,
};
use domain::Moment;
use domain::id::{CustomerId, OrderId};
use domain::notification::{Job, Recipient, TemplateKey, Threshold};
use domain::order::{Order, OrderStatus, Step};
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Events, "Creates notification jobs for events.")
    .queues(&[Queue::of(&[Rule::on(
        "OnWhatPeopleAreTold",
        &[
            "batch.threshold_reached.v1",
            "payment.requested.v1",
            "order.expired.v1",
            "order.canceled.v1",
            "order.failed.v1",
            "shipment.created.v1",
        ],
        "An event with a notification happened.",
    )])
    .concurrency(5, "a batch of ten thousand orders is notified within minutes")
    .alarm_on_age(
        "people wait to be told",
        "The oldest event in RequestNotificationsQueue is older than ten minutes. Look at the \
         errors and throttles of request_notifications.",
    )])
    .grants(&[
        Grant::Table(Orders, &[GetItem]),
        Grant::Table(Notifications, &[PutItem]),
        Grant::Table(Outbox, &[PutItem]),
    ])
    .alarm_on_dead_letters(
        "people were not told",
        "request_notifications failed five times on each event in RequestNotificationsDlq: \
         somebody does not know what happened to their order. Read its log by the message's id, \
         mend the cause, redrive the queue; a repeated event is harmless.",
    );

/// The consumer's name in consumed records.
const CONSUMER: &str = "request_notifications";

/// Applies one event, once.
pub async fn request_notifications(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    let jobs = jobs_of(app, event).await?;
    retry_on_stale_read(|| async {
        match ask(app, event, &jobs).await {
            Err(Rejected::Consumed(_)) => Ok(()),
            done => done,
        }
    })
    .await
}

async fn ask(app: &App, event: &RawEnvelope, jobs: &[Job]) -> Result<(), Rejected> {
    let mut tx = app.tx()?;
    tx.consume(&app.store.tables().notifications, CONSUMER, event.event_id)?;
    for job in jobs {
        tx.insert_job(job)?;
        if job.is_requested {
            tx.emit(&NotificationRequestedV1::from(job))?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// The jobs of an event.
async fn jobs_of(app: &App, event: &RawEnvelope) -> Result<Vec<Job>, Failure> {
    let (customer, order, template, pay_before) = match event.event_type.as_str() {
        BatchThresholdReachedV1::TYPE => {
            let reached: BatchThresholdReachedV1 = event.read().map_err(Failure::broken)?;
            return Ok(to_admins(app, event, &reached).into_iter().collect());
        }
        PaymentRequestedV1::TYPE => {
            let asked: PaymentRequestedV1 = event.read().map_err(Failure::broken)?;
            (asked.customer_id, asked.order_id, TemplateKey::PaymentRequested, Some(asked.pay_before))
        }
        OrderExpiredV1::TYPE => {
            let expired: OrderExpiredV1 = event.read().map_err(Failure::broken)?;
            (expired.customer_id, expired.order_id, TemplateKey::OrderExpired, None)
        }
        OrderCanceledV1::TYPE => {
            let canceled: OrderCanceledV1 = event.read().map_err(Failure::broken)?;
            (canceled.customer_id, canceled.order_id, TemplateKey::OrderCanceled, None)
        }
        OrderFailedV1::TYPE => {
            let failed: OrderFailedV1 = event.read().map_err(Failure::broken)?;
            (failed.customer_id, failed.order_id, TemplateKey::OrderFailed, None)
        }
        ShipmentCreatedV1::TYPE => {
            let shipped: ShipmentCreatedV1 = event.read().map_err(Failure::broken)?;
            (shipped.customer_id, shipped.order_id, TemplateKey::OrderShipped, None)
        }
        other => {
            return Err(Failure::broken(format!(
                "request_notifications received an event of the unexpected type {other}"
            )));
        }
    };
    to_customer(app, event, (customer, order), template, pay_before).await
}

fn to_admins(app: &App, event: &RawEnvelope, reached: &BatchThresholdReachedV1) -> Option<Job> {
    let channel = app.messaging().channels.of_admins()?;
    let job = Job::new(event.event_id, channel, Recipient::Admins, TemplateKey::ThresholdReached, app.now());
    let threshold = Threshold {
        batch_id: reached.batch_id,
        reserved_qty: reached.reserved_qty,
        threshold_qty: reached.threshold_qty,
    };
    Some(Job { threshold: Some(threshold), correlation_id: event.trace.correlation_id.clone(), ..job })
}

async fn to_customer(
    app: &App,
    event: &RawEnvelope,
    (customer, id): (CustomerId, OrderId),
    template: TemplateKey,
    pay_before: Option<Moment>,
) -> Result<Vec<Job>, Failure> {
    let order = app.store.load_order(&customer, id).await?;
    let template =
        if template == TemplateKey::OrderCanceled && was_missed(&order) { TemplateKey::OfferMissed } else { template };
    let now = app.now();
    let mut jobs = Vec::new();
    for channel in app.messaging().channels.of_customer(&order.contact) {
        let recipient = Recipient::Customer { customer: customer.clone(), order: id };
        let reminder = pay_before.and_then(|end| Job::reminder(event.event_id, channel, recipient.clone(), end, now));
        jobs.push(Job::new(event.event_id, channel, recipient, template, now));
        jobs.extend(reminder);
    }
    let correlation_id = &event.trace.correlation_id;
    Ok(jobs.into_iter().map(|job| Job { correlation_id: correlation_id.clone(), ..job }).collect())
}

/// Whether the order was canceled because its offer was missed, regardless of later changes.
fn was_missed(order: &Order) -> bool {
    let canceled = order.history.iter().rev().find(|step| step.status == OrderStatus::Canceled);
    canceled.is_some_and(Step::is_offer_missed)
}
