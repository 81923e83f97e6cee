//! What is sold: products and their variants.

use crate::id::{ProductId, VariantId};
use crate::money::{Cents, Currency};
use crate::stock::Shards;
use crate::text::{Description, Name, Sku};
use crate::{Invalid, Moment};
use serde::{Deserialize, Serialize};

/// Most variants of one product, so that a product with all its variants is one read.
pub const VARIANTS_PER_PRODUCT_MAX: usize = 50;

/// Whether customers see and can order a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProductStatus {
    /// Being prepared: unseen.
    Draft,
    /// For sale.
    Active,
    /// Not for sale any more: unseen.
    Inactive,
}

impl ProductStatus {
    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
        }
    }

    /// # Errors
    /// Names `field` unless it is one of the contract's words.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        [Self::Draft, Self::Active, Self::Inactive]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| Invalid::field(field, "must be DRAFT, ACTIVE or INACTIVE"))
    }
}

/// What is sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Its id.
    pub id: ProductId,
    /// Its name.
    pub name: Name,
    /// What it is.
    pub description: Description,
    /// Whether it is for sale.
    pub status: ProductStatus,
    /// How many variants it has.
    pub variant_count: usize,
    /// When it was made.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

/// What an admin changes of a product; `None` leaves a thing as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductChange {
    /// A new name.
    pub name: Option<Name>,
    /// A new description.
    pub description: Option<Description>,
    /// A new status.
    pub status: Option<ProductStatus>,
}

/// A product's priced kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// Its id.
    pub id: VariantId,
    /// Its stock keeping unit.
    pub sku: Sku,
    /// Its name within the product.
    pub name: Name,
    /// The price of one piece.
    pub price: Cents,
    /// The shop's currency.
    pub currency: Currency,
    /// Whether it can be ordered while its product is on sale.
    pub is_active: bool,
    /// Over how many shards its stock is split.
    pub stock_shards: Shards,
    /// When it was made.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

/// What an admin changes of a variant; `None` leaves a thing as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariantChange {
    /// A new name.
    pub name: Option<Name>,
    /// A new price.
    pub price: Option<Cents>,
    /// For sale or not.
    pub is_active: Option<bool>,
    /// Another number of shards for its stock.
    pub stock_shards: Option<u8>,
}

impl Variant {
    /// The variant after a change.
    #[must_use]
    pub fn changed(self, change: &VariantChange, now: Moment) -> Self {
        Self {
            name: change.name.clone().unwrap_or(self.name),
            price: change.price.unwrap_or(self.price),
            is_active: change.is_active.unwrap_or(self.is_active),
            stock_shards: change.stock_shards.map_or(self.stock_shards, |number| self.stock_shards.resized(number)),
            updated_at: now,
            ..self
        }
    }
}

/// What an order needs to know of a variant. Always read from the catalog, never sent by a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Which variant.
    pub variant: VariantId,
    /// What the order line is called.
    pub name: String,
    /// The price of one piece.
    pub unit_price: Cents,
    /// Whether product and variant are both for sale.
    pub on_sale: bool,
    /// Over how many shards its stock is split.
    pub stock_shards: Shards,
}

impl Listing {
    /// A variant under its product's name and status.
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
    fn a_status_is_one_of_the_contracts_words() {
        assert_eq!(ProductStatus::parse("status", "ACTIVE").unwrap(), ProductStatus::Active);
        for bad in ["", "active", "ACTIVE ", "DELETED"] {
            assert!(ProductStatus::parse("status", bad).is_err(), "{bad}");
        }
    }

    fn tea() -> (Product, Variant) {
        let id = ProductId::new(Uuid::from_u128(7));
        let at = Moment::UNIX_EPOCH;
        let product = Product {
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
            created_at: at,
            updated_at: at,
        };
        (product, variant)
    }

    #[test]
    fn a_change_of_a_variant_leaves_what_it_does_not_name() {
        let (now, before) = ("2026-11-21T12:00:00Z".parse().unwrap(), tea().1);
        let same = before.clone().changed(&VariantChange::default(), now);
        assert_eq!(same, Variant { updated_at: now, ..before.clone() });
        let change = VariantChange {
            name: Some(Name::parse("variant_name", "black").unwrap()),
            price: Some(Cents::new(200)),
            is_active: Some(false),
            stock_shards: Some(4),
        };
        let after = before.changed(&change, now);
        assert_eq!((after.name.as_str(), after.price, after.is_active), ("black", Cents::new(200), false));
        assert_eq!((after.stock_shards.used(), after.created_at), (4, Moment::UNIX_EPOCH));
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
