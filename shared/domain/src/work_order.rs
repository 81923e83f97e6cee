//! Work orders: the production of one batch, step by step.

use crate::batch::{Batch, BatchStatus};
use crate::counter::{Counter, CounterStatus};
use crate::id::{BatchId, WorkOrderId};
use crate::offer::StepName;
use crate::text::{Line, Passage, Reason};
use crate::{Invalid, Moment, Refusal, enum_text};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The name of the person who works on it.
pub type Operator = Line<60>;
/// Notes about a step.
pub type StepNotes = Passage<500>;

/// The status of a work order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum WorkOrderStatus {
    /// Opened when the batch was confirmed. It can start when the payment window has ended.
    Ready,
    /// In production.
    InProgress,
    /// Produced.
    Done,
    /// Will not be produced.
    Failed,
}

impl WorkOrderStatus {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// # Errors
    /// [`Invalid`] for `field` when `text` is not one of the values.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        enum_text::parse(field, text)
    }
}

/// The status of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum StepStatus {
    Todo,
    Doing,
    Done,
}

impl StepStatus {
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// # Errors
    /// [`Invalid`] for `field` when `text` is not one of the values.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        enum_text::parse(field, text)
    }
}

/// One step of a work order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkStep {
    pub step_name: StepName,
    pub status: StepStatus,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<StepNotes>,
}

/// The production of one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkOrder {
    /// Derived from the offer's id.
    pub id: WorkOrderId,
    pub status: WorkOrderStatus,
    /// Pieces to produce: the batch's target; from the start of production on, the paid quantity.
    pub quantity: i64,
    pub operator: Option<Operator>,
    /// In order.
    pub steps: Vec<WorkStep>,
    pub start_at: Option<Moment>,
    /// The time at which production was completed or failed.
    pub end_at: Option<Moment>,
    /// The reason for the failure.
    pub reason: Option<String>,
    pub created_at: Moment,
    pub updated_at: Moment,
    /// Incremented by every change. A write is conditional on the version that the decision was based on (optimistic
    /// locking).
    pub version: u64,
}

