//! `confirm_line_pay`: queue, on `payment.confirm_requested.v1`. Captures the money that a customer approved at LINE Pay,
//! which takes longer than an HTTP response may.
//!
//! Looks up the status first, so that it can run any number of times: captured money is found captured. Captures nothing
//! for an order that cannot be served any more. Emits the events of [`super::notices`].

use super::notices::{self, trade};
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{Event, PaymentConfirmRequestedV1, RawEnvelope};
use domain::payment::{CheckoutAttempt, Payment, PaymentStatus};
use providers::payment::{Notice, PaymentProvider, ProviderError, Trade, Verdict};

pub const MANIFEST: Manifest = Manifest::new(Binary::External, "Captures money that a customer approved at LINE Pay.")
    .queues(&[Queue::of(&[Rule::on(
        "OnConfirmRequested",
        &["payment.confirm_requested.v1"],
        "A customer returned from LINE Pay.",
    )])
    .batch(1, "one confirmation may take the function's whole time-out")
    .alarm_on_age(
        "payments at LINE Pay wait to be confirmed",
        "The oldest event in ConfirmLinePayQueue is older than ten minutes: people who agreed to \
         pay look at a page that waits. Look at the errors and throttles of confirm_line_pay.",
    )])
    .timeout_seconds(90, "LINE Pay may take 20 seconds to look up, 40 to confirm, and 20 to look up again")
    .grants(&[
        Grant::Table(Orders, &[GetItem, UpdateItem]),
        Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
        Grant::Table(Catalog, &[BatchGetItem]),
        Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
        Grant::Table(Coupons, &[UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
        Grant::Read(Secret::LinePaySecret),
    ])
    .alarm_on_dead_letters(
        "payments at LINE Pay were not confirmed",
        "confirm_line_pay failed five times on each event in ConfirmLinePayDlq. reconcile_payments \
         asks about these payments all the same: read the log, mend the cause, redrive the queue; a \
         repeated event is harmless.",
    );

/// Captures the money of the payment that an event names.
pub async fn confirm_line_pay(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    if event.event_type != PaymentConfirmRequestedV1::TYPE {
        return Err(Failure::broken(format!(
            "confirm_line_pay received an event of the unexpected type {}",
            event.event_type
        )));
    }
    let request: PaymentConfirmRequestedV1 = event.read().map_err(Failure::broken)?;
    let payment = app.store.load_payment(request.payment_id).await?;
    if payment.status != PaymentStatus::Init {
        return Ok(());
    }
    let provider = app.payments.of(payment.method).await?;
    let provider = provider.ok_or_else(|| {
        Failure::broken("the provider of the payment has no merchant in its secret: the payment cannot be confirmed")
    })?;
    let attempts: Vec<CheckoutAttempt> =
        payment.checkout.iter().flat_map(|checkout| checkout.open()).cloned().collect();
    for attempt in attempts {
        let trade = trade(&payment, &attempt, app.now());
        if let Some(notice) = take(app, provider.as_ref(), &payment, &trade).await? {
            notices::apply(app, payment.method, provider.merchant(), &notice).await?;
        }
    }
    Ok(())
}

/// The result of a trade, after capturing its money if possible.
async fn take(
    app: &App,
    provider: &dyn PaymentProvider,
    payment: &Payment,
    trade: &Trade,
) -> Result<Option<Notice>, Failure> {
    let said = provider.look_up(trade).await.map_err(failure)?;
    if said.verdict != Verdict::Approved {
        return Ok(Some(said));
    }
    let order = app.store.load_order(&payment.customer, payment.order).await?;
    if !order.may_be_paid() {
        // The customer's approval expires by itself.
        return Ok(None);
    }
    provider.confirm(trade).await.map(Some).map_err(failure)
}

/// An unknown result, or keys that were just changed, lead to a retry of the message.
fn failure(error: ProviderError) -> Failure {
    match error {
        ProviderError::Unknown(_)
        | ProviderError::Unanswered(_)
        | ProviderError::NotYet(_)
        | ProviderError::Pause(_)
        | ProviderError::Signature => Failure::Busy,
        ProviderError::Refused(_) | ProviderError::Unchargeable => Failure::broken(error),
    }
}
