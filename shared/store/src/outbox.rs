//! The outbox: events that are to be published. One record contains the events of one transaction, so that they are
//! written together, published together, and cost one write each time (docs/decisions/0003).
//!
//! The events are compressed with DEFLATE: the three events of a paid order repeat the same ids, and a record below one
//! kilobyte costs one unit less each time it is written.
//!
//! Records are stored in partitions by minute, each split over [`SHARDS`]. The sweep reads minute by minute, so no
//! index by status is needed. Pointers under `FAILED` and `REPLAY` find the few records that the sweep does not handle.

mod list;
mod replay;

use crate::audit::OutboxRecord;
use crate::db::{Item, Part, Want, from_item, key, number, put, string, text, update};
use crate::{Store, Tx, time};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::builders::PutBuilder;
use contracts::Failure;
use contracts::events::{Aggregate, Envelope, Event, RawEnvelope, Trace, current_type};
use domain::id::RecordId;
use domain::outbox::OutboxStatus;
use domain::{Moment, Refusal};
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use miniz_oxide::{deflate, inflate};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use list::Listed;
pub use replay::ReplayRange;

/// The shards of a minute's partition.
const SHARDS: u8 = 4;
/// Refusals by the bus before a record is FAILED and an admin has to replay it. An outage is not counted.
pub const ATTEMPTS_MAX: u32 = 5;
/// The number of records of one shard that one read of the sweep examines, published or not.
const RECORDS_PER_READ_MAX: i32 = 500;
/// The number of pointers of one read: the keys of one batch read.
const POINTERS_PER_READ_MAX: usize = 100;
/// The maximum number of days for which a sent record is kept: that of the template's parameter `OutboxKeepDays`.
pub const KEEP_DAYS_MAX: i64 = 365;
/// The minimum time for which a record is kept after it was published, so that an admin sees the result of a replay.
const KEEP_AFTER_SENT: SignedDuration = SignedDuration::from_hours(24);
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
    /// The error of the last refusal by the bus.
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
    /// The number of permanent refusals of one of its events by the bus.
    pub attempts: u32,
    pub created_at: Moment,
    /// The time of the last publication.
    pub sent_at: Option<Moment>,
    /// The error of the last refusal by the bus.
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

    /// The first moment of the minute.
    pub fn start(self) -> Moment {
        Moment::from_millisecond(self.0.saturating_mul(60_000)).unwrap_or(Moment::MIN)
    }

    fn pk(self, shard: u8) -> String {
        format!("{}#{shard}", self.0)
    }
}

/// The unread rest of a minute's partition: each shard, and the key after which reading continues.
#[derive(Debug)]
pub struct Unread(Option<Vec<(u8, Option<Item>)>>);

impl Unread {
    /// The whole partition.
    pub const WHOLE: Self = Self(None);
}

/// The records of a page of pointers.
#[derive(Debug)]
pub struct PointerPage {
    /// Records to be published.
    pub records: Vec<Record>,
    /// Published records, of which only the pointers are left.
    pub sent: Vec<RecordId>,
    /// The record after which the next page begins, if there may be one.
    pub next: Option<RecordId>,
}

fn in_order(items: Vec<Item>) -> Result<Vec<Record>, Failure> {
    let records = items.into_iter().map(|item| from_item::<RecordItem>(item)?.try_into());
    let mut records = records.collect::<Result<Vec<Record>, Failure>>()?;
    records.sort_by_key(|record| record.id);
    Ok(records)
}

fn expiry(id: RecordId, now: Moment, keep: SignedDuration) -> Moment {
    let created_at = Moment::from_millisecond(i64::try_from(id.millis()).unwrap_or(i64::MAX)).unwrap_or(now);
    let after = |moment: Moment, time| moment.saturating_add(time).unwrap_or(Moment::MAX);
    after(created_at, keep).max(after(now, KEEP_AFTER_SENT))
}

