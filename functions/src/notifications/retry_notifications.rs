//! `retry_notifications`: every minute. Retries notifications after their back-off, and requests reminders that are due.
//!
//! Emits `notification.requested.v1` for a reminder, `notification.sent.v1` or `notification.failed.v1` for a result. Safe
//! to run twice, late or concurrently: each job is decided by its claim.

use super::deliver::deliver;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::Moment;
use domain::notification::{Asker, JobId};
use futures_util::{StreamExt, stream};
use runtime::schedule::Tick;

pub const MANIFEST: Manifest = Manifest::new(
    Binary::External,
    "Tries messages again whose pause is over, and asks for reminders whose time has come.",
)
.schedule(Schedule::often("rate(1 minute)"))
.grants(&[
    Grant::Table(Orders, &[GetItem]),
    Grant::Table(Catalog, &[GetItem]),
    Grant::Table(Notifications, &[DeleteItem, GetItem, UpdateItem]),
    Grant::Index(Notifications, "by_worklist"),
    Grant::Table(Outbox, &[PutItem]),
    Grant::Read(Secret::MessengerSecret),
    Grant::SendEmail,
    Grant::SendSms,
]);

/// Jobs per tick; the next tick continues. Eight at a time that all wait for their channel's time-out end within the
/// function's time-out.
const JOBS_PER_TICK_MAX: usize = 48;
/// Jobs that are handled concurrently.
const JOBS_AT_ONCE: usize = 8;

pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    retry_notifications(app, tick.time).await
}

/// Handles the jobs that are due at `now`. A failure of one job does not affect the others.
pub async fn retry_notifications(app: &App, now: Moment) -> Result<(), Failure> {
    let due: Vec<JobId> = app.store.due_jobs(now, JOBS_PER_TICK_MAX).await?;
    let done: Vec<Result<(), Failure>> = stream::iter(due)
        .map(|id| async move { deliver(app, id, Asker::Sweep, now).await })
        .buffer_unordered(JOBS_AT_ONCE)
        .collect()
        .await;
    done.into_iter().collect()
}
