//! Payments, their trades at providers, the providers' events, and the admins' tasks. The due index `by_look` lists the
//! payments whose next check is due; it may lag, and the table decides.

use crate::db::{Item, from_item, key, number, put, string, text, update};
use crate::save::save;
use crate::{DueEntry, Store, Tx, cursor, due_index, time};
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use contracts::Failure;
use contracts::page::{Page, PageQuery};
use domain::id::{CustomerId, OrderId, PaymentId, RecordId};
use domain::money::{Cents, Currency};
use domain::payment::{
    Checkout, CheckoutAttempt, Done, KeptTask, Payment, PaymentMethod, PaymentStatus, PendingRefund, Taken, Task,
    TaskFilter,
};
use domain::{Moment, Refusal};
use futures_util::future::try_join_all;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

const META: &str = "META";
const BY_ORDER: &str = "by_order";
const BY_NEXT_CHECK: &str = "by_look";
/// Partitions of each provider's part of the due index.
const CHECK_SHARDS: u8 = 4;
/// The partition of the admins' tasks: rare, so it is never hot.
const TASKS: &str = "TASKS";
/// Tasks that one page of their list reads.
const TASKS_PER_PAGE_MAX: usize = 500;

#[derive(Debug, Serialize, Deserialize)]
struct PaymentItem {
    pk: String,
    sk: String,
    /// The index's keys are stored under the names that release 0.1 gave them: a key of an index cannot be renamed.
    #[serde(default, rename = "look_pk", skip_serializing_if = "Option::is_none")]
    check_pk: Option<String>,
    #[serde(default, rename = "look_sk", skip_serializing_if = "Option::is_none")]
    check_sk: Option<String>,
    payment_id: PaymentId,
    customer_id: CustomerId,
    /// Absent for a charge of points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    order_id: Option<OrderId>,
    provider: PaymentMethod,
    status: PaymentStatus,
    amount_cents: Cents,
    currency: Currency,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    checkout: Option<CheckoutItem>,
    #[serde(default, skip_serializing_if = "is_zero")]
    refund_due_cents: Cents,
    #[serde(default, skip_serializing_if = "is_zero")]
    refunded_cents: Cents,
    /// The next four attributes are stored under the names of release 0.1, which reads them too (docs/upgrade.md).
    #[serde(default, rename = "ask", skip_serializing_if = "Option::is_none")]
    pending_refund: Option<PendingRefundItem>,
    #[serde(default, rename = "by_hand", skip_serializing_if = "Option::is_none")]
    manual_reason: Option<String>,
    #[serde(default, rename = "look_at", with = "time::option", skip_serializing_if = "Option::is_none")]
    next_check_at: Option<Moment>,
    #[serde(default, rename = "looks", skip_serializing_if = "is_none")]
    checks: u32,
    #[serde(default, skip_serializing_if = "is_none")]
    refusals: u32,
    version: u64,
    #[serde(with = "time")]
    created_at: Moment,
    #[serde(with = "time")]
    updated_at: Moment,
}

#[derive(Debug, Serialize, Deserialize)]
struct CheckoutItem {
    token: String,
    #[serde(with = "time")]
    active_at: Moment,
    /// Stored under the name of release 0.1.
    #[serde(default, rename = "openings", skip_serializing_if = "Vec::is_empty")]
    attempts: Vec<CheckoutAttempt>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taken: Option<Taken>,
    #[serde(default, with = "time::option", skip_serializing_if = "Option::is_none")]
    confirming_at: Option<Moment>,
}

#[derive(Debug, Serialize, Deserialize)]
struct PendingRefundItem {
    amount_cents: Cents,
    #[serde(with = "time")]
    at: Moment,
}

/// The payment of a trade number.
#[derive(Debug, Serialize, Deserialize)]
struct TradeItem {
    pk: String,
    sk: String,
    payment_id: PaymentId,
}

/// A provider's report: one event per trade, action, result and code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProviderEvent {
    /// The shop's trade number.
    pub trade_no: String,
    /// `AUTHORIZE`, `CAPTURE` or `REFUND`.
    pub action: String,
    /// `OK`, `NG` or `WAITING`.
    pub result: String,
    pub code: String,
    /// The reported fields, without card data.
    pub raw: Vec<(String, String)>,
    /// In milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// A payment with its provider's reports, oldest first.
pub type PaymentAndEvents = (Payment, Vec<ProviderEvent>);

