//! Notification jobs: one message to one recipient on one channel. The due index lists the jobs that are due, and the
//! admins' lists; the table decides.

use crate::db::{Item, Want, from_item, key, malformed_key, number, put, string, text};
use crate::due_index::{self, DueIndex, PageRequest};
use crate::save::save;
use crate::{DueEntry, Store, Tx, time};
use contracts::Failure;
use contracts::page::{Limit, Page};
use domain::Moment;
use domain::id::{CustomerId, OrderId};
use domain::notification::{Job, JobId, NotificationStatus, Recipient, RefundMade, TemplateKey, Threshold};
use jiff::SignedDuration;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The number of months back that jobs are listed: longer than they are kept.
const LIST_MONTHS: i32 = 4;
/// The time for which a job is kept after its last change, or after it is due.
const JOB_LIFE: SignedDuration = SignedDuration::from_hours(24 * 90);
/// The time for which a day's count of messages is kept: until the day is over in every time zone.
const COUNT_LIFE: SignedDuration = SignedDuration::from_hours(72);
const META: &str = "META";
const BY_ORDER: &str = "by_order";
/// The maximum number of messages that an order shows; an order causes about a dozen.
const JOBS_OF_ORDER_MAX: i32 = 100;

/// The number of messages that one customer's orders have caused on one day.
#[derive(Debug, Serialize, Deserialize)]
struct CountItem {
    pk: String,
    sk: String,
    messages: u32,
    /// In seconds of the epoch.
    expires_at: i64,
}

fn count_pk(customer: &CustomerId) -> String {
    format!("MESSAGES#{customer}")
}

#[derive(Debug, Serialize, Deserialize)]
struct JobItem {
    pk: String,
    sk: String,
    work_pk: String,
    work_sk: String,
    /// Absent for messages to admins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_id: Option<CustomerId>,
    /// Absent also for messages to the address of a customer's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_id: Option<OrderId>,
    template_key: TemplateKey,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payload: Option<Threshold>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refund: Option<RefundMade>,
    correlation_id: String,
    status: NotificationStatus,
    version: u64,
    tries: u32,
    /// Retries after the first try, for display.
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

/// The job id of an index row.
fn listed(row: &Item) -> Option<JobId> {
    parse_pk(text(row, "pk")?)
}

fn parse_pk(pk: &str) -> Option<JobId> {
    JobId::parse(&pk.strip_prefix("JOB#")?.replace('#', "."))
}

/// The due-index list of reminders that are not due yet. The reminders of a whole batch become due at the same time, and
/// must not delay retries. Releases before 0.2 listed them as REQUESTED, where they are found as well.
const REMINDERS: &str = "REMINDER";

/// A kind of jobs that the sweep processes separately, so that a backlog of one kind does not delay the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobLane {
    /// Requested tries without a result.
    Tries,
    /// Reminders that are due.
    Reminders,
}

impl JobLane {
    const fn list(self) -> &'static str {
        match self {
            Self::Tries => NotificationStatus::Requested.as_str(),
            Self::Reminders => REMINDERS,
        }
    }
}

/// The job's list and position in the due index: by due time while it is REQUESTED, by last change afterwards.
fn work_key(job: &Job) -> (String, String) {
    let at = job.due_at.unwrap_or(job.updated_at);
    let id = job.id.to_string();
    let spread = id.bytes().fold(0, u8::wrapping_add);
    let list =
        if job.status == NotificationStatus::Requested && !job.is_requested { REMINDERS } else { job.status.as_str() };
    due_index::place(list, at, spread, id)
}

