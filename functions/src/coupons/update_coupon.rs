//! `update_coupon`: PATCH `/api/v1/admin/coupons/{coupon_id}`. An admin changes the quantity, name, issue period, validity,
//! visibility or quota shards of a campaign, also while it is running.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::coupons::{CouponView, UpdateCoupon};
use domain::Refusal;
use domain::coupon::CampaignChange;
use domain::id::CouponId;
use runtime::http::{Request, Response};
use store::stock::Pool;
use store::{Rejected, retry_on_stale_read};

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Admin,
    "An admin changes a campaign's quantity, name, issue period, validity, visibility or quota shards.",
)
.routes(&[HttpRoute::patch("/api/v1/admin/coupons/{coupon_id}", Admin)])
.grants(&[
    Grant::Table(Coupons, &[DeleteItem, GetItem, PutItem, UpdateItem]),
    Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
]);

/// Reads the id and the body.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = CouponId::parse(request.path("coupon_id")).ok_or(Refusal::CouponNotFound)?;
    let change = request.json::<UpdateCoupon>()?.parse()?;
    Response::ok(&retry_on_stale_read(|| update_coupon(app, id, &change)).await?)
}

/// Changes the campaign and its quota's shards in one transaction. Environments that have cached the campaign notice within
/// seconds.
pub async fn update_coupon(app: &App, id: CouponId, change: &CampaignChange) -> Result<CouponView, Rejected> {
    let before = app.store.load_campaign(id).await?;
    let pool = Pool::Quota(id);
    let left = app.store.left_of(pool, before.quota_shards).await?;
    let remaining: i64 = left.iter().sum();
    let (campaign, added) = before.clone().change(change, remaining).map_err(Refusal::from)?;
    let mut tx = app.tx()?;
    tx.save_campaign(&campaign)?;
    tx.list_campaign(Some(&before), &campaign)?;
    tx.reshape_pool(pool, &left, campaign.quota_shards, added, Some(campaign.served_from))?;
    tx.commit().await?;
    app.store.remember_campaign(&campaign, app.now());
    Ok(CouponView::new(&campaign, remaining + i64::from(added)))
}
