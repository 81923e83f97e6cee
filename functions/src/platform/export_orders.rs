//! `export_orders`: queue, on `order.paid.v1`. Writes paid orders to object storage, a line each, a folder for each shop day.
//!
//! At least once: a line has its event's id, by which who reads knows it again. The queue gathers for minutes before it
//! delivers, so that a file holds many orders; a batch that comes again writes the same file over itself.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{Event, OrderPaidV1};
use contracts::export::PaidOrderLine;
use jiff::civil::Date;
use lake::Lines;
use runtime::queue::{Failures, Message, guarded};
use runtime::telemetry::Outcome;
use std::collections::BTreeMap;

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest =
    Manifest::new(Binary::Events, "Writes paid orders to object storage for the data platform.")
        .queues(&[Queue::of(&[Rule::on("OnOrderPaid", &["order.paid.v1"], "An order was paid.")])
            .batch(2000, "about 1.5 MB: each file costs every later query a read")
            .window_seconds(300)
            .concurrency(2, "the least there is: fewer, larger files")
            .alarm_on_age(
                "paid orders wait to be exported",
                "The oldest event in ExportOrdersQueue is older than ten minutes. Look at the errors and \
                 throttles of export_orders, and at the export bucket.",
            )])
        .grants(&[Grant::PutObjects("orders")])
        .alarm_on_dead_letters(
            "paid orders were not exported",
            "export_orders failed five times on each event in ExportOrdersDlq: the data platform \
             misses orders. Read its log by the message's id, mend the cause, redrive the queue; a \
             repeated event is harmless.",
        );

/// The folder of the files, and the name of the table over them.
const TABLE: &str = "orders";

/// What one file will hold, and the messages that it came from.
#[derive(Debug, Default)]
struct File {
    lines: Lines,
    messages: Vec<String>,
}

/// The batch as a whole. What cannot be read fails alone, and so does a day that cannot be written.
pub async fn handle(app: &App, messages: Vec<Message>) -> Failures {
    let mut failures = Failures::default();
    let mut files: BTreeMap<Date, File> = BTreeMap::new();
    for message in messages {
        if let Err(failure) = guarded(async { add(app, &message, &mut files) }).await {
            failures.0.push((message.id, failure));
        }
    }
    for (day, file) in files {
        if let Err(failure) = guarded(export_orders(app, day, &file.lines)).await {
            let why = Outcome::of(&failure).error;
            let again = || why.clone().map_or(Failure::Busy, Failure::broken);
            failures.0.extend(file.messages.into_iter().map(|message| (message, again())));
        }
    }
    failures
}

/// The day of an order is the shop day on which it was paid, as in the sales.
fn add(app: &App, message: &Message, files: &mut BTreeMap<Date, File>) -> Result<(), Failure> {
    let event = message.event()?;
    if event.event_type != OrderPaidV1::TYPE {
        return Err(Failure::broken(format!("an event of type {}", event.event_type)));
    }
    let line = PaidOrderLine::read(&event).map_err(Failure::broken)?;
    let file = files.entry(app.shop().day(line.paid_at)).or_default();
    file.lines.add(event.event_id, &line)?;
    file.messages.push(message.id.clone());
    Ok(())
}

/// Writes one day's orders of a batch.
pub async fn export_orders(app: &App, day: Date, lines: &Lines) -> Result<(), Failure> {
    app.lake.write(TABLE, day, lines).await.map(drop)
}
