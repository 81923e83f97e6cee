//! One transaction: every write with the refusal that its failed condition means.

use crate::db::{Item, pause, sort};
use crate::idempotency::{Answer, Idempotency};
use crate::meter::Side;
use crate::outbox::PendingEvent;
use crate::stock::Pool;
use crate::{Store, Tables};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::builders::{PutBuilder, UpdateBuilder};
use aws_sdk_dynamodb::types::{
    CancellationReason, Delete, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use contracts::Failure;
use contracts::events::{Event, Trace};
use domain::id::{CustomerId, EventId, RecordId};
use domain::{Moment, Refusal};

/// Writes that one transaction takes (DynamoDB's limit).
pub const TX_ITEMS_MAX: usize = 100;
/// How often a transaction that met a conflict or a throttle is tried before the answer is `busy`.
pub const TX_TRIES_MAX: u32 = 5;

/// What a failed condition of one write means.
#[derive(Debug, Clone)]
enum Meaning {
    /// The rules say no.
    Refused(Refusal),
    /// What was read has changed since: decide again.
    Stale,
    /// This very transaction committed before and its answer was lost: nobody else can have written this item.
    Own,
    /// The event was applied before.
    Consumed(EventId),
    /// The customer has a coupon of this campaign already.
    Issued(CustomerId),
    /// The key was used before, for this request or for another.
    Idempotency(Idempotency),
    /// It cannot fail while the invariants hold.
    Never,
}

struct Write {
    item: TransactWriteItem,
    meaning: Meaning,
    /// The shard that it takes from.
    shard: Option<(Pool, u8)>,
}

/// Why a transaction did not commit.
#[derive(Debug)]
pub enum Rejected {
    /// A refusal, contention, or a fault.
    Failure(Failure),
    /// What was read has changed since: read and decide again.
    Stale,
    /// These events were applied before: leave them out.
    Consumed(Vec<EventId>),
    /// These customers have a coupon already: leave them out.
    Issued(Vec<CustomerId>),
    /// Others are at these shards: take from another one.
    Contended(Vec<(Pool, u8)>),
}

impl From<Rejected> for Failure {
    /// For transactions that depend on nothing that was read, and fold nothing together: the others cannot happen there.
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::Failure(failure) => failure,
            Rejected::Stale | Rejected::Consumed(_) | Rejected::Issued(_) | Rejected::Contended(_) => Failure::Busy,
        }
    }
}

impl From<Failure> for Rejected {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Refusal> for Rejected {
    fn from(refusal: Refusal) -> Self {
        Self::Failure(refusal.into())
    }
}

/// Decides and writes anew for as long as what was read has changed by the time of the write, five times at the most.
///
/// # Errors
/// [`Failure::Busy`] when it changed each time; anything else that `attempt` says.
pub async fn retry_on_stale_read<T, F, A>(mut attempt: F) -> Result<T, Failure>
where
    F: FnMut() -> A,
    A: Future<Output = Result<T, Rejected>>,
{
    for tries in 1..=TX_TRIES_MAX {
        match attempt().await {
            Err(Rejected::Stale) => pause(tries).await,
            other => return other.map_err(Failure::from),
        }
    }
    Err(Failure::Busy)
}

/// Writes that happen together or not at all.
pub struct Tx<'s> {
    store: &'s Store,
    record: RecordId,
    trace: Trace,
    now: Moment,
    writes: Vec<Write>,
    events: Vec<PendingEvent>,
    filled: Vec<Pool>,
    may_move: bool,
}

impl<'s> Tx<'s> {
    pub(crate) fn new(store: &'s Store, record: RecordId, trace: Trace, now: Moment) -> Self {
        Self { store, record, trace, now, writes: Vec::new(), events: Vec::new(), filled: Vec::new(), may_move: false }
    }

    pub(crate) fn record(&self) -> RecordId {
        self.record
    }

    pub(crate) fn now(&self) -> Moment {
        self.now
    }

    pub(crate) fn tables(&self) -> &Tables {
        &self.store.tables
    }

    pub(crate) fn put(&mut self, put: PutBuilder) -> Result<Added<'_, 's>, Failure> {
        let item = TransactWriteItem::builder().put(put.build().map_err(Failure::broken)?).build();
        Ok(self.add(item, Meaning::Never))
    }

