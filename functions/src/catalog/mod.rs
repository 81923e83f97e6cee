//! What is sold.

pub mod add_variant;
pub mod adjust_stock;
pub mod configure_offer;
pub mod create_product;
pub mod create_sell_window;
pub mod get_product;
pub mod get_sell_window;
pub mod list_products;
pub mod list_sell_windows;
pub mod update_product;
pub mod update_variant;

use crate::App;
use contracts::Failure;
use contracts::catalog::ProductView;
use contracts::sell_windows::{OfferView, SellWindowView};
use domain::catalog::{Product, ProductStatus, Variant};
use domain::offer::Offer;
use domain::sell_window::SellWindow;

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

/// Windows as everybody sees them, with what is reserved and paid now: offers that are enabled, of products that are on
/// sale.
async fn view_windows(app: &App, windows: &[(SellWindow, Vec<Offer>)]) -> Result<Vec<SellWindowView>, Failure> {
    let offers = || windows.iter().flat_map(|(_, offers)| offers).filter(|offer| offer.terms.enabled);
    let counters = app.store.counters(offers().map(|offer| offer.id)).await?;
    let products = app.store.product_heads(offers().map(|offer| offer.id.product)).await?;
    let view = |offer: &Offer| {
        let counter = counters.iter().find(|counter| counter.offer == offer.id)?;
        let product = products.iter().find(|product| product.id == offer.id.product)?;
        let is_shown = offer.terms.enabled && product.status == ProductStatus::Active;
        is_shown.then(|| OfferView::new(offer, counter, product.name.as_str()))
    };
    Ok(windows
        .iter()
        .map(|(window, offers)| SellWindowView::new(window, offers.iter().filter_map(view).collect()))
        .collect())
}
