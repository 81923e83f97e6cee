//! `relay_outbox`: stream of the outbox. Publishes what was just written, within moments.
//!
//! What it misses, [`super::sweep_outbox`] sends.

use super::publish::publish;
use crate::App;
use contracts::Failure;
use contracts::platform::OutboxStatus;
use runtime::stream::Change;
use store::outbox::Record;

/// Each change that wrote a new record.
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
        failures.extend(outcome.err().map(|failure| (place, failure)));
    }
    failures
}
