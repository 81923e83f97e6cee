//! Jobs: one message to one recipient by one channel. The index `by_worklist` (status, month and a spread) nominates what is
//! due and what admins list; the table decides.

use crate::db::{Item, Want, from_item, key, number, put, string, text};
use crate::{Store, Tx, cursor, time};
use contracts::Failure;
use contracts::page::{Limit, Page};
use domain::Moment;
use domain::id::{CustomerId, OrderId};
use domain::notification::{Job, JobId, NotificationStatus, Recipient, TemplateKey, Threshold};
use futures_util::future::try_join_all;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span};
use serde::{Deserialize, Serialize};

const BY_WORKLIST: &str = "by_worklist";
/// Over how many partitions one status' month is spread, so that no index key is hot and ever-increasing.
const WORKLIST_SHARDS: u8 = 4;
/// How many months back messages are listed: for longer none is kept.
const WORKLIST_MONTHS: i32 = 4;
/// How long a message is kept after its last change, or after it is due.
const JOB_LIFE: SignedDuration = SignedDuration::from_hours(24 * 90);
const META: &str = "META";

#[derive(Debug, Serialize, Deserialize)]
struct JobItem {
    pk: String,
    sk: String,
    work_pk: String,
    work_sk: String,
    /// Of a customer, and nothing of the admins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_id: Option<CustomerId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_id: Option<OrderId>,
    template_key: TemplateKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payload: Option<Threshold>,
    correlation_id: String,
    status: NotificationStatus,
    version: u64,
    tries: u32,
    /// For people: the tries after the first.
    retry_count: u32,
    unknown_ends: u32,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    first_tried_at: Option<Moment>,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    claimed_until: Option<Moment>,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    due_at: Option<Moment>,
    is_requested: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_failure: Option<String>,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    sent_at: Option<Moment>,
    #[serde(with = "time")]
    created_at: Moment,
    #[serde(with = "time")]
    updated_at: Moment,
    expires_at: i64,
}

fn job_pk(id: JobId) -> String {
    format!("JOB#{}#{}#{}", id.event(), id.channel().as_str(), id.hash())
}

fn parse_pk(pk: &str) -> Option<JobId> {
    JobId::parse(&pk.strip_prefix("JOB#")?.replace('#', "."))
}

