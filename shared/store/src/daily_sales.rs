//! Recorded daily sales. A partition is a month, so that a query over many days needs few reads.

use crate::db::{Item, from_item, key, malformed_key, string, text, update};
use crate::{Store, cursor};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::Moment;
use domain::daily_sales::{DailySale, DayRange};
use domain::id::ProductId;
use domain::ranking::Sold;
use futures_util::future::try_join_all;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Records that are written concurrently.
const WRITES_AT_ONCE: usize = 16;

/// The key of the last recorded day.
const UNTIL_PK: &str = "DAILY_SALES";
const UNTIL_SK: &str = "RECORDED";

#[derive(Debug, Serialize, Deserialize)]
struct DailySaleItem {
    pk: String,
    sk: String,
    sold_qty: i64,
    #[serde(with = "crate::time")]
    recorded_at: Moment,
}

fn month_pk(day: Date) -> String {
    format!("DAILY_SALES#{}", day.strftime("%Y-%m"))
}

fn sale_sk(day: Date, product: ProductId) -> String {
    format!("{day}#{product}")
}

/// The day and the product of a sort key.
fn read_sk(sk: &str) -> Option<(Date, ProductId)> {
    let (day, product) = sk.split_once('#')?;
    Some((day.parse().ok()?, ProductId::parse(product)?))
}

fn read_sale(item: Item) -> Result<DailySale, Failure> {
    let item: DailySaleItem = from_item(item)?;
    let (day, product) = read_sk(&item.sk).ok_or_else(|| malformed_key("daily sales record", &item.pk, &item.sk))?;
    Ok(DailySale { day, sold: Sold { product, quantity: item.sold_qty }, recorded_at: item.recorded_at })
}

impl Store {
    /// The query of one month's records within `days`.
    fn daily_sales_of(&self, month: Date, days: DayRange) -> QueryFluentBuilder {
        self.query_of(&self.tables.rankings)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :end")
            .expression_attribute_values(":pk", string(month_pk(month)))
            .expression_attribute_values(":first", string(days.first().to_string()))
            // `~` sorts after every product id of the last day.
            .expression_attribute_values(":end", string(format!("{}#~", days.last())))
    }

    /// The last recorded day; `None` before the first run.
    pub async fn daily_sales_recorded_until(&self) -> Result<Option<Date>, Failure> {
        let item = self.get(&self.tables.rankings, UNTIL_PK, UNTIL_SK, true).await?;
        let day = item.as_ref().and_then(|item| text(item, "until_day")).map(str::parse);
        day.transpose().map_err(Failure::broken)
    }

    /// All records of these days.
    pub async fn daily_sales(&self, days: DayRange) -> Result<Vec<DailySale>, Failure> {
        let queries = days.months().map(|month| self.query_all(self.daily_sales_of(month, days)));
        try_join_all(queries).await?.into_iter().flatten().map(read_sale).collect()
    }

    /// Writes records, replacing earlier ones. Each record is independent, so an interrupted run leaves nothing
    /// inconsistent.
    pub async fn save_daily_sales(&self, sales: Vec<(Date, Sold)>, now: Moment) -> Result<(), Failure> {
        let write = |(day, sold): (Date, Sold)| async move {
            let item = DailySaleItem {
                pk: month_pk(day),
                sk: sale_sk(day, sold.product),
                sold_qty: sold.quantity,
                recorded_at: now,
            };
            self.save_alone(&self.tables.rankings, &item).await
        };
        stream::iter(sales).map(write).buffer_unordered(WRITES_AT_ONCE).try_collect().await
    }

    /// Records that every day up to this one is recorded. Never moves back.
    pub async fn save_daily_sales_until(&self, day: Date) -> Result<(), Failure> {
        let until = update(&self.tables.rankings, UNTIL_PK, UNTIL_SK)
            .update_expression("SET until_day = :day")
            .condition_expression("attribute_not_exists(until_day) OR until_day < :day")
            .expression_attribute_values(":day", string(day.to_string()));
        self.update_alone(until.build().map_err(Failure::broken)?).await.map(drop)
    }

    /// A page of the records of these days, oldest first.
    pub async fn list_daily_sales(&self, days: DayRange, page: &PageQuery) -> Result<Page<DailySale>, Failure> {
        let is_position = |sk: &str| read_sk(sk).is_some_and(|(day, _)| days.contains(day));
        let after = page.cursor.as_deref().map(|text| cursor::decode(text, is_position)).transpose()?;
        let after = after.as_deref().and_then(read_sk);
        let wanted = page.limit.get() + 1;
        let mut items: Vec<DailySale> = Vec::new();
        for month in days.months().filter(|month| after.is_none_or(|(day, _)| *month >= day.first_of_month())) {
            let start = after.filter(|(day, _)| day.first_of_month() == month);
            let start = start.map(|(day, product)| key(&month_pk(day), &sale_sk(day, product)));
            let limit = i32::try_from(wanted - items.len()).map_err(Failure::broken)?;
            let query = self.daily_sales_of(month, days).set_exclusive_start_key(start).limit(limit);
            let found = self.query(query).await?;
            items.extend(found.items.into_iter().map(read_sale).collect::<Result<Vec<_>, _>>()?);
            if items.len() >= wanted {
                break;
            }
        }
        let has_more = items.len() >= wanted;
        items.truncate(page.limit.get());
        let last = items.last().filter(|_| has_more);
        let next_cursor = last.map(|last| cursor::encode(&sale_sk(last.day, last.sold.product)));
        Ok(Page { items, next_cursor })
    }
}
