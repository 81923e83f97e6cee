//! Stock, split over shards so that a rush does not wait for one item.

use crate::Invalid;
use serde::{Deserialize, Serialize};

/// Most shards of one variant's stock or one coupon's quota.
pub const SHARDS_MAX: u8 = 64;
/// Most pieces that one adjustment can add or remove, and the most that a variant can be made with.
pub const ADJUSTMENT_MAX: i64 = 10_000_000;

/// Over how many shards something is split. The number can change while it is being sold: a shard that was ever made stays,
/// because an order that took from it gives back there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shards {
    used: u8,
    made: u8,
}

impl Shards {
    /// So many from the start.
    pub const fn new(number: u8) -> Self {
        Self { used: number, made: number }
    }

    /// As they were kept: so many in use, of so many that were ever made.
    pub fn kept(used: u8, made: Option<u8>) -> Self {
        Self::new(made.unwrap_or(used)).resized(used)
    }

    /// So many from now on.
    #[must_use]
    pub fn resized(self, number: u8) -> Self {
        Self { used: number, made: self.made.max(number) }
    }

    /// Over how many shards pieces are spread, and where the first look for one goes.
    pub const fn used(self) -> u8 {
        self.used
    }

    /// How many there are to look into before "sold out" is said.
    pub const fn made(self) -> u8 {
        self.made
    }
}

/// Pieces that are taken from one shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// Which shard, from 0.
    pub shard: u8,
    /// How many pieces.
    pub quantity: u32,
}

/// Reads a number of shards.
///
/// # Errors
/// Names `field` unless it is from 1 to [`SHARDS_MAX`].
pub fn parse_shards(field: &str, number: i64) -> Result<u8, Invalid> {
    u8::try_from(number)
        .ok()
        .filter(|shards| (1..=SHARDS_MAX).contains(shards))
        .ok_or_else(|| Invalid::field(field, format!("must be a whole number from 1 to {SHARDS_MAX}")))
}

/// Reads a change of stock: not zero, at most [`ADJUSTMENT_MAX`] either way.
///
/// # Errors
/// Names `field` otherwise.
pub fn parse_delta(field: &str, number: i64) -> Result<i64, Invalid> {
    if number != 0 && (-ADJUSTMENT_MAX..=ADJUSTMENT_MAX).contains(&number) {
        Ok(number)
    } else {
        Err(Invalid::field(field, format!("must be from -{ADJUSTMENT_MAX} to {ADJUSTMENT_MAX}, and not 0")))
    }
}

/// A guess, made without a look: everything from the shard that `seed` falls on. Where others were at a shard a moment ago it
/// is `contended`, and guessed again only when every one is.
pub fn guess(quantity: u32, shards: u8, contended: &[u8], seed: u64) -> Vec<Allocation> {
    let free: Vec<u8> = (0..shards).filter(|shard| !contended.contains(shard)).collect();
    let nth = |count: usize| usize::try_from(seed % u64::try_from(count.max(1)).unwrap_or(1)).unwrap_or_default();
    let any = || u8::try_from(nth(shards.into())).unwrap_or_default();
    vec![Allocation { shard: free.get(nth(free.len())).copied().unwrap_or_else(any), quantity }]
}

/// Where to take `quantity` from, given what is left in each shard. One shard if one is enough, the fullest first
/// otherwise; a `contended` one only if the others have too little. `None` if all together have too little.
pub fn take(quantity: u32, left: &[i64], contended: &[u8]) -> Option<Vec<Allocation>> {
    take_from(quantity, left, |shard| !contended.contains(&shard)).or_else(|| take_from(quantity, left, |_| true))
}

fn take_from(quantity: u32, left: &[i64], may_take: impl Fn(u8) -> bool) -> Option<Vec<Allocation>> {
    let mut fullest: Vec<(u8, u32)> = (0u8..)
        .zip(left)
        .filter(|(shard, _)| may_take(*shard))
        .map(|(shard, left)| (shard, u32::try_from((*left).clamp(0, i64::from(u32::MAX))).unwrap_or(u32::MAX)))
        .collect();
    fullest.sort_by_key(|(shard, left)| (std::cmp::Reverse(*left), *shard));
    let mut missing = quantity;
    let mut allocations = Vec::new();
    for (shard, left) in fullest {
        let quantity = left.min(missing);
        allocations.push(Allocation { shard, quantity });
        missing -= quantity;
        if missing == 0 {
            return Some(allocations);
        }
    }
    None
}

/// `total` split over `shards` as evenly as whole pieces go; the first ones get the rest.
pub fn spread(total: u32, shards: u8) -> Vec<Allocation> {
    let count = u32::from(shards.max(1));
    let (each, rest) = (total / count, total % count);
    (0..shards.max(1)).map(|shard| Allocation { shard, quantity: each + u32::from(u32::from(shard) < rest) }).collect()
}

