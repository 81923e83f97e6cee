//! I3: captured money belongs to a paid order, or is refunded once and never beyond the captured amount.

use super::Differences;
use domain::id::OrderId;
use domain::money::Cents;
use domain::order::{Order, OrderStatus};
use domain::payment::{Payment, PaymentStatus};
use std::collections::HashMap;
use store::audit::Books;

/// Compares every payment with its order, and every order with its payments.
pub(super) fn payments(books: &Books, found: &mut Differences) {
    let orders: HashMap<OrderId, &Order> = books.orders.iter().map(|order| (order.id, order)).collect();
    let mut of_order: HashMap<OrderId, Vec<&Payment>> = HashMap::new();
    for payment in &books.payments {
        let subject = format!("payment {} of order {}", payment.id, payment.order);
        let Some(order) = orders.get(&payment.order) else {
            found.compare("I3", subject, "an order".to_owned(), "none".to_owned());
            continue;
        };
        of_order.entry(order.id).or_default().push(payment);
        found.compare("I3", format!("{subject}: amount"), order.total(), payment.amount);
        sums(payment, &subject, found);
        if order.payment == Some(payment.id) {
            paid_by(order, payment, &subject, found);
        } else if payment.status.was_taken() {
            // Late or excess money: all of it is refunded.
            found.compare("I3", format!("{subject}: goes back"), payment.amount, payment.refund_due);
        }
    }
    for order in &books.orders {
        let payments = of_order.get(&order.id).map(Vec::as_slice).unwrap_or_default();
        let count = payments.iter().filter(|payment| order.payment == Some(payment.id)).count();
        let expected = usize::from(order.payment.is_some());
        found.compare("I3", format!("order {}: the payment that paid it", order.id), expected, count);
        let is_paid = order.payment.is_some();
        found.compare("I3", format!("order {}: has money", order.id), true, is_paid || !order.status.has_money());
        if !is_paid {
            let back: Cents = payments.iter().map(|payment| payment.refunded).sum();
            found.compare("I3", format!("order {}: refunded", order.id), back, order.refunded);
        }
    }
}

/// No more is refunded than due, and no more is due than was captured.
fn sums(payment: &Payment, subject: &str, found: &mut Differences) {
    let is_ordered = payment.refunded <= payment.refund_due && payment.refund_due <= payment.amount;
    found.compare("I3", format!("{subject}: refunded, due, taken in this order"), true, is_ordered);
    let nothing_due = payment.status.was_taken() || payment.refund_due == Cents::ZERO;
    found.compare("I3", format!("{subject}: nothing goes back that was not taken"), true, nothing_due);
}

/// The payment that paid an order agrees with it.
fn paid_by(order: &Order, payment: &Payment, subject: &str, found: &mut Differences) {
    found.compare("I3", format!("{subject}: refunded"), order.refunded, payment.refunded);
    let must_go_back = matches!(order.status, OrderStatus::Canceled | OrderStatus::Failed | OrderStatus::Refunded);
    let expected = if order.status == OrderStatus::Refunded {
        PaymentStatus::Refunded
    } else if must_go_back || payment.refunded < payment.refund_due {
        PaymentStatus::RefundRequested
    } else {
        PaymentStatus::Succeeded
    };
    found.compare("I3", format!("{subject}: status"), expected.as_str(), payment.status.as_str());
    if must_go_back {
        found.compare("I3", format!("{subject}: goes back"), payment.amount, payment.refund_due);
    }
}
