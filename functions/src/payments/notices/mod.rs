//! Applies what a provider reports about a trade (a notice) to the payment and the order, once, for any number and order
//! of repetitions. Callbacks, confirmations and reconciliation all use it.

mod late_money;
mod records;

use records::about;
pub(super) use records::{event, message_id, taken, task, task_of_attempt, trade};

use super::top_up;
use crate::App;
use contracts::Failure;
use contracts::events::{OrderPaidV1, PaymentFailedV1, PaymentSucceededV1};
use domain::payment::{Payment, PaymentMethod, Task, TaskKind, TradeState};
use providers::payment::{Notice, PaymentProvider, Verdict};
use runtime::telemetry::Metric;
use store::{Rejected, retry_on_stale_read};

/// The reason in the task of money for points that the balance has no room for.
const NO_ROOM: &str = "balance_limit";

/// Verifies and parses a callback, with the cached keys and, if they do not match, with those that the secret has now.
/// `None` without a valid signature.
pub(super) async fn read(
    app: &App,
    method: PaymentMethod,
    body: &[u8],
) -> Result<Option<(Box<dyn PaymentProvider>, Notice)>, Failure> {
    if let Some(provider) = app.payments.of(method).await? {
        if let Ok(notice) = provider.read_callback(body) {
            return Ok(Some((provider, notice)));
        }
        if let Some(provider) = app.payments.renewed(method).await?
            && let Ok(notice) = provider.read_callback(body)
        {
            return Ok(Some((provider, notice)));
        }
    }
    app.count(Metric::BadSignatures);
    Ok(None)
}

/// Applies a notice whose signature was checked. One that matches no payment is parked for an admin and changes nothing.
pub(super) async fn apply(app: &App, method: PaymentMethod, merchant: &str, notice: &Notice) -> Result<(), Failure> {
    let message = message_id(notice);
    if notice.merchant != merchant {
        return park(app, &task(app, TaskKind::Mismatch, method, notice, "merchant"), &message).await;
    }
    let Some(id) = app.store.find_trade(&notice.trade_no).await? else {
        return park(app, &task(app, TaskKind::UnknownTrade, method, notice, "unknown_trade"), &message).await;
    };
    let payment = app.store.load_payment(id).await?;
    if let Some((kind, why)) = mismatch(&payment, method, notice) {
        return park(app, &about(task(app, kind, method, notice, why), &payment), &message).await;
    }
    retry_on_stale_read(|| async {
        // A trade moves to another payment when its money is a second payment (`late_money::paid_twice`).
        let id = app.store.find_trade(&notice.trade_no).await?.unwrap_or(id);
        attempt(app, app.store.load_payment(id).await?, notice).await
    })
    .await
}

/// The reason why a notice does not match the payment, if it does not.
fn mismatch(payment: &Payment, method: PaymentMethod, notice: &Notice) -> Option<(TaskKind, &'static str)> {
    let is_paid = notice.verdict == Verdict::Paid;
    if payment.method != method {
        Some((TaskKind::Mismatch, "provider"))
    } else if is_paid && notice.simulated {
        Some((TaskKind::Simulated, "simulated"))
    } else if is_paid && notice.amount != Some(payment.amount) {
        Some((TaskKind::Mismatch, "amount"))
    } else if is_paid && notice.currency != Some(payment.currency) {
        Some((TaskKind::Mismatch, "currency"))
    } else {
        None
    }
}

async fn attempt(app: &App, payment: Payment, notice: &Notice) -> Result<(), Rejected> {
    match notice.verdict.state() {
        Some(state) => heard(app, payment, notice, state).await,
        None if notice.verdict == Verdict::Paid => paid(app, payment, notice).await,
        None => Ok(()),
    }
}

async fn paid(app: &App, payment: Payment, notice: &Notice) -> Result<(), Rejected> {
    let taken_by = payment.checkout.as_ref().and_then(|checkout| checkout.taken.as_ref());
    match taken_by {
        // A repeated notice.
        Some(taken) if taken.trade_no == notice.trade_no => return Ok(()),
        Some(_) => return late_money::paid_twice(app, payment, notice).await,
        None => {}
    }
    let now = app.now();
    let Some(order) = payment.order else {
        return match top_up::credit(app, &payment, notice).await? {
            Some(()) => Ok(()),
            None => late_money::send_back(app, payment, TaskKind::LateRefunded, notice, NO_ROOM).await,
        };
    };
    let order = app.store.load_order(&payment.customer, order).await?;
    let Some(served) = order.clone().accept_payment(payment.id, payment.method, now) else {
        return late_money::serve_or_send_back(app, payment, order, notice).await;
    };
    let payment = payment.succeed(taken(notice), now);
    let mut tx = app.tx()?;
    tx.save_order(&served)?;
    if let Some(coupon) = served.coupon {
        tx.use_coupon(&served.customer, coupon, served.id)?;
    }
    tx.save_payment(&payment)?;
    tx.insert_provider_event(payment.id, &event(app, notice))?;
    tx.emit(&OrderPaidV1::new(&served, payment.id, payment.method))?;
    tx.emit(&PaymentSucceededV1::from(&payment))?;
    tx.commit().await?;
    app.count(Metric::OrdersPaid);
    Ok(())
}

/// Stores a report without captured money. The order keeps its hold and can be paid by another attempt, and the trade is
/// looked up for as long as money can be captured for it. After a success only the provider's event is stored.
async fn heard(app: &App, payment: Payment, notice: &Notice, state: TradeState) -> Result<(), Rejected> {
    let event = event(app, notice);
    let is_known = app.store.knows_event(payment.id, &event).await?;
    let attempt = payment.checkout.as_ref().and_then(|checkout| checkout.attempt(&notice.trade_no));
    if is_known && attempt.is_none_or(|attempt| attempt.state == Some(state)) {
        return Ok(());
    }
    let was = payment.status;
    let payment = payment.hear(&notice.trade_no, state, notice.payable_until, app.shop(), app.now());
    let mut tx = app.tx()?;
    tx.save_payment(&payment)?;
    if !is_known {
        tx.insert_provider_event(payment.id, &event)?;
    }
    if payment.status != was {
        tx.emit(&PaymentFailedV1::from(&payment))?;
    }
    tx.commit().await?;
    Ok(())
}

/// Creates the task for a notice that matches no payment, once.
pub(super) async fn park(app: &App, task: &Task, message: &str) -> Result<(), Failure> {
    let mut tx = app.tx()?;
    tx.park(task, message)?;
    tx.commit().await?;
    app.count(Metric::PaymentsParked);
    Ok(())
}
