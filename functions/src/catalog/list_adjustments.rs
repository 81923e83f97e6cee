//! `list_adjustments`: GET `/api/v1/admin/variants/{variant_id}/adjustments`. The stock adjustments of a variant, with
//! admin and reason, newest first.

use crate::App;
use crate::manifest::prelude::*;
use contracts::catalog::AdjustmentView;
use contracts::page::PageQuery;
use contracts::{Failure, Page};
use domain::Refusal;
use domain::id::VariantId;
use futures_util::future::try_join;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "Lists the stock adjustments of a variant with admin and reason.")
        .routes(&[HttpRoute::get("/api/v1/admin/variants/{variant_id}/adjustments", Admin).query(&["limit", "cursor"])])
        .grants(&[Grant::Table(Catalog, &[GetItem]), Grant::Table(Counters, &[Query])]);

/// Reads the variant's id and the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = VariantId::parse(request.path("variant_id")).ok_or(Refusal::VariantNotFound)?;
    let page = request.page()?;
    Response::page(&page, list_adjustments(app, id, &page).await?)
}

/// A page of adjustments of an existing variant.
pub async fn list_adjustments(app: &App, id: VariantId, page: &PageQuery) -> Result<Page<AdjustmentView>, Failure> {
    let adjustments = app.store.list_adjustments(id, page);
    let (_, found) = try_join(app.store.load_variant(id), adjustments).await?;
    Ok(found.map(|adjustment| AdjustmentView {
        delta: adjustment.delta,
        reason: adjustment.reason.as_str().to_owned(),
        by: adjustment.by,
        at: adjustment.at,
    }))
}
