//! Refunds: points through the ledger, a provider's money at the provider, an external system's money by that system.
//!
//! A due refund is never forgotten: its payment has a time at which reconciliation continues it, or a task for an admin.

mod at_provider;

use crate::App;
use contracts::Failure;
use contracts::events::{OrderRefundedV1, PaymentRefundRequestedV1, PaymentRefundedV1};
use domain::id::{EntryId, OrderId, PaymentId};
use domain::money::Cents;
use domain::order::{Order, OrderStatus};
use domain::payment::{Payment, PaymentMethod, PaymentStatus, Task, TaskKind};
use jiff::SignedDuration;
use runtime::telemetry::Metric;
use store::orders::Reads;
use store::{Rejected, Tx, retry_on_stale_read};

/// The time after which a refund that an external system has not reported becomes a task for an admin.
const EXTERNAL_PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// The reason in that task.
const EXTERNAL_SILENT: &str = "external_system_silent";

/// Requests the refund of the remaining money of a paid order that will not be fulfilled. An order that cost nothing has
/// none.
pub(crate) async fn request_refund(app: &App, tx: &mut Tx<'_>, order: &Order) -> Result<(), Failure> {
    let id = order.payment.ok_or_else(|| Failure::broken(format!("order {} is paid but has no payment", order.id)))?;
    let payment = app.store.load_payment(id).await?;
    let rest = payment.refundable();
    if rest == Cents::ZERO {
        return Ok(());
    }
    request_part(app, tx, payment, rest)
}

/// Requests the refund of `amount` of a payment.
pub(super) fn request_part(app: &App, tx: &mut Tx<'_>, payment: Payment, amount: Cents) -> Result<(), Failure> {
    let now = app.now();
    // Reconciliation continues at this time, if the request's event is lost.
    let next_check_at = match payment.method {
        PaymentMethod::External => now.checked_add(EXTERNAL_PATIENCE).unwrap_or(now),
        _ => app.shop().next_check_at(now, 0),
    };
    let requested = payment.request_refund(amount, next_check_at, now)?;
    tx.save_payment(&requested)?;
    tx.emit(&PaymentRefundRequestedV1::from(&requested))
}

/// Refunds what is due of a payment, if anything is.
pub(super) async fn advance(app: &App, id: PaymentId) -> Result<(), Failure> {
    let payment = app.store.load_payment(id).await?;
    if payment.status != PaymentStatus::RefundRequested {
        return Ok(());
    }
    if payment.manual_reason.is_some() {
        return retry_on_stale_read(|| ask_for_the_rest(app, id)).await;
    }
    match payment.method {
        PaymentMethod::Points => retry_on_stale_read(|| with_points(app, id)).await,
        PaymentMethod::Ecpay | PaymentMethod::Newebpay | PaymentMethod::LinePay => {
            at_provider::refund(app, payment).await
        }
        // The external system consumes the same request from the bus, and reports the refund there.
        PaymentMethod::External => retry_on_stale_read(|| leave_to_an_admin_when_silent(app, id)).await,
    }
}

/// The refund due of a payment has grown after an admin was asked to make it manually: a second task shows the new total.
async fn ask_for_the_rest(app: &App, id: PaymentId) -> Result<(), Rejected> {
    let (payment, now) = (app.store.load_payment(id).await?, app.now());
    let Some(why) = payment.lacks_task().map(str::to_owned) else { return Ok(()) };
    let mut tx = app.tx()?;
    tx.insert_task(&manual_refund(app, &payment, payment.owed(), &why))?;
    tx.save_payment(&payment.require_manual_refund(&why, now))?;
    tx.commit().await?;
    app.count(Metric::ManualRefunds);
    Ok(())
}

/// Creates a task for an admin if an external system has not reported a refund in time.
async fn leave_to_an_admin_when_silent(app: &App, id: PaymentId) -> Result<(), Rejected> {
    let (payment, now) = (app.store.load_payment(id).await?, app.now());
    if payment.status != PaymentStatus::RefundRequested || payment.next_check_at.is_none_or(|at| now < at) {
        return Ok(());
    }
    let mut tx = app.tx()?;
    tx.insert_task(&manual_refund(app, &payment, payment.owed(), EXTERNAL_SILENT))?;
    tx.save_payment(&payment.require_manual_refund(EXTERNAL_SILENT, now))?;
    tx.commit().await?;
    app.count(Metric::ManualRefunds);
    Ok(())
}

