//! The books, read whole: what the audit recomputes every sum from.

use crate::counters::Logged;
use crate::db::{Item, Part, text};
use crate::stock::Pool;
use crate::{
    Store, batches, catalog, counters, coupons, orders, outbox, payments, sales, sell_windows, stock, wallets,
};
use contracts::Failure;
use domain::batch::Batch;
use domain::catalog::Variant;
use domain::counter::Counter;
use domain::coupon::{Campaign, UserCoupon};
use domain::id::{CustomerId, OfferId, VariantId};
use domain::offer::Offer;
use domain::order::Order;
use domain::payment::Payment;
use domain::points::{Entry, Wallet};
use domain::ranking::Sold;
use futures_util::TryStreamExt;
use futures_util::stream::FuturesUnordered;
use jiff::civil::Date;

/// In how many parts a table is read at the same time.
const PARTS: i32 = 4;

/// Everything that has a sum.
#[derive(Debug, Default)]
pub struct Books {
    /// Every variant.
    pub variants: Vec<Variant>,
    /// What was stocked: every adjustment.
    pub adjustments: Vec<(VariantId, i64)>,
    /// What is left in every shard of stock and quotas.
    pub left: Vec<(Pool, u8, i64)>,
    /// Every order.
    pub orders: Vec<Order>,
    /// Every balance.
    pub wallets: Vec<(CustomerId, Wallet)>,
    /// Every ledger entry.
    pub entries: Vec<(CustomerId, Entry)>,
    /// Every campaign.
    pub campaigns: Vec<Campaign>,
    /// Every customer's coupon.
    pub user_coupons: Vec<(CustomerId, UserCoupon)>,
    /// Every payment.
    pub payments: Vec<Payment>,
    /// Every count of sales.
    pub sales: Vec<(Date, Sold)>,
    /// Every offer.
    pub offers: Vec<Offer>,
    /// Every offer's counter.
    pub counters: Vec<Counter>,
    /// Every batch.
    pub batches: Vec<Batch>,
    /// Every event that an offer's counter has counted.
    pub logged: Vec<Logged>,
    /// What customers have of offers.
    pub customer_counts: Vec<(CustomerId, OfferId, i64)>,
    /// Every event that has not been forgotten.
    pub records: Vec<outbox::Record>,
}

impl Store {
    /// Reads every table from end to end, in parts side by side. Not one moment's picture: what changes meanwhile may be
    /// seen in part, so the audit reads twice before it says that something is wrong.
    pub async fn read_books(&self) -> Result<Books, Failure> {
        let mut books = Books::default();
        for table in [
            &self.tables.catalog,
            &self.tables.counters,
            &self.tables.orders,
            &self.tables.wallets,
            &self.tables.coupons,
            &self.tables.payments,
            &self.tables.batches,
            &self.tables.outbox,
        ] {
            let page = async |part, last_key| self.scan(table, part, last_key).await.map(|page| (part, page));
            let mut reads: FuturesUnordered<_> = Part::all(PARTS).map(|part| page(part, None)).collect();
            while let Some((part, found)) = reads.try_next().await? {
                for item in found.items {
                    books.enter(item)?;
                }
                if found.last_key.is_some() {
                    reads.push(page(part, found.last_key));
                }
            }
        }
        Ok(books)
    }
}

impl Books {
    fn enter(&mut self, item: Item) -> Result<(), Failure> {
        let pk = text(&item, "pk").unwrap_or_default().to_owned();
        let sk = text(&item, "sk").unwrap_or_default().to_owned();
        let kind = sk.split('#').next().unwrap_or_default();
        match (pk.split('#').next().unwrap_or_default(), kind) {
            ("PRODUCT", "VARIANT") => self.variants.push(catalog::read_variant(item)?),
            ("STOCK", "ADJUSTMENT") => self.adjustments.extend(stock::read_adjustment(&item)),
            ("STOCK" | "QUOTA" | "CAPACITY", "LEFT") => {
                let left = crate::db::integer(&item, "left_qty").unwrap_or_default();
                self.left.extend(Pool::parse(&pk).map(|(pool, shard)| (pool, shard, left)));
            }
            ("WINDOW", "OFFER") => self.offers.push(sell_windows::read_offer(item)?),
            ("OFFER", "COUNTER") => self.counters.push(counters::read_counter(item)?),
            ("OFFER", "EVENT") => self.logged.push(counters::read_logged(item)?),
            ("BATCH", "META") => self.batches.push(batches::read_batch(item)?),
            ("CUSTOMER", "OFFER") => self.customer_counts.extend(orders::read_customer_count(&item)),
            ("SALES", _) => self.sales.extend(sales::read_sale(&item)),
            ("COUPON", "META") => self.campaigns.push(coupons::read_campaign(item)?),
            ("PAYMENT", "META") => self.payments.push(payments::read_payment(item)?),
            ("CUSTOMER", kind) => {
                let customer = pk.strip_prefix("CUSTOMER#").and_then(CustomerId::parse);
                let customer = customer.ok_or_else(|| Failure::broken("a customer without an id"))?;
                match kind {
                    "ORDER" => self.orders.push(orders::read_order(item)?),
                    "BALANCE" => self.wallets.push((customer, wallets::read_wallet(item)?)),
                    "ENTRY" => self.entries.push((customer, wallets::read_entry(item)?)),
                    "COUPON" => self.user_coupons.push((customer, coupons::read_user_coupon(item)?)),
                    _ => {}
                }
            }
            _ => {
                if let Some(record) = outbox::read_record(item) {
                    self.records.push(record?);
                }
            }
        }
        Ok(())
    }
}
