//! The counters of offers, and the log from which each counter's sums follow: every event once, with its order. The log
//! also lists the orders of a batch.

use crate::db::{Item, Want, from_item, key, malformed_key, number, put, string};
use crate::orders::Reads;
use crate::save::save;
use crate::{OrderKey, Store, Tx, cursor, time};
use contracts::Failure;
use contracts::events::{Event, OrderReservedV1};
use contracts::page::{Page, PageQuery};
use domain::counter::{Counter, CounterStatus, Delta};
use domain::id::{CustomerId, EventId, OfferId, OrderId};
use domain::order::{Order, OrderStatus};
use domain::{Moment, Refusal};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

const COUNTER: &str = "COUNTER";
const EVENT: &str = "EVENT#";
/// The number of partitions of an offer's log.
pub const LOG_PARTITIONS: u8 = 8;
/// The number of log entries that one read of a list takes.
const ENTRIES_PER_READ: usize = 100;
/// The minimum number of orders that one read of a list takes when a filter may leave most of them out.
const ORDERS_PER_READ_MIN: usize = 20;
/// The maximum number of entries of the log that one page of a list reads: a page may be short, and the next one continues.
const ENTRIES_PER_PAGE_MAX: usize = 1_000;

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

/// An event in an offer's log.
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

/// The position of a list of an offer's orders: a partition of the log, and the entry after which it continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct LogPosition {
    partition: u8,
    after: Option<EventId>,
}

impl LogPosition {
    const START: Self = Self { partition: 0, after: None };

    fn parse(text: &str) -> Option<Self> {
        let (partition, event) = text.split_once('#')?;
        let partition = partition.parse().ok().filter(|partition| *partition < LOG_PARTITIONS)?;
        let after = if event.is_empty() { None } else { Some(EventId::parse(event)?) };
        Some(Self { partition, after })
    }

    fn to_text(self) -> String {
        let after = self.after.map(|event| event.to_string()).unwrap_or_default();
        format!("{}#{after}", self.partition)
    }

    /// The start of the next partition, if there is one.
    fn next_partition(self) -> Option<Self> {
        let partition = self.partition + 1;
        (partition < LOG_PARTITIONS).then_some(Self { partition, after: None })
    }
}

impl Store {
    /// The key of every order that reserved places of an offer. The log may lag by a moment.
    pub async fn order_keys_of_offer(&self, offer: OfferId) -> Result<Vec<OrderKey>, Failure> {
        let entries = self.whole_log(offer).await?;
        Ok(entries.into_iter().filter(is_reservation).map(|entry| entry.order).collect())
    }

    /// Every entry of an offer's log, in no particular order.
    pub async fn whole_log(&self, offer: OfferId) -> Result<Vec<Logged>, Failure> {
        let queries = (0..LOG_PARTITIONS).map(|partition| {
            let query = self
                .query_of(&self.tables.batches)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", string(log_pk(offer, partition)));
            self.query_all(query)
        });
        try_join_all(queries).await?.into_iter().flatten().map(read_logged).collect()
    }

    /// A page of the orders that reserved places of an offer, each once; with a status, only orders in that status. The log
    /// is read partition by partition: an order that is counted meanwhile may be missed, but none is listed twice.
    pub async fn orders_of_offer(
        &self,
        offer: OfferId,
        status: Option<OrderStatus>,
        page: &PageQuery,
    ) -> Result<Page<Order>, Failure> {
        let decode = |text: &str| cursor::decode(text, |text| LogPosition::parse(text).is_some());
        let after = page.cursor.as_deref().map(decode).transpose()?;
        let mut position = after.as_deref().and_then(LogPosition::parse).or(Some(LogPosition::START));
        let (mut found, mut looked_at) = (Vec::new(), 0);
        while let Some(at) = position
            && found.len() <= page.limit.get()
            && looked_at < ENTRIES_PER_PAGE_MAX
        {
            let (entries, has_more) = self.log_page(offer, at.partition, at.after, None, ENTRIES_PER_READ).await?;
            looked_at += entries.len();
            let last = entries.last().filter(|_| has_more).map(|last| last.event);
            position = match last {
                Some(last) => Some(LogPosition { after: Some(last), ..at }),
                None => at.next_partition(),
            };
            let reserved: Vec<Logged> = entries.into_iter().filter(is_reservation).collect();
            let mut rest = reserved.as_slice();
            while !rest.is_empty() && found.len() <= page.limit.get() {
                let room = (page.limit.get() + 1 - found.len()).max(ORDERS_PER_READ_MIN).min(rest.len());
                let (some, others) = rest.split_at(room);
                rest = others;
                let keys: Vec<OrderKey> = some.iter().map(|entry| entry.order.clone()).collect();
                for order in self.read_orders(&keys, Reads::Eventual).await? {
                    let entry = some.iter().find(|entry| entry.order.id == order.id);
                    let here = entry.map(|entry| LogPosition { partition: at.partition, after: Some(entry.event) });
                    if status.is_none_or(|status| order.status == status) {
                        found.push((order, here));
                    }
                }
            }
        }
        if found.len() > page.limit.get() {
            found.truncate(page.limit.get());
            position = found.last().and_then(|(_, here)| *here);
        }
        let next_cursor = position.map(|position| cursor::encode(&position.to_text()));
        Ok(Page { items: found.into_iter().map(|(order, _)| order).collect(), next_cursor })
    }
}

/// Whether the entry is the order's reservation.
fn is_reservation(entry: &Logged) -> bool {
    entry.event_type == OrderReservedV1::TYPE
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

    /// Adds an event to its offer's log. The entry is kept permanently, so it also records that the event was consumed.
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
