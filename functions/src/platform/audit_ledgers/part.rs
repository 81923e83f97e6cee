//! A part of the customers, by a hash of their ids.

use domain::id::CustomerId;
use std::fmt;

/// The customers whose hash leaves the remainder `number` when it is divided by `of`, a power of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// May be `of` or more: only the remainder selects the customers.
    number: u64,
    of: u32,
}

/// The maximum number of parts.
const OF_MAX: u32 = 1 << 16;

impl Part {
    /// All customers.
    pub const WHOLE: Self = Self { number: 0, of: 1 };

    /// All customers; if they are split, the part with this number comes first.
    pub const fn beginning_with(number: u64) -> Self {
        Self { number, of: 1 }
    }

    /// Parses `<number>-<of>`.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, of) = text.split_once('-')?;
        let (number, of) = (number.parse().ok()?, of.parse::<u32>().ok()?);
        let is_part = of.is_power_of_two() && of <= OF_MAX && number < u64::from(of);
        is_part.then_some(Self { number, of })
    }

    /// The number of parts of this size.
    pub fn of(self) -> u64 {
        self.of.into()
    }

    /// Half of the customers of this part. The other half is the part whose number is greater by the old `of`. `None` at
    /// the maximum number of parts.
    pub fn halved(self) -> Option<Self> {
        (self.of < OF_MAX).then(|| Self { of: self.of * 2, ..self })
    }

    /// The part after this one.
    pub const fn following(self) -> Self {
        Self { number: self.number + 1, ..self }
    }

    /// The part after this one, unless it is the last.
    pub fn next(self) -> Option<Self> {
        (self.number + 1 < self.of()).then(|| self.following())
    }

    /// Whether a customer is in this part.
    pub fn has(self, customer: &CustomerId) -> bool {
        self.has_hash(hash(customer))
    }

    /// Whether the customer with this hash is in this part.
    pub fn has_hash(self, hash: u32) -> bool {
        u64::from(hash % self.of) == self.number % self.of()
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.number, self.of)
    }
}

/// FNV-1a, the same in every process.
pub(super) fn hash(customer: &CustomerId) -> u32 {
    customer.as_str().bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_customer_is_in_one_part_whenever_the_parts_were_halved() {
        for n in 0..200 {
            let customer = CustomerId::parse(&format!("customer-{n}")).unwrap();
            // The second part is halved while it is read.
            let mut parts = vec![Part { number: 0, of: 2 }];
            let mut part = Some(Part { number: 1, of: 4 });
            while let Some(one) = part {
                parts.push(one);
                part = one.next();
            }
            let known: Vec<&Part> = parts.iter().filter(|part| part.has(&customer)).collect();
            assert!(!known.is_empty(), "{customer}");
            let quarters = (0..4).filter(|number| Part { number: *number, of: 4 }.has(&customer));
            assert_eq!(quarters.count(), 1, "{customer}");
        }
    }

    #[test]
    fn a_part_is_read_as_it_was_given_out_and_any_other_text_refused() {
        for part in [Part::WHOLE, Part { number: 3, of: 4 }, Part { number: 0, of: OF_MAX }] {
            assert_eq!(Part::parse(&part.to_string()), Some(part));
        }
        for bad in ["", "-", "1", "1-1", "4-4", "0-3", "0-0", "0-131072", "-1-2", "0-2-", "x-2", "0-x"] {
            assert_eq!(Part::parse(bad), None, "{bad}");
        }
        assert_eq!(Part::WHOLE.next(), None);
        assert_eq!(Part { number: 3, of: 4 }.next(), None);
    }
}
