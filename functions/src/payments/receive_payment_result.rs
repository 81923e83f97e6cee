//! `receive_payment_result`: queue, on `payment.succeeded.v1`, `payment.failed.v1` and `payment.refunded.v1` of an outside
//! system (docs/integration-points.md), which took the request from the bus.
//!
//! Its payment becomes one of the shop's with the first result, and every result is applied as a provider's notice is:
//! compared, parked where it does not fit, late money served or sent back. Emits what [`super::notice`] does, and
//! `payment.refunded.v1` and `order.refunded.v1` where the external system gave money back.

use super::notice::{self, park, task};
use super::{begin, refund};
use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{Event, PaymentFailedV1, PaymentRefundedV1, PaymentSucceededV1, RawEnvelope};
use domain::Refusal;
use domain::id::{CustomerId, OrderId, PaymentId};
use domain::money::{Cents, Currency};
use domain::payment::{Checkout, CheckoutAttempt, Payment, PaymentMethod, TaskKind};
use providers::payment::{Notice, Verdict};
use store::retry_on_stale_read;

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(
    Binary::Events,
    "Takes what an external payment system says of money that it was to take or to give back.",
)
.queues(&[Queue::of(&[Rule::on(
    "OnPaymentResult",
    &["payment.failed.v1", "payment.refunded.v1", "payment.succeeded.v1"],
    "An external payment system answered.",
)
.not_from("millrun.payments")
.because("What the shop says of payments itself it has already applied.")])
.concurrency(2, "the least there is: few results come at once")
.alarm_on_age(
    "results of an external payment system wait",
    "The oldest event in ReceivePaymentResultQueue is older than ten minutes. Look at the \
     errors and throttles of receive_payment_result.",
)])
.grants(&[
    Grant::Table(Orders, &[GetItem, UpdateItem]),
    Grant::Table(Payments, &[GetItem, PutItem, UpdateItem]),
    Grant::Table(Catalog, &[BatchGetItem]),
    Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
    Grant::Table(Coupons, &[UpdateItem]),
    Grant::Table(Outbox, &[PutItem]),
])
.alarm_on_dead_letters(
    "results of the external payment system were not understood",
    "receive_payment_result failed five times on each event in ReceivePaymentResultDlq: money \
     may be taken that no order knows. Read its log by the message's id, mend the cause, \
     redrive the queue; a repeated event is harmless.",
);

/// What an external system says of a payment of its own.
struct Told {
    payment: PaymentId,
    order: OrderId,
    customer: CustomerId,
    method: PaymentMethod,
    amount: Cents,
    currency: Currency,
    verdict: Verdict,
}

/// Applies one result, however often and in whichever order results come.
pub async fn receive_payment_result(app: &App, event: &RawEnvelope) -> Result<(), Failure> {
    match event.event_type.as_str() {
        PaymentSucceededV1::TYPE => {
            let said: PaymentSucceededV1 = event.read().map_err(Failure::broken)?;
            apply(
                app,
                Told {
                    payment: said.payment_id,
                    order: said.order_id,
                    customer: said.customer_id,
                    method: said.method,
                    amount: said.amount_cents,
                    currency: said.currency,
                    verdict: Verdict::Paid,
                },
            )
            .await
        }
        PaymentFailedV1::TYPE => {
            let said: PaymentFailedV1 = event.read().map_err(Failure::broken)?;
            apply(
                app,
                Told {
                    payment: said.payment_id,
                    order: said.order_id,
                    customer: said.customer_id,
                    method: said.method,
                    amount: said.amount_cents,
                    currency: said.currency,
                    verdict: Verdict::Failed,
                },
            )
            .await
        }
        PaymentRefundedV1::TYPE => {
            let said: PaymentRefundedV1 = event.read().map_err(Failure::broken)?;
            retry_on_stale_read(|| {
                refund::refunded_externally(app, said.payment_id, said.order_id, said.refunded_cents)
            })
            .await
        }
        other => Err(Failure::broken(format!("an event of type {other}"))),
    }
}

async fn apply(app: &App, told: Told) -> Result<(), Failure> {
    if told.method != PaymentMethod::External {
        return Err(Failure::broken("a result of an external system about one of our own ways to pay"));
    }
    let notice = Notice {
        merchant: String::new(),
        trade_no: told.payment.to_string(),
        provider_no: None,
        verdict: told.verdict,
        amount: Some(told.amount),
        currency: Some(told.currency),
        simulated: false,
        way: None,
        authorization: None,
        code: String::new(),
        raw: Vec::new(),
    };
    if app.store.find_trade(&notice.trade_no).await?.is_none() {
        write_down(app, &told, &notice.trade_no).await?;
    }
    if let Some(known) = app.store.find_trade(&notice.trade_no).await?
        && app.store.load_payment(known).await?.order != told.order
    {
        let task = task(app, TaskKind::Mismatch, PaymentMethod::External, &notice, "order");
        return park(app, &task).await;
    }
    notice::apply(app, PaymentMethod::External, &notice.merchant, &notice).await
}

/// Makes the external system's payment one of the shop's: what the order costs is due, whatever was taken. An order that is not
/// there has none; its money is parked as that of an unknown trade.
async fn write_down(app: &App, told: &Told, trade_no: &str) -> Result<(), Failure> {
    let order = match app.store.load_order(&told.customer, told.order).await {
        Err(Failure::Refused(Refusal::OrderNotFound)) => return Ok(()),
        order => order?,
    };
    let now = app.now();
    let attempt = CheckoutAttempt {
        trade_no: trade_no.to_owned(),
        provider_no: None,
        url: None,
        opened_at_ms: now.as_millisecond(),
        ended: false,
    };
    let checkout = Checkout { attempts: vec![attempt], ..Checkout::new(app.new_token()?, now) };
    let begun = begin::new(app, &order, PaymentMethod::External)?;
    let payment = Payment { id: told.payment, checkout: Some(checkout), next_check_at: None, ..begun };
    let mut tx = app.tx()?;
    tx.insert_payment(&payment)?;
    tx.insert_trade(trade_no, payment.id)?;
    tx.commit().await?;
    Ok(())
}