/// The maximum number of characters of a record's stored error.
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

    /// Marks a record as published (SENT). It is deleted `keep` after its creation, however often it is replayed: consumers
    /// remember it for longer ([`Tx::consume`]).
    pub async fn mark_sent(&self, id: RecordId, now: Moment, keep: SignedDuration) -> Result<(), Failure> {
        let sent = update(&self.tables.outbox, &record_pk(id), &id.to_string())
            .update_expression("SET #status = :sent, sent_at = :now, expires_at = :expires")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":sent", string(OutboxStatus::Sent.as_str()))
            .expression_attribute_values(":now", number(now.as_millisecond()))
            .expression_attribute_values(":expires", number(expiry(id, now, keep).as_second()));
        self.update_alone(sent.build().map_err(Failure::broken)?).await.map(|_| ())
    }

    /// Counts a refusal by the bus. Has no effect if another worker has published the record.
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

    /// A page of the records of one minute that are not published yet, oldest first, and the unread rest after it.
    /// Published records are filtered in DynamoDB, so that a page of them is small.
    pub async fn waiting_of(&self, minute: Minute, unread: Unread) -> Result<(Vec<Record>, Option<Unread>), Failure> {
        let shards = unread.0.unwrap_or_else(|| (0..SHARDS).map(|shard| (shard, None)).collect());
        let queries = shards.into_iter().map(async |(shard, last_key)| {
            let query = self
                .records_in(minute, shard)
                .filter_expression("#status = :new")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":new", string(OutboxStatus::New.as_str()))
                .limit(RECORDS_PER_READ_MAX)
                .set_exclusive_start_key(last_key);
            self.query(query).await.map(|page| (shard, page))
        });
        let (mut records, mut rest) = (Vec::new(), Vec::new());
        for (shard, page) in try_join_all(queries).await? {
            records.extend(page.items);
            rest.extend(page.last_key.map(|last_key| (shard, Some(last_key))));
        }
        Ok((in_order(records)?, (!rest.is_empty()).then_some(Unread(Some(rest)))))
    }

    fn records_in(&self, minute: Minute, shard: u8) -> QueryFluentBuilder {
        self.query_of(&self.tables.outbox)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(minute.pk(shard)))
            .consistent_read(true)
    }

    /// A page of the records that an admin has asked to replay, newest first, after a record.
    pub async fn replays(&self, after: Option<RecordId>) -> Result<PointerPage, Failure> {
        let mut ids = self.pointers(REPLAY, POINTERS_PER_READ_MAX, after).await?;
        let next = ids.last().copied().filter(|_| ids.len() >= POINTERS_PER_READ_MAX);
        // The page begins with the last record of the previous page.
        ids.retain(|id| Some(*id) != after);
        let records = self.pointed_at(&ids).await?;
        let (sent, records): (Vec<Record>, Vec<Record>) =
            records.into_iter().partition(|record| record.status == OutboxStatus::Sent);
        Ok(PointerPage { records, sent: sent.iter().map(|record| record.id).collect(), next })
    }

    /// The number of FAILED records, up to `most`.
    pub async fn failed_count(&self, most: usize) -> Result<usize, Failure> {
        Ok(self.pointers(FAILED, most, None).await?.len())
    }

    /// At most `limit` record ids of a pointer, newest first, from `last` on.
    async fn pointers(&self, kind: &str, limit: usize, last: Option<RecordId>) -> Result<Vec<RecordId>, Failure> {
        let query = self
            .query_of(&self.tables.outbox)
            .key_condition_expression("pk = :pk AND sk <= :last")
            .expression_attribute_values(":pk", string(kind))
            .expression_attribute_values(":last", string(last.map_or_else(|| "~".to_owned(), |last| last.to_string())))
            .consistent_read(true)
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        let items = self.query(query).await?.items;
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

    /// The minute at which the sweep continues; without a watermark, the minute of the oldest record.
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

    /// Stores the watermark: every record before `minute` is published or FAILED.
    pub async fn set_watermark(&self, minute: Minute) -> Result<(), Failure> {
        let watermark = update(&self.tables.outbox, "SWEEP", "WATERMARK")
            .update_expression("SET #minute = :minute")
            .expression_attribute_names("#minute", "minute")
            .expression_attribute_values(":minute", number(minute.0));
        self.update_alone(watermark.build().map_err(Failure::broken)?).await.map(drop)
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

/// Reads an item of the outbox table as a record without its events; `None` for other items. For the audit.
pub(crate) fn read_header(item: Item) -> Option<Result<OutboxRecord, Failure>> {
    item.contains_key("events").then(|| {
        let RecordItem { sk: id, created_at, sent_at, .. } = from_item(item)?;
        Ok(OutboxRecord { id, created_at, sent_at })
    })
}
