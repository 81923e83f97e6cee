//! `update_coupon`: PATCH `/api/v1/admin/coupons/{coupon_id}`. An admin increases the quantity of a running campaign, or
//! changes the number of its quota shards.

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

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "An admin increases a campaign's quantity, or changes its number of shards.")
        .routes(&[HttpRoute::patch("/api/v1/admin/coupons/{coupon_id}", Admin)])
        .grants(&[Grant::Table(Coupons, &[GetItem, UpdateItem]), Grant::Table(Counters, &[BatchGetItem, UpdateItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = CouponId::parse(request.path("coupon_id")).ok_or(Refusal::CouponNotFound)?;
    let change = request.json::<UpdateCoupon>()?.parse()?;
    Response::ok(&retry_on_stale_read(|| update_coupon(app, id, change)).await?)
}

/// Changes the campaign and the shards of its quota in one transaction. Environments with a sold-out cache notice within
/// seconds.
pub async fn update_coupon(app: &App, id: CouponId, change: CampaignChange) -> Result<CouponView, Rejected> {
    let campaign = app.store.load_campaign(id).await?;
    let pool = Pool::Quota(id);
    let left = app.store.left_of(pool, campaign.quota_shards).await?;
    let remaining: i64 = left.iter().sum();
    let (campaign, added) = campaign.change(change, remaining).map_err(Refusal::from)?;
    let mut tx = app.tx()?;
    tx.save_campaign(&campaign)?;
    tx.reshape_pool(pool, &left, campaign.quota_shards, added, Some(campaign.served_from))?;
    tx.commit().await?;
    app.store.remember_campaign(&campaign);
    Ok(CouponView::new(&campaign, remaining + i64::from(added)))
}
