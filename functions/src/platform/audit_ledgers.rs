//! `audit_ledgers`: GET /api/v1/admin/audit and daily. Recomputes every sum of the shop and reports each difference.
//!
//! The tables are read item by item; each item is added to sums and dropped. Only records that must be matched (an order
//! with its payments, a balance with its ledger, a coupon with its orders) stay in memory until the end of the read. If
//! they become more than [`ENTRIES_MAX`], this part keeps half of the customers, and further parts with a read each take
//! the rest: memory is bounded, whatever the size of the shop.

mod customers;
mod money;
mod part;
mod sums;

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::page::PageQuery;
use contracts::platform::{AuditView, Difference};
use customers::Customers;
use domain::Moment;
use domain::order::{Order, OrderStatus};
use domain::shop::Shop;
use jiff::SignedDuration;
pub use part::Part;
use runtime::http::{Request, Response};
use runtime::schedule::Tick;
use runtime::telemetry::Metric;
use std::collections::BTreeSet;
use std::time::Duration;
use store::audit::{LedgerItem, OutboxRecord};
use sums::Sums;
use tokio::time::Instant;

pub const MANIFEST: Manifest = Manifest::new(Binary::Upkeep, "Recomputes every sum and reports each difference.")
    .routes(&[HttpRoute::get("/api/v1/admin/audit", Admin).query(&["cursor"])])
    .schedule(Schedule::seldom("cron(0 4 * * ? *)"))
    .timeout_seconds(
        900,
        "for the schedule; the HTTP API answers within 30 seconds, and a longer audit's result is in the log",
    )
    .memory_mib(1024, "a million orders in one part: docs/performance.md")
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

/// The maximum number of orders, wallets, coupons and charges that are in memory: those of about a million orders.
pub const ENTRIES_MAX: usize = 3_000_000;
/// The delay of a sweep after which an overdue order, or a waiting event, counts as a difference.
const GRACE: SignedDuration = SignedDuration::from_mins(5);
/// The maximum number of differences that one part reports: enough to see what they have in common.
const DIFFERENCES_MAX: usize = 1_000;
/// The maximum number of differences that are logged.
const LOGGED_MAX: usize = 100;
/// The pause before the second read: longer than a transaction and its events take.
const SECOND_LOOK_AFTER: Duration = Duration::from_millis(1_500);
/// The time within which a scheduled run begins further parts. The function has fifteen minutes, and a part may read twice.
const RUN_MAX: Duration = Duration::from_secs(5 * 60);
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Runs for an admin: the first part, or the one that the cursor names.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let part = page.cursor.as_deref().map_or(Some(Part::WHOLE), Part::parse).ok_or_else(PageQuery::bad_cursor)?;
    let (differences, part) = audit_part(app, part, app.now(), ENTRIES_MAX).await?;
    let next_cursor = part.next().map(|next| page.cursor_at(&next.to_string()));
    Response::ok(&AuditView { checked_at: app.now(), differences: differences.into_iter().collect(), next_cursor })
}

/// Runs on schedule: all parts, or as many as the time allows. Each day begins with another part.
pub async fn handle_tick(app: &App, tick: Tick) -> Result<(), Failure> {
    let began = Instant::now();
    let day = tick.time.as_second().div_euclid(DAY_SECONDS).unsigned_abs();
    let mut part = Part::beginning_with(day);
    for done in 1_u64.. {
        (_, part) = audit_part(app, part, tick.time, ENTRIES_MAX).await?;
        if done >= part.of() {
            break;
        }
        if began.elapsed() >= RUN_MAX {
            tracing::warn!(done, of = part.of(), "the audit has no time left: the next runs check the other customers");
            break;
        }
        part = part.following();
    }
    Ok(())
}

/// Reads the ledgers, and if there are differences reads them again: the tables are not read at one moment, so changes in
/// progress look like differences. Only a difference that both reads have in common is reported. Returns the part that was
/// checked: smaller than requested if that had more than `entries_max` entries.
pub async fn audit_part(
    app: &App,
    part: Part,
    now: Moment,
    entries_max: usize,
) -> Result<(BTreeSet<Difference>, Part), Failure> {
    let (mut differences, mut part) = read(app, part, now, entries_max).await?;
    if !differences.is_empty() {
        tokio::time::sleep(SECOND_LOOK_AFTER).await;
        let (again, of) = read(app, part, now, entries_max).await?;
        differences.retain(|difference| again.contains(difference));
        part = of;
    }
    // The route's time-out is 30 seconds; the log has the differences anyway.
    for found in differences.iter().take(LOGGED_MAX) {
        let Difference { invariant, subject, expected, found } = found;
        tracing::warn!(invariant, subject, expected, found, "the ledgers differ");
    }
    app.metrics.add(Metric::AuditDifferences, u64::try_from(differences.len()).unwrap_or(u64::MAX));
    Ok((differences, part))
}

