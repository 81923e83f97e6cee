//! `sweep_outbox`: every minute. Publishes what the relay missed and what an admin asked to publish again, and sets aside
//! what cannot be published.
//!
//! Walks the outbox minute by minute from a watermark: everything before it has left or is set aside. Safe to run twice,
//! late, or beside the relay.

use super::publish::publish;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::Moment;
use jiff::SignedDuration;
use runtime::schedule::Tick;
use runtime::telemetry::{Metric, Outcome};
use store::outbox::{ATTEMPTS_MAX, Minute, Record};
use store::{Rejected, retry_on_stale_read};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest =
    Manifest::new(Binary::Upkeep, "Publishes what the relay missed, and parks what cannot be sent.")
        .schedule(Schedule::often("rate(1 minute)"))
        .grants(&[
            Grant::Table(Outbox, &[BatchGetItem, DeleteItem, GetItem, PutItem, Query, Scan, UpdateItem]),
            Grant::PublishEvents,
        ]);

/// How old a record must be before it counts as missed by the relay.
const MISSED_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// Minutes that one tick walks at the most; after an outage the next ticks go on.
const MINUTES_PER_SWEEP_MAX: i64 = 240;
/// How far the watermark stays behind the clock: a writer's clock may be behind by minutes.
const WATERMARK_LAG_MINUTES: i64 = 10;
/// Records that are set aside are counted up to here.
const FAILED_COUNT_MAX: usize = 100;

/// Why the sweep sends a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The relay did not.
    Missed,
    /// An admin asked for it.
    Replayed,
}

/// When.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    sweep_outbox(app, tick.time).await
}

/// Sends what waits at `now`.
pub async fn sweep_outbox(app: &App, now: Moment) -> Result<(), Failure> {
    let replays = app.store.replays().await?;
    let mut oldest = send(app, &replays, Why::Replayed).await?;

    let from = app.store.watermark(now).await?;
    let newest = Minute::of(now).plus(1);
    let mut watermark = None;
    let mut minute = from;
    while minute <= newest && minute.since(from) < MINUTES_PER_SWEEP_MAX {
        let mut missed = app.store.waiting_of(minute).await?;
        missed.retain(|record| now.duration_since(record.created_at) >= MISSED_AFTER);
        let left = send(app, &missed, Why::Missed).await?;
        if left.is_some() {
            watermark = watermark.or(Some(minute));
        }
        oldest = [oldest, left].into_iter().flatten().min();
        minute = minute.plus(1);
    }
    let lagging = Minute::of(now).plus(-WATERMARK_LAG_MINUTES).max(from);
    let watermark = watermark.unwrap_or(minute).min(lagging);
    if watermark != from {
        app.store.set_watermark(watermark).await?;
    }

    let age = oldest.map_or(0, |oldest| now.duration_since(oldest).as_secs().max(0));
    app.metrics.add(Metric::OutboxAge, u64::try_from(age).unwrap_or_default());
    let failed = app.store.failed_count(FAILED_COUNT_MAX).await?;
    app.metrics.add(Metric::OutboxFailed, u64::try_from(failed).unwrap_or_default());
    Ok(())
}

/// Publishes records; says from when the oldest one is that still waits.
async fn send(app: &App, records: &[Record], why: Why) -> Result<Option<Moment>, Failure> {
    let mut oldest: Option<Moment> = None;
    for (record, outcome) in records.iter().zip(publish(app, records).await) {
        if let Err(failure) = &outcome {
            // The sweep itself goes on and ends well: without a line of its own nobody would know what the bus answered.
            tracing::warn!(error = Outcome::of(failure).why(), attempts = record.attempts + 1, "an event was not sent");
        }
        match outcome {
            Ok(()) if why == Why::Replayed => app.store.finish_replay(record.id).await?,
            Ok(()) => {}
            Err(_) if record.attempts + 1 >= ATTEMPTS_MAX => retry_on_stale_read(|| set_aside(app, record)).await?,
            Err(_) => {
                app.store.mark_attempt(record).await?;
                oldest = Some(oldest.map_or(record.created_at, |oldest| oldest.min(record.created_at)));
            }
        }
    }
    Ok(oldest)
}

async fn set_aside(app: &App, record: &Record) -> Result<(), Rejected> {
    let mut tx = app.tx()?;
    tx.set_record_aside(record)?;
    match tx.commit().await {
        // Another worker sent it meanwhile.
        Err(Rejected::Stale) => Ok(()),
        done => done.map(drop),
    }
}
