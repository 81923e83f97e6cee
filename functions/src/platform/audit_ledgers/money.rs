//! I3: captured money belongs to a paid order, or is refunded once, and never more than was captured.

use super::Differences;
use super::customers::{Customers, OrderBook};
use domain::id::OrderId;
use domain::money::Cents;
use domain::order::OrderStatus;
use domain::payment::{Payment, PaymentStatus};

impl Customers {
    /// A payment against its order, or against the ledger of points.
    pub(super) fn payment(&mut self, payment: &Payment, found: &mut Differences) {
        let Some(id) = payment.order else {
            let bought = self.bought.get(&payment.id).map(|bought| bought.amount);
            return top_up(payment, bought, found);
        };
        let subject = || subject(payment, id);
        let Some(order) = self.orders.get_mut(&id) else {
            return found.compare("I3", subject, "an order".to_owned(), "none".to_owned());
        };
        order.back = order.back.plus(payment.refunded);
        found.compare("I3", || format!("{}: amount", subject()), order.total, payment.amount);
        sums(payment, subject, found);
        if order.payment == Some(payment.id) {
            order.paid_by += 1;
            paid_by(order, payment, subject, found);
        } else if payment.status.was_taken() {
            // Late money, or a second payment: all of it is refunded.
            found.compare("I3", || format!("{}: goes back", subject()), payment.amount, payment.refund_due);
        }
    }

    /// Every order against its payments.
    pub(super) fn orders(&self, found: &mut Differences) {
        for (id, order) in &self.orders {
            let is_paid = order.payment.is_some();
            let subject = || format!("order {id}: the payment that paid it");
            found.compare("I3", subject, u32::from(is_paid), order.paid_by);
            found.compare("I3", || format!("order {id}: has money"), true, is_paid || !order.status.has_money());
            if !is_paid {
                found.compare("I3", || format!("order {id}: refunded"), order.back, order.refunded);
            }
        }
    }
}

fn subject(payment: &Payment, order: OrderId) -> String {
    format!("payment {} of order {order}", payment.id)
}

/// Money for points is in the ledger, or is refunded in full.
fn top_up(payment: &Payment, bought: Option<Cents>, found: &mut Differences) {
    let subject = || format!("payment {} of points", payment.id);
    sums(payment, subject, found);
    let goes_back = payment.refund_due == payment.amount;
    let expected = if payment.status.was_taken() && !goes_back { payment.amount } else { Cents::ZERO };
    found.compare("I3", || format!("{}: in the ledger", subject()), expected, bought.unwrap_or_default());
}

/// No more is refunded than is due, and no more is due than was captured.
fn sums(payment: &Payment, subject: impl Fn() -> String, found: &mut Differences) {
    let is_ordered = payment.refunded <= payment.refund_due && payment.refund_due <= payment.amount;
    found.compare("I3", || format!("{}: refunded, due, taken in this order", subject()), true, is_ordered);
    let nothing_due = payment.status.was_taken() || payment.refund_due == Cents::ZERO;
    found.compare("I3", || format!("{}: nothing goes back that was not taken", subject()), true, nothing_due);
}

/// An order and the payment that paid it agree.
fn paid_by(order: &OrderBook, payment: &Payment, subject: impl Fn() -> String, found: &mut Differences) {
    found.compare("I3", || format!("{}: refunded", subject()), order.refunded, payment.refunded);
    let has_ended = matches!(order.status, OrderStatus::Canceled | OrderStatus::Failed) && payment.amount > Cents::ZERO;
    let must_go_back = has_ended || order.status == OrderStatus::Refunded;
    let expected = if order.status == OrderStatus::Refunded {
        PaymentStatus::Refunded
    } else if must_go_back || payment.refunded < payment.refund_due {
        PaymentStatus::RefundRequested
    } else {
        PaymentStatus::Succeeded
    };
    found.compare("I3", || format!("{}: status", subject()), expected.as_str(), payment.status.as_str());
    if must_go_back {
        found.compare("I3", || format!("{}: goes back", subject()), payment.amount, payment.refund_due);
    }
}
