//! The due index `by_worklist` of orders and notification jobs: lists by status and month, each sorted by the time at
//! which an item is due. It may lag; the table decides.
//!
//! The index and its keys keep the names of release 0.1, because an index cannot be renamed. A partition is
//! `<list>#<month>#<shard>`; a position in it is `<milliseconds>#<id>`. Thirteen digits of milliseconds sort by time as
//! text until the year 2286.

use crate::db::{Item, string, text};
use crate::{Store, cursor};
use contracts::Failure;
use contracts::page::{Limit, Page};
use domain::Moment;
use futures_util::future::try_join_all;
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::fmt::Display;

const BY_DUE: &str = "by_worklist";
/// Partitions of one list's month, so that no index partition is hot.
const SHARDS: u8 = 4;

/// The partition and position of an item that is due at `at`.
pub(crate) fn place(list: &str, at: Moment, spread: u8, id: impl Display) -> (String, String) {
    (partition(list, day_of(at), spread % SHARDS), format!("{}#{id}", time(at)))
}

fn partition(list: &str, day: Date, shard: u8) -> String {
    format!("{list}#{:04}-{:02}#{shard}", day.year(), day.month())
}

/// The time part of a position.
pub(crate) fn time(at: Moment) -> String {
    format!("{:013}", at.as_millisecond())
}

fn day_of(at: Moment) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// The previous month and this one.
fn recent_months(now: Moment) -> [Date; 2] {
    let this = day_of(now).first_of_month();
    [this.saturating_sub(Span::new().months(1)), this]
}

/// Whether a text is a position whose id satisfies `is_id`.
pub(crate) fn is_position(text: &str, is_id: impl Fn(&str) -> bool) -> bool {
    let Some((time, id)) = text.split_once('#') else { return false };
    time.len() == 13 && time.bytes().all(|b| b.is_ascii_digit()) && is_id(id)
}

/// An entry of a due list.
#[derive(Debug, Clone)]
pub struct DueEntry<T> {
    /// The position in its list, after which a list continues.
    pub place: String,
    pub entry: T,
}

impl<T> DueEntry<T> {
    /// The entry as another type, if it is one.
    pub(crate) fn and_then<U>(self, read: impl Fn(&T) -> Option<U>) -> Option<DueEntry<U>> {
        Some(DueEntry { entry: read(&self.entry)?, place: self.place })
    }
}

/// Some lists of one table's due index; most are named after a status.
pub(crate) struct DueIndex<'a> {
    pub(crate) store: &'a Store,
    pub(crate) table: &'a str,
    pub(crate) lists: Vec<&'static str>,
}

/// A range of positions.
struct DueRange {
    /// The first position, if the range does not begin with the partition.
    start: Option<String>,
    /// The position before which the range ends.
    end: String,
}

/// A page of a due index.
pub(crate) struct PageRequest<'a> {
    pub(crate) limit: Limit,
    /// The client's cursor.
    pub(crate) after: Option<&'a str>,
    /// The number of months, back from now, that the lists cover.
    pub(crate) months: i32,
    pub(crate) now: Moment,
}