/// How pieces move so that what is `left` lies evenly in the first `shards`: what to take where, and what to give where.
pub fn rebalance(left: &[i64], shards: u8) -> (Vec<Allocation>, Vec<Allocation>) {
    let there = |left: &i64| u32::try_from(*left).unwrap_or_default();
    let total = left.iter().map(there).fold(0, u32::saturating_add);
    let (mut takes, mut gives) = (Vec::new(), Vec::new());
    let wanted = spread(total, shards).into_iter().map(|share| share.quantity).chain(std::iter::repeat(0));
    for ((shard, left), wanted) in (0u8..).zip(left.iter().map(there)).zip(wanted) {
        if left > wanted {
            takes.push(Allocation { shard, quantity: left - wanted });
        }
        if wanted > left {
            gives.push(Allocation { shard, quantity: wanted - left });
        }
    }
    (takes, gives)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_shard_serves_alone_if_it_can() {
        assert_eq!(take(3, &[2, 9, 4], &[]), Some(vec![Allocation { shard: 1, quantity: 3 }]));
    }

    #[test]
    fn several_shards_serve_together_if_none_can_alone() {
        let allocations = take(5, &[2, 3, 1], &[]).unwrap();
        assert_eq!(allocations, [Allocation { shard: 1, quantity: 3 }, Allocation { shard: 0, quantity: 2 }]);
        assert_eq!(take(7, &[2, 3, 1], &[]), None);
    }

    #[test]
    fn the_bounds_of_shards_and_adjustments_hold() {
        assert_eq!(parse_shards("stock_shards", 64).unwrap(), 64);
        for bad in [0, 65, -1, i64::MAX] {
            assert!(parse_shards("stock_shards", bad).is_err());
        }
        assert!(parse_delta("delta", -ADJUSTMENT_MAX).is_ok());
        for bad in [0, ADJUSTMENT_MAX + 1, i64::MIN] {
            assert!(parse_delta("delta", bad).is_err());
        }
    }

    #[test]
    fn shards_are_as_many_as_were_made_and_never_fewer_than_are_used() {
        let made = |used, made| Shards::kept(used, made).made();
        assert_eq!((made(4, None), made(4, Some(8)), made(4, Some(4)), made(4, Some(2))), (4, 8, 4, 4));
        assert_eq!(Shards::kept(4, Some(2)).used(), 4);
    }

    #[test]
    fn a_shard_that_was_made_stays_whatever_the_number_becomes() {
        let shards = Shards::new(4).resized(16).resized(2);
        assert_eq!((shards.used(), shards.made()), (2, 16));
        assert_eq!(Shards::kept(2, Some(16)), shards);
        assert_eq!(Shards::kept(4, None), Shards::new(4));
    }

    #[test]
    fn rebalancing_leaves_alone_what_has_its_share() {
        let (takes, gives) = rebalance(&[5, 1, 3, 0], 3);
        assert_eq!(takes, [Allocation { shard: 0, quantity: 2 }]);
        assert_eq!(gives, [Allocation { shard: 1, quantity: 2 }]);
    }

    proptest! {
        #[test]
        fn rebalancing_moves_what_is_there_and_loses_nothing(
            left in prop::collection::vec(0..1_000i64, 64), shards in 1..=SHARDS_MAX,
        ) {
            let (takes, gives) = rebalance(&left, shards);
            let mut after = left.clone();
            for allocation in &takes {
                after[usize::from(allocation.shard)] -= i64::from(allocation.quantity);
            }
            for allocation in &gives {
                after[usize::from(allocation.shard)] += i64::from(allocation.quantity);
            }
            prop_assert_eq!(after.iter().sum::<i64>(), left.iter().sum::<i64>());
            let (used, unused) = after.split_at(usize::from(shards));
            prop_assert!(used.iter().max().unwrap() - used.iter().min().unwrap() <= 1);
            prop_assert!(unused.iter().all(|left| *left == 0));
        }

        #[test]
        fn what_is_taken_is_there_and_is_all_that_was_asked_for(
            quantity in 1..=99u32, left in prop::collection::vec(-5..40i64, 1..20),
        ) {
            let there: i64 = left.iter().filter(|n| **n > 0).sum();
            match take(quantity, &left, &[]) {
                None => prop_assert!(there < i64::from(quantity)),
                Some(allocations) => {
                    prop_assert_eq!(allocations.iter().map(|t| t.quantity).sum::<u32>(), quantity);
                    for t in &allocations {
                        prop_assert!(t.quantity > 0 && i64::from(t.quantity) <= left[usize::from(t.shard)]);
                    }
                }
            }
        }

        #[test]
        fn spreading_loses_nothing_and_is_even(total in 0..1_000_000u32, shards in 1..=SHARDS_MAX) {
            let parts = spread(total, shards);
            prop_assert_eq!(parts.len(), usize::from(shards));
            prop_assert_eq!(parts.iter().map(|t| t.quantity).sum::<u32>(), total);
            let (least, most) = (parts.iter().map(|t| t.quantity).min(), parts.iter().map(|t| t.quantity).max());
            prop_assert!(most.unwrap() - least.unwrap() <= 1);
        }

        #[test]
        fn a_guess_is_always_a_shard_that_exists(seed: u64, shards in 1..=SHARDS_MAX) {
            let mut contended = Vec::new();
            for _ in 0..shards {
                let guessed = guess(1, shards, &contended, seed);
                prop_assert!(guessed[0].shard < shards && guessed[0].quantity == 1);
                prop_assert!(!contended.contains(&guessed[0].shard));
                contended.push(guessed[0].shard);
            }
            prop_assert!(guess(1, shards, &contended, seed)[0].shard < shards);
        }

        #[test]
        fn a_contended_shard_is_taken_from_only_if_the_others_have_too_little(
            left in proptest::collection::vec(0..20i64, 1..=8), contended in 0..8u8, quantity in 1..40u32,
        ) {
            let others: i64 = (0u8..).zip(&left).filter(|(n, _)| *n != contended).map(|(_, left)| left).sum();
            let taken = take(quantity, &left, &[contended]);
            prop_assert_eq!(taken.is_some(), i64::from(quantity) <= left.iter().sum());
            let touches = taken.is_some_and(|taken| taken.iter().any(|allocation| allocation.shard == contended));
            prop_assert!(!touches || others < i64::from(quantity));
        }
    }
}
