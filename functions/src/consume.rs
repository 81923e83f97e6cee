//! How most consumers take a batch: event by event, each on its own.

use crate::App;
use contracts::Failure;
use contracts::events::RawEnvelope;
use futures_util::future::BoxFuture;
use runtime::queue::{Failures, Message, guarded};

/// Applies one event.
pub(crate) type EventHandler = for<'a> fn(&'a App, &'a RawEnvelope) -> BoxFuture<'a, Result<(), Failure>>;

/// Applies the events in the order in which they came, each under the trace of what caused it. One that fails, cannot be
/// read or panics keeps none of its neighbours.
pub(crate) async fn each_event(app: &App, messages: Vec<Message>, apply: EventHandler) -> Failures {
    let mut failures = Failures::default();
    for message in messages {
        let applied = guarded(async {
            let event = message.event()?;
            apply(&app.caused_by(&event), &event).await
        });
        if let Err(failure) = applied.await {
            failures.0.push((message.id, failure));
        }
    }
    failures
}
