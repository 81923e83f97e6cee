//! Sums over all customers: of stock, capacity, quotas, counters and sales. Their number grows with the catalog, not
//! with the orders.

use super::Differences;
use domain::counter::{Counter, CounterStatus};
use domain::id::{CouponId, OfferId, ProductId, VariantId};
use domain::money::Cents;
use domain::order::{Order, OrderKind, OrderStatus};
use domain::shop::Shop;
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use store::audit::LedgerItem;
use store::stock::Pool;

#[derive(Default)]
pub(super) struct Sums {
    stocked: HashMap<VariantId, i64>,
    left: HashMap<Pool, i64>,
    /// Pieces of instant orders that were taken from the shop's shards.
    sold: HashMap<VariantId, i64>,
    /// Pieces of preorders that were taken from the shop's shards.
    places: HashMap<OfferId, i64>,
    capacities: HashMap<OfferId, i64>,
    quantities: HashMap<CouponId, i64>,
    issued: HashMap<CouponId, i64>,
    counters: Vec<Counter>,
    batches: HashMap<OfferId, usize>,
    waiting: HashMap<OfferId, i64>,
    paid: HashMap<OfferId, i64>,
    logged: HashMap<OfferId, LoggedSum>,
    sales: BTreeMap<(Date, ProductId), Sales>,
}

/// The sum of the events in an offer's log.
#[derive(Default, Clone, Copy)]
struct LoggedSum {
    reserved: i64,
    waiting: i64,
    paid: i64,
}

#[derive(Default)]
struct Sales {
    /// The sum computed from the orders.
    expected: i64,
    counted: i64,
}

impl Sums {
    pub(super) fn enter(&mut self, item: &LedgerItem, found: &mut Differences) {
        match item {
            LedgerItem::Variant(variant) => {
                self.stocked.entry(variant.id).or_default();
            }
            LedgerItem::Adjustment(variant, delta) => *self.stocked.entry(*variant).or_default() += delta,
            LedgerItem::Left(pool, shard, left) => {
                // I1: nothing is negative.
                if *left < 0 {
                    let subject = || format!("shard {shard} of {pool:?}");
                    found.compare("I1", subject, "at least 0".to_owned(), left.to_string());
                }
                *self.left.entry(*pool).or_default() += left;
            }
            LedgerItem::Campaign(campaign) => {
                self.quantities.insert(campaign.id, i64::from(campaign.total_quantity));
            }
            LedgerItem::Offer(offer) => {
                self.capacities.insert(offer.id, i64::from(offer.terms.capacity()));
            }
            LedgerItem::Counter(counter) => self.counters.push((**counter).clone()),
            LedgerItem::Batch(batch) => *self.batches.entry(batch.id.offer()).or_default() += 1,
            LedgerItem::Logged(entry) => {
                let sum = self.logged.entry(entry.offer).or_default();
                sum.reserved += entry.delta.reserved;
                sum.waiting += entry.delta.waiting;
                sum.paid += entry.delta.paid;
            }
            LedgerItem::Sale(day, sold) => {
                self.sales.entry((*day, sold.product)).or_default().counted += sold.quantity;
            }
            _ => {}
        }
    }

    pub(super) fn issued(&mut self, coupon: CouponId) {
        *self.issued.entry(coupon).or_default() += 1;
    }

    pub(super) fn order(&mut self, order: &Order, shop: &Shop) {
        let quantity = i64::from(order.quantity());
        // Units held by an external system were never allocated from the shop's shards.
        let is_taken = order.has_allocations() && !order.held_externally;
        if is_taken && order.kind == OrderKind::Instant {
            for line in &order.lines {
                *self.sold.entry(line.variant).or_default() += i64::from(line.quantity.get());
            }
        }
        if let Some(offer) = order.offer() {
            let sums = [
                (&mut self.places, is_taken),
                (&mut self.waiting, order.status.holds()),
                (&mut self.paid, order.status.has_money()),
            ];
            for (sum, _) in sums.into_iter().filter(|(_, counts)| *counts) {
                *sum.entry(offer).or_default() += quantity;
            }
        }
        // A canceled or failed order with total zero has no refund.
        let is_undone = order.status == OrderStatus::Refunded
            || (matches!(order.status, OrderStatus::Canceled | OrderStatus::Failed) && order.total() == Cents::ZERO);
        let paid = order.history.iter().find(|step| step.status == OrderStatus::Paid);
        if let Some(paid) = paid.filter(|_| !is_undone) {
            for line in &order.lines {
                let sales = self.sales.entry((shop.day(paid.at), line.variant.product())).or_default();
                sales.expected += i64::from(line.quantity.get());
            }
        }
    }

    pub(super) fn compare(&self, found: &mut Differences) {
        let of = |sums: &HashMap<OfferId, i64>, offer| sums.get(&offer).copied().unwrap_or_default();
        let left = |pool| self.left.get(&pool).copied().unwrap_or_default();
        // I1: left + held + sold = stocked.
        for (variant, stocked) in &self.stocked {
            let accounted = left(Pool::Stock(*variant)) + self.sold.get(variant).copied().unwrap_or_default();
            found.compare("I1", || format!("variant {variant}: left + held + sold"), *stocked, accounted);
        }
        // I1: left + held + sold = capacity.
        for (offer, capacity) in &self.capacities {
            let accounted = left(Pool::Capacity(*offer)) + of(&self.places, *offer);
            found.compare("I1", || format!("offer {offer}: left + held + sold"), *capacity, accounted);
        }
        // I5: quantity = issued + left.
        for (coupon, quantity) in &self.quantities {
            let accounted = left(Pool::Quota(*coupon)) + self.issued.get(coupon).copied().unwrap_or_default();
            found.compare("I5", || format!("coupon {coupon}: issued + left"), *quantity, accounted);
        }
        for counter in &self.counters {
            let (waiting, paid) = (of(&self.waiting, counter.offer), of(&self.paid, counter.offer));
            self.counter(counter, (waiting, paid), found);
        }
        // I12: the counted sales are the paid pieces that were not refunded.
        for ((day, product), sales) in &self.sales {
            found.compare("I12", || format!("sales of product {product} on {day}"), sales.expected, sales.counted);
        }
    }

    /// I7: the counter is the sum of its log and agrees with the orders; an offer that reached its threshold has
    /// exactly one batch.
    fn counter(&self, counter: &Counter, (waiting, paid): (i64, i64), found: &mut Differences) {
        let offer = counter.offer;
        let logged = self.logged.get(&offer).copied().unwrap_or_default();
        found.compare("I7", || format!("offer {offer}: reserved, by its log"), logged.reserved, counter.reserved);
        found.compare("I7", || format!("offer {offer}: waiting, by its log"), logged.waiting, counter.waiting);
        found.compare("I7", || format!("offer {offer}: paid, by its log"), logged.paid, counter.paid);
        found.compare("I7", || format!("offer {offer}: waiting, by its orders"), waiting, counter.waiting);
        // From then on the paid quantity is fixed, regardless of later refunds.
        if counter.status != CounterStatus::Finalized {
            found.compare("I7", || format!("offer {offer}: paid, by its orders"), paid, counter.paid);
        }
        let batches = self.batches.get(&offer).copied().unwrap_or_default();
        found.compare("I7", || format!("offer {offer}: batches"), usize::from(counter.reached_at.is_some()), batches);
    }
}
