//! Variants whose stock is watched, and those that were low when this was last looked up. A stock is split over shards
//! that no index lists, so the watched variants have a list of their own, which a schedule reads.

use crate::db::{Item, from_item, key, number, put, string, text, update};
use crate::orders::Reads;
use crate::{Store, Tx};
use contracts::Failure;
use domain::Moment;
use domain::catalog::LowStock;
use domain::id::VariantId;
use serde::{Deserialize, Serialize};

/// The partition that lists the watched variants, which are those with a low-stock limit.
const WATCHED: &str = "WATCHED_STOCK";
const FOUND: &str = "LOW_STOCK";
const META: &str = "META";
/// The number of variants of one page: the keys of one batch read, with each product.
const VARIANTS_PER_PAGE: i32 = 50;

#[derive(Debug, Serialize)]
struct WatchedItem {
    pk: &'static str,
    sk: String,
}

#[derive(Debug, Deserialize)]
struct FoundItem {
    variants: Vec<LowStock>,
}

fn read_watched(item: &Item) -> Option<VariantId> {
    VariantId::parse(text(item, "sk")?)
}

impl Store {
    /// The watched variants on sale whose stock is low, least left first. Eventually consistent reads, for display.
    pub async fn find_low_stock(&self) -> Result<Vec<LowStock>, Failure> {
        let (mut low, mut after) = (Vec::new(), None);
        loop {
            let query = self
                .query_of(&self.tables.catalog)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", string(WATCHED))
                .set_exclusive_start_key(after.take())
                .limit(VARIANTS_PER_PAGE);
            let found = self.query(query).await?;
            let ids: Vec<VariantId> = found.items.iter().filter_map(read_watched).collect();
            let variants = self.variants_on_sale(&ids).await?;
            let left = self.read_available(&variants, Reads::Eventual).await?;
            low.extend(variants.iter().filter_map(|variant| LowStock::of(variant, *left.get(&variant.id)?)));
            after = found.last_key;
            if after.is_none() {
                low.sort_by_key(|low| (low.available_qty, low.variant_id));
                return Ok(low);
            }
        }
    }

    /// Stores the list of variants with low stock, unless a later run has: a delayed tick must not restore an earlier
    /// state.
    pub async fn save_low_stock(&self, low: &[LowStock], now: Moment) -> Result<(), Failure> {
        let variants = serde_dynamo::to_attribute_value(low).map_err(Failure::broken)?;
        let save = update(&self.tables.catalog, FOUND, META)
            .update_expression("SET variants = :variants, as_of = :now")
            .condition_expression("attribute_not_exists(as_of) OR as_of <= :now")
            .expression_attribute_values(":variants", variants)
            .expression_attribute_values(":now", number(now.as_millisecond()));
        self.update_alone(save.build().map_err(Failure::broken)?).await.map(drop)
    }

    /// The list of variants with low stock, as stored by the last run.
    pub async fn low_stock(&self) -> Result<Vec<LowStock>, Failure> {
        let item = self.get(&self.tables.catalog, FOUND, META, false).await?;
        Ok(item.map(from_item::<FoundItem>).transpose()?.map(|found| found.variants).unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Adds a variant to those whose stock is watched.
    pub(crate) fn watch_stock(&mut self, variant: VariantId) -> Result<(), Failure> {
        let table = self.tables().catalog.clone();
        self.put(put(&table, &WatchedItem { pk: WATCHED, sk: variant.to_string() })?)?;
        Ok(())
    }

    /// Removes it from them.
    pub(crate) fn unwatch_stock(&mut self, variant: VariantId) -> Result<(), Failure> {
        let table = self.tables().catalog.clone();
        self.delete(&table, key(WATCHED, &variant.to_string()))?;
        Ok(())
    }
}
