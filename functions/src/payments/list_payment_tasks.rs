//! `list_payment_tasks`: GET /api/v1/admin/payment-tasks. What an admin has to know or to do about money, latest first.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::payments::PaymentTaskView;
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "What an admin has to know or to do about money.")
    .routes(&[HttpRoute::get("/api/v1/admin/payment-tasks", Admin).query(&["limit", "cursor"])])
    .grants(&[Grant::Table(Payments, &[Query])]);

/// Which page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let found = app.store.list_payment_tasks(&page).await?;
    Response::page(&page, found.map(|task| PaymentTaskView::from(&task)))
}
