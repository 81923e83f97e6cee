//! `sweep_outbox`: every minute. Publishes the records that the relay has not published or that an admin replays, and marks
//! records that the bus refuses permanently as FAILED.
//!
//! Reads the outbox minute by minute from a watermark: all records before it are SENT or FAILED. The watermark moves
//! after every minute's partition, and the run ends before its function's time-out, so that a backlog of any size is
//! published in several runs. An outage costs no attempts: only a refusal of the event itself counts. Safe to run twice,
//! late, or concurrently with the relay.

use super::publish::{Unsent, publish};
use crate::App;
use crate::manifest::prelude::*;
use crate::sweep::{RUN_MAX, Run};
use contracts::Failure;
use domain::Moment;
use jiff::SignedDuration;
use runtime::schedule::Tick;
use runtime::telemetry::{Metric, Outcome};
use store::outbox::{ATTEMPTS_MAX, Minute, PointerPage, Record, Unread};
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Upkeep,
    "Publishes events that the relay has not published, and marks events as FAILED after the last try.",
)
.schedule(Schedule::often("rate(1 minute)"))
.grants(&[
    Grant::Table(Outbox, &[BatchGetItem, DeleteItem, GetItem, PutItem, Query, Scan, UpdateItem]),
    Grant::PublishEvents,
]);

/// The age at which a record counts as missed by the relay.
const MISSED_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// The distance of the watermark from the clock, because a writer's clock may be minutes slow.
const WATERMARK_LAG_MINUTES: i64 = 10;
/// FAILED records are counted up to this number.
const FAILED_COUNT_MAX: usize = 100;

/// Records that are published together. The run checks its remaining time between two groups.
const RECORDS_AT_ONCE: usize = 64;
/// The run ends after this number of successive groups of which no record was published, because the bus or the table does
/// not respond.
const FAILED_GROUPS_MAX: usize = 3;

/// The reason for which the sweep publishes a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The relay has not published it.
    Missed,
    /// An admin has asked to replay it.
    Replayed,
}

/// Reads the time of the tick.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    sweep_outbox(app, tick.time).await
}

/// Publishes the records that wait at `now`, as many as the run's time allows.
pub async fn sweep_outbox(app: &App, now: Moment) -> Result<(), Failure> {
    let mut sweep = Sweep { app, now, run: Run::begin(), oldest: None, failed_groups: 0 };
    sweep.send_replays().await?;
    sweep.send_missed().await?;

    let age = sweep.oldest.map_or(0, |oldest| now.duration_since(oldest).as_secs().max(0));
    app.metrics.add(Metric::OutboxAge, u64::try_from(age).unwrap_or_default());
    let failed = app.store.failed_count(FAILED_COUNT_MAX).await?;
    app.metrics.add(Metric::OutboxFailed, u64::try_from(failed).unwrap_or_default());
    Ok(())
}

/// One run.
struct Sweep<'a> {
    app: &'a App,
    now: Moment,
    run: Run,
    /// The creation time of the oldest record that still waits.
    oldest: Option<Moment>,
    failed_groups: usize,
}

