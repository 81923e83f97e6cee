//! What a provider says of a trade, applied to its payment and its order once, however often and in whichever order it is
//! said. Callbacks, confirmations and reconciliation all come through here.

use super::late;
use crate::App;
use contracts::Failure;
use contracts::events::{OrderPaidV1, PaymentFailedV1, PaymentSucceededV1};
use domain::payment::{Payment, PaymentMethod, PaymentStatus, Taken, Task, TaskKind};
use providers::payment::{Notice, PaymentProvider, Verdict};
use runtime::telemetry::Metric;
use store::payments::ProviderEvent;
use store::{Rejected, retry_on_stale_read};

/// Reads what came to a provider's address, with the keys that are remembered and, if they do not fit, with those of now.
/// `None` for what the provider did not sign.
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

/// Applies a notice whose signature was checked. What does not fit a payment is parked for an admin and changes nothing.
pub(super) async fn apply(app: &App, method: PaymentMethod, merchant: &str, notice: &Notice) -> Result<(), Failure> {
    if notice.merchant != merchant {
        return park(app, &task(app, TaskKind::Mismatch, method, notice, "merchant")).await;
    }
    let Some(id) = app.store.find_trade(&notice.trade_no).await? else {
        return park(app, &task(app, TaskKind::UnknownTrade, method, notice, "unknown_trade")).await;
    };
    let payment = app.store.load_payment(id).await?;
    if let Some((kind, why)) = mismatch(&payment, method, notice) {
        return park(app, &about(task(app, kind, method, notice, why), &payment)).await;
    }
    retry_on_stale_read(|| async {
        // Which payment a trade belongs to changes when its money is one too many.
        let id = app.store.find_trade(&notice.trade_no).await?.unwrap_or(id);
        attempt(app, app.store.load_payment(id).await?, notice).await
    })
    .await
}

/// Why a notice is not the payment's, if it is not.
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
    match notice.verdict {
        Verdict::Paid => paid(app, payment, notice).await,
        Verdict::Failed => failed(app, payment, notice).await,
        Verdict::NumberTaken => noted(app, payment, notice).await,
        Verdict::Waiting | Verdict::Approved => Ok(()),
    }
}

async fn paid(app: &App, payment: Payment, notice: &Notice) -> Result<(), Rejected> {
    let taken_by = payment.checkout.as_ref().and_then(|checkout| checkout.taken.as_ref());
    match taken_by {
        // Said before.
        Some(taken) if taken.trade_no == notice.trade_no => return Ok(()),
        Some(_) => return late::paid_twice(app, payment, notice).await,
        None => {}
    }
    let now = app.now();
    let order = app.store.load_order(&payment.customer, payment.order).await?;
    let Some(served) = order.clone().receive(payment.id, payment.method, now) else {
        return late::receive(app, payment, order, notice).await;
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

/// The order keeps its place and can be paid by another attempt. After a success, a failure is only noted.
async fn failed(app: &App, payment: Payment, notice: &Notice) -> Result<(), Rejected> {
    let event = event(app, notice);
    if app.store.knows_event(payment.id, &event).await? {
        return Ok(());
    }
    let was = payment.status;
    let payment = payment.fail(&notice.trade_no, app.now());
    let mut tx = app.tx()?;
    tx.save_payment(&payment)?;
    tx.insert_provider_event(payment.id, &event)?;
    if payment.status != was {
        tx.emit(&PaymentFailedV1::from(&payment))?;
    }
    tx.commit().await?;
    Ok(())
}

async fn noted(app: &App, payment: Payment, notice: &Notice) -> Result<(), Rejected> {
    let event = event(app, notice);
    if app.store.knows_event(payment.id, &event).await? {
        return Ok(());
    }
    let now = app.now();
    let mut payment = payment.next(now);
    // Whoever has a number to pay with is still at it.
    if let Some(checkout) = payment.checkout.as_mut().filter(|_| payment.status == PaymentStatus::Init) {
        checkout.active_at = now;
    }
    let mut tx = app.tx()?;
    tx.save_payment(&payment)?;
    tx.insert_provider_event(payment.id, &event)?;
    tx.commit().await?;
    Ok(())
}

/// The trade that brought the money.
pub(super) fn taken(notice: &Notice) -> Taken {
    Taken {
        trade_no: notice.trade_no.clone(),
        provider_no: notice.provider_no.clone(),
        authorization: notice.authorization.clone(),
        way: notice.way.clone(),
    }
}

/// What was said, to be kept.
pub(super) fn event(app: &App, notice: &Notice) -> ProviderEvent {
    let (action, result) = match notice.verdict {
        Verdict::Paid => ("CAPTURE", "OK"),
        Verdict::Failed => ("AUTHORIZE", "NG"),
        Verdict::NumberTaken | Verdict::Approved => ("AUTHORIZE", "OK"),
        Verdict::Waiting => ("AUTHORIZE", "WAITING"),
    };
    ProviderEvent {
        trade_no: notice.trade_no.clone(),
        action: action.to_owned(),
        result: result.to_owned(),
        // How a success is worded may differ from one telling to the next.
        code: if notice.verdict == Verdict::Paid { String::new() } else { notice.code.clone() },
        raw: notice.raw.clone(),
        at_ms: app.now().as_millisecond(),
    }
}

/// What an admin is told of a notice.
pub(super) fn task(app: &App, kind: TaskKind, method: PaymentMethod, notice: &Notice, why: &str) -> Task {
    Task {
        kind,
        method,
        payment_id: None,
        order_id: None,
        trade_no: notice.trade_no.clone(),
        provider_no: notice.provider_no.clone(),
        amount_cents: notice.amount,
        why: why.to_owned(),
        at_ms: app.now().as_millisecond(),
    }
}

/// The same, about this payment.
pub(super) fn about(task: Task, payment: &Payment) -> Task {
    Task { payment_id: Some(payment.id), order_id: Some(payment.order), ..task }
}

/// Leaves what does not fit to an admin.
pub(super) async fn park(app: &App, task: &Task) -> Result<(), Failure> {
    let mut tx = app.tx()?;
    tx.park(task)?;
    tx.commit().await?;
    app.count(Metric::PaymentsParked);
    Ok(())
}
