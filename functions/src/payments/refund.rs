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
use domain::payment::{Ask, Payment, PaymentMethod, PaymentStatus, Task, TaskKind};
use jiff::SignedDuration;
use providers::payment::{PaymentProvider, Refunded, Trade, Trouble};
use runtime::telemetry::Metric;
use store::orders::Reads;
use store::{Rejected, Tx, settle};

/// For how long whoever asked a provider is taken to be alive and waiting.
const PATIENCE: SignedDuration = SignedDuration::from_mins(3);
/// When a refund is tried again that the provider does not make now, e.g. before the card's capture.
const NOT_NOW: SignedDuration = SignedDuration::from_hours(1);

/// Gives back what is due of a payment, if anything is.
pub(super) async fn advance(app: &App, id: PaymentId) -> Result<(), Failure> {
    let payment = app.store.load_payment(id).await?;
    if payment.status != PaymentStatus::RefundRequested || payment.by_hand.is_some() {
        return Ok(());
    }
    match payment.method {
        PaymentMethod::Points => settle(|| with_points(app, id)).await,
        PaymentMethod::Ecpay | PaymentMethod::Newebpay | PaymentMethod::LinePay => at_provider(app, payment).await,
        // The outside system that took it hears the request on the bus too, and says when it is done.
        PaymentMethod::Outside => Ok(()),
    }
}

/// An outside system says how much it has given back so far of money that it took.
pub(super) async fn given_back_outside(
    app: &App,
    id: PaymentId,
    order: OrderId,
    refunded: Cents,
) -> Result<(), Rejected> {
    let payment = app.store.load_payment(id).await?;
    if payment.method != PaymentMethod::Outside || payment.order != order || refunded > payment.refund_due {
        return Err(Failure::broken("a refund that nobody asked an outside system for").into());
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
    if let Some(ask) = payment.ask {
        if app.now().duration_since(ask.at) < PATIENCE {
            return Err(Failure::Busy);
        }
        match look_back(provider.as_ref(), &trade, &payment, ask).await {
            Found::NotDone => {}
            found => return record(app, payment.id, ask, found).await,
        }
    }
    let now = app.now();
    let asked = payment.ask_back(now, app.shop().look_at(now, 0));
    let Some(ask) = asked.ask else { return Ok(()) };
    let mut tx = app.tx()?;
    tx.save_payment(&asked)?;
    tx.commit().await?;
    let found = match provider.refund(&trade, ask.amount, asked.refunded).await {
        Ok(Refunded::Done(_)) => Found::Done,
        Ok(Refunded::ByHand(why)) | Err(Trouble::Refused(why)) => Found::ByHand(why),
        Err(Trouble::Unchargeable) => Found::ByHand("amount".to_owned()),
        Err(Trouble::Pause(_)) => Found::NotNow,
        Err(Trouble::Unknown(_)) => Found::Unknown,
        Err(Trouble::Signature) => {
            app.count(Metric::BadSignatures);
            app.payments.renewed(asked.method).await?;
            Found::NotNow
        }
    };
    record(app, asked.id, ask, found).await
}

/// What became of what a provider was asked.
#[derive(Debug)]
enum Found {
    Done,
    NotDone,
    NotNow,
    Unknown,
    ByHand(String),
}

/// Asks what became of an earlier request whose answer nobody heard.
async fn look_back(provider: &dyn PaymentProvider, trade: &Trade, payment: &Payment, ask: Ask) -> Found {
    match provider.refunded(trade).await {
        Ok(total) if total >= payment.refunded.plus(ask.amount) => Found::Done,
        Ok(total) if total == payment.refunded => Found::NotDone,
        Ok(_) => Found::ByHand("amounts_differ".to_owned()),
        // It cannot be looked up: to ask again might refund twice.
        Err(Trouble::Refused(why)) => Found::ByHand(why),
        Err(Trouble::Unchargeable) => Found::ByHand("amount".to_owned()),
        Err(Trouble::Unknown(_) | Trouble::Pause(_) | Trouble::Signature) => Found::Unknown,
    }
}

/// Writes down what became of `ask`, unless somebody did.
async fn record(app: &App, id: PaymentId, ask: Ask, found: Found) -> Result<(), Failure> {
    settle(|| async {
        let payment = app.store.load_payment(id).await?;
        if payment.ask != Some(ask) {
            return Ok(());
        }
        let now = app.now();
        let looks = payment.looks;
        let mut tx = app.tx()?;
        match &found {
            Found::Done => {
                let order = app.store.load_order(&payment.customer, payment.order).await?;
                book(app, &mut tx, payment, order, ask.amount)?;
            }
            Found::ByHand(why) => {
                tx.insert_task(&by_hand(app, &payment, ask.amount, why))?;
                tx.save_payment(&payment.leave_to_people(why, now))?;
            }
            Found::Unknown => tx.save_payment(&payment.put_off(true, app.shop().look_at(now, looks), now))?,
            Found::NotNow | Found::NotDone => {
                let look_at = now.checked_add(NOT_NOW).unwrap_or(now);
                tx.save_payment(&payment.put_off(false, look_at, now))?;
            }
        }
        tx.commit().await?;
        match &found {
            Found::Done => app.count(Metric::Refunds),
            Found::ByHand(_) => app.count(Metric::RefundsByHand),
            Found::Unknown | Found::NotNow | Found::NotDone => {}
        }
        Ok(())
    })
    .await
}

/// An admin has to give money back.
fn by_hand(app: &App, payment: &Payment, amount: Cents, why: &str) -> Task {
    task(app, payment, TaskKind::RefundByHand, amount, why)
}

/// An admin gave it back.
pub(super) fn refunded_by_hand(app: &App, payment: &Payment, amount: Cents, how: &str) -> Task {
    task(app, payment, TaskKind::RefundedByHand, amount, how)
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
