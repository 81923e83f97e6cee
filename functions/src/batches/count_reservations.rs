//! `count_reservations`: queue, on `order.reserved.v1`, `order.paid.v1`, `order.canceled.v1` and `order.expired.v1` of
//! preorders. Counts the reserved and paid quantities of each offer.
//!
//! A batch of the queue becomes one write per offer, with an entry per event in the offer's log: the log is the consumed
//! record, and lists the orders of the batch. The write that reaches the threshold creates the batch. Emits
//! `batch.threshold_reached.v1`, and `batch.page_due.v1` for an order that is counted after the decision about its batch.

use super::pagination;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{
    BatchWork, Event, OrderCanceledV1, OrderExpiredV1, OrderPaidV1, OrderReservedV1, RawEnvelope, SoldLine,
};
use domain::counter::{Change, Counter, CounterStatus, Delta};
use domain::id::{BatchId, CustomerId, EventId, OfferId, OrderId, ProductId, SellWindowId};
use runtime::queue::{Failures, Message, guarded};
use runtime::telemetry::Metric;
use std::collections::BTreeMap;
use store::OrderKey;
use store::counters::Logged;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Events,
    "Counts the reserved and paid quantity of each offer, and creates the batch when the threshold is reached.",
)
.queues(&[Queue::of(&[Rule::on(
    "OnOrderChanged",
    &["order.reserved.v1", "order.paid.v1", "order.canceled.v1", "order.expired.v1"],
    "A preorder reserved its places, was paid, or released its places.",
)
.with("kind", "PREORDER")])
.window_seconds(1)
.concurrency(5, "")
.alarm_on_age(
    "reservations wait to be counted",
    "The oldest event in CountReservationsQueue is older than ten minutes, so thresholds are noticed late. Check \
     the errors and throttles of count_reservations.",
)])
.grants(&[
    Grant::Table(Counters, &[GetItem, UpdateItem]),
    Grant::Table(Batches, &[PutItem]),
    Grant::Table(Outbox, &[PutItem]),
])
.alarm_on_dead_letters(
    "reservations were not counted",
    "count_reservations failed five times on each event in CountReservationsDlq: an offer's quantities are wrong, \
     and its batch cannot be finalized. Find the error in its log by the message's id, fix the cause, and redrive \
     the queue; processing an event twice is harmless.",
);

/// Events per write: each may have to be announced as a late order.
const EVENTS_PER_WRITE_MAX: usize = pagination::LATE_ORDERS_MAX;

/// The change that one event makes to its offer.
#[derive(Clone)]
struct Counted {
    message: String,
    app: App,
    event: EventId,
    event_type: String,
    order: OrderKey,
    change: Change,
}

/// Each offer succeeds or fails as a whole; an unreadable event fails alone.
pub async fn handle(app: &App, messages: Vec<Message>) -> Failures {
    let mut failures = Failures::default();
    let mut offers: BTreeMap<OfferId, Vec<Counted>> = BTreeMap::new();
    for message in messages {
        match guarded(async { read(app, &message) }).await {
            Ok((offer, counted)) => {
                let known = offers.entry(offer).or_default();
                // A duplicate event in one batch would be the same item twice in one transaction.
                if !known.iter().any(|other| other.event == counted.event) {
                    known.push(counted);
                }
            }
            Err(failure) => failures.0.push((message.id, failure)),
        }
    }
    for (offer, counted) in offers {
        for group in counted.chunks(EVENTS_PER_WRITE_MAX) {
            if let Err(failure) = guarded(count_reservations(offer, group)).await {
                let why = runtime::telemetry::Outcome::of(&failure);
                let again = || why.error.clone().map_or(Failure::Busy, Failure::broken);
                failures.0.extend(group.iter().map(|counted| (counted.message.clone(), again())));
            }
        }
    }
    failures
}

fn read(app: &App, message: &Message) -> Result<(OfferId, Counted), Failure> {
    let event = message.event()?;
    let read = read_change(&event)?;
    let counted = Counted {
        message: message.id.clone(),
        app: app.caused_by(&event),
        event: event.event_id,
        event_type: event.event_type.clone(),
        order: read.order,
        change: read.change,
    };
    Ok((read.offer, counted))
}

struct Read {
    offer: OfferId,
    order: OrderKey,
    change: Change,
}

