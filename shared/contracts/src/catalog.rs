//! Bodies of the catalog routes.

use crate::images::ImageView;
use domain::catalog::{self, LOW_STOCK_QTY_MAX, Product, ProductChange, ProductStatus, Variant, VariantChange};
use domain::money::{Cents, Currency};
use domain::shop::Shop;
use domain::text::{Category, Description, Name, Reason, Sku, Tag};
use domain::{Invalid, stock};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST /admin/products`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateProduct {
    /// 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: String,
    /// At most 4000 characters.
    #[cfg_attr(feature = "openapi", schema(max_length = 4000))]
    pub description: String,
    /// 1 to 40 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 40))]
    pub category: Option<String>,
    /// At most 10, each of 1 to 30 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub tags: Option<Vec<String>>,
    /// `DRAFT` (default), `ACTIVE` or `INACTIVE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::ProductStatus>))]
    pub status: Option<String>,
}

/// A valid new product.
#[derive(Debug, Clone)]
pub struct NewProduct {
    /// The name.
    pub name: Name,
    /// The description.
    pub description: Description,
    /// The category.
    pub category: Option<Category>,
    /// The tags.
    pub tags: Vec<Tag>,
    /// The initial status.
    pub status: ProductStatus,
}

impl CreateProduct {
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self) -> Result<NewProduct, Invalid> {
        let mut wrong = Invalid::default();
        let name = wrong.check(Name::parse("name", &self.name));
        let description = wrong.check(Description::parse("description", &self.description));
        let category = self.category.as_deref().and_then(|text| wrong.check(Category::parse("category", text)));
        let tags = wrong.check(catalog::parse_tags(self.tags.as_deref().unwrap_or_default())).unwrap_or_default();
        let status = match &self.status {
            None => Some(ProductStatus::Draft),
            Some(status) => wrong.check(ProductStatus::parse("status", status)),
        };
        let product = name.zip(description).zip(status).map(|((name, description), status)| NewProduct {
            name,
            description,
            category,
            tags,
            status,
        });
        wrong.into_result(product)
    }
}

/// `PATCH /admin/products/{product_id}`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateProduct {
    /// 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: Option<String>,
    /// At most 4000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 4000))]
    pub description: Option<String>,
    /// At most 40 characters; an empty text removes the category.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 40))]
    pub category: Option<String>,
    /// All tags: at most 10, each of 1 to 30 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_items = 10))]
    pub tags: Option<Vec<String>>,
    /// `DRAFT`, `ACTIVE` or `INACTIVE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::ProductStatus>))]
    pub status: Option<String>,
}

impl UpdateProduct {
    /// # Errors
    /// [`Invalid`] for each invalid field, or for all of them when none is given.
    pub fn parse(&self) -> Result<ProductChange, Invalid> {
        let mut wrong = Invalid::default();
        let changes_anything = self.name.is_some()
            || self.description.is_some()
            || self.category.is_some()
            || self.tags.is_some()
            || self.status.is_some();
        if !changes_anything {
            wrong.note("", "must change at least one of name, description, category, tags, status");
        }
        let change = ProductChange {
            name: self.name.as_deref().and_then(|text| wrong.check(Name::parse("name", text))),
            description: self
                .description
                .as_deref()
                .and_then(|text| wrong.check(Description::parse("description", text))),
            category: match self.category.as_deref() {
                None => None,
                Some("") => Some(None),
                Some(text) => wrong.check(Category::parse("category", text)).map(Some),
            },
            tags: self.tags.as_deref().and_then(|texts| wrong.check(catalog::parse_tags(texts))),
            status: self.status.as_deref().and_then(|text| wrong.check(ProductStatus::parse("status", text))),
        };
        wrong.into_result(Some(change))
    }
}

/// `POST /admin/products/{product_id}/variants`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddVariant {
    /// 1 to 64 of `A-Z a-z 0-9 . _ -`, unique in the shop.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub sku: String,
    /// 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub variant_name: String,
    /// A positive multiple of the charge unit, in the currency's minor unit.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100_000_000))]
    pub price_cents: i64,
    /// The shop's currency; any other is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// The initial stock, in pieces; default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 10_000_000))]
    pub stock_qty: Option<i64>,
    /// The number of stock shards, 1 to 64; default 1. More shards reduce contention in a rush.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 64))]
    pub stock_shards: Option<i64>,
}

