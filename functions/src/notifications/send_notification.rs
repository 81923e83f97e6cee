//! `send_notification`: queue, on `notification.requested.v1`. Hands a message to its channel.
//!
//! Only for the first try: whatever has to be tried again is `retry_notifications`'. Emits `notification.sent.v1` or
//! `notification.failed.v1`.

use super::deliver::deliver;
use crate::App;
use contracts::Failure;
use contracts::events::{Event, NotificationRequestedV1, RawEnvelope};
use domain::notification::{Asker, JobId};
use futures_util::future::join_all;
use runtime::queue::{Failures, Message, guarded};

/// Each message by itself, all at the same time: a channel that does not answer keeps nobody.
pub async fn handle(app: &App, messages: Vec<Message>) -> Failures {
    let sent = messages.into_iter().map(|message| async move {
        let done = guarded(async {
            let event = message.event()?;
            send_notification(&app.caused_by(&event), &event).await
        });
        done.await.map_err(|failure| (message.id, failure))
    });
    Failures(join_all(sent).await.into_iter().filter_map(Result::err).collect())
}

/// Tries what one event asks for. However often the event comes, the job's claim makes it one try.
pub async fn send_notification(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    if event.event_type != NotificationRequestedV1::TYPE {
        return Err(Failure::broken(format!("an event of type {}", event.event_type)));
    }
    let request: NotificationRequestedV1 = event.read().map_err(Failure::broken)?;
    let id = JobId::parse(&request.job_id).ok_or_else(|| Failure::broken("a job's name that is none"))?;
    deliver(app, id, Asker::Request, app.now()).await
}