impl WorkOrder {
    /// Opens the work order of a confirmed batch. It is FAILED at once when the batch was canceled in the meantime.
    pub fn open(batch: &Batch, steps: &[StepName], now: Moment) -> Self {
        let steps = steps
            .iter()
            .map(|name| WorkStep { step_name: name.clone(), status: StepStatus::Todo, notes: None })
            .collect();
        let opened = Self {
            id: WorkOrderId::of(batch.id.offer()),
            status: WorkOrderStatus::Ready,
            quantity: batch.target,
            operator: None,
            steps,
            start_at: None,
            end_at: None,
            reason: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        match batch.status {
            BatchStatus::Canceled => {
                Self { status: WorkOrderStatus::Failed, end_at: Some(now), reason: batch.reason.clone(), ..opened }
            }
            BatchStatus::Created | BatchStatus::Confirmed => opened,
        }
    }

    pub const fn batch(&self) -> BatchId {
        BatchId::of(self.id.offer())
    }

    /// Starts production with the paid quantity, and returns the batch, which can no longer be canceled.
    ///
    /// # Errors
    /// [`Refusal::WorkOrderNotStartable`] unless it is READY, its batch is CONFIRMED, and the payment window has ended.
    pub fn start(
        self,
        operator: Operator,
        batch: Batch,
        counter: &Counter,
        now: Moment,
    ) -> Result<(Self, Batch), Refusal> {
        let is_due = counter.status == CounterStatus::Finalized && batch.status == BatchStatus::Confirmed;
        if self.status != WorkOrderStatus::Ready || !is_due {
            return Err(Refusal::WorkOrderNotStartable);
        }
        let started = Self {
            status: WorkOrderStatus::InProgress,
            quantity: counter.paid,
            operator: Some(operator),
            start_at: Some(now),
            ..self.next(now)
        };
        Ok((started, Batch { production_started_at: Some(now), ..batch.next(now) }))
    }

    /// Sets the status of step `n` (from 1). Absent notes do not change.
    ///
    /// # Errors
    /// [`Refusal::WorkOrderNotInProgress`], [`Refusal::WorkStepNotFound`].
    pub fn update_step(
        self,
        n: usize,
        status: StepStatus,
        notes: Option<StepNotes>,
        now: Moment,
    ) -> Result<Self, Refusal> {
        if self.status != WorkOrderStatus::InProgress {
            return Err(Refusal::WorkOrderNotInProgress);
        }
        let mut next = self.next(now);
        let step = n.checked_sub(1).and_then(|n| next.steps.get_mut(n)).ok_or(Refusal::WorkStepNotFound)?;
        step.status = status;
        step.notes = notes.or_else(|| step.notes.take());
        Ok(next)
    }

    /// Completes the work order.
    ///
    /// # Errors
    /// [`Refusal::WorkOrderNotInProgress`], [`Refusal::WorkOrderNotFinished`] while a step is not done.
    pub fn complete(self, now: Moment) -> Result<Self, Refusal> {
        if self.status != WorkOrderStatus::InProgress {
            return Err(Refusal::WorkOrderNotInProgress);
        }
        if self.steps.iter().any(|step| step.status != StepStatus::Done) {
            return Err(Refusal::WorkOrderNotFinished);
        }
        Ok(Self { status: WorkOrderStatus::Done, end_at: Some(now), ..self.next(now) })
    }

    /// Fails the work order in progress: its orders fail and are refunded. Before it starts, the batch is canceled
    /// instead.
    ///
    /// # Errors
    /// [`Refusal::WorkOrderNotInProgress`].
    pub fn fail(self, reason: &Reason, now: Moment) -> Result<Self, Refusal> {
        if self.status != WorkOrderStatus::InProgress {
            return Err(Refusal::WorkOrderNotInProgress);
        }
        Ok(self.end(reason.as_str(), now))
    }

    /// Fails the work order of a canceled batch before it starts. `None` when it has ended or started.
    pub fn drop_ready(self, reason: &str, now: Moment) -> Option<Self> {
        (self.status == WorkOrderStatus::Ready).then(|| self.end(reason, now))
    }

    fn end(self, reason: &str, now: Moment) -> Self {
        let reason = Some(reason.to_owned());
        Self { status: WorkOrderStatus::Failed, end_at: Some(now), reason, ..self.next(now) }
    }

    fn next(self, now: Moment) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counter::tests::counter;

    const NOW: &str = "2026-11-21T12:00:00Z";

    fn now() -> Moment {
        NOW.parse().unwrap()
    }

    fn batch(status: BatchStatus) -> Batch {
        Batch { status, ..Batch::create(&Counter { reserved: 12, ..counter(CounterStatus::Reached) }, now()) }
    }

    fn opened() -> WorkOrder {
        let steps = ["sew", "pack"].map(|name| StepName::parse("steps", name).unwrap());
        WorkOrder::open(&batch(BatchStatus::Confirmed), &steps, now())
    }

    fn start(
        order: WorkOrder,
        batch_status: BatchStatus,
        status: CounterStatus,
    ) -> Result<(WorkOrder, Batch), Refusal> {
        let counter = Counter { paid: 10, ..counter(status) };
        order.start(Operator::parse("operator", "Wei").unwrap(), batch(batch_status), &counter, now())
    }

    fn started() -> WorkOrder {
        start(opened(), BatchStatus::Confirmed, CounterStatus::Finalized).unwrap().0
    }

    #[test]
    fn a_work_order_starts_once_its_payment_window_is_over_for_what_was_paid() {
        assert_eq!((opened().status, opened().quantity), (WorkOrderStatus::Ready, 12));
        for &status in CounterStatus::ALL {
            let can = start(opened(), BatchStatus::Confirmed, status).is_ok();
            assert_eq!(can, status == CounterStatus::Finalized, "{status:?}");
        }
        let (order, batch) = start(opened(), BatchStatus::Confirmed, CounterStatus::Finalized).unwrap();
        assert_eq!((order.status, order.quantity), (WorkOrderStatus::InProgress, 10));
        assert_eq!(batch.production_started_at, Some(now()));
        assert_eq!((order.start_at, order.operator.as_ref().map(|who| who.as_str())), (Some(now()), Some("Wei")));
        assert_eq!((order.batch(), order.version, batch.version), (batch.id, 2, 2));
        let canceled = start(opened(), BatchStatus::Canceled, CounterStatus::Finalized);
        assert_eq!(canceled, Err(Refusal::WorkOrderNotStartable));
        let again = start(started(), BatchStatus::Confirmed, CounterStatus::Finalized);
        assert_eq!(again, Err(Refusal::WorkOrderNotStartable));
    }

    #[test]
    fn a_work_order_is_done_when_every_step_is() {
        let done = |order: WorkOrder, n| order.update_step(n, StepStatus::Done, None, now());
        assert_eq!(done(opened(), 1), Err(Refusal::WorkOrderNotInProgress));
        assert_eq!(done(started(), 0), Err(Refusal::WorkStepNotFound));
        assert_eq!(done(started(), 3), Err(Refusal::WorkStepNotFound));
        let one = done(started(), 1).unwrap();
        assert_eq!(one.clone().complete(now()), Err(Refusal::WorkOrderNotFinished));
        let finished = done(one, 2).unwrap().complete(now()).unwrap();
        assert_eq!((finished.status, finished.end_at), (WorkOrderStatus::Done, Some(now())));
        assert_eq!(finished.complete(now()), Err(Refusal::WorkOrderNotInProgress));
    }

    #[test]
    fn an_unknown_status_is_refused() {
        for status in WorkOrderStatus::ALL {
            assert_eq!(WorkOrderStatus::parse("status", status.as_str()), Ok(*status));
        }
        let wrong = StepStatus::parse("status", "READY").unwrap_err();
        assert_eq!(wrong.errors()[0].message, "must be one of TODO, DOING, DONE");
    }

    #[test]
    fn absent_step_notes_keep_the_earlier_ones() {
        let notes = StepNotes::parse("notes", "two machines").unwrap();
        let order = started().update_step(1, StepStatus::Doing, Some(notes.clone()), now()).unwrap();
        let later = now().checked_add(jiff::SignedDuration::from_mins(1)).unwrap();
        let order = order.update_step(1, StepStatus::Done, None, later).unwrap();
        assert_eq!(order.steps[0].notes, Some(notes));
        assert_eq!((order.steps[0].status, order.steps[1].status), (StepStatus::Done, StepStatus::Todo));
        assert_eq!((order.version, order.updated_at), (4, later));
    }

    #[test]
    fn a_work_order_fails_in_progress_or_with_its_canceled_batch() {
        let reason = Reason::parse("reason", "fire").unwrap();
        assert_eq!(opened().fail(&reason, now()), Err(Refusal::WorkOrderNotInProgress));
        let failed = started().fail(&reason, now()).unwrap();
        assert_eq!((failed.status, failed.reason.as_deref()), (WorkOrderStatus::Failed, Some("fire")));
        assert_eq!((failed.end_at, failed.version), (Some(now()), 3));
        assert_eq!(opened().drop_ready("no wool", now()).unwrap().status, WorkOrderStatus::Failed);
        assert_eq!(started().drop_ready("no wool", now()), None);
    }

    #[test]
    fn a_work_order_of_a_canceled_batch_fails_with_its_reason() {
        let canceled = Batch { reason: Some("no wool".to_owned()), ..batch(BatchStatus::Canceled) };
        let failed = WorkOrder::open(&canceled, &[], now());
        assert_eq!(
            (failed.status, failed.end_at, failed.reason),
            (WorkOrderStatus::Failed, Some(now()), canceled.reason)
        );
    }
}
