//! `ship_orders`: POST `/api/v1/admin/shipments`. An admin records the shipments of up to 100 orders.
//!
//! Each order is shipped or refused independently, as by [`ship_order`](super::ship_order). An order that was already
//! shipped in the same way counts as shipped, so that the request can be repeated after any failure.

use super::ship_order::ship;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::shipping::{OrderName, ShipOrders, ShippedItemView, ShippedView, Shipping};
use domain::Refusal;
use domain::order::Order;
use domain::shipment::Way;
use futures_util::{StreamExt, TryStreamExt, stream};
use runtime::http::{Request, Response};
use store::{Answer, Idempotency, OrderKey, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin records the shipments of up to 100 orders.")
    // 100 items, each with 300 characters of up to 12 bytes (two escapes).
    .routes(&[HttpRoute::post("/api/v1/admin/shipments", Admin).body_kib(512)])
    .grants(&[
        Grant::Table(Orders, &[GetItem, PutItem, UpdateItem]),
        Grant::Index(Orders, "by_number"),
        Grant::Table(Production, &[UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
    ]);

/// Orders that are shipped concurrently.
const ORDERS_AT_ONCE: usize = 8;

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().orders, &request.admin()?, &request)?;
    let wanted = request.json::<ShipOrders>()?.parse()?;
    let answer = ship_orders(app, idempotency.as_ref(), &wanted).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Ships each order in a transaction of its own, then stores the response. After an interruption or contention the request
/// is repeated, and finds the orders that it has shipped.
pub async fn ship_orders(app: &App, idempotency: Option<&Idempotency>, wanted: &[Shipping]) -> Result<Answer, Failure> {
    if let Some(idempotency) = idempotency
        && let Some(before) = app.store.find_answer(idempotency, app.now()).await?
    {
        return Ok(before);
    }
    let work: Vec<_> = wanted.iter().map(|shipping| ship_one(app, shipping)).collect();
    let items = stream::iter(work).buffered(ORDERS_AT_ONCE).try_collect().await?;
    let answer = Answer::new(200, &ShippedView { items })?;
    if idempotency.is_none() {
        return Ok(answer);
    }
    // Each order has its own entry in the activity log; the stored response needs none.
    let mut tx = app.tx()?.commanded(None);
    tx.idempotent(idempotency, &answer)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}

/// The result of one order: shipped or refused. Contention and faults end the whole request.
async fn ship_one(app: &App, shipping: &Shipping) -> Result<ShippedItemView, Failure> {
    match find_and_ship(app, shipping).await {
        Ok(order) => Ok(ShippedItemView::shipped(&order)),
        Err(Failure::Refused(refusal)) => Ok(ShippedItemView::refused(&shipping.asked, &refusal, app.shop())),
        Err(failure) => Err(failure),
    }
}

async fn find_and_ship(app: &App, shipping: &Shipping) -> Result<Order, Failure> {
    let (key, way) = (find(app, &shipping.order).await?, &shipping.way);
    match retry_on_stale_read(|| ship(app, &key, None, way)).await {
        Err(Failure::Refused(Refusal::OrderNotShippable)) => shipped_before(app, &key, way).await,
        shipped => shipped.map(|(order, _)| order),
    }
}

/// The order, if it was already shipped in the same way.
async fn shipped_before(app: &App, key: &OrderKey, way: &Way) -> Result<Order, Failure> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    let is_same = order.shipment.as_ref().is_some_and(|shipment| shipment.way == *way);
    if is_same { Ok(order) } else { Err(Refusal::OrderNotShippable.into()) }
}

/// The key of the order. A number that two orders share, which is rare, is not found; such orders are found by id.
async fn find(app: &App, order: &OrderName) -> Result<OrderKey, Failure> {
    match order {
        OrderName::Id(id) => app.store.locate_order(*id, app.shop()).await,
        OrderName::Number(number) => match app.store.find_orders_by_number(number).await?.as_slice() {
            [key] => Ok(key.clone()),
            _ => Err(Refusal::OrderNotFound.into()),
        },
    }
}
