//! The campaigns that customers see in the list of coupons. A listed campaign has an entry in one partition, sorted by
//! the end of its issue period, so that ended and unlisted campaigns cost nothing. An entry only nominates: the
//! campaign decides.

use crate::coupons::{campaign_pk, read_campaign};
use crate::db::{Want, key, put, string, text};
use crate::orders::Reads;
use crate::stock::Pool;
use crate::storefront::is_fresh;
use crate::{Store, Tx, cursor};
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::Moment;
use domain::coupon::Campaign;
use domain::id::CouponId;
use jiff::SignedDuration;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;

/// The maximum age of the list that customers see.
pub const COUPONS_SHOWN_FOR: SignedDuration = SignedDuration::from_secs(3);

const LISTED: &str = "LISTED_COUPONS";
/// The digits of a time in a sort key, in milliseconds.
const DIGITS: usize = 15;

/// A campaign and its remaining quota.
pub(crate) type ShownCoupon = (Campaign, i64);

/// A page of visible campaigns, and the time at which it was read.
pub(crate) type ShownCoupons = (Moment, Arc<Page<ShownCoupon>>);

#[derive(Debug, Serialize)]
struct ListedItem {
    pk: &'static str,
    sk: String,
}

fn sort_key(campaign: &Campaign) -> String {
    format!("{}#{}", digits(campaign.issue_ends_at), campaign.id)
}

fn digits(at: Moment) -> String {
    format!("{:0DIGITS$}", at.as_millisecond().max(0))
}

/// The campaign of a sort key.
fn campaign_of(sk: &str) -> Option<CouponId> {
    let (at, id) = sk.split_once('#')?;
    let is_time = at.len() == DIGITS && at.bytes().all(|byte| byte.is_ascii_digit());
    CouponId::parse(id).filter(|_| is_time)
}

impl Store {
    /// A page of the visible campaigns whose issue period has not ended, earliest end first, each with its remaining quota:
    /// at most [`COUPONS_SHOWN_FOR`] old.
    ///
    /// # Errors
    /// [`domain::Refusal::Invalid`] for a cursor of another list.
    pub async fn shown_coupons(&self, page: &PageQuery, now: Moment) -> Result<Arc<Page<ShownCoupon>>, Failure> {
        let name = (page.limit.get(), page.cursor.clone());
        if let Some((_, known)) = self.shown_coupons.get(&name).filter(|(at, _)| is_fresh(*at, now, COUPONS_SHOWN_FOR))
        {
            return Ok(known);
        }
        let read = Arc::new(self.list_coupons(page, now).await?);
        self.shown_coupons.put(name, (now, Arc::clone(&read)));
        Ok(read)
    }

    async fn list_coupons(&self, page: &PageQuery, now: Moment) -> Result<Page<ShownCoupon>, Failure> {
        let is_position = |text: &str| campaign_of(text).is_some();
        let after = page.cursor.as_deref().map(|text| cursor::decode(text, is_position)).transpose()?;
        let query = self
            .query_of(&self.tables.coupons)
            .key_condition_expression("pk = :pk AND sk > :now")
            .expression_attribute_values(":pk", string(LISTED))
            // `~` sorts after the ids of the campaigns that end now.
            .expression_attribute_values(":now", string(after.unwrap_or_else(|| format!("{}#~", digits(now)))))
            .limit(i32::try_from(page.limit.get()).unwrap_or(i32::MAX));
        let found = self.query(query).await?;
        let next_cursor = found.last_key.as_ref().and_then(|last| text(last, "sk")).map(cursor::encode);
        let listed = found.items.iter().filter_map(|item| campaign_of(text(item, "sk")?));
        let keys: Vec<(String, String)> = listed.map(|id| (campaign_pk(id), "META".to_owned())).collect();
        if keys.is_empty() {
            return Ok(Page { items: Vec::new(), next_cursor });
        }
        let want = Want { table: self.tables.coupons.clone(), keys, consistent: false };
        let read = self.batch_get(vec![want]).await?.into_iter().map(read_campaign).collect::<Result<Vec<_>, _>>()?;
        let mut campaigns: Vec<Campaign> = read.into_iter().filter(|campaign| campaign.listed).collect();
        campaigns.sort_by_key(sort_key);
        let pools: Vec<(Pool, u8)> =
            campaigns.iter().map(|campaign| (Pool::Quota(campaign.id), campaign.quota_shards.made())).collect();
        let left = if pools.is_empty() { HashMap::new() } else { self.read_left(&pools, Reads::Eventual).await? };
        let left_of = |id| left.get(&Pool::Quota(id)).map_or(0, |shards| shards.iter().sum());
        let items = campaigns.into_iter().map(|campaign| (campaign.clone(), left_of(campaign.id))).collect();
        Ok(Page { items, next_cursor })
    }
}

impl Tx<'_> {
    /// Writes and deletes the campaign's entry in the list that customers see, where `after` differs from `before`.
    pub fn list_campaign(&mut self, before: Option<&Campaign>, after: &Campaign) -> Result<(), Failure> {
        let entry = |campaign: &Campaign| campaign.listed.then(|| sort_key(campaign));
        let (old, new) = (before.and_then(entry), entry(after));
        if old == new {
            return Ok(());
        }
        let table = self.tables().coupons.clone();
        if let Some(sk) = old {
            self.delete(&table, key(LISTED, &sk))?;
        }
        if let Some(sk) = new {
            self.put(put(&table, &ListedItem { pk: LISTED, sk })?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_sort_by_the_end_of_the_issue_period_and_contain_the_campaign() {
        let id = CouponId::new(uuid::Uuid::from_u128(7));
        let key = |at: &str| format!("{}#{id}", digits(at.parse().unwrap()));
        assert!(key("1950-01-01T00:00:00Z") < key("2026-11-21T12:00:00Z"));
        assert!(key("2026-11-21T12:00:00Z") < key("2026-11-21T12:00:00.001Z"));
        assert_eq!(campaign_of(&key("2026-11-21T12:00:00Z")), Some(id));
        for bad in [format!("1#{id}"), format!("{:a>15}#{id}", ""), format!("{:015}#x", 1), id.to_string()] {
            assert_eq!(campaign_of(&bad), None, "{bad}");
        }
    }
}
