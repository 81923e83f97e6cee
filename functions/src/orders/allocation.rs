//! Allocation of an order's units to shards: a guess without a read, another shard under contention, a read of every shard
//! after an empty one, and the sold-out cache. Units that are spread over more shards than one transaction can take from
//! are moved into fewer shards first.

use crate::App;
use contracts::Failure;
use domain::cart::LINES_MAX;
use domain::catalog::Listing;
use domain::offer::Offer;
use domain::order::{OpenOffer, Order, OrderLine};
use domain::stock::{self, Allocation, Shards};
use domain::{Moment, Refusal};
use store::stock::Pool;
use store::{Contention, Rejected, TX_ITEMS_MAX, Tx};

/// The number of other writes in a transaction that holds or releases an order's units: at most order, coupon, idempotency
/// record, outbox record, and two of payment, provider event, task and activity entry.
const OTHER_WRITES: usize = 6;
/// The maximum number of shards that one order allocates from: at least one per line, so that an order that finds enough in
/// one shard per line always fits.
pub(crate) const ALLOCATIONS_MAX: usize = TX_ITEMS_MAX - OTHER_WRITES;
const _: () = assert!(LINES_MAX <= ALLOCATIONS_MAX);
/// The maximum number of reads of the shards per order. A repeated read means that other requests allocated the units in
/// between.
const PROBES_MAX: u32 = 8;

/// Facts of the catalog about an order's units.
pub(crate) struct Allocator {
    listings: Vec<Listing>,
    open_offer: Option<OpenOffer>,
    probes: u32,
    contention: Contention,
}

impl Allocator {
    pub(crate) fn new(listings: Vec<Listing>, open_offer: Option<OpenOffer>) -> Self {
        Self { listings, open_offer, probes: 0, contention: Contention::default() }
    }

    /// The maximum quantity per customer of the offer.
    fn per_customer_max(&self) -> Option<u32> {
        self.offer()?.terms.per_customer_max
    }

    fn offer(&self) -> Option<&Offer> {
        self.open_offer.as_ref()?.offer.as_ref().map(|(offer, _)| offer)
    }

    /// Refuses from the sold-out cache, without a write.
    ///
    /// # Errors
    /// [`Refusal::OutOfStock`], [`Refusal::OfferFull`].
    pub(crate) async fn check_memory(&self, app: &App, order: &Order) -> Result<(), Failure> {
        let now = app.now();
        if order.window.is_some() {
            let Some(offer) = self.offer() else { return Ok(()) };
            let is_full = is_full(app, offer, now).await?;
            return if is_full { Err(Refusal::OfferFull.into()) } else { Ok(()) };
        }
        for listing in &self.listings {
            if app.store.is_sold_out(Pool::Stock(listing.variant), listing.stock_shards, now).await? {
                return Err(Refusal::OutOfStock { variant: listing.variant }.into());
            }
        }
        Ok(())
    }

    /// Holds an order's units, within the limit per customer. If a pool has several shards, contention on one is not waited
    /// for.
    pub(crate) fn hold(&self, tx: &mut Tx<'_>, order: &Order) -> Result<(), Failure> {
        if order.lines.iter().any(|line| self.shards(Pool::Stock(line.variant)) > 1)
            || order.offer().is_some_and(|offer| self.shards(Pool::Capacity(offer)) > 1)
        {
            tx.move_when_contended();
        }
        tx.hold_allocations(order, self.per_customer_max())
    }

    /// The number of shards of a pool.
    fn shards(&self, pool: Pool) -> u8 {
        let listing = self.listings.iter().find(|listing| Pool::Stock(listing.variant) == pool);
        let offer = self.offer().filter(|offer| Pool::Capacity(offer.id) == pool);
        let of_offer = offer.map_or(1, |offer| offer.capacity_shards);
        listing.map_or(of_offer, |listing| listing.stock_shards.used())
    }

    /// Finds other units for an order whose transaction was refused, so that the transaction can be repeated, or returns
    /// the refusal.
    ///
    /// # Errors
    /// The refusal, when a read of every shard confirms it or it is not about units; [`Failure::Busy`] for contention that
    /// does not end.
    pub(crate) async fn go_on(&mut self, app: &App, order: &mut Order, rejected: Rejected) -> Result<(), Rejected> {
        match rejected {
            Rejected::Contended(shards) => {
                let used: Vec<u8> = shards.iter().map(|(pool, _)| self.shards(*pool)).collect();
                self.contention.meet(&shards, &used).await?;
                Ok(self.leave_shards(app, order, &shards)?)
            }
            Rejected::Failure(Failure::Refused(refusal)) if self.probes < PROBES_MAX => {
                self.probes += 1;
                self.find(app, order, refusal).await
            }
            // Each read found units, and each write failed: contention, not "sold out".
            Rejected::Failure(Failure::Refused(Refusal::OutOfStock { .. } | Refusal::OfferFull)) => {
                Err(Failure::Busy.into())
            }
            other => Err(other),
        }
    }

