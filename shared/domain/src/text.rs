//! Text input with a maximum length.

use crate::Invalid;
use icu_properties::CodePointSetData;
use icu_properties::props::DefaultIgnorableCodePoint;
use serde::{Deserialize, Serialize};
use std::fmt;

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';
const ZERO_WIDTH_JOINER: char = '\u{200d}';
/// The start of the flags of England, Scotland and Wales, which are encoded with invisible tag characters.
const BLACK_FLAG: char = '\u{1f3f4}';
const CANCEL_TAG: char = '\u{e007f}';

/// Whether a text can be a name in a URL path or a body: 1 to 32 of `A-Z a-z 0-9 _ -`.
pub(crate) fn is_slug(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// The text without invisible characters and without characters that change the direction of their neighbours (Unicode's
/// `Default_Ignorable_Code_Point`, which includes all bidirectional controls, the line separators, and annotations). With
/// them, two different names could look alike.
///
/// Kept are those that scripts and emoji require: a joiner behind a character that is not ASCII and before a visible one
/// (emoji families, Persian, Hindi), one variation selector behind a character that can have variants (emoji, keycaps, rare
/// Han characters), and the tags of a flag.
pub fn visible(text: &str) -> String {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let is_invisible =
        |c: char| ignorable.contains(c) || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fff9}'..='\u{fffb}');
    let mut shown = String::with_capacity(text.len());
    let mut in_flag = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let follows = |is: fn(char) -> bool| shown.chars().next_back().is_some_and(is);
        let keeps = match c {
            ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER => {
                follows(|before| !before.is_ascii() && !before.is_whitespace() && !is_joiner(before))
                    && characters.peek().is_some_and(|after| !after.is_whitespace() && !is_invisible(*after))
            }
            _ if is_variation_selector(c) => follows(|before| {
                let has_variants = !before.is_ascii() || matches!(before, '0'..='9' | '#' | '*');
                has_variants && !before.is_whitespace() && !is_joiner(before) && !is_variation_selector(before)
            }),
            '\u{e0020}'..=CANCEL_TAG => in_flag,
            _ => !is_invisible(c),
        };
        in_flag = keeps && (c == BLACK_FLAG || (in_flag && matches!(c, '\u{e0020}'..'\u{e007f}')));
        if keeps {
            shown.push(c);
        }
    }
    shown
}

fn is_joiner(c: char) -> bool {
    matches!(c, ZERO_WIDTH_JOINER | ZERO_WIDTH_NON_JOINER)
}

fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// A line of text: without invisible characters ([`visible`]), trimmed, at most `MAX` characters, at least one letter or
/// digit, no control characters.
///
/// A stored text is read without these checks: only [`Line::parse`] is strict.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line<const MAX: usize>(String);

impl<const MAX: usize> Line<MAX> {
    /// The value that replaces an erased text.
    pub(crate) const fn empty() -> Self {
        Self(String::new())
    }

    /// # Errors
    /// Names `field` when the text is empty, too long, holds control characters, or neither a letter nor a digit.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let text = visible(text);
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > MAX {
            return Err(Invalid::field(field, format!("must have 1 to {MAX} characters")));
        }
        if text.chars().any(char::is_control) {
            return Err(Invalid::field(field, "must not contain control characters"));
        }
        if !text.chars().any(char::is_alphanumeric) {
            return Err(Invalid::field(field, "must contain a letter or a digit"));
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

/// A text of several lines: without invisible characters ([`visible`]), at most `MAX` characters; may be empty and contain
/// line breaks and tabs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Passage<const MAX: usize>(String);

impl<const MAX: usize> Passage<MAX> {
    /// # Errors
    /// [`Invalid`] for `field` when the text is too long or has control characters other than line breaks and tabs.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let text = visible(text);
        if text.chars().count() > MAX {
            return Err(Invalid::field(field, format!("must have at most {MAX} characters")));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            return Err(Invalid::field(field, "must not contain control characters"));
        }
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The name of a product, variant or coupon.
pub type Name = Line<100>;
/// The reason for an action.
pub type Reason = Line<200>;
/// A product's category, for example `Tea`.
pub type Category = Line<40>;
/// A tag: a word by which customers find a product.
pub type Tag = Line<30>;
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
    use proptest::prelude::*;

    #[test]
    fn invisible_and_direction_changing_characters_are_removed() {
        for hidden in [
            "\u{ad}",
            "\u{34f}",
            "\u{61c}",
            "\u{115f}",
            "\u{1160}",
            "\u{180e}",
            "\u{200b}",
            "\u{200c}",
            "\u{200d}",
            "\u{200e}",
            "\u{200f}",
            "\u{2028}",
            "\u{202a}",
            "\u{202e}",
            "\u{2060}",
            "\u{2066}",
            "\u{2069}",
            "\u{3164}",
            "\u{fe0f}",
            "\u{feff}",
            "\u{ffa0}",
            "\u{fff9}",
            "\u{e0001}",
            "\u{e0041}",
            "\u{e0100}",
        ] {
            assert!(Name::parse("name", hidden).is_err(), "{hidden:?} alone");
            assert_eq!(Name::parse("name", &format!("{hidden} tea {hidden}")).unwrap().as_str(), "tea", "{hidden:?}");
            assert_eq!(Description::parse("description", hidden).unwrap().as_str(), "", "{hidden:?}");
        }
        assert_eq!(Name::parse("name", "gnp.\u{202e}txt\u{202c}").unwrap().as_str(), "gnp.txt");
        assert_eq!(Name::parse("name", "t\u{200d}\u{200d}e\u{fe0f}\u{fe0f}a").unwrap().as_str(), "tea");
    }

    #[test]
    fn emoji_and_every_script_stay_as_they_are() {
        for text in [
            "👨‍👩‍👧 family",
            "❤️ tea",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} 1",
            "🇹🇼 1",
            "1️⃣",
            "👍🏽 ok",
            "شاي",
            "می\u{200c}خواهم",
            "תה",
            "क्\u{200d}ष",
            "e\u{301}te\u{301}",
            "茶葉",
            "葛\u{e0100}城",
            "차",
            "ชา",
            "Ὀδυσσεύς",
        ] {
            assert_eq!(Name::parse("name", text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn a_line_has_a_letter_or_a_digit() {
        for bad in ["-", "...", "🍵", "\u{2800}", "\u{301}", "、。"] {
            assert!(Name::parse("name", bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_visible_stays_so(text in any::<String>()) {
            let once = visible(&text);
            prop_assert_eq!(&visible(&once), &once);
            prop_assert_eq!(text.chars().filter(|c| c.is_ascii()).count(), once.chars().filter(|c| c.is_ascii()).count());
        }
    }

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
