//! `list_point_history`: GET /api/v1/points/history. A customer's ledger, newest first.

use crate::App;
use contracts::Failure;
use contracts::points::EntryView;
use runtime::http::{Request, Response};

/// Who, which page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let found = app.store.list_entries(&request.customer()?, &request.page()?).await?;
    Response::ok(&found.map(|entry| EntryView::from(&entry)))
}
