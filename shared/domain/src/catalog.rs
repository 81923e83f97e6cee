//! The catalog: products and their variants.

use crate::id::{ProductId, VariantId};
use crate::image::ProductImage;
use crate::money::{Cents, Currency};
use crate::stock::Shards;
use crate::text::{Category, Description, Name, Sku, Tag};
use crate::{Invalid, Moment, enum_text};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The maximum number of variants of a product, so that a product and all its variants fit into one read.
pub const VARIANTS_PER_PRODUCT_MAX: usize = 50;

/// The maximum of `low_stock_qty`, in pieces.
pub const LOW_STOCK_QTY_MAX: u32 = 10_000_000;

/// The maximum number of tags of a product.
pub const TAGS_MAX: usize = 10;

/// Parses a product's tags; a repeated tag counts once.
///
/// # Errors
/// [`Invalid`] for `tags` when there are more than [`TAGS_MAX`], and for each invalid tag.
pub fn parse_tags(texts: &[String]) -> Result<Vec<Tag>, Invalid> {
    let mut wrong = Invalid::default();
    if texts.len() > TAGS_MAX {
        wrong.note("tags", format!("must have at most {TAGS_MAX} tags"));
    }
    let mut tags: Vec<Tag> = Vec::new();
    for (n, text) in texts.iter().take(TAGS_MAX).enumerate() {
        let tag = wrong.check(Tag::parse(&format!("tags[{n}]"), text));
        tags.extend(tag.filter(|tag| !tags.contains(tag)));
    }
    wrong.into_result(Some(tags))
}

/// The status of a product. Only an ACTIVE product is visible to customers and can be ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum ProductStatus {
    /// In preparation; not visible.
    Draft,
    /// For sale.
    Active,
    /// No longer for sale; not visible.
    Inactive,
}

impl ProductStatus {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// # Errors
    /// [`Invalid`] for `field` when `text` is not one of the values.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        enum_text::parse(field, text)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub id: ProductId,
    pub name: Name,
    pub description: Description,
    pub category: Option<Category>,
    /// At most [`TAGS_MAX`], each once.
    pub tags: Vec<Tag>,
    /// At most [`crate::image::IMAGES_PER_PRODUCT_MAX`]. The first one is shown in lists.
    pub images: Vec<ProductImage>,
    /// For sale or not.
    pub status: ProductStatus,
    pub variant_count: usize,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// An admin's changes to a product; a field that is `None` keeps its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductChange {
    pub name: Option<Name>,
    pub description: Option<Description>,
    /// `Some(None)` removes the category.
    pub category: Option<Option<Category>>,
    pub tags: Option<Vec<Tag>>,
    pub status: Option<ProductStatus>,
}

/// A variant of a product, with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    pub id: VariantId,
    /// The stock-keeping unit (SKU), unique in the shop.
    pub sku: Sku,
    /// The name within the product.
    pub name: Name,
    /// The price per piece.
    pub price: Cents,
    pub currency: Currency,
    /// Whether the variant can be ordered while its product is ACTIVE.
    pub is_active: bool,
    /// The shards of its stock.
    pub stock_shards: Shards,
    /// The low-stock limit: at or below this number of pieces the admins' summary lists the variant; `None` for never.
    pub low_stock_qty: Option<u32>,
    pub created_at: Moment,
    pub updated_at: Moment,
}

/// An admin's changes to a variant; a field that is `None` keeps its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariantChange {
    pub name: Option<Name>,
    pub price: Option<Cents>,
    pub is_active: Option<bool>,
    /// A new number of stock shards.
    pub stock_shards: Option<u8>,
    pub sku: Option<Sku>,
    /// `Some(None)` for a stock that is never low.
    pub low_stock_qty: Option<Option<u32>>,
}

impl Variant {
    /// The variant with the changes applied.
    #[must_use]
    pub fn changed(self, change: &VariantChange, now: Moment) -> Self {
        Self {
            name: change.name.clone().unwrap_or(self.name),
            price: change.price.unwrap_or(self.price),
            is_active: change.is_active.unwrap_or(self.is_active),
            stock_shards: change.stock_shards.map_or(self.stock_shards, |number| self.stock_shards.resized(number)),
            sku: change.sku.clone().unwrap_or(self.sku),
            low_stock_qty: change.low_stock_qty.unwrap_or(self.low_stock_qty),
            updated_at: now,
            ..self
        }
    }
}

/// A variant whose stock is low.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LowStock {
    pub variant_id: VariantId,
    pub sku: Sku,
    /// The stock that can be ordered, in pieces.
    pub available_qty: i64,
    pub low_stock_qty: u32,
}

