//! `create_coupon`: POST /api/v1/admin/coupons. An admin creates a coupon campaign.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::coupons::{CouponView, CreateCoupon, NewCampaign};
use domain::coupon::Campaign;
use domain::id::CouponId;
use domain::stock::{self, Shards};
use runtime::http::{Request, Response};
use store::stock::Pool;
use store::{Answer, Idempotency};

pub const MANIFEST: Manifest = Manifest::new(Binary::Admin, "An admin creates a coupon campaign.")
    .routes(&[HttpRoute::post("/api/v1/admin/coupons", Admin)])
    .grants(&[Grant::Table(Coupons, &[PutItem]), Grant::Table(Counters, &[PutItem])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let idempotency = app.idempotency(&app.store.tables().coupons, &request.admin()?, &request)?;
    let new = request.json::<CreateCoupon>()?.parse(app.shop())?;
    let answer = create_coupon(app, idempotency.as_ref(), new).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Writes the campaign and the shards of its quota in one transaction.
pub async fn create_coupon(app: &App, idempotency: Option<&Idempotency>, new: NewCampaign) -> Result<Answer, Failure> {
    let campaign = Campaign {
        id: CouponId::new(app.new_id()?),
        name: new.name,
        terms: new.terms,
        total_quantity: new.total_quantity,
        quota_shards: Shards::new(new.quota_shards),
        issue_starts_at: new.issue_starts_at,
        issue_ends_at: new.issue_ends_at,
        created_at: app.now(),
        listed: new.listed,
        version: 1,
        served_from: 1,
    };
    let answer = Answer::new(201, &CouponView::new(&campaign, i64::from(campaign.total_quantity)))?;
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, &answer)?;
    tx.about("coupon", campaign.id);
    tx.insert_campaign(&campaign)?;
    tx.list_campaign(None, &campaign)?;
    tx.insert_pool(Pool::Quota(campaign.id), &stock::spread(campaign.total_quantity, campaign.quota_shards.used()))?;
    Ok(tx.commit().await?.unwrap_or(answer))
}
