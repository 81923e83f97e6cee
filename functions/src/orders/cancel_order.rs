//! `cancel_order`: POST `/api/v1/orders/{order_id}/cancel` by its customer while it is not paid, POST
//! `/api/v1/admin/orders/{order_id}/cancel` by an admin until it is shipped.
//!
//! Releases the order's holds. If the order is paid, requests a refund and returns its coupon while that is still valid.
//! Emits `order.canceled.v1`, and `payment.refund_requested.v1` for a paid order.

use super::get_order::address;
use super::unfulfilled::{is_coupon_returnable, return_coupon};
use crate::App;
use crate::manifest::prelude::*;
use crate::payments::request_refund;
use contracts::Failure;
use contracts::events::OrderCanceledV1;
use contracts::orders::{CancelOrder, OrderView};
use domain::order::{Actor, Order};
use domain::text::Reason;
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::OrderKey;
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Shop,
    "Cancels an order for a customer or an admin: releases its holds, and refunds it if it is paid.",
)
.routes(&[
    HttpRoute::post("/api/v1/orders/{order_id}/cancel", Customer),
    HttpRoute::post("/api/v1/admin/orders/{order_id}/cancel", Admin),
])
.grants(&[
    Grant::Table(Orders, &[GetItem, PutItem, UpdateItem]),
    Grant::Index(Orders, "by_number"),
    Grant::Table(Coupons, &[GetItem, UpdateItem]),
    Grant::Table(Counters, &[UpdateItem]),
    Grant::Table(Payments, &[GetItem, UpdateItem]),
    Grant::Table(Outbox, &[PutItem]),
]);

/// Reads the caller, the key, the order and the reason.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().orders, &request.customer()?, &request)?;
    let by = request.actor()?;
    let reason = request.json_or_default::<CancelOrder>()?.parse()?;
    let key = address(app, &request).await?;
    let work = retry_on_stale_read(|| cancel_order(app, &key, idempotency.as_ref(), &by, reason.as_ref()));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Reads, decides, writes.
pub async fn cancel_order(
    app: &App,
    key: &OrderKey,
    idempotency: Option<&Idempotency>,
    by: &Actor,
    reason: Option<&Reason>,
) -> Result<Answer, Rejected> {
    let order = app.store.load_order(&key.customer, key.id).await?;
    let coupon_returned = is_coupon_returnable(app, &order).await?;
    let canceled = Order { coupon_returned, ..order.clone().cancel(by, reason, app.now())? };
    let answer = Answer::new(200, &OrderView::from(&canceled))?;

    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.save_order(&canceled)?;
    if order.status.holds() {
        tx.release_holds(&order)?;
    } else {
        // Paid: the stock is released, the money is refunded, and a coupon that is still valid is returned.
        tx.release_allocations(&order)?;
        request_refund(app, &mut tx, &order).await?;
        return_coupon(&mut tx, &canceled)?;
    }
    tx.emit(&OrderCanceledV1::from(&canceled))?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.count(Metric::OrdersCanceled);
    Ok(answer)
}