    pub(crate) fn update(&mut self, update: UpdateBuilder) -> Result<Added<'_, 's>, Failure> {
        let item = TransactWriteItem::builder().update(update.build().map_err(Failure::broken)?).build();
        Ok(self.add(item, Meaning::Never))
    }

    pub(crate) fn delete(&mut self, table: &str, key: Item) -> Result<Added<'_, 's>, Failure> {
        let delete = Delete::builder().table_name(table).set_key(Some(key)).build().map_err(Failure::broken)?;
        Ok(self.add(TransactWriteItem::builder().delete(delete).build(), Meaning::Never))
    }

    /// Once this has committed, the pool is not empty any more.
    pub(crate) fn fills(&mut self, pool: Pool) {
        self.filled.push(pool);
    }

    /// The last write takes from this shard.
    pub(crate) fn takes_from(&mut self, pool: Pool, shard: u8) {
        if let Some(write) = self.writes.last_mut() {
            write.shard = Some((pool, shard));
        }
    }

    /// From now on a conflict on a shard is not waited out: it is [`Rejected::Contended`], and the caller takes from another.
    pub fn move_when_contended(&mut self) {
        self.may_move = true;
    }

    /// Deletes an item that is still at this version.
    pub(crate) fn delete_at(&mut self, table: &str, key: Item, version: u64) -> Result<Added<'_, 's>, Failure> {
        let delete = Delete::builder()
            .table_name(table)
            .set_key(Some(key))
            .condition_expression("version = :before")
            .expression_attribute_values(":before", crate::db::number(version))
            .build()
            .map_err(Failure::broken)?;
        Ok(self.add(TransactWriteItem::builder().delete(delete).build(), Meaning::Never))
    }

    /// The idempotency record goes first, so that a request that comes again is answered before it is refused.
    pub(crate) fn add_idempotency(&mut self, put: PutBuilder, idempotency: Idempotency) -> Result<(), Failure> {
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let item = TransactWriteItem::builder().put(put.build().map_err(Failure::broken)?).build();
        self.writes.insert(0, Write { item, meaning: Meaning::Idempotency(idempotency), shard: None });
        Ok(())
    }

    fn add(&mut self, item: TransactWriteItem, meaning: Meaning) -> Added<'_, 's> {
        self.writes.push(Write { item, meaning, shard: None });
        Added { tx: self }
    }

    /// Announces `event` when, and only when, the transaction commits.
    ///
    /// # Errors
    /// [`Failure::Broken`] when the event cannot be written as JSON.
    pub fn emit<E: Event>(&mut self, event: &E) -> Result<(), Failure> {
        self.events.push(PendingEvent::new(event)?);
        Ok(())
    }

    /// The same for an event with a cause of its own: where one transaction serves many.
    ///
    /// # Errors
    /// [`Failure::Broken`] when the event cannot be written as JSON.
    pub fn emit_for<E: Event>(&mut self, trace: &Trace, event: &E) -> Result<(), Failure> {
        self.events.push(PendingEvent::new(event)?.caused_by(trace));
        Ok(())
    }

