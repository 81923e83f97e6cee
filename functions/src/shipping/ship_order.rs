//! `ship_order`: POST `/api/v1/admin/orders/{order_id}/ship`. An admin records the shipment of an order.
//!
//! From then on the order cannot be canceled; it is COMPLETED once its customer was notified. Emits `shipment.created.v1`.

use crate::App;
use crate::manifest::prelude::*;
use crate::orders::get_order::address;
use contracts::Failure;
use contracts::events::ShipmentCreatedV1;
use contracts::orders::OrderView;
use contracts::shipping::ShipOrder;
use domain::order::Order;
use domain::shipment::{Shipment, Way};
use runtime::http::{Request, Response};
use store::OrderKey;
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin records the shipment of an order.")
    .routes(&[HttpRoute::post("/api/v1/admin/orders/{order_id}/ship", Admin)])
    .grants(&[
        Grant::Table(Orders, &[GetItem, PutItem, UpdateItem]),
        Grant::Index(Orders, "by_number"),
        Grant::Table(Production, &[UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
    ]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().orders, &request.admin()?, &request)?;
    let way = request.json::<ShipOrder>()?.parse()?;
    let key = address(app, &request).await?;
    let work = retry_on_stale_read(|| ship_order(app, &key, idempotency.as_ref(), &way));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

pub async fn ship_order(
    app: &App,
    key: &OrderKey,
    idempotency: Option<&Idempotency>,
    way: &Way,
) -> Result<Answer, Rejected> {
    ship(app, key, idempotency, way).await.map(|(_, answer)| answer)
}

/// Ships the order, and returns it.
pub(super) async fn ship(
    app: &App,
    key: &OrderKey,
    idempotency: Option<&Idempotency>,
    way: &Way,
) -> Result<(Order, Answer), Rejected> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    let shipment = Shipment { way: way.clone(), shipped_at: app.now() };
    let shipped = order.ship(shipment.clone(), app.now())?;
    let created = ShipmentCreatedV1::of(&shipped)
        .ok_or_else(|| Failure::broken(format!("order {} was shipped without a shipment", shipped.id)))?;
    let answer = Answer::new(200, &OrderView::from(&shipped))?;

    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.about("order", shipped.id);
    tx.save_order(&shipped)?;
    tx.save_shipment(shipped.id, &shipment)?;
    tx.emit(&created)?;
    let answer = tx.commit().await?.unwrap_or(answer);
    Ok((shipped, answer))
}
