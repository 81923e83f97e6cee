//! `refresh_best_sellers`: hourly. Stores the ranking, so that reading it takes one item.
//!
//! Safe to repeat and to skip: each run computes the whole ranking.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::images::ImageView;
use contracts::rankings::{BestSellerView, BestSellersView};
use domain::Moment;
use domain::catalog::{Product, ProductStatus, Variant};
use domain::money::Cents;
use domain::ranking::{self, Sold};
use runtime::schedule::Tick;
use store::orders::Reads;

pub const MANIFEST: Manifest = Manifest::new(Binary::Upkeep, "Writes the ranking of the last shop days.")
    .schedule(Schedule::seldom("rate(1 hour)"))
    .grants(&[
        Grant::Table(Counters, &[Query]),
        Grant::Table(Catalog, &[Query]),
        Grant::Table(Rankings, &[UpdateItem]),
    ]);

/// Candidates in addition to those shown, because some may not be on sale any more.
const SPARE_CANDIDATES: usize = 15;

pub async fn handle(app: &App, tick: Tick) -> Result<(), Failure> {
    app.store.save_best_sellers(&best_sellers(app, tick.time).await?).await
}

/// Stores the best sellers of the last shop days as of `now`, of the products on sale.
pub async fn best_sellers(app: &App, now: Moment) -> Result<BestSellersView, Failure> {
    let shop = app.shop();
    let days = shop.best_seller_days(now);
    let candidates = ranking::best(app.store.sales(&days).await?, shop.best_sellers_top + SPARE_CANDIDATES);
    let ids: Vec<_> = candidates.iter().map(|sold| sold.product).collect();
    let products = app.store.products(&ids, Reads::Strong).await?;
    let on_sale =
        candidates.iter().filter_map(|sold| Some((sold, products.iter().find(|(p, _)| p.id == sold.product)?)));
    let items = on_sale
        .filter_map(|(sold, (product, variants))| view(app, sold, product, variants))
        .take(shop.best_sellers_top)
        .zip(1..)
        .map(|(item, rank)| BestSellerView { rank, ..item })
        .collect();
    let today = shop.day(now);
    Ok(BestSellersView {
        from: days.first().copied().unwrap_or(today),
        to: days.last().copied().unwrap_or(today),
        as_of: now,
        items,
    })
}

fn view(app: &App, sold: &Sold, product: &Product, variants: &[Variant]) -> Option<BestSellerView> {
    let price: Cents = variants.iter().filter(|variant| variant.is_active).map(|variant| variant.price).min()?;
    (product.status == ProductStatus::Active).then(|| BestSellerView {
        rank: 0,
        product_id: product.id.to_string(),
        name: product.name.as_str().to_owned(),
        image: product.images.first().map(ImageView::from),
        price_cents: price.get(),
        currency: app.shop().currency.to_string(),
        sold_qty: sold.quantity,
    })
}