#[derive(Debug, Serialize)]
struct EventItem<'e> {
    pk: String,
    sk: String,
    #[serde(flatten)]
    event: &'e ProviderEvent,
}

#[derive(Debug, Serialize, Deserialize)]
struct TaskItem {
    pk: String,
    sk: String,
    #[serde(flatten)]
    task: Task,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    done: Option<Done>,
}

/// A task's id in the API: its sort key, in characters that need no escape in a path.
fn task_id(sk: &str) -> String {
    sk.replace('#', ".")
}

fn read_task(item: Item) -> Result<KeptTask, Failure> {
    let item: TaskItem = from_item(item)?;
    Ok(KeptTask { id: task_id(&item.sk), task: item.task, done: item.done })
}

#[derive(Debug, Serialize)]
struct ParkedItem {
    pk: String,
    sk: &'static str,
    /// In seconds of the epoch. Until then, the same message counts as a repetition.
    expires_at: i64,
}

/// The time for which repetitions of a message create no further task. Providers repeat their messages for a day.
const PARKED_KEEP: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Serialize, Deserialize)]
struct PauseItem {
    pk: String,
    sk: String,
    #[serde(with = "time")]
    until: Moment,
}

fn is_zero(cents: &Cents) -> bool {
    *cents == Cents::ZERO
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's own signature")]
const fn is_none(count: &u32) -> bool {
    *count == 0
}

fn payment_pk(id: PaymentId) -> String {
    format!("PAYMENT#{id}")
}

fn trade_pk(trade_no: &str) -> String {
    format!("TRADE#{trade_no}")
}

/// A queue of due work of one payment method: lookups or refunds. Each has its own partitions of the due index and its own
/// budget, so that neither abandoned checkouts nor a provider's pause delay the other work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Lookups of trades for which money may be captured, also while a refund waits for an admin.
    Questions(PaymentMethod),
    /// Refunds.
    Refunds(PaymentMethod),
}

impl Lane {
    /// The queue that contains a payment.
    pub fn of(payment: &Payment) -> Self {
        match payment.status {
            PaymentStatus::RefundRequested if !payment.waits_for_an_admin() => Self::Refunds(payment.method),
            _ => Self::Questions(payment.method),
        }
    }

    /// The payment method of the queue.
    pub const fn method(self) -> PaymentMethod {
        match self {
            Self::Questions(method) | Self::Refunds(method) => method,
        }
    }

    fn check_pk(self, shard: u8) -> String {
        match self {
            Self::Questions(method) => format!("LOOK#{}#{shard}", method.as_str()),
            Self::Refunds(method) => format!("REFUND#{}#{shard}", method.as_str()),
        }
    }

    fn pause_pk(self) -> String {
        match self {
            Self::Questions(method) => format!("PAUSE#{}", method.as_str()),
            Self::Refunds(method) => format!("PAUSE#{}#REFUNDS", method.as_str()),
        }
    }
}

fn event_sk(event: &ProviderEvent) -> String {
    format!("EVENT#{}#{}#{}#{}", event.trade_no, event.action, event.result, event.code)
}

pub(crate) fn read_payment(item: Item) -> Result<Payment, Failure> {
    let item: PaymentItem = from_item(item)?;
    Ok(Payment {
        id: item.payment_id,
        customer: item.customer_id,
        order: item.order_id,
        method: item.provider,
        status: item.status,
        amount: item.amount_cents,
        currency: item.currency,
        checkout: item.checkout.map(|checkout| Checkout {
            token: checkout.token,
            active_at: checkout.active_at,
            attempts: checkout.attempts,
            taken: checkout.taken,
            confirming_at: checkout.confirming_at,
        }),
        refund_due: item.refund_due_cents,
        refunded: item.refunded_cents,
        pending_refund: item
            .pending_refund
            .map(|pending_refund| PendingRefund { amount: pending_refund.amount_cents, at: pending_refund.at }),
        manual_reason: item.manual_reason,
        next_check_at: item.next_check_at,
        checks: item.checks,
        refusals: item.refusals,
        version: item.version,
        created_at: item.created_at,
        updated_at: item.updated_at,
    })
}

