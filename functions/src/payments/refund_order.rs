//! `refund_order`: POST `/api/v1/admin/orders/{order_id}/refund`. An admin refunds an order in full or in part.
//!
//! A full refund of an order that is not shipped first cancels it and returns a coupon that is still valid. Emits
//! `payment.refund_requested.v1`, and `order.canceled.v1`.

use crate::App;
use crate::manifest::prelude::*;
use crate::orders::get_order::address;
use crate::orders::unfulfilled::{is_coupon_returnable, return_coupon};
use crate::payments::refunds::request_part;
use contracts::Failure;
use contracts::events::OrderCanceledV1;
use contracts::orders::OrderView;
use contracts::payments::RefundOrder;
use domain::Refusal;
use domain::money::Cents;
use domain::order::{Actor, Order, OrderStatus, RefundWish};
use domain::text::Reason;
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::OrderKey;
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin refunds an order, in full or in part.")
    .routes(&[HttpRoute::post("/api/v1/admin/orders/{order_id}/refund", Admin)])
    .grants(&[
        Grant::Table(Orders, &[GetItem, UpdateItem]),
        Grant::Index(Orders, "by_number"),
        Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Coupons, &[GetItem, UpdateItem]),
        Grant::Table(Counters, &[UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
    ]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let by = request.admin()?;
    let idempotency = app.idempotency(&app.store.tables().payments, &by, &request)?;
    let (wish, reason) = request.json::<RefundOrder>()?.parse(app.shop().charge_unit)?;
    let refund = Refund { by: Actor::Admin(by), wish, reason };
    let key = address(app, &request).await?;
    let work = retry_on_stale_read(|| refund_order(app, &key, idempotency.as_ref(), &refund));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// The refund that an admin requests.
#[derive(Debug, Clone)]
pub struct Refund {
    /// The admin.
    pub by: Actor,
    /// The amount or part to refund.
    pub wish: RefundWish,
    /// The reason.
    pub reason: Reason,
}

pub async fn refund_order(
    app: &App,
    key: &OrderKey,
    idempotency: Option<&Idempotency>,
    refund: &Refund,
) -> Result<Answer, Rejected> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    let payment = app.store.load_payment(order.payment.ok_or(Refusal::OrderNotRefundable)?).await?;
    let rest = payment.refundable();
    if rest == Cents::ZERO {
        return Err(Refusal::OrderNotRefundable.into());
    }
    let amount = refund.wish.amount(&order, rest, app.shop().charge_unit).map_err(Refusal::from)?;
    let canceled = if amount == rest { cancel(app, &order, refund)? } else { None };
    let coupon_returned = canceled.is_some() && is_coupon_returnable(app, &order).await?;
    let canceled = canceled.map(|canceled| Order { coupon_returned, ..canceled });
    let answer = Answer::new(200, &OrderView::from(canceled.as_ref().unwrap_or(&order)))?;

    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    request_part(app, &mut tx, payment, amount)?;
    if let Some(canceled) = &canceled {
        tx.save_order(canceled)?;
        tx.release_allocations(&order)?;
        return_coupon(&mut tx, canceled)?;
        tx.emit(&OrderCanceledV1::from(canceled))?;
    }
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    if canceled.is_some() {
        app.count(Metric::OrdersCanceled);
    }
    Ok(answer)
}

/// The order, canceled because it is fully refunded. `None` when it has ended before.
fn cancel(app: &App, order: &Order, refund: &Refund) -> Result<Option<Order>, Refusal> {
    match order.status {
        OrderStatus::Paid | OrderStatus::ShippingScheduled => {
            let canceled = order.clone().cancel(&refund.by, Some(&refund.reason), app.now());
            canceled.map(Some).map_err(|_| Refusal::OrderNotRefundable)
        }
        _ => Ok(None),
    }
}
