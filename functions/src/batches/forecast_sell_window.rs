//! `forecast_sell_window`: GET `/api/v1/admin/sell-windows/{sell_window_id}/forecast`. Forecasts the effect on each offer
//! if the window ended now, with the same decision as `close_sell_windows`. Writes nothing.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::sell_windows::{ForecastView, OfferForecastView, Outcome};
use domain::Refusal;
use domain::counter::{Counter, CounterStatus};
use domain::id::SellWindowId;
use domain::money::Cents;
use domain::offer::{Closing, Offer};
use domain::order::Order;
use domain::sell_window::SellWindow;
use futures_util::future::try_join3;
use runtime::http::{Request, Response};
use std::collections::HashMap;
use store::stock::Pool;

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "Forecasts the effect on each offer if its sell window ended now.")
        .routes(&[HttpRoute::get("/api/v1/admin/sell-windows/{sell_window_id}/forecast", Admin)])
        .grants(&[
            Grant::Table(Catalog, &[BatchGetItem, Query]),
            Grant::Table(Counters, &[BatchGetItem]),
            Grant::Table(Batches, &[Query]),
            Grant::Table(Orders, &[BatchGetItem]),
        ]);

/// Reads the window's id.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = SellWindowId::parse(request.path("sell_window_id")).ok_or(Refusal::SellWindowNotFound)?;
    Response::ok(&forecast_sell_window(app, id).await?)
}

/// Every offer of the window. Costs half a read unit per order and its share of the log, as the funnel of a batch does.
pub async fn forecast_sell_window(app: &App, id: SellWindowId) -> Result<ForecastView, Failure> {
    let (window, offers) = app.store.load_window(id).await?;
    let pools: Vec<_> = offers.iter().map(|offer| (Pool::Capacity(offer.id), offer.capacity_shards)).collect();
    let left = async { if pools.is_empty() { Ok(HashMap::new()) } else { app.store.left(&pools).await } };
    let counters = app.store.counters(offers.iter().map(|offer| offer.id));
    let products = app.store.product_heads(offers.iter().map(|offer| offer.id.product));
    let (left, counters, products) = try_join3(left, counters, products).await?;
    let mut forecasts = Vec::new();
    for offer in &offers {
        let counter = counters.iter().find(|counter| counter.offer == offer.id);
        let product = products.iter().find(|product| product.id == offer.id.product);
        let Some((counter, product)) = counter.zip(product) else { continue };
        let free: i64 = left.get(&Pool::Capacity(offer.id)).map(|left| left.iter().sum()).unwrap_or_default();
        let outcome = outcome(app, offer, &window, counter, i64::from(offer.terms.capacity()) - free);
        let (mut orders, mut amount) = (0, Cents::ZERO);
        super::each_order(app, offer.id, |order| {
            if is_concerned(order) {
                orders += 1;
                amount = amount.plus(order.total());
            }
        })
        .await?;
        forecasts.push(OfferForecastView::new(counter, product.name.as_str(), outcome, (orders, amount)));
    }
    Ok(ForecastView { offers: forecasts })
}

/// The effect on an offer if the window ended now.
fn outcome(app: &App, offer: &Offer, window: &SellWindow, counter: &Counter, taken: i64) -> Outcome {
    let now = app.now();
    let ending = Offer { closes_at: offer.closes_at.min(now), ..offer.clone() };
    match ending.close(window, counter, taken, now) {
        Closing::Decided if counter.status == CounterStatus::Missed => Outcome::Canceled,
        Closing::Decided | Closing::Reaches => Outcome::Confirmable,
        Closing::Extended(extended) => Outcome::Extended(extended.closes_at),
        Closing::Missed => Outcome::Canceled,
    }
}

/// Whether the order is counted: it holds its places, or its money is in the shop.
const fn is_concerned(order: &Order) -> bool {
    order.status.holds() || order.status.has_money()
}
