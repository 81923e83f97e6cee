//! Best sellers of the last shop days.

use crate::id::ProductId;
use std::collections::HashMap;

/// Pieces of a product sold, net of refunds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sold {
    pub product: ProductId,
    pub quantity: i64,
}

/// The `top` products by quantity, descending; on a tie the older product comes first. Products without remaining sales are
/// left out.
pub fn best(counts: impl IntoIterator<Item = Sold>, top: usize) -> Vec<Sold> {
    let mut sums: HashMap<ProductId, i64> = HashMap::new();
    for count in counts {
        *sums.entry(count.product).or_default() += count.quantity;
    }
    let mut ranking: Vec<Sold> = sums
        .into_iter()
        .map(|(product, quantity)| Sold { product, quantity })
        .filter(|sold| sold.quantity > 0)
        .collect();
    ranking.sort_by_key(|sold| (std::cmp::Reverse(sold.quantity), sold.product));
    ranking.truncate(top);
    ranking
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn sold(product: u128, quantity: i64) -> Sold {
        Sold { product: ProductId::new(Uuid::from_u128(product)), quantity }
    }

    #[test]
    fn sales_of_several_days_are_summed_and_sorted() {
        let days = [sold(1, 2), sold(2, 3), sold(1, 2), sold(3, 1)];
        assert_eq!(best(days, 2), [sold(1, 4), sold(2, 3)]);
    }

    #[test]
    fn equal_sales_have_a_stable_order_and_none_is_lost() {
        assert_eq!(best([sold(2, 1), sold(1, 1), sold(3, 1), sold(3, -1)], 5), [sold(1, 1), sold(2, 1)]);
    }
}
