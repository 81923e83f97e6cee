//! The outbox: events that are to be published. One record contains the events of one transaction, so that they are
//! written together, published together, and cost one write each time (docs/decisions/0003).
//!
//! The events are compressed with DEFLATE: the three events of a paid order repeat the same ids, and a record below one
//! kilobyte costs one unit less each time it is written.
//!
//! Records are stored in partitions by minute, each split over [`SHARDS`]. The sweep reads minute by minute, so no
//! index by status is needed. Pointers under `FAILED` and `REPLAY` find the few records that the sweep does not handle.

use crate::db::{Item, Part, Want, from_item, key, number, put, string, text, update};
use crate::{Store, Tx, time};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use contracts::Failure;
use contracts::events::{Aggregate, Envelope, Event, RawEnvelope, Trace, current_type};
use contracts::page::{Page, PageQuery};
use domain::id::{EventId, RecordId};
use domain::outbox::OutboxStatus;
use domain::{Moment, Refusal};
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use miniz_oxide::{deflate, inflate};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The shards of a minute's partition.
const SHARDS: u8 = 4;
/// Tries to publish a record before it is FAILED and an admin has to replay it.
pub const ATTEMPTS_MAX: u32 = 5;
/// The compression level, of 10: zlib's default.
const DEFLATE_LEVEL: u8 = 6;
/// Minutes that one page of a listing reads.
const MINUTES_PER_PAGE_MAX: i64 = 120;
/// Minutes that a listing reads concurrently.
const MINUTES_AT_ONCE: i64 = 10;

const FAILED: &str = "FAILED";
const REPLAY: &str = "REPLAY";

/// An event of a transaction that is not committed yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PendingEvent {
    #[serde(rename = "type")]
    event_type: String,
    area: String,
    aggregate: Aggregate,
    data: Box<RawValue>,
    /// The event's own cause, where it differs from the record's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trace: Option<Trace>,
}

impl PendingEvent {
    pub(crate) fn new<E: Event>(event: &E) -> Result<Self, Failure> {
        Ok(Self {
            event_type: E::TYPE.to_owned(),
            area: E::AREA.to_owned(),
            aggregate: event.aggregate(),
            data: serde_json::value::to_raw_value(event).map_err(Failure::broken)?,
            trace: None,
        })
    }

    pub(crate) fn caused_by(self, trace: &Trace) -> Self {
        Self { trace: Some(trace.clone()), ..self }
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct RecordItem {
    pk: String,
    sk: RecordId,
    status: OutboxStatus,
    #[serde(default)]
    attempts: u32,
    #[serde(with = "time")]
    created_at: Moment,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    sent_at: Option<Moment>,
    /// Why the last try to publish failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    #[serde(flatten)]
    trace: Trace,
    /// The events as JSON, compressed with DEFLATE.
    #[serde(with = "serde_bytes")]
    events: Vec<u8>,
}

fn pack(events: &[PendingEvent]) -> Result<Vec<u8>, Failure> {
    let json = serde_json::to_vec(events).map_err(Failure::broken)?;
    Ok(deflate::compress_to_vec(&json, DEFLATE_LEVEL))
}

fn unpack(events: &[u8]) -> Result<Vec<PendingEvent>, Failure> {
    let json = inflate::decompress_to_vec(events).map_err(|error| Failure::broken(error.to_string()))?;
    serde_json::from_slice(&json).map_err(Failure::broken)
}

#[derive(Debug, Serialize)]
struct PointerItem {
    pk: &'static str,
    sk: RecordId,
}

/// The events of one transaction.
#[derive(Debug, Clone)]
pub struct Record {
    pub id: RecordId,
    pub status: OutboxStatus,
    /// Failed tries to publish.
    pub attempts: u32,
    pub created_at: Moment,
    /// When it was last published.
    pub sent_at: Option<Moment>,
    /// Why the last try to publish failed.
    pub last_error: Option<String>,
    /// In the order in which they happened.
    pub events: Vec<Outgoing>,
}

/// An event to publish.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The area that announces the event.
    pub area: String,
    pub envelope: RawEnvelope,
}

impl TryFrom<RecordItem> for Record {
    type Error = Failure;

