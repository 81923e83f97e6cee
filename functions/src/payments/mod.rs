//! Money: paying an order, and giving it back.

mod begin;
pub mod confirm_line_pay;
pub mod get_payment;
mod late;
pub mod list_payment_tasks;
mod notice;
pub mod open_checkout;
mod page;
pub mod pay_order;
pub mod receive_ecpay_callback;
pub mod receive_newebpay_callback;
pub mod receive_payment_result;
pub mod reconcile_payments;
pub mod record_refund;
mod refund;
pub mod refund_order;
pub mod refund_payment;
pub mod request_payments;
pub mod return_from_line_pay;

use crate::App;
use contracts::Failure;
use contracts::events::PaymentRefundRequestedV1;
use domain::Moment;
use domain::money::Cents;
use domain::order::Order;
use domain::payment::{CheckoutAttempt, Payment, PaymentMethod};
use providers::payment::Trade;
use store::Tx;

/// Asks for the refund of all that is left of the money of an order that was paid and will not be served.
pub(crate) async fn request_refund(app: &App, tx: &mut Tx<'_>, order: &Order) -> Result<(), Failure> {
    let id = order.payment.ok_or_else(|| Failure::broken("a paid order without a payment"))?;
    let payment = app.store.load_payment(id).await?;
    let rest = payment.refundable();
    request_part(app, tx, payment, rest)
}

/// Asks for `amount` of a payment's money.
fn request_part(app: &App, tx: &mut Tx<'_>, payment: Payment, amount: Cents) -> Result<(), Failure> {
    let now = app.now();
    let requested = payment.request_refund(amount, now)?;
    // Should the request get lost on its way, the next round of reconciliation finds it.
    let at_provider = requested.checkout.as_ref().filter(|_| requested.method != PaymentMethod::External);
    let next_check_at = at_provider.map(|_| app.shop().next_check_at(now, 0));
    let requested = Payment { next_check_at, ..requested };
    tx.save_payment(&requested)?;
    tx.emit(&PaymentRefundRequestedV1::from(&requested))
}

/// An opening, as its provider is asked about it.
fn trade(payment: &Payment, attempt: &CheckoutAttempt, now: Moment) -> Trade {
    Trade {
        trade_no: attempt.trade_no.clone(),
        provider_no: attempt.provider_no.clone(),
        authorization: None,
        way: None,
        amount: payment.amount,
        currency: payment.currency,
        now,
    }
}
