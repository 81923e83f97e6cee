//! Products and variants. A product and its variants share a partition, and a variant's id contains its product's, so
//! that known ids are read without an index.

use crate::db::{Item, Want, from_item, key, number, put, string, text, update};
use crate::orders::Reads;
use crate::{Store, Tx, cursor, time};
use aws_sdk_dynamodb::types::AttributeValue;
use contracts::Failure;
use contracts::page::{Limit, Page};
use domain::catalog::{
    Listing, Product, ProductChange, ProductStatus, VARIANTS_PER_PRODUCT_MAX, Variant, VariantChange,
};
use domain::id::{ProductId, VariantId};
use domain::image::ProductImage;
use domain::money::{Cents, Currency};
use domain::stock::Shards;
use domain::text::{Category, Description, Name, Sku, Tag};
use domain::{Moment, Refusal};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The index of products by status. It may lag; the table decides.
const BY_STATUS: &str = "by_status";

#[derive(Debug, Serialize, Deserialize)]
struct ProductItem {
    pk: String,
    sk: String,
    status_key: String,
    product_id: ProductId,
    name: Name,
    description: Description,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<Category>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    images: Vec<ProductImage>,
    status: ProductStatus,
    variant_count: usize,
    #[serde(with = "time")]
    created_at: Moment,
    #[serde(with = "time")]
    updated_at: Moment,
}

#[derive(Debug, Serialize, Deserialize)]
struct VariantItem {
    pk: String,
    sk: String,
    variant_id: VariantId,
    sku: Sku,
    variant_name: Name,
    price_cents: Cents,
    currency: Currency,
    is_active: bool,
    stock_shards: u8,
    /// Absent while it equals the number in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shards_made: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    low_stock_qty: Option<u32>,
    #[serde(with = "time")]
    created_at: Moment,
    #[serde(with = "time")]
    updated_at: Moment,
}

#[derive(Debug, Serialize)]
struct SkuItem {
    pk: String,
    sk: String,
    variant_id: VariantId,
}

pub(crate) fn product_pk(id: ProductId) -> String {
    format!("PRODUCT#{id}")
}

fn variant_sk(id: VariantId) -> String {
    format!("VARIANT#{:08x}", id.serial())
}

fn sku_pk(sku: &Sku) -> String {
    format!("SKU#{}", sku.as_str())
}

fn status_key(status: ProductStatus) -> String {
    format!("PRODUCT#{}", status.as_str())
}

impl From<ProductItem> for Product {
    fn from(item: ProductItem) -> Self {
        Self {
            id: item.product_id,
            name: item.name,
            description: item.description,
            category: item.category,
            tags: item.tags,
            images: item.images,
            status: item.status,
            variant_count: item.variant_count,
            created_at: item.created_at,
            updated_at: item.updated_at,
        }
    }
}

impl From<VariantItem> for Variant {
    fn from(item: VariantItem) -> Self {
        Self {
            id: item.variant_id,
            sku: item.sku,
            name: item.variant_name,
            price: item.price_cents,
            currency: item.currency,
            is_active: item.is_active,
            stock_shards: Shards::kept(item.stock_shards, item.shards_made),
            low_stock_qty: item.low_stock_qty,
            created_at: item.created_at,
            updated_at: item.updated_at,
        }
    }
}

pub(crate) fn read_variant(item: Item) -> Result<Variant, Failure> {
    Ok(from_item::<VariantItem>(item)?.into())
}

/// Separates products and variants in items of both kinds.
fn sort_out(items: Vec<Item>) -> Result<(Vec<Product>, Vec<Variant>), Failure> {
    let (mut products, mut variants) = (Vec::new(), Vec::new());
    for item in items {
        if text(&item, "sk") == Some("META") {
            products.push(from_item::<ProductItem>(item)?.into());
        } else {
            variants.push(read_variant(item)?);
        }
    }
    variants.sort_by_key(|variant| (variant.created_at, variant.id));
    Ok((products, variants))
}

impl Store {
    /// The listings of these variants; missing variants are left out.
    pub async fn listings(&self, variants: &[VariantId]) -> Result<Vec<Listing>, Failure> {
        Self::read_listings(self.batch_get(vec![self.want_listings(variants, true)]).await?)
    }

