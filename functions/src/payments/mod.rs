//! Money: paying an order, and giving it back.

pub mod get_payment;
pub mod pay_order;
pub mod refund_payment;
pub mod request_payments;

use crate::App;
use contracts::Failure;
use contracts::events::PaymentRefundRequestedV1;
use domain::order::Order;
use domain::payment::{Payment, PaymentStatus};
use store::Tx;

/// Asks for the refund of an order that was paid and will not be served.
pub(crate) async fn request_refund(app: &App, tx: &mut Tx<'_>, order: &Order) -> Result<(), Failure> {
    let id = order.payment.ok_or_else(|| Failure::broken("a paid order without a payment"))?;
    let payment = app.store.load_payment(id).await?;
    let before = payment.status;
    let payment = Payment { status: PaymentStatus::RefundRequested, updated_at: app.now(), ..payment };
    tx.save_payment(&payment, before)?;
    tx.emit(&PaymentRefundRequestedV1::from(&payment))
}
