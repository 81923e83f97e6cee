//! The start of a payment at a provider: one at a time per order, and an abandoned one is replaced.

pub(super) mod open;
pub(super) mod pages;

use crate::App;
use contracts::Failure;
use contracts::events::PaymentExpiredV1;
use contracts::payments::{Links, PaymentView};
use domain::id::{CustomerId, OrderId, PaymentId};
use domain::money::Cents;
use domain::order::Order;
use domain::payment::{Checkout, Payment, PaymentMethod, PaymentStatus};
use domain::{Moment, Refusal};
use store::{Answer, Idempotency, Rejected, Tx, retry_on_stale_read};

/// The request of a customer to pay at a provider.
pub(super) struct Wish<'w> {
    pub(super) customer: &'w CustomerId,
    pub(super) order: OrderId,
    pub(super) method: PaymentMethod,
    pub(super) idempotency: Option<&'w Idempotency>,
    /// Base URL of the API.
    pub(super) base: &'w str,
}

/// Starts a payment, or continues the current one.
pub(super) async fn begin(app: &App, wish: &Wish<'_>) -> Result<Answer, Failure> {
    if app.payments.of(wish.method).await?.is_none() {
        return Err(Refusal::PaymentMethodNotOffered.into());
    }
    retry_on_stale_read(|| attempt(app, wish)).await
}

async fn attempt(app: &App, wish: &Wish<'_>) -> Result<Answer, Rejected> {
    let order = app.store.load_order(wish.customer, wish.order).await?;
    let (now, live) = (app.now(), app.shop().checkout_live());
    let before = last_attempt(app, &order).await?.filter(|payment| payment.status == PaymentStatus::Init);
    let mut tx = app.tx()?;
    let payment = match before {
        Some(payment) if payment.is_live(now, live) && payment.method != wish.method => {
            return Err(Refusal::PaymentInProgress.into());
        }
        Some(payment) if payment.is_live(now, live) && has_room(&payment) => {
            // Checks that it is still the order's current payment.
            order.attempt(payment.id, payment.method, now)?;
            let mut payment = payment.next(now);
            if let Some(checkout) = &mut payment.checkout {
                checkout.active_at = now;
            }
            tx.save_payment(&payment)?;
            payment
        }
        before => {
            let payment = new(app, &order, wish.method)?;
            tx.save_order(&order.attempt(payment.id, payment.method, now)?)?;
            tx.insert_payment(&payment)?;
            if let Some(before) = before {
                give_way(app, &mut tx, before)?;
            }
            payment
        }
    };
    let links = Links { api: wish.base, shop: app.shop_url() };
    let answer = Answer::new(201, &PaymentView::with_checkout(&payment, links, live, now))?;
    tx.idempotent(wish.idempotency, &answer)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}

/// Whether a checkout can open another trade.
fn has_room(payment: &Payment) -> bool {
    payment.checkout.as_ref().is_some_and(Checkout::has_room)
}

/// The payment that another one replaces. Its trades are still looked up, so that money captured for them is not lost.
fn give_way(app: &App, tx: &mut Tx<'_>, payment: Payment) -> Result<(), Failure> {
    let expired = payment.expire(app.now());
    tx.save_payment(&expired)?;
    tx.emit(&PaymentExpiredV1::from(&expired))
}

/// A payment of the order's total.
fn new(app: &App, order: &Order, method: PaymentMethod) -> Result<Payment, Failure> {
    let now = app.now();
    // A coupon can reduce a total to zero: then the order is paid with points, because no provider charges zero.
    if order.total() <= Cents::ZERO || !app.shop().takes(method, order.total()) {
        return Err(Refusal::PaymentMethodNotOffered.into());
    }
    let checkout = Some(Checkout::new(app.new_token()?, now));
    let payment = Payment::new(PaymentId::new(app.new_id()?), order.amount_due(), method, now);
    Ok(Payment { checkout, next_check_at: now.checked_add(app.shop().checkout_live()).ok(), ..payment })
}

async fn last_attempt(app: &App, order: &Order) -> Result<Option<Payment>, Failure> {
    match order.attempt {
        Some(id) => app.store.load_payment(id).await.map(Some),
        None => Ok(None),
    }
}

/// Refuses another payment method while a checkout of the order is in progress.
///
/// # Errors
/// [`Refusal::PaymentInProgress`].
pub(super) async fn leave_to_others(app: &App, order: &Order, now: Moment) -> Result<(), Failure> {
    let lives = last_attempt(app, order).await?.is_some_and(|payment| payment.is_live(now, app.shop().checkout_live()));
    if lives && order.may_be_paid() { Err(Refusal::PaymentInProgress.into()) } else { Ok(()) }
}
