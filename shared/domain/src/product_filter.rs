//! Which products on sale a customer looks for, and in which order.

use crate::catalog::{Product, Variant};
use crate::id::ProductId;
use crate::text::{Category, Line};
use crate::{Invalid, enum_text};
use std::cmp::Reverse;
use strum::{IntoStaticStr, VariantArray};

/// The order of products on sale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum ProductSort {
    /// The newest product first.
    #[default]
    Newest,
    /// The lowest price first.
    PriceAsc,
    /// The highest price first.
    PriceDesc,
}

impl ProductSort {
    /// The value in API requests.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// # Errors
    /// [`Invalid`] for `field` when `text` is not one of the values.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        enum_text::parse(field, text)
    }
}

/// The conditions that a shown product meets; an absent one is always met.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductFilter {
    pub category: Option<Category>,
    /// A part of the name, in any case.
    pub name_part: Option<Line<100>>,
    pub sort: ProductSort,
}

/// The position of a product in a sorted list: by price, if the list is sorted by price, and then newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(i64, Reverse<ProductId>);

impl Position {
    /// The text of a cursor.
    pub fn encode(self) -> String {
        format!("{}:{}", self.0, self.1.0)
    }

    /// The position that [`Position::encode`] wrote; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (rank, id) = text.split_once(':')?;
        let position = Self(rank.parse().ok()?, Reverse(ProductId::parse(id)?));
        (position.encode() == text).then_some(position)
    }
}

/// The lowest price of the variants that can be ordered, in minor units.
pub fn price_from(variants: &[Variant]) -> Option<i64> {
    variants.iter().filter(|variant| variant.is_active).map(|variant| variant.price.get()).min()
}

impl ProductFilter {
    /// Whether these are all products, newest first.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// The product's position, if it matches the filter. A product without a price comes last.
    pub fn position(&self, product: &Product, variants: &[Variant]) -> Option<Position> {
        let is_in_category = self.category.as_ref().is_none_or(|wanted| product.category.as_ref() == Some(wanted));
        let is_named = self
            .name_part
            .as_ref()
            .is_none_or(|part| product.name.as_str().to_lowercase().contains(&part.as_str().to_lowercase()));
        let price = price_from(variants);
        let rank = match self.sort {
            ProductSort::Newest => 0,
            ProductSort::PriceAsc => price.unwrap_or(i64::MAX),
            ProductSort::PriceDesc => price.map_or(i64::MAX, |price| -price),
        };
        (is_in_category && is_named).then_some(Position(rank, Reverse(product.id)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;
    use crate::catalog::ProductStatus;
    use crate::id::VariantId;
    use crate::money::{Cents, Currency};
    use crate::stock::Shards;
    use crate::text::{Description, Name, Sku};
    use uuid::Uuid;

    fn product(n: u128, name: &str, category: Option<&str>) -> Product {
        Product {
            id: ProductId::new(Uuid::from_u128(n)),
            name: Name::parse("name", name).unwrap(),
            description: Description::parse("description", "").unwrap(),
            category: category.map(|text| Category::parse("category", text).unwrap()),
            tags: Vec::new(),
            images: Vec::new(),
            status: ProductStatus::Active,
            variant_count: 1,
            created_at: Moment::UNIX_EPOCH,
            updated_at: Moment::UNIX_EPOCH,
        }
    }

    fn variant(product: &Product, price: i64, is_active: bool) -> Variant {
        Variant {
            id: VariantId::new(product.id, 1),
            sku: Sku::parse("sku", "SKU").unwrap(),
            name: Name::parse("name", "150 g").unwrap(),
            price: Cents::new(price),
            currency: Currency::parse("TWD").unwrap(),
            is_active,
            stock_shards: Shards::new(1),
            low_stock_qty: None,
            created_at: Moment::UNIX_EPOCH,
            updated_at: Moment::UNIX_EPOCH,
        }
    }

    /// The numbers of the matching products, in the order of the filter.
    fn shown(filter: &ProductFilter) -> Vec<u128> {
        let products = [(1, "Green tea", Some("Tea"), 300), (2, "Cup", None, 100), (3, "Black TEA", Some("Tea"), 200)];
        let mut found: Vec<(Position, u128)> = products
            .iter()
            .filter_map(|(n, name, category, price)| {
                let product = product(*n, name, *category);
                // A product that cannot be ordered has no price.
                let variants = [variant(&product, *price, true), variant(&product, 1, false)];
                Some((filter.position(&product, &variants)?, *n))
            })
            .collect();
        found.sort();
        found.into_iter().map(|(_, n)| n).collect()
    }

    #[test]
    fn products_are_sorted_by_age_or_by_the_lowest_price_of_what_can_be_ordered() {
        let by = |sort| shown(&ProductFilter { sort, ..ProductFilter::default() });
        assert_eq!(by(ProductSort::Newest), [3, 2, 1]);
        assert_eq!(by(ProductSort::PriceAsc), [2, 3, 1]);
        assert_eq!(by(ProductSort::PriceDesc), [1, 3, 2]);
    }

    #[test]
    fn a_product_without_a_price_comes_last() {
        let product = product(1, "Cup", None);
        for sort in [ProductSort::PriceAsc, ProductSort::PriceDesc] {
            let filter = ProductFilter { sort, ..ProductFilter::default() };
            let priced = filter.position(&product, &[variant(&product, 100_000_000, true)]);
            assert!(priced < filter.position(&product, &[]), "{sort:?}");
        }
    }

    #[test]
    fn a_filter_matches_the_category_and_a_part_of_the_name_in_any_case() {
        let filter = ProductFilter {
            category: Some(Category::parse("category", "Tea").unwrap()),
            name_part: Some(Line::parse("q", "tea").unwrap()),
            sort: ProductSort::Newest,
        };
        assert_eq!(shown(&filter), [3, 1]);
        assert_eq!(shown(&ProductFilter { name_part: Some(Line::parse("q", "black").unwrap()), ..filter }), [3]);
    }

    #[test]
    fn a_position_survives_its_text_and_nothing_else_is_one() {
        let position = ProductFilter { sort: ProductSort::PriceDesc, ..ProductFilter::default() };
        let product = product(7, "Cup", None);
        let position = position.position(&product, &[variant(&product, 100, true)]).unwrap();
        assert_eq!(Position::parse(&position.encode()), Some(position));
        for bad in ["", ":", "1", "x:00000000-0000-0000-0000-000000000007", "+1:00000000-0000-0000-0000-000000000007"] {
            assert_eq!(Position::parse(bad), None, "{bad}");
        }
    }
}
