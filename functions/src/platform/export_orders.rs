//! `export_orders`: queue, on `order.paid.v1`. Writes paid orders to object storage, one line each, in a folder for each
//! shop day.
//!
//! At least once: each line has its event's id, by which readers deduplicate. The queue gathers messages for minutes, so
//! that a file has many orders; a redelivered batch overwrites the same file.

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

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Events, "Writes paid orders to object storage for the data platform.")
        .queues(&[Queue::of(&[Rule::on("OnOrderPaid", &["order.paid.v1"], "An order was paid.")])
            .batch(2000, "about 1.5 MB: each file costs one read in every later query")
            .window_seconds(300)
            .concurrency(2, "the minimum: fewer, larger files")
            .alarm_on_age(
                "paid orders wait to be exported",
                "The oldest event in ExportOrdersQueue is older than ten minutes. Check the errors and throttles of \
                 export_orders, and the export bucket.",
            )])
        .grants(&[Grant::PutObjects("orders")])
        .alarm_on_dead_letters(
            "paid orders were not exported",
            "export_orders failed five times on each event in ExportOrdersDlq: these orders are missing in the data \
             platform. Find the error in its log by the message's id, fix the cause, and redrive the queue; \
             processing an event twice is harmless.",
        );

/// The folder of the files, and the name of their table.
const TABLE: &str = "orders";

/// The lines of one file, and the messages that they came from.
#[derive(Debug, Default)]
struct File {
    lines: Lines,
    messages: Vec<String>,
}

/// Handles the batch as a whole. An unreadable message fails alone, and so does a day that cannot be written.
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
        return Err(Failure::broken(format!(
            "export_orders received an event of the unexpected type {}",
            event.event_type
        )));
    }
    let line = PaidOrderLine::read(&event, app.shop()).map_err(Failure::broken)?;
    let file = files.entry(app.shop().day(line.paid_at)).or_default();
    file.lines.add(event.event_id, &line)?;
    file.messages.push(message.id.clone());
    Ok(())
}

/// Writes the orders of one day.
pub async fn export_orders(app: &App, day: Date, lines: &Lines) -> Result<(), Failure> {
    app.lake.write(TABLE, day, lines).await.map(drop)
}