/// Records an external system's report of the total that it has refunded so far.
pub(super) async fn refunded_externally(
    app: &App,
    id: PaymentId,
    order: OrderId,
    refunded: Cents,
) -> Result<(), Rejected> {
    let payment = app.store.load_payment(id).await?;
    if payment.method != PaymentMethod::External || payment.order != Some(order) || refunded > payment.refund_due {
        return Err(Failure::broken(format!(
            "the external system reported a refund of payment {id} that was not requested"
        ))
        .into());
    }
    // A repeated or outdated report.
    if refunded <= payment.refunded {
        return Ok(());
    }
    let order = order_of(app, &payment).await?;
    let amount = refunded.minus(payment.refunded);
    let mut tx = app.tx()?;
    book(app, &mut tx, payment, order, amount)?;
    tx.commit().await?;
    app.count(Metric::Refunds);
    Ok(())
}

async fn with_points(app: &App, id: PaymentId) -> Result<(), Rejected> {
    let payment = app.store.load_payment(id).await?;
    if payment.status != PaymentStatus::RefundRequested {
        return Ok(());
    }
    let id =
        payment.order.ok_or_else(|| Failure::broken(format!("payment {} by points without an order", payment.id)))?;
    let (order, wallet) = app.store.load_order_and_wallet(&payment.customer, id, Reads::Strong).await?;
    let (now, amount) = (app.now(), payment.owed());
    let mut tx = app.tx()?;
    // Release 0.1 also requested refunds of orders that had cost nothing.
    if amount > Cents::ZERO {
        let (after, entry) = wallet.refund(EntryId::new(app.new_id()?), amount, id, now);
        tx.move_points(&payment.customer, wallet, after, &entry)?;
    }
    book(app, &mut tx, payment, Some(order), amount)?;
    tx.commit().await?;
    app.count(Metric::Refunds);
    Ok(())
}

/// The order of a payment. A payment for points has none.
pub(super) async fn order_of(app: &App, payment: &Payment) -> Result<Option<Order>, Failure> {
    match payment.order {
        Some(order) => app.store.load_order(&payment.customer, order).await.map(Some),
        None => Ok(None),
    }
}

/// Records a refund with the payment, and with the order unless another payment paid it.
pub(super) fn book(
    app: &App,
    tx: &mut Tx<'_>,
    payment: Payment,
    order: Option<Order>,
    amount: Cents,
) -> Result<(), Failure> {
    let now = app.now();
    let payment = payment.give_back(amount, now);
    tx.save_payment(&payment)?;
    tx.emit(&PaymentRefundedV1 { refund_cents: amount, ..PaymentRefundedV1::from(&payment) })?;
    if let Some(order) = order.filter(|order| order.payment.is_none_or(|paid_by| paid_by == payment.id)) {
        let was = order.status;
        let order = order.give_back(amount, now);
        tx.save_order(&order)?;
        if order.status == OrderStatus::Refunded && was != OrderStatus::Refunded {
            tx.emit(&OrderRefundedV1::new(&order, paid_at(&order)?))?;
        }
    }
    Ok(())
}

fn paid_at(order: &Order) -> Result<domain::Moment, Failure> {
    let step = order.history.iter().find(|step| step.status == OrderStatus::Paid);
    step.map(|step| step.at)
        .ok_or_else(|| Failure::broken(format!("order {} is refunded but was never paid", order.id)))
}

/// The task for an admin to make a refund.
fn manual_refund(app: &App, payment: &Payment, amount: Cents, why: &str) -> Task {
    task(app, payment, TaskKind::ManualRefund, amount, why)
}

/// The record of a manual refund that an admin has made.
pub(super) fn manual_refund_done(app: &App, payment: &Payment, amount: Cents, how: &str) -> Task {
    task(app, payment, TaskKind::ManuallyRefunded, amount, how)
}

fn task(app: &App, payment: &Payment, kind: TaskKind, amount: Cents, why: &str) -> Task {
    let taken = payment.checkout.as_ref().and_then(|checkout| checkout.taken.as_ref());
    Task {
        kind,
        method: payment.method,
        payment_id: Some(payment.id),
        order_id: payment.order,
        trade_no: taken.map(|taken| taken.trade_no.clone()).unwrap_or_default(),
        provider_no: taken.and_then(|taken| taken.provider_no.clone()),
        amount_cents: Some(amount),
        why: why.to_owned(),
        at_ms: app.now().as_millisecond(),
    }
}
