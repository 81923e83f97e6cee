//! Batches, their list, the progress of the work on their orders, and the due lists of closing offers and ending
//! payment windows.

use crate::db::{Item, from_item, key, malformed_key, number, put, string, text, update};
use crate::save::save;
use crate::{DueEntry, Store, Tx, cursor, time};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use contracts::Failure;
use contracts::events::BatchWork;
use contracts::page::{Page, PageQuery};
use domain::batch::{Batch, BatchStatus, Notes, Schedule};
use domain::id::BatchId;
use domain::{Moment, Refusal};
use futures_util::future::try_join_all;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

const META: &str = "META";
/// The partition that lists every batch: a few a month, so it is never hot.
const REGISTER: &str = "BATCHES";
const PROGRESS: &str = "PROGRESS#";

#[derive(Debug, Serialize, Deserialize)]
struct BatchItem {
    pk: String,
    sk: String,
    status: BatchStatus,
    target_qty: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    planned_production_date: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    planned_ship_date: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<Notes>,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    pay_before: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    production_started_at: Option<Moment>,
    #[serde(with = "time")]
    created_at: Moment,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<Moment>,
    #[serde(with = "time")]
    updated_at: Moment,
    version: u64,
}

#[derive(Debug, Serialize)]
struct ListItem {
    pk: String,
    sk: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct ProgressItem {
    work: BatchWork,
    orders_count: u64,
    partitions_done: u64,
}

/// The progress of the work on a batch's orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub work: BatchWork,
    /// Orders that were processed.
    pub orders: u64,
    /// Log partitions that were processed completely, over all rounds: a ship date can be moved more than once.
    pub partitions_done: u64,
}

/// A kind of entry in the due list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// The closing of an offer.
    Close,
    /// The end of a batch's payment window.
    Finalize,
    /// The decision of an admin about a batch: due as soon as the batch is created.
    Confirm,
}

impl Due {
    const fn pk(self) -> &'static str {
        match self {
            Self::Close => "DUE#CLOSE",
            Self::Finalize => "DUE#FINALIZE",
            Self::Confirm => "DUE#CONFIRM",
        }
    }
}

fn batch_pk(id: BatchId) -> String {
    format!("BATCH#{id}")
}

/// Thirteen digits of milliseconds sort by time as text until the year 2286.
fn at_sk(at: Moment, id: BatchId) -> String {
    format!("{:013}#{id}", at.as_millisecond())
}

fn id_of(sk: &str) -> Option<BatchId> {
    let (time, id) = sk.split_once('#')?;
    let is_time = time.len() == 13 && time.bytes().all(|b| b.is_ascii_digit());
    BatchId::parse(id).filter(|_| is_time)
}

fn read_due(item: &Item) -> Option<DueEntry<(Moment, BatchId)>> {
    let sk = text(item, "sk")?;
    let at = Moment::from_millisecond(sk.get(..13)?.parse().ok()?).ok()?;
    Some(DueEntry { place: sk.to_owned(), entry: (at, id_of(sk)?) })
}

pub(crate) fn read_batch(item: Item) -> Result<Batch, Failure> {
    let item: BatchItem = from_item(item)?;
    let id = item.pk.strip_prefix("BATCH#").and_then(BatchId::parse);
    let dates = item.planned_production_date.zip(item.planned_ship_date);
    Ok(Batch {
        id: id.ok_or_else(|| malformed_key("batch", &item.pk, &item.sk))?,
        status: item.status,
        target: item.target_qty,
        schedule: dates.map(|(planned_production_date, planned_ship_date)| Schedule {
            planned_production_date,
            planned_ship_date,
            notes: item.notes,
        }),
        pay_before: item.pay_before,
        reason: item.reason,
        production_started_at: item.production_started_at,
        created_at: item.created_at,
        confirmed_at: item.confirmed_at,
        updated_at: item.updated_at,
        version: item.version,
    })
}

