//! Text input with a maximum length.

use crate::Invalid;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A line of text: trimmed, not empty, at most `MAX` characters, no control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// # Errors
    /// [`Invalid`] for `field` when the text is empty, too long or has control characters.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > MAX {
            return Err(Invalid::field(field, format!("must have 1 to {MAX} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid::field(field, "must not contain control characters"));
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MAX: usize> fmt::Display for Line<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A passage of text: may be empty, with line breaks and tabs, at most `MAX` characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Passage<const MAX: usize>(String);

impl<const MAX: usize> Passage<MAX> {
    /// # Errors
    /// [`Invalid`] for `field` when the text is too long or has control characters other than line breaks and tabs.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        if text.chars().count() > MAX {
            return Err(Invalid::field(field, format!("must have at most {MAX} characters")));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(Invalid::field(field, "must not contain control characters"));
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a product, variant or coupon.
pub type Name = Line<100>;
/// The reason of an action.
pub type Reason = Line<200>;
/// A product's description.
pub type Description = Passage<4000>;

/// A stock-keeping unit (SKU), unique in the shop: 1 to 64 of `A-Z a-z 0-9 . _ -`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sku(String);

impl Sku {
    /// # Errors
    /// [`Invalid`] for `field` when the text is malformed.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::field(field, "must be 1 to 64 letters, digits, dots, underscores or hyphens"))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_trimmed_and_bounded() {
        assert_eq!(Name::parse("name", "  tea  ").unwrap().as_str(), "tea");
        assert!(Name::parse("name", &"茶".repeat(100)).is_ok());
        for bad in ["", "   ", "a\nb", "a\u{0}b", &"茶".repeat(101)] {
            assert!(Name::parse("name", bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_passage_may_be_empty_and_have_lines() {
        assert!(Description::parse("description", "").is_ok());
        assert_eq!(Description::parse("description", "one\ntwo").unwrap().as_str(), "one\ntwo");
        assert!(Description::parse("description", &"x".repeat(4000)).is_ok());
        assert!(Description::parse("description", "a\u{7}").is_err());
        assert!(Description::parse("description", &"x".repeat(4001)).is_err());
    }

    #[test]
    fn a_sku_cannot_hold_a_key_separator() {
        assert_eq!(Sku::parse("sku", "TEA-01_a.b").unwrap().as_str(), "TEA-01_a.b");
        for bad in ["", "a#b", "a b", "é", &"x".repeat(65)] {
            assert!(Sku::parse("sku", bad).is_err(), "{bad:?}");
        }
    }
}
