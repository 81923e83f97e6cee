//! `list_orders`: GET /api/v1/orders. A customer's orders, newest first.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::orders::OrderView;
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "A customer's orders, newest first.")
    .routes(&[HttpRoute::get("/api/v1/orders", Customer)])
    .grants(&[Grant::Table(Orders, &[Query])]);

/// Who, which page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let found = app.store.list_orders(&request.customer()?, &request.page()?).await?;
    Response::ok(&found.map(|order| OrderView::from(&order)))
}