impl From<&Job> for JobItem {
    fn from(job: &Job) -> Self {
        let (work_pk, work_sk) = work_key(job);
        let (customer_id, order_id) = match &job.recipient {
            Recipient::Customer { customer, order } => (Some(customer.clone()), Some(*order)),
            Recipient::Account(customer) => (Some(customer.clone()), None),
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
            refund: job.refund.clone(),
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
    let id = parse_pk(&item.pk).ok_or_else(|| malformed_key("notification job", &item.pk, &item.sk))?;
    let recipient = match (item.customer_id, item.order_id) {
        (Some(customer), Some(order)) => Recipient::Customer { customer, order },
        (Some(customer), None) => Recipient::Account(customer),
        (None, _) => Recipient::Admins,
    };
    Ok(Job {
        id,
        recipient,
        template: item.template_key,
        threshold: item.payload,
        refund: item.refund,
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

    /// A page of the jobs of a lane that are due at `now`, longest overdue first, after a position.
    pub async fn due_jobs(
        &self,
        lane: JobLane,
        now: Moment,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<DueEntry<JobId>>, Failure> {
        let jobs = DueIndex { store: self, table: &self.tables.notifications, lists: vec![lane.list()] };
        let due = jobs.due(now, after, most).await?;
        Ok(due.into_iter().filter_map(|due| due.and_then(listed)).collect())
    }

    /// A page of the jobs in these statuses, latest first: by due time while they are REQUESTED, by last change
    /// afterwards. Rows of the index that lag behind the job's status are left out.
    pub async fn list_jobs(
        &self,
        statuses: &[NotificationStatus],
        limit: Limit,
        after: Option<&str>,
        now: Moment,
    ) -> Result<Page<Job>, Failure> {
        let request = PageRequest { limit, after, months: LIST_MONTHS, now };
        let page = self.jobs_in(statuses).page(request, |id| JobId::parse(id).is_some()).await?;
        let ids: Vec<JobId> = page.items.iter().filter_map(listed).collect();
        let items = self.load_jobs(&ids).await?.into_iter().filter(|job| statuses.contains(&job.status)).collect();
        Ok(Page { items, next_cursor: page.next_cursor })
    }

    /// The messages about an order, newest first. The index may lag by a moment.
    pub async fn jobs_of_order(&self, order: OrderId) -> Result<Vec<Job>, Failure> {
        let query = self
            .query_of(&self.tables.notifications)
            .index_name(BY_ORDER)
            .key_condition_expression("order_id = :order")
            .expression_attribute_values(":order", string(order.to_string()))
            .limit(JOBS_OF_ORDER_MAX);
        let ids: Vec<JobId> = self.query(query).await?.items.iter().filter_map(listed).collect();
        let mut jobs = self.load_jobs(&ids).await?;
        jobs.sort_by_key(|job| std::cmp::Reverse((job.created_at, job.id.to_string())));
        Ok(jobs)
    }

    /// The messages that a customer's orders have caused on a day.
    pub async fn messages_of_day(&self, customer: &CustomerId, day: Date) -> Result<u32, Failure> {
        let item = self.get(&self.tables.notifications, &count_pk(customer), &day.to_string(), true).await?;
        Ok(item.map(from_item::<CountItem>).transpose()?.map_or(0, |count| count.messages))
    }

    /// The number of jobs in this status that changed since the previous month: exact up to `most`, and a lower bound
    /// beyond.
    pub async fn count_jobs(&self, status: NotificationStatus, now: Moment, most: usize) -> Result<usize, Failure> {
        self.jobs_in(&[status]).count(now, most).await
    }

    fn jobs_in(&self, statuses: &[NotificationStatus]) -> DueIndex<'_> {
        let lists = statuses.iter().flat_map(|status| {
            let reminders = (*status == NotificationStatus::Requested).then_some(REMINDERS);
            std::iter::once(status.as_str()).chain(reminders)
        });
        DueIndex { store: self, table: &self.tables.notifications, lists: lists.collect() }
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
    /// Inserts a job. If it already exists, its event was consumed before ([`crate::Rejected::Consumed`]).
    pub fn insert_job(&mut self, job: &Job) -> Result<(), Failure> {
        let table = self.tables().notifications.clone();
        let put = put(&table, &JobItem::from(job))?.condition_expression("attribute_not_exists(pk)");
        self.put(put)?.or_consumed(job.id.event());
        Ok(())
    }

    /// Adds `more` to a customer's count of messages on a day, on condition of the count that was read.
    pub fn count_messages(&mut self, customer: &CustomerId, day: Date, before: u32, more: u32) -> Result<(), Failure> {
        let (table, now) = (self.tables().notifications.clone(), self.now());
        let expires_at = now.checked_add(COUNT_LIFE).unwrap_or(Moment::MAX).as_second();
        let item = CountItem { pk: count_pk(customer), sk: day.to_string(), messages: before + more, expires_at };
        let save = save(&table, &item)?;
        let save = if before == 0 {
            save.condition_expression("attribute_not_exists(pk)")
        } else {
            save.condition_expression("messages = :before").expression_attribute_values(":before", number(before))
        };
        self.update(save)?.or_stale();
        Ok(())
    }

    /// Saves a changed job, on condition of the version that was read.
    pub fn save_job(&mut self, job: &Job) -> Result<(), Failure> {
        let table = self.tables().notifications.clone();
        let save = save(&table, &JobItem::from(job))?
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(job.version - 1));
        self.update(save)?.or_stale();
        Ok(())
    }

    /// Deletes a job, on condition of the version that was read.
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
    fn a_malformed_key_is_not_parsed() {
        let id = job().id;
        assert_eq!(parse_pk(&job_pk(id)), Some(id));
    }

    #[test]
    fn an_item_round_trips() {
        let order = OrderId::parse("01a1f71d-60db-7a10-8b20-30a5c7e91f42").unwrap();
        let customer = CustomerId::parse("ann").unwrap();
        for recipient in
            [Recipient::Admins, Recipient::Account(customer.clone()), Recipient::Customer { customer, order }]
        {
            let job = Job { recipient, ..job() };
            let item = crate::db::to_item(&JobItem::from(&job)).unwrap();
            assert_eq!(read_job(item).unwrap(), job);
        }
    }
}
