//! `get_batch`: GET `/api/v1/admin/batches/{batch_id}`. One batch, and how far the shop is with it.

use crate::App;
use contracts::Failure;
use contracts::batches::BatchView;
use domain::Refusal;
use domain::id::BatchId;
use runtime::http::{Request, Response};

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
