//! `record_refund`: POST `/api/v1/admin/payments/{payment_id}/manual-refund`. An admin records a refund that
//! the provider's API could not make.
//!
//! Emits `payment.refunded.v1`, and `order.refunded.v1` once an order is fully refunded.

use crate::App;
use crate::manifest::prelude::*;
use crate::payments::refunds;
use contracts::Failure;
use contracts::payments::{PaymentView, RecordRefund};
use domain::Refusal;
use domain::id::PaymentId;
use domain::money::Cents;
use domain::text::Reason;
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin records a manual refund.")
    .routes(&[HttpRoute::post("/api/v1/admin/payments/{payment_id}/manual-refund", Admin)])
    .grants(&[
        Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Orders, &[GetItem, UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
    ]);

/// Reads the caller, the key, the payment and the refund.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().payments, &request.admin()?, &request)?;
    let (amount, how) = request.json::<RecordRefund>()?.parse(app.shop().charge_unit)?;
    let id = PaymentId::parse(request.path("payment_id")).ok_or(Refusal::PaymentNotFound)?;
    let work = retry_on_stale_read(|| record_refund(app, id, idempotency.as_ref(), amount, &how));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Reads, decides, writes.
pub async fn record_refund(
    app: &App,
    id: PaymentId,
    idempotency: Option<&Idempotency>,
    amount: Cents,
    how: &Reason,
) -> Result<Answer, Rejected> {
    let payment = app.store.load_payment(id).await?;
    payment.may_be_refunded_manually(amount)?;
    let order = refunds::order_of(app, &payment).await?;
    let answer = Answer::new(200, &PaymentView::from(&payment.clone().give_back(amount, app.now())))?;

    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.insert_task(&refunds::manual_refund_done(app, &payment, amount, how.as_str()))?;
    refunds::book(app, &mut tx, payment, order, amount)?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.count(Metric::Refunds);
    Ok(answer)
}
