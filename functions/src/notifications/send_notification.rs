//! `send_notification`: queue, on `notification.requested.v1`. Hands a message to its channel.
//!
//! Only for the first try: whatever has to be tried again is `retry_notifications`'. Emits `notification.sent.v1` or
//! `notification.failed.v1`. The request and its result are an integration point (docs/integration-points.md): where the deployer leaves messages to an
//! external system, its result on the bus is the job's end.

use super::deliver::{deliver, note_external};
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{Event, NotificationFailedV1, NotificationRequestedV1, NotificationSentV1, RawEnvelope};
use domain::notification::{Asker, JobId, SendResult};
use futures_util::future::join_all;
use runtime::queue::{Failures, Message, guarded};
use store::retry_on_stale_read;

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest =
    Manifest::new(Binary::External, "Hands a message to its channel, and takes an external system's answer.")
        .queues(&[Queue::of(&[
            Rule::on("OnRequested", &["notification.requested.v1"], "A message is to be sent.")
                .only_built_in(Mode::Notification)
                .because("Our own channels: without this rule the request is left to an external system."),
            Rule::on("OnResult", &["notification.failed.v1", "notification.sent.v1"], "An external system answered.")
                .not_from("millrun.notifications")
                .because("What becomes of our own messages is written down before it is announced."),
        ])
        .batch(1, "whoever is killed takes one message along, of which nobody knows whether it was sent")
        .concurrency(3, "few enough for the rates of SES and Slack")
        .alarm_on_age(
            "messages wait to be sent",
            "The oldest event in SendNotificationQueue is older than ten minutes; retry_notifications \
             sends them meanwhile. Look at the errors and throttles of send_notification.",
        )])
        .grants(&[
            Grant::Table(Orders, &[GetItem]),
            Grant::Table(Catalog, &[GetItem]),
            Grant::Table(Notifications, &[DeleteItem, GetItem, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
            Grant::Read(Secret::MessengerSecret),
            Grant::SendEmail,
            Grant::SendSms,
        ])
        .alarm_on_dead_letters(
            "messages were not sent at once",
            "send_notification failed five times on each event in SendNotificationDlq. \
             retry_notifications sends these messages within minutes all the same: read the log, mend \
             the cause and purge the queue.",
        );

/// Why a message was not sent that an external system was to send; its own words could repeat an address.
const FAILED: &str = "external";

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

/// Tries what one event asks for, or takes an external system's result. However often the event comes, the job's claim makes it
/// one try, and its first result is its end.
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
        other => Err(Failure::broken(format!("an event of type {other}"))),
    }
}

fn job(id: &str) -> Result<JobId, Failure> {
    JobId::parse(id).ok_or_else(|| Failure::broken("a job's name that is none"))
}
