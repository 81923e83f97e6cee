//! `send_notification`: queue, on `notification.requested.v1`. Sends a notification on its channel.
//!
//! Makes the first attempt only; `retry_notifications` makes the others. Emits `notification.sent.v1` or
//! `notification.failed.v1`. The request and its result are an integration point (docs/integration-points.md): in external
//! mode the result of the external system ends the job.

use super::deliver::{deliver, note_external};
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{Event, NotificationFailedV1, NotificationRequestedV1, NotificationSentV1, RawEnvelope};
use domain::notification::{Asker, JobId, SendResult};
use futures_util::future::join_all;
use runtime::queue::{Failures, Message, guarded};
use store::retry_on_stale_read;

pub const MANIFEST: Manifest =
    Manifest::new(Binary::External, "Sends a message through its channel, and applies an external system's result.")
        .queues(&[Queue::of(&[
            Rule::on("OnRequested", &["notification.requested.v1"], "A message was requested.")
                .only_built_in(Mode::Notification)
                .because("Built-in channels: without this rule an external system sends the message."),
            Rule::on(
                "OnResult",
                &["notification.failed.v1", "notification.sent.v1"],
                "An external system reported a result.",
            )
            .not_from("millrun.notifications")
            .because("In built-in mode this function has already stored the result that the event reports."),
        ])
        .batch(1, "if the function is killed, only one message has an unknown result")
        .concurrency(2, "below the rate limits of SES and Slack")
        .alarm_on_age(
            "messages wait to be sent",
            "The oldest event in SendNotificationQueue is older than ten minutes; meanwhile retry_notifications \
             sends the messages. Check the errors and throttles of send_notification.",
        )])
        .grants(&[
            Grant::Table(Orders, &[GetItem]),
            Grant::Table(Catalog, &[GetItem]),
            Grant::Table(Batches, &[GetItem]),
            Grant::Table(Notifications, &[DeleteItem, GetItem, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
            Grant::Read(Secret::MessengerSecret),
            Grant::Users(&[AdminGetUser]),
            Grant::SendEmail,
            Grant::SendSms,
        ])
        .alarm_on_dead_letters(
            "messages were not sent at the first try",
            "send_notification failed five times on each event in SendNotificationDlq. retry_notifications sends \
             these messages within minutes anyway: read the log, fix the cause, and purge the queue.",
        );

/// The failure of a notification in external mode. The external system's own reason could contain an address.
const FAILED: &str = "external";

/// All messages concurrently: a channel that does not respond does not delay the others.
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

/// Makes the first attempt of a notification, or applies an external system's result. The job's claim makes duplicate
/// events one attempt, and its first result is final.
pub async fn send_notification(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    match event.event_type.as_str() {
        NotificationRequestedV1::TYPE => {
            let request: NotificationRequestedV1 = event.read().map_err(Failure::broken)?;
            deliver(app, job(&request.job_id)?, Asker::Request, app.now()).await
        }
        NotificationSentV1::TYPE => {
            let sent: NotificationSentV1 = event.read().map_err(Failure::broken)?;
            let id = job(&sent.job_id)?;
            retry_on_stale_read(|| note_external(app, id, &SendResult::Sent)).await
        }
        NotificationFailedV1::TYPE => {
            let failed: NotificationFailedV1 = event.read().map_err(Failure::broken)?;
            let (id, outcome) = (job(&failed.job_id)?, SendResult::permanent(FAILED));
            retry_on_stale_read(|| note_external(app, id, &outcome)).await
        }
        other => Err(Failure::broken(format!("send_notification received an event of the unexpected type {other}"))),
    }
}

fn job(id: &str) -> Result<JobId, Failure> {
    JobId::parse(id).ok_or_else(|| Failure::broken("the event has an invalid job_id"))
}
