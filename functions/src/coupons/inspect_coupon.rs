//! `inspect_coupon`: GET `/api/v1/admin/coupons/{coupon_id}`. One campaign with the number of its issued, held and used
//! coupons.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::coupons::AdminCouponView;
use domain::Refusal;
use domain::id::CouponId;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "Returns a coupon campaign with its issued, held and used coupons.")
        .routes(&[HttpRoute::get("/api/v1/admin/coupons/{coupon_id}", Admin)])
        .grants(&[Grant::Table(Coupons, &[GetItem]), Grant::Table(Counters, &[BatchGetItem])]);

/// Reads the campaign's id.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let id = CouponId::parse(request.path("coupon_id")).ok_or(Refusal::CouponNotFound)?;
    Response::ok(&inspect_coupon(app, id).await?)
}

/// The campaign.
pub async fn inspect_coupon(app: &App, id: CouponId) -> Result<AdminCouponView, Failure> {
    let campaign = app.store.load_campaign(id).await?;
    super::view_for_admins(app, &[campaign]).await?.pop().ok_or(Refusal::CouponNotFound.into())
}
