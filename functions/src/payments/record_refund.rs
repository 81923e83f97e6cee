//! `record_refund`: POST `/api/v1/admin/payments/{payment_id}/refund-by-hand`. An admin gave back what no machine could, and
//! says so.
//!
//! Emits `payment.refunded.v1`, and `order.refunded.v1` once all of an order's money is back.

use crate::App;
use crate::payments::refund;
use contracts::Failure;
use contracts::payments::{PaymentView, RecordRefund};
use domain::Refusal;
use domain::id::PaymentId;
use domain::money::Cents;
use domain::text::Reason;
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::{Answer, Once, Rejected, settle};

/// Who, which key, which payment, how much, how.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let once = app.once(&request.admin()?, &request)?;
    let (amount, how) = request.json::<RecordRefund>()?.parse(app.shop().charge_unit)?;
    let id = PaymentId::parse(request.path("payment_id")).ok_or(Refusal::PaymentNotFound)?;
    let work = settle(|| record_refund(app, id, once.as_ref(), amount, &how));
    let answer = app.answer_once(&app.store.tables().payments, once.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Reads, decides, writes.
pub async fn record_refund(
    app: &App,
    id: PaymentId,
    once: Option<&Once>,
    amount: Cents,
    how: &Reason,
) -> Result<Answer, Rejected> {
    let payment = app.store.load_payment(id).await?;
    payment.may_be_refunded_by_hand(amount)?;
    let order = app.store.load_order(&payment.customer, payment.order).await?;
    let answer = Answer::new(200, &PaymentView::from(&payment.clone().give_back(amount, app.now())))?;

    let mut tx = app.tx()?;
    tx.once(&app.store.tables().payments, once, &answer)?;
    tx.insert_task(&refund::refunded_by_hand(app, &payment, amount, how.as_str()))?;
    refund::book(app, &mut tx, payment, order, amount)?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.count(Metric::Refunds);
    Ok(answer)
}
