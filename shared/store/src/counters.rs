//! The counters of offers, and the log from which each counter's sums follow: every event once, with its order. The log
//! also lists the orders of a batch.

use crate::db::{Item, Want, from_item, key, malformed_key, number, put, string};
use crate::save::save;
use crate::{OrderKey, Store, Tx, time};
use contracts::Failure;
use domain::counter::{Counter, CounterStatus, Delta};
use domain::id::{CustomerId, EventId, OfferId, OrderId};
use domain::{Moment, Refusal};
use serde::{Deserialize, Serialize};

const COUNTER: &str = "COUNTER";
const EVENT: &str = "EVENT#";
/// The number of partitions of an offer's log.
pub const LOG_PARTITIONS: u8 = 8;

#[derive(Debug, Serialize, Deserialize)]
struct CounterItem {
    pk: String,
    sk: String,
    status: CounterStatus,
    reserved_qty: i64,
    waiting_qty: i64,
    paid_qty: i64,
    threshold_qty: u32,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    reached_at: Option<Moment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reached_event_id: Option<EventId>,
    version: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct LogItem {
    pk: String,
    sk: String,
    source_event_type: String,
    customer_id: CustomerId,
    order_id: OrderId,
    quantity: u32,
    delta_qty: i64,
    delta_waiting_qty: i64,
    delta_paid_qty: i64,
}

/// One event in an offer's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    pub offer: OfferId,
    pub event: EventId,
    pub event_type: String,
    pub order: OrderKey,
    /// The order's quantity.
    pub quantity: u32,
    /// The event's effect on the counter.
    pub delta: Delta,
}

/// The log partition of an event.
pub fn log_partition(event: EventId) -> u8 {
    event.record().spread() % LOG_PARTITIONS
}

fn counter_pk(offer: OfferId) -> String {
    format!("OFFER#{offer}")
}

fn log_pk(offer: OfferId, partition: u8) -> String {
    format!("OFFER#{offer}#{partition}")
}

fn log_sk(event: EventId) -> String {
    format!("{EVENT}{event}")
}

pub(crate) fn read_counter(item: Item) -> Result<Counter, Failure> {
    let item: CounterItem = from_item(item)?;
    let offer = item.pk.strip_prefix("OFFER#").and_then(OfferId::parse);
    Ok(Counter {
        offer: offer.ok_or_else(|| malformed_key("counter", &item.pk, &item.sk))?,
        status: item.status,
        reserved: item.reserved_qty,
        waiting: item.waiting_qty,
        paid: item.paid_qty,
        threshold: item.threshold_qty,
        reached_at: item.reached_at,
        reached_by: item.reached_event_id,
        version: item.version,
    })
}

impl From<&Counter> for CounterItem {
    fn from(counter: &Counter) -> Self {
        Self {
            pk: counter_pk(counter.offer),
            sk: COUNTER.to_owned(),
            status: counter.status,
            reserved_qty: counter.reserved,
            waiting_qty: counter.waiting,
            paid_qty: counter.paid,
            threshold_qty: counter.threshold,
            reached_at: counter.reached_at,
            reached_event_id: counter.reached_by,
            version: counter.version,
        }
    }
}

pub(crate) fn read_logged(item: Item) -> Result<Logged, Failure> {
    let item: LogItem = from_item(item)?;
    let offer = item.pk.strip_prefix("OFFER#").and_then(|rest| rest.rsplit_once('#'));
    let offer = offer.and_then(|(offer, _)| OfferId::parse(offer));
    let event = item.sk.strip_prefix(EVENT).and_then(EventId::parse);
    let (offer, event) = offer.zip(event).ok_or_else(|| malformed_key("counter log entry", &item.pk, &item.sk))?;
    Ok(Logged {
        offer,
        event,
        event_type: item.source_event_type,
        order: OrderKey { customer: item.customer_id, id: item.order_id },
        quantity: item.quantity,
        delta: Delta { reserved: item.delta_qty, waiting: item.delta_waiting_qty, paid: item.delta_paid_qty },
    })
}

