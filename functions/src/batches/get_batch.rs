//! `get_batch`: GET `/api/v1/admin/batches/{batch_id}`. One batch with its progress, and the number of its orders per
//! stage.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::batches::BatchView;
use domain::Refusal;
use domain::id::{BatchId, OfferId};
use domain::order::Funnel;
use futures_util::future::try_join;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "Returns a batch with the progress and the funnel of its orders.")
        .routes(&[HttpRoute::get("/api/v1/admin/batches/{batch_id}", Admin)])
        .grants(&[
            Grant::Table(Batches, &[Query]),
            Grant::Table(Counters, &[GetItem]),
            Grant::Table(Orders, &[BatchGetItem]),
        ]);

/// Reads the id.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = BatchId::parse(request.path("batch_id")).ok_or(Refusal::BatchNotFound)?;
    Response::ok(&get_batch(app, id).await?)
}

/// The batch.
pub async fn get_batch(app: &App, id: BatchId) -> Result<BatchView, Failure> {
    let (batch, progress) = app.store.load_batch_and_progress(id).await?;
    let (counter, funnel) = try_join(app.store.load_counter(id.offer()), funnel(app, id.offer())).await?;
    Ok(BatchView { funnel: Some(funnel.into()), ..super::view(&batch, &counter, &progress) })
}

/// Counts the orders of an offer per stage. Costs half a read unit per order and its share of the log
/// (docs/performance.md).
async fn funnel(app: &App, offer: OfferId) -> Result<Funnel, Failure> {
    let mut funnel = Funnel::default();
    super::each_order(app, offer, |order| funnel.count(order)).await?;
    Ok(funnel)
}
