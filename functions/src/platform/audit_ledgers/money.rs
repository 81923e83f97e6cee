//! I3: money that was taken belongs to an order that is paid, or goes back once and never beyond what was taken.

use super::Differences;
use domain::id::{OrderId, PaymentId};
use domain::money::Cents;
use domain::order::{Order, OrderStatus};
use domain::payment::{Payment, PaymentStatus};
use std::collections::HashMap;
use store::audit::Books;

/// Every payment against its order, every order against its payments.
pub(super) fn payments(books: &Books, found: &mut Differences) {
    let orders: HashMap<OrderId, &Order> = books.orders.iter().map(|order| (order.id, order)).collect();
    let entries = books.entries.iter().filter_map(|(_, entry)| Some((entry.payment?, entry.amount)));
    let bought: HashMap<PaymentId, Cents> = entries.collect();
    let mut of_order: HashMap<OrderId, Vec<&Payment>> = HashMap::new();
    for payment in &books.payments {
        let Some(order) = payment.order else {
            top_up(payment, bought.get(&payment.id).copied(), found);
            continue;
        };
        let subject = format!("payment {} of order {order}", payment.id);
        let Some(order) = orders.get(&order) else {
            found.compare("I3", subject, "an order".to_owned(), "none".to_owned());
            continue;
        };
        of_order.entry(order.id).or_default().push(payment);
        found.compare("I3", format!("{subject}: amount"), order.total(), payment.amount);
        sums(payment, &subject, found);
        if order.payment == Some(payment.id) {
            paid_by(order, payment, &subject, found);
        } else if payment.status.was_taken() {
            // Late money, or money too much: all of it goes back.
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

/// Money for points is in the ledger, or goes back whole.
fn top_up(payment: &Payment, bought: Option<Cents>, found: &mut Differences) {
    let subject = format!("payment {} of points", payment.id);
    sums(payment, &subject, found);
    let goes_back = payment.refund_due == payment.amount;
    let expected = if payment.status.was_taken() && !goes_back { payment.amount } else { Cents::ZERO };
    found.compare("I3", format!("{subject}: in the ledger"), expected, bought.unwrap_or_default());
}

/// Never more goes back than is due, and never more is due than was taken.
fn sums(payment: &Payment, subject: &str, found: &mut Differences) {
    let is_ordered = payment.refunded <= payment.refund_due && payment.refund_due <= payment.amount;
    found.compare("I3", format!("{subject}: refunded, due, taken in this order"), true, is_ordered);
    let nothing_due = payment.status.was_taken() || payment.refund_due == Cents::ZERO;
    found.compare("I3", format!("{subject}: nothing goes back that was not taken"), true, nothing_due);
}

/// The payment that paid an order says the same as the order.
fn paid_by(order: &Order, payment: &Payment, subject: &str, found: &mut Differences) {
    found.compare("I3", format!("{subject}: refunded"), order.refunded, payment.refunded);
    let is_canceled = order.status == OrderStatus::Canceled && payment.amount > Cents::ZERO;
    let must_go_back = is_canceled || matches!(order.status, OrderStatus::Failed | OrderStatus::Refunded);
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
