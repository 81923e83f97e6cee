//! `list_batches`: GET /api/v1/admin/batches. Batches, newest first, optionally of one status.

use crate::App;
use crate::manifest::prelude::*;
use contracts::batches::BatchView;
use contracts::page::PageQuery;
use contracts::{Failure, Page};
use domain::batch::BatchStatus;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "Lists the batches, newest first.")
    .routes(&[HttpRoute::get("/api/v1/admin/batches", Admin).query(&["status", "limit", "cursor"])])
    .grants(&[Grant::Table(Batches, &[Query]), Grant::Table(Counters, &[BatchGetItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let status = request.query("status").map(|text| BatchStatus::parse("status", text)).transpose()?;
    Response::page(&page, list_batches(app, status, &page).await?)
}

/// A page of batches.
pub async fn list_batches(
    app: &App,
    status: Option<BatchStatus>,
    page: &PageQuery,
) -> Result<Page<BatchView>, Failure> {
    let found = app.store.list_batches(status, page).await?;
    let counters = app.store.counters(found.items.iter().map(|(batch, _)| batch.id.offer())).await?;
    let view = |(batch, progress): &(_, Vec<_>)| {
        let batch: &domain::batch::Batch = batch;
        let counter = counters.iter().find(|counter| counter.offer == batch.id.offer())?;
        Some(super::view(batch, counter, progress))
    };
    Ok(Page { items: found.items.iter().filter_map(view).collect(), next_cursor: found.next_cursor })
}