impl Store {
    /// # Errors
    /// [`Refusal::SellWindowNotFound`] when there is no such offer.
    pub async fn load_counter(&self, offer: OfferId) -> Result<Counter, Failure> {
        let item = self.get(&self.tables.counters, &counter_pk(offer), COUNTER, true).await?;
        read_counter(item.ok_or(Refusal::SellWindowNotFound)?)
    }

    /// The counters of these offers. An eventually consistent read, for display.
    pub async fn counters(&self, offers: impl IntoIterator<Item = OfferId>) -> Result<Vec<Counter>, Failure> {
        let keys: Vec<(String, String)> =
            offers.into_iter().map(|offer| (counter_pk(offer), COUNTER.to_owned())).collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let want = Want { table: self.tables.counters.clone(), keys, consistent: false };
        self.batch_get(vec![want]).await?.into_iter().map(read_counter).collect()
    }

    pub(crate) fn want_counter(&self, offer: OfferId, consistent: bool) -> Want {
        let keys = vec![(counter_pk(offer), COUNTER.to_owned())];
        Want { table: self.tables.counters.clone(), keys, consistent }
    }

    /// A page of one partition of an offer's log, oldest first: the entries after `after`, up to and including `until`;
    /// and whether there are more.
    pub async fn log_page(
        &self,
        offer: OfferId,
        partition: u8,
        after: Option<EventId>,
        until: Option<EventId>,
        most: usize,
    ) -> Result<(Vec<Logged>, bool), Failure> {
        let pk = log_pk(offer, partition);
        let last = until.map_or_else(|| format!("{EVENT}~"), log_sk);
        let query = self
            .query_of(&self.tables.batches)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", string(&pk))
            .expression_attribute_values(":first", string(EVENT))
            .expression_attribute_values(":last", string(last))
            .set_exclusive_start_key(after.map(|event| key(&pk, &log_sk(event))))
            .consistent_read(true)
            .limit(i32::try_from(most).unwrap_or(i32::MAX));
        let found = self.query(query).await?;
        let has_more = found.last_key.is_some();
        Ok((found.items.into_iter().map(read_logged).collect::<Result<_, _>>()?, has_more))
    }
}

impl Tx<'_> {
    /// Inserts the counter of a newly configured offer.
    pub fn insert_counter(&mut self, counter: &Counter) -> Result<(), Failure> {
        let table = self.tables().counters.clone();
        let insert = put(&table, &CounterItem::from(counter))?.condition_expression("attribute_not_exists(pk)");
        self.put(insert)?.or_stale();
        Ok(())
    }

    /// Saves a changed counter, on condition of the version that was read.
    pub fn save_counter(&mut self, counter: &Counter) -> Result<(), Failure> {
        let table = self.tables().counters.clone();
        let save = save(&table, &CounterItem::from(counter))?
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(counter.version - 1));
        self.update(save)?.or_stale();
        Ok(())
    }

    /// Adds an event to its offer's log. The entry is kept for good, so it also records that the event was consumed.
    pub fn log(&mut self, entry: &Logged) -> Result<(), Failure> {
        let table = self.tables().batches.clone();
        let item = LogItem {
            pk: log_pk(entry.offer, log_partition(entry.event)),
            sk: log_sk(entry.event),
            source_event_type: entry.event_type.clone(),
            customer_id: entry.order.customer.clone(),
            order_id: entry.order.id,
            quantity: entry.quantity,
            delta_qty: entry.delta.reserved,
            delta_waiting_qty: entry.delta.waiting,
            delta_paid_qty: entry.delta.paid,
        };
        self.put(put(&table, &item)?.condition_expression("attribute_not_exists(pk)"))?.or_consumed(entry.event);
        Ok(())
    }
}
