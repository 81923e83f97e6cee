//! Pages that end by bytes as well as by items.

use contracts::page::PageQuery;
use contracts::{Failure, Page};
use runtime::http::Response;
use serde::Serialize;

/// The maximum size of a page's body. Lambda's limit is 6 MB for the response, in which the body is encoded as a JSON
/// string: in the worst case the escapes double its size.
pub(crate) const PAGE_BYTES_MAX: usize = 3_000_000;

/// The response with a page of large items. A page that is too large is read again with half as many items.
///
/// # Errors
/// Those of `list`; see [`Response::ok`].
pub(crate) async fn page_within_bytes<T, L>(
    page: &PageQuery,
    list: impl Fn(PageQuery) -> L,
) -> Result<Response, Failure>
where
    T: Serialize,
    L: Future<Output = Result<Page<T>, Failure>>,
{
    let mut asked = page.clone();
    loop {
        let response = Response::page(page, list(asked.clone()).await?)?;
        match asked.halved() {
            Some(fewer) if response.body.len() > PAGE_BYTES_MAX => asked = fewer,
            _ => return Ok(response),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::cell::RefCell;

    /// The limits with which a list of items of this size is read.
    fn limits(limit: &str, item_bytes: usize) -> Vec<usize> {
        let asked = RefCell::new(Vec::new());
        let page = PageQuery::parse("a", Some(limit), None).unwrap();
        let list = |page: PageQuery| {
            asked.borrow_mut().push(page.limit.get());
            let items = vec!["x".repeat(item_bytes); page.limit.get()];
            async { Ok(Page { items, next_cursor: None }) }
        };
        page_within_bytes(&page, list).now_or_never().unwrap().unwrap();
        asked.into_inner()
    }

    #[test]
    fn a_page_has_as_many_items_as_fit_into_a_response() {
        assert_eq!(limits("100", 1_000), [100]);
        assert_eq!(limits("100", 100_000), [100, 50, 25]);
        assert_eq!(limits("3", 4_000_000), [3, 1]);
    }
}