async fn read(app: &App, part: Part, now: Moment, entries_max: usize) -> Result<(BTreeSet<Difference>, Part), Failure> {
    let mut audit = Audit {
        shop: app.shop(),
        now,
        part,
        entries_max,
        sums: Sums::default(),
        customers: Customers::default(),
        found: Differences::default(),
    };
    app.store.each_ledger_item(|item| audit.enter(item)).await?;
    audit.sums.compare(&mut audit.found);
    audit.customers.compare(&mut audit.found);
    Ok((audit.found.0, audit.part))
}

/// The audit of one part, while the tables are read.
struct Audit<'s> {
    shop: &'s Shop,
    now: Moment,
    part: Part,
    entries_max: usize,
    sums: Sums,
    customers: Customers,
    found: Differences,
}

impl Audit<'_> {
    fn enter(&mut self, item: LedgerItem) {
        match item {
            LedgerItem::Order(order) => {
                self.order(&order);
                self.sums.order(&order, self.shop);
                if self.part.has(&order.customer) {
                    self.customers.order(&order);
                }
            }
            LedgerItem::Wallet(customer, wallet) if self.part.has(&customer) => {
                self.customers.wallet(customer, wallet.balance);
            }
            LedgerItem::Entry(customer, entry) if self.part.has(&customer) => self.customers.entry(customer, &entry),
            LedgerItem::UserCoupon(customer, coupon) => {
                self.sums.issued(coupon.coupon);
                if self.part.has(&customer) {
                    self.customers.coupon(customer, &coupon);
                }
            }
            LedgerItem::CustomerCount(customer, offer, count) if self.part.has(&customer) => {
                self.customers.count(customer, offer, count);
            }
            LedgerItem::Payment(payment) if self.part.has(&payment.customer) => {
                self.customers.payment(&payment, &mut self.found);
            }
            LedgerItem::Record(record) => self.record(&record),
            other => self.sums.enter(&other, &mut self.found),
        }
        while self.customers.len() > self.entries_max
            && let Some(half) = self.part.halved()
        {
            self.part = half;
            self.customers.keep(half);
        }
    }

    /// I3: an order has exactly one end, and its status says which. I7: an order with requested payment has a deadline.
    /// I11: no order is long past its deadline.
    fn order(&mut self, order: &Order) {
        let found = &mut self.found;
        let overdue = order.deadline().is_some_and(|end| self.now.duration_since(end) > GRACE);
        found.compare("I11", || format!("order {} past its deadline", order.id), false, overdue);
        let last = order.history.last().map(|step| step.status.as_str()).unwrap_or_default();
        found.compare("I3", || format!("order {}: last step of its history", order.id), order.status.as_str(), last);
        let ended: Vec<&str> = order
            .history
            .iter()
            .map(|step| step.status)
            .filter(|status| matches!(status, OrderStatus::Paid | OrderStatus::Expired))
            .map(OrderStatus::as_str)
            .collect();
        let one_end = if order.late { 2 } else { 1 };
        if ended.len() > one_end {
            found.compare("I3", || format!("order {}", order.id), "one end".to_owned(), ended.join(" and "));
        }
        if order.status == OrderStatus::PendingPayment {
            let is_asked = order.pay_before.is_some();
            found.compare("I7", || format!("order {}: has a payment deadline", order.id), true, is_asked);
        }
    }

    /// I11: no event waits for publication for long.
    fn record(&mut self, record: &OutboxRecord) {
        let waits = record.sent_at.is_none() && self.now.duration_since(record.created_at) > GRACE;
        self.found.compare("I11", || format!("outbox record {} not sent", record.id), false, waits);
    }
}

/// The first [`DIFFERENCES_MAX`] differences, in their order.
#[derive(Default)]
struct Differences(BTreeSet<Difference>);

impl Differences {
    /// Adds a difference if `expected` is not `found`.
    fn compare<T: PartialEq + ToString>(
        &mut self,
        invariant: &str,
        subject: impl FnOnce() -> String,
        expected: T,
        found: T,
    ) {
        if expected != found {
            self.0.insert(Difference {
                invariant: invariant.to_owned(),
                subject: subject(),
                expected: expected.to_string(),
                found: found.to_string(),
            });
        }
        if self.0.len() > DIFFERENCES_MAX {
            self.0.pop_last();
        }
    }
}
