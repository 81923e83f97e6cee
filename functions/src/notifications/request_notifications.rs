//! `request_notifications`: queue, on `batch.threshold_reached.v1` (message to the admins); `order.reserved.v1`,
//! `order.paid.v1`, `payment.requested.v1`, `payment.refunded.v1`, `order.expired.v1`, `order.canceled.v1`,
//! `order.failed.v1` and `shipment.created.v1` (to the customer); `production.started.v1` and `batch.rescheduled.v1` (to
//! the customers of a batch, page by page).
//!
//! Creates one job per channel of the recipient, and with a payment request also a reminder that is due later. Emits
//! `notification.requested.v1` for each job that is due now.

use crate::App;
use crate::batches::pagination;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{
    BatchPageDueV1, BatchRescheduledV1, BatchThresholdReachedV1, BatchWork, Event, NotificationFailedV1,
    NotificationRequestedV1, OrderCanceledV1, OrderExpiredV1, OrderFailedV1, OrderPaidV1, OrderReservedV1,
    PaymentRefundedV1, PaymentRequestedV1, ProductionStartedV1, RawEnvelope, ShipmentCreatedV1,
};
use domain::Moment;
use domain::id::{CustomerId, EventId, OrderId};
use domain::money::Cents;
use domain::notification::{Channel, Job, Recipient, RefundMade, SendResult, TemplateKey, Threshold};
use domain::order::{Actor, Order, OrderKind, OrderStatus, Step};
use domain::payment::PaymentMethod;
use store::{OrderKey, Rejected, Tx, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Events,
    "Creates notification jobs from events, for customers and admins.",
)
.queues(&[Queue::of(&[
    Rule::on(
        "OnWhatPeopleAreTold",
        &[
            "batch.threshold_reached.v1",
            "batch.rescheduled.v1",
            "production.started.v1",
            "order.reserved.v1",
            "order.paid.v1",
            "payment.requested.v1",
            "order.expired.v1",
            "order.canceled.v1",
            "order.failed.v1",
            "payment.refunded.v1",
            "shipment.created.v1",
        ],
        "An event about which a customer or the admins get a message.",
    ),
    Rule::on(
        "OnProductionPageDue",
        &["batch.page_due.v1"],
        "The next page of orders gets the message about the start of production.",
    )
    .with("work", "TELL_PRODUCTION_STARTED"),
    Rule::on(
        "OnShipDatePageDue",
        &["batch.page_due.v1"],
        "The next page of orders gets the message about the later shipping day.",
    )
    .with("work", "TELL_SHIP_DATE"),
])
.concurrency(2, "messages to ten thousand orders take minutes, without delaying others")
.alarm_on_age(
    "notifications wait to be requested",
    "The oldest event in RequestNotificationsQueue is older than ten minutes. Check the errors and throttles of \
         request_notifications.",
)])
.grants(&[
    Grant::Table(Orders, &[GetItem]),
    Grant::Table(Batches, &[GetItem, PutItem, Query, UpdateItem]),
    Grant::Table(Notifications, &[GetItem, PutItem, UpdateItem]),
    Grant::Table(Outbox, &[PutItem]),
])
.alarm_on_dead_letters(
    "notifications were not requested",
    "request_notifications failed five times on each event in RequestNotificationsDlq: a customer or the admins \
         did not get a message. Find the error in its log by the message's id, fix the cause, and redrive the \
         queue; processing an event twice is harmless.",
);

/// The reason code of a message above its customer's daily limit, which is not sent.
const DAILY_LIMIT: &str = "daily_limit";
/// The consumer's name in the record of what it consumed.
const CONSUMER: &str = "request_notifications";

/// The event that a message is about, which names its job, and the event that was received.
type Cause<'e> = (EventId, &'e RawEnvelope);

