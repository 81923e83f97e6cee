//! What is matched within one customer: orders with their payments, balances with their ledgers, coupons with their orders.

use super::Differences;
use super::part::{Part, hash};
use domain::coupon::{UserCoupon, UserCouponStatus};
use domain::id::{CouponId, CustomerId, OfferId, OrderId, PaymentId};
use domain::money::Cents;
use domain::order::{Order, OrderStatus};
use domain::points::Entry;
use std::collections::HashMap;

/// The customers of one part.
#[derive(Default)]
pub(super) struct Customers {
    pub(super) orders: HashMap<OrderId, OrderBook>,
    /// The amount of each charge that a payment has bought.
    pub(super) bought: HashMap<PaymentId, Bought>,
    wallets: HashMap<CustomerId, WalletBook>,
    coupons: HashMap<(CustomerId, CouponId), CouponBook>,
    places: HashMap<(CustomerId, OfferId), Places>,
}

/// The facts about an order that the audit keeps.
pub(super) struct OrderBook {
    /// The hash of its customer.
    customer: u32,
    pub(super) status: OrderStatus,
    pub(super) total: Cents,
    pub(super) payment: Option<PaymentId>,
    pub(super) refunded: Cents,
    /// The total that its payments have refunded.
    pub(super) back: Cents,
    /// The payments that paid it.
    pub(super) paid_by: u32,
}

pub(super) struct Bought {
    /// The hash of its customer.
    customer: u32,
    pub(super) amount: Cents,
}

#[derive(Default)]
struct WalletBook {
    entries: Cents,
    balance: Option<Cents>,
}

#[derive(Default)]
struct CouponBook {
    /// The number of paid orders that used it.
    paid: u32,
    /// Whether an order holds it.
    is_held: bool,
    copy: Option<(UserCouponStatus, Option<OrderId>)>,
}

#[derive(Default)]
struct Places {
    /// The sum computed from the orders.
    expected: i64,
    counted: i64,
}

/// Whether the order was paid with its coupon, and has not returned it.
const fn uses_coupon(order: &Order) -> bool {
    order.payment.is_some() && !order.coupon_returned
}

impl Customers {
    /// The number of entries in memory.
    pub(super) fn len(&self) -> usize {
        self.orders.len() + self.bought.len() + self.wallets.len() + self.coupons.len() + self.places.len()
    }

    /// Drops the customers that are not in this part.
    pub(super) fn keep(&mut self, part: Part) {
        self.orders.retain(|_, order| part.has_hash(order.customer));
        self.bought.retain(|_, bought| part.has_hash(bought.customer));
        self.wallets.retain(|customer, _| part.has(customer));
        self.coupons.retain(|(customer, _), _| part.has(customer));
        self.places.retain(|(customer, _), _| part.has(customer));
    }

    pub(super) fn order(&mut self, order: &Order) {
        let book = OrderBook {
            customer: hash(&order.customer),
            status: order.status,
            total: order.total(),
            payment: order.payment,
            refunded: order.refunded,
            back: Cents::ZERO,
            paid_by: 0,
        };
        self.orders.insert(order.id, book);
        if let Some(coupon) = order.coupon {
            let book = self.coupons.entry((order.customer.clone(), coupon)).or_default();
            book.paid += u32::from(uses_coupon(order));
            book.is_held |= order.status.holds();
        }
        if let Some(offer) = order.offer().filter(|_| order.has_allocations()) {
            let places = self.places.entry((order.customer.clone(), offer)).or_default();
            places.expected += i64::from(order.quantity());
        }
    }

    pub(super) fn wallet(&mut self, customer: CustomerId, balance: Cents) {
        self.wallets.entry(customer).or_default().balance = Some(balance);
    }

    pub(super) fn entry(&mut self, customer: CustomerId, entry: &Entry) {
        if let Some(payment) = entry.payment {
            self.bought.insert(payment, Bought { customer: hash(&customer), amount: entry.amount });
        }
        let wallet = self.wallets.entry(customer).or_default();
        wallet.entries = wallet.entries.plus(entry.amount);
    }

    pub(super) fn coupon(&mut self, customer: CustomerId, coupon: &UserCoupon) {
        self.coupons.entry((customer, coupon.coupon)).or_default().copy = Some((coupon.status, coupon.order));
    }

    pub(super) fn count(&mut self, customer: CustomerId, offer: OfferId, count: i64) {
        self.places.entry((customer, offer)).or_default().counted += count;
    }

    pub(super) fn compare(&self, found: &mut Differences) {
        self.orders(found);
        self.wallets(found);
        self.coupons(found);
        // I1: each customer's reserved quantity is the sum of the customer's orders.
        for ((customer, offer), places) in &self.places {
            let subject = || format!("offer {offer}: pieces of customer {customer}");
            found.compare("I1", subject, places.expected, places.counted);
        }
    }

    /// I4: a balance is the sum of its entries and not negative.
    fn wallets(&self, found: &mut Differences) {
        for (customer, wallet) in &self.wallets {
            let (subject, balance) = (|| format!("balance of customer {customer}"), wallet.balance);
            found.compare("I4", subject, wallet.entries, balance.unwrap_or_default());
            let is_below = balance.is_some_and(|balance| balance < Cents::ZERO);
            found.compare("I4", || format!("{} below zero", subject()), false, is_below);
        }
    }

    /// I6: a held coupon has one order that holds it, a used coupon one order that used it, an available coupon none.
    fn coupons(&self, found: &mut Differences) {
        for ((customer, coupon), book) in &self.coupons {
            let subject = || format!("coupon {coupon} of customer {customer}");
            if let Some((status, order)) = book.copy {
                let expected = match book {
                    CouponBook { paid: 1.., .. } => UserCouponStatus::Used,
                    CouponBook { is_held: true, .. } => UserCouponStatus::Held,
                    _ => UserCouponStatus::Issued,
                };
                found.compare("I6", || format!("{}: status", subject()), expected.as_str(), status.as_str());
                let owner = order.and_then(|order| self.orders.get(&order));
                let is_owned = status == UserCouponStatus::Issued || owner.is_some();
                found.compare("I6", || format!("{}: has its order", subject()), true, is_owned);
            }
            found.compare("I6", || format!("{}: paid orders", subject()), true, book.paid <= 1);
        }
    }
}
