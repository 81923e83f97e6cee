//! A paid order that will not be fulfilled: its stock is released, a refund is requested, and a coupon that is still valid
//! is returned to the customer.

use crate::App;
use crate::payments::request_refund;
use contracts::Failure;
use contracts::events::OrderFailedV1;
use domain::order::{Order, ShopReason};
use store::{Rejected, Tx};

/// Whether a paid order's coupon is still valid, so that the end of the order returns it.
pub(crate) async fn is_coupon_returnable(app: &App, order: &Order) -> Result<bool, Failure> {
    let Some(coupon) = order.coupon.filter(|_| order.status.has_money()) else { return Ok(false) };
    let used = app.store.find_user_coupon(&order.customer, coupon).await?;
    Ok(used.is_some_and(|used| used.is_returnable(order.id, app.now())))
}

/// Returns the coupon that a paid order has used to its customer, if the order says so.
pub(crate) fn return_coupon(tx: &mut Tx<'_>, ended: &Order) -> Result<(), Failure> {
    match ended.coupon.filter(|_| ended.coupon_returned) {
        Some(coupon) => tx.return_coupon(&ended.customer, coupon, ended.id),
        None => Ok(()),
    }
}

/// Fails a paid order that cannot be fulfilled. The customer reads `kept`; the event has `why`, because a carrier's text
/// may contain personal data. Does nothing when the order is not PAID any more.
pub(crate) async fn fail_paid(app: &App, order: &Order, kept: &str, why: ShopReason) -> Result<(), Rejected> {
    let Some(failed) = order.clone().fail(kept, app.now()) else { return Ok(()) };
    let coupon_returned = is_coupon_returnable(app, order).await?;
    let failed = Order { coupon_returned, ..failed };
    let mut tx = app.tx()?;
    tx.save_order(&failed)?;
    tx.release_allocations(order)?;
    request_refund(app, &mut tx, order).await?;
    return_coupon(&mut tx, &failed)?;
    tx.emit(&OrderFailedV1 { reason: why.as_str().to_owned(), ..OrderFailedV1::from(&failed) })?;
    tx.commit().await?;
    Ok(())
}
