//! Stock, split over shards to avoid contention on one item. There is no low-stock threshold or alert: clients read
//! `available_qty`, and an order for more than is left is refused with [`Refusal::OutOfStock`](crate::Refusal::OutOfStock).

use crate::Invalid;
use serde::{Deserialize, Serialize};

/// The maximum number of shards of one stock or quota.
pub const SHARDS_MAX: u8 = 64;
/// The maximum number of pieces that one adjustment adds or removes, and the maximum initial stock.
pub const ADJUSTMENT_MAX: i64 = 10_000_000;

/// The shards of a pool. Their number can change while pieces are sold. A shard is never removed, because an order that
/// was allocated from it releases its pieces there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shards {
    used: u8,
    made: u8,
}

impl Shards {
    /// A new pool with this number of shards.
    pub const fn new(number: u8) -> Self {
        Self { used: number, made: number }
    }

    /// The stored number of shards in use, and the number that was ever created.
    pub fn kept(used: u8, made: Option<u8>) -> Self {
        Self::new(made.unwrap_or(used)).resized(used)
    }

    /// With a new number of shards in use.
    #[must_use]
    pub fn resized(self, number: u8) -> Self {
        Self { used: number, made: self.made.max(number) }
    }

    /// The shards in use: pieces are spread over them, and the first allocation is guessed among them.
    pub const fn used(self) -> u8 {
        self.used
    }

    /// The shards that were ever created: all of them must be read before "sold out" is certain.
    pub const fn made(self) -> u8 {
        self.made
    }
}

/// Pieces allocated from one shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocation {
    /// The shard, from 0.
    pub shard: u8,
    pub quantity: u32,
}

/// Parses a number of shards.
///
/// # Errors
/// [`Invalid`] for `field` unless it is from 1 to [`SHARDS_MAX`].
pub fn parse_shards(field: &str, number: i64) -> Result<u8, Invalid> {
    u8::try_from(number)
        .ok()
        .filter(|shards| (1..=SHARDS_MAX).contains(shards))
        .ok_or_else(|| Invalid::field(field, format!("must be a whole number from 1 to {SHARDS_MAX}")))
}

/// Parses a change of stock: not zero, at most [`ADJUSTMENT_MAX`] in either direction.
///
/// # Errors
/// [`Invalid`] for `field` otherwise.
pub fn parse_delta(field: &str, number: i64) -> Result<i64, Invalid> {
    if number != 0 && (-ADJUSTMENT_MAX..=ADJUSTMENT_MAX).contains(&number) {
        Ok(number)
    } else {
        Err(Invalid::field(field, format!("must be from -{ADJUSTMENT_MAX} to {ADJUSTMENT_MAX}, and not 0")))
    }
}

/// Guesses an allocation without a read: all pieces from the shard that `seed` selects. A `contended` shard, on which a
/// write has just met contention, is chosen only if all shards are contended.
pub fn guess(quantity: u32, shards: u8, contended: &[u8], seed: u64) -> Vec<Allocation> {
    let free: Vec<u8> = (0..shards).filter(|shard| !contended.contains(shard)).collect();
    let nth = |count: usize| usize::try_from(seed % u64::try_from(count.max(1)).unwrap_or(1)).unwrap_or_default();
    let any = || u8::try_from(nth(shards.into())).unwrap_or_default();
    vec![Allocation { shard: free.get(nth(free.len())).copied().unwrap_or_else(any), quantity }]
}

/// Allocates `quantity` given what is left in each shard: from one shard if one has enough, otherwise from the fullest
/// first; from a `contended` shard only if the others have too little. `None` if all together have too little.
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

/// `total` spread evenly over `shards`; the first shards get the remainder.
pub fn spread(total: u32, shards: u8) -> Vec<Allocation> {
    let count = u32::from(shards.max(1));
    let (each, rest) = (total / count, total % count);
    (0..shards.max(1)).map(|shard| Allocation { shard, quantity: each + u32::from(u32::from(shard) < rest) }).collect()
}

/// The moves that spread the pieces in `left` evenly over the first `shards` shards: the pieces to remove from, and to add
/// to, each shard.
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
    fn a_shard_is_never_removed() {
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
