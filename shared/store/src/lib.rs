//! Millrun's state in DynamoDB. A use case reads, decides, and writes one transaction: [`Tx`] contains the effect, its
//! allocations, its ledger entry, its idempotency record and its events, and names the refusal of each failed
//! condition.
//!
//! Invariant: no other crate uses the DynamoDB SDK.

pub mod activity;
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
pub mod images;
pub mod listed_coupons;
pub mod low_stock;
mod memory;
mod meter;
pub mod notifications;
mod order_key;
pub mod orders;
pub mod outbox;
pub mod payments;
pub mod production;
pub mod profiles;
pub mod rankings;
pub mod sales;
mod save;
pub mod sell_windows;
pub mod shipments;
pub mod shipping_methods;
pub mod sold_out_cache;
pub mod stock;
pub mod storefront;
mod time;
mod tx;
pub mod wallets;

pub use aws_sdk_dynamodb::Client;
pub use aws_sdk_dynamodb::config::Builder as ClientConfig;
pub use contention::Contention;
pub use db::pause;
pub use due_index::DueEntry;
pub use idempotency::{Answer, Idempotency};
pub use meter::{Meter, Usage};
pub use order_key::OrderKey;
pub use tx::{Rejected, TX_ITEMS_MAX, TX_TRIES_MAX, Tx, retry_on_stale_read};

use contracts::events::Trace;
use domain::Moment;
use domain::id::{CouponId, CustomerId, RecordId, VariantId};
use domain::points::Wallet;
use domain::shipping_method::ShippingMethods;
use listed_coupons::ShownCoupons;
use memory::Memory;
use sold_out_cache::Watched;
use std::sync::Arc;
use stock::Pool;
use storefront::Snapshot;

/// The names of the tables, one per area.
#[derive(Debug, Clone)]
pub struct Tables {
    pub catalog: String,
    pub orders: String,
    pub wallets: String,
    pub coupons: String,
    /// High-contention items: stock, capacity, quotas, offers' counters, sales. No index, because a throttled index
    /// throttles its table.
    pub counters: String,
    pub payments: String,
    /// Batches, their due lists, and the logs of the offers' counters.
    pub batches: String,
    pub production: String,
    /// Notification jobs.
    pub notifications: String,
    pub rankings: String,
    /// The commands of the staff.
    pub activity: String,
    /// The outbox: events to be published.
    pub outbox: String,
}

/// The state, and the execution environment's caches. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    tables: Arc<Tables>,
    meter: Meter,
    wallets: Arc<Memory<CustomerId, Wallet>>,
    campaigns: Arc<Memory<CouponId, Watched>>,
    sold_out: Arc<Memory<Pool, Moment>>,
    /// Key: the page's limit and cursor.
    shown_products: Arc<Memory<(usize, Option<String>), Snapshot>>,
    shown_stock: Arc<Memory<VariantId, (Moment, i64)>>,
    /// Key: the page's limit and cursor.
    shown_coupons: Arc<Memory<(usize, Option<String>), ShownCoupons>>,
    /// The methods, and the time at which they were read.
    shipping_methods: Arc<Memory<(), (Moment, Arc<ShippingMethods>)>>,
}

/// The maximum number of entries of each cache: wallets, campaigns, sold-out pools.
const REMEMBERED_MAX: usize = 1_000;
/// The maximum number of pages of products, and of coupons, in the cache, of at most 100 each.
const PAGES_SHOWN_MAX: usize = 32;
/// The maximum number of variants whose stock is in the cache.
const STOCK_SHOWN_MAX: usize = 20_000;

impl Store {
    pub fn new(client: Client, tables: Tables) -> Self {
        Self {
            client,
            tables: Arc::new(tables),
            meter: Meter::default(),
            wallets: Arc::new(Memory::new(REMEMBERED_MAX)),
            campaigns: Arc::new(Memory::new(REMEMBERED_MAX)),
            sold_out: Arc::new(Memory::new(REMEMBERED_MAX)),
            shown_products: Arc::new(Memory::new(PAGES_SHOWN_MAX)),
            shown_stock: Arc::new(Memory::new(STOCK_SHOWN_MAX)),
            shown_coupons: Arc::new(Memory::new(PAGES_SHOWN_MAX)),
            shipping_methods: Arc::new(Memory::new(1)),
        }
    }

    pub fn tables(&self) -> &Tables {
        &self.tables
    }

    /// The cost of the calls since the meter was last read.
    pub fn meter(&self) -> &Meter {
        &self.meter
    }

    /// An empty transaction. Its events are published under `record` and carry `trace`.
    pub fn tx(&self, record: RecordId, trace: &Trace, now: Moment) -> Tx<'_> {
        Tx::new(self, record, trace.clone(), now)
    }
}