impl From<&Payment> for PaymentItem {
    fn from(payment: &Payment) -> Self {
        let shard = u8::try_from(payment.id.uuid().as_u128() & 0xff).unwrap_or_default() % CHECK_SHARDS;
        Self {
            pk: payment_pk(payment.id),
            sk: META.to_owned(),
            check_pk: payment.next_check_at.map(|_| Lane::of(payment).check_pk(shard)),
            check_sk: payment.next_check_at.map(|at| format!("{}#{}", due_index::time(at), payment.id)),
            payment_id: payment.id,
            customer_id: payment.customer.clone(),
            order_id: payment.order,
            provider: payment.method,
            status: payment.status,
            amount_cents: payment.amount,
            currency: payment.currency,
            checkout: payment.checkout.clone().map(|checkout| CheckoutItem {
                token: checkout.token,
                active_at: checkout.active_at,
                attempts: checkout.attempts,
                taken: checkout.taken,
                confirming_at: checkout.confirming_at,
            }),
            refund_due_cents: payment.refund_due,
            refunded_cents: payment.refunded,
            pending_refund: payment
                .pending_refund
                .map(|pending_refund| PendingRefundItem { amount_cents: pending_refund.amount, at: pending_refund.at }),
            manual_reason: payment.manual_reason.clone(),
            next_check_at: payment.next_check_at,
            checks: payment.checks,
            refusals: payment.refusals,
            version: payment.version,
            created_at: payment.created_at,
            updated_at: payment.updated_at,
        }
    }
}

impl Store {
    /// # Errors
    /// [`Refusal::PaymentNotFound`].
    pub async fn load_payment(&self, id: PaymentId) -> Result<Payment, Failure> {
        let item = self.get(&self.tables.payments, &payment_pk(id), META, true).await?;
        read_payment(item.ok_or(Refusal::PaymentNotFound)?)
    }

    /// Every attempt to pay an order with its provider's reports, newest first. The index may lag by a moment.
    pub async fn payments_of_order(&self, order: OrderId) -> Result<Vec<PaymentAndEvents>, Failure> {
        let query = self
            .query_of(&self.tables.payments)
            .index_name(BY_ORDER)
            .key_condition_expression("order_id = :order")
            .expression_attribute_values(":order", string(order.to_string()));
        let listed = self.query_all(query).await?;
        // The tasks about an order are listed too.
        let ids: Vec<PaymentId> =
            listed.iter().filter_map(|item| PaymentId::parse(text(item, "pk")?.strip_prefix("PAYMENT#")?)).collect();
        let mut payments = try_join_all(ids.iter().map(|id| self.load_payment_and_events(*id))).await?;
        payments.sort_by_key(|(payment, _)| std::cmp::Reverse((payment.created_at, payment.id)));
        Ok(payments)
    }

