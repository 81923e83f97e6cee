//! The data for anonymous visitors: the products on sale and their stock, from a cache of the execution environment, so
//! that a page view costs next to nothing. A shard is read again after [`STOCK_SHOWN_FOR`] at the earliest, eventually
//! consistent. Nothing here decides about an order: the write does.

use crate::orders::Reads;
use crate::stock::Pool;
use crate::{Store, cursor};
use contracts::Failure;
use contracts::page::{Limit, Page, PageQuery};
use domain::Moment;
use domain::catalog::{Product, ProductStatus, Variant};
use domain::id::VariantId;
use domain::product_filter::{Position, ProductFilter};
use jiff::SignedDuration;
use std::collections::HashMap;
use std::sync::Arc;

/// The maximum age of the shown stock.
pub const STOCK_SHOWN_FOR: SignedDuration = SignedDuration::from_secs(3);
/// The maximum age of the shown products.
pub const PRODUCTS_SHOWN_FOR: SignedDuration = SignedDuration::from_secs(5);
/// The number of products, the newest ones, that a filter or a sort order applies to: they are held in memory.
pub const PRODUCTS_FILTERED_MAX: usize = 2_000;

/// A product with its variants.
pub(crate) type Shown = (Product, Vec<Variant>);

/// Products as they were read at a moment.
#[derive(Debug, Clone)]
pub(crate) struct Snapshot {
    at: Moment,
    page: Arc<Page<Shown>>,
}

pub(crate) fn is_fresh(at: Moment, now: Moment, lifetime: SignedDuration) -> bool {
    now.duration_since(at).abs() < lifetime
}

impl Store {
    /// A page of the products on sale that the filter keeps, in its order.
    ///
    /// # Errors
    /// [`domain::Refusal::Invalid`] for a cursor of another list.
    pub async fn shown_products(
        &self,
        filter: &ProductFilter,
        page: &PageQuery,
        now: Moment,
    ) -> Result<Page<Shown>, Failure> {
        if filter.is_plain() {
            return Ok(self.snapshot(page.limit, page.cursor.as_deref(), now).await?.as_ref().clone());
        }
        let is_position = |text: &str| Position::parse(text).is_some();
        let after = page.cursor.as_deref().map(|text| cursor::decode(text, is_position)).transpose()?;
        let after = after.as_deref().and_then(Position::parse);
        let all = self.all_shown_products(now).await?;
        let mut kept: Vec<(Position, &Shown)> = all
            .iter()
            .flat_map(|page| &page.items)
            .filter_map(|shown| Some((filter.position(&shown.0, &shown.1)?, shown)))
            .filter(|(position, _)| after.is_none_or(|after| *position > after))
            .collect();
        kept.sort_by_key(|(position, _)| *position);
        let has_more = kept.len() > page.limit.get();
        kept.truncate(page.limit.get());
        let next_cursor = kept.last().filter(|_| has_more).map(|(position, _)| cursor::encode(&position.encode()));
        Ok(Page { items: kept.into_iter().map(|(_, shown)| shown.clone()).collect(), next_cursor })
    }

    /// The newest [`PRODUCTS_FILTERED_MAX`] products on sale.
    async fn all_shown_products(&self, now: Moment) -> Result<Vec<Arc<Page<Shown>>>, Failure> {
        let (mut pages, mut cursor) = (Vec::new(), None);
        for _ in 0..PRODUCTS_FILTERED_MAX / usize::from(Limit::MAX) {
            let page = self.snapshot(Limit::LARGEST, cursor.as_deref(), now).await?;
            cursor = page.next_cursor.clone();
            pages.push(page);
            if cursor.is_none() {
                break;
            }
        }
        Ok(pages)
    }

    /// A page of the products on sale, newest first, at most [`PRODUCTS_SHOWN_FOR`] old.
    async fn snapshot(&self, limit: Limit, cursor: Option<&str>, now: Moment) -> Result<Arc<Page<Shown>>, Failure> {
        let name = (limit.get(), cursor.map(str::to_owned));
        if let Some(known) = self.shown_products.get(&name).filter(|known| is_fresh(known.at, now, PRODUCTS_SHOWN_FOR))
        {
            return Ok(known.page);
        }
        let page = Arc::new(self.list_products(&[ProductStatus::Active], limit, cursor, Reads::Eventual).await?);
        self.shown_products.put(name, Snapshot { at: now, page: Arc::clone(&page) });
        Ok(page)
    }

    /// The remaining pieces of each of these variants, over all shards, at most [`STOCK_SHOWN_FOR`] old.
    pub async fn shown_stock(
        &self,
        variants: impl IntoIterator<Item = &Variant>,
        now: Moment,
    ) -> Result<HashMap<VariantId, i64>, Failure> {
        let (mut shown, mut unknown) = (HashMap::new(), Vec::new());
        for variant in variants {
            match self.shown_stock.get(&variant.id) {
                Some((at, left)) if is_fresh(at, now, STOCK_SHOWN_FOR) => {
                    shown.insert(variant.id, left);
                }
                _ => unknown.push(variant),
            }
        }
        for (variant, left) in self.read_available(unknown, Reads::Eventual).await? {
            self.shown_stock.put(variant, (now, left));
            shown.insert(variant, left);
        }
        Ok(shown)
    }

    /// Removes the products from the cache, because this environment changes one of them.
    pub(crate) fn forget_shown_products(&self) {
        self.shown_products.clear();
    }

    /// Removes the stock of a pool from the cache, because this environment has changed it.
    pub(crate) fn forget_shown_stock(&self, pool: Pool) {
        if let Pool::Stock(variant) = pool {
            self.shown_stock.forget(&variant);
        }
    }
}
