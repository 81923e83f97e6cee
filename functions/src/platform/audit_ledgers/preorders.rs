//! Invariants of offers, their counters and their batches.

use super::Differences;
use domain::counter::{Counter, CounterStatus};
use domain::id::{CustomerId, OfferId};
use domain::order::{Order, OrderStatus};
use std::collections::{BTreeMap, HashMap};
use store::audit::Books;
use store::stock::Pool;

fn pieces<'b>(orders: impl Iterator<Item = &'b Order>) -> HashMap<OfferId, i64> {
    let mut sums = HashMap::new();
    for order in orders {
        if let Some(offer) = order.offer() {
            *sums.entry(offer).or_default() += i64::from(order.quantity());
        }
    }
    sums
}

/// I1: left + held + sold = capacity, and each customer's quantity is that of their orders.
pub(super) fn capacity(books: &Books, found: &mut Differences) {
    // Units held by an external system were never taken from our shards.
    let taken = pieces(books.orders.iter().filter(|order| order.has_allocations() && !order.held_externally));
    for offer in &books.offers {
        let left: i64 =
            books.left.iter().filter(|(pool, ..)| *pool == Pool::Capacity(offer.id)).map(|(.., left)| left).sum();
        let taken = taken.get(&offer.id).copied().unwrap_or_default();
        let subject = format!("offer {}: left + held + sold", offer.id);
        found.compare("I1", subject, i64::from(offer.terms.capacity()), left + taken);
    }
    let mut expected: BTreeMap<(&CustomerId, OfferId), i64> = BTreeMap::new();
    for order in books.orders.iter().filter(|order| order.has_allocations()) {
        if let Some(offer) = order.offer() {
            *expected.entry((&order.customer, offer)).or_default() += i64::from(order.quantity());
        }
    }
    for (customer, offer, count) in &books.customer_counts {
        let pieces = expected.remove(&(customer, *offer)).unwrap_or_default();
        found.compare("I1", format!("offer {offer}: pieces of customer {customer}"), pieces, *count);
    }
    for ((customer, offer), pieces) in expected {
        found.compare("I1", format!("offer {offer}: pieces of customer {customer}"), pieces, 0);
    }
}

/// I7: the counter is the sum of its log and agrees with the orders; an offer that reached its threshold has exactly one
/// batch.
pub(super) fn counters(books: &Books, found: &mut Differences) {
    let waiting = pieces(books.orders.iter().filter(|order| order.status.holds()));
    let paid = pieces(books.orders.iter().filter(|order| order.status.has_money()));
    let mut sums: HashMap<OfferId, (i64, i64, i64)> = HashMap::new();
    for entry in &books.logged {
        let sum = sums.entry(entry.offer).or_default();
        sum.0 += entry.delta.reserved;
        sum.1 += entry.delta.waiting;
        sum.2 += entry.delta.paid;
    }
    for counter in &books.counters {
        let subject = format!("offer {}", counter.offer);
        let logged = sums.get(&counter.offer).copied().unwrap_or_default();
        found.compare("I7", format!("{subject}: reserved, by its log"), logged.0, counter.reserved);
        found.compare("I7", format!("{subject}: waiting, by its log"), logged.1, counter.waiting);
        found.compare("I7", format!("{subject}: paid, by its log"), logged.2, counter.paid);
        let of = |sums: &HashMap<OfferId, i64>| sums.get(&counter.offer).copied().unwrap_or_default();
        found.compare("I7", format!("{subject}: waiting, by its orders"), of(&waiting), counter.waiting);
        // From then on the paid quantity is fixed, regardless of later refunds.
        if counter.status != CounterStatus::Finalized {
            found.compare("I7", format!("{subject}: paid, by its orders"), of(&paid), counter.paid);
        }
        let batches = books.batches.iter().filter(|batch| batch.id.offer() == counter.offer).count();
        found.compare("I7", format!("{subject}: batches"), usize::from(is_reached(counter)), batches);
    }
    for order in books.orders.iter().filter(|order| order.status == OrderStatus::PendingPayment) {
        let is_asked = order.pay_before.is_some();
        found.compare("I7", format!("order {}: has a payment deadline", order.id), true, is_asked);
    }
}

const fn is_reached(counter: &Counter) -> bool {
    counter.reached_at.is_some()
}
