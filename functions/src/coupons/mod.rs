//! Limited coupons.

pub mod create_coupon;
pub mod get_coupon;
pub mod get_coupon_request;
pub mod inspect_coupon;
pub mod issue_coupon;
pub mod issue_requested_coupons;
pub mod list_all_coupons;
pub mod list_coupons;
pub mod list_my_coupons;
pub mod update_coupon;

use crate::App;
use contracts::Failure;
use contracts::coupons::AdminCouponView;
use domain::coupon::Campaign;
use futures_util::future::try_join;
use store::stock::Pool;

/// The admins' views of campaigns, with their quotas and uses.
async fn view_for_admins(app: &App, campaigns: &[Campaign]) -> Result<Vec<AdminCouponView>, Failure> {
    if campaigns.is_empty() {
        return Ok(Vec::new());
    }
    let pools: Vec<(Pool, u8)> =
        campaigns.iter().map(|campaign| (Pool::Quota(campaign.id), campaign.quota_shards.made())).collect();
    let uses = app.store.coupon_uses(campaigns.iter().map(|campaign| campaign.id));
    let (left, uses) = try_join(app.store.left(&pools), uses).await?;
    let view = |campaign: &Campaign| {
        let left = left.get(&Pool::Quota(campaign.id)).map(|left| left.iter().sum()).unwrap_or_default();
        let uses = uses.get(&campaign.id).copied().unwrap_or_default();
        AdminCouponView::new(campaign, left, uses, app.now())
    };
    Ok(campaigns.iter().map(view).collect())
}
