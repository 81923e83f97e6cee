//! `get_sell_window`: GET `/api/v1/sell-windows/{sell_window_id}`. One sell window with its reserved and paid quantities.

use super::Shown;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::sell_windows::SellWindowView;
use domain::Refusal;
use domain::id::{ProductId, SellWindowId};
use domain::product_filter;
use futures_util::future::try_join;
use runtime::http::{Request, Response};
use store::orders::Reads;

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Returns a sell window with its offers.")
    .routes(&[HttpRoute::get("/api/v1/sell-windows/{sell_window_id}", Public)])
    .grants(&[Grant::Table(Catalog, &[BatchGetItem, Query]), Grant::Table(Counters, &[BatchGetItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = SellWindowId::parse(request.path("sell_window_id")).ok_or(Refusal::SellWindowNotFound)?;
    Response::ok(&get_sell_window(app, id).await?)
}

/// The window.
pub async fn get_sell_window(app: &App, id: SellWindowId) -> Result<SellWindowView, Failure> {
    let found = app.store.load_window(id).await?;
    let ids: Vec<ProductId> = found.1.iter().map(|offer| offer.id.product).collect();
    let (views, products) =
        try_join(super::view_windows(app, &[found], Shown::Public), app.store.products(&ids, Reads::Eventual)).await?;
    let mut view = views.into_iter().next().ok_or(Refusal::SellWindowNotFound)?;
    for offer in &mut view.offers {
        let product = products.iter().find(|(product, _)| product.id.to_string() == offer.product_id);
        offer.price_from_cents = product.and_then(|(_, variants)| product_filter::price_from(variants));
    }
    Ok(view)
}