impl Sweep<'_> {
    fn goes_on(&self) -> bool {
        self.run.goes_on() && self.failed_groups < FAILED_GROUPS_MAX
    }

    /// Publishes replays for at most half of the run's time, so that many of them do not delay new events.
    async fn send_replays(&mut self) -> Result<(), Failure> {
        let mut after = None;
        while self.goes_on() && !self.run.has_used(RUN_MAX / 2) {
            let PointerPage { records, sent, next } = self.app.store.replays(after).await?;
            for id in sent {
                self.app.store.finish_replay(id).await?;
            }
            self.send(&records, Why::Replayed).await?;
            after = next;
            if after.is_none() {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn send_missed(&mut self) -> Result<(), Failure> {
        let (app, now) = (self.app, self.now);
        let from = app.store.watermark(now).await?;
        let newest = Minute::of(now).plus(1);
        let lagging = Minute::of(now).plus(-WATERMARK_LAG_MINUTES).max(from);
        let (mut watermark, mut saved, mut minute) = (from, from, from);
        while minute <= newest && self.goes_on() {
            let MinuteResult { had_records, is_done } = self.send_minute(minute).await?;
            if is_done && watermark == minute {
                watermark = minute.plus(1);
            }
            // The watermark is not stored for minutes without records: reading them again costs as little.
            if had_records && saved < watermark.min(lagging) {
                saved = watermark.min(lagging);
                app.store.set_watermark(saved).await?;
            }
            minute = minute.plus(1);
        }
        if minute <= newest {
            self.waits_since(minute.start());
        }
        if saved < watermark.min(lagging) {
            app.store.set_watermark(watermark.min(lagging)).await?;
        }
        Ok(())
    }

    /// Publishes the waiting records of a minute, page by page.
    async fn send_minute(&mut self, minute: Minute) -> Result<MinuteResult, Failure> {
        let mut result = MinuteResult { had_records: false, is_done: true };
        let mut unread = Some(Unread::WHOLE);
        while let Some(from) = unread {
            if !self.goes_on() {
                self.waits_since(minute.start());
                return Ok(MinuteResult { is_done: false, ..result });
            }
            let (mut missed, rest) = self.app.store.waiting_of(minute, from).await?;
            unread = rest;
            missed.retain(|record| self.now.duration_since(record.created_at) >= MISSED_AFTER);
            result.had_records |= !missed.is_empty();
            result.is_done &= self.send(&missed, Why::Missed).await?;
        }
        Ok(result)
    }

    /// Publishes records, group by group. Returns whether all of them are SENT or FAILED.
    async fn send(&mut self, records: &[Record], why: Why) -> Result<bool, Failure> {
        let mut none_waits = true;
        for group in records.chunks(RECORDS_AT_ONCE) {
            if !self.goes_on() {
                group.iter().for_each(|record| self.waits_since(record.created_at));
                none_waits = false;
                continue;
            }
            let mut is_answered = false;
            for (record, outcome) in group.iter().zip(publish(self.app, group).await) {
                is_answered |= !matches!(outcome, Err(Unsent::Unavailable(_)));
                if !self.leave(record, outcome, why).await? {
                    self.waits_since(record.created_at);
                    none_waits = false;
                }
            }
            self.failed_groups = if is_answered { 0 } else { self.failed_groups + 1 };
        }
        Ok(none_waits)
    }

    /// Stores the result of publishing a record. Returns whether it is SENT or FAILED.
    async fn leave(&self, record: &Record, outcome: Result<(), Unsent>, why: Why) -> Result<bool, Failure> {
        let app = self.app;
        let (refused, failure) = match outcome {
            Ok(()) if why == Why::Replayed => return app.store.finish_replay(record.id).await.map(|()| true),
            Ok(()) => return Ok(true),
            Err(Unsent::Refused(failure)) => (true, failure),
            Err(Unsent::Unavailable(failure)) => (false, failure),
        };
        // The invocation ends with `ok`, so that only this line has the response of the bus.
        let error = Outcome::of(&failure);
        tracing::warn!(error = error.why(), attempts = record.attempts, refused, "an event was not sent");
        if !refused {
            return Ok(false);
        }
        if record.attempts + 1 >= ATTEMPTS_MAX {
            retry_on_stale_read(|| set_aside(app, record, error.why())).await?;
            return Ok(true);
        }
        app.store.mark_attempt(record, error.why()).await?;
        Ok(false)
    }

    fn waits_since(&mut self, created_at: Moment) {
        self.oldest = Some(self.oldest.map_or(created_at, |oldest| oldest.min(created_at)));
    }
}

/// The result of one minute.
struct MinuteResult {
    had_records: bool,
    /// Whether all of its records were read, and are SENT or FAILED.
    is_done: bool,
}

async fn set_aside(app: &App, record: &Record, why: &str) -> Result<(), Rejected> {
    let mut tx = app.tx()?;
    tx.set_record_aside(record, why)?;
    match tx.commit().await {
        // Another worker has published it meanwhile.
        Err(Rejected::Stale) => Ok(()),
        done => done.map(drop),
    }
}