    /// The read of these variants' listings; missing variants are left out. Combined with the other reads of an order
    /// in one call ([`Store::placement_inputs`]).
    pub(crate) fn want_listings(&self, variants: &[VariantId], consistent: bool) -> Want {
        let mut keys: Vec<(String, String)> = Vec::new();
        for variant in variants {
            let pk = product_pk(variant.product());
            let product = (pk.clone(), "META".to_owned());
            if !keys.contains(&product) {
                keys.push(product);
            }
            keys.push((pk, variant_sk(*variant)));
        }
        Want { table: self.tables.catalog.clone(), keys, consistent }
    }

    /// The listings in `items`.
    pub(crate) fn read_listings(items: Vec<Item>) -> Result<Vec<Listing>, Failure> {
        let (products, variants) = sort_out(items)?;
        Ok(variants
            .iter()
            .filter_map(|variant| {
                let product = products.iter().find(|product| product.id == variant.id.product())?;
                Some(Listing::of(product, variant))
            })
            .collect())
    }

    /// A product with its variants.
    pub async fn find_product(&self, id: ProductId) -> Result<Option<(Product, Vec<Variant>)>, Failure> {
        self.read_product(id, Reads::Strong).await
    }

    async fn read_product(&self, id: ProductId, reads: Reads) -> Result<Option<(Product, Vec<Variant>)>, Failure> {
        let query = self
            .query_of(&self.tables.catalog)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(product_pk(id)))
            .consistent_read(reads.consistent());
        let (mut products, variants) = sort_out(self.query_all(query).await?)?;
        Ok(products.pop().map(|product| (product, variants)))
    }

    /// # Errors
    /// [`Refusal::ProductNotFound`].
    pub async fn load_product(&self, id: ProductId) -> Result<Product, Failure> {
        let item = self.get(&self.tables.catalog, &product_pk(id), "META", true).await?;
        Ok(from_item::<ProductItem>(item.ok_or(Refusal::ProductNotFound)?)?.into())
    }

    /// Products without their variants; missing ones are left out. An eventually consistent read, for display.
    pub async fn product_heads(&self, ids: impl IntoIterator<Item = ProductId>) -> Result<Vec<Product>, Failure> {
        let ids: BTreeSet<ProductId> = ids.into_iter().collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys = ids.into_iter().map(|id| (product_pk(id), "META".to_owned())).collect();
        let want = Want { table: self.tables.catalog.clone(), keys, consistent: false };
        Ok(sort_out(self.batch_get(vec![want]).await?)?.0)
    }

    /// A variant's price and number of stock shards, by a strongly consistent read.
    ///
    /// # Errors
    /// [`Refusal::VariantNotFound`].
    pub async fn load_listing(&self, id: VariantId) -> Result<Listing, Failure> {
        let items = self.batch_get(vec![self.want_listings(&[id], true)]).await?;
        Ok(Self::read_listings(items)?.pop().ok_or(Refusal::VariantNotFound)?)
    }

    /// # Errors
    /// [`Refusal::VariantNotFound`].
    pub async fn load_variant(&self, id: VariantId) -> Result<Variant, Failure> {
        let item = self.get(&self.tables.catalog, &product_pk(id.product()), &variant_sk(id), true).await?;
        read_variant(item.ok_or(Refusal::VariantNotFound)?)
    }

    /// The listings of the given variants that are on sale. An eventually consistent read, for display.
    pub(crate) async fn variants_on_sale(&self, ids: &[VariantId]) -> Result<Vec<Variant>, Failure> {
        let (products, variants) = sort_out(self.batch_get(vec![self.want_listings(ids, false)]).await?)?;
        let is_on_sale = |variant: &Variant| {
            products.iter().any(|product| product.id == variant.id.product() && Listing::of(product, variant).on_sale)
        };
        Ok(variants.into_iter().filter(is_on_sale).collect())
    }

    /// Products with their variants, in the order of `ids`; missing ones are left out.
    pub async fn products(&self, ids: &[ProductId], reads: Reads) -> Result<Vec<(Product, Vec<Variant>)>, Failure> {
        let found = try_join_all(ids.iter().map(|id| self.read_product(*id, reads))).await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// A page of the products in one of these statuses, newest first. Each status costs a query of the index.
    pub async fn list_products(
        &self,
        statuses: &[ProductStatus],
        limit: Limit,
        after: Option<&str>,
        reads: Reads,
    ) -> Result<Page<(Product, Vec<Variant>)>, Failure> {
        let after = after.map(|after| cursor::decode(after, |text| ProductId::parse(text).is_some())).transpose()?;
        // `~` sorts after every id.
        let after = after.unwrap_or_else(|| "~".to_owned());
        let queries = statuses.iter().map(|status| {
            let query = self
                .query_of(&self.tables.catalog)
                .index_name(BY_STATUS)
                .key_condition_expression("status_key = :status AND product_id < :after")
                .expression_attribute_values(":status", string(status_key(*status)))
                .expression_attribute_values(":after", string(&after))
                .scan_index_forward(false)
                // One more than the page, to detect whether a next page exists.
                .limit(i32::try_from(limit.get() + 1).unwrap_or(i32::MAX));
            self.query(query)
        });
        let pages = try_join_all(queries).await?;
        let rows = pages.iter().flat_map(|page| &page.items);
        // A set, because a lagging index may list a product under two statuses.
        let ids: BTreeSet<ProductId> = rows.filter_map(|item| ProductId::parse(text(item, "product_id")?)).collect();
        let mut ids: Vec<ProductId> = ids.into_iter().rev().collect();
        let has_more = ids.len() > limit.get();
        ids.truncate(limit.get());
        let next_cursor = ids.last().filter(|_| has_more).map(|last| cursor::encode(&last.to_string()));
        // The index may lag behind a product whose status was just changed.
        let is_listed = |(product, _): &(Product, _)| statuses.contains(&product.status);
        let items = self.products(&ids, reads).await?.into_iter().filter(is_listed).collect();
        Ok(Page { items, next_cursor })
    }
}

