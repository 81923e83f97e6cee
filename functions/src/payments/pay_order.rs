//! `pay_order`: POST /api/v1/payments. A customer pays one of their orders.
//!
//! With points it is one transaction: the order is paid, its hold becomes a sale, the coupon is used, and the points are
//! deducted with a ledger entry. Emits `order.paid.v1`, `payment.succeeded.v1` and `points.used.v1`. At a provider this
//! only starts the payment: the response has the address for the customer's browser.

use super::checkout::{self, Wish};
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{OrderPaidV1, PaymentSucceededV1, PointsUsedV1};
use contracts::payments::{Links, PayOrder, PaymentView};
use domain::id::{CustomerId, EntryId, OrderId, PaymentId};
use domain::money::Cents;
use domain::payment::{Payment, PaymentMethod, PaymentStatus};
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::orders::Reads;
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::External, "Pays an order with points, or begins a payment at a provider.")
        .routes(&[HttpRoute::post("/api/v1/payments", Customer)])
        .grants(&[
            Grant::Table(Orders, &[BatchGetItem, GetItem, UpdateItem]),
            Grant::Table(Wallets, &[BatchGetItem, PutItem, UpdateItem]),
            Grant::Table(Coupons, &[UpdateItem]),
            Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
            Grant::Read(Secret::EcpaySecret),
            Grant::Read(Secret::NewebpaySecret),
            Grant::Read(Secret::LinePaySecret),
        ]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let idempotency = app.idempotency(&app.store.tables().payments, &customer, &request)?;
    let (order, method) = request.json::<PayOrder>()?.parse()?;
    let base = app.public_url(request.domain());
    let work = pay_order(app, &customer, idempotency.as_ref(), order, method, &base);
    let answer = app.idempotent_answer(idempotency.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// A refusal requires a strongly consistent read: a charge of points just before must count.
pub async fn pay_order(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    order: OrderId,
    method: PaymentMethod,
    base: &str,
) -> Result<Answer, Failure> {
    match method {
        PaymentMethod::Ecpay | PaymentMethod::Newebpay | PaymentMethod::LinePay | PaymentMethod::External => {
            checkout::begin(app, &Wish { customer, order, method, idempotency, base }).await
        }
        PaymentMethod::Points => match with_points(app, customer, idempotency, order, Reads::Eventual).await {
            Err(Rejected::Stale | Rejected::Failure(Failure::Refused(_))) => {
                retry_on_stale_read(|| with_points(app, customer, idempotency, order, Reads::Strong)).await
            }
            paid => paid.map_err(Failure::from),
        },
    }
}

async fn with_points(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    id: OrderId,
    reads: Reads,
) -> Result<Answer, Rejected> {
    let (order, wallet) = app.store.load_order_and_wallet(customer, id, reads).await?;
    let now = app.now();
    checkout::leave_to_others(app, &order, now).await?;
    let begun = Payment::new(PaymentId::new(app.new_id()?), order.amount_due(), PaymentMethod::Points, now);
    let payment = Payment { status: PaymentStatus::Succeeded, ..begun };
    let paid = order.pay(payment.id, payment.method, now)?;
    let links = Links { api: "", shop: app.shop_url() };
    let answer = Answer::new(201, &PaymentView::with_checkout(&payment, links, app.shop().checkout_live(), now))?;

    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.save_order(&paid)?;
    if let Some(coupon) = paid.coupon {
        tx.use_coupon(customer, coupon, paid.id)?;
    }
    tx.insert_payment(&payment)?;
    tx.emit(&OrderPaidV1::new(&paid, payment.id, payment.method))?;
    tx.emit(&PaymentSucceededV1::from(&payment))?;
    // A coupon can reduce a total to zero: then no points move, and there is no ledger entry.
    let mut after = wallet;
    if payment.amount > Cents::ZERO {
        let entry;
        (after, entry) = wallet.spend(EntryId::new(app.new_id()?), payment.amount, paid.id, now)?;
        tx.move_points(customer, wallet, after, &entry)?;
        tx.emit(&PointsUsedV1::new(customer.clone(), after, &entry, paid.id))?;
    }
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.store.remember_wallet(customer, after);
    app.count(Metric::OrdersPaid);
    Ok(answer)
}
