//! Millrun's state in DynamoDB. One use case reads, decides, and writes once: [`Tx`] carries the effect, its holds, its
//! ledger entry, its idempotency record and its events, and names the refusal that each failed condition means.
//!
//! Invariant: no other crate names the DynamoDB SDK.

pub mod audit;
pub mod batches;
pub mod catalog;
mod contention;
pub mod counters;
pub mod coupons;
mod cursor;
pub mod daily_sales;
mod db;
mod due_index;
mod idempotency;
mod memory;
mod meter;
pub mod notifications;
pub mod orders;
pub mod outbox;
pub mod payments;
pub mod production;
pub mod rankings;
pub mod sales;
mod save;
pub mod sell_windows;
pub mod shipments;
pub mod sold_out_cache;
pub mod stock;
mod time;
mod tx;
pub mod wallets;

pub use aws_sdk_dynamodb::Client;
pub use aws_sdk_dynamodb::config::Builder as ClientConfig;
pub use contention::Contention;
pub use db::pause;
pub use idempotency::{Answer, Idempotency};
pub use meter::{Meter, Usage};
pub use tx::{Rejected, TX_ITEMS_MAX, TX_TRIES_MAX, Tx, retry_on_stale_read};

use contracts::events::Trace;
use domain::Moment;
use domain::id::{CouponId, CustomerId, RecordId};
use domain::points::Wallet;
use memory::Memory;
use sold_out_cache::Watched;
use std::sync::Arc;
use stock::Pool;

/// The names of the tables, one per area.
#[derive(Debug, Clone)]
pub struct Tables {
    /// Products, variants, sell windows and offers.
    pub catalog: String,
    /// Orders.
    pub orders: String,
    /// Balances and ledger entries.
    pub wallets: String,
    /// Campaigns and customers' coupons.
    pub coupons: String,
    /// What is written in a rush: stock, capacity, quotas, offers' counters, sales. Has no index, which could throttle it.
    pub counters: String,
    /// Payments.
    pub payments: String,
    /// Batches, their dates, and the logs of the offers' counters.
    pub batches: String,
    /// Work orders and shipments.
    pub production: String,
    /// Who is told what, by which channel.
    pub notifications: String,
    /// Best sellers.
    pub rankings: String,
    /// Events on their way out.
    pub outbox: String,
}

/// The state, and what this environment remembers of it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    tables: Arc<Tables>,
    meter: Meter,
    wallets: Arc<Memory<CustomerId, Wallet>>,
    campaigns: Arc<Memory<CouponId, Watched>>,
    sold_out: Arc<Memory<Pool, Moment>>,
}

/// Wallets, campaigns and empty pools that an environment remembers, each.
const REMEMBERED_MAX: usize = 1_000;

impl Store {
    /// A store over these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        Self {
            client,
            tables: Arc::new(tables),
            meter: Meter::default(),
            wallets: Arc::new(Memory::new(REMEMBERED_MAX)),
            campaigns: Arc::new(Memory::new(REMEMBERED_MAX)),
            sold_out: Arc::new(Memory::new(REMEMBERED_MAX)),
        }
    }

    /// The names of the tables.
    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// What the calls since the last look have cost.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// A transaction whose events, if any, leave under `record` and are traced back by `trace`.
    pub fn tx(&self, record: RecordId, trace: &Trace, now: Moment) -> Tx<'_> {
        Tx::new(self, record, trace.clone(), now)
    }
}
