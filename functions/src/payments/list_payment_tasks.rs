//! `list_payment_tasks`: GET /api/v1/admin/payment-tasks. Payment tasks and reports for admins, newest first.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::payments::PaymentTaskView;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Payment tasks and reports for admins.")
    .routes(&[HttpRoute::get("/api/v1/admin/payment-tasks", Admin).query(&["limit", "cursor"])])
    .grants(&[Grant::Table(Payments, &[Query])]);

/// Which page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let found = app.store.list_payment_tasks(&page).await?;
    Response::page(&page, found.map(|task| PaymentTaskView::from(&task)))
}
