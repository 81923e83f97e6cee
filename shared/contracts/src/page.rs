//! Pagination.

use domain::{Invalid, Refusal};
use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page. Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The same page with converted items.
    pub fn map<U>(self, make: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(make).collect(), next_cursor: self.next_cursor }
    }
}

/// The size of a page: 1 to 100 items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// The default size.
    pub const DEFAULT: Self = Self(20);
    /// The maximum.
    pub const MAX: u8 = 100;

    /// # Errors
    /// [`Invalid`] for `limit` unless it is from 1 to 100.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        text.parse::<u8>()
            .ok()
            .filter(|limit| (1..=Self::MAX).contains(limit))
            .map(Self)
            .ok_or_else(|| Invalid::field("limit", format!("must be a whole number from 1 to {}", Self::MAX)))
    }

    /// The number of items.
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// A request for a page. The cursor comes from an earlier page: a position, validated by the list that it belongs to
/// and applied to the caller's own keys, so a forged cursor stays within the caller's own data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuery {
    /// The maximum number of items.
    pub limit: Limit,
    /// The cursor, if it is not the first page.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// The maximum length of a cursor, in bytes.
    pub const CURSOR_BYTES_MAX: usize = 256;

    /// Parses the query parameters `limit` and `cursor`.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for the limit, [`Refusal::MalformedRequest`] for a cursor that is too long.
    pub fn parse(limit: Option<&str>, cursor: Option<&str>) -> Result<Self, Refusal> {
        if cursor.is_some_and(|cursor| cursor.len() > Self::CURSOR_BYTES_MAX) {
            return Err(Self::bad_cursor());
        }
        let limit = limit.map_or(Ok(Limit::DEFAULT), Limit::parse)?;
        Ok(Self { limit, cursor: cursor.map(str::to_owned) })
    }

    /// The refusal of a cursor that is not one of this list.
    pub fn bad_cursor() -> Refusal {
        Refusal::MalformedRequest("the cursor is not one that this list gave out".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_1_to_100_and_20_by_default() {
        assert_eq!(PageQuery::parse(None, None).unwrap().limit.get(), 20);
        assert_eq!(PageQuery::parse(Some("100"), None).unwrap().limit.get(), 100);
        for bad in ["0", "101", "-1", "x", "", "1.5", "99999999999"] {
            assert!(PageQuery::parse(Some(bad), None).is_err(), "{bad}");
        }
        assert!(PageQuery::parse(None, Some(&"x".repeat(257))).is_err());
    }
}