/// A valid new variant.
#[derive(Debug, Clone)]
pub struct NewVariant {
    /// The stock-keeping unit (SKU).
    pub sku: Sku,
    /// The name.
    pub name: Name,
    /// The price per piece.
    pub price: Cents,
    /// The initial stock, in pieces.
    pub stock_qty: u32,
    /// The number of shards.
    pub stock_shards: u8,
}

impl AddVariant {
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self, shop: &Shop) -> Result<NewVariant, Invalid> {
        let mut wrong = Invalid::default();
        let sku = wrong.check(Sku::parse("sku", &self.sku));
        let name = wrong.check(Name::parse("variant_name", &self.variant_name));
        let price = wrong.check(shop.charge_unit.parse_price("price_cents", self.price_cents));
        if let Some(currency) = &self.currency {
            wrong.check(parse_currency(currency, shop));
        }
        let stock_qty = match self.stock_qty.unwrap_or_default() {
            0 => Some(0),
            number => wrong
                .check(stock::parse_delta("stock_qty", number.max(0)))
                .and_then(|number| u32::try_from(number).ok()),
        };
        let stock_shards = wrong.check(stock::parse_shards("stock_shards", self.stock_shards.unwrap_or(1)));
        let variant = sku.zip(name).zip(price).zip(stock_qty).zip(stock_shards).map(
            |((((sku, name), price), stock_qty), stock_shards)| NewVariant {
                sku,
                name,
                price,
                stock_qty,
                stock_shards,
            },
        );
        wrong.into_result(variant)
    }
}

fn parse_currency(text: &str, shop: &Shop) -> Result<Currency, Invalid> {
    Currency::parse(text)
        .filter(|currency| *currency == shop.currency)
        .ok_or_else(|| Invalid::field("currency", format!("must be the shop's currency, {}", shop.currency)))
}

/// `PATCH /admin/variants/{variant_id}`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateVariant {
    /// 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub variant_name: Option<String>,
    /// A positive multiple of the charge unit, in the currency's minor unit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100_000_000))]
    pub price_cents: Option<i64>,
    /// Whether it can be ordered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// The new number of stock shards, 1 to 64. It can change while the variant is sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 64))]
    pub stock_shards: Option<i64>,
    /// 1 to 64 of `A-Z a-z 0-9 . _ -`, unique in the shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub sku: Option<String>,
    /// The stock at or below which the admins' summary lists it, 0 to 10,000,000 pieces; `null` for never.
    #[serde(default, deserialize_with = "crate::object::present", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i64>, minimum = 0, maximum = 10_000_000))]
    pub low_stock_qty: Option<Option<i64>>,
}

impl UpdateVariant {
    /// # Errors
    /// [`Invalid`] for each invalid field, or for all of them when none is given.
    pub fn parse(&self, shop: &Shop) -> Result<VariantChange, Invalid> {
        let mut wrong = Invalid::default();
        let changes_anything = self.variant_name.is_some()
            || self.price_cents.is_some()
            || self.is_active.is_some()
            || self.stock_shards.is_some()
            || self.sku.is_some()
            || self.low_stock_qty.is_some();
        if !changes_anything {
            let fields = "variant_name, price_cents, is_active, stock_shards, sku, low_stock_qty";
            wrong.note("", format!("must change at least one of {fields}"));
        }
        let change = VariantChange {
            name: self.variant_name.as_deref().and_then(|text| wrong.check(Name::parse("variant_name", text))),
            price: self.price_cents.and_then(|cents| wrong.check(shop.charge_unit.parse_price("price_cents", cents))),
            is_active: self.is_active,
            stock_shards: self.stock_shards.and_then(|n| wrong.check(stock::parse_shards("stock_shards", n))),
            sku: self.sku.as_deref().and_then(|text| wrong.check(Sku::parse("sku", text))),
            low_stock_qty: match self.low_stock_qty {
                None => None,
                Some(None) => Some(None),
                Some(Some(number)) => wrong.check(parse_low_stock(number)).map(Some),
            },
        };
        wrong.into_result(Some(change))
    }
}

