//! `list_daily_sales`: GET /api/v1/admin/daily-sales. An admin lists the sales of each shop day between two days.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use contracts::rankings::DailySaleView;
use domain::daily_sales::DayRange;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Lists the sales per product and shop day.")
    .routes(&[HttpRoute::get("/api/v1/admin/daily-sales", Admin).query(&["from", "to", "limit", "cursor"])])
    .grants(&[Grant::Table(Rankings, &[Query])]);

/// Reads the days and the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let days = DayRange::parse(request.query("from"), request.query("to"), app.shop().day(app.now()))?;
    Response::page(&page, list_daily_sales(app, days, &page).await?)
}

/// A page of the sales that `record_daily_sales` has stored.
pub async fn list_daily_sales(app: &App, days: DayRange, page: &PageQuery) -> Result<Page<DailySaleView>, Failure> {
    Ok(app.store.list_daily_sales(days, page).await?.map(|sale| DailySaleView::from(&sale)))
}
