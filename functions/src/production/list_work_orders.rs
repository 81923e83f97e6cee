//! `list_work_orders`: GET /api/v1/admin/work-orders. The work orders, newest first, of one status or of all.

use crate::App;
use crate::manifest::prelude::*;
use contracts::page::PageQuery;
use contracts::production::WorkOrderView;
use contracts::{Failure, Page};
use domain::work_order::WorkOrderStatus;
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "The work orders, newest first.")
    .routes(&[HttpRoute::get("/api/v1/admin/work-orders", Admin)])
    .grants(&[Grant::Table(Production, &[GetItem, Query])]);

/// Which, which page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let status = request.query("status").map(|text| WorkOrderStatus::parse("status", text)).transpose()?;
    Response::ok(&list_work_orders(app, status, &request.page()?).await?)
}

/// A page of work orders.
pub async fn list_work_orders(
    app: &App,
    status: Option<WorkOrderStatus>,
    page: &PageQuery,
) -> Result<Page<WorkOrderView>, Failure> {
    Ok(app.store.list_work_orders(status, page).await?.map(|order| WorkOrderView::from(&order)))
}
