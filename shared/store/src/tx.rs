//! A transaction: every write, with the refusal that its failed condition means.

use crate::activity::Command;
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

/// Writes of one transaction (DynamoDB's limit).
pub const TX_ITEMS_MAX: usize = 100;
/// The maximum number of tries of a transaction that meets a conflict or throttling, before the result is
/// [`Failure::Busy`].
pub const TX_TRIES_MAX: u32 = 5;

/// The meaning of a failed condition.
#[derive(Debug, Clone)]
enum Meaning {
    /// A refusal by a business rule.
    Refused(Refusal),
    /// The data has changed since it was read: read and decide again.
    Stale,
    /// This very transaction was committed before and its response was lost: no other transaction can write this item.
    Own,
    /// The event was already consumed.
    Consumed(EventId),
    /// The customer already has a coupon of this campaign.
    Issued(CustomerId),
    /// The idempotency key was used before, by this request or another.
    Idempotency(Idempotency),
    /// Cannot fail while the invariants hold.
    Never,
}

struct Write {
    item: TransactWriteItem,
    meaning: Meaning,
    /// The shard that the write allocates from.
    shard: Option<(Pool, u8)>,
}

/// The reason for which a transaction was not committed.
#[derive(Debug)]
pub enum Rejected {
    /// A refusal, contention, or a fault.
    Failure(Failure),
    /// The data has changed since it was read: read and decide again.
    Stale,
    /// These events were already consumed: leave them out.
    Consumed(Vec<EventId>),
    /// These customers already have a coupon: leave them out.
    Issued(Vec<CustomerId>),
    /// Contention on these shards: allocate from others.
    Contended(Vec<(Pool, u8)>),
}

impl From<Rejected> for Failure {
    /// For transactions that neither depend on a read nor combine several events, in which the other variants cannot occur.
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

/// Reads, decides and writes again if the data has changed between read and write (optimistic locking), at most
/// [`TX_TRIES_MAX`] times with back-off.
///
/// # Errors
/// [`Failure::Busy`] when it changed every time; any other error of `attempt`.
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
    /// The command whose effect this is; its entry in the activity log is part of the transaction.
    pub(crate) command: Option<Command>,
}

