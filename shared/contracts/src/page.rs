//! Pagination.

use domain::{Invalid, Moment, Refusal};
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

/// A page of a list whose order changes with its items. What changes between the reads of two pages may be missing from
/// both or be on both; a client that has to see everything reads again what changed since `as_of` of its first page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatedPage<T> {
    /// The page.
    #[serde(flatten)]
    pub page: Page<T>,
    /// When the page was read.
    pub as_of: Moment,
}

/// The size of a page: 1 to 100 items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// The default size.
    pub const DEFAULT: Self = Self(20);
    /// The maximum.
    pub const MAX: u8 = 100;
    /// The largest limit that a list accepts.
    pub const LARGEST: Self = Self(Self::MAX);

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

/// A request for a page. A cursor has two parts: a position, which its list validates and applies to the caller's own keys,
/// and the list that it belongs to. So a forged cursor stays within the caller's own data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageQuery {
    /// The maximum number of items.
    pub limit: Limit,
    /// The position that the cursor has, if it is not the first page.
    pub cursor: Option<String>,
    /// The list with its filters, as a text that is the same for every page of it.
    list: String,
}

/// Between the position and the list; no character of either.
const SEPARATOR: char = '.';

impl PageQuery {
    /// The maximum length of a cursor, in bytes.
    pub const CURSOR_BYTES_MAX: usize = 2_048;

    /// Parses the query parameters `limit` and `cursor` for the list that is known by this text.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for the limit, and for a cursor that is too long or of another list.
    pub fn parse(list: &str, limit: Option<&str>, cursor: Option<&str>) -> Result<Self, Refusal> {
        let cursor = cursor.map(|cursor| {
            let position = Some(cursor)
                .filter(|cursor| cursor.len() <= Self::CURSOR_BYTES_MAX)
                .and_then(|cursor| cursor.rsplit_once(SEPARATOR))
                .filter(|(_, of)| *of == list);
            position.map(|(position, _)| position.to_owned()).ok_or_else(Self::bad_cursor)
        });
        let limit = limit.map_or(Ok(Limit::DEFAULT), Limit::parse)?;
        Ok(Self { limit, cursor: cursor.transpose()?, list: list.to_owned() })
    }

    /// The page with a cursor that belongs to this list and its filters.
    pub fn bind<T>(&self, page: Page<T>) -> Page<T> {
        let next_cursor = page.next_cursor.map(|position| self.cursor_at(&position));
        Page { next_cursor, ..page }
    }

    /// The cursor of a position in this list.
    pub fn cursor_at(&self, position: &str) -> String {
        format!("{position}{SEPARATOR}{}", self.list)
    }

    /// A page of the same list and size from a position on.
    pub fn from(&self, position: Option<String>) -> Self {
        Self { cursor: position, ..self.clone() }
    }

    /// The largest page of the same list from a position on.
    pub fn largest_from(&self, position: Option<String>) -> Self {
        Self { limit: Limit::LARGEST, ..self.from(position) }
    }

    /// The same page with half the limit; `None` if the limit is 1.
    pub fn halved(&self) -> Option<Self> {
        let half = self.limit.0 / 2;
        (half > 0).then(|| Self { limit: Limit(half), ..self.clone() })
    }

    /// The refusal of a cursor that is not one of this list.
    pub fn bad_cursor() -> Refusal {
        Invalid::field("cursor", "must be the next_cursor of a page of this list with the same filters").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_1_to_100_and_20_by_default() {
        assert_eq!(PageQuery::parse("a", None, None).unwrap().limit.get(), 20);
        assert_eq!(PageQuery::parse("a", Some("100"), None).unwrap().limit.get(), 100);
        for bad in ["0", "101", "-1", "x", "", "1.5", "99999999999"] {
            assert!(PageQuery::parse("a", Some(bad), None).is_err(), "{bad}");
        }
        assert!(PageQuery::parse("a", None, Some(&"x".repeat(2_049))).is_err());
    }

    #[test]
    fn a_cursor_belongs_to_its_list() {
        let page = Page { items: vec![1], next_cursor: Some("UE9T".to_owned()) };
        let bound = PageQuery::parse("a", None, None).unwrap().bind(page).next_cursor.unwrap();
        assert_eq!(PageQuery::parse("a", None, Some(&bound)).unwrap().cursor.as_deref(), Some("UE9T"));
        for (list, cursor) in [("b", bound.as_str()), ("a", "UE9T"), ("a", ""), ("a", "UE9T."), ("a", "UE9T.a.b")] {
            assert!(matches!(PageQuery::parse(list, None, Some(cursor)), Err(Refusal::Invalid(_))), "{list} {cursor}");
        }
    }
}
