//! `list_coupons`: GET /api/v1/coupons. The visible campaigns whose coupons can be issued now, from a cache that is a few
//! seconds old: only `issue_coupon` decides.

use crate::App;
use crate::manifest::prelude::*;
use contracts::coupons::CouponView;
use contracts::page::PageQuery;
use contracts::{Failure, Page};
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest =
    Manifest::new(Binary::Shop, "Lists the visible campaigns whose coupons can be issued now.")
        .routes(&[HttpRoute::get("/api/v1/coupons", Customer).query(&["limit", "cursor"])])
        .grants(&[Grant::Table(Coupons, &[BatchGetItem, Query]), Grant::Table(Counters, &[BatchGetItem])]);

/// Reads the page.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let page = request.page()?;
    Response::page(&page, list_coupons(app, &page).await?)
}

/// A page of the visible campaigns whose coupons can be issued now.
pub async fn list_coupons(app: &App, page: &PageQuery) -> Result<Page<CouponView>, Failure> {
    let now = app.now();
    let shown = app.store.shown_coupons(page, now).await?;
    let can_be_taken = shown.items.iter().filter(|(campaign, left)| campaign.can_be_taken(*left, now));
    let items = can_be_taken.map(|(campaign, left)| CouponView::new(campaign, *left)).collect();
    Ok(Page { items, next_cursor: shown.next_cursor.clone() })
}
