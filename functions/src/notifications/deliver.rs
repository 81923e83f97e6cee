//! One try of one job: claim it, hand it over, note what became of it. The queue makes the first, the sweep all others.
//!
//! A channel stands between two transactions, so a try can end without a trace. The claim says that one was begun; when it
//! lapses, the next one knows that nobody can say how it ended (see `domain::notification`).

use super::message;
use crate::App;
use contracts::Failure;
use contracts::events::{NotificationFailedV1, NotificationRequestedV1, NotificationSentV1, Trace};
use domain::Moment;
use domain::notification::{Asker, Begin, Job, JobId, NotificationStatus, Recipient, SendResult, TemplateKey};
use domain::order::OrderStatus;
use runtime::telemetry::Metric;
use store::{Rejected, retry_on_stale_read};

/// Tries a job if it is this asker's to try at `now`.
pub(super) async fn deliver(app: &App, id: JobId, asker: Asker, now: Moment) -> Result<(), Failure> {
    // A tick that comes late must not make a claim that has lapsed already.
    let now = now.max(app.now());
    let Some(job) = retry_on_stale_read(|| claim(app, id, asker, now)).await? else { return Ok(()) };
    let app = &traced(app, &job, asker);
    let outcome = hand_over(app, &job).await;
    retry_on_stale_read(|| note(app, &job, &outcome)).await
}

/// The job, claimed. `None` when there is nothing to try: it is at its end, somebody is at it, or it is not due; or it was
/// given up, asked for, or dropped instead.
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

/// Whether the message still says something true: nobody is reminded of what is paid or over.
async fn is_needed(app: &App, job: &Job, now: Moment) -> Result<bool, Failure> {
    match &job.recipient {
        Recipient::Customer { customer, order } if job.template == TemplateKey::PaymentReminder => {
            let order = app.store.load_order(customer, *order).await?;
            Ok(order.status == OrderStatus::PendingPayment && order.deadline().is_some_and(|end| now < end))
        }
        _ => Ok(true),
    }
}

/// Whatever goes wrong before the channel is reached is an end of the try too: a job must not be claimed for ever by a fault
/// that comes again each time.
async fn hand_over(app: &App, job: &Job) -> SendResult {
    match message::write(app, job).await {
        Ok(Some(message)) => app.messengers.send(job.id.channel(), &message).await,
        Ok(None) => SendResult::permanent("no_address"),
        Err(Failure::Busy) => SendResult::retry("busy"),
        Err(Failure::Refused(refusal)) => SendResult::permanent(refusal.code()),
        Err(Failure::Broken(_)) => SendResult::retry("unwritable"),
    }
}

/// Writes down how a try ended.
async fn note(app: &App, tried: &Job, outcome: &SendResult) -> Result<(), Rejected> {
    let Some(job) = app.store.find_job(tried.id).await? else { return Ok(()) };
    let is_ours = job.version == tried.version;
    // Somebody took the job over after the claim had lapsed: what they know is newer, unless the channel took the message.
    if job.status != NotificationStatus::Requested || (!is_ours && *outcome != SendResult::Sent) {
        return Ok(());
    }
    finish(app, &job.end(outcome.clone(), app.now())).await
}

/// Writes down what an external system says of a message that it was to send. Its own word is on the bus already.
pub(super) async fn note_external(app: &App, id: JobId, outcome: &SendResult) -> Result<(), Rejected> {
    let job = app.store.find_job(id).await?.ok_or_else(|| Failure::broken("a result of a job that is not there"))?;
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

/// Saves a job and announces its end, if it is at its end.
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

/// A sweep goes back to nothing of its own: what it does follows from what the job followed from.
fn traced(app: &App, job: &Job, asker: Asker) -> App {
    match asker {
        Asker::Request => app.clone(),
        Asker::Sweep => {
            app.traced(Trace { correlation_id: job.correlation_id.clone(), causation_id: job.id.event().to_string() })
        }
    }
}