fn month(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

fn day_of(moment: Moment) -> Date {
    moment.to_zoned(TimeZone::UTC).date()
}

fn work_pk(status: NotificationStatus, month: &str, shard: u8) -> String {
    format!("{}#{month}#{shard}", status.as_str())
}

/// Where a worklist sorts a job: by when it is due while it is to be sent, by its last change afterwards.
fn work_key(job: &Job) -> (String, String) {
    let at = job.due_at.unwrap_or(job.updated_at);
    let id = job.id.to_string();
    let shard = id.bytes().fold(0, u8::wrapping_add) % WORKLIST_SHARDS;
    (work_pk(job.status, &month(day_of(at)), shard), format!("{:013}#{id}", at.as_millisecond()))
}

fn is_work_sk(text: &str) -> bool {
    let Some((time, id)) = text.split_once('#') else { return false };
    time.len() == 13 && time.bytes().all(|b| b.is_ascii_digit()) && JobId::parse(id).is_some()
}

impl From<&Job> for JobItem {
    fn from(job: &Job) -> Self {
        let (work_pk, work_sk) = work_key(job);
        let (customer_id, order_id) = match &job.recipient {
            Recipient::Customer { customer, order } => (Some(customer.clone()), Some(*order)),
            Recipient::Admins => (None, None),
        };
        let last = job.due_at.unwrap_or(job.updated_at);
        Self {
            pk: job_pk(job.id),
            sk: META.to_owned(),
            work_pk,
            work_sk,
            customer_id,
            order_id,
            template_key: job.template,
            payload: job.threshold.clone(),
            correlation_id: job.correlation_id.clone(),
            status: job.status,
            version: job.version,
            tries: job.tries,
            retry_count: job.retry_count(),
            unknown_ends: job.unknown,
            first_tried_at: job.first_tried_at,
            claimed_until: job.claimed_until,
            due_at: job.due_at,
            is_requested: job.is_requested,
            last_failure: job.why.clone(),
            sent_at: job.sent_at,
            created_at: job.created_at,
            updated_at: job.updated_at,
            expires_at: last.saturating_add(JOB_LIFE).unwrap_or(Moment::MAX).as_second(),
        }
    }
}

fn read_job(item: Item) -> Result<Job, Failure> {
    let item: JobItem = from_item(item)?;
    let id = parse_pk(&item.pk).ok_or_else(|| Failure::broken("a job without a key"))?;
    let recipient = match item.customer_id.zip(item.order_id) {
        Some((customer, order)) => Recipient::Customer { customer, order },
        None => Recipient::Admins,
    };
    Ok(Job {
        id,
        recipient,
        template: item.template_key,
        threshold: item.payload,
        correlation_id: item.correlation_id,
        status: item.status,
        version: item.version,
        tries: item.tries,
        unknown: item.unknown_ends,
        first_tried_at: item.first_tried_at,
        claimed_until: item.claimed_until,
        due_at: item.due_at,
        is_requested: item.is_requested,
        why: item.last_failure,
        sent_at: item.sent_at,
        created_at: item.created_at,
        updated_at: item.updated_at,
    })
}

impl Store {
    /// A job, if it is still kept.
    pub async fn find_job(&self, id: JobId) -> Result<Option<Job>, Failure> {
        let item = self.get(&self.tables.notifications, &job_pk(id), META, true).await?;
        item.map(read_job).transpose()
    }

    /// Which jobs are due at `now`, at most `most`, longest overdue first in each partition. Looks at this month and the
    /// last, so a sweep that was away for weeks still finds everything.
    pub async fn due_jobs(&self, now: Moment, most: usize) -> Result<Vec<JobId>, Failure> {
        let this = day_of(now).first_of_month();
        let months = [month(this.saturating_sub(Span::new().months(1))), month(this)];
        let partitions = months
            .iter()
            .flat_map(|month| (0..WORKLIST_SHARDS).map(|shard| work_pk(NotificationStatus::Requested, month, shard)));
        let queries = partitions.map(|partition| {
            let query = self
                .query_of(&self.tables.notifications)
                .index_name(BY_WORKLIST)
                .key_condition_expression("work_pk = :pk AND work_sk < :end")
                .expression_attribute_values(":pk", string(partition))
                // `~` sorts after `#`: everything due in this very millisecond is taken too.
                .expression_attribute_values(":end", string(format!("{:013}~", now.as_millisecond())))
                .limit(i32::try_from(most).unwrap_or(i32::MAX));
            self.query(query)
        });
        let pages = try_join_all(queries).await?;
        let keys = pages.iter().flat_map(|page| &page.items).filter_map(|item| text(item, "pk"));
        Ok(keys.filter_map(parse_pk).take(most).collect())
    }

    /// A page of the jobs in one of these statuses, latest first: by when they are due while they are to be sent, by their
    /// last change afterwards. What the index still lists under a status that the job has left is left out.
    pub async fn list_jobs(
        &self,
        statuses: &[NotificationStatus],
        limit: Limit,
        after: Option<&str>,
        now: Moment,
    ) -> Result<Page<Job>, Failure> {
        let after = after.map(|after| cursor::decode(after, is_work_sk)).transpose()?;
        // A reminder is due within the longest payment window, a month ahead.
        let first = day_of(now).first_of_month().saturating_add(Span::new().months(1));
        let oldest = first.saturating_sub(Span::new().months(WORKLIST_MONTHS));
        let mut day = match &after {
            Some(after) => after
                .get(..13)
                .and_then(|millis| Moment::from_millisecond(millis.parse().ok()?).ok())
                // A month from the far future would make a page walk for years.
                .map_or(first, |at| day_of(at).first_of_month().min(first)),
            None => first,
        };
        let before = after.unwrap_or_else(|| "~".to_owned());
        let mut found: Vec<(String, JobId)> = Vec::new();
        while day >= oldest && found.len() <= limit.get() {
            found.extend(self.worklist_of_jobs(statuses, &month(day), &before, limit).await?);
            day = day.saturating_sub(Span::new().months(1));
        }
        let more = found.len() > limit.get();
        found.truncate(limit.get());
        let next_cursor = found.last().filter(|_| more).map(|(position, _)| cursor::encode(position));
        let ids: Vec<JobId> = found.into_iter().map(|(_, id)| id).collect();
        let items = self.load_jobs(&ids).await?.into_iter().filter(|job| statuses.contains(&job.status)).collect();
        Ok(Page { items, next_cursor })
    }

    /// The latest `limit` + 1 positions of one month before a position, over all its partitions.
    async fn worklist_of_jobs(
        &self,
        statuses: &[NotificationStatus],
        month: &str,
        before: &str,
        limit: Limit,
    ) -> Result<Vec<(String, JobId)>, Failure> {
        let partitions =
            statuses.iter().flat_map(|status| (0..WORKLIST_SHARDS).map(|shard| work_pk(*status, month, shard)));
        let queries = partitions.map(|partition| {
            let query = self
                .query_of(&self.tables.notifications)
                .index_name(BY_WORKLIST)
                .key_condition_expression("work_pk = :pk AND work_sk < :before")
                .expression_attribute_values(":pk", string(partition))
                .expression_attribute_values(":before", string(before))
                .scan_index_forward(false)
                .limit(i32::try_from(limit.get() + 1).unwrap_or(i32::MAX));
            self.query(query)
        });
        let pages = try_join_all(queries).await?;
        let items = pages.iter().flat_map(|page| &page.items);
        let mut found: Vec<(String, JobId)> =
            items.filter_map(|item| Some((text(item, "work_sk")?.to_owned(), parse_pk(text(item, "pk")?)?))).collect();
        found.sort_by(|(one, _), (other, _)| other.cmp(one));
        found.truncate(limit.get() + 1);
        Ok(found)
    }

    async fn load_jobs(&self, ids: &[JobId]) -> Result<Vec<Job>, Failure> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys = ids.iter().map(|id| (job_pk(*id), META.to_owned())).collect();
        let want = Want { table: self.tables.notifications.clone(), keys, consistent: true };
        let mut jobs = self.batch_get(vec![want]).await?.into_iter().map(read_job).collect::<Result<Vec<_>, _>>()?;
        jobs.sort_by_key(|job| ids.iter().position(|id| *id == job.id));
        Ok(jobs)
    }
}

