//! `audit_ledgers`: GET /api/v1/admin/audit and daily. Recomputes every sum of the shop and reports each difference.

mod money;
mod preorders;

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::platform::{AuditView, Difference};
use domain::Moment;
use domain::coupon::UserCouponStatus;
use domain::id::{CouponId, CustomerId, OrderId, ProductId, VariantId};
use domain::money::Cents;
use domain::order::{Order, OrderKind, OrderStatus};
use domain::shop::Shop;
use jiff::SignedDuration;
use jiff::civil::Date;
use runtime::http::{Request, Response};
use runtime::schedule::Tick;
use runtime::telemetry::Metric;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;
use store::audit::Books;
use store::stock::Pool;

pub const MANIFEST: Manifest = Manifest::new(Binary::Upkeep, "Recomputes every sum and reports each difference.")
    .routes(&[HttpRoute::get("/api/v1/admin/audit", Admin)])
    .schedule(Schedule::seldom("cron(0 4 * * ? *)"))
    .timeout_seconds(900, "the route waits no longer than 30: what takes longer is read from the log")
    .memory_mib(1024, "the books are held at once: about 2 KB an order with all that belongs to it")
    .grants(&[
        Grant::Table(Catalog, &[Scan]),
        Grant::Table(Orders, &[Scan]),
        Grant::Table(Wallets, &[Scan]),
        Grant::Table(Coupons, &[Scan]),
        Grant::Table(Counters, &[Scan]),
        Grant::Table(Payments, &[Scan]),
        Grant::Table(Batches, &[Scan]),
        Grant::Table(Outbox, &[Scan]),
    ]);

/// How late a sweep may be before an overdue order, or a waiting event, counts as a difference.
const GRACE: SignedDuration = SignedDuration::from_mins(5);
/// Differences that are logged: enough to see what they have in common.
const LOGGED_MAX: usize = 100;
/// The pause before the second read: longer than a transaction and its events take.
const SECOND_LOOK_AFTER: Duration = Duration::from_millis(1_500);

/// Runs for an admin.
pub async fn handle(app: &App, _request: Request) -> Result<Response, Failure> {
    Response::ok(&audit_ledgers(app, app.now()).await?)
}

/// Runs on schedule.
pub async fn handle_tick(app: &App, tick: Tick) -> Result<(), Failure> {
    audit_ledgers(app, tick.time).await.map(drop)
}

/// Reads the ledgers, and if there are differences reads them once more: the tables are not read at one moment, so changes
/// in progress look like differences. Only a difference that both reads have in common is reported.
pub async fn audit_ledgers(app: &App, now: Moment) -> Result<AuditView, Failure> {
    let mut differences = differences(&app.store.read_books().await?, app.shop(), now);
    if !differences.is_empty() {
        tokio::time::sleep(SECOND_LOOK_AFTER).await;
        let again = self::differences(&app.store.read_books().await?, app.shop(), now);
        differences.retain(|difference| again.contains(difference));
    }
    // The route's time-out is 30 seconds; the log has the differences anyway.
    for found in differences.iter().take(LOGGED_MAX) {
        let Difference { invariant, subject, expected, found } = found;
        tracing::warn!(invariant, subject, expected, found, "the ledgers differ");
    }
    app.metrics.add(Metric::AuditDifferences, u64::try_from(differences.len()).unwrap_or(u64::MAX));
    Ok(AuditView { checked_at: now, differences: differences.into_iter().collect() })
}

/// All differences.
pub fn differences(books: &Books, shop: &Shop, now: Moment) -> BTreeSet<Difference> {
    let mut found = Differences::default();
    stock(books, &mut found);
    preorders::capacity(books, &mut found);
    preorders::counters(books, &mut found);
    orders(books, now, &mut found);
    wallets(books, &mut found);
    quotas(books, &mut found);
    user_coupons(books, &mut found);
    money::payments(books, &mut found);
    outbox(books, now, &mut found);
    sales(books, shop, &mut found);
    found.0
}

#[derive(Default)]
struct Differences(BTreeSet<Difference>);

impl Differences {
    /// Adds a difference where `expected` is not `found`.
    fn compare<T: PartialEq + ToString>(&mut self, invariant: &str, subject: String, expected: T, found: T) {
        if expected != found {
            self.0.insert(Difference {
                invariant: invariant.to_owned(),
                subject,
                expected: expected.to_string(),
                found: found.to_string(),
            });
        }
    }
}

/// I1: nothing is negative, and left + held + sold = stocked.
fn stock(books: &Books, found: &mut Differences) {
    let mut stocked: HashMap<VariantId, i64> = books.variants.iter().map(|variant| (variant.id, 0)).collect();
    for (variant, delta) in &books.adjustments {
        *stocked.entry(*variant).or_default() += delta;
    }
    let mut accounted: HashMap<VariantId, i64> = HashMap::new();
    for (pool, shard, left) in &books.left {
        if *left < 0 {
            found.compare("I1", format!("shard {shard} of {pool:?}"), "at least 0".to_owned(), left.to_string());
        }
        if let Pool::Stock(variant) = pool {
            *accounted.entry(*variant).or_default() += left;
        }
    }
    // Units held by an external system were never taken from our shards.
    let ours = books.orders.iter().filter(|order| order.kind == OrderKind::Instant && !order.held_externally);
    for line in ours.filter(|order| order.has_allocations()).flat_map(|order| &order.lines) {
        *accounted.entry(line.variant).or_default() += i64::from(line.quantity.get());
    }
    for (variant, stocked) in stocked {
        let accounted = accounted.get(&variant).copied().unwrap_or_default();
        found.compare("I1", format!("variant {variant}: left + held + sold"), stocked, accounted);
    }
}

