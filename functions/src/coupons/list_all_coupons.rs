//! `list_all_coupons`: GET /api/v1/admin/coupons. The campaigns, newest first, with the number of their issued, held and
//! used coupons.

use crate::App;
use crate::manifest::prelude::*;
use contracts::coupons::AdminCouponView;
use contracts::page::PageQuery;
use contracts::{Failure, Page};
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Admin, "Lists the coupon campaigns with issued, held and used coupons.")
        .routes(&[HttpRoute::get("/api/v1/admin/coupons", Admin).query(&["limit", "cursor"])])
        .grants(&[Grant::Table(Coupons, &[BatchGetItem, Query]), Grant::Table(Counters, &[BatchGetItem])]);

/// Reads the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    Response::page(&page, list_all_coupons(app, &page).await?)
}

/// A page of campaigns.
pub async fn list_all_coupons(app: &App, page: &PageQuery) -> Result<Page<AdminCouponView>, Failure> {
    let found = app.store.list_campaigns(page).await?;
    Ok(Page { items: super::view_for_admins(app, &found.items).await?, next_cursor: found.next_cursor })
}
