//! How an attempt to pay at a provider begins: one at a time per order, and an abandoned one gives way.

use crate::App;
use contracts::Failure;
use contracts::events::PaymentExpiredV1;
use contracts::payments::PaymentView;
use domain::id::{CustomerId, OrderId, PaymentId};
use domain::money::Cents;
use domain::order::Order;
use domain::payment::{Checkout, Payment, PaymentMethod, PaymentStatus};
use domain::{Moment, Refusal};
use store::{Answer, Idempotency, Rejected, retry_on_stale_read};

/// Begins an attempt, or goes on with the one that lives.
pub(super) async fn begin(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    order: OrderId,
    method: PaymentMethod,
    base: &str,
) -> Result<Answer, Failure> {
    if app.payments.of(method).await?.is_none() {
        return Err(Refusal::PaymentMethodNotOffered.into());
    }
    retry_on_stale_read(|| attempt(app, customer, idempotency, order, method, base)).await
}

async fn attempt(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    id: OrderId,
    method: PaymentMethod,
    base: &str,
) -> Result<Answer, Rejected> {
    let order = app.store.load_order(customer, id).await?;
    let (now, live) = (app.now(), app.shop().checkout_live());
    let before = last_attempt(app, &order).await?.filter(|payment| payment.status == PaymentStatus::Init);
    let mut tx = app.tx()?;
    let payment = match before {
        Some(payment) if payment.is_live(now, live) => {
            if payment.method != method {
                return Err(Refusal::PaymentInProgress.into());
            }
            // Still the order's turn to be paid?
            order.attempt(payment.id, now)?;
            let mut payment = payment.next(now);
            if let Some(checkout) = &mut payment.checkout {
                checkout.active_at = now;
            }
            tx.save_payment(&payment)?;
            payment
        }
        before => {
            let payment = new(app, &order, method)?;
            tx.save_order(&order.attempt(payment.id, now)?)?;
            tx.insert_payment(&payment)?;
            if let Some(abandoned) = before {
                // Its trades are still known and asked about: money that comes by one of them is not lost.
                let next_check_at =
                    abandoned.next_check_at.filter(|_| abandoned.checkout.iter().any(|at| !at.attempts.is_empty()));
                let abandoned = Payment { next_check_at, ..abandoned.expire(now) };
                tx.save_payment(&abandoned)?;
                tx.emit(&PaymentExpiredV1::from(&abandoned))?;
            }
            payment
        }
    };
    let answer = Answer::new(201, &PaymentView::with_checkout(&payment, base, live, now))?;
    tx.idempotent(idempotency, &answer)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}

/// An attempt to pay what an order costs.
pub(super) fn new(app: &App, order: &Order, method: PaymentMethod) -> Result<Payment, Failure> {
    let now = app.now();
    if order.total() <= Cents::ZERO {
        // A coupon made it free: points pay it, nothing is what no provider charges.
        return Err(Refusal::PaymentMethodNotOffered.into());
    }
    let payment = Payment::new(PaymentId::new(app.new_id()?), order.amount_due(), method, now);
    let checkout = Some(Checkout::new(app.new_token()?, now));
    Ok(Payment { checkout, next_check_at: now.checked_add(app.shop().checkout_live()).ok(), ..payment })
}

async fn last_attempt(app: &App, order: &Order) -> Result<Option<Payment>, Failure> {
    match order.attempt {
        Some(id) => app.store.load_payment(id).await.map(Some),
        None => Ok(None),
    }
}

/// Refuses to pay an order in another way while a checkout of it lives.
///
/// # Errors
/// [`Refusal::PaymentInProgress`].
pub(super) async fn leave_to_others(app: &App, order: &Order, now: Moment) -> Result<(), Failure> {
    let lives = last_attempt(app, order).await?.is_some_and(|payment| payment.is_live(now, app.shop().checkout_live()));
    if lives && order.may_be_paid() { Err(Refusal::PaymentInProgress.into()) } else { Ok(()) }
}
