//! Points that are bought at a provider: the start of the payment, and the credit after its success.

use super::notices::{event, taken};
use crate::App;
use contracts::Failure;
use contracts::events::{PaymentSucceededV1, PointsChargedV1};
use contracts::payments::{Links, PaymentView};
use domain::id::{CustomerId, EntryId, PaymentId};
use domain::money::Cents;
use domain::payment::{AmountDue, Checkout, Payment, PaymentMethod};
use domain::{Invalid, Refusal};
use providers::payment::Notice;
use store::{Answer, Idempotency, Rejected};

/// A customer's request to buy points.
pub(crate) struct TopUp<'t> {
    pub(crate) customer: &'t CustomerId,
    pub(crate) amount: Cents,
    pub(crate) method: PaymentMethod,
    pub(crate) idempotency: Option<&'t Idempotency>,
    /// `https://` and the API's host.
    pub(crate) base: &'t str,
}

/// Begins a payment for points at a provider. The minimum charge and the maximum balance are checked here, the maximum
/// again when the money arrives.
///
/// # Errors
/// [`Refusal::ChargeBelowMinimum`], [`Refusal::BalanceLimitExceeded`], [`Refusal::PaymentMethodNotOffered`],
/// [`Refusal::Invalid`] for an amount that no provider can charge.
pub(crate) async fn begin(app: &App, wish: &TopUp<'_>) -> Result<Answer, Failure> {
    let (shop, now) = (app.shop(), app.now());
    app.store.load_wallet(wish.customer).await?.may_be_charged(wish.amount, shop)?;
    if shop.charge_unit.floor(wish.amount) != wish.amount {
        let must = format!("must be a multiple of {}", shop.charge_unit.get());
        return Err(Refusal::from(Invalid::field("amount_cents", must)).into());
    }
    if !shop.takes(wish.method, wish.amount) || app.payments.of(wish.method).await?.is_none() {
        return Err(Refusal::PaymentMethodNotOffered.into());
    }
    let due = AmountDue { customer: wish.customer.clone(), order: None, amount: wish.amount, currency: shop.currency };
    let begun = Payment::new(PaymentId::new(app.new_id()?), due, wish.method, now);
    let checkout = Some(Checkout::new(app.new_token()?, now));
    let payment = Payment { checkout, next_check_at: now.checked_add(shop.checkout_live()).ok(), ..begun };
    let links = Links { api: wish.base, shop: app.shop_url() };
    let answer = Answer::new(201, &PaymentView::with_checkout(&payment, links, shop.checkout_live(), now))?;
    let mut tx = app.tx()?;
    tx.insert_payment(&payment)?;
    tx.idempotent(wish.idempotency, &answer)?;
    Ok(tx.commit().await?.unwrap_or(answer))
}

/// Credits the points that a payment has bought, in the transaction of its success. Writes nothing and returns `None` when
/// the balance has no room for them.
pub(super) async fn credit(app: &App, payment: &Payment, notice: &Notice) -> Result<Option<()>, Rejected> {
    let now = app.now();
    let wallet = app.store.load_wallet(&payment.customer).await?;
    let entry = EntryId::new(app.new_id()?);
    let Ok((after, entry)) = wallet.top_up(entry, (payment.id, payment.amount), app.shop(), now) else {
        return Ok(None);
    };
    let paid = payment.clone().succeed(taken(notice), now);
    let mut tx = app.tx()?;
    tx.save_payment(&paid)?;
    tx.insert_provider_event(paid.id, &event(app, notice))?;
    tx.move_points(&paid.customer, wallet, after, &entry)?;
    tx.emit(&PaymentSucceededV1::from(&paid))?;
    tx.emit(&PointsChargedV1::new(paid.customer.clone(), after, &entry))?;
    tx.commit().await?;
    app.store.remember_wallet(&paid.customer, after);
    Ok(Some(()))
}

/// Whether money that the customer has approved can be used: the order waits for it, or the balance has room for it.
pub(super) async fn is_wanted(app: &App, payment: &Payment) -> Result<bool, Failure> {
    match payment.order {
        Some(order) => Ok(app.store.load_order(&payment.customer, order).await?.may_be_paid()),
        None => {
            let wallet = app.store.load_wallet(&payment.customer).await?;
            Ok(wallet.has_room(payment.amount, app.shop()).is_ok())
        }
    }
}
