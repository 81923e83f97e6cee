//! The list of events for admins.

use super::{FAILED, MINUTES_AT_ONCE, MINUTES_PER_PAGE_MAX, Minute, Record, SHARDS, in_order};
use crate::Store;
use crate::db::string;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::Moment;
use domain::id::{EventId, RecordId};
use domain::outbox::OutboxStatus;
use futures_util::future::try_join_all;
use jiff::SignedDuration;

/// A filter for the records of a minute.
struct NewestRecords {
    status: Option<OutboxStatus>,
    /// The last record of the previous page: it and older records follow.
    last: Option<RecordId>,
    /// The number of records of a shard that a page can show.
    most: usize,
}

impl Store {
    /// The newest records of a minute, oldest first: at most `most` of each shard, so that a busy minute does not have to
    /// be in memory.
    async fn newest_of(&self, minute: Minute, newest: &NewestRecords) -> Result<Vec<Record>, Failure> {
        let reads = (0..SHARDS).map(async |shard| {
            let (mut items, mut last_key) = (Vec::new(), None);
            loop {
                let query = self.newest_in(minute, shard, newest).set_exclusive_start_key(last_key);
                let read = self.query(query).await?;
                items.extend(read.items);
                last_key = read.last_key;
                if last_key.is_none() || items.len() >= newest.most {
                    items.truncate(newest.most);
                    return Ok::<_, Failure>(items);
                }
            }
        });
        in_order(try_join_all(reads).await?.into_iter().flatten().collect())
    }

    fn newest_in(&self, minute: Minute, shard: u8, newest: &NewestRecords) -> QueryFluentBuilder {
        let last = newest.last.map_or_else(|| "~".to_owned(), |last| last.to_string());
        let query = self
            .query_of(&self.tables.outbox)
            .key_condition_expression("pk = :pk AND sk <= :last")
            .expression_attribute_values(":pk", string(minute.pk(shard)))
            .expression_attribute_values(":last", string(last))
            .consistent_read(true)
            .scan_index_forward(false);
        match newest.status {
            // A filter without a limit: DynamoDB applies a limit before the filter, so records that are filtered out would
            // count.
            Some(status) => query
                .filter_expression("#status = :status")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":status", string(status.as_str())),
            None => query.limit(i32::try_from(newest.most).unwrap_or(i32::MAX)),
        }
    }

    /// A page of events, newest first, all or those in one status. One page reads at most [`MINUTES_PER_PAGE_MAX`]
    /// minutes, so it can be empty and still have a next page.
    pub async fn list_events(
        &self,
        status: Option<OutboxStatus>,
        page: &PageQuery,
        now: Moment,
        keep: SignedDuration,
    ) -> Result<Page<Listed>, Failure> {
        let after = page
            .cursor
            .as_deref()
            .map(|text| crate::cursor::decode(text, |position| position.parse::<Position>().is_ok()))
            .transpose()?
            .and_then(|text| text.parse::<Position>().ok());
        let is_next = |event: &Listed| after.as_ref().and_then(|after| after.event).is_none_or(|last| event.id < last);
        let mut items: Vec<Listed> = Vec::new();
        let next;
        if status == Some(OutboxStatus::Failed) {
            let last = after.as_ref().and_then(|after| after.event).map(EventId::record);
            // One more than the page, to detect whether a next page exists, and the cursor's record, which may have no
            // events left to list.
            let ids = self.pointers(FAILED, page.limit.get() + 2, last).await?;
            items.extend(self.pointed_at(&ids).await?.iter().flat_map(Listed::all).filter(is_next));
            next = None;
        } else {
            let oldest = Minute::of(now.saturating_sub(keep).unwrap_or(Moment::MIN));
            let first = after.as_ref().map_or_else(|| Minute::of(now), |after| after.minute);
            let mut minute = first;
            while minute >= oldest && first.since(minute) < MINUTES_PER_PAGE_MAX && items.len() <= page.limit.get() {
                let minutes = (0..MINUTES_AT_ONCE).map(|back| minute.plus(-back)).filter(|minute| *minute >= oldest);
                let last = after.as_ref().and_then(|after| after.event).map(EventId::record);
                let newest = NewestRecords { status, last, most: page.limit.get() + 1 };
                for records in try_join_all(minutes.map(|minute| self.newest_of(minute, &newest))).await? {
                    items.extend(records.iter().rev().flat_map(Listed::all).filter(is_next));
                }
                minute = minute.plus(-MINUTES_AT_ONCE);
            }
            next = (minute >= oldest).then_some(Position { minute, event: None });
        }
        let next = if items.len() > page.limit.get() {
            items.truncate(page.limit.get());
            items.last().map(Position::after)
        } else {
            next
        };
        Ok(Page { items, next_cursor: next.map(|next| crate::cursor::encode(&next.to_string())) })
    }
}

/// An event of the outbox, for admins.
#[derive(Debug, Clone)]
pub struct Listed {
    pub id: EventId,
    pub event_type: String,
    /// The status of its record.
    pub status: OutboxStatus,
    /// Failed tries to publish its record.
    pub attempts: u32,
    pub created_at: Moment,
    /// The time of the last publication.
    pub sent_at: Option<Moment>,
}

impl Listed {
    /// The events of a record, last first.
    pub fn all(record: &Record) -> impl Iterator<Item = Self> {
        record.events.iter().rev().map(|event| Self {
            id: event.envelope.event_id,
            event_type: event.envelope.event_type.clone(),
            status: record.status,
            attempts: record.attempts,
            created_at: record.created_at,
            sent_at: record.sent_at,
        })
    }
}

/// A position in the listing: a minute, after an event.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Position {
    minute: Minute,
    event: Option<EventId>,
}

impl Position {
    fn after(event: &Listed) -> Self {
        Self { minute: Minute::made(event.id.record()), event: Some(event.id) }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.minute.0)?;
        self.event.map_or(Ok(()), |event| write!(f, "#{event}"))
    }
}

impl std::str::FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (minute, event) = text.split_once('#').map_or((text, None), |(minute, event)| (minute, Some(event)));
        let event = event.map(|event| EventId::parse(event).ok_or(())).transpose()?;
        let minute: i64 = minute.parse().map_err(|_| ())?;
        // A cursor with a minute in the far future would make one page read years of partitions.
        if (0..=100_000_000).contains(&minute) { Ok(Self { minute: Minute(minute), event }) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_position_is_read_as_it_was_given_out(minute in 0..=100_000_000_i64, bits in any::<Option<u128>>()) {
            let event = bits.map(|bits| RecordId::new(uuid::Uuid::from_u128(bits)).event(3));
            let position = Position { minute: Minute(minute), event };
            prop_assert_eq!(position.to_string().parse::<Position>(), Ok(position));
        }

        #[test]
        fn any_other_text_is_a_position_of_this_age_or_none(text in "[0-9#-]{0,20}.{0,20}") {
            if let Ok(position) = text.parse::<Position>() {
                prop_assert!((0..=100_000_000).contains(&position.minute.0));
            }
        }
    }
}
