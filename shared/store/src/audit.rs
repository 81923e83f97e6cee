//! The whole state, item by item, from which the audit recomputes every sum.

use crate::counters::Logged;
use crate::db::{Item, Part, text};
use crate::stock::Pool;
use crate::{
    Store, batches, catalog, counters, coupons, orders, outbox, payments, sales, sell_windows, stock, wallets,
};
use contracts::Failure;
use domain::Moment;
use domain::batch::Batch;
use domain::catalog::Variant;
use domain::counter::Counter;
use domain::coupon::{Campaign, UserCoupon};
use domain::id::{CustomerId, OfferId, RecordId, VariantId};
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

/// One item that the audit needs.
#[derive(Debug, Clone)]
pub enum LedgerItem {
    Variant(Box<Variant>),
    /// A stock adjustment.
    Adjustment(VariantId, i64),
    /// The remaining pieces in a shard of a stock, a quota or a capacity.
    Left(Pool, u8, i64),
    Order(Box<Order>),
    Wallet(CustomerId, Wallet),
    Entry(CustomerId, Box<Entry>),
    Campaign(Box<Campaign>),
    UserCoupon(CustomerId, Box<UserCoupon>),
    Payment(Box<Payment>),
    Sale(Date, Sold),
    Offer(Box<Offer>),
    Counter(Box<Counter>),
    Batch(Box<Batch>),
    /// An event that an offer's counter has counted.
    Logged(Box<Logged>),
    /// The quantity that a customer has reserved in an offer.
    CustomerCount(CustomerId, OfferId, i64),
    Record(OutboxRecord),
}

/// An outbox record within its retention, without its events.
#[derive(Debug, Clone, Copy)]
pub struct OutboxRecord {
    pub id: RecordId,
    pub created_at: Moment,
    /// The time of the last publication.
    pub sent_at: Option<Moment>,
}

impl Store {
    /// Reads every table completely, in parallel segments, and passes on item by item; one page per segment is in memory.
    /// Orders come before payments, and ledger entries before payments. This is no consistent snapshot: a concurrent change
    /// may be seen in part, so the audit reads twice before it reports a difference.
    pub async fn each_ledger_item(&self, mut see: impl FnMut(LedgerItem)) -> Result<(), Failure> {
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
                    if let Some(item) = read(item)? {
                        see(item);
                    }
                }
                if found.last_key.is_some() {
                    reads.push(page(part, found.last_key));
                }
            }
        }
        Ok(())
    }
}

/// The item in the form that the audit needs; `None` for other items.
fn read(item: Item) -> Result<Option<LedgerItem>, Failure> {
    let pk = text(&item, "pk").unwrap_or_default().to_owned();
    let sk = text(&item, "sk").unwrap_or_default().to_owned();
    let kind = sk.split('#').next().unwrap_or_default();
    Ok(match (pk.split('#').next().unwrap_or_default(), kind) {
        ("PRODUCT", "VARIANT") => Some(LedgerItem::Variant(Box::new(catalog::read_variant(item)?))),
        ("STOCK", "ADJUSTMENT") => {
            stock::read_adjustment(&item).map(|(variant, delta)| LedgerItem::Adjustment(variant, delta))
        }
        ("STOCK" | "QUOTA" | "CAPACITY", "LEFT") => {
            let left = crate::db::integer(&item, "left_qty").unwrap_or_default();
            Pool::parse(&pk).map(|(pool, shard)| LedgerItem::Left(pool, shard, left))
        }
        ("WINDOW", "OFFER") => Some(LedgerItem::Offer(Box::new(sell_windows::read_offer(item)?))),
        ("OFFER", "COUNTER") => Some(LedgerItem::Counter(Box::new(counters::read_counter(item)?))),
        ("OFFER", "EVENT") => Some(LedgerItem::Logged(Box::new(counters::read_logged(item)?))),
        ("BATCH", "META") => Some(LedgerItem::Batch(Box::new(batches::read_batch(item)?))),
        ("CUSTOMER", "OFFER") => orders::read_customer_count(&item)
            .map(|(customer, offer, count)| LedgerItem::CustomerCount(customer, offer, count)),
        ("SALES", _) => sales::read_sale(&item).map(|(day, sold)| LedgerItem::Sale(day, sold)),
        ("COUPON", "META") => Some(LedgerItem::Campaign(Box::new(coupons::read_campaign(item)?))),
        ("PAYMENT", "META") => Some(LedgerItem::Payment(Box::new(payments::read_payment(item)?))),
        ("CUSTOMER", kind) => {
            let customer = pk.strip_prefix("CUSTOMER#").and_then(CustomerId::parse);
            let customer = customer.ok_or_else(|| crate::db::malformed_key("customer", &pk, &sk))?;
            match kind {
                "ORDER" => Some(LedgerItem::Order(Box::new(orders::read_order(item)?))),
                "BALANCE" => Some(LedgerItem::Wallet(customer, wallets::read_wallet(item)?)),
                "ENTRY" => Some(LedgerItem::Entry(customer, Box::new(wallets::read_entry(item)?))),
                "COUPON" => Some(LedgerItem::UserCoupon(customer, Box::new(coupons::read_user_coupon(item)?))),
                _ => None,
            }
        }
        _ => outbox::read_header(item).transpose()?.map(LedgerItem::Record),
    })
}
