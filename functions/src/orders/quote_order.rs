//! `quote_order`: POST /api/v1/quotes. Prices an order and names the refusals that placing it would cause. Writes nothing.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::quotes::{QuoteOrder, QuoteView};
use domain::cart::Cart;
use domain::id::CustomerId;
use domain::order::{self, Left, OpenOrdersLimit, PlacementInputs};
use domain::stock::Shards;
use futures_util::future::try_join;
use runtime::http::{Request, Response};
use store::orders::Reads;
use store::stock::Pool;

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Prices an order without placing it.")
    .routes(&[HttpRoute::post("/api/v1/quotes", Customer)])
    .grants(&[
        Grant::Table(Catalog, &[BatchGetItem]),
        Grant::Table(Wallets, &[BatchGetItem]),
        Grant::Table(Coupons, &[BatchGetItem]),
        Grant::Table(Counters, &[BatchGetItem]),
        Grant::Table(Orders, &[GetItem, Query]),
    ]);

/// Reads the caller and the body.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let cart = request.json::<QuoteOrder>()?.parse()?;
    Response::ok(&quote_order(app, &customer, &cart).await?)
}

/// Reads the data that placing the order would read, and the remaining quantities.
pub async fn quote_order(app: &App, customer: &CustomerId, cart: &Cart) -> Result<QuoteView, Failure> {
    let now = app.now();
    let limit = OpenOrdersLimit::of(cart, app.shop(), now);
    let ((listings, inputs), open) = try_join(
        app.store.placement_inputs(customer, cart, (Reads::Strong, now)),
        app.store.count_open_orders(customer, limit, Reads::Strong),
    )
    .await?;
    let left = if cart.window().is_some() {
        left_in_offer(app, customer, &inputs).await?
    } else {
        let pools: Vec<(Pool, u8)> =
            listings.iter().map(|listing| (Pool::Stock(listing.variant), listing.stock_shards.made())).collect();
        let left = if pools.is_empty() { Default::default() } else { app.store.left(&pools).await? };
        let stock = listings.iter().map(|listing| {
            let shards = left.get(&Pool::Stock(listing.variant)).map(Vec::as_slice).unwrap_or_default();
            (listing.variant, shards.iter().sum())
        });
        Left { stock: stock.collect(), ..Left::default() }
    };
    let quote = order::quote(cart, (&listings, &inputs), &left, limit.check(open), (app.shop(), now));
    Ok(QuoteView::from(&quote))
}

async fn left_in_offer(app: &App, customer: &CustomerId, inputs: &PlacementInputs) -> Result<Left, Failure> {
    let offer = inputs.open_offer.as_ref().and_then(|open_offer| open_offer.offer.as_ref());
    let Some((offer, _)) = offer else { return Ok(Left::default()) };
    let (places, reserved_by_customer) = try_join(
        app.store.left_of(Pool::Capacity(offer.id), Shards::new(offer.capacity_shards)),
        app.store.reserved_by_customer(customer, offer.id),
    )
    .await?;
    Ok(Left { places: places.iter().sum(), reserved_by_customer, ..Left::default() })
}
