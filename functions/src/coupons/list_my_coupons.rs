//! `list_my_coupons`: GET /api/v1/me/coupons. A customer's coupons.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::coupons::UserCouponView;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Lists a customer's coupons.")
    .routes(&[HttpRoute::get("/api/v1/me/coupons", Customer).query(&["limit", "cursor"])])
    .grants(&[Grant::Table(Coupons, &[Query])]);

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    let found = app.store.list_user_coupons(&request.customer()?, &page).await?;
    let now = app.now();
    Response::page(&page, found.map(|coupon| UserCouponView::new(&coupon, now)))
}