impl LowStock {
    /// The variant, if its stock is at or below its limit.
    pub fn of(variant: &Variant, available_qty: i64) -> Option<Self> {
        let low_stock_qty = variant.low_stock_qty.filter(|low| available_qty <= i64::from(*low))?;
        Some(Self { variant_id: variant.id, sku: variant.sku.clone(), available_qty, low_stock_qty })
    }
}

/// A variant's price and availability when an order is placed. Always read from the catalog, never from the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    pub variant: VariantId,
    /// The name on the order line: product and variant.
    pub name: String,
    /// The price per piece.
    pub unit_price: Cents,
    /// Whether both the product and the variant are for sale.
    pub on_sale: bool,
    /// The shards of the variant's stock.
    pub stock_shards: Shards,
}

impl Listing {
    /// The listing of a variant, with its product's name and status.
    pub fn of(product: &Product, variant: &Variant) -> Self {
        Self {
            variant: variant.id,
            name: format!("{} – {}", product.name, variant.name),
            unit_price: variant.price,
            on_sale: product.status == ProductStatus::Active && variant.is_active,
            stock_shards: variant.stock_shards,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn an_unknown_status_is_refused() {
        assert_eq!(ProductStatus::parse("status", "ACTIVE").unwrap(), ProductStatus::Active);
        for bad in ["", "active", "ACTIVE ", "DELETED"] {
            assert!(ProductStatus::parse("status", bad).is_err(), "{bad}");
        }
    }

    fn tea() -> (Product, Variant) {
        let id = ProductId::new(Uuid::from_u128(7));
        let at = Moment::UNIX_EPOCH;
        let product = Product {
            category: None,
            tags: Vec::new(),
            images: Vec::new(),
            id,
            name: Name::parse("name", "tea").unwrap(),
            description: Description::parse("description", "").unwrap(),
            status: ProductStatus::Active,
            variant_count: 1,
            created_at: at,
            updated_at: at,
        };
        let variant = Variant {
            id: VariantId::new(id, 1),
            sku: Sku::parse("sku", "TEA-1").unwrap(),
            name: Name::parse("variant_name", "green").unwrap(),
            price: Cents::new(100),
            currency: Currency::parse("TWD").unwrap(),
            is_active: true,
            stock_shards: Shards::new(2),
            low_stock_qty: None,
            created_at: at,
            updated_at: at,
        };
        (product, variant)
    }

    #[test]
    fn a_variant_change_keeps_absent_fields() {
        let (now, before) = ("2026-11-21T12:00:00Z".parse().unwrap(), tea().1);
        let same = before.clone().changed(&VariantChange::default(), now);
        assert_eq!(same, Variant { updated_at: now, ..before.clone() });
        let change = VariantChange {
            name: Some(Name::parse("variant_name", "black").unwrap()),
            price: Some(Cents::new(200)),
            is_active: Some(false),
            stock_shards: Some(4),
            sku: Some(Sku::parse("sku", "TEA-2").unwrap()),
            low_stock_qty: Some(Some(5)),
        };
        let after = before.changed(&change, now);
        assert_eq!((after.name.as_str(), after.price, after.is_active), ("black", Cents::new(200), false));
        assert_eq!((after.stock_shards.used(), after.created_at), (4, Moment::UNIX_EPOCH));
        assert_eq!((after.sku.as_str(), after.low_stock_qty), ("TEA-2", Some(5)));
        let never = VariantChange { low_stock_qty: Some(None), ..VariantChange::default() };
        assert_eq!(after.changed(&never, now).low_stock_qty, None);
    }

    #[test]
    fn a_stock_is_low_at_its_limit_and_below() {
        let variant = Variant { low_stock_qty: Some(3), ..tea().1 };
        let low = [4, 3, 0].map(|left| LowStock::of(&variant, left).map(|low| low.available_qty));
        assert_eq!(low, [None, Some(3), Some(0)]);
        assert_eq!(LowStock::of(&tea().1, 0), None);
    }

    #[test]
    fn a_variant_is_on_sale_with_its_product_and_by_itself() {
        let (product, variant) = tea();
        let listing = Listing::of(&product, &variant);
        assert_eq!(
            (listing.name.as_str(), listing.unit_price, listing.on_sale),
            ("tea – green", Cents::new(100), true)
        );
        assert!(!Listing::of(&product, &Variant { is_active: false, ..variant.clone() }).on_sale);
        assert!(!Listing::of(&Product { status: ProductStatus::Inactive, ..product }, &variant).on_sale);
    }
}
