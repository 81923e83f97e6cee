//! `retry_notifications`: every minute. Messages whose pause is over are tried again, and reminders whose time has come are
//! asked for.
//!
//! Emits `notification.requested.v1` for a reminder, `notification.sent.v1` or `notification.failed.v1` for what was tried.
//! Safe to run twice, late or beside itself: each job's own claim decides.

use super::deliver::deliver;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::Moment;
use domain::notification::{Asker, JobId};
use futures_util::{StreamExt, stream};
use runtime::schedule::Tick;

/// The facts that its AWS resources are generated from.
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

/// Jobs that one tick works through at the most; what is left over is the next tick's. Eight at a time that each wait for
/// their channel in vain end within the function's time.
const JOBS_PER_TICK_MAX: usize = 48;
/// Jobs that are worked on at the same time.
const JOBS_AT_ONCE: usize = 8;

/// When.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    retry_notifications(app, tick.time).await
}

/// Works through what is due at `now`. One job that cannot be worked on does not keep the others.
pub async fn retry_notifications(app: &App, now: Moment) -> Result<(), Failure> {
    let due: Vec<JobId> = app.store.due_jobs(now, JOBS_PER_TICK_MAX).await?;
    let done: Vec<Result<(), Failure>> = stream::iter(due)
        .map(|id| async move { deliver(app, id, Asker::Sweep, now).await })
        .buffer_unordered(JOBS_AT_ONCE)
        .collect()
        .await;
    done.into_iter().collect()
}
