//! `record_daily_sales`: at 00:10 of the shop's day. Stores the sales of past days.
//!
//! Safe to repeat and to skip: a run stores every day since the last stored one, and corrects those that may still change.
//! In a night without a 00:10 (change to summer time) there is no tick, and the next run stores that day.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::Moment;
use domain::daily_sales::{self, DayRange};
use futures_util::future::try_join;
use runtime::schedule::Tick;

pub const MANIFEST: Manifest = Manifest::new(Binary::Upkeep, "Writes the sales records of completed shop days.")
    .schedule(Schedule::seldom("cron(10 0 * * ? *)"))
    .grants(&[Grant::Table(Counters, &[Query]), Grant::Table(Rankings, &[GetItem, Query, UpdateItem])]);

pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    record_daily_sales(app, tick.time).await
}

/// Stores the sales up to the shop day before `now`. The marker of the last recorded day is written last, so that an
/// interrupted run is repeated.
pub async fn record_daily_sales(app: &App, now: Moment) -> Result<(), Failure> {
    let recorded_until = app.store.daily_sales_recorded_until().await?;
    let days = daily_sales::days_due(app.shop().day(now), recorded_until);
    let Some(range) = DayRange::of(&days) else { return Ok(()) };
    let (sold, recorded) = try_join(app.store.sales_by_day(&days), app.store.daily_sales(range)).await?;
    app.store.save_daily_sales(daily_sales::corrections(sold, &recorded), now).await?;
    app.store.save_daily_sales_until(range.last()).await
}
