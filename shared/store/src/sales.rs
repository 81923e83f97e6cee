//! Sales per shop day and product; each event is counted once.

use crate::db::{Item, integer, put, string, text, update};
use crate::outbox::KEEP_DAYS_MAX;
use crate::{Store, Tx};
use contracts::Failure;
use domain::Moment;
use domain::id::{EventId, ProductId};
use domain::ranking::Sold;
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use jiff::civil::Date;
use serde::Serialize;

/// How long a consumed event is remembered: as long as the outbox may keep it for a replay, and a month in which queues and
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
            .expression_attribute_values(":n", crate::db::number(sold.quantity));
        self.update(count)?;
        Ok(())
    }
}
