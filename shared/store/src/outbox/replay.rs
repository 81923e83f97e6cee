//! The records that an admin's request replays: a page at a time, in memory that does not grow with the outbox.

use super::{
    FAILED, MINUTES_PER_PAGE_MAX, Minute, POINTERS_PER_READ_MAX, RECORDS_PER_READ_MAX, Record, SHARDS, in_order,
};
use crate::db::string;
use crate::{Store, db};
use contracts::Failure;
use domain::Moment;
use domain::id::RecordId;
use domain::outbox::OutboxStatus;
use futures_util::future::try_join_all;

/// Reads of one shard of a minute, after which a request ends, so that records that do not match cost it no more than that.
const READS_OF_SHARD_MAX: usize = 20;

/// The range of creation times of the records to replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayRange {
    pub from: Moment,
    /// The end of the range, exclusive.
    pub to: Moment,
}

impl ReplayRange {
    fn contains(&self, id: RecordId) -> bool {
        (self.from..self.to).contains(&made(id))
    }
}

/// A part of a minute's partition: the records that match, and, when the reading ended before the minute did, the moment
/// before which all of them are there.
struct PartOfMinute {
    records: Vec<Record>,
    until: Option<Moment>,
}

impl Store {
    /// About `most` records in this status that were created in this range, and, when there may be more, the moment from
    /// which the next request continues. Records of one moment stay together, so that each request begins at a later one.
    /// FAILED records leave their list when they are marked to be replayed, so that no moment is needed.
    pub async fn records_to_replay(
        &self,
        status: OutboxStatus,
        range: ReplayRange,
        most: usize,
    ) -> Result<(Vec<Record>, Option<Moment>), Failure> {
        if status == OutboxStatus::Failed {
            return Ok((self.failed_in(range, most).await?, None));
        }
        let (mut records, mut minute) = (Vec::new(), Minute::of(range.from));
        let (first, last) = (minute, Minute::of(range.to));
        let mut next = None;
        while next.is_none() && minute <= last && minute.since(first) < MINUTES_PER_PAGE_MAX && records.len() <= most {
            let part = self.part_of(minute, status, range, most).await?;
            records.extend(part.records);
            next = part.until;
            minute = minute.plus(1);
        }
        let next = next.or_else(|| (minute <= last).then(|| minute.start()));
        let full_at = records.get(most.saturating_sub(1)).map(|record| made(record.id));
        let rest = records.iter().position(|record| full_at.is_some_and(|full_at| made(record.id) > full_at));
        let after = rest.and_then(|rest| records.get(rest)).map(|record| made(record.id));
        records.truncate(rest.unwrap_or(records.len()));
        Ok((records, after.or(next)))
    }

    /// The records of one minute, oldest first, from all of its shards.
    async fn part_of(
        &self,
        minute: Minute,
        status: OutboxStatus,
        range: ReplayRange,
        most: usize,
    ) -> Result<PartOfMinute, Failure> {
        let reads = (0..SHARDS).map(|shard| self.part_of_shard(minute, shard, status, range, most));
        let parts = try_join_all(reads).await?;
        let until = parts.iter().filter_map(|part| part.until).min();
        let mut records: Vec<Record> = parts.into_iter().flat_map(|part| part.records).collect();
        records.retain(|record| until.is_none_or(|until| made(record.id) < until));
        records.sort_by_key(|record| record.id);
        Ok(PartOfMinute { records, until })
    }

    /// Reads one shard of a minute until `most` records match, but never stops within the moment from which it began.
    async fn part_of_shard(
        &self,
        minute: Minute,
        shard: u8,
        status: OutboxStatus,
        range: ReplayRange,
        most: usize,
    ) -> Result<PartOfMinute, Failure> {
        let page = i32::try_from(most).unwrap_or(i32::MAX).min(RECORDS_PER_READ_MAX);
        let (mut records, mut last_key, mut reads) = (Vec::new(), None, 0);
        loop {
            let query = self
                .query_of(&self.tables.outbox)
                .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
                .expression_attribute_values(":pk", string(minute.pk(shard)))
                .expression_attribute_values(":from", string(place_of(range.from)))
                .expression_attribute_values(":to", string(place_of(range.to)))
                .filter_expression("#status = :status")
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":status", string(status.as_str()))
                .consistent_read(true)
                .limit(page)
                .set_exclusive_start_key(last_key);
            let read = self.query(query).await?;
            records.extend(in_order(read.items)?);
            reads += 1;
            last_key = read.last_key;
            let read_to = last_key.as_ref().and_then(|key| RecordId::parse(db::text(key, "sk")?)).map(made);
            match read_to {
                None => return Ok(PartOfMinute { records, until: None }),
                Some(until) => {
                    let is_full = records.len() >= most || reads >= READS_OF_SHARD_MAX;
                    if is_full && until > range.from.max(minute.start()) {
                        return Ok(PartOfMinute { records, until: Some(until) });
                    }
                }
            }
        }
    }

    /// At most `most` FAILED records of this range, newest first.
    async fn failed_in(&self, range: ReplayRange, most: usize) -> Result<Vec<Record>, Failure> {
        let mut wanted: Vec<RecordId> = Vec::new();
        let mut last: Option<RecordId> = None;
        loop {
            let ids = self.pointers(FAILED, POINTERS_PER_READ_MAX, last).await?;
            let is_over = ids.len() < POINTERS_PER_READ_MAX || ids.last().is_some_and(|id| made(*id) < range.from);
            // A page begins with the record that the one before ended with.
            wanted.extend(ids.iter().filter(|id| Some(**id) != last && range.contains(**id)));
            last = ids.last().copied();
            if is_over || wanted.len() >= most {
                wanted.truncate(most);
                return self.pointed_at(&wanted).await;
            }
        }
    }
}

/// When a record was created.
fn made(id: RecordId) -> Moment {
    Moment::from_millisecond(i64::try_from(id.millis()).unwrap_or(i64::MAX)).unwrap_or(Moment::MAX)
}

/// The sort key before that of every record that is created at this moment: the first 48 bits of a UUID v7 are its time.
fn place_of(moment: Moment) -> String {
    let millis = u64::try_from(moment.as_millisecond()).unwrap_or_default();
    format!("{:08x}-{:04x}", millis >> 16, millis & 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(millis: u64, random: u64) -> RecordId {
        let random: [u8; 10] = random.to_be_bytes().repeat(2)[..10].try_into().unwrap();
        RecordId::new(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    proptest! {
        #[test]
        fn a_moment_comes_before_its_records_and_after_those_before_it(
            millis in 1_u64..1 << 46, random in any::<u64>(), later in 0_u64..100_000,
        ) {
            let place = place_of(made(record(millis, random)));
            prop_assert!(place < record(millis + later, random).to_string());
            prop_assert!(place > record(millis - 1, random).to_string());
        }
    }
}
