//! `list_point_history`: GET /api/v1/points/history. A customer's ledger, newest first.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::points::EntryView;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Lists a customer's points ledger, newest entry first.")
    .routes(&[HttpRoute::get("/api/v1/points/history", Customer).query(&["limit", "cursor"])])
    .grants(&[Grant::Table(Wallets, &[Query])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let found = app.store.list_entries(&request.customer()?, &page).await?;
    Response::page(&page, found.map(|entry| EntryView::from(&entry)))
}
