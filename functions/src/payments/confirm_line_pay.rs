//! `confirm_line_pay`: queue, on `payment.confirm_requested.v1`. Captures the money that a customer has approved at LINE
//! Pay, which may take longer than an HTTP response.
//!
//! Looks the trade up before it captures, so that a repeated event captures nothing twice. Captures nothing for an order
//! that cannot be fulfilled any more, or for points that the balance has no room for. Emits the events of
//! [`super::notices`].

use super::notices::{self, trade};
use super::top_up::is_wanted;
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{Event, PaymentConfirmRequestedV1, RawEnvelope};
use domain::payment::{CheckoutAttempt, Payment, PaymentStatus};
use providers::payment::{Notice, PaymentProvider, ProviderError, Trade, Verdict};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::External, "Confirms a LINE Pay payment that the customer has approved.")
        .queues(&[Queue::of(&[Rule::on(
            "OnConfirmRequested",
            &["payment.confirm_requested.v1"],
            "A customer approved a payment at LINE Pay.",
        )])
        .batch(1, "one confirmation may take the whole time-out")
        .concurrency(3, "a confirmation takes a second, and idle pollers cost money")
        .alarm_on_age(
            "payments at LINE Pay wait to be confirmed",
            "The oldest event in ConfirmLinePayQueue is older than ten minutes: customers who approved a payment \
             still see it as pending. Check the errors and throttles of confirm_line_pay.",
        )])
        .timeout_seconds(
            90,
            "LINE Pay's time-outs: 20 seconds for the status, 40 for the confirmation, 20 for the lookup",
        )
        .grants(&[
            Grant::Table(Orders, &[GetItem, UpdateItem]),
            Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
            Grant::Table(Catalog, &[BatchGetItem]),
            Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
            Grant::Table(Coupons, &[UpdateItem]),
            Grant::Table(Wallets, &[GetItem, PutItem, UpdateItem]),
            Grant::Table(Outbox, &[PutItem]),
            Grant::Read(Secret::LinePaySecret),
        ])
        .alarm_on_dead_letters(
            "payments at LINE Pay were not confirmed",
            "confirm_line_pay failed five times on each event in ConfirmLinePayDlq. reconcile_payments checks these \
             payments anyway: read the log, fix the cause, and redrive the queue; processing an event twice is \
             harmless.",
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
        Failure::broken(format!("payment {}: its provider has no merchant in its secret", payment.id))
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

/// Captures the money of a trade if the customer has approved it, and returns the provider's report. `None` if the money
/// is not wanted any more.
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
    if !is_wanted(app, payment).await? {
        // The customer's approval expires at the provider.
        return Ok(None);
    }
    provider.confirm(trade).await.map(Some).map_err(failure)
}

/// An unknown result is retried with the next delivery of the message; so is an invalid signature, because the keys may
/// just have been changed.
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