fn parse_low_stock(number: i64) -> Result<u32, Invalid> {
    u32::try_from(number).ok().filter(|number| *number <= LOW_STOCK_QTY_MAX).ok_or_else(|| {
        Invalid::field("low_stock_qty", format!("must be a whole number from 0 to {LOW_STOCK_QTY_MAX}, or null"))
    })
}

/// `POST /admin/variants/{variant_id}/stock`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdjustStock {
    /// Pieces to add, or to remove if negative.
    #[cfg_attr(feature = "openapi", schema(minimum = -10_000_000, maximum = 10_000_000))]
    pub delta: i64,
    /// The reason, 1 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reason: String,
}

impl AdjustStock {
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self) -> Result<(i64, Reason), Invalid> {
        let mut wrong = Invalid::default();
        let delta = wrong.check(stock::parse_delta("delta", self.delta));
        let reason = wrong.check(Reason::parse("reason", &self.reason));
        wrong.into_result(delta.zip(reason))
    }
}

/// A variant's stock after an adjustment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StockView {
    /// The variant.
    pub variant_id: String,
    /// The stock that can be ordered, in pieces.
    pub available_qty: i64,
}

/// A stock adjustment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdjustmentView {
    /// Pieces added, or removed if negative.
    pub delta: i64,
    /// The reason.
    pub reason: String,
    /// The admin.
    pub by: String,
    /// The time of the adjustment.
    pub at: Timestamp,
}

/// A product with its variants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProductView {
    /// The id.
    pub product_id: String,
    /// The name.
    pub name: String,
    /// The description.
    pub description: String,
    /// The category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Words by which customers find it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The images, at most 10. The first one is for lists.
    pub images: Vec<ImageView>,
    /// `DRAFT`, `ACTIVE` or `INACTIVE`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::ProductStatus))]
    pub status: String,
    /// The variants.
    pub variants: Vec<VariantView>,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

impl ProductView {
    /// A product with its variants.
    pub fn new(product: &Product, variants: Vec<VariantView>) -> Self {
        Self {
            product_id: product.id.to_string(),
            name: product.name.as_str().to_owned(),
            description: product.description.as_str().to_owned(),
            category: product.category.as_ref().map(ToString::to_string),
            tags: product.tags.iter().map(ToString::to_string).collect(),
            images: product.images.iter().map(ImageView::from).collect(),
            status: product.status.as_str().to_owned(),
            variants,
            created_at: product.created_at,
            updated_at: product.updated_at,
        }
    }
}

/// A variant with its stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VariantView {
    /// The id.
    pub variant_id: String,
    /// The product.
    pub product_id: String,
    /// The stock-keeping unit (SKU).
    pub sku: String,
    /// The name.
    pub variant_name: String,
    /// The price per piece, in the currency's minor unit.
    pub price_cents: i64,
    /// The currency (ISO 4217).
    pub currency: String,
    /// Whether it can be ordered.
    pub is_active: bool,
    /// The stock that can be ordered, in pieces.
    pub available_qty: i64,
    /// The stock at or below which it is low, in pieces. For admins alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low_stock_qty: Option<u32>,
}

impl VariantView {
    /// A variant with its stock.
    pub fn new(variant: &Variant, available_qty: i64) -> Self {
        Self {
            variant_id: variant.id.to_string(),
            product_id: variant.id.product().to_string(),
            sku: variant.sku.as_str().to_owned(),
            variant_name: variant.name.as_str().to_owned(),
            price_cents: variant.price.get(),
            currency: variant.currency.to_string(),
            is_active: variant.is_active,
            available_qty,
            low_stock_qty: None,
        }
    }

    /// A variant as admins see it.
    pub fn for_admins(variant: &Variant, available_qty: i64) -> Self {
        Self { low_stock_qty: variant.low_stock_qty, ..Self::new(variant, available_qty) }
    }
}
