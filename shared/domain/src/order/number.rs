//! Order numbers: short enough to read out on the phone.

use crate::id::OrderId;
use std::fmt;

/// `YYMMDD-XXXXX-XXXXX`: the day in UTC, then ten Crockford base-32 digits (no I, L, O, U) of the id's random part.
/// Derived from the id alone, so that one index finds an order by either. With 50 random bits, a shop with a million
/// orders a day has a duplicate number about once in two thousand days; a search then shows both orders.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderNo(String);

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl OrderNo {
    /// The number of the order with this id (a UUID v7).
    pub fn of(id: OrderId) -> Self {
        let bits = id.uuid().as_u128();
        let millis = i64::try_from(bits >> 80).unwrap_or_default();
        let moment = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
        let day = moment.to_zoned(jiff::tz::TimeZone::UTC).date();
        let code: String = (0..10u32)
            .rev()
            .map(|place| (bits >> (5 * place)) & 31)
            .filter_map(|digit| DIGITS.get(usize::try_from(digit).ok()?).map(|byte| char::from(*byte)))
            .collect();
        let (first, second) = code.split_at(5);
        Self(format!("{:02}{:02}{:02}-{first}-{second}", day.year().rem_euclid(100), day.month(), day.day()))
    }

    /// Parses a number as typed: any case, with or without hyphens, `O` for zero, `I` and `L` for one.
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text
            .chars()
            .filter(|c| !matches!(c, '-' | ' '))
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            })
            .collect();
        if plain.len() != 16 || !plain.bytes().all(|b| DIGITS.contains(&b)) {
            return None;
        }
        let (day, code) = plain.split_at(6);
        let (first, second) = code.split_at(5);
        day.bytes().all(|b| b.is_ascii_digit()).then(|| Self(format!("{day}-{first}-{second}")))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrderNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> OrderId {
        OrderId::parse(text).unwrap()
    }

    #[test]
    fn a_number_has_the_day_and_ten_digits() {
        let number = OrderNo::of(id("019aa3f5-9c00-7abc-8def-0123456789ab"));
        assert_eq!([number.as_str(), &number.to_string()], ["251121-R14D2-PF2DB"; 2]);
    }

    #[test]
    fn an_order_number_is_parsed_as_typed() {
        let number = OrderNo::of(id("019aa3f5-9c00-7abc-8def-0123456789ab"));
        let typed = number.as_str().to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        assert_eq!(OrderNo::parse(&typed), Some(number));
        for bad in
            ["", "251121", "251121-ABCDE-ABCDU", "25112A-ABCDE-ABCDE", "251121-ABCDE-ABCDEF", "251121-ABCDE-ABCDé"]
        {
            assert_eq!(OrderNo::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn other_orders_have_other_numbers() {
        let one = OrderNo::of(id("019aa3f5-9c00-7abc-8def-0123456789ab"));
        let other = OrderNo::of(id("019aa3f5-9c00-7abc-8def-0123456789ac"));
        assert_ne!(one, other);
    }
}
