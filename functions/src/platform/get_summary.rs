//! `get_summary`: GET /api/v1/admin/summary. The work that waits for an admin, and the sales of the last shop days, for the
//! console's home screen.
//!
//! All reads are eventually consistent and bounded, so that it costs at most 20 read units in a shop of any size.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::platform::{ClosingOfferView, DayTotalsView, LowStockView, SummaryView};
use domain::counter::shown;
use domain::daily_sales::DayRange;
use domain::notification::NotificationStatus;
use domain::order::OrderStatus;
use futures_util::future::{try_join, try_join3, try_join4};
use jiff::SignedDuration;
use runtime::http::{Request, Response};
use store::batches::Due;

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "Returns the work that waits for an admin, and the totals of the last shop days.")
        .routes(&[HttpRoute::get("/api/v1/admin/summary", Admin).query(&["days"])])
        .grants(&[
            Grant::Index(Orders, "by_worklist"),
            Grant::Index(Notifications, "by_worklist"),
            Grant::Table(Batches, &[Query]),
            Grant::Table(Payments, &[Query]),
            Grant::Table(Outbox, &[Query]),
            Grant::Table(Counters, &[BatchGetItem, Query]),
            Grant::Table(Catalog, &[BatchGetItem, GetItem]),
        ]);

/// The maximum number of orders that one partition of the due index counts: those in half a read unit.
const ORDERS_PER_PARTITION_MAX: usize = 20;
/// The maximum number of messages that one partition counts. Their keys are longer.
const JOBS_PER_PARTITION_MAX: usize = 16;
const BATCHES_MAX: usize = 30;
const TASKS_MAX: usize = 20;
const EVENTS_MAX: usize = 50;
/// The maximum number of offers that are shown: each costs the read of its counter and its product.
const OFFERS_MAX: usize = 3;
/// The time ahead within which closing offers are shown.
const CLOSING_WITHIN: SignedDuration = SignedDuration::from_hours(72);

/// Reads the number of days.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let days = DayRange::parse_last(request.query("days"), app.shop().day(app.now()))?;
    Response::ok(&get_summary(app, days).await?)
}

/// Reads all parts concurrently.
pub async fn get_summary(app: &App, days: DayRange) -> Result<SummaryView, Failure> {
    let (store, now) = (&app.store, app.now());
    let indexes = try_join(
        store.count_orders(OrderStatus::ShippingScheduled, now, ORDERS_PER_PARTITION_MAX),
        store.count_jobs(NotificationStatus::Failed, now, JOBS_PER_PARTITION_MAX),
    );
    let lists = try_join3(
        store.first_due(Due::Confirm, now, BATCHES_MAX),
        store.count_open_tasks(TASKS_MAX),
        store.failed_count(EVENTS_MAX),
    );
    let offers = try_join(closing_offers(app), store.low_stock());
    let (indexes, lists, offers, totals) = try_join4(indexes, lists, offers, store.day_totals(days)).await?;
    let (orders_to_ship, failed_notifications) = indexes;
    let (batches, payment_tasks, failed_events) = lists;
    let (windows, low_stock) = offers;
    let totals_of = |day| totals.get(&day).copied().unwrap_or_default();
    Ok(SummaryView {
        orders_to_ship,
        batches_to_confirm: batches.len(),
        payment_tasks,
        failed_notifications,
        failed_events,
        low_stock: low_stock.iter().map(LowStockView::from).collect(),
        windows,
        days: days.days().map(|day| DayTotalsView::new(day, totals_of(day))).collect(),
    })
}

/// The offers that close next, with their progress.
async fn closing_offers(app: &App) -> Result<Vec<ClosingOfferView>, Failure> {
    let until = app.now().checked_add(CLOSING_WITHIN).map_err(Failure::broken)?;
    let due = app.store.first_due(Due::Close, until, OFFERS_MAX).await?;
    let counters = app.store.counters(due.iter().map(|(_, id)| id.offer()));
    let products = app.store.product_heads(due.iter().map(|(_, id)| id.offer().product));
    let (counters, products) = try_join(counters, products).await?;
    let view = |(closes_at, id): &(domain::Moment, domain::id::BatchId)| {
        let offer = id.offer();
        let counter = counters.iter().find(|counter| counter.offer == offer)?;
        let product = products.iter().find(|product| product.id == offer.product)?;
        Some(ClosingOfferView {
            sell_window_id: offer.window.to_string(),
            product_id: offer.product.to_string(),
            name: product.name.to_string(),
            reserved_qty: shown(counter.reserved),
            threshold_qty: counter.threshold,
            closes_at: *closes_at,
        })
    };
    Ok(due.iter().filter_map(view).collect())
}