/// I3: money and status agree. I11: no order is long past its deadline.
fn orders(books: &Books, now: Moment, found: &mut Differences) {
    for order in &books.orders {
        let overdue = order.deadline().is_some_and(|end| now.duration_since(end) > GRACE);
        found.compare("I11", format!("order {} past its deadline", order.id), false, overdue);
        let last = order.history.last().map(|step| step.status.as_str()).unwrap_or_default();
        found.compare("I3", format!("order {}: last step of its history", order.id), order.status.as_str(), last);
        let ended: Vec<&str> = order
            .history
            .iter()
            .map(|step| step.status)
            .filter(|status| matches!(status, OrderStatus::Paid | OrderStatus::Expired))
            .map(OrderStatus::as_str)
            .collect();
        let one_end = if order.late { 2 } else { 1 };
        if ended.len() > one_end {
            found.compare("I3", format!("order {}", order.id), "one end".to_owned(), ended.join(" and "));
        }
    }
}

/// I4: a balance is the sum of its entries and not negative.
fn wallets(books: &Books, found: &mut Differences) {
    let mut sums: BTreeMap<&CustomerId, Cents> = BTreeMap::new();
    for (customer, entry) in &books.entries {
        let sum = sums.entry(customer).or_default();
        *sum = sum.plus(entry.amount);
    }
    for (customer, wallet) in &books.wallets {
        let sum = sums.remove(customer).unwrap_or_default();
        found.compare("I4", format!("balance of customer {customer}"), sum, wallet.balance);
        found.compare("I4", format!("balance of customer {customer} below zero"), false, wallet.balance < Cents::ZERO);
    }
    for (customer, sum) in sums {
        found.compare("I4", format!("balance of customer {customer}"), sum, Cents::ZERO);
    }
}

/// I5: quantity = issued + left.
fn quotas(books: &Books, found: &mut Differences) {
    let mut issued: HashMap<CouponId, i64> = HashMap::new();
    for (_, coupon) in &books.user_coupons {
        *issued.entry(coupon.coupon).or_default() += 1;
    }
    for campaign in &books.campaigns {
        let left: i64 =
            books.left.iter().filter(|(pool, ..)| *pool == Pool::Quota(campaign.id)).map(|(.., left)| left).sum();
        let issued = issued.get(&campaign.id).copied().unwrap_or_default();
        let subject = format!("coupon {}: issued + left", campaign.id);
        found.compare("I5", subject, i64::from(campaign.total_quantity), issued + left);
    }
}

/// I6: a held coupon has an order that holds it, a used one an order that used it, an available one has none.
fn user_coupons(books: &Books, found: &mut Differences) {
    let orders: HashMap<OrderId, &Order> = books.orders.iter().map(|order| (order.id, order)).collect();
    let mut by_coupon: HashMap<(&CustomerId, CouponId), Vec<&Order>> = HashMap::new();
    for order in &books.orders {
        if let Some(coupon) = order.coupon {
            by_coupon.entry((&order.customer, coupon)).or_default().push(order);
        }
    }
    for (customer, coupon) in &books.user_coupons {
        let subject = format!("coupon {} of customer {customer}", coupon.coupon);
        let owner = coupon.order.and_then(|id| orders.get(&id));
        let expected = match by_coupon.get(&(customer, coupon.coupon)) {
            Some(orders) if orders.iter().any(|order| uses_coupon(order)) => UserCouponStatus::Used,
            Some(orders) if orders.iter().any(|order| order.status.holds()) => UserCouponStatus::Held,
            _ => UserCouponStatus::Issued,
        };
        found.compare("I6", format!("{subject}: status"), expected.as_str(), coupon.status.as_str());
        let is_owned = coupon.status == UserCouponStatus::Issued || owner.is_some();
        found.compare("I6", format!("{subject}: has its order"), true, is_owned);
    }
    for ((customer, coupon), orders) in by_coupon {
        let paid = orders.iter().filter(|order| uses_coupon(order)).count();
        found.compare("I6", format!("coupon {coupon} of customer {customer}: paid orders"), true, paid <= 1);
    }
}

/// Whether the order was paid with its coupon, and has not given it back.
const fn uses_coupon(order: &Order) -> bool {
    order.payment.is_some() && !order.coupon_returned
}

/// I11: no event waits for long.
fn outbox(books: &Books, now: Moment, found: &mut Differences) {
    for record in &books.records {
        let waits = record.sent_at.is_none() && now.duration_since(record.created_at) > GRACE;
        found.compare("I11", format!("outbox record {} not sent", record.id), false, waits);
    }
}

/// I12: the counted sales are those paid and not refunded.
fn sales(books: &Books, shop: &Shop, found: &mut Differences) {
    let mut expected: BTreeMap<(Date, ProductId), i64> = BTreeMap::new();
    // A canceled order that had cost nothing has no refund.
    let is_undone = |order: &&Order| {
        order.status == OrderStatus::Refunded || (order.status == OrderStatus::Canceled && order.total() == Cents::ZERO)
    };
    for order in books.orders.iter().filter(|order| !is_undone(order)) {
        let Some(paid) = order.history.iter().find(|step| step.status == OrderStatus::Paid) else { continue };
        for line in &order.lines {
            *expected.entry((shop.day(paid.at), line.variant.product())).or_default() += i64::from(line.quantity.get());
        }
    }
    for (day, sold) in &books.sales {
        let pieces = expected.remove(&(*day, sold.product)).unwrap_or_default();
        found.compare("I12", format!("sales of product {} on {day}", sold.product), pieces, sold.quantity);
    }
    for ((day, product), pieces) in expected {
        found.compare("I12", format!("sales of product {product} on {day}"), pieces, 0);
    }
}
