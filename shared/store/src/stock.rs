//! Pools: stock, capacity and quotas, each a counter that is split over shards. An order records its allocations, so
//! that remaining + held + sold = stocked, and a payment does not write to a counter.

use crate::db::{Item, Want, from_item, integer, key, malformed_key, number, put, string, text, update};
use crate::orders::Reads;
use crate::{Store, Tx, cursor, time};
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::catalog::Variant;
use domain::id::{AdjustmentId, CouponId, OfferId, VariantId};
use domain::order::Order;
use domain::stock::{self, Allocation, Shards};
use domain::text::Reason;
use domain::{Moment, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

#[derive(Debug, Serialize)]
struct ShardItem {
    pk: String,
    sk: &'static str,
    left_qty: i64,
}

#[derive(Debug, Serialize, Deserialize)]
struct AdjustmentItem {
    pk: String,
    sk: String,
    delta: i64,
    reason: String,
    by: String,
    #[serde(with = "time")]
    at: Moment,
}

/// A stock adjustment, kept permanently: the stocked quantity is the sum of all adjustments.
#[derive(Debug, Clone)]
pub struct Adjustment {
    pub id: AdjustmentId,
    pub variant: VariantId,
    /// Pieces added, or removed if negative.
    pub delta: i64,
    pub reason: Reason,
    /// The admin.
    pub by: String,
    pub at: Moment,
}

/// A quantity that is split over shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pool {
    /// The stock of a variant.
    Stock(VariantId),
    /// The quota of a campaign.
    Quota(CouponId),
    /// The capacity of an offer.
    Capacity(OfferId),
}

impl Pool {
    fn shard_pk(self, shard: u8) -> String {
        match self {
            Self::Stock(variant) => format!("STOCK#{variant}#{shard:02}"),
            Self::Quota(coupon) => format!("QUOTA#{coupon}#{shard:02}"),
            Self::Capacity(offer) => format!("CAPACITY#{offer}#{shard:02}"),
        }
    }

    /// The pool and shard of a key of the counters table.
    pub(crate) fn parse(pk: &str) -> Option<(Self, u8)> {
        let (pool, shard) = pk.rsplit_once('#')?;
        let pool = match pool.split_once('#')? {
            ("STOCK", id) => Self::Stock(VariantId::parse(id)?),
            ("QUOTA", id) => Self::Quota(CouponId::parse(id)?),
            ("CAPACITY", id) => Self::Capacity(OfferId::parse(id)?),
            _ => return None,
        };
        Some((pool, shard.parse().ok()?))
    }
}

const LEFT: &str = "LEFT";

fn adjustments_pk(variant: VariantId) -> String {
    format!("STOCK#{variant}")
}

const ADJUSTMENT: &str = "ADJUSTMENT#";

fn to_adjustment(variant: VariantId, item: Item) -> Result<Adjustment, Failure> {
    let item: AdjustmentItem = from_item(item)?;
    let id = item.sk.strip_prefix(ADJUSTMENT).and_then(AdjustmentId::parse);
    Ok(Adjustment {
        id: id.ok_or_else(|| malformed_key("stock adjustment", &item.pk, &item.sk))?,
        variant,
        delta: item.delta,
        reason: Reason::parse("reason", &item.reason).map_err(|_| malformed_key("reason", &item.pk, &item.sk))?,
        by: item.by,
        at: item.at,
    })
}

/// The variant and the delta of an adjustment in the counters table.
pub(crate) fn read_adjustment(item: &Item) -> Option<(VariantId, i64)> {
    text(item, "sk")?.strip_prefix(ADJUSTMENT)?;
    let variant = VariantId::parse(text(item, "pk")?.strip_prefix("STOCK#")?)?;
    Some((variant, integer(item, "delta")?))
}