    fn try_from(item: RecordItem) -> Result<Self, Failure> {
        let events = (0u8..)
            .zip(unpack(&item.events)?)
            .map(|(position, event)| Outgoing {
                area: event.area,
                envelope: Envelope {
                    event_id: item.sk.event(position),
                    event_type: current_type(&event.event_type).to_owned(),
                    occurred_at: item.created_at,
                    aggregate: event.aggregate,
                    trace: event.trace.unwrap_or_else(|| item.trace.clone()),
                    data: event.data,
                },
            })
            .collect();
        Ok(Self {
            id: item.sk,
            status: item.status,
            attempts: item.attempts,
            created_at: item.created_at,
            sent_at: item.sent_at,
            last_error: item.last_error,
            events,
        })
    }
}

impl Record {
    /// Parses a record of the table's stream; `None` for other items of the table.
    ///
    /// # Errors
    /// [`Failure::Broken`] when the item is not a record.
    pub fn from_stream(image: serde_dynamo::Item) -> Result<Option<Self>, Failure> {
        if !image.contains_key("events") {
            return Ok(None);
        }
        let item: RecordItem = serde_dynamo::from_item(image).map_err(Failure::broken)?;
        item.try_into().map(Some)
    }
}

/// A minute since the Unix epoch: the partition of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Minute(i64);

impl Minute {
    pub fn of(moment: Moment) -> Self {
        Self(moment.as_millisecond().div_euclid(60_000))
    }

    /// The minute in which a record was created.
    pub fn made(id: RecordId) -> Self {
        Self(i64::try_from(id.millis() / 60_000).unwrap_or(i64::MAX))
    }

    #[must_use]
    pub const fn plus(self, minutes: i64) -> Self {
        Self(self.0 + minutes)
    }

    /// The number of minutes since `earlier`.
    pub const fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    fn pk(self, shard: u8) -> String {
        format!("{}#{shard}", self.0)
    }
}

/// Characters of an error that a record keeps.
const ERROR_CHARS_MAX: usize = 200;

fn shortened(why: &str) -> String {
    why.chars().take(ERROR_CHARS_MAX).collect()
}

fn record_pk(id: RecordId) -> String {
    Minute::made(id).pk(id.spread() % SHARDS)
}

impl Store {
    pub(crate) fn outbox_put(
        &self,
        id: RecordId,
        trace: &Trace,
        events: Vec<PendingEvent>,
        now: Moment,
    ) -> Result<PutBuilder, Failure> {
        if events.len() > RecordId::EVENTS_MAX {
            return Err(Failure::broken(format!(
                "a transaction with {} events: at most {} fit into one outbox record",
                events.len(),
                RecordId::EVENTS_MAX
            )));
        }
        let item = RecordItem {
            pk: record_pk(id),
            sk: id,
            status: OutboxStatus::New,
            attempts: 0,
            created_at: now,
            sent_at: None,
            last_error: None,
            trace: trace.clone(),
            events: pack(&events)?,
        };
        Ok(put(&self.tables.outbox, &item)?.condition_expression("attribute_not_exists(pk)"))
    }

    /// # Errors
    /// [`Refusal::EventNotFound`].
    pub async fn load_record(&self, id: RecordId) -> Result<Record, Failure> {
        let item = self.get(&self.tables.outbox, &record_pk(id), &id.to_string(), true).await?;
        from_item::<RecordItem>(item.ok_or(Refusal::EventNotFound)?)?.try_into()
    }

    /// Marks a record as published (SENT). It is deleted after `keep`.
    pub async fn mark_sent(&self, id: RecordId, now: Moment, keep: SignedDuration) -> Result<(), Failure> {
        let sent = update(&self.tables.outbox, &record_pk(id), &id.to_string())
            .update_expression("SET #status = :sent, sent_at = :now, expires_at = :expires")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":sent", string(OutboxStatus::Sent.as_str()))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(
                ":expires",
                number(now.saturating_add(keep).unwrap_or(Moment::MAX).as_second()),
            );
        self.update_alone(sent.build().map_err(Failure::broken)?).await.map(|_| ())
    }

