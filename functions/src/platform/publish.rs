//! Publishes outbox records, for relay and sweep.

use crate::App;
use bus::Entry;
use contracts::Failure;
use futures_util::future::join_all;
use store::outbox::Record;

/// Publishes records and marks those whose events are all on the bus. Returns an outcome per record, in order.
///
/// A crash between publishing and marking publishes again with the same event ids: at least once.
pub(super) async fn publish(app: &App, records: &[Record]) -> Vec<Result<(), Failure>> {
    let entries: Vec<Entry<'_>> = records
        .iter()
        .flat_map(|record| &record.events)
        .map(|event| Entry { area: &event.area, envelope: &event.envelope })
        .collect();
    let mut outcomes = app.bus.publish(&entries).await.into_iter();
    let sent: Vec<Result<(), String>> = records
        .iter()
        .map(|record| {
            // Complete all outcomes of the record first: collecting stops at the first error, and would shift the rest to
            // the next record.
            let of_its_events: Vec<_> = outcomes.by_ref().take(record.events.len()).collect();
            of_its_events.into_iter().collect()
        })
        .collect();
    let noted = records.iter().zip(sent).map(|(record, sent)| async move {
        match sent {
            Ok(()) => app.store.mark_sent(record.id, app.now(), app.outbox_keep()).await,
            Err(why) => Err(Failure::broken(format!("record {}: {why}", record.id))),
        }
    });
    join_all(noted).await
}