impl Store {
    /// A page of the adjustments of a variant's stock, newest first.
    pub async fn list_adjustments(&self, variant: VariantId, page: &PageQuery) -> Result<Page<Adjustment>, Failure> {
        let is_position = |id: &str| AdjustmentId::parse(id).is_some();
        let after = page.cursor.as_deref().map(|text| cursor::decode(text, is_position)).transpose()?;
        let pk = adjustments_pk(variant);
        let query = self
            .query_of(&self.tables.counters)
            .key_condition_expression("pk = :pk AND begins_with(sk, :kind)")
            .expression_attribute_values(":pk", string(&pk))
            .expression_attribute_values(":kind", string(ADJUSTMENT))
            .set_exclusive_start_key(after.map(|id| key(&pk, &format!("{ADJUSTMENT}{id}"))))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(page.limit.get()).unwrap_or(i32::MAX));
        let found = self.query(query).await?;
        let items = found.items.into_iter().map(|item| to_adjustment(variant, item)).collect::<Result<Vec<_>, _>>()?;
        let next_cursor = found.last_key.and(items.last()).map(|last| cursor::encode(&last.id.to_string()));
        Ok(Page { items, next_cursor })
    }

    /// The remaining pieces in each shard of these pools.
    pub async fn left(&self, pools: &[(Pool, u8)]) -> Result<HashMap<Pool, Vec<i64>>, Failure> {
        self.read_left(pools, Reads::Strong).await
    }

    pub(crate) async fn read_left(
        &self,
        pools: &[(Pool, u8)],
        reads: Reads,
    ) -> Result<HashMap<Pool, Vec<i64>>, Failure> {
        let keys = pools
            .iter()
            .flat_map(|(pool, shards)| (0..*shards).map(|shard| (pool.shard_pk(shard), LEFT.to_owned())))
            .collect();
        let want = Want { table: self.tables.counters.clone(), keys, consistent: reads.consistent() };
        let mut left: HashMap<Pool, Vec<i64>> =
            pools.iter().map(|(pool, shards)| (*pool, vec![0; usize::from(*shards)])).collect();
        for item in self.batch_get(vec![want]).await? {
            let place = text(&item, "pk").and_then(Pool::parse);
            if let Some((pool, shard)) = place
                && let Some(slot) = left.get_mut(&pool).and_then(|shards| shards.get_mut(usize::from(shard)))
            {
                *slot = integer(&item, "left_qty").unwrap_or_default();
            }
        }
        Ok(left)
    }

    /// The remaining pieces of each of these variants, over all shards.
    pub async fn available(
        &self,
        variants: impl IntoIterator<Item = &Variant>,
    ) -> Result<HashMap<VariantId, i64>, Failure> {
        self.read_available(variants, Reads::Strong).await
    }

    /// As [`Store::available`], with this consistency.
    pub(crate) async fn read_available(
        &self,
        variants: impl IntoIterator<Item = &Variant>,
        reads: Reads,
    ) -> Result<HashMap<VariantId, i64>, Failure> {
        let pools: Vec<(Pool, u8)> =
            variants.into_iter().map(|variant| (Pool::Stock(variant.id), variant.stock_shards.made())).collect();
        let left = if pools.is_empty() { HashMap::new() } else { self.read_left(&pools, reads).await? };
        Ok(left
            .into_iter()
            .filter_map(|(pool, left)| match pool {
                Pool::Stock(variant) => Some((variant, left.iter().sum())),
                Pool::Quota(_) | Pool::Capacity(_) => None,
            })
            .collect())
    }
}

