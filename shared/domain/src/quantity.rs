//! The quantity of an order line.

use crate::Invalid;
use serde::{Deserialize, Serialize};

/// 1 to [`Quantity::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quantity(u32);

impl Quantity {
    /// The maximum number of pieces of one variant in an order.
    pub const MAX: u32 = 99;

    /// # Errors
    /// [`Invalid`] for `field` unless the number is from 1 to [`Quantity::MAX`].
    pub fn parse(field: &str, number: i64) -> Result<Self, Invalid> {
        match u32::try_from(number) {
            Ok(number) if (1..=Self::MAX).contains(&number) => Ok(Self(number)),
            _ => Err(Invalid::field(field, format!("must be a whole number from 1 to {}", Self::MAX))),
        }
    }

    /// The sum of two lines of the same variant; `None` above [`Quantity::MAX`].
    pub fn plus(self, other: Self) -> Option<Self> {
        let sum = self.0 + other.0;
        (sum <= Self::MAX).then_some(Self(sum))
    }

    pub const fn get(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_is_from_1_to_99() {
        assert_eq!(Quantity::parse("quantity", 1).unwrap().get(), 1);
        assert_eq!(Quantity::parse("quantity", 99).unwrap().get(), 99);
        for bad in [0, -1, 100, i64::MAX, i64::MIN] {
            assert!(Quantity::parse("quantity", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn merged_lines_keep_the_limit() {
        let fifty = Quantity::parse("quantity", 50).unwrap();
        assert_eq!(fifty.plus(fifty), None);
        assert_eq!(fifty.plus(Quantity::parse("quantity", 49).unwrap()).unwrap().get(), 99);
    }
}
