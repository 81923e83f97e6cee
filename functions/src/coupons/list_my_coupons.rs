//! `list_my_coupons`: GET /api/v1/me/coupons. A customer's coupons.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::coupons::UserCouponView;
use runtime::http::{Request, Response};

/// The facts that its AWS resources are generated from.
pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "A customer's coupons.")
    .routes(&[HttpRoute::get("/api/v1/me/coupons", Customer)])
    .grants(&[Grant::Table(Coupons, &[Query])]);

/// Who, which page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let found = app.store.list_user_coupons(&request.customer()?, &request.page()?).await?;
    let now = app.now();
    Response::ok(&found.map(|coupon| UserCouponView::new(&coupon, now)))
}
