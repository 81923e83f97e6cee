//! `retry_notifications`: every minute. Retries messages after their back-off, and requests reminders that are due.
//!
//! Emits `notification.requested.v1` for a reminder, `notification.sent.v1` or `notification.failed.v1` for a retry. Safe
//! to run twice, late or concurrently: the claim of each job decides.

use super::deliver::deliver;
use crate::App;
use crate::manifest::prelude::*;
use crate::sweep::{PAGE, work_through};
use contracts::Failure;
use domain::Moment;
use domain::notification::{Asker, JobId};
use futures_util::future::join;
use runtime::schedule::Tick;
use store::notifications::JobLane;

pub const MANIFEST: Manifest =
    Manifest::new(Binary::External, "Retries messages after their back-off, and requests reminders that are due.")
        .schedule(Schedule::often("rate(1 minute)"))
        .grants(&[
            Grant::Table(Orders, &[GetItem]),
            Grant::Table(Catalog, &[GetItem]),
            Grant::Table(Batches, &[GetItem]),
            Grant::Table(Notifications, &[DeleteItem, GetItem, UpdateItem]),
            Grant::Index(Notifications, "by_worklist"),
            Grant::Table(Outbox, &[PutItem]),
            Grant::Read(Secret::MessengerSecret),
            Grant::Users(&[AdminGetUser]),
            Grant::SendEmail,
            Grant::SendSms,
        ]);

/// The number of jobs of one lane that are processed concurrently.
const JOBS_AT_ONCE: usize = 16;

/// Reads the time of the tick.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    retry_notifications(app, tick.time).await
}

/// Processes the jobs that are due at `now`: retries and reminders concurrently, because the reminders of a batch all
/// become due at the same time. A job that fails does not delay the others.
pub async fn retry_notifications(app: &App, now: Moment) -> Result<(), Failure> {
    let lane = |lane| {
        work_through(
            JOBS_AT_ONCE,
            move |after| async move { app.store.due_jobs(lane, now, after.as_deref(), PAGE).await },
            move |id: JobId| async move { deliver(app, id, Asker::Sweep, now).await },
        )
    };
    let (tries, reminders) = join(lane(JobLane::Tries), lane(JobLane::Reminders)).await;
    tries.and(reminders)
}
