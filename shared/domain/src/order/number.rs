//! Order numbers: short enough to read out on the phone.

use crate::id::OrderId;
use jiff::tz::TimeZone;
use std::fmt;

/// `YYMMDD-XXXXX-XXXXX`: the shop's day, then ten Crockford base-32 digits (no I, L, O, U) of the id's random part.
/// Derived from the id and the shop's time zone, so that one index finds an order by either. Release 0.1 took the day in
/// UTC; an order keeps the number that it was placed with. With 50 random bits, a shop with a million
/// orders a day has a duplicate number about once in two thousand days; a search then shows both orders.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderNo(String);

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl OrderNo {
    /// The number of an order that is placed with this id (a UUID v7) in a shop of this time zone.
    pub fn of(id: OrderId, timezone: &TimeZone) -> Self {
        let bits = id.uuid().as_u128();
        let day = id.created_at().to_zoned(timezone.clone()).date();
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

    fn number_of(id: &str) -> OrderNo {
        OrderNo::of(OrderId::parse(id).unwrap(), &TimeZone::UTC)
    }

    #[test]
    fn a_number_begins_with_the_day_of_the_shop() {
        // 16:30 in UTC, half past midnight in Taipei.
        let id = OrderId::parse("019aa740-4b40-7abc-8def-0123456789ab").unwrap();
        let taipei = TimeZone::get("Asia/Taipei").unwrap();
        assert_eq!(OrderNo::of(id, &TimeZone::UTC).as_str(), "251121-R14D2-PF2DB");
        assert_eq!(OrderNo::of(id, &taipei).as_str(), "251122-R14D2-PF2DB");
    }

    #[test]
    fn a_number_has_the_day_and_ten_digits() {
        let number = number_of("019aa3f5-9c00-7abc-8def-0123456789ab");
        assert_eq!([number.as_str(), &number.to_string()], ["251121-R14D2-PF2DB"; 2]);
    }

    #[test]
    fn an_order_number_is_parsed_as_typed() {
        let number = number_of("019aa3f5-9c00-7abc-8def-0123456789ab");
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
        let one = number_of("019aa3f5-9c00-7abc-8def-0123456789ab");
        let other = number_of("019aa3f5-9c00-7abc-8def-0123456789ac");
        assert_ne!(one, other);
    }
}