/// Applies one event, once.
pub async fn request_notifications(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    match event.event_type.as_str() {
        ProductionStartedV1::TYPE => {
            let batch = event.read::<ProductionStartedV1>().map_err(Failure::broken)?.batch_id;
            pagination::begin(app, CONSUMER, event, batch, BatchWork::TellProductionStarted).await
        }
        BatchRescheduledV1::TYPE => {
            let moved: BatchRescheduledV1 = event.read().map_err(Failure::broken)?;
            let schedule = app.store.load_batch(moved.batch_id).await?.schedule;
            // The day was changed again meanwhile: the later event notifies the customers of it.
            if schedule.is_none_or(|schedule| schedule.planned_ship_date != moved.planned_ship_date) {
                return Ok(());
            }
            pagination::begin(app, CONSUMER, event, moved.batch_id, BatchWork::TellShipDate).await
        }
        BatchPageDueV1::TYPE => {
            let page: BatchPageDueV1 = event.read().map_err(Failure::broken)?;
            let template = match page.work {
                BatchWork::TellProductionStarted => TemplateKey::ProductionStarted,
                BatchWork::TellShipDate => TemplateKey::ShipDateChanged,
                other => {
                    return Err(Failure::broken(format!(
                        "batch.page_due.v1 has the unexpected work {}",
                        other.as_str()
                    )));
                }
            };
            // The same event id on every page: if a page is processed again, no customer gets a second message.
            let cause = (page.cause.unwrap_or(event.event_id), event);
            let each = |key: OrderKey| Box::pin(async move { tell_in_batch(app, cause, &key, template).await }) as _;
            pagination::page(app, CONSUMER, event, &page, each).await
        }
        _ => {
            let jobs = jobs_of(app, event).await?;
            request(app, Some(event.event_id), &jobs).await
        }
    }
}

/// Requests the message to one customer of a batch, if the message still applies to the order. If a page is delivered
/// again, the job already exists.
async fn tell_in_batch(app: &App, cause: Cause<'_>, key: &OrderKey, template: TemplateKey) -> Result<(), Failure> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    if !template.concerns(order.status) {
        return Ok(());
    }
    let jobs = to_customer(app, cause, &order, template, None);
    if jobs.is_empty() { Ok(()) } else { request(app, None, &jobs).await }
}

/// Inserts the jobs, once.
async fn request(app: &App, consumed: Option<EventId>, jobs: &[Job]) -> Result<(), Failure> {
    retry_on_stale_read(|| async {
        match ask(app, consumed, jobs).await {
            Err(Rejected::Consumed(_)) => Ok(()),
            done => done,
        }
    })
    .await
}

