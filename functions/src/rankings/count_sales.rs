//! `count_sales`: queue, on `order.paid.v1`, `order.refunded.v1`, and `order.canceled.v1` of an order that had cost nothing and has
//! no refund. Pieces sold per shop day and product, net of refunds.
//!
//! A batch is folded into as few writes as its days and products need; each event counts once.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{Event, OrderCanceledV1, OrderPaidV1, OrderRefundedV1, RawEnvelope, SoldLine};
use domain::id::{EventId, ProductId};
use domain::ranking::Sold;
use jiff::civil::Date;
use runtime::queue::{Failures, Message, guarded};
use std::collections::BTreeMap;
use store::{Rejected, TX_ITEMS_MAX};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Events, "Counts what was sold and given back, per shop day.")
    .queues(&[Queue::of(&[Rule::on(
        "OnOrderPaid",
        &["order.canceled.v1", "order.paid.v1", "order.refunded.v1"],
        "An order was paid, its money given back, or canceled when it had cost nothing.",
    )])
    .window_seconds(1)
    .concurrency(2, "the least there is: few consumers with full batches write a day's counter less often")
    .alarm_on_age(
        "sales wait to be counted",
        "The oldest event in CountSalesQueue is older than ten minutes. Look at the errors and \
         throttles of count_sales.",
    )])
    .grants(&[Grant::Table(Counters, &[PutItem, UpdateItem])])
    .alarm_on_dead_letters(
        "sales were not counted",
        "count_sales failed five times on each event in CountSalesDlq: best sellers are too low. \
         Read its log by the message's id, mend the cause, redrive the queue; a repeated event is \
         harmless.",
    );

/// The consumer's name in the record of what it consumed.
const CONSUMER: &str = "count_sales";

/// What one event says was sold.
#[derive(Debug, Clone)]
struct Sale {
    message: String,
    event: EventId,
    day: Date,
    pieces: Vec<Sold>,
}

/// The batch as a whole; what cannot be read fails alone.
pub async fn handle(app: &App, messages: Vec<Message>) -> Failures {
    let mut failures = Failures::default();
    let mut sales: Vec<Sale> = Vec::new();
    for message in messages {
        match guarded(async { read(app, &message) }).await {
            // The same event twice in one batch would be one item twice in one transaction.
            Ok(sale) if sales.iter().any(|known| known.event == sale.event) => {}
            Ok(sale) => sales.push(sale),
            Err(failure) => failures.0.push((message.id, failure)),
        }
    }
    for group in groups(sales) {
        let messages: Vec<String> = group.iter().map(|sale| sale.message.clone()).collect();
        if let Err(failure) = guarded(count(app, group)).await {
            let why = runtime::telemetry::Outcome::of(&failure);
            let again = |_: &String| why.error.clone().map_or(Failure::Busy, Failure::broken);
            failures.0.extend(messages.iter().map(|id| (id.clone(), again(id))));
        }
    }
    failures
}

fn read(app: &App, message: &Message) -> Result<Sale, Failure> {
    let event = message.event()?;
    let (at, lines, sign) = read_lines(&event)?;
    let pieces =
        lines.iter().map(|line| Sold { product: line.product_id, quantity: sign * i64::from(line.quantity) }).collect();
    Ok(Sale { message: message.id.clone(), event: event.event_id, day: app.shop().day(at), pieces })
}

/// A refund takes pieces from the day on which they were sold, whenever it comes.
fn read_lines(event: &RawEnvelope) -> Result<(domain::Moment, Vec<SoldLine>, i64), Failure> {
    match event.event_type.as_str() {
        OrderPaidV1::TYPE => {
            let paid: OrderPaidV1 = event.read().map_err(Failure::broken)?;
            Ok((paid.paid_at, paid.lines, 1))
        }
        OrderRefundedV1::TYPE => {
            let refunded: OrderRefundedV1 = event.read().map_err(Failure::broken)?;
            Ok((refunded.paid_at, refunded.lines, -1))
        }
        OrderCanceledV1::TYPE => {
            let canceled: OrderCanceledV1 = event.read().map_err(Failure::broken)?;
            let free = canceled.free_since.map(|paid_at| (paid_at, canceled.lines, -1));
            // Of any other canceled order, the refund is counted, or nothing was sold.
            Ok(free.unwrap_or((event.occurred_at, Vec::new(), -1)))
        }
        other => Err(Failure::broken(format!("an event of type {other}"))),
    }
}

fn fold(sales: &[Sale]) -> BTreeMap<(Date, ProductId), i64> {
    let mut sums = BTreeMap::new();
    for sale in sales {
        for sold in &sale.pieces {
            *sums.entry((sale.day, sold.product)).or_default() += sold.quantity;
        }
    }
    sums
}

/// Groups that one transaction takes each.
fn groups(sales: Vec<Sale>) -> Vec<Vec<Sale>> {
    let mut groups: Vec<Vec<Sale>> = Vec::new();
    for sale in sales {
        match groups.last_mut() {
            Some(group) => {
                group.push(sale);
                if group.len() + fold(group).len() > TX_ITEMS_MAX
                    && let Some(sale) = group.pop()
                {
                    groups.push(vec![sale]);
                }
            }
            None => groups.push(vec![sale]),
        }
    }
    groups
}

/// Counts a group; events that were counted before are left out and the rest is tried again.
async fn count(app: &App, mut sales: Vec<Sale>) -> Result<(), Failure> {
    while !sales.is_empty() {
        let mut tx = app.tx()?;
        for sale in &sales {
            tx.consume(&app.store.tables().counters, CONSUMER, sale.event)?;
        }
        for ((day, product), quantity) in fold(&sales) {
            tx.count_sale(day, Sold { product, quantity })?;
        }
        match tx.commit().await {
            Ok(_) => return Ok(()),
            Err(Rejected::Consumed(events)) => sales.retain(|sale| !events.contains(&sale.event)),
            Err(rejected) => return Err(rejected.into()),
        }
    }
    Ok(())
}
