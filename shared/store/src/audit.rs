//! The whole state, from which the audit recomputes every sum.

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

/// The number of parallel scan segments of a table.
const PARTS: i32 = 4;

/// Everything that the audit needs.
#[derive(Debug, Default)]
pub struct Books {
    pub variants: Vec<Variant>,
    /// Every stock adjustment.
    pub adjustments: Vec<(VariantId, i64)>,
    /// The remaining pieces in every shard of stocks, quotas and capacities.
    pub left: Vec<(Pool, u8, i64)>,
    pub orders: Vec<Order>,
    pub wallets: Vec<(CustomerId, Wallet)>,
    pub entries: Vec<(CustomerId, Entry)>,
    pub campaigns: Vec<Campaign>,
    pub user_coupons: Vec<(CustomerId, UserCoupon)>,
    pub payments: Vec<Payment>,
    pub sales: Vec<(Date, Sold)>,
    pub offers: Vec<Offer>,
    pub counters: Vec<Counter>,
    pub batches: Vec<Batch>,
    /// Every event that an offer's counter has counted.
    pub logged: Vec<Logged>,
    /// The quantity that each customer has reserved in each offer.
    pub customer_counts: Vec<(CustomerId, OfferId, i64)>,
    /// Every outbox record within its retention.
    pub records: Vec<outbox::Record>,
}

impl Store {
    /// Reads every table completely, in parallel segments. The result is not a consistent snapshot: a concurrent change
    /// may be seen in part, so the audit reads twice before it reports a difference.
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
                let customer = customer.ok_or_else(|| crate::db::malformed_key("customer", &pk, &sk))?;
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
