//! How money goes back: points through the ledger, a provider's money at the provider.
//!
//! A provider has no idempotency key. So what is asked of it is written down first, with the time, which also keeps a second
//! worker away; whoever finds such a note later asks what became of it before anything is asked again. This is the one place
//! where something follows a transaction, and what follows may be lost at any point without harm.

use crate::App;
use contracts::Failure;
use contracts::events::{OrderRefundedV1, PaymentRefundedV1};
use domain::id::{EntryId, OrderId, PaymentId};
use domain::money::Cents;
use domain::order::{Order, OrderStatus};
use domain::payment::{Payment, PaymentMethod, PaymentStatus, PendingRefund, Task, TaskKind};
use jiff::SignedDuration;
use providers::payment::{PaymentProvider, ProviderError, Refunded, Trade};
use runtime::telemetry::Metric;
use store::orders::Reads;
use store::{Rejected, Tx, retry_on_stale_read};

/// For how long whoever asked a provider is taken to be alive and waiting.
const PATIENCE: SignedDuration = SignedDuration::from_mins(3);
/// When a refund is tried again that the provider does not make now, e.g. before the card's capture.
const NOT_NOW: SignedDuration = SignedDuration::from_hours(1);

/// Gives back what is due of a payment, if anything is.
pub(super) async fn advance(app: &App, id: PaymentId) -> Result<(), Failure> {
    let payment = app.store.load_payment(id).await?;
    if payment.status != PaymentStatus::RefundRequested || payment.manual_reason.is_some() {
        return Ok(());
    }
    match payment.method {
        PaymentMethod::Points => retry_on_stale_read(|| with_points(app, id)).await,
        PaymentMethod::Ecpay | PaymentMethod::Newebpay | PaymentMethod::LinePay => at_provider(app, payment).await,
        // The external system that took it hears the request on the bus too, and says when it is done.
        PaymentMethod::External => Ok(()),
    }
}

/// An external system says how much it has given back so far of money that it took.
pub(super) async fn refunded_externally(
    app: &App,
    id: PaymentId,
    order: OrderId,
    refunded: Cents,
) -> Result<(), Rejected> {
    let payment = app.store.load_payment(id).await?;
    if payment.method != PaymentMethod::External || payment.order != order || refunded > payment.refund_due {
        return Err(Failure::broken("a refund that nobody asked an external system for").into());
    }
    // Said before.
    if refunded <= payment.refunded {
        return Ok(());
    }
    let order = app.store.load_order(&payment.customer, payment.order).await?;
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
    let (order, wallet) = app.store.load_order_and_wallet(&payment.customer, payment.order, Reads::Strong).await?;
    let (now, amount) = (app.now(), payment.owed());
    let mut tx = app.tx()?;
    if amount > Cents::ZERO {
        let (after, entry) = wallet.refund(EntryId::new(app.new_id()?), amount, payment.order, now);
        tx.move_points(&payment.customer, wallet, after, &entry)?;
    }
    book(app, &mut tx, payment, order, amount)?;
    tx.commit().await?;
    app.count(Metric::Refunds);
    Ok(())
}

