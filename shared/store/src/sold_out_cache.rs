//! The sold-out cache: what an execution environment remembers about campaigns and sold-out pools while many customers
//! want the same thing. A request for a pool that is remembered as empty is refused without a write; the pool is read
//! again every [`LOOK_AGAIN_AFTER`].
//!
//! "Sold out" is answered only after every shard was seen empty while no pieces were moved between them.

use crate::Store;
use crate::stock::Pool;
use contracts::Failure;
use domain::Moment;
use domain::coupon::Campaign;
use domain::id::CouponId;
use domain::stock::Shards;
use jiff::SignedDuration;

/// The lifetime of a cache entry: a top-up is noticed within it.
pub const LOOK_AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(2);
/// The maximum number of reads of a quota whose campaign changes in the meantime.
const LOOKS_MAX: u32 = 5;

/// A cached campaign.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    campaign: Campaign,
    /// The time at which the campaign was read.
    read_at: Moment,
    looked: Option<Look>,
}

/// The time at which a quota was read, and whether anything was left.
#[derive(Debug, Clone, Copy)]
struct Look {
    at: Moment,
    has_some: bool,
}

fn is_fresh(seen: Moment, now: Moment) -> bool {
    now.duration_since(seen).abs() < LOOK_AGAIN_AFTER
}

fn has_some(left: &[i64]) -> bool {
    left.iter().any(|left| *left > 0)
}

impl Store {
    /// The campaign from the cache, at most [`LOOK_AGAIN_AFTER`] old.
    ///
    /// # Errors
    /// [`domain::Refusal::CouponNotFound`].
    pub async fn remembered_campaign(&self, id: CouponId, now: Moment) -> Result<Campaign, Failure> {
        match self.campaigns.get(&id).filter(|watched| is_fresh(watched.read_at, now)) {
            Some(watched) => Ok(watched.campaign),
            None => self.refresh_campaign(id, now).await,
        }
    }

    /// Reads the campaign and caches it.
    ///
    /// # Errors
    /// [`domain::Refusal::CouponNotFound`].
    pub async fn refresh_campaign(&self, id: CouponId, now: Moment) -> Result<Campaign, Failure> {
        let campaign = self.load_campaign(id).await?;
        self.remember_campaign(&campaign, now);
        Ok(campaign)
    }

    /// Caches a changed campaign. A quota that was read is valid only for the campaign version that was read.
    pub fn remember_campaign(&self, campaign: &Campaign, now: Moment) {
        let known = self.campaigns.get(&campaign.id).filter(|known| known.campaign.version == campaign.version);
        let looked = known.and_then(|known| known.looked);
        self.campaigns.put(campaign.id, Watched { campaign: campaign.clone(), read_at: now, looked });
    }

    /// The campaign and the remaining quota in each shard. All empty means sold out at that version.
    ///
    /// # Errors
    /// [`Failure::Busy`] when the campaign kept changing.
    pub async fn look_for_quota(&self, mut campaign: Campaign, now: Moment) -> Result<(Campaign, Vec<i64>), Failure> {
        for _ in 0..LOOKS_MAX {
            let left = self.left_of(Pool::Quota(campaign.id), campaign.quota_shards).await?;
            if has_some(&left) {
                self.forget_sold_out(Pool::Quota(campaign.id));
                return Ok((campaign, left));
            }
            let version = campaign.version;
            campaign = self.refresh_campaign(campaign.id, now).await?;
            if campaign.version == version {
                self.saw_quota(&campaign, now, false);
                return Ok((campaign, left));
            }
        }
        Err(Failure::Busy)
    }

    /// The campaign at this version or a later one, and whether anything was left within the last [`LOOK_AGAIN_AFTER`].
    ///
    /// # Errors
    /// [`domain::Refusal::CouponNotFound`]; see [`Store::look_for_quota`].
    pub async fn watch_campaign(
        &self,
        id: CouponId,
        least_version: u32,
        now: Moment,
    ) -> Result<(Campaign, bool), Failure> {
        if let Some(Watched { campaign, looked: Some(look), .. }) = self.campaigns.get(&id)
            && is_fresh(look.at, now)
            && campaign.version >= least_version
        {
            return Ok((campaign, look.has_some));
        }
        let campaign = self.refresh_campaign(id, now).await?;
        let (campaign, left) = self.look_for_quota(campaign, now).await?;
        let has_some = has_some(&left);
        self.saw_quota(&campaign, now, has_some);
        Ok((campaign, has_some))
    }

    /// Caches the quota that was read just after its campaign.
    fn saw_quota(&self, campaign: &Campaign, at: Moment, has_some: bool) {
        let looked = Some(Look { at, has_some });
        self.campaigns.put(campaign.id, Watched { campaign: campaign.clone(), read_at: at, looked });
    }

    /// Whether a campaign is sold out, as far as a read within the last [`LOOK_AGAIN_AFTER`] can tell. Reads again when
    /// the entry is too old; never writes.
    ///
    /// # Errors
    /// See [`Store::look_for_quota`].
    pub async fn is_quota_gone(&self, campaign: &Campaign, now: Moment) -> Result<bool, Failure> {
        match self.campaigns.get(&campaign.id).and_then(|known| known.looked) {
            None | Some(Look { has_some: true, .. }) => Ok(false),
            Some(look) if is_fresh(look.at, now) => Ok(true),
            Some(_) => Ok(!has_some(&self.look_for_quota(campaign.clone(), now).await?.1)),
        }
    }

    /// The remaining pieces in each shard of a pool.
    pub async fn left_of(&self, pool: Pool, shards: Shards) -> Result<Vec<i64>, Failure> {
        Ok(self.left(&[(pool, shards.made())]).await?.remove(&pool).unwrap_or_default())
    }

    /// Like [`Store::is_quota_gone`], for stock and capacity.
    pub async fn is_sold_out(&self, pool: Pool, shards: Shards, now: Moment) -> Result<bool, Failure> {
        match self.sold_out.get(&pool) {
            None => return Ok(false),
            Some(seen) if is_fresh(seen, now) => return Ok(true),
            Some(_) => {}
        }
        let is_empty = !has_some(&self.left_of(pool, shards).await?);
        if is_empty {
            self.remember_sold_out(pool, now);
        } else {
            self.forget_sold_out(pool);
        }
        Ok(is_empty)
    }

    /// Caches that every shard of the pool was empty.
    pub fn remember_sold_out(&self, pool: Pool, now: Moment) {
        self.sold_out.put(pool, now);
    }

    /// Removes the pool from the cache, because pieces were added.
    pub(crate) fn forget_sold_out(&self, pool: Pool) {
        self.sold_out.forget(&pool);
        if let Pool::Quota(id) = pool
            && let Some(watched) = self.campaigns.get(&id)
            && watched.looked.is_some_and(|look| !look.has_some)
        {
            self.campaigns.put(id, Watched { looked: None, ..watched });
        }
    }
}
