//! Sales per shop day and product, the totals of each day, and how many coupons of a campaign are held and used; each
//! event is counted once.

use crate::db::{Item, Want, integer, number, put, string, text, update};
use crate::outbox::KEEP_DAYS_MAX;
use crate::{Store, Tx};
use contracts::Failure;
use domain::Moment;
use domain::coupon::Uses;
use domain::daily_sales::{DayRange, DayTotals};
use domain::id::{CouponId, EventId, ProductId};
use domain::money::Cents;
use domain::ranking::Sold;
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// The time for which a consumed event is remembered: the outbox's retention for a replay, and a month in which queues and
/// dead-letter queues deliver that replay.
const CONSUMED_LIFE: SignedDuration = SignedDuration::from_hours(24 * (KEEP_DAYS_MAX + 30));

#[derive(Debug, Serialize)]
struct ConsumedItem {
    pk: String,
    sk: &'static str,
    expires_at: i64,
}

fn day_pk(day: Date) -> String {
    format!("SALES#{day}")
}

/// A partition is a month, so that the totals of many days need few reads.
fn totals_pk(day: Date) -> String {
    format!("DAY_TOTALS#{}", day.strftime("%Y-%m"))
}

fn read_totals(item: &Item) -> Option<(Date, DayTotals)> {
    let amount = |name| integer(item, name).unwrap_or_default();
    let totals = DayTotals {
        orders: amount("orders_count"),
        pieces: amount("pieces_qty"),
        revenue: Cents::new(amount("revenue_cents")),
        refunded: Cents::new(amount("refunded_cents")),
    };
    Some((text(item, "sk")?.parse().ok()?, totals))
}

fn uses_pk(coupon: CouponId) -> String {
    format!("{USES}#{coupon}")
}

const USES: &str = "COUPON_USES";

fn product_sk(product: ProductId) -> String {
    format!("PRODUCT#{product}")
}

/// The day and the count of an item of the counters table.
pub(crate) fn read_sale(item: &Item) -> Option<(Date, Sold)> {
    let day = text(item, "pk")?.strip_prefix("SALES#")?.parse().ok()?;
    let product = ProductId::parse(text(item, "sk")?.strip_prefix("PRODUCT#")?)?;
    Some((day, Sold { product, quantity: integer(item, "sold_qty")? }))
}

impl Store {
    /// The sales on these shop days, read concurrently.
    pub async fn sales(&self, days: &[Date]) -> Result<Vec<Sold>, Failure> {
        Ok(self.sales_by_day(days).await?.into_iter().map(|(_, sold)| sold).collect())
    }

    /// The sales on these shop days, each with its day.
    pub async fn sales_by_day(&self, days: &[Date]) -> Result<Vec<(Date, Sold)>, Failure> {
        let queries = days.iter().map(|day| {
            let query = self
                .query_of(&self.tables.counters)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", string(day_pk(*day)));
            self.query_all(query)
        });
        let items = try_join_all(queries).await?;
        Ok(items.iter().flatten().filter_map(read_sale).collect())
    }

    /// The totals of these shop days; days without any are left out. An eventually consistent read, for display.
    pub async fn day_totals(&self, days: DayRange) -> Result<BTreeMap<Date, DayTotals>, Failure> {
        let queries = days.months().map(|month| {
            let query = self
                .query_of(&self.tables.counters)
                .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
                .expression_attribute_values(":pk", string(totals_pk(month)))
                .expression_attribute_values(":first", string(days.first().to_string()))
                .expression_attribute_values(":last", string(days.last().to_string()));
            self.query_all(query)
        });
        Ok(try_join_all(queries).await?.iter().flatten().filter_map(read_totals).collect())
    }

    /// The numbers of held and used coupons of these campaigns. An eventually consistent read, for display.
    pub async fn coupon_uses(
        &self,
        coupons: impl IntoIterator<Item = CouponId>,
    ) -> Result<HashMap<CouponId, Uses>, Failure> {
        let keys: Vec<_> = coupons.into_iter().map(|coupon| (uses_pk(coupon), USES.to_owned())).collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let want = Want { table: self.tables.counters.clone(), keys, consistent: false };
        let read = |item: &Item| {
            let coupon = CouponId::parse(text(item, "pk")?.strip_prefix(USES)?.strip_prefix('#')?)?;
            let quantity = |name| integer(item, name).unwrap_or_default();
            Some((coupon, Uses { held: quantity("held_qty"), used: quantity("used_qty") }))
        };
        Ok(self.batch_get(vec![want]).await?.iter().filter_map(read).collect())
    }
}

impl Tx<'_> {
    /// Records in the effect's table that `consumer` has consumed an event. If it was consumed before, the transaction
    /// is [`crate::Rejected::Consumed`].
    pub fn consume(&mut self, table: &str, consumer: &str, event: EventId) -> Result<(), Failure> {
        let item = ConsumedItem {
            pk: format!("CONSUMED#{consumer}#{event}"),
            sk: "META",
            expires_at: self.now().saturating_add(CONSUMED_LIFE).unwrap_or(Moment::MAX).as_second(),
        };
        let put = put(table, &item)?.condition_expression("attribute_not_exists(pk)");
        self.put(put)?.or_consumed(event);
        Ok(())
    }

    /// Adds sold pieces of a product on a shop day; negative for a refund.
    pub fn count_sale(&mut self, day: Date, sold: Sold) -> Result<(), Failure> {
        let count = update(&self.tables().counters, &day_pk(day), &product_sk(sold.product))
            .update_expression("ADD sold_qty :n")
            .expression_attribute_values(":n", number(sold.quantity));
        self.update(count)?;
        Ok(())
    }

    /// Adds to the totals of a shop day.
    pub fn count_day(&mut self, day: Date, totals: DayTotals) -> Result<(), Failure> {
        let count = update(&self.tables().counters, &totals_pk(day), &day.to_string())
            .update_expression(
                "ADD orders_count :orders, pieces_qty :pieces, revenue_cents :revenue, refunded_cents :refunded",
            )
            .expression_attribute_values(":orders", number(totals.orders))
            .expression_attribute_values(":pieces", number(totals.pieces))
            .expression_attribute_values(":revenue", number(totals.revenue))
            .expression_attribute_values(":refunded", number(totals.refunded));
        self.update(count)?;
        Ok(())
    }

    /// Adds to the held and used coupons of a campaign.
    pub fn count_coupon_uses(&mut self, coupon: CouponId, uses: Uses) -> Result<(), Failure> {
        let count = update(&self.tables().counters, &uses_pk(coupon), USES)
            .update_expression("ADD held_qty :held, used_qty :used")
            .expression_attribute_values(":held", number(uses.held))
            .expression_attribute_values(":used", number(uses.used));
        self.update(count)?;
        Ok(())
    }
}
