//! `list_work_orders`: GET /api/v1/admin/work-orders. Work orders, newest first, optionally of one status.

use crate::App;
use crate::manifest::prelude::*;
use contracts::page::PageQuery;
use contracts::production::WorkOrderView;
use contracts::{Failure, Page};
use domain::work_order::WorkOrderStatus;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Lists the work orders, newest first.")
    .routes(&[HttpRoute::get("/api/v1/admin/work-orders", Admin).query(&["status", "limit", "cursor"])])
    .grants(&[Grant::Table(Production, &[GetItem, Query])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let status = request.query("status").map(|text| WorkOrderStatus::parse("status", text)).transpose()?;
    Response::page(&page, list_work_orders(app, status, &page).await?)
}

/// A page of work orders.
pub async fn list_work_orders(
    app: &App,
    status: Option<WorkOrderStatus>,
    page: &PageQuery,
) -> Result<Page<WorkOrderView>, Failure> {
    Ok(app.store.list_work_orders(status, page).await?.map(|order| WorkOrderView::from(&order)))
}
