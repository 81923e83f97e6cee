//! Consumes a batch event by event.

use crate::App;
use contracts::Failure;
use contracts::events::RawEnvelope;
use futures_util::future::BoxFuture;
use runtime::queue::{Failures, Message, guarded};

/// Applies one event.
pub(crate) type EventHandler = for<'a> fn(&'a App, &'a RawEnvelope) -> BoxFuture<'a, Result<(), Failure>>;

/// Applies the events in order, each with the trace of its cause. An event that fails, cannot be read or panics does not
/// affect the others.
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
