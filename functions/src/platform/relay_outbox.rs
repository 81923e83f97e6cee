//! `relay_outbox`: stream of the outbox. Publishes new records immediately.
//!
//! [`super::sweep_outbox`] publishes the records that this function has not published.

use super::publish::publish;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::outbox::OutboxStatus;
use runtime::stream::Change;
use store::outbox::Record;

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Upkeep, "Publishes each event as soon as its transaction is committed.")
        .stream(Stream { table: Outbox })
        .grants(&[Grant::Table(Outbox, &[UpdateItem]), Grant::PublishEvents])
        .alarm_on_dead_letters(
            "the relay skipped stream records",
            "relay_outbox failed on records of its stream; RelayOutboxDlq has their positions. The sweep publishes \
             these events within minutes: if OutboxAge is low, read the log, fix the cause, and purge the queue.",
        );

/// Publishes the records that the changes have inserted.
pub async fn handle(app: &App, changes: Vec<Change>) -> Vec<(String, Failure)> {
    let mut failures = Vec::new();
    let mut places = Vec::new();
    let mut records = Vec::new();
    for change in changes {
        match Record::from_stream(change.new_image) {
            Ok(Some(record)) if record.status == OutboxStatus::New => {
                places.push(change.sequence_number);
                records.push(record);
            }
            Ok(_) => {}
            Err(failure) => failures.push((change.sequence_number, failure)),
        }
    }
    for (place, outcome) in places.into_iter().zip(publish(app, &records).await) {
        failures.extend(outcome.err().map(|unsent| (place, unsent.failure())));
    }
    failures
}
