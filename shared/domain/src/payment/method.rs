//! Ways to pay.

use crate::Invalid;
use crate::money::Cents;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// How an order is paid, or points are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum PaymentMethod {
    /// With the customer's stored credit, at once.
    Points,
    /// On ECPay's page.
    Ecpay,
    /// On NewebPay's page.
    Newebpay,
    /// With LINE Pay.
    LinePay,
    /// To an external system, which says on the bus what became of it.
    #[serde(alias = "OUTSIDE")]
    External,
}

impl PaymentMethod {
    /// Every method that a customer can choose.
    pub const ALL: [Self; 4] = [Self::Points, Self::Ecpay, Self::Newebpay, Self::LinePay];

    /// The methods whose money a provider takes.
    pub const AT_PROVIDERS: [Self; 3] = [Self::Ecpay, Self::Newebpay, Self::LinePay];

    /// # Errors
    /// Names `field` unless the shop takes the method.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or_else(|| Invalid::field(field, "must be POINTS, ECPAY, NEWEBPAY or LINE_PAY"))
    }

    /// The contract's word.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}

/// What a provider takes for one order, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChargeRange {
    /// The least.
    pub min: Cents,
    /// The most.
    pub max: Cents,
}

impl ChargeRange {
    /// Reads `500-19999900`: the least and the most in cents. `None` for what is no range.
    pub fn parse(text: &str) -> Option<Self> {
        let (min, max) = text.split_once('-')?;
        let (min, max) = (min.parse().ok().filter(|min| *min > 0)?, max.parse().ok()?);
        (min <= max).then_some(Self { min: Cents::new(min), max: Cents::new(max) })
    }

    /// Whether an amount lies within it.
    pub fn contains(self, amount: Cents) -> bool {
        (self.min..=self.max).contains(&amount)
    }
}

/// What each provider takes for one order, by their contracts with the shop.
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
    /// A method's; none for what is the shop's own or an external system's.
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
