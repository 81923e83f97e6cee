//! `list_point_history`: GET /api/v1/points/history. A customer's ledger, newest first.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::points::EntryView;
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "A customer's ledger entries, newest first.")
    .routes(&[HttpRoute::get("/api/v1/points/history", Customer)])
    .grants(&[Grant::Table(Wallets, &[Query])]);

/// Who, which page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let found = app.store.list_entries(&request.customer()?, &request.page()?).await?;
    Response::ok(&found.map(|entry| EntryView::from(&entry)))
}