impl From<&Batch> for BatchItem {
    fn from(batch: &Batch) -> Self {
        let schedule = batch.schedule.as_ref();
        Self {
            pk: batch_pk(batch.id),
            sk: META.to_owned(),
            status: batch.status,
            target_qty: batch.target,
            planned_production_date: schedule.map(|schedule| schedule.planned_production_date),
            planned_ship_date: schedule.map(|schedule| schedule.planned_ship_date),
            notes: schedule.and_then(|schedule| schedule.notes.clone()),
            pay_before: batch.pay_before,
            reason: batch.reason.clone(),
            production_started_at: batch.production_started_at,
            created_at: batch.created_at,
            confirmed_at: batch.confirmed_at,
            updated_at: batch.updated_at,
            version: batch.version,
        }
    }
}

impl Store {
    /// # Errors
    /// [`Refusal::BatchNotFound`].
    pub async fn load_batch(&self, id: BatchId) -> Result<Batch, Failure> {
        let item = self.get(&self.tables.batches, &batch_pk(id), META, true).await?;
        read_batch(item.ok_or(Refusal::BatchNotFound)?)
    }

    /// The batch, if the offer has reached its threshold.
    pub async fn find_batch(&self, id: BatchId) -> Result<Option<Batch>, Failure> {
        self.get(&self.tables.batches, &batch_pk(id), META, true).await?.map(read_batch).transpose()
    }

    /// The batch and the progress of the work on its orders.
    ///
    /// # Errors
    /// [`Refusal::BatchNotFound`].
    pub async fn load_batch_and_progress(&self, id: BatchId) -> Result<(Batch, Vec<Progress>), Failure> {
        let query = self
            .query_of(&self.tables.batches)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(batch_pk(id)))
            .consistent_read(true);
        let (mut batch, mut progress) = (None, Vec::new());
        for item in self.query_all(query).await? {
            if text(&item, "sk") == Some(META) {
                batch = Some(read_batch(item)?);
            } else {
                let item: ProgressItem = from_item(item)?;
                let (work, orders) = (item.work, item.orders_count);
                progress.push(Progress { work, orders, partitions_done: item.partitions_done });
            }
        }
        Ok((batch.ok_or(Refusal::BatchNotFound)?, progress))
    }

    /// A page of the batches, newest first; with a status, only batches in that status.
    pub async fn list_batches(
        &self,
        status: Option<BatchStatus>,
        page: &PageQuery,
    ) -> Result<Page<(Batch, Vec<Progress>)>, Failure> {
        let mut after =
            page.cursor.as_deref().map(|text| cursor::decode(text, |sk| id_of(sk).is_some())).transpose()?;
        let (mut items, mut positions) = (Vec::new(), Vec::new());
        loop {
            let query = self
                .query_of(&self.tables.batches)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", string(REGISTER))
                .set_exclusive_start_key(after.take().map(|sk| key(REGISTER, &sk)))
                .consistent_read(true)
                .scan_index_forward(false)
                .limit(i32::from(contracts::page::Limit::MAX));
            let found = self.query(query).await?;
            let listed: Vec<(String, BatchId)> = found
                .items
                .iter()
                .filter_map(|item| text(item, "sk"))
                .filter_map(|sk| Some((sk.to_owned(), id_of(sk)?)))
                .collect();
            let batches = try_join_all(listed.iter().map(|(_, id)| self.load_batch_and_progress(*id))).await?;
            for ((sk, _), found) in listed.into_iter().zip(batches) {
                if status.is_none_or(|status| found.0.status == status) {
                    positions.push(sk);
                    items.push(found);
                }
            }
            after = found.last_key.as_ref().and_then(|key| text(key, "sk")).map(str::to_owned);
            if items.len() > page.limit.get() || after.is_none() {
                break;
            }
        }
        let has_more = items.len() > page.limit.get();
        items.truncate(page.limit.get());
        positions.truncate(page.limit.get());
        let next_cursor = positions.last().filter(|_| has_more).map(|sk| cursor::encode(sk));
        Ok(Page { items, next_cursor })
    }

    /// A page of the entries that are due at `now`, longest overdue first, after a position; each with its due time.
    pub async fn due(
        &self,
        due: Due,
        now: Moment,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<DueEntry<(Moment, BatchId)>>, Failure> {
        let found = self.query(self.due_query(due, now, after, most).consistent_read(true)).await?;
        Ok(found.items.iter().filter_map(read_due).collect())
    }

    /// The first entries that are due until then, without their positions. An eventually consistent read, for display.
    pub async fn first_due(&self, due: Due, until: Moment, most: usize) -> Result<Vec<(Moment, BatchId)>, Failure> {
        let found = self.query(self.due_query(due, until, None, most)).await?;
        Ok(found.items.iter().filter_map(read_due).map(|due| due.entry).collect())
    }

    fn due_query(&self, due: Due, until: Moment, after: Option<&str>, most: usize) -> QueryFluentBuilder {
        self.query_of(&self.tables.batches)
            .key_condition_expression("pk = :pk AND sk BETWEEN :start AND :end")
            .expression_attribute_values(":pk", string(due.pk()))
            // `!` sorts before every digit and letter: the range begins after this position.
            .expression_attribute_values(":start", string(after.map_or("0".to_owned(), |place| format!("{place}!"))))
            // `~` sorts after `#`, so items that are due in this millisecond are included.
            .expression_attribute_values(":end", string(format!("{:013}~", until.as_millisecond())))
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
    }
}