impl Tx<'_> {
    /// Inserts the shards of a new pool. The shards of an offer are named after window and product, so they may exist:
    /// another admin may have created the same offer meanwhile.
    pub fn insert_pool(&mut self, pool: Pool, shards: &[Allocation]) -> Result<(), Failure> {
        let table = self.tables().counters.clone();
        for share in shards {
            let item = ShardItem { pk: pool.shard_pk(share.shard), sk: LEFT, left_qty: i64::from(share.quantity) };
            let insert = self.put(put(&table, &item)?.condition_expression("attribute_not_exists(pk)"))?;
            match pool {
                Pool::Capacity(_) => insert.or_stale(),
                Pool::Stock(_) | Pool::Quota(_) => insert.own(),
            }
        }
        Ok(())
    }

    /// Allocates pieces from a pool. Refused if too little is left, or the pool is closed.
    pub fn take(&mut self, pool: Pool, allocations: &[Allocation], refusal: &Refusal) -> Result<(), Failure> {
        for allocation in allocations {
            let take = self.allocation(pool, allocation);
            self.update(take.condition_expression("left_qty >= :n AND attribute_not_exists(closed_at)"))?
                .or(refusal.clone());
            self.takes_from(pool, allocation.shard);
        }
        Ok(())
    }

    /// Like [`Tx::take`], for queued requests of this campaign version or a later one. Also refused if what is left was
    /// added after a sell-out, for later requests.
    pub fn take_for_waiting(
        &mut self,
        pool: Pool,
        allocations: &[Allocation],
        asked: u32,
        refusal: &Refusal,
    ) -> Result<(), Failure> {
        for allocation in allocations {
            let take = self
                .allocation(pool, allocation)
                .condition_expression("left_qty >= :n AND (attribute_not_exists(served_from) OR served_from <= :asked)")
                .expression_attribute_values(":asked", number(asked));
            self.update(take)?.or(refusal.clone());
            self.takes_from(pool, allocation.shard);
        }
        Ok(())
    }

    fn allocation(&self, pool: Pool, allocation: &Allocation) -> UpdateBuilder {
        update(&self.tables().counters, &pool.shard_pk(allocation.shard), LEFT)
            .update_expression("SET left_qty = left_qty - :n")
            .expression_attribute_values(":n", number(allocation.quantity))
    }

    /// Returns pieces to an existing pool.
    pub fn give(&mut self, pool: Pool, allocations: &[Allocation]) -> Result<(), Failure> {
        let table = self.tables().counters.clone();
        self.fills(pool);
        for allocation in allocations {
            let give = update(&table, &pool.shard_pk(allocation.shard), LEFT)
                .update_expression("SET left_qty = left_qty + :n")
                .condition_expression("attribute_exists(pk)")
                .expression_attribute_values(":n", number(allocation.quantity));
            self.update(give)?;
        }
        Ok(())
    }

    /// Moves the pieces of these allocations into the shard of the first one, so that one write can take all of them.
    /// Sales meanwhile make it [`crate::Rejected::Stale`].
    ///
    /// # Errors
    /// [`Failure::Broken`] without any allocation.
    pub fn gather(&mut self, pool: Pool, allocations: &[Allocation]) -> Result<Allocation, Failure> {
        let (first, others) =
            allocations.split_first().ok_or_else(|| Failure::broken(format!("no shard of {pool:?} to move from")))?;
        for allocation in others {
            let take = self.allocation(pool, allocation).condition_expression("left_qty >= :n");
            self.update(take)?.or_stale();
        }
        let moved = others.iter().map(|allocation| allocation.quantity).sum();
        self.give(pool, &[Allocation { shard: first.shard, quantity: moved }])?;
        Ok(Allocation { shard: first.shard, quantity: first.quantity + moved })
    }

    /// Redistributes what is `left` of a pool evenly over the shards in use, with `added` pieces more. Concurrent sales
    /// make it [`crate::Rejected::Stale`]; so does a pool that had something left and is empty now, so that a request
    /// that saw it empty saw its final state. `served_from` sets, in every shard, the campaign version from which
    /// queued requests are served.
    pub fn reshape_pool(
        &mut self,
        pool: Pool,
        left: &[i64],
        after: Shards,
        added: u32,
        served_from: Option<u32>,
    ) -> Result<(), Failure> {
        let table = self.tables().counters.clone();
        self.fills(pool);
        let mut room = left.to_vec();
        room.resize(usize::from(after.made()), 0);
        let (takes, gives) = stock::rebalance(&room, after.used());
        let fresh = stock::spread(added, after.used());
        let mut moves = vec![0; room.len()];
        for (allocation, sign) in takes.iter().map(|t| (t, -1)).chain(gives.iter().chain(&fresh).map(|t| (t, 1))) {
            if let Some(slot) = moves.get_mut(usize::from(allocation.shard)) {
                *slot += sign * i64::from(allocation.quantity);
            }
        }
        for (shard, delta) in (0u8..).zip(moves) {
            let shift = update(&table, &pool.shard_pk(shard), LEFT).expression_attribute_values(":n", number(delta));
            let shift = match served_from {
                None => shift.update_expression("ADD left_qty :n"),
                Some(version) => shift
                    .update_expression("ADD left_qty :n SET served_from = :served_from")
                    .expression_attribute_values(":served_from", number(version)),
            };
            let shift = match left.get(usize::from(shard)) {
                // A new shard.
                None => shift,
                Some(0) if delta == 0 && served_from.is_none() => continue,
                Some(0) => shift.condition_expression("attribute_exists(pk)"),
                Some(_) => shift
                    .condition_expression("left_qty >= :least")
                    .expression_attribute_values(":least", number(i64::max(1, -delta))),
            };
            self.update(shift)?.or_stale();
        }
        Ok(())
    }

    /// Closes every shard of a pool: nothing more can be allocated. With `left`, on condition that exactly that much is
    /// left in each.
    pub fn close_pool(&mut self, pool: Pool, shards: u8, left: Option<&[i64]>) -> Result<(), Failure> {
        let table = self.tables().counters.clone();
        let now = self.now().as_millisecond();
        for shard in 0..shards {
            let close = update(&table, &pool.shard_pk(shard), LEFT)
                .update_expression("SET closed_at = :now")
                .expression_attribute_values(":now", number(now));
            match left.and_then(|left| left.get(usize::from(shard))) {
                None => {
                    self.update(close.condition_expression("attribute_exists(pk)"))?;
                }
                Some(left) => {
                    let close = close
                        .condition_expression("left_qty = :left")
                        .expression_attribute_values(":left", number(left));
                    self.update(close)?.or_stale();
                }
            }
        }
        Ok(())
    }

    /// Allocates the order's pieces: stock, or capacity with the limit `per_customer_max`.
    pub fn hold_allocations(&mut self, order: &Order, per_customer_max: Option<u32>) -> Result<(), Failure> {
        if let Some(offer) = order.offer() {
            self.take(Pool::Capacity(offer), &order.places, &Refusal::OfferFull)?;
            return self.count_for_customer(order, offer, per_customer_max);
        }
        order.lines.iter().try_for_each(|line| {
            self.take(Pool::Stock(line.variant), &line.allocations, &Refusal::OutOfStock { variant: line.variant })
        })
    }

    /// Releases the order's pieces to the shards that they were allocated from.
    pub fn release_allocations(&mut self, order: &Order) -> Result<(), Failure> {
        if let Some(offer) = order.offer() {
            self.give(Pool::Capacity(offer), &order.places)?;
            return self.uncount_for_customer(order, offer);
        }
        order.lines.iter().try_for_each(|line| self.give(Pool::Stock(line.variant), &line.allocations))
    }

    /// Records a stock adjustment.
    pub fn insert_adjustment(&mut self, adjustment: &Adjustment) -> Result<(), Failure> {
        let item = AdjustmentItem {
            pk: adjustments_pk(adjustment.variant),
            sk: format!("{ADJUSTMENT}{}", adjustment.id),
            delta: adjustment.delta,
            reason: adjustment.reason.as_str().to_owned(),
            by: adjustment.by.clone(),
            at: adjustment.at,
        };
        let table = self.tables().counters.clone();
        self.put(put(&table, &item)?.condition_expression("attribute_not_exists(pk)"))?.own();
        Ok(())
    }
}
