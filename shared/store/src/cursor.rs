//! Pagination cursors: the position in a list, as opaque text. A cursor contains a sort key and no partition, so a
//! forged cursor stays within the caller's own list.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contracts::page::PageQuery;
use domain::Refusal;

/// Encodes a position for the client.
pub(crate) fn encode(position: &str) -> String {
    URL_SAFE_NO_PAD.encode(position)
}

/// Decodes a client's cursor; refused unless `is_position` accepts it.
pub(crate) fn decode(cursor: &str, is_position: impl Fn(&str) -> bool) -> Result<String, Refusal> {
    URL_SAFE_NO_PAD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .filter(|position| is_position(position))
        .ok_or_else(PageQuery::bad_cursor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_malformed_cursor_is_refused() {
        let is_position = |text: &str| text.starts_with("ORDER#");
        assert_eq!(decode(&encode("ORDER#1"), is_position).unwrap(), "ORDER#1");
        for bad in [encode("BALANCE"), encode(""), "%%%".to_owned(), "T1JERVIjMQ==".to_owned(), "_w".to_owned()] {
            assert!(decode(&bad, is_position).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_cursor_is_a_position_or_refused(cursor in ".{0,300}", position in ".{0,100}") {
            prop_assert_eq!(decode(&encode(&position), |_| true).unwrap(), position);
            if let Ok(read) = decode(&cursor, |_| true) {
                prop_assert_eq!(encode(&read), cursor);
            }
        }
    }
}
