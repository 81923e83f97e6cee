//! A refund at the provider.
//!
//! Providers have no idempotency keys. So the attempt and its time are stored first, which also keeps a concurrent
//! worker away; a worker that later finds the stored attempt queries its result before it tries again. This is the only
//! place where something follows a transaction, and it may be lost at any point without harm.

use super::{book, manual_refund, order_of};
use crate::App;
use contracts::Failure;
use domain::Moment;
use domain::id::PaymentId;
use domain::money::Cents;
use domain::payment::{Payment, PendingRefund};
use jiff::SignedDuration;
use providers::payment::{PaymentProvider, ProviderError, Refunded, Trade};
use runtime::telemetry::Metric;
use store::payments::Lane;
use store::retry_on_stale_read;

/// The time for which another worker is assumed to be executing a stored attempt.
const PATIENCE: SignedDuration = SignedDuration::from_mins(3);
/// The delay before a refund is retried whose provider did not respond, or whose keys were just changed.
const SOON: SignedDuration = SignedDuration::from_mins(5);

/// The result of a request to a provider.
#[derive(Debug)]
enum RefundResult {
    Done,
    NotDone,
    /// Unknown: it is looked up.
    Unknown,
    /// It was not executed: retry after this time.
    After(SignedDuration),
    /// It was refused with a code that may not be permanent.
    Refused(String),
    /// The provider's API cannot make it.
    Manual(String),
}

/// Refunds what is due of a payment at its provider.
pub(super) async fn refund(app: &App, payment: Payment) -> Result<(), Failure> {
    let now = app.now();
    let pause = app.store.paused_until(Lane::Refunds(payment.method)).await?.filter(|until| now < *until);
    if let Some(until) = pause {
        return put_off(app, payment.id, until).await;
    }
    let provider = app.payments.of(payment.method).await?;
    let provider = provider.ok_or_else(|| {
        Failure::broken("the provider of the payment has no merchant in its secret: the refund cannot be made")
    })?;
    let trade = taken(app, &payment)?;
    if let Some(pending) = payment.pending_refund {
        if now.duration_since(pending.at) < PATIENCE {
            return Err(Failure::Busy);
        }
        match look_back(app, provider.as_ref(), &trade, &payment).await? {
            RefundResult::NotDone => {}
            found => return record(app, payment.id, pending, found).await,
        }
    }
    let requested = payment.begin_refund(now, app.shop().next_check_at(now, 0));
    let Some(pending) = requested.pending_refund else { return Ok(()) };
    let mut tx = app.tx()?;
    tx.save_payment(&requested)?;
    tx.commit().await?;
    let found = match provider.refund(&trade, pending.amount, requested.refunded).await {
        Ok(Refunded::Done(_)) => RefundResult::Done,
        Ok(Refunded::Manual(why)) => RefundResult::Manual(why),
        Err(error) => after_an_error(app, &requested, error).await?,
    };
    record(app, requested.id, pending, found).await
}

/// The meaning of an error for a requested refund.
async fn after_an_error(app: &App, payment: &Payment, error: ProviderError) -> Result<RefundResult, Failure> {
    Ok(match error {
        ProviderError::Unknown(_) => RefundResult::Unknown,
        ProviderError::Refused(why) => RefundResult::Manual(why),
        ProviderError::Unchargeable => RefundResult::Manual("amount".to_owned()),
        ProviderError::NotYet(why) => RefundResult::Refused(why),
        ProviderError::Unanswered(_) => RefundResult::After(SOON),
        ProviderError::Pause(pause) => {
            leave_alone(app, payment, pause.length).await?;
            RefundResult::After(pause.length)
        }
        ProviderError::Signature => {
            app.count(Metric::BadSignatures);
            RefundResult::After(SOON)
        }
    })
}

/// Pauses refunds at this provider.
async fn leave_alone(app: &App, payment: &Payment, length: SignedDuration) -> Result<(), Failure> {
    let until = app.now().checked_add(length).unwrap_or(Moment::MAX);
    app.store.pause_provider(Lane::Refunds(payment.method), until).await
}

