//! Publishes records of the outbox, for the relay and the sweep.

use crate::App;
use bus::{Entry, NotPut};
use contracts::Failure;
use futures_util::{StreamExt, stream};
use store::outbox::Record;

/// The number of records that are marked as sent concurrently.
const MARKS_AT_ONCE: usize = 16;

/// The reason why a record was not published.
pub(super) enum Unsent {
    /// The bus refuses one of its events permanently.
    Refused(Failure),
    /// Not all of its events are on the bus, or it could not be marked; the same record may succeed later.
    Unavailable(Failure),
}

impl Unsent {
    pub(super) fn failure(self) -> Failure {
        match self {
            Self::Refused(failure) | Self::Unavailable(failure) => failure,
        }
    }
}

/// Publishes records, and marks those as SENT whose events are all on the bus. Returns a result for each record, in their
/// order.
///
/// After a crash between publishing and marking, the events are published again under the same ids: at least once.
pub(super) async fn publish(app: &App, records: &[Record]) -> Vec<Result<(), Unsent>> {
    let entries: Vec<Entry<'_>> = records
        .iter()
        .flat_map(|record| &record.events)
        .map(|event| Entry { area: &event.area, envelope: &event.envelope })
        .collect();
    let mut outcomes = app.bus.publish(&entries).await.into_iter();
    let sent: Vec<Result<(), NotPut>> =
        records.iter().map(|record| of_record(outcomes.by_ref().take(record.events.len()).collect())).collect();
    // Collected first: the compiler cannot see that the futures of a closure over references are `Send`.
    let marks: Vec<_> = records.iter().zip(sent).map(|(record, sent)| mark(app, record, sent)).collect();
    stream::iter(marks).buffered(MARKS_AT_ONCE).collect().await
}

async fn mark(app: &App, record: &Record, sent: Result<(), NotPut>) -> Result<(), Unsent> {
    match sent {
        Ok(()) => app.store.mark_sent(record.id, app.now(), app.outbox_keep()).await.map_err(Unsent::Unavailable),
        Err(why) => Err(unsent(record, &why)),
    }
}

/// A refusal has precedence over an outage, because it repeats with every try.
fn of_record(outcomes: Vec<Result<(), NotPut>>) -> Result<(), NotPut> {
    let mut failures: Vec<NotPut> = outcomes.into_iter().filter_map(Result::err).collect();
    let refused = failures.iter().position(|failure| matches!(failure, NotPut::Refused(_)));
    match (refused, failures.is_empty()) {
        (_, true) => Ok(()),
        (place, false) => Err(failures.swap_remove(place.unwrap_or_default())),
    }
}

fn unsent(record: &Record, why: &NotPut) -> Unsent {
    let failure = Failure::broken(format!("record {}: {why}", record.id));
    match why {
        NotPut::Refused(_) => Unsent::Refused(failure),
        NotPut::Unavailable(_) => Unsent::Unavailable(failure),
    }
}
