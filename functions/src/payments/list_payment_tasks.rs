//! `list_payment_tasks`: GET /api/v1/admin/payment-tasks. An admin lists payment tasks, latest first, with the filters
//! `kind` and `done`. Done tasks stay listed.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::payments::PaymentTaskView;
use domain::Invalid;
use domain::payment::{TaskFilter, TaskKind};
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Lists the payment tasks of the admins.")
    .routes(&[HttpRoute::get("/api/v1/admin/payment-tasks", Admin).query(&["kind", "done", "limit", "cursor"])])
    .grants(&[Grant::Table(Payments, &[Query])]);

/// Reads the filter and the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let found = app.store.list_payment_tasks(filter(&request)?, &page).await?;
    Response::page(&page, found.map(|task| PaymentTaskView::from(&task)))
}

fn filter(request: &Request) -> Result<TaskFilter, Invalid> {
    let mut wrong = Invalid::default();
    let kind = request.query("kind").and_then(|text| wrong.check(TaskKind::parse("kind", text)));
    let done = match request.query("done") {
        None => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => {
            wrong.note("done", "must be true or false");
            None
        }
    };
    wrong.into_result(Some(TaskFilter { kind, done }))
}