impl<'s> Tx<'s> {
    pub(crate) fn store(&self) -> &'s Store {
        self.store
    }

    pub(crate) fn new(store: &'s Store, record: RecordId, trace: Trace, now: Moment) -> Self {
        Self {
            store,
            record,
            trace,
            now,
            writes: Vec::new(),
            events: Vec::new(),
            filled: Vec::new(),
            may_move: false,
            command: None,
        }
    }

    /// The effect of a staff member's command, which leaves an entry in the activity log.
    #[must_use]
    pub fn commanded(self, command: Option<Command>) -> Self {
        Self { command, ..self }
    }

    pub(crate) fn correlation_id(&self) -> &str {
        &self.trace.correlation_id
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

    /// The pool will not be empty after this transaction: removes it from the sold-out cache.
    pub(crate) fn fills(&mut self, pool: Pool) {
        self.filled.push(pool);
    }

    /// Names the shard that the last write allocates from.
    pub(crate) fn takes_from(&mut self, pool: Pool, shard: u8) {
        if let Some(write) = self.writes.last_mut() {
            write.shard = Some((pool, shard));
        }
    }

    /// From now on, contention on a shard is not retried but returned as [`Rejected::Contended`], so that the caller
    /// allocates from another shard.
    pub fn move_when_contended(&mut self) {
        self.may_move = true;
    }

    /// Deletes an item, on condition of its version.
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

    /// The idempotency record is the first write, so that a replayed request is answered before it is refused.
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

    /// Publishes `event` if and only if the transaction commits.
    ///
    /// # Errors
    /// [`Failure::Broken`] when the event cannot be serialized.
    pub fn emit<E: Event>(&mut self, event: &E) -> Result<(), Failure> {
        self.events.push(PendingEvent::new(event)?);
        Ok(())
    }

    /// As [`Tx::emit`], with the event's own cause, for a transaction that serves several requests.
    ///
    /// # Errors
    /// [`Failure::Broken`] when the event cannot be serialized.
    pub fn emit_for<E: Event>(&mut self, trace: &Trace, event: &E) -> Result<(), Failure> {
        self.events.push(PendingEvent::new(event)?.caused_by(trace));
        Ok(())
    }

    /// Commits. `Some` is the recorded response of an earlier request with the same idempotency key; then this call has
    /// written nothing.
    ///
    /// # Errors
    /// The meaning of the first failed condition; [`Failure::Busy`] after [`TX_TRIES_MAX`] conflicts or throttles.
    pub async fn commit(mut self) -> Result<Option<Answer>, Rejected> {
        if !self.events.is_empty() {
            let events = std::mem::take(&mut self.events);
            let put = self.store.outbox_put(self.record, &self.trace, events, self.now)?;
            self.put(put)?.own();
        }
        self.log_activity()?;
        if self.writes.len() > TX_ITEMS_MAX {
            return Err(Failure::broken(format!(
                "a transaction with {} writes: DynamoDB takes at most {TX_ITEMS_MAX}",
                self.writes.len()
            ))
            .into());
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
                    let taken = self.writes.iter().filter_map(|write| write.shard).map(|(pool, _)| pool);
                    self.filled.iter().copied().chain(taken).for_each(|pool| self.store.forget_shown_stock(pool));
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

    /// The shards on which contention was met.
    fn contended(&self, reasons: &[CancellationReason]) -> Vec<(Pool, u8)> {
        let met = self.writes.iter().zip(reasons).filter(|(_, reason)| passes(reason));
        met.filter_map(|(write, _)| write.shard).collect()
    }

    /// Interprets the cancellation reasons, which come in the order of the writes. `None`: retry.
    fn judge(&self, reasons: &[CancellationReason]) -> Option<Result<Option<Answer>, Rejected>> {
        let failed: Vec<(&Meaning, &CancellationReason)> = self
            .writes
            .iter()
            .map(|write| &write.meaning)
            .zip(reasons)
            .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
            .collect();

        // An earlier try of this transaction, or an earlier request with the same key, takes precedence over every
        // other reason.
        if failed.iter().any(|(meaning, _)| matches!(meaning, Meaning::Own)) {
            return Some(Ok(None));
        }
        for (meaning, reason) in &failed {
            if let (Meaning::Idempotency(idempotency), Some(item)) = (meaning, reason.item()) {
                return Some(idempotency.read(item.clone(), &self.record.to_string()).map_err(Rejected::from));
            }
        }
        // A conflict together with a failed condition is contention: the condition may have failed on a change that is
        // being rolled back.
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
                Failure::broken(format!(
                    "transaction {} was canceled although its conditions cannot fail: reasons {}",
                    self.record,
                    codes.join(", ")
                ))
                .into()
            }
        }))
    }
}

/// Whether a reason is contention or throttling, so that a retry may succeed.
fn passes(reason: &CancellationReason) -> bool {
    matches!(
        reason.code(),
        Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded" | "RequestLimitExceeded")
    )
}

/// An added write, to which the meaning of its failed condition can be given.
pub(crate) struct Added<'t, 's> {
    tx: &'t mut Tx<'s>,
}

impl Added<'_, '_> {
    /// A business rule refuses.
    pub(crate) fn or(self, refusal: Refusal) {
        self.means(Meaning::Refused(refusal));
    }

    /// The data has changed since it was read.
    pub(crate) fn or_stale(self) {
        self.means(Meaning::Stale);
    }

    /// The item's key is unique to this transaction, so the item can only exist because this transaction was committed.
    pub(crate) fn own(self) {
        self.means(Meaning::Own);
    }

    /// The event was already consumed.
    pub(crate) fn or_consumed(self, event: EventId) {
        self.means(Meaning::Consumed(event));
    }

    /// The customer already has a coupon of this campaign.
    pub(crate) fn or_issued(self, customer: &CustomerId) {
        self.means(Meaning::Issued(customer.clone()));
    }

    fn means(self, meaning: Meaning) {
        if let Some(write) = self.tx.writes.last_mut() {
            write.meaning = meaning;
        }
    }
}