    /// Allocates from other shards. An allocation over several shards does not change, because no single shard had enough.
    fn leave_shards(&self, app: &App, order: &mut Order, left: &[(Pool, u8)]) -> Result<(), Failure> {
        for (pool, _) in left {
            let lines = order.lines.iter_mut().filter(|line| Pool::Stock(line.variant) == *pool);
            let mut allocations: Vec<&mut Vec<Allocation>> = match pool {
                Pool::Capacity(_) => vec![&mut order.places],
                _ => lines.map(|line| &mut line.allocations).collect(),
            };
            for allocations in &mut allocations {
                if let [allocation] = allocations.as_slice() {
                    let contended = self.contention.at(*pool);
                    **allocations = stock::guess(allocation.quantity, self.shards(*pool), &contended, app.new_seed()?);
                }
            }
        }
        Ok(())
    }

    /// Finds units for an order whose transaction was refused.
    async fn find(&mut self, app: &App, order: &mut Order, refusal: Refusal) -> Result<(), Rejected> {
        match refusal {
            Refusal::OutOfStock { .. } => Ok(self.find_stock(app, order).await?),
            Refusal::OfferFull => self.find_places(app, order).await,
            other => Err(other.into()),
        }
    }

    /// Reads every shard, and allocates from several if one is not enough. Variants without enough units are read again
    /// from the catalog, because their number of shards may have changed.
    async fn find_stock(&mut self, app: &App, order: &mut Order) -> Result<(), Failure> {
        for _ in 0..PROBES_MAX {
            let refusal = match self.look_for_stock(app, order).await {
                Ok(None) => return Ok(()),
                Ok(Some(refusal)) => refusal,
                // Units were sold while they were moved: read again.
                Err(Rejected::Stale) => continue,
                Err(rejected) => return Err(rejected.into()),
            };
            let Refusal::OutOfStock { variant } = refusal else { return Err(refusal.into()) };
            let listing = app.store.load_listing(variant).await?;
            let known = self.listings.iter_mut().find(|known| known.variant == variant);
            match known {
                Some(known) if known.stock_shards != listing.stock_shards => *known = listing,
                _ => return Err(refusal.into()),
            }
        }
        Err(Failure::Busy)
    }

    /// The refusal, if a variant has too few units over all its shards.
    async fn look_for_stock(&self, app: &App, order: &mut Order) -> Result<Option<Refusal>, Rejected> {
        let pools: Vec<(Pool, u8)> =
            self.listings.iter().map(|listing| (Pool::Stock(listing.variant), listing.stock_shards.made())).collect();
        let left = app.store.left(&pools).await?;
        let mut found = Vec::with_capacity(order.lines.len());
        for line in &order.lines {
            let pool = Pool::Stock(line.variant);
            let left = left.get(&pool).map(Vec::as_slice).unwrap_or_default();
            let allocations = stock::take(line.quantity.get(), left, &self.contention.at(pool));
            if allocations.is_none() && left.iter().all(|left| *left <= 0) {
                app.store.remember_sold_out(pool, app.now());
            }
            let Some(allocations) = allocations else {
                return Ok(Some(Refusal::OutOfStock { variant: line.variant }));
            };
            found.push(allocations);
        }
        gather(app, &order.lines, &mut found).await?;
        for (line, allocations) in order.lines.iter_mut().zip(found) {
            line.allocations = allocations;
        }
        Ok(None)
    }

    /// As above, for the places of a preorder. If enough places are left although the transaction was refused, the offer
    /// was closed.
    async fn find_places(&self, app: &App, order: &mut Order) -> Result<(), Rejected> {
        let Some(offer) = self.offer() else { return Err(Refusal::OfferFull.into()) };
        let pool = Pool::Capacity(offer.id);
        let left = app.store.left_of(pool, Shards::new(offer.capacity_shards)).await?;
        if left.iter().all(|left| *left <= 0) {
            app.store.remember_sold_out(pool, app.now());
        }
        let places = stock::take(order.quantity(), &left, &self.contention.at(pool)).ok_or(Refusal::OfferFull)?;
        if places == order.places {
            return Err(Rejected::Stale);
        }
        order.places = places;
        Ok(())
    }
}

/// Moves the units of the lines that use the most shards into one shard each, until one transaction can allocate from all
/// remaining shards. A move changes no total, so it is valid even if the order is not placed.
async fn gather(app: &App, lines: &[OrderLine], found: &mut [Vec<Allocation>]) -> Result<(), Rejected> {
    while found.iter().map(Vec::len).sum::<usize>() > ALLOCATIONS_MAX {
        let most = lines.iter().zip(found.iter_mut()).max_by_key(|(_, allocations)| allocations.len());
        let Some((line, allocations)) = most else { return Ok(()) };
        let mut tx = app.tx()?;
        let gathered = tx.gather(Pool::Stock(line.variant), allocations)?;
        tx.commit().await?;
        *allocations = vec![gathered];
    }
    Ok(())
}

async fn is_full(app: &App, offer: &Offer, now: Moment) -> Result<bool, Failure> {
    app.store.is_sold_out(Pool::Capacity(offer.id), Shards::new(offer.capacity_shards), now).await
}
