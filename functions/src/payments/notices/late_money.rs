//! Late money: money that a provider captured for an order that had ended, or that was already paid. The money pays the
//! order if its stock and coupon can be held again; otherwise it is refunded automatically. Both create a payment task.

use super::records::{about, event, taken, task};
use crate::App;
use crate::orders::allocation::ALLOCATIONS_MAX;
use contracts::Failure;
use contracts::events::{OrderPaidV1, PaymentLateV1, PaymentRefundRequestedV1, PaymentSucceededV1};
use domain::catalog::Listing;
use domain::id::{PaymentId, VariantId};
use domain::order::Order;
use domain::payment::{Checkout, CheckoutAttempt, Payment, TaskKind};
use domain::{Refusal, stock};
use providers::payment::Notice;
use runtime::telemetry::Metric;
use store::Rejected;
use store::stock::Pool;

/// Pays an order that has ended by late money, or refunds the money.
pub(super) async fn serve_or_send_back(
    app: &App,
    payment: Payment,
    order: Order,
    notice: &Notice,
) -> Result<(), Rejected> {
    let kind = if order.payment.is_some() { TaskKind::PaidTwice } else { TaskKind::LateRefunded };
    if let Some(late) = order.accept_late_payment(payment.id, payment.method, app.now()) {
        match serve(app, &payment, late, notice).await {
            // Its stock or its coupon is no longer available.
            Err(Rejected::Failure(Failure::Refused(_))) => {}
            done => return done,
        }
    }
    send_back(app, payment, kind, notice, "late").await
}

/// Takes the stock again and pays the order, in one transaction: first from the shards that the order held, then from
/// any other.
async fn serve(app: &App, payment: &Payment, mut late: Order, notice: &Notice) -> Result<(), Rejected> {
    match write(app, payment, &late, notice).await {
        Err(Rejected::Failure(Failure::Refused(Refusal::OutOfStock { .. }))) => {
            find_stock(app, &mut late).await?;
            write(app, payment, &late, notice).await
        }
        done => done,
    }
}

async fn write(app: &App, payment: &Payment, late: &Order, notice: &Notice) -> Result<(), Rejected> {
    let payment = payment.clone().succeed(taken(notice), app.now());
    let mut tx = app.tx()?;
    tx.save_order(late)?;
    tx.hold_allocations(late, None)?;
    if let Some(coupon) = late.coupon {
        tx.retake_coupon(&late.customer, coupon, late.id)?;
    }
    tx.save_payment(&payment)?;
    tx.insert_provider_event(payment.id, &event(app, notice))?;
    tx.insert_task(&about(task(app, TaskKind::LateServed, payment.method, notice, "late"), &payment))?;
    tx.emit(&OrderPaidV1::new(late, payment.id, payment.method))?;
    tx.emit(&PaymentSucceededV1::from(&payment))?;
    tx.emit(&PaymentLateV1::from(&payment))?;
    tx.commit().await?;
    app.count(Metric::OrdersPaid);
    app.count(Metric::LatePayments);
    Ok(())
}

/// Allocates the lines from all shards. Stock that is spread over more shards than one transaction can take from counts
/// as sold out, and the money is refunded.
async fn find_stock(app: &App, late: &mut Order) -> Result<(), Rejected> {
    let variants: Vec<VariantId> = late.lines.iter().map(|line| line.variant).collect();
    let listings: Vec<Listing> = app.store.listings(&variants).await?;
    let pools: Vec<(Pool, u8)> =
        listings.iter().map(|listing| (Pool::Stock(listing.variant), listing.stock_shards.made())).collect();
    let left = app.store.left(&pools).await?;
    let mut shards = 0;
    for line in &mut late.lines {
        let left = left.get(&Pool::Stock(line.variant)).map(Vec::as_slice).unwrap_or_default();
        let variant = line.variant;
        line.allocations = stock::take(line.quantity.get(), left, &[]).ok_or(Refusal::OutOfStock { variant })?;
        shards += line.allocations.len();
        if shards > ALLOCATIONS_MAX {
            return Err(Refusal::OutOfStock { variant }.into());
        }
    }
    Ok(())
}

/// Records the money and requests its refund, in one transaction. The order, or the balance, does not change.
pub(super) async fn send_back(
    app: &App,
    payment: Payment,
    kind: TaskKind,
    notice: &Notice,
    why: &str,
) -> Result<(), Rejected> {
    let now = app.now();
    let version = payment.version + 1;
    let succeeded = payment.succeed(taken(notice), now);
    let amount = succeeded.amount;
    let next_check_at = app.shop().next_check_at(now, 0);
    let asked = Payment { version, ..succeeded.clone().request_refund(amount, next_check_at, now)? };
    let mut tx = app.tx()?;
    tx.save_payment(&asked)?;
    tx.insert_provider_event(asked.id, &event(app, notice))?;
    tx.insert_task(&about(task(app, kind, asked.method, notice, why), &asked))?;
    tx.emit(&PaymentSucceededV1::from(&succeeded))?;
    tx.emit(&PaymentLateV1::from(&asked))?;
    tx.emit(&PaymentRefundRequestedV1::from(&asked))?;
    tx.commit().await?;
    app.count(Metric::LatePayments);
    Ok(())
}

/// Money was captured for a second trade of a payment: it becomes a separate payment, which is refunded in full.
pub(super) async fn paid_twice(app: &App, payment: Payment, notice: &Notice) -> Result<(), Rejected> {
    let now = app.now();
    let attempt = payment.checkout.as_ref().and_then(|checkout| checkout.attempt(&notice.trade_no)).cloned();
    let attempt = attempt.unwrap_or_else(|| CheckoutAttempt {
        provider_no: notice.provider_no.clone(),
        ..CheckoutAttempt::new(notice.trade_no.clone(), now)
    });
    let attempts = vec![CheckoutAttempt { ended: true, ..attempt }];
    let checkout = Checkout { attempts, taken: Some(taken(notice)), ..Checkout::new(app.new_token()?, now) };
    let extra = payment.surplus(PaymentId::new(app.new_id()?), checkout, app.shop().next_check_at(now, 0), now);
    let rest = payment.without_attempt(&notice.trade_no, now);
    let mut tx = app.tx()?;
    tx.insert_payment(&extra)?;
    tx.save_payment(&rest)?;
    tx.move_trade(&notice.trade_no, rest.id, extra.id)?;
    tx.insert_provider_event(extra.id, &event(app, notice))?;
    tx.insert_task(&about(task(app, TaskKind::PaidTwice, extra.method, notice, "paid_twice"), &extra))?;
    tx.emit(&PaymentSucceededV1::from(&extra))?;
    tx.emit(&PaymentLateV1::from(&extra))?;
    tx.emit(&PaymentRefundRequestedV1::from(&extra))?;
    tx.commit().await?;
    app.count(Metric::LatePayments);
    Ok(())
}
