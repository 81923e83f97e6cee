//! `get_batch`: GET `/api/v1/admin/batches/{batch_id}`. One batch, and how far the shop is with it.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::batches::BatchView;
use domain::Refusal;
use domain::id::BatchId;
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "One batch, and how far the shop is with it.")
    .routes(&[HttpRoute::get("/api/v1/admin/batches/{batch_id}", Admin)])
    .grants(&[Grant::Table(Batches, &[Query]), Grant::Table(Counters, &[GetItem])]);

/// Which.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = BatchId::parse(request.path("batch_id")).ok_or(Refusal::BatchNotFound)?;
    Response::ok(&get_batch(app, id).await?)
}

/// The batch.
pub async fn get_batch(app: &App, id: BatchId) -> Result<BatchView, Failure> {
    let (batch, progress) = app.store.load_batch_and_progress(id).await?;
    let counter = app.store.load_counter(id.offer()).await?;
    Ok(super::view(&batch, &counter, &progress))
}