    /// A payment with its provider's reports, oldest first.
    ///
    /// # Errors
    /// [`Refusal::PaymentNotFound`].
    pub async fn load_payment_and_events(&self, id: PaymentId) -> Result<PaymentAndEvents, Failure> {
        let query = self
            .query_of(&self.tables.payments)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(payment_pk(id)))
            .consistent_read(true);
        let (mut payment, mut events) = (None, Vec::<ProviderEvent>::new());
        for item in self.query_all(query).await? {
            if text(&item, "sk") == Some(META) {
                payment = Some(read_payment(item)?);
            } else {
                events.push(from_item(item)?);
            }
        }
        events.sort_by_key(|event| event.at_ms);
        Ok((payment.ok_or(Refusal::PaymentNotFound)?, events))
    }

    /// The payment of a trade number, if it is one of the shop's.
    pub async fn find_trade(&self, trade_no: &str) -> Result<Option<PaymentId>, Failure> {
        let item = self.get(&self.tables.payments, &trade_pk(trade_no), META, true).await?;
        item.map(|item| from_item::<TradeItem>(item).map(|trade| trade.payment_id)).transpose()
    }

    /// Whether the provider reported this event before.
    pub async fn knows_event(&self, payment: PaymentId, event: &ProviderEvent) -> Result<bool, Failure> {
        let found = self.get(&self.tables.payments, &payment_pk(payment), &event_sk(event), true).await?;
        Ok(found.is_some())
    }

    /// A page of at most `most` payments of a queue that are due at `now`, longest due first over all its partitions, after
    /// a position.
    pub async fn due_payments(
        &self,
        lane: Lane,
        now: Moment,
        after: Option<&str>,
        most: usize,
    ) -> Result<Vec<DueEntry<PaymentId>>, Failure> {
        let queries = (0..CHECK_SHARDS).map(|shard| {
            let query = self
                .query_of(&self.tables.payments)
                .index_name(BY_NEXT_CHECK)
                .key_condition_expression("look_pk = :pk AND look_sk BETWEEN :start AND :end")
                .expression_attribute_values(":pk", string(lane.check_pk(shard)))
                // `!` sorts before every digit and letter: the range begins after this position.
                .expression_attribute_values(
                    ":start",
                    string(after.map_or("0".to_owned(), |place| format!("{place}!"))),
                )
                // `~` sorts after `#`, so payments that are due in this millisecond are included.
                .expression_attribute_values(":end", string(format!("{}~", due_index::time(now))))
                .limit(i32::try_from(most).unwrap_or(i32::MAX));
            self.query(query)
        });
        let pages = try_join_all(queries).await?;
        let due = pages.iter().flat_map(|page| &page.items).filter_map(|item| {
            let id = PaymentId::parse(text(item, "pk")?.strip_prefix("PAYMENT#")?)?;
            Some(DueEntry { place: text(item, "look_sk")?.to_owned(), entry: id })
        });
        let mut due: Vec<DueEntry<PaymentId>> = due.collect();
        due.sort_by(|one, other| one.place.cmp(&other.place));
        due.truncate(most);
        Ok(due)
    }

    /// The end of the provider's pause for this queue, if it has one.
    pub async fn paused_until(&self, lane: Lane) -> Result<Option<Moment>, Failure> {
        let item = self.get(&self.tables.payments, &lane.pause_pk(), META, true).await?;
        item.map(|item| from_item::<PauseItem>(item).map(|pause| pause.until)).transpose()
    }

    /// Pauses this queue until then.
    pub async fn pause_provider(&self, lane: Lane, until: Moment) -> Result<(), Failure> {
        let item = PauseItem { pk: lane.pause_pk(), sk: META.to_owned(), until };
        self.save_alone(&self.tables.payments, &item).await
    }

    /// A page of the admins' payment tasks that pass the filter, latest first. A page reads at most
    /// [`TASKS_PER_PAGE_MAX`] tasks: it may be short, and the next one goes on.
    pub async fn list_payment_tasks(&self, filter: TaskFilter, page: &PageQuery) -> Result<Page<KeptTask>, Failure> {
        let mut after = page.cursor.as_deref().map(|text| cursor::decode(text, is_task_sk)).transpose()?;
        let (mut items, mut read) = (Vec::new(), 0);
        loop {
            let query = self
                .tasks(page.limit.get())
                .set_exclusive_start_key(after.take().map(|sk| key(TASKS, &sk)))
                .consistent_read(true);
            let found = self.query(query).await?;
            read += found.items.len();
            let last = found.last_key.as_ref().and_then(|key| text(key, "sk")).map(str::to_owned);
            for item in found.items {
                let kept = read_task(item)?;
                if filter.matches(&kept) {
                    items.push(kept);
                }
            }
            let has_more = items.len() > page.limit.get();
            if has_more || last.is_none() || read >= TASKS_PER_PAGE_MAX {
                items.truncate(page.limit.get());
                let position = if has_more { items.last().map(|kept| kept.id.replace('.', "#")) } else { last };
                return Ok(Page { items, next_cursor: position.as_deref().map(cursor::encode) });
            }
            after = last;
        }
    }

    /// The query of the latest tasks.
    fn tasks(&self, most: usize) -> QueryFluentBuilder {
        self.query_of(&self.tables.payments)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", string(TASKS))
            .scan_index_forward(false)
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
    }

    /// The number of tasks among the latest `most` that are not done. An eventually consistent read, for display.
    pub async fn count_open_tasks(&self, most: usize) -> Result<usize, Failure> {
        let tasks =
            self.query(self.tasks(most)).await?.items.into_iter().map(read_task).collect::<Result<Vec<_>, _>>()?;
        Ok(tasks.iter().filter(|task| !task.is_done()).count())
    }

    /// # Errors
    /// [`Refusal::PaymentTaskNotFound`].
    pub async fn load_payment_task(&self, id: &str) -> Result<KeptTask, Failure> {
        let sk = Some(id.replace('.', "#")).filter(|sk| is_task_sk(sk)).ok_or(Refusal::PaymentTaskNotFound)?;
        let item = self.get(&self.tables.payments, TASKS, &sk, true).await?;
        read_task(item.ok_or(Refusal::PaymentTaskNotFound)?)
    }
}

/// Whether a text is a position in the list of tasks: a time and an id.
fn is_task_sk(text: &str) -> bool {
    due_index::is_position(text, |id| RecordId::parse(id).is_some())
}

