//! `get_coupon`: GET `/api/v1/coupons/{coupon_id}`. A campaign with its current remaining quantity.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::coupons::CouponView;
use domain::Refusal;
use domain::id::CouponId;
use runtime::http::{Request, Response};
use store::stock::Pool;

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Returns a coupon campaign with its remaining quota.")
    .routes(&[HttpRoute::get("/api/v1/coupons/{coupon_id}", Customer)])
    .grants(&[Grant::Table(Coupons, &[GetItem]), Grant::Table(Counters, &[BatchGetItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = CouponId::parse(request.path("coupon_id")).ok_or(Refusal::CouponNotFound)?;
    Response::ok(&get_coupon(app, id).await?)
}

/// The campaign and the sum of its quota's shards.
pub async fn get_coupon(app: &App, id: CouponId) -> Result<CouponView, Failure> {
    let campaign = app.store.load_campaign(id).await?;
    let left = app.store.left_of(Pool::Quota(id), campaign.quota_shards).await?;
    Ok(CouponView::new(&campaign, left.iter().sum()))
}
