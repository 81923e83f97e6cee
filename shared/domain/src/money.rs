//! Money: whole numbers of the currency's minor unit, never floating point.

use crate::Invalid;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in the currency's minor unit. Negative only in the ledger, for points that were spent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(i64);

impl Cents {
    pub const ZERO: Self = Self(0);
    /// The maximum price: 100 million minor units (1,000,000.00). It keeps every order total far from overflow.
    pub const PRICE_MAX: Self = Self(100_000_000);

    /// An amount that the caller has validated.
    pub const fn new(cents: i64) -> Self {
        Self(cents)
    }

    /// The number of minor units.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum, saturating. Sums of valid amounts never saturate.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, saturating.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `count` times the amount, saturating.
    #[must_use]
    pub const fn times(self, count: u32) -> Self {
        Self(self.0.saturating_mul(count as i64))
    }

    /// `percent` of the amount, rounded down to a multiple of `unit`.
    #[must_use]
    pub const fn percent(self, percent: u8, unit: ChargeUnit) -> Self {
        unit.floor(Self(self.0.saturating_mul(percent as i64) / 100))
    }
}

impl std::iter::Sum for Cents {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The charge unit: the smallest amount that payment providers can charge in the shop's currency, in minor units (100
/// for TWD).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargeUnit(i64);

impl ChargeUnit {
    /// `None` unless the unit is from 1 to 1,000,000.
    pub const fn new(cents: i64) -> Option<Self> {
        if cents >= 1 && cents <= 1_000_000 { Some(Self(cents)) } else { None }
    }

    /// The greatest multiple of the unit that is not greater than the amount.
    pub const fn floor(self, amount: Cents) -> Cents {
        Cents(amount.0 - amount.0.rem_euclid(self.0))
    }

    /// The minor units of one charge unit.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Parses a price or a fixed discount.
    ///
    /// # Errors
    /// [`Invalid`] for `field` unless it is a positive multiple of the unit and at most [`Cents::PRICE_MAX`].
    pub fn parse_price(self, field: &str, cents: i64) -> Result<Cents, Invalid> {
        if !(1..=Cents::PRICE_MAX.0).contains(&cents) {
            return Err(Invalid::field(field, format!("must be a whole number from 1 to {}", Cents::PRICE_MAX)));
        }
        if cents % self.0 != 0 {
            return Err(Invalid::field(
                field,
                format!("must be a multiple of {}, the smallest amount that payment providers can charge", self.0),
            ));
        }
        Ok(Cents(cents))
    }
}

/// A currency (ISO 4217 code).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// Parses three upper-case letters.
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 3] = text.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_uppercase).then_some(Self(code))
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for Currency {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("not a currency code")
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DOLLAR: ChargeUnit = ChargeUnit(100);

    #[test]
    fn a_price_is_a_positive_multiple_of_the_charge_unit() {
        assert_eq!(DOLLAR.parse_price("price_cents", 35_000).unwrap(), Cents(35_000));
        for bad in [0, -100, 150, 100_000_100, i64::MIN, i64::MAX] {
            assert!(DOLLAR.parse_price("price_cents", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn amounts_and_currencies_are_written_as_they_are() {
        assert_eq!(format!("{} {}", Cents(-35_000), Currency::parse("TWD").unwrap()), "-35000 TWD");
    }

    #[test]
    fn a_currency_is_three_capitals() {
        let currency = Currency::parse("TWD").unwrap();
        assert_eq!((currency.as_str(), String::from(currency).as_str()), ("TWD", "TWD"));
        for bad in ["", "TW", "TWDX", "twd", "T1D", "台"] {
            assert!(Currency::parse(bad).is_none(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_percentage_is_a_multiple_of_the_unit_and_never_more_than_the_amount(
            amount in 0..=50 * 99 * Cents::PRICE_MAX.0, percent in 1..=100u8,
        ) {
            let part = Cents(amount).percent(percent, DOLLAR);
            prop_assert!(part.0 % 100 == 0 && part.0 >= 0 && part.0 <= amount);
        }
    }
}
