//! `refund_payment`: queue, on `payment.refund_requested.v1`. The money of an order that was paid goes back.
//!
//! Points go back through the ledger. Emits `payment.refunded.v1` and `order.refunded.v1`.

use crate::App;
use contracts::Failure;
use contracts::events::{Event, OrderRefundedV1, PaymentRefundRequestedV1, PaymentRefundedV1, RawEnvelope};
use domain::id::EntryId;
use domain::money::Cents;
use domain::order::{Order, OrderStatus};
use domain::payment::{Payment, PaymentStatus};
use runtime::queue::{Failures, Message, guarded};
use runtime::telemetry::Metric;
use store::orders::Reads;
use store::{Rejected, settle};

/// The consumer's name in the record of what it consumed.
const CONSUMER: &str = "refund_payment";

/// Each message by itself.
pub async fn handle(app: &App, messages: Vec<Message>) -> Failures {
    let mut failures = Failures::default();
    for message in messages {
        let done = guarded(async {
            let event = message.event()?;
            refund_payment(&app.caused_by(&event), &event).await
        });
        if let Err(failure) = done.await {
            failures.0.push((message.id, failure));
        }
    }
    failures
}

/// Applies one event, once.
pub async fn refund_payment(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    if event.event_type != PaymentRefundRequestedV1::TYPE {
        return Err(Failure::broken(format!("an event of type {}", event.event_type)));
    }
    let request: PaymentRefundRequestedV1 = event.read().map_err(Failure::broken)?;
    settle(|| async {
        match attempt(app, event, &request).await {
            Err(Rejected::Consumed(_)) => Ok(()),
            done => done,
        }
    })
    .await
}

async fn attempt(app: &App, event: &RawEnvelope, request: &PaymentRefundRequestedV1) -> Result<(), Rejected> {
    let payment = app.store.load_payment(request.payment_id).await?;
    if payment.status == PaymentStatus::Refunded {
        return Ok(());
    }
    let (order, wallet) = app.store.load_order_and_wallet(&payment.customer, payment.order, Reads::Strong).await?;
    let now = app.now();
    let paid_at = paid_at(&order)?;
    let refunded = order.refund(now).ok_or_else(|| Failure::broken("a refund of an order that is not at its end"))?;
    let before = payment.status;
    let payment = Payment { status: PaymentStatus::Refunded, updated_at: now, ..payment };

    let mut tx = app.tx()?;
    tx.consume(&app.store.tables().payments, CONSUMER, event.event_id)?;
    tx.save_payment(&payment, before)?;
    tx.save_order(&refunded)?;
    if payment.amount > Cents::ZERO {
        let (after, entry) = wallet.refund(EntryId::new(app.new_id()?), payment.amount, payment.order, now);
        tx.move_points(&payment.customer, wallet, after, &entry)?;
    }
    tx.emit(&PaymentRefundedV1::from(&payment))?;
    tx.emit(&OrderRefundedV1::new(&refunded, paid_at))?;
    tx.commit().await?;
    app.count(Metric::Refunds);
    Ok(())
}

fn paid_at(order: &Order) -> Result<domain::Moment, Failure> {
    let step = order.history.iter().find(|step| step.status == OrderStatus::Paid);
    step.map(|step| step.at).ok_or_else(|| Failure::broken("a refund of an order that was never paid"))
}
