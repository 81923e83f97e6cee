//! `refresh_low_stock`: every ten minutes. Stores which watched variants are low in stock, so that reading it takes one item.
//!
//! Safe to repeat and to skip: it is computed anew each time. Costs a read unit for each watched variant, and half a unit for
//! each shard of its stock.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use domain::Moment;
use runtime::schedule::Tick;

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Upkeep, "Finds the variants that are low in stock.")
    .schedule(Schedule::often("rate(10 minutes)"))
    .grants(&[Grant::Table(Catalog, &[BatchGetItem, Query, UpdateItem]), Grant::Table(Counters, &[BatchGetItem])]);

/// Variants that are stored: what half a read unit holds.
const VARIANTS_MAX: usize = 30;

/// Reads the time of the tick.
pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    refresh_low_stock(app, tick.time).await
}

/// Stores those with the least left.
pub async fn refresh_low_stock(app: &App, now: Moment) -> Result<(), Failure> {
    let mut low = app.store.find_low_stock().await?;
    low.truncate(VARIANTS_MAX);
    app.store.save_low_stock(&low, now).await
}
