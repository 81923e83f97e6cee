//! `sweep_outbox`: every minute. Publishes what the relay missed and what an admin asked to publish again, and sets aside
//! what cannot be published.
//!
//! Reads the outbox minute by minute from a watermark: all records before it are sent or set aside. Safe to run twice,
//! late, or concurrently with the relay.

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

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Upkeep,
    "Publishes events that the relay missed; marks those FAILED that cannot be published.",
)
.schedule(Schedule::often("rate(1 minute)"))
.grants(&[
    Grant::Table(Outbox, &[BatchGetItem, DeleteItem, GetItem, PutItem, Query, Scan, UpdateItem]),
    Grant::PublishEvents,
]);

/// The age at which a record counts as missed by the relay.
const MISSED_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// The most minutes of the outbox that one tick reads; after an outage the next ticks continue.
const MINUTES_PER_SWEEP_MAX: i64 = 240;
/// The distance of the watermark from the clock, because a writer's clock may be minutes slow.
const WATERMARK_LAG_MINUTES: i64 = 10;
/// The limit up to which failed records are counted.
const FAILED_COUNT_MAX: usize = 100;

/// Why the sweep publishes a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The relay missed it.
    Missed,
    /// An admin requested a replay.
    Replayed,
}

pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    sweep_outbox(app, tick.time).await
}

/// Publishes what waits at `now`.
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

/// Publishes records; returns the time of the oldest one that still waits.
async fn send(app: &App, records: &[Record], why: Why) -> Result<Option<Moment>, Failure> {
    let mut oldest: Option<Moment> = None;
    for (record, outcome) in records.iter().zip(publish(app, records).await) {
        if let Err(failure) = &outcome {
            // The sweep itself succeeds: only this line has the response of the bus.
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