impl Read {
    fn new(
        window: Option<SellWindowId>,
        lines: &[SoldLine],
        customer: CustomerId,
        id: OrderId,
        change: impl Fn(u32) -> Change,
    ) -> Result<Self, Failure> {
        let product: Option<ProductId> = lines.first().map(|line| line.product_id);
        let offer = window.zip(product).map(|(window, product)| OfferId { window, product });
        let offer = offer.ok_or_else(|| Failure::broken(format!("preorder {id} has no sell window or no line")))?;
        let change = change(lines.iter().map(|line| line.quantity).sum());
        Ok(Self { offer, order: OrderKey { customer, id }, change })
    }
}

fn read_change(event: &RawEnvelope) -> Result<Read, Failure> {
    match event.event_type.as_str() {
        OrderReservedV1::TYPE => {
            let order: OrderReservedV1 = event.read().map_err(Failure::broken)?;
            Read::new(order.sell_window_id, &order.lines, order.customer_id, order.order_id, Change::Reserved)
        }
        OrderPaidV1::TYPE => {
            let order: OrderPaidV1 = event.read().map_err(Failure::broken)?;
            let change = if order.late { Change::PaidLate } else { Change::Paid };
            Read::new(order.sell_window_id, &order.lines, order.customer_id, order.order_id, change)
        }
        OrderCanceledV1::TYPE => {
            let order: OrderCanceledV1 = event.read().map_err(Failure::broken)?;
            let change = if order.was_paid { Change::Returned } else { Change::Released };
            Read::new(order.sell_window_id, &order.lines, order.customer_id, order.order_id, change)
        }
        OrderExpiredV1::TYPE => {
            let order: OrderExpiredV1 = event.read().map_err(Failure::broken)?;
            Read::new(order.sell_window_id, &order.lines, order.customer_id, order.order_id, Change::Released)
        }
        other => Err(Failure::broken(format!("count_reservations received an event of the unexpected type {other}"))),
    }
}

/// Counts events of one offer; those that were counted before are skipped, and the others are decided again.
async fn count_reservations(offer: OfferId, counted: &[Counted]) -> Result<(), Failure> {
    let mut counted: Vec<&Counted> = counted.iter().collect();
    while let Some(last) = counted.last() {
        let app = &last.app;
        let consumed = retry_on_stale_read(|| async {
            match attempt(app, offer, &counted).await {
                Ok(()) => Ok(Vec::new()),
                Err(Rejected::Consumed(events)) => Ok(events),
                Err(rejected) => Err(rejected),
            }
        });
        let consumed = consumed.await?;
        if consumed.is_empty() {
            return Ok(());
        }
        counted.retain(|counted| !consumed.contains(&counted.event));
    }
    Ok(())
}

async fn attempt(app: &App, offer: OfferId, counted: &[&Counted]) -> Result<(), Rejected> {
    let now = app.now();
    let counter = app.store.load_counter(offer).await?;
    let status = counter.status;
    let mut counter = counter.next(status);
    let mut tx = app.tx()?;
    let mut late = Vec::new();
    for entry in counted {
        let delta = counter.count(entry.change);
        tx.log(&logged(offer, entry, delta))?;
        if matches!(entry.change, Change::Reserved(_)) && !status.takes_orders() {
            late.push(entry.event);
        }
    }
    if counter.reach(counted.last().map(|entry| entry.event), now) {
        super::reach(&mut tx, &counter, now)?;
        app.count(Metric::ThresholdsReached);
    }
    tx.save_counter(&counter)?;
    // The batch's pagination may already have passed the place of these orders in the log.
    for event in late {
        tx.emit(&pagination::late_order(BatchId::of(offer), work_left(&counter), event, counter.version))?;
    }
    tx.commit().await?;
    Ok(())
}

/// The work that a decided batch still has with a late order.
const fn work_left(counter: &Counter) -> BatchWork {
    match counter.status {
        CounterStatus::Locked => BatchWork::RequestPayments,
        _ => BatchWork::Abandon,
    }
}

fn logged(offer: OfferId, entry: &Counted, delta: Delta) -> Logged {
    let quantity = match entry.change {
        Change::Reserved(pieces)
        | Change::Released(pieces)
        | Change::Paid(pieces)
        | Change::PaidLate(pieces)
        | Change::Returned(pieces) => pieces,
    };
    Logged {
        offer,
        event: entry.event,
        event_type: entry.event_type.clone(),
        order: entry.order.clone(),
        quantity,
        delta,
    }
}