    /// Counts a failed try to publish. Has no effect if another worker has published the record.
    pub async fn mark_attempt(&self, record: &Record, why: &str) -> Result<(), Failure> {
        let attempt = update(&self.tables.outbox, &record_pk(record.id), &record.id.to_string())
            .update_expression("SET attempts = :next, last_error = :why")
            .expression_attribute_values(":why", string(shortened(why)))
            .condition_expression("#status = :new AND attempts = :before")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":new", string(OutboxStatus::New.as_str()))
            .expression_attribute_values(":next", number(record.attempts + 1))
            .expression_attribute_values(":before", number(record.attempts));
        self.update_alone(attempt.build().map_err(Failure::broken)?).await.map(|_| ())
    }

    /// Removes the replay pointer of a published record.
    pub async fn finish_replay(&self, id: RecordId) -> Result<(), Failure> {
        self.delete_alone(&self.tables.outbox, key(REPLAY, &id.to_string())).await
    }

    /// The records of one minute, oldest first.
    pub async fn records_of(&self, minute: Minute) -> Result<Vec<Record>, Failure> {
        self.records(minute, |query| query).await
    }

    /// The records of one minute that are not published yet. Published ones are filtered in DynamoDB, so that a sweep
    /// after a rush does not hold everything that was sent.
    pub async fn waiting_of(&self, minute: Minute) -> Result<Vec<Record>, Failure> {
        let is_new = |query: QueryFluentBuilder| {
            query
                .filter_expression("#status = :new")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":new", string(OutboxStatus::New.as_str()))
        };
        self.records(minute, is_new).await
    }

    async fn records(
        &self,
        minute: Minute,
        of_these: impl Fn(QueryFluentBuilder) -> QueryFluentBuilder,
    ) -> Result<Vec<Record>, Failure> {
        let queries = (0..SHARDS).map(|shard| {
            let query = self
                .query_of(&self.tables.outbox)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", string(minute.pk(shard)))
                .consistent_read(true);
            self.query_all(of_these(query))
        });
        let mut records = try_join_all(queries)
            .await?
            .into_iter()
            .flatten()
            .map(|item| from_item::<RecordItem>(item)?.try_into())
            .collect::<Result<Vec<Record>, Failure>>()?;
        records.sort_by_key(|record| record.id);
        Ok(records)
    }

    /// The records that an admin has asked to replay.
    pub async fn replays(&self) -> Result<Vec<Record>, Failure> {
        let pointers = self.pointers(REPLAY, None, None).await?;
        self.pointed_at(&pointers).await
    }

    /// The number of FAILED records, up to `most`.
    pub async fn failed_count(&self, most: usize) -> Result<usize, Failure> {
        Ok(self.pointers(FAILED, Some(most), None).await?.len())
    }

    /// The record ids of a pointer, newest first, from `last` on.
    async fn pointers(
        &self,
        kind: &str,
        limit: Option<usize>,
        last: Option<RecordId>,
    ) -> Result<Vec<RecordId>, Failure> {
        let query = self
            .query_of(&self.tables.outbox)
            .key_condition_expression("pk = :pk AND sk <= :last")
            .expression_attribute_values(":pk", string(kind))
            .expression_attribute_values(":last", string(last.map_or_else(|| "~".to_owned(), |last| last.to_string())))
            .consistent_read(true)
            .scan_index_forward(false);
        let items = match limit {
            Some(limit) => self.query(query.limit(i32::try_from(limit).unwrap_or(i32::MAX))).await?.items,
            None => self.query_all(query).await?,
        };
        Ok(items.iter().filter_map(|item| RecordId::parse(text(item, "sk")?)).collect())
    }

    async fn pointed_at(&self, ids: &[RecordId]) -> Result<Vec<Record>, Failure> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys = ids.iter().map(|id| (record_pk(*id), id.to_string())).collect();
        let want = Want { table: self.tables.outbox.clone(), keys, consistent: true };
        let items = self.batch_get(vec![want]).await?;
        let mut records = items
            .into_iter()
            .map(|item| from_item::<RecordItem>(item)?.try_into())
            .collect::<Result<Vec<Record>, Failure>>()?;
        records.sort_by_key(|record| std::cmp::Reverse(record.id));
        Ok(records)
    }

    /// The minute from which the sweep reads on; without a watermark, the minute of the oldest record.
    pub async fn watermark(&self, now: Moment) -> Result<Minute, Failure> {
        if let Some(item) = self.get(&self.tables.outbox, "SWEEP", "WATERMARK", true).await?
            && let Some(minute) = crate::db::integer(&item, "minute")
        {
            return Ok(Minute(minute));
        }
        let mut oldest = Minute::of(now);
        let mut last_key = None;
        loop {
            let page = self.scan(&self.tables.outbox, Part::WHOLE, last_key).await?;
            let minutes = page.items.iter().filter_map(|item| text(item, "pk")?.split_once('#')?.0.parse().ok());
            oldest = minutes.map(Minute).fold(oldest, Ord::min);
            last_key = page.last_key;
            if last_key.is_none() {
                return Ok(oldest);
            }
        }
    }

    /// Records that everything before `minute` is published or FAILED.
    pub async fn set_watermark(&self, minute: Minute) -> Result<(), Failure> {
        let watermark = update(&self.tables.outbox, "SWEEP", "WATERMARK")
            .update_expression("SET #minute = :minute")
            .expression_attribute_names("#minute", "minute")
            .expression_attribute_values(":minute", number(minute.0));
        self.update_alone(watermark.build().map_err(Failure::broken)?).await.map(drop)
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
            // One more than the page, to know whether there is a next page, and the cursor's record, which may have no
            // events left to list.
            let ids = self.pointers(FAILED, Some(page.limit.get() + 2), last).await?;
            items.extend(self.pointed_at(&ids).await?.iter().flat_map(Listed::all).filter(is_next));
            next = None;
        } else {
            let oldest = Minute::of(now.saturating_sub(keep).unwrap_or(Moment::MIN));
            let first = after.as_ref().map_or_else(|| Minute::of(now), |after| after.minute);
            let mut minute = first;
            while minute >= oldest && first.since(minute) < MINUTES_PER_PAGE_MAX && items.len() <= page.limit.get() {
                let minutes = (0..MINUTES_AT_ONCE).map(|back| minute.plus(-back)).filter(|minute| *minute >= oldest);
                for records in try_join_all(minutes.map(|minute| self.records_of(minute))).await? {
                    let is_wanted = |record: &&Record| status.is_none_or(|status| record.status == status);
                    items.extend(records.iter().rev().filter(is_wanted).flat_map(Listed::all).filter(is_next));
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
    /// When it was last published.
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

impl Tx<'_> {
    /// Marks a record as FAILED after its last try.
    pub fn set_record_aside(&mut self, record: &Record, why: &str) -> Result<(), Failure> {
        let table = self.tables().outbox.clone();
        let aside = update(&table, &record_pk(record.id), &record.id.to_string())
            .update_expression("SET #status = :failed, attempts = :next, last_error = :why")
            .expression_attribute_values(":why", string(shortened(why)))
            .condition_expression("#status = :new")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":failed", string(OutboxStatus::Failed.as_str()))
            .expression_attribute_values(":new", string(OutboxStatus::New.as_str()))
            .expression_attribute_values(":next", number(record.attempts + 1));
        self.update(aside)?.or_stale();
        self.put(put(&table, &PointerItem { pk: FAILED, sk: record.id })?)?;
        self.drop_pointer(REPLAY, record.id)
    }

    /// Marks a record to be replayed, whatever its status is.
    pub fn replay_record(&mut self, id: RecordId) -> Result<(), Failure> {
        let table = self.tables().outbox.clone();
        let again = update(&table, &record_pk(id), &id.to_string())
            .update_expression("SET #status = :new, attempts = :none REMOVE expires_at")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":new", string(OutboxStatus::New.as_str()))
            .expression_attribute_values(":none", number(0));
        self.update(again)?.or(Refusal::EventNotFound);
        self.put(put(&table, &PointerItem { pk: REPLAY, sk: id })?)?;
        self.drop_pointer(FAILED, id)
    }

    fn drop_pointer(&mut self, kind: &str, id: RecordId) -> Result<(), Failure> {
        let table = self.tables().outbox.clone();
        self.delete(&table, key(kind, &id.to_string()))?;
        Ok(())
    }
}

/// Reads an item of the outbox table as a record, if it is one; for the audit.
pub(crate) fn read_record(item: Item) -> Option<Result<Record, Failure>> {
    item.contains_key("events").then(|| from_item::<RecordItem>(item)?.try_into())
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