impl Tx<'_> {
    /// Inserts the batch of an offer that has just reached its threshold.
    pub fn insert_batch(&mut self, batch: &Batch) -> Result<(), Failure> {
        let table = self.tables().batches.clone();
        let insert = put(&table, &BatchItem::from(batch))?.condition_expression("attribute_not_exists(pk)");
        // The key is the offer's, so that an offer has at most one batch.
        self.put(insert)?.or_stale();
        let entry = ListItem { pk: REGISTER.to_owned(), sk: at_sk(batch.created_at, batch.id) };
        self.put(put(&table, &entry)?)?;
        self.set_due(Due::Confirm, batch.created_at, batch.id)
    }

    /// Saves a changed batch, on condition of the version that was read.
    pub fn save_batch(&mut self, batch: &Batch) -> Result<(), Failure> {
        let table = self.tables().batches.clone();
        let save = save(&table, &BatchItem::from(batch))?
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(batch.version - 1));
        self.update(save)?.or_stale();
        Ok(())
    }

    /// Adds an entry to the due list.
    pub fn set_due(&mut self, due: Due, at: Moment, id: BatchId) -> Result<(), Failure> {
        let table = self.tables().batches.clone();
        self.put(put(&table, &ListItem { pk: due.pk().to_owned(), sk: at_sk(at, id) })?)?;
        Ok(())
    }

    /// Removes an entry from the due list; does nothing if it is not there.
    pub fn clear_due(&mut self, due: Due, at: Moment, id: BatchId) -> Result<(), Failure> {
        let table = self.tables().batches.clone();
        self.delete(&table, key(due.pk(), &at_sk(at, id)))?;
        Ok(())
    }

    /// Adds the processed orders of a page, and the partition if it is complete.
    pub fn add_progress(&mut self, id: BatchId, work: BatchWork, orders: usize, is_done: bool) -> Result<(), Failure> {
        let table = self.tables().batches.clone();
        let add = update(&table, &batch_pk(id), &format!("{PROGRESS}{}", work.as_str()))
            .update_expression("SET #work = :work ADD orders_count :orders, partitions_done :done")
            .expression_attribute_names("#work", "work")
            .expression_attribute_values(":work", string(work.as_str()))
            .expression_attribute_values(":orders", number(orders))
            .expression_attribute_values(":done", number(u8::from(is_done)));
        self.update(add)?;
        Ok(())
    }
}
