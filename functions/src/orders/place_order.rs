//! `place_order`: POST /api/v1/orders. A customer places an order.
//!
//! Holds stock and the coupon until payment or expiry; with a sell window, places in the offer until its batch is decided.
//! Emits `order.reserved.v1`. With `Prefer: respond-async` it holds nothing yet: the order is CREATED, and
//! `order.created.v1` and `inventory.reserve_requested.v1` are emitted for `reserve_order`, or for an external system.

use super::allocation::Allocator;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{OrderCreatedV1, OrderReservedV1, ReserveRequestedV1};
use contracts::orders::{OrderView, PlaceOrder};
use domain::Refusal;
use domain::cart::Cart;
use domain::id::{CustomerId, OrderId};
use domain::order::{self, OpenOrdersLimit, Order, Placement};
use futures_util::future::try_join;
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::orders::Reads;
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Places an order and holds its stock and coupon.")
    .routes(&[HttpRoute::post("/api/v1/orders", Customer)])
    .grants(&[
        Grant::Table(Catalog, &[BatchGetItem]),
        Grant::Table(Wallets, &[BatchGetItem]),
        Grant::Table(Coupons, &[BatchGetItem, UpdateItem]),
        Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
        Grant::Table(Orders, &[BatchGetItem, GetItem, PutItem, Query, UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
        Grant::Read(Secret::ContactKeysSecret),
    ]);

/// The status of a response before anything is held.
const ACCEPTED: u16 = 202;

/// The time at which an order's units are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// In the transaction that places the order.
    Now,
    /// After the response, by `reserve_order` or an external system.
    Later,
}

/// Reads the caller, the key, the cart, and whether the request asks for asynchronous processing.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let idempotency = app.idempotency(&app.store.tables().orders, &customer, &request)?;
    let cart = request.json::<PlaceOrder>()?.parse()?;
    let hold = if request.prefers_async() { Hold::Later } else { Hold::Now };
    let work = place_order(app, &customer, idempotency.as_ref(), &cart, hold);
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    respond(&app.public_url(request.domain()), answer)
}

/// Adds `Location` to a 202, also when it is replayed.
fn respond(api: &str, answer: Answer) -> Result<Response, Failure> {
    if answer.status != ACCEPTED {
        return Ok(Response::json(answer.status, answer.body));
    }
    let order: OrderView = serde_json::from_str(&answer.body).map_err(Failure::broken)?;
    let location = format!("{api}{}/orders/{}", contracts::routes::BASE, order.order_id);
    Ok(Response::accepted(answer.body, &location))
}

pub async fn place_order(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    cart: &Cart,
    hold: Hold,
) -> Result<Answer, Failure> {
    let placed = match attempt(app, customer, idempotency, cart, hold, Reads::Eventual).await {
        // The transaction itself proves "sold out"; any other refusal may be based on a stale read.
        Err(Rejected::Failure(Failure::Refused(Refusal::OutOfStock { variant }))) => {
            Err(Refusal::OutOfStock { variant }.into())
        }
        Err(Rejected::Stale | Rejected::Failure(Failure::Refused(_))) => {
            retry_on_stale_read(|| attempt(app, customer, idempotency, cart, hold, Reads::Strong)).await
        }
        placed => placed.map_err(Failure::from),
    };
    if let Err(Failure::Refused(Refusal::OutOfStock { .. })) = placed {
        app.count(Metric::StockRefused);
    }
    placed
}

async fn attempt(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    cart: &Cart,
    hold: Hold,
    reads: Reads,
) -> Result<Answer, Rejected> {
    let limit = OpenOrdersLimit::of(cart, app.shop(), app.now());
    let ((listings, inputs), open) = try_join(
        app.store.placement_inputs(customer, cart, (reads, app.now())),
        app.store.count_open_orders(customer, limit, reads),
    )
    .await?;
    limit.check(open)?;
    let placement = Placement { id: OrderId::new(app.new_id()?), customer: customer.clone(), now: app.now() };
    let order = order::place(placement, cart, &listings, &inputs, app.shop())?;
    let mut order = app.with_contact_hashes(order).await;
    let mut allocator = Allocator::new(listings, inputs.open_offer);
    allocator.check_memory(app, &order).await?;
    if hold == Hold::Later {
        return accept(app, idempotency, order.to_be_reserved(app.shop())).await;
    }
    loop {
        match write(app, idempotency, &order, &allocator).await {
            Err(rejected) => allocator.go_on(app, &mut order, rejected).await?,
            written => return written,
        }
    }
}

async fn write(
    app: &App,
    idempotency: Option<&Idempotency>,
    order: &Order,
    allocator: &Allocator,
) -> Result<Answer, Rejected> {
    let answer = Answer::new(201, &OrderView::from(order))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.insert_order(order)?;
    allocator.hold(&mut tx, order)?;
    if let Some(coupon) = order.coupon {
        tx.hold_coupon(&order.customer, coupon, order.id)?;
    }
    tx.emit(&OrderReservedV1::from(order))?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.count(Metric::OrdersPlaced);
    Ok(answer)
}

async fn accept(app: &App, idempotency: Option<&Idempotency>, order: Order) -> Result<Answer, Rejected> {
    let answer = Answer::new(ACCEPTED, &OrderView::from(&order))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.insert_order(&order)?;
    tx.emit(&OrderCreatedV1::from(&order))?;
    tx.emit(&ReserveRequestedV1::from(&order))?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.count(Metric::OrdersPlaced);
    Ok(answer)
}