impl DueIndex<'_> {
    /// A page of the items that are due at `now`, longest overdue first over all lists and shards, after a position. Reads
    /// this month and the previous one, so that a sweep that did not run for weeks still finds every item.
    pub(crate) async fn due(
        &self,
        now: Moment,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<DueEntry<Item>>, Failure> {
        let range = DueRange {
            // `!` sorts before every digit and letter, so the range begins after this position.
            start: after.map(|place| format!("{place}!")),
            // `~` sorts after `#`, so items that are due in this millisecond are included.
            end: format!("{}~", time(now)),
        };
        let found = self.between(&recent_months(now), &range, most, true).await?;
        let mut due: Vec<DueEntry<Item>> = found
            .into_iter()
            .filter_map(|entry| Some(DueEntry { place: position(&entry)?.to_owned(), entry }))
            .collect();
        due.sort_by(|one, other| one.place.cmp(&other.place));
        due.truncate(most);
        Ok(due)
    }

    /// The number of items of the lists since the previous month. Each partition counts at most `most` of them: exact up to
    /// there, a lower bound beyond.
    pub(crate) async fn count(&self, now: Moment, most: usize) -> Result<usize, Failure> {
        let range = DueRange { start: None, end: "~".to_owned() };
        Ok(self.between(&recent_months(now), &range, most, false).await?.len())
    }

    /// A page of the lists, latest first. Due times are at most a month in the future.
    pub(crate) async fn page(
        &self,
        request: PageRequest<'_>,
        is_id: impl Fn(&str) -> bool,
    ) -> Result<Page<Item>, Failure> {
        let PageRequest { limit, after, months, now } = request;
        let after = after.map(|after| cursor::decode(after, |text| is_position(text, &is_id))).transpose()?;
        let first = day_of(now).first_of_month().saturating_add(Span::new().months(1));
        let oldest = first.saturating_sub(Span::new().months(months));
        // A cursor with a month in the far future would make one page read years of partitions.
        let mut month = after.as_deref().and_then(month_of).map_or(first, |month| month.min(first));
        let range = DueRange { start: None, end: after.unwrap_or_else(|| "~".to_owned()) };
        let mut found: Vec<Item> = Vec::new();
        while month >= oldest && found.len() <= limit.get() {
            let mut latest = self.between(&[month], &range, limit.get() + 1, false).await?;
            latest.sort_by(|one, other| position(other).cmp(&position(one)));
            found.extend(latest);
            month = month.saturating_sub(Span::new().months(1));
        }
        let more = found.len() > limit.get();
        found.truncate(limit.get());
        let next_cursor = found.last().filter(|_| more).and_then(position).map(cursor::encode);
        Ok(Page { items: found, next_cursor })
    }

    /// The items of these months in a range: the first or the last `most` of each partition.
    async fn between(
        &self,
        months: &[Date],
        range: &DueRange,
        most: usize,
        forward: bool,
    ) -> Result<Vec<Item>, Failure> {
        let of_month = |month: &Date| {
            let shards = |list| (0..SHARDS).map(move |shard| (list, shard));
            let each = self.lists.iter().flat_map(shards);
            each.map(|(list, shard)| partition(list, *month, shard)).collect::<Vec<_>>()
        };
        let queries = months.iter().flat_map(of_month).map(|partition| {
            let query = self.store.query_of(self.table).index_name(BY_DUE);
            let query = match &range.start {
                None => query.key_condition_expression("work_pk = :pk AND work_sk < :end"),
                Some(start) => query
                    .key_condition_expression("work_pk = :pk AND work_sk BETWEEN :start AND :end")
                    .expression_attribute_values(":start", string(start)),
            };
            let query = query
                .expression_attribute_values(":pk", string(partition))
                .expression_attribute_values(":end", string(&range.end))
                .scan_index_forward(forward)
                .limit(i32::try_from(most).unwrap_or(i32::MAX));
            self.store.query(query)
        });
        Ok(try_join_all(queries).await?.into_iter().flat_map(|page| page.items).collect())
    }
}

fn position(item: &Item) -> Option<&str> {
    text(item, "work_sk")
}

fn month_of(position: &str) -> Option<Date> {
    let at = Moment::from_millisecond(position.get(..13)?.parse().ok()?).ok()?;
    Some(day_of(at).first_of_month())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::OrderId;
    use proptest::prelude::*;

    fn is_order_position(text: &str) -> bool {
        is_position(text, |id| OrderId::parse(id).is_some())
    }

    #[test]
    fn a_malformed_position_is_refused() {
        assert!(is_order_position("1764000000000#019aa3f5-9c00-7abc-8def-0123456789ab"));
        for bad in ["", "1764000000000", "x764000000000#019aa3f5-9c00-7abc-8def-0123456789ab", "1764000000000#x"] {
            assert!(!is_order_position(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_position_is_parsed_as_it_was_formatted(millis in 0..10_000_000_000_000_i64, bits in any::<u128>(), other in ".{0,60}") {
            let at = Moment::from_millisecond(millis).unwrap();
            let (_, position) = place("PAID", at, 255, OrderId::new(uuid::Uuid::from_u128(bits)));
            prop_assert!(is_order_position(&position));
            prop_assert_eq!(month_of(&position), Some(day_of(at).first_of_month()));
            prop_assert!(!is_order_position(&other) || other.is_char_boundary(13));
        }
    }
}
