//! `list_batch_orders`: GET `/api/v1/admin/batches/{batch_id}/orders`. Every order that reserved places in a batch, with
//! its address: a page as JSON, or the whole list as CSV.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::orders::BatchOrderView;
use contracts::page::PageQuery;
use contracts::table::Table;
use domain::Refusal;
use domain::id::BatchId;
use domain::order::OrderStatus;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Lists the orders of a batch with their contact data.")
    .routes(&[HttpRoute::get("/api/v1/admin/batches/{batch_id}/orders", Admin).query(&["status", "limit", "cursor"])])
    .grants(&[Grant::Table(Batches, &[GetItem, Query]), Grant::Table(Orders, &[BatchGetItem])]);

/// Pages per CSV response, so that a large batch does not exceed the time-out.
const PAGES_PER_TABLE_MAX: usize = 40;

/// Reads the batch, the filter, the page and the format.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = BatchId::parse(request.path("batch_id")).ok_or(Refusal::BatchNotFound)?;
    let status = request.query("status").map(|text| OrderStatus::parse("status", text)).transpose()?;
    let page = request.page()?;
    app.store.load_batch(id).await?;
    if request.accepts_csv() {
        let (table, next) = batch_orders_as_csv(app, id, status, &page).await?;
        return Ok(Response::csv(table, "orders.csv", next.as_deref()));
    }
    let found = app.store.orders_of_offer(id.offer(), status, &page).await?;
    Response::page(&page, found.map(|order| BatchOrderView::from(&order)))
}

/// All orders from the cursor on, as CSV: as many as one response can contain, and the cursor of the next.
async fn batch_orders_as_csv(
    app: &App,
    id: BatchId,
    status: Option<OrderStatus>,
    page: &PageQuery,
) -> Result<(String, Option<String>), Failure> {
    let mut table = Table::of::<BatchOrderView>()?;
    let mut position = page.cursor.clone();
    for _ in 0..PAGES_PER_TABLE_MAX {
        let found = app.store.orders_of_offer(id.offer(), status, &page.largest_from(position)).await?;
        for order in &found.items {
            table.push(&BatchOrderView::from(order))?;
        }
        position = found.next_cursor;
        if position.is_none() || table.is_full() {
            break;
        }
    }
    Ok((table.finish()?, position.map(|position| page.cursor_at(&position))))
}