/// Writes down that money went back. An order that this payment paid, or that nothing paid, shows it; one that other money
/// paid does not.
pub(super) fn book(app: &App, tx: &mut Tx<'_>, payment: Payment, order: Order, amount: Cents) -> Result<(), Failure> {
    let now = app.now();
    let payment = payment.give_back(amount, now);
    tx.save_payment(&payment)?;
    tx.emit(&PaymentRefundedV1::from(&payment))?;
    if order.payment.is_none_or(|paid_by| paid_by == payment.id) {
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
    step.map(|step| step.at).ok_or_else(|| Failure::broken("a refund of an order that was never paid"))
}

async fn at_provider(app: &App, payment: Payment) -> Result<(), Failure> {
    let provider = app.payments.of(payment.method).await?;
    let provider = provider.ok_or_else(|| Failure::broken("a payment at a provider without a contract"))?;
    let trade = taken(app, &payment)?;
    if let Some(pending_refund) = payment.pending_refund {
        if app.now().duration_since(pending_refund.at) < PATIENCE {
            return Err(Failure::Busy);
        }
        match look_back(provider.as_ref(), &trade, &payment, pending_refund).await {
            RefundResult::NotDone => {}
            found => return record(app, payment.id, pending_refund, found).await,
        }
    }
    let now = app.now();
    let requested = payment.begin_refund(now, app.shop().next_check_at(now, 0));
    let Some(pending_refund) = requested.pending_refund else { return Ok(()) };
    let mut tx = app.tx()?;
    tx.save_payment(&requested)?;
    tx.commit().await?;
    let found = match provider.refund(&trade, pending_refund.amount, requested.refunded).await {
        Ok(Refunded::Done(_)) => RefundResult::Done,
        Ok(Refunded::Manual(why)) | Err(ProviderError::Refused(why)) => RefundResult::Manual(why),
        Err(ProviderError::Unchargeable) => RefundResult::Manual("amount".to_owned()),
        Err(ProviderError::Pause(_)) => RefundResult::NotNow,
        Err(ProviderError::Unknown(_)) => RefundResult::Unknown,
        Err(ProviderError::Signature) => {
            app.count(Metric::BadSignatures);
            app.payments.renewed(requested.method).await?;
            RefundResult::NotNow
        }
    };
    record(app, requested.id, pending_refund, found).await
}

/// What became of what a provider was asked.
#[derive(Debug)]
enum RefundResult {
    Done,
    NotDone,
    NotNow,
    Unknown,
    Manual(String),
}

/// Asks what became of an earlier request whose answer nobody heard.
async fn look_back(
    provider: &dyn PaymentProvider,
    trade: &Trade,
    payment: &Payment,
    pending_refund: PendingRefund,
) -> RefundResult {
    match provider.refunded(trade).await {
        Ok(total) if total >= payment.refunded.plus(pending_refund.amount) => RefundResult::Done,
        Ok(total) if total == payment.refunded => RefundResult::NotDone,
        Ok(_) => RefundResult::Manual("amounts_differ".to_owned()),
        // It cannot be looked up: to ask again might refund twice.
        Err(ProviderError::Refused(why)) => RefundResult::Manual(why),
        Err(ProviderError::Unchargeable) => RefundResult::Manual("amount".to_owned()),
        Err(ProviderError::Unknown(_) | ProviderError::Pause(_) | ProviderError::Signature) => RefundResult::Unknown,
    }
}

/// Writes down what became of `pending_refund`, unless somebody did.
async fn record(app: &App, id: PaymentId, pending_refund: PendingRefund, found: RefundResult) -> Result<(), Failure> {
    retry_on_stale_read(|| async {
        let payment = app.store.load_payment(id).await?;
        if payment.pending_refund != Some(pending_refund) {
            return Ok(());
        }
        let now = app.now();
        let checks = payment.checks;
        let mut tx = app.tx()?;
        match &found {
            RefundResult::Done => {
                let order = app.store.load_order(&payment.customer, payment.order).await?;
                book(app, &mut tx, payment, order, pending_refund.amount)?;
            }
            RefundResult::Manual(why) => {
                tx.insert_task(&manual_refund(app, &payment, pending_refund.amount, why))?;
                tx.save_payment(&payment.require_manual_refund(why, now))?;
            }
            RefundResult::Unknown => {
                tx.save_payment(&payment.put_off(true, app.shop().next_check_at(now, checks), now))?
            }
            RefundResult::NotNow | RefundResult::NotDone => {
                let next_check_at = now.checked_add(NOT_NOW).unwrap_or(now);
                tx.save_payment(&payment.put_off(false, next_check_at, now))?;
            }
        }
        tx.commit().await?;
        match &found {
            RefundResult::Done => app.count(Metric::Refunds),
            RefundResult::Manual(_) => app.count(Metric::ManualRefunds),
            RefundResult::Unknown | RefundResult::NotNow | RefundResult::NotDone => {}
        }
        Ok(())
    })
    .await
}

/// An admin has to give money back.
fn manual_refund(app: &App, payment: &Payment, amount: Cents, why: &str) -> Task {
    task(app, payment, TaskKind::ManualRefund, amount, why)
}

/// An admin gave it back.
pub(super) fn manual_refund_done(app: &App, payment: &Payment, amount: Cents, how: &str) -> Task {
    task(app, payment, TaskKind::ManuallyRefunded, amount, how)
}

fn task(app: &App, payment: &Payment, kind: TaskKind, amount: Cents, why: &str) -> Task {
    let taken = payment.checkout.as_ref().and_then(|checkout| checkout.taken.as_ref());
    Task {
        kind,
        method: payment.method,
        payment_id: Some(payment.id),
        order_id: Some(payment.order),
        trade_no: taken.map(|taken| taken.trade_no.clone()).unwrap_or_default(),
        provider_no: taken.and_then(|taken| taken.provider_no.clone()),
        amount_cents: Some(amount),
        why: why.to_owned(),
        at_ms: app.now().as_millisecond(),
    }
}

/// The trade that brought the money.
fn taken(app: &App, payment: &Payment) -> Result<Trade, Failure> {
    let taken = payment.checkout.as_ref().and_then(|checkout| checkout.taken.clone());
    let taken = taken.ok_or_else(|| Failure::broken("a refund of money that no trade brought"))?;
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
