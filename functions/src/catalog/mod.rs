//! The catalog: products, variants, stock, sell windows and offers.

pub mod add_variant;
pub mod adjust_stock;
pub mod arrange_images;
pub mod complete_image;
pub mod configure_offer;
pub mod create_product;
pub mod create_sell_window;
pub mod delete_images;
pub mod end_sell_window;
pub mod get_product;
pub mod get_sell_window;
pub mod inspect_product;
pub mod inspect_sell_window;
pub mod list_adjustments;
pub mod list_all_products;
pub mod list_all_sell_windows;
pub mod list_products;
pub mod list_sell_windows;
pub mod refresh_low_stock;
pub mod update_product;
pub mod update_sell_window;
pub mod update_variant;
pub mod upload_image;

use crate::App;
use contracts::Failure;
use contracts::catalog::{ProductView, VariantView};
use contracts::sell_windows::{OfferView, SellWindowView};
use domain::Moment;
use domain::catalog::{Product, ProductStatus, Variant};
use domain::id::{BatchId, OfferId, VariantId};
use domain::offer::Offer;
use domain::sell_window::SellWindow;
use std::collections::HashMap;
use store::Rejected;
use store::batches::Due;

/// The views of products, with the remaining stock of each variant.
async fn view(
    app: &App,
    products: &[(Product, Vec<Variant>)],
    variant_view: VariantViewOf,
) -> Result<Vec<ProductView>, Failure> {
    let left = app.store.available(products.iter().flat_map(|(_, variants)| variants)).await?;
    Ok(view_with(products, &left, variant_view))
}

/// The view of a variant and its stock: [`VariantView::new`] for customers, [`VariantView::for_admins`] for admins.
type VariantViewOf = fn(&Variant, i64) -> VariantView;

/// The view of a variant with this stock.
fn view_with(
    products: &[(Product, Vec<Variant>)],
    left: &HashMap<VariantId, i64>,
    variant_view: VariantViewOf,
) -> Vec<ProductView> {
    let left_of = |variant: &Variant| left.get(&variant.id).copied().unwrap_or_default();
    products
        .iter()
        .map(|(product, variants)| {
            ProductView::new(product, variants.iter().map(|variant| variant_view(variant, left_of(variant))).collect())
        })
        .collect()
}

/// A filter for the offers of a window.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Enabled offers of products on sale.
    Public,
    /// All offers, for admins.
    All,
}

/// The views of windows with current reserved and paid quantities.
async fn view_windows(
    app: &App,
    windows: &[(SellWindow, Vec<Offer>)],
    shown: Shown,
) -> Result<Vec<SellWindowView>, Failure> {
    let is_read = |offer: &&Offer| shown == Shown::All || offer.terms.enabled;
    let offers = || windows.iter().flat_map(|(_, offers)| offers).filter(is_read);
    let counters = app.store.counters(offers().map(|offer| offer.id)).await?;
    let products = app.store.product_heads(offers().map(|offer| offer.id.product)).await?;
    let view = |offer: &Offer| {
        let counter = counters.iter().find(|counter| counter.offer == offer.id)?;
        let product = products.iter().find(|product| product.id == offer.id.product)?;
        let is_shown = shown == Shown::All || (offer.terms.enabled && product.status == ProductStatus::Active);
        is_shown.then(|| OfferView::new(offer, counter, product))
    };
    Ok(windows
        .iter()
        .map(|(window, offers)| SellWindowView::new(window, offers.iter().filter_map(view).collect()))
        .collect())
}

/// Changes the closing time of an offer that is not decided. The counter is saved in the same transaction, so that a
/// concurrent decision about the offer is repeated.
async fn move_closing(app: &App, id: OfferId, closes_at: Moment, now: Moment) -> Result<(), Rejected> {
    let counter = app.store.load_counter(id).await?;
    let offer = app.store.load_offer(id).await?;
    if !counter.status.takes_orders() || offer.closes_at == closes_at {
        return Ok(());
    }
    let before = offer.closes_at;
    let status = counter.status;
    let mut tx = app.tx()?;
    tx.about("offer", BatchId::of(id));
    tx.save_offer(&offer.close_at(closes_at, now))?;
    tx.save_counter(&counter.next(status))?;
    tx.clear_due(Due::Close, before, BatchId::of(id))?;
    tx.set_due(Due::Close, closes_at, BatchId::of(id))?;
    tx.commit().await?;
    Ok(())
}
