//! One attempt to send one notification: claim the job, send, store the result. The queue makes the first attempt, the
//! sweep all others.
//!
//! Sending happens between two transactions, so an attempt can end without a stored result. The claim (a lease) records
//! that it was started; when the lease expires, the result counts as unknown (see `domain::notification`).

use super::message;
use crate::App;
use contracts::Failure;
use contracts::events::{NotificationFailedV1, NotificationRequestedV1, NotificationSentV1, Trace};
use domain::Moment;
use domain::notification::{Asker, Begin, Job, JobId, NotificationStatus, Recipient, SendResult, TemplateKey};
use runtime::telemetry::Metric;
use store::{Rejected, retry_on_stale_read};

/// Makes an attempt, if `asker` may make one at `now`.
pub(super) async fn deliver(app: &App, id: JobId, asker: Asker, now: Moment) -> Result<(), Failure> {
    // The lease starts at the current time: a late tick must not write one that is already expired.
    let now = now.max(app.now());
    let Some(job) = retry_on_stale_read(|| claim(app, id, asker, now)).await? else { return Ok(()) };
    let app = &traced(app, &job, asker);
    let outcome = hand_over(app, &job).await;
    retry_on_stale_read(|| note(app, &job, &outcome)).await
}

/// The claimed job. `None` when there is nothing to send: the job has ended, is claimed or not due; or it was given up,
/// handed to an external system, or dropped.
async fn claim(app: &App, id: JobId, asker: Asker, now: Moment) -> Result<Option<Job>, Rejected> {
    let Some(job) = app.store.find_job(id).await? else { return Ok(None) };
    let app = &traced(app, &job, asker);
    let (is_requested, before) = (job.is_requested, job.clone());
    let is_theirs = app.messaging().is_external && is_requested;
    match if is_theirs { job.await_external(now) } else { job.begin(asker, now) } {
        Begin::Leave => Ok(None),
        Begin::GiveUp(job) => finish(app, &job).await.map(|()| None),
        Begin::Try(_) if !is_theirs && !is_needed(app, &before, now).await? => {
            let mut tx = app.tx()?;
            tx.drop_job(&before)?;
            tx.commit().await?;
            Ok(None)
        }
        Begin::Try(_) if !is_requested => {
            let requested = before.request(now);
            let mut tx = app.tx()?;
            tx.save_job(&requested)?;
            tx.emit(&NotificationRequestedV1::from(&requested))?;
            tx.commit().await?;
            Ok(None)
        }
        Begin::Try(job) => {
            let mut tx = app.tx()?;
            tx.save_job(&job)?;
            tx.commit().await?;
            Ok(Some(job).filter(|_| !is_theirs))
        }
    }
}

/// Whether the message is still true: no reminder for an order that is paid or has ended, and no confirmation of an order
/// that was canceled before the message was sent.
async fn is_needed(app: &App, job: &Job, now: Moment) -> Result<bool, Failure> {
    let can_be_outdated =
        matches!(job.template, TemplateKey::OrderPlaced | TemplateKey::PreorderReserved | TemplateKey::PaymentReminder);
    match &job.recipient {
        Recipient::Customer { customer, order } if can_be_outdated => {
            let order = app.store.load_order(customer, *order).await?;
            let is_in_time =
                job.template != TemplateKey::PaymentReminder || order.deadline().is_some_and(|end| now < end);
            Ok(job.template.concerns(order.status) && is_in_time)
        }
        _ => Ok(true),
    }
}

/// An error before the call of the channel ends the attempt, too: a permanent fault must not leave the job claimed.
async fn hand_over(app: &App, job: &Job) -> SendResult {
    match message::write(app, job).await {
        Ok(Some(message)) => app.messengers.send(job.id.channel(), &message).await,
        Ok(None) => SendResult::permanent("no_address"),
        Err(Failure::Busy) => SendResult::retry("busy"),
        Err(Failure::Refused(refusal)) => SendResult::permanent(refusal.code()),
        Err(Failure::Broken(_)) => SendResult::retry("unwritable"),
    }
}

/// Stores the result of an attempt.
async fn note(app: &App, tried: &Job, outcome: &SendResult) -> Result<(), Rejected> {
    let Some(job) = app.store.find_job(tried.id).await? else { return Ok(()) };
    let is_ours = job.version == tried.version;
    // Another attempt claimed the job after the lease expired: its result is newer, unless the channel accepted this
    // message.
    if job.status != NotificationStatus::Requested || (!is_ours && *outcome != SendResult::Sent) {
        return Ok(());
    }
    finish(app, &job.end(outcome.clone(), app.now())).await
}

/// Stores the result that an external system has published. Its event is already on the bus.
pub(super) async fn note_external(app: &App, id: JobId, outcome: &SendResult) -> Result<(), Rejected> {
    let job = app
        .store
        .find_job(id)
        .await?
        .ok_or_else(|| Failure::broken(format!("the external result names the unknown notification {id}")))?;
    if job.status != NotificationStatus::Requested {
        return Ok(());
    }
    let job = job.end(outcome.clone(), app.now());
    let mut tx = app.tx()?;
    tx.save_job(&job)?;
    tx.commit().await?;
    count(app, job.status);
    Ok(())
}

/// Saves a job, and emits an event if it has ended.
async fn finish(app: &App, job: &Job) -> Result<(), Rejected> {
    let mut tx = app.tx()?;
    tx.save_job(job)?;
    match job.status {
        NotificationStatus::Requested => {}
        NotificationStatus::Sent => tx.emit(&NotificationSentV1::from(job))?,
        NotificationStatus::Failed => tx.emit(&NotificationFailedV1::from(job))?,
    }
    tx.commit().await?;
    count(app, job.status);
    Ok(())
}

fn count(app: &App, status: NotificationStatus) {
    app.count(match status {
        NotificationStatus::Requested => Metric::NotificationsRetried,
        NotificationStatus::Sent => Metric::NotificationsSent,
        NotificationStatus::Failed => Metric::NotificationsFailed,
    });
}

/// The sweep has no trace of its own: its effects keep the trace of the job.
fn traced(app: &App, job: &Job, asker: Asker) -> App {
    match asker {
        Asker::Request => app.clone(),
        Asker::Sweep => {
            app.traced(Trace { correlation_id: job.correlation_id.clone(), causation_id: job.id.event().to_string() })
        }
    }
}
