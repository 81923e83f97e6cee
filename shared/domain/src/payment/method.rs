//! Payment methods, and the amounts that each provider charges.

use crate::Invalid;
use crate::money::Cents;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The payment method of an order or of a charge of points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum PaymentMethod {
    /// The customer's points.
    Points,
    /// ECPay's payment page.
    Ecpay,
    /// NewebPay's payment page.
    Newebpay,
    /// LINE Pay.
    LinePay,
    /// An external system, which reports the result on the bus.
    #[serde(alias = "OUTSIDE")]
    External,
}

impl PaymentMethod {
    /// Every method that a customer can choose.
    pub const ALL: [Self; 4] = [Self::Points, Self::Ecpay, Self::Newebpay, Self::LinePay];

    /// The methods whose money a provider captures.
    pub const AT_PROVIDERS: [Self; 3] = [Self::Ecpay, Self::Newebpay, Self::LinePay];

    /// # Errors
    /// Names `field` unless it is a method that a customer can choose.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or_else(|| Invalid::field(field, "must be POINTS, ECPAY, NEWEBPAY or LINE_PAY"))
    }

    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}

/// The range of amounts that a provider charges for one payment, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargeRange {
    /// The minimum.
    pub min: Cents,
    /// The maximum.
    pub max: Cents,
}

impl ChargeRange {
    /// Parses `500-19999900`: minimum and maximum in cents. `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (min, max) = text.split_once('-')?;
        let (min, max) = (min.parse().ok().filter(|min| *min > 0)?, max.parse().ok()?);
        (min <= max).then_some(Self { min: Cents::new(min), max: Cents::new(max) })
    }

    /// Whether the range contains an amount.
    pub fn contains(self, amount: Cents) -> bool {
        (self.min..=self.max).contains(&amount)
    }
}

/// The ranges of all providers, by their contracts with the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargeRanges {
    /// ECPay: by card.
    pub ecpay: ChargeRange,
    /// NewebPay: by card.
    pub newebpay: ChargeRange,
    /// LINE Pay.
    pub line_pay: ChargeRange,
}

impl ChargeRanges {
    /// The range of a method; `None` for points and for an external system.
    pub const fn of(self, method: PaymentMethod) -> Option<ChargeRange> {
        match method {
            PaymentMethod::Points | PaymentMethod::External => None,
            PaymentMethod::Ecpay => Some(self.ecpay),
            PaymentMethod::Newebpay => Some(self.newebpay),
            PaymentMethod::LinePay => Some(self.line_pay),
        }
    }
}

/// The defaults of the template.
impl Default for ChargeRanges {
    fn default() -> Self {
        let up_to =
            |dollars: i64, most: i64| ChargeRange { min: Cents::new(dollars * 100), max: Cents::new(most * 100) };
        Self { ecpay: up_to(5, 199_999), newebpay: up_to(1, 199_999), line_pay: up_to(1, 100_000) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_two_amounts_of_which_the_first_is_not_the_larger() {
        let range = ChargeRange::parse("500-19999900").unwrap();
        assert_eq!((range.min.get(), range.max.get()), (500, 19_999_900));
        for bad in ["", "500", "0-1", "-5-1", "2-1", "a-b", "1-2-3"] {
            assert_eq!(ChargeRange::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_provider_takes_an_amount_within_its_range_and_points_take_any() {
        let ranges = ChargeRanges::default();
        let takes =
            |method, cents| ranges.of(method).is_none_or(|range: ChargeRange| range.contains(Cents::new(cents)));
        for (method, least, most) in [
            (PaymentMethod::Ecpay, 500, 19_999_900),
            (PaymentMethod::Newebpay, 100, 19_999_900),
            (PaymentMethod::LinePay, 100, 10_000_000),
        ] {
            assert!(takes(method, least) && takes(method, most), "{method:?}");
            assert!(!takes(method, least - 1) && !takes(method, most + 1), "{method:?}");
        }
        assert!(takes(PaymentMethod::Points, 1) && takes(PaymentMethod::Points, 9_900_000_000));
    }
}
