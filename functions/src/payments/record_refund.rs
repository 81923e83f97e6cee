//! `record_refund`: POST `/api/v1/admin/payments/{payment_id}/manual-refund`. An admin gave back what no machine could, and
//! says so. The task to refund it is done with that.
//!
//! Emits `payment.refunded.v1`, and `order.refunded.v1` once all of an order's money is back.

use crate::App;
use crate::manifest::prelude::*;
use crate::payments::refunds;
use contracts::Failure;
use contracts::payments::{PaymentView, RecordRefund};
use domain::Refusal;
use domain::id::PaymentId;
use domain::money::Cents;
use domain::payment::Done;
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin gave money back by hand, and says so.")
    .routes(&[HttpRoute::post("/api/v1/admin/payments/{payment_id}/manual-refund", Admin)])
    .grants(&[
        Grant::Table(Payments, &[BatchGetItem, GetItem, PutItem, UpdateItem]),
        Grant::Index(Payments, "by_order"),
        Grant::Table(Orders, &[GetItem, UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
    ]);

/// Who, which key, which payment, how much, how.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let admin = request.admin()?;
    let idempotency = app.idempotency(&app.store.tables().payments, &admin, &request)?;
    let (amount, how) = request.json::<RecordRefund>()?.parse(app.shop().charge_unit)?;
    let id = PaymentId::parse(request.path("payment_id")).ok_or(Refusal::PaymentNotFound)?;
    let done = Done { at: app.now(), by: admin.to_string(), note: how.as_str().to_owned() };
    let work = retry_on_stale_read(|| record_refund(app, id, idempotency.as_ref(), amount, &done));
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Reads, decides, writes.
pub async fn record_refund(
    app: &App,
    id: PaymentId,
    idempotency: Option<&Idempotency>,
    amount: Cents,
    done: &Done,
) -> Result<Answer, Rejected> {
    let payment = app.store.load_payment(id).await?;
    payment.may_be_refunded_manually(amount)?;
    let tasks = app.store.open_manual_refunds(&payment).await?;
    let order = app.store.load_order(&payment.customer, payment.order).await?;
    let answer = Answer::new(200, &PaymentView::from(&payment.clone().give_back(amount, app.now())))?;

    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.insert_task(&refunds::manual_refund_done(app, &payment, amount, &done.note))?;
    for task in tasks {
        tx.mark_task_done(task.id, done)?;
    }
    refunds::book(app, &mut tx, payment, order, amount)?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.count(Metric::Refunds);
    Ok(answer)
}