/// Looks up the result of an earlier request without a response.
async fn look_back(
    app: &App,
    provider: &dyn PaymentProvider,
    trade: &Trade,
    payment: &Payment,
) -> Result<RefundResult, Failure> {
    let pending = payment.pending_refund.map_or(Cents::ZERO, |pending| pending.amount);
    Ok(match provider.refunded(trade).await {
        Ok(total) if total >= payment.refunded.plus(pending) => RefundResult::Done,
        Ok(total) if total == payment.refunded => RefundResult::NotDone,
        Ok(_) => RefundResult::Manual("amounts_differ".to_owned()),
        // The request can never be looked up, and a second request might refund twice.
        Err(ProviderError::Refused(why)) => RefundResult::Manual(why),
        Err(ProviderError::Unchargeable) => RefundResult::Manual("amount".to_owned()),
        Err(ProviderError::Pause(pause)) => {
            leave_alone(app, payment, pause.length).await?;
            RefundResult::Unknown
        }
        Err(ProviderError::Signature) => {
            app.count(Metric::BadSignatures);
            RefundResult::Unknown
        }
        Err(ProviderError::Unknown(_) | ProviderError::Unanswered(_) | ProviderError::NotYet(_)) => {
            RefundResult::Unknown
        }
    })
}

/// Postpones a refund to the end of the provider's pause. The result of an earlier request is looked up then, too.
async fn put_off(app: &App, id: PaymentId, until: Moment) -> Result<(), Failure> {
    retry_on_stale_read(|| async {
        let payment = app.store.load_payment(id).await?;
        if payment.next_check_at.is_none_or(|at| at >= until) {
            return Ok(());
        }
        let mut tx = app.tx()?;
        tx.save_payment(&payment.wait_until(until, app.now()))?;
        tx.commit().await?;
        Ok(())
    })
    .await
}

/// Stores the result of `pending`, unless another worker has.
async fn record(app: &App, id: PaymentId, pending: PendingRefund, found: RefundResult) -> Result<(), Failure> {
    retry_on_stale_read(|| async {
        let payment = app.store.load_payment(id).await?;
        if payment.pending_refund != Some(pending) {
            return Ok(());
        }
        let now = app.now();
        let mut tx = app.tx()?;
        let metric = match &found {
            RefundResult::Done => {
                let order = order_of(app, &payment).await?;
                book(app, &mut tx, payment, order, pending.amount)?;
                Some(Metric::Refunds)
            }
            RefundResult::Manual(why) => {
                tx.insert_task(&manual_refund(app, &payment, pending.amount, why))?;
                tx.save_payment(&payment.require_manual_refund(why, now))?;
                Some(Metric::ManualRefunds)
            }
            RefundResult::Refused(why) => match payment.clone().refuse_refund(now) {
                Some(later) => {
                    tx.save_payment(&later)?;
                    None
                }
                None => {
                    tx.insert_task(&manual_refund(app, &payment, pending.amount, why))?;
                    tx.save_payment(&payment.require_manual_refund(why, now))?;
                    Some(Metric::ManualRefunds)
                }
            },
            RefundResult::Unknown => {
                let next_check_at = app.shop().next_check_at(now, payment.checks);
                tx.save_payment(&payment.look_up_refund(next_check_at, now))?;
                None
            }
            RefundResult::After(pause) => {
                tx.save_payment(&payment.retry_refund(now.checked_add(*pause).unwrap_or(now), now))?;
                None
            }
            RefundResult::NotDone => {
                tx.save_payment(&payment.retry_refund(now, now))?;
                None
            }
        };
        tx.commit().await?;
        metric.into_iter().for_each(|metric| app.count(metric));
        Ok(())
    })
    .await
}

/// The trade whose money was captured.
fn taken(app: &App, payment: &Payment) -> Result<Trade, Failure> {
    let taken = payment.checkout.as_ref().and_then(|checkout| checkout.taken.clone());
    let taken = taken.ok_or_else(|| Failure::broken("a refund is due of a payment without a captured trade"))?;
    Ok(Trade {
        trade_no: taken.trade_no,
        provider_no: taken.provider_no,
        authorization: taken.authorization,
        way: taken.way,
        amount: payment.amount,
        currency: payment.currency,
        now: app.now(),
    })
}
