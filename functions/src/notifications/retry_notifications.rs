//! `retry_notifications`: every minute. Messages whose pause is over are tried again, and reminders whose time has come are
//! asked for.
//!
//! Emits `notification.requested.v1` for a reminder, `notification.sent.v1` or `notification.failed.v1` for what was tried.
//! Safe to run twice, late or beside itself: each job's own claim decides.

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

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(
    Binary::External,
    "Tries messages again whose pause is over, and asks for reminders whose time has come.",
)
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

/// Jobs of one lane that are worked on at the same time.
const JOBS_AT_ONCE: usize = 16;

/// Reads the time of the tick.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    retry_notifications(app, tick.time).await
}

/// Works through what is due at `now`: tries and reminders side by side, because a batch's reminders all become due at once.
/// One job that cannot be worked on does not keep the others.
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