impl Tx<'_> {
    pub fn insert_product(&mut self, product: &Product) -> Result<(), Failure> {
        self.store().forget_shown_products();
        let item = ProductItem {
            pk: product_pk(product.id),
            sk: "META".to_owned(),
            status_key: status_key(product.status),
            product_id: product.id,
            name: product.name.clone(),
            description: product.description.clone(),
            category: product.category.clone(),
            tags: product.tags.clone(),
            images: product.images.clone(),
            status: product.status,
            variant_count: product.variant_count,
            created_at: product.created_at,
            updated_at: product.updated_at,
        };
        let put = put(self.catalog_table(), &item)?.condition_expression("attribute_not_exists(pk)");
        self.put(put)?.own();
        Ok(())
    }

    /// Changes a product, on condition that it exists ([`Refusal::ProductNotFound`]).
    pub fn change_product(&mut self, id: ProductId, change: &ProductChange) -> Result<(), Failure> {
        self.store().forget_shown_products();
        let table = self.catalog_table().to_owned();
        let mut sets = vec!["updated_at = :now"];
        let mut update = update(&table, &product_pk(id), "META")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_values(":now", number(self.now().as_millisecond()));
        if let Some(name) = &change.name {
            sets.push("#name = :name");
            update = update.expression_attribute_names("#name", "name");
            update = update.expression_attribute_values(":name", string(name.as_str()));
        }
        if let Some(description) = &change.description {
            sets.push("description = :description");
            update = update.expression_attribute_values(":description", string(description.as_str()));
        }
        let mut removes = "";
        match &change.category {
            Some(Some(category)) => {
                sets.push("category = :category");
                update = update.expression_attribute_values(":category", string(category.as_str()));
            }
            Some(None) => removes = " REMOVE category",
            None => {}
        }
        if let Some(tags) = &change.tags {
            sets.push("tags = :tags");
            let tags = tags.iter().map(|tag| string(tag.as_str())).collect();
            update = update.expression_attribute_values(":tags", AttributeValue::L(tags));
        }
        if let Some(status) = change.status {
            sets.push("#status = :status, status_key = :status_key");
            update = update.expression_attribute_names("#status", "status");
            update = update.expression_attribute_values(":status", string(status.as_str()));
            update = update.expression_attribute_values(":status_key", string(status_key(status)));
        }
        let update = update.update_expression(format!("SET {}{removes}", sets.join(", ")));
        self.update(update)?.or(Refusal::ProductNotFound);
        Ok(())
    }

    /// Inserts a variant, on condition that its product exists and its SKU is not taken.
    pub fn insert_variant(&mut self, variant: &Variant) -> Result<(), Failure> {
        self.store().forget_shown_products();
        let table = self.catalog_table().to_owned();
        let pk = product_pk(variant.id.product());
        let item = VariantItem {
            pk: pk.clone(),
            sk: variant_sk(variant.id),
            variant_id: variant.id,
            sku: variant.sku.clone(),
            variant_name: variant.name.clone(),
            price_cents: variant.price,
            currency: variant.currency,
            is_active: variant.is_active,
            stock_shards: variant.stock_shards.used(),
            shards_made: None,
            low_stock_qty: variant.low_stock_qty,
            created_at: variant.created_at,
            updated_at: variant.updated_at,
        };
        self.put(put(&table, &item)?.condition_expression("attribute_not_exists(pk)"))?.own();
        let count = update(&table, &pk, "META")
            .update_expression("SET variant_count = variant_count + :one, updated_at = :now")
            .condition_expression("variant_count < :most")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":most", number(VARIANTS_PER_PRODUCT_MAX))
            .expression_attribute_values(":now", number(variant.created_at.as_millisecond()));
        self.update(count)?.or(Refusal::VariantLimitReached);
        self.take_sku(&variant.sku, variant.id)
    }

    /// Records the variant to which a SKU belongs, on condition that no other variant has it.
    fn take_sku(&mut self, sku: &Sku, variant: VariantId) -> Result<(), Failure> {
        let table = self.catalog_table().to_owned();
        let item = SkuItem { pk: sku_pk(sku), sk: "META".to_owned(), variant_id: variant };
        self.put(put(&table, &item)?.condition_expression("attribute_not_exists(pk)"))?.or(Refusal::SkuTaken);
        Ok(())
    }

    /// Saves a changed variant, on condition that its SKU and its number of shards, if they change, are still those that
    /// were read.
    pub fn change_variant(&mut self, before: &Variant, change: &VariantChange) -> Result<(), Failure> {
        self.store().forget_shown_products();
        let table = self.catalog_table().to_owned();
        let mut sets = vec!["updated_at = :now"];
        let mut update = update(&table, &product_pk(before.id.product()), &variant_sk(before.id))
            .expression_attribute_values(":now", number(self.now().as_millisecond()));
        if let Some(name) = &change.name {
            sets.push("variant_name = :name");
            update = update.expression_attribute_values(":name", string(name.as_str()));
        }
        if let Some(price) = change.price {
            sets.push("price_cents = :price");
            update = update.expression_attribute_values(":price", number(price));
        }
        if let Some(is_active) = change.is_active {
            sets.push("is_active = :active");
            let active = AttributeValue::Bool(is_active);
            update = update.expression_attribute_values(":active", active);
        }
        let mut conditions = vec!["attribute_exists(pk)"];
        if let Some(shards) = change.stock_shards {
            sets.push("stock_shards = :shards, shards_made = :made");
            conditions.push("stock_shards = :before");
            let after = before.stock_shards.resized(shards);
            update = update
                .expression_attribute_values(":shards", number(after.used()))
                .expression_attribute_values(":made", number(after.made()))
                .expression_attribute_values(":before", number(before.stock_shards.used()));
        }
        let sku = change.sku.as_ref().filter(|sku| **sku != before.sku);
        if let Some(sku) = sku {
            sets.push("sku = :sku");
            conditions.push("sku = :sku_before");
            update = update
                .expression_attribute_values(":sku", string(sku.as_str()))
                .expression_attribute_values(":sku_before", string(before.sku.as_str()));
        }
        let mut removes = "";
        match change.low_stock_qty {
            Some(Some(quantity)) => {
                sets.push("low_stock_qty = :low");
                update = update.expression_attribute_values(":low", number(quantity));
            }
            Some(None) => removes = " REMOVE low_stock_qty",
            None => {}
        }
        let update = update
            .condition_expression(conditions.join(" AND "))
            .update_expression(format!("SET {}{removes}", sets.join(", ")));
        self.update(update)?.or_stale();
        if let Some(sku) = sku {
            self.take_sku(sku, before.id)?;
            self.delete(&table, key(&sku_pk(&before.sku), "META"))?;
        }
        match change.low_stock_qty {
            Some(Some(_)) => self.watch_stock(before.id),
            Some(None) => self.unwatch_stock(before.id),
            None => Ok(()),
        }
    }

    fn catalog_table(&self) -> &str {
        &self.tables().catalog
    }
}
