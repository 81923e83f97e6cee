//! What is sold.

pub mod add_variant;
pub mod adjust_stock;
pub mod create_product;
pub mod get_product;
pub mod list_products;
pub mod update_product;
pub mod update_variant;

use crate::App;
use contracts::Failure;
use contracts::catalog::ProductView;
use domain::catalog::{Product, Variant};

/// Products as customers and admins see them, with what is left of each variant.
async fn view(app: &App, products: &[(Product, Vec<Variant>)]) -> Result<Vec<ProductView>, Failure> {
    let left = app.store.available(products.iter().flat_map(|(_, variants)| variants)).await?;
    let left_of = |variant: &Variant| left.get(&variant.id).copied().unwrap_or_default();
    Ok(products
        .iter()
        .map(|(product, variants)| {
            ProductView::new(product, variants.iter().map(|variant| (variant, left_of(variant))))
        })
        .collect())
}