impl Tx<'_> {
    /// A job that was just made. One that is there already says that its event was applied before.
    pub fn insert_job(&mut self, job: &Job) -> Result<(), Failure> {
        let table = self.tables().notifications.clone();
        let put = put(&table, &JobItem::from(job))?.condition_expression("attribute_not_exists(pk)");
        self.put(put)?.or_consumed(job.id.event());
        Ok(())
    }

    /// A job that went one step on from what was read: its version is one above.
    pub fn save_job(&mut self, job: &Job) -> Result<(), Failure> {
        let table = self.tables().notifications.clone();
        let put = put(&table, &JobItem::from(job))?
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(job.version - 1));
        self.put(put)?.or_stale();
        Ok(())
    }

    /// A job that nobody needs any more, as it was read.
    pub fn drop_job(&mut self, job: &Job) -> Result<(), Failure> {
        let table = self.tables().notifications.clone();
        self.delete_at(&table, key(&job_pk(job.id), META), job.version)?.or_stale();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::EventId;
    use domain::notification::Channel;

    fn job() -> Job {
        let event = EventId::parse("01a1f71e-4c88-7a10-8b20-000000000651").unwrap();
        let now = "2026-11-21T12:00:00Z".parse().unwrap();
        Job::new(event, Channel::Email, Recipient::Admins, TemplateKey::ThresholdReached, now)
    }

    #[test]
    fn a_key_and_a_position_are_known_by_their_form() {
        let id = job().id;
        assert_eq!(parse_pk(&job_pk(id)), Some(id));
        let (_, sk) = work_key(&job());
        assert!(is_work_sk(&sk));
        for bad in ["", "1764000000000", "1764000000000#x", &sk[1..]] {
            assert!(!is_work_sk(bad), "{bad}");
        }
    }

    #[test]
    fn an_item_is_read_as_it_was_written() {
        let item = crate::db::to_item(&JobItem::from(&job())).unwrap();
        assert_eq!(read_job(item).unwrap(), job());
    }
}
