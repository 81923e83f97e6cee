//! `list_orders`: GET /api/v1/orders. A customer's orders, newest first.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::orders::OrderView;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Lists a customer's orders, newest first.")
    .routes(&[HttpRoute::get("/api/v1/orders", Customer).query(&["limit", "cursor"])])
    .grants(&[Grant::Table(Orders, &[Query])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let found = app.store.list_orders(&request.customer()?, &page).await?;
    Response::page(&page, found.map(|order| OrderView::from(&order)))
}