impl Tx<'_> {
    pub fn insert_payment(&mut self, payment: &Payment) -> Result<(), Failure> {
        let table = self.tables().payments.clone();
        let put = put(&table, &PaymentItem::from(payment))?.condition_expression("attribute_not_exists(pk)");
        self.put(put)?.own();
        Ok(())
    }

    /// Saves a changed payment, on condition of the version that was read.
    pub fn save_payment(&mut self, payment: &Payment) -> Result<(), Failure> {
        let table = self.tables().payments.clone();
        let save = save(&table, &PaymentItem::from(payment))?
            .condition_expression("version = :before")
            .expression_attribute_values(":before", number(payment.version - 1));
        self.update(save)?.or_stale();
        Ok(())
    }

    /// Records the payment of a new trade number.
    pub fn insert_trade(&mut self, trade_no: &str, payment: PaymentId) -> Result<(), Failure> {
        let item = TradeItem { pk: trade_pk(trade_no), sk: META.to_owned(), payment_id: payment };
        let table = self.tables().payments.clone();
        self.put(put(&table, &item)?.condition_expression("attribute_not_exists(pk)"))?.own();
        Ok(())
    }

    /// Moves a trade to another payment of the same purpose, because its money was paid twice.
    pub fn move_trade(&mut self, trade_no: &str, from: PaymentId, to: PaymentId) -> Result<(), Failure> {
        let item = TradeItem { pk: trade_pk(trade_no), sk: META.to_owned(), payment_id: to };
        let table = self.tables().payments.clone();
        let save = save(&table, &item)?
            .condition_expression("payment_id = :from")
            .expression_attribute_values(":from", string(from.to_string()));
        self.update(save)?.or_stale();
        Ok(())
    }

    /// Records a provider's event, once.
    pub fn insert_provider_event(&mut self, payment: PaymentId, event: &ProviderEvent) -> Result<(), Failure> {
        let item = EventItem { pk: payment_pk(payment), sk: event_sk(event), event };
        let table = self.tables().payments.clone();
        self.put(put(&table, &item)?.condition_expression("attribute_not_exists(pk)"))?.or_stale();
        Ok(())
    }

    /// Adds a task for the admins; at most one per transaction.
    pub fn insert_task(&mut self, task: &Task) -> Result<(), Failure> {
        let sk = format!("{}#{}", due_index::time(self.now()), self.record());
        let item = TaskItem { pk: TASKS.to_owned(), sk, task: task.clone(), done: None };
        let table = self.tables().payments.clone();
        self.put(put(&table, &item)?.condition_expression("attribute_not_exists(pk)"))?.own();
        Ok(())
    }

    /// Marks a task as done, once.
    pub fn finish_task(&mut self, id: &str, done: &Done) -> Result<(), Failure> {
        let done = serde_dynamo::to_attribute_value(done).map_err(Failure::broken)?;
        let finish = update(&self.tables().payments, TASKS, &id.replace('.', "#"))
            .update_expression("SET done = :done")
            .condition_expression("attribute_exists(pk) AND attribute_not_exists(done)")
            .expression_attribute_values(":done", done);
        self.update(finish)?.or(Refusal::PaymentTaskDone);
        Ok(())
    }

    /// Parks a message that matches no payment as a task, once for all of its repetitions within a day. `message`
    /// identifies it.
    pub fn park(&mut self, task: &Task, message: &str) -> Result<(), Failure> {
        let pk = format!("PARKED#{}#{}#{}#{message}", task.method.as_str(), task.kind.as_str(), task.why);
        let (table, now) = (self.tables().payments.clone(), self.now());
        let expires_at = now.checked_add(PARKED_KEEP).unwrap_or(Moment::MAX).as_second();
        let item = ParkedItem { pk, sk: META, expires_at };
        // DynamoDB deletes expired items late.
        let put = put(&table, &item)?
            .condition_expression("attribute_not_exists(pk) OR expires_at <= :now")
            .expression_attribute_values(":now", number(now.as_second()));
        self.put(put)?.own();
        self.insert_task(task)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_task_position_is_refused() {
        assert!(is_task_sk("1764000000000#019aa3f5-9c00-7abc-8def-0123456789a0"));
        for bad in ["", "1764000000000", "x764000000000#019aa3f5-9c00-7abc-8def-0123456789ab", "1764000000000#x"] {
            assert!(!is_task_sk(bad), "{bad}");
        }
    }
}