async fn ask(app: &App, consumed: Option<EventId>, jobs: &[Job]) -> Result<(), Rejected> {
    let mut tx = app.tx()?;
    if let Some(event) = consumed {
        tx.consume(&app.store.tables().notifications, CONSUMER, event)?;
    }
    let is_within_limit = count(app, &mut tx, jobs).await?;
    for job in jobs {
        if !is_within_limit {
            // An admin sees it in the list of failed messages, and the order is completed without it.
            if job.is_requested {
                let failed = job.clone().end(SendResult::permanent(DAILY_LIMIT), app.now());
                tx.insert_job(&failed)?;
                tx.emit(&NotificationFailedV1::from(&failed))?;
            }
            continue;
        }
        tx.insert_job(job)?;
        if job.is_requested {
            tx.emit(&NotificationRequestedV1::from(job))?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Counts the messages to a customer, unless they exceed the daily limit, which protects strangers: any buyer can enter any
/// address.
async fn count(app: &App, tx: &mut Tx<'_>, jobs: &[Job]) -> Result<bool, Rejected> {
    let Some(customer) = jobs.first().and_then(|job| job.recipient.customer()) else { return Ok(true) };
    let day = app.shop().day(app.now());
    let before = app.store.messages_of_day(customer, day).await?;
    let more = u32::try_from(jobs.len()).unwrap_or(u32::MAX);
    if before.saturating_add(more) > app.messaging().messages_per_customer_day {
        return Ok(false);
    }
    tx.count_messages(customer, day, before, more)?;
    Ok(true)
}

/// The jobs that an event requires.
async fn jobs_of(app: &App, event: &RawEnvelope) -> Result<Vec<Job>, Failure> {
    let (customer, order, template, pay_before) = match event.event_type.as_str() {
        BatchThresholdReachedV1::TYPE => {
            let reached: BatchThresholdReachedV1 = event.read().map_err(Failure::broken)?;
            return Ok(to_admins(app, event, &reached).into_iter().collect());
        }
        OrderReservedV1::TYPE => {
            let reserved: OrderReservedV1 = event.read().map_err(Failure::broken)?;
            let template = match reserved.kind {
                OrderKind::Instant => TemplateKey::OrderPlaced,
                OrderKind::Preorder => TemplateKey::PreorderReserved,
            };
            (reserved.customer_id, reserved.order_id, template, None)
        }
        OrderPaidV1::TYPE => {
            let paid: OrderPaidV1 = event.read().map_err(Failure::broken)?;
            (paid.customer_id, paid.order_id, TemplateKey::OrderPaid, None)
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
        PaymentRefundedV1::TYPE => {
            return of_refund(app, event, event.read().map_err(Failure::broken)?).await;
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
    about_order(app, event, (customer, order), template, pay_before).await
}

/// The messages about a refund. A payment of points has no order, and so no contact data: its customer gets the message at
/// the account's address. An external payment system sends its own messages about its refunds.
async fn of_refund(app: &App, event: &RawEnvelope, made: PaymentRefundedV1) -> Result<Vec<Job>, Failure> {
    if made.refunded_cents == Cents::ZERO || made.method == PaymentMethod::External {
        return Ok(Vec::new());
    }
    let jobs = match made.order_id {
        Some(order) => about_order(app, event, (made.customer_id, order), TemplateKey::OrderRefunded, None).await?,
        None => vec![to_account(app, event, made.customer_id)],
    };
    let refund = RefundMade { refunded_cents: made.refunded_cents, currency: made.currency, method: made.method };
    Ok(jobs.into_iter().map(|job| Job { refund: Some(refund.clone()), ..job }).collect())
}

fn to_account(app: &App, event: &RawEnvelope, customer: CustomerId) -> Job {
    let recipient = Recipient::Account(customer);
    let job = Job::new(event.event_id, Channel::Email, recipient, TemplateKey::PointsRefunded, app.now());
    Job { correlation_id: event.trace.correlation_id.clone(), ..job }
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

async fn about_order(
    app: &App,
    event: &RawEnvelope,
    (customer, id): (CustomerId, OrderId),
    template: TemplateKey,
    pay_before: Option<Moment>,
) -> Result<Vec<Job>, Failure> {
    let order = app.store.load_order(&customer, id).await?;
    // The customer canceled the order and knows it. An order can contain a stranger's address, to which a cancellation by
    // its buyer must send nothing.
    if template == TemplateKey::OrderCanceled && was_canceled_by_its_customer(&order) {
        return Ok(Vec::new());
    }
    let template =
        if template == TemplateKey::OrderCanceled && was_missed(&order) { TemplateKey::OfferMissed } else { template };
    if !template.concerns(order.status) {
        return Ok(Vec::new());
    }
    Ok(to_customer(app, (event.event_id, event), &order, template, pay_before))
}

fn to_customer(
    app: &App,
    (event, received): Cause<'_>,
    order: &Order,
    template: TemplateKey,
    pay_before: Option<Moment>,
) -> Vec<Job> {
    let now = app.now();
    let mut jobs = Vec::new();
    let contact = order.contact.as_ref();
    for channel in contact.map(|contact| app.messaging().channels.of_customer(contact)).into_iter().flatten() {
        let recipient = Recipient::Customer { customer: order.customer.clone(), order: order.id };
        let reminder = pay_before.and_then(|end| Job::reminder(event, channel, recipient.clone(), end, now));
        jobs.push(Job::new(event, channel, recipient, template, now));
        jobs.extend(reminder);
    }
    let correlation_id = &received.trace.correlation_id;
    jobs.into_iter().map(|job| Job { correlation_id: correlation_id.clone(), ..job }).collect()
}

fn was_canceled_by_its_customer(order: &Order) -> bool {
    let canceled = order.history.iter().rev().find(|step| step.status == OrderStatus::Canceled);
    canceled.is_some_and(|step| step.by == Some(Actor::Customer))
}

/// Whether the order was canceled because its offer missed the threshold, also if it changed since.
fn was_missed(order: &Order) -> bool {
    let canceled = order.history.iter().rev().find(|step| step.status == OrderStatus::Canceled);
    canceled.is_some_and(Step::is_offer_missed)
}