    /// Writes everything. `Some` is the answer that an earlier request under the same key was given; then nothing was
    /// written now.
    ///
    /// # Errors
    /// The first failed condition's meaning; [`Failure::Busy`] after [`TX_TRIES_MAX`] conflicts or throttles.
    pub async fn commit(mut self) -> Result<Option<Answer>, Rejected> {
        if !self.events.is_empty() {
            let events = std::mem::take(&mut self.events);
            let put = self.store.outbox_put(self.record, &self.trace, events, self.now)?;
            self.put(put)?.own();
        }
        if self.writes.len() > TX_ITEMS_MAX {
            return Err(Failure::broken(format!("a transaction of {} writes", self.writes.len())).into());
        }
        for attempt in 1..=TX_TRIES_MAX {
            let items = self.writes.iter().map(|write| write.item.clone()).collect();
            let sent = self
                .store
                .client
                .transact_write_items()
                .set_transact_items(Some(items))
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            let error = match sent {
                Ok(output) => {
                    self.store.meter.call(Side::Write, output.consumed_capacity());
                    self.filled.iter().for_each(|pool| self.store.forget_sold_out(*pool));
                    return Ok(None);
                }
                Err(error) => error,
            };
            let reasons = match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                    canceled.cancellation_reasons()
                }
                Some(TransactWriteItemsError::TransactionInProgressException(_)) => &[],
                _ => return Err(sort(error).into()),
            };
            if let Some(verdict) = self.judge(reasons) {
                return verdict;
            }
            self.store.meter.conflict_retry();
            let contended = self.contended(reasons);
            if self.may_move && !contended.is_empty() {
                return Err(Rejected::Contended(contended));
            }
            if attempt < TX_TRIES_MAX {
                pause(attempt).await;
            }
        }
        Err(Failure::Busy.into())
    }

    /// The shards that others were at.
    fn contended(&self, reasons: &[CancellationReason]) -> Vec<(Pool, u8)> {
        let met = self.writes.iter().zip(reasons).filter(|(_, reason)| passes(reason));
        met.filter_map(|(write, _)| write.shard).collect()
    }

    /// What the reasons of a cancellation, in the order of the writes, mean together. `None`: try again.
    fn judge(&self, reasons: &[CancellationReason]) -> Option<Result<Option<Answer>, Rejected>> {
        let failed: Vec<(&Meaning, &CancellationReason)> = self
            .writes
            .iter()
            .map(|write| &write.meaning)
            .zip(reasons)
            .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
            .collect();

        // An earlier try of ours, or an earlier request under the same key, decides whatever else is said.
        if failed.iter().any(|(meaning, _)| matches!(meaning, Meaning::Own)) {
            return Some(Ok(None));
        }
        for (meaning, reason) in &failed {
            if let (Meaning::Idempotency(idempotency), Some(item)) = (meaning, reason.item()) {
                return Some(idempotency.read(item.clone(), &self.record.to_string()).map_err(Rejected::from));
            }
        }
        // A conflict beside a failed condition is contention: the condition may have failed on what is being undone.
        if reasons.is_empty() || reasons.iter().any(passes) {
            return None;
        }
        let consumed: Vec<EventId> = failed
            .iter()
            .filter_map(|(meaning, _)| if let Meaning::Consumed(event) = meaning { Some(*event) } else { None })
            .collect();
        if !consumed.is_empty() {
            return Some(Err(Rejected::Consumed(consumed)));
        }
        let issued: Vec<CustomerId> = failed
            .iter()
            .filter_map(
                |(meaning, _)| if let Meaning::Issued(customer) = meaning { Some(customer.clone()) } else { None },
            )
            .collect();
        if !issued.is_empty() {
            return Some(Err(Rejected::Issued(issued)));
        }
        Some(Err(match failed.first() {
            Some((Meaning::Refused(refusal), _)) => refusal.clone().into(),
            Some((Meaning::Stale, _)) => Rejected::Stale,
            _ => {
                let codes: Vec<&str> = reasons.iter().filter_map(CancellationReason::code).collect();
                Failure::broken(format!("the transaction was canceled: {}", codes.join(", "))).into()
            }
        }))
    }
}

/// Whether a reason is contention, which passes by itself.
fn passes(reason: &CancellationReason) -> bool {
    matches!(
        reason.code(),
        Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded" | "RequestLimitExceeded")
    )
}

/// A write that was just added, waiting to be told what its failed condition means.
pub(crate) struct Added<'t, 's> {
    tx: &'t mut Tx<'s>,
}

impl Added<'_, '_> {
    /// The rules say no.
    pub(crate) fn or(self, refusal: Refusal) {
        self.means(Meaning::Refused(refusal));
    }

    /// What was read has changed since.
    pub(crate) fn or_stale(self) {
        self.means(Meaning::Stale);
    }

    /// The item's key was made for this transaction alone, so it can only be there because of it.
    pub(crate) fn own(self) {
        self.means(Meaning::Own);
    }

    /// The event was applied before.
    pub(crate) fn or_consumed(self, event: EventId) {
        self.means(Meaning::Consumed(event));
    }

    /// The customer has a coupon of this campaign already.
    pub(crate) fn or_issued(self, customer: &CustomerId) {
        self.means(Meaning::Issued(customer.clone()));
    }

    fn means(self, meaning: Meaning) {
        if let Some(write) = self.tx.writes.last_mut() {
            write.meaning = meaning;
        }
    }
}
