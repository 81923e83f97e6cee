//! `refresh_low_stock`: every ten minutes. Stores the list of variants with low stock, so that reading it takes one item.
//!
//! Safe to repeat and to skip: each run computes the whole list. Costs one read unit per variant with a low-stock limit,
//! and half a unit per shard of its stock.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::Moment;
use runtime::schedule::Tick;

pub const MANIFEST: Manifest = Manifest::new(Binary::Upkeep, "Stores the list of variants with low stock.")
    .schedule(Schedule::often("rate(10 minutes)"))
    .grants(&[Grant::Table(Catalog, &[BatchGetItem, Query, UpdateItem]), Grant::Table(Counters, &[BatchGetItem])]);

/// The maximum number of stored variants: they fit into half a read unit.
const VARIANTS_MAX: usize = 30;

/// Reads the time of the tick.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    refresh_low_stock(app, tick.time).await
}

/// Stores the variants with the least stock.
pub async fn refresh_low_stock(app: &App, now: Moment) -> Result<(), Failure> {
    let mut low = app.store.find_low_stock().await?;
    low.truncate(VARIANTS_MAX);
    app.store.save_low_stock(&low, now).await
}
