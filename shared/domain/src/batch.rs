//! Batches: one production run of one offer. The state machine: CREATED when the threshold is reached, CONFIRMED by an
//! admin, or CANCELED.

use crate::counter::{Counter, CounterStatus};
use crate::id::BatchId;
use crate::offer::Offer;
use crate::shop::Shop;
use crate::text::{Passage, Reason};
use crate::{Invalid, Moment, Refusal, enum_text};
use jiff::SignedDuration;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// An admin's notes about a schedule.
pub type Notes = Passage<500>;

/// The status of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum BatchStatus {
    /// The offer's threshold was reached; an admin has to confirm the batch.
    Created,
    /// The batch will be produced.
    Confirmed,
    /// The batch will not be produced; its orders are canceled and refunded.
    #[serde(alias = "CANCELLED")]
    Canceled,
}

impl BatchStatus {
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

/// The work on the orders of a batch, page by page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum BatchWork {
    /// Request the payment of the orders.
    RequestPayments,
    /// Cancel or fail the orders, because the batch will not be produced.
    Abandon,
    /// Schedule the orders' shipping.
    ScheduleShipping,
    /// Notify the customers that production has started.
    TellProductionStarted,
    /// Notify the customers of a later shipping day.
    TellShipDate,
}

impl BatchWork {
    /// The value in API bodies, events and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}

/// The planned production and shipping dates of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The day on which production starts.
    pub planned_production_date: Date,
    /// The day on which the batch is shipped.
    pub planned_ship_date: Date,
    pub notes: Option<Notes>,
}

/// An admin's changes to the schedule. A field that is `None` keeps its value, or gets its default from the offer's
/// terms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    pub planned_production_date: Option<Date>,
    pub planned_ship_date: Option<Date>,
    /// The payment window, in hours.
    pub payment_window_hours: Option<u16>,
    pub notes: Option<Notes>,
}

impl Schedule {
    /// # Errors
    /// [`Invalid`] for `planned_ship_date` when it is before the production date.
    pub fn new(production: Date, ship: Date, notes: Option<Notes>) -> Result<Self, Invalid> {
        if ship < production {
            return Err(Invalid::field("planned_ship_date", "must not be before planned_production_date"));
        }
        Ok(Self { planned_production_date: production, planned_ship_date: ship, notes })
    }
}

/// A production run of one offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Derived from the offer's id, so that an offer has at most one batch.
    pub id: BatchId,
    pub status: BatchStatus,
    /// Pieces to produce: the reserved quantity at confirmation; before that, the reserved quantity when the threshold
    /// was reached.
    pub target: i64,
    pub schedule: Option<Schedule>,
    /// The payment deadline of the batch's orders.
    pub pay_before: Option<Moment>,
    /// The reason for the cancellation.
    pub reason: Option<String>,
    /// The start of production. From then on the batch cannot be canceled.
    pub production_started_at: Option<Moment>,
    /// The time at which the threshold was reached.
    pub created_at: Moment,
    pub confirmed_at: Option<Moment>,
    pub updated_at: Moment,
    /// Incremented by every change. A write is conditional on the version that the decision was based on (optimistic
    /// locking).
    pub version: u64,
}

impl Batch {
    /// Creates the batch of a counter that has just reached its threshold.
    pub const fn create(counter: &Counter, now: Moment) -> Self {
        Self {
            id: BatchId::of(counter.offer),
            status: BatchStatus::Created,
            target: counter.reserved,
            schedule: None,
            pay_before: None,
            reason: None,
            production_started_at: None,
            created_at: now,
            confirmed_at: None,
            updated_at: now,
            version: 1,
        }
    }

    /// Confirms the batch with its schedule and its payment deadline. `Ok(None)` when it is already confirmed.
    ///
    /// # Errors
    /// [`Refusal::BatchNotConfirmable`] when the batch is canceled; [`Refusal::Invalid`] when the dates are in the
    /// wrong order.
    pub fn confirm(
        self,
        plan: &Plan,
        offer: &Offer,
        counter: &Counter,
        shop: &Shop,
        now: Moment,
    ) -> Result<Option<Self>, Refusal> {
        match self.status {
            BatchStatus::Confirmed => return Ok(None),
            BatchStatus::Canceled => return Err(Refusal::BatchNotConfirmable),
            BatchStatus::Created if counter.status != CounterStatus::Reached => {
                return Err(Refusal::BatchNotConfirmable);
            }
            BatchStatus::Created => {}
        }
        let terms = &offer.terms;
        let production = plan.planned_production_date.unwrap_or_else(|| days_after(shop.day(now), terms.lead_days));
        let ship = plan.planned_ship_date.unwrap_or_else(|| days_after(production, terms.ship_days));
        let hours = plan.payment_window_hours.unwrap_or(terms.payment_window_hours);
        let pay_before = now.checked_add(SignedDuration::from_hours(i64::from(hours))).unwrap_or(Moment::MAX);
        Ok(Some(Self {
            status: BatchStatus::Confirmed,
            target: counter.reserved,
            schedule: Some(Schedule::new(production, ship, plan.notes.clone())?),
            pay_before: Some(pay_before),
            confirmed_at: Some(now),
            ..self.next(now)
        }))
    }

    /// Cancels the batch.
    ///
    /// # Errors
    /// [`Refusal::BatchNotCancelable`] when it is already canceled or production has started.
    pub fn cancel(self, reason: &Reason, now: Moment) -> Result<Self, Refusal> {
        if self.status == BatchStatus::Canceled || self.production_started_at.is_some() {
            return Err(Refusal::BatchNotCancelable);
        }
        let reason = Some(reason.as_str().to_owned());
        Ok(Self { status: BatchStatus::Canceled, reason, ..self.next(now) })
    }

    /// Changes the schedule. A field that is missing in the plan keeps its value, or gets its default from the offer's
    /// terms.
    ///
    /// # Errors
    /// [`Refusal::BatchNotSchedulable`] when the batch is canceled; [`Refusal::Invalid`] when the dates are in the
    /// wrong order.
    pub fn reschedule(self, plan: &Plan, offer: &Offer, shop: &Shop, now: Moment) -> Result<Self, Refusal> {
        if self.status == BatchStatus::Canceled {
            return Err(Refusal::BatchNotSchedulable);
        }
        let before = self.schedule.as_ref();
        let production = plan
            .planned_production_date
            .or(before.map(|schedule| schedule.planned_production_date))
            .unwrap_or_else(|| days_after(shop.day(now), offer.terms.lead_days));
        let ship = plan
            .planned_ship_date
            .or(before.map(|schedule| schedule.planned_ship_date))
            .unwrap_or_else(|| days_after(production, offer.terms.ship_days));
        let notes = plan.notes.clone().or_else(|| before.and_then(|schedule| schedule.notes.clone()));
        let schedule = Schedule::new(production, ship, notes)?;
        Ok(Self { schedule: Some(schedule), ..self.next(now) })
    }

    /// The batch with its version incremented.
    #[must_use]
    pub fn next(self, now: Moment) -> Self {
        Self { version: self.version + 1, updated_at: now, ..self }
    }
}

fn days_after(day: Date, days: u16) -> Date {
    day.saturating_add(jiff::Span::new().days(i64::from(days)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counter::tests::counter;
    use crate::offer::tests::offer;
    use crate::shop::tests::shop;

    const NOW: &str = "2026-11-21T12:00:00Z";

    fn reached() -> Counter {
        Counter { reserved: 12, ..counter(CounterStatus::Reached) }
    }

    fn batch() -> Batch {
        Batch::create(&reached(), NOW.parse().unwrap())
    }

    fn confirm(batch: Batch, plan: &Plan, counter: &Counter) -> Result<Option<Batch>, Refusal> {
        batch.confirm(plan, &offer(), counter, &shop(), NOW.parse().unwrap())
    }

    #[test]
    fn a_status_is_parsed_from_its_public_value() {
        for status in [BatchStatus::Created, BatchStatus::Confirmed, BatchStatus::Canceled] {
            assert_eq!(BatchStatus::parse("status", status.as_str()), Ok(status));
        }
        assert!(BatchStatus::parse("status", "created").is_err());
    }

    #[test]
    fn a_confirmed_batch_has_its_dates_from_the_offer_and_its_payment_deadline() {
        let more = Counter { reserved: 15, ..reached() };
        let confirmed = confirm(batch(), &Plan::default(), &more).unwrap().unwrap();
        let schedule = confirmed.schedule.clone().unwrap();
        assert_eq!(schedule.planned_production_date.to_string(), "2026-11-24");
        assert_eq!(schedule.planned_ship_date.to_string(), "2026-12-01");
        assert_eq!(confirmed.pay_before, Some("2026-11-24T12:00:00Z".parse().unwrap()));
        assert_eq!(confirmed.confirmed_at, Some(NOW.parse().unwrap()));
        assert_eq!((confirmed.target, confirmed.version), (15, 2), "what was reserved since counts too");
    }

    #[test]
    fn a_batch_is_confirmed_only_while_its_counter_is_reached() {
        for &status in CounterStatus::ALL {
            let confirmed = confirm(batch(), &Plan::default(), &Counter { status, ..reached() });
            assert_eq!(confirmed.is_ok(), status == CounterStatus::Reached, "{status:?}");
        }
    }

    #[test]
    fn each_change_of_a_batch_is_one_version_on_and_has_its_time() {
        let later: Moment = "2026-11-22T12:00:00Z".parse().unwrap();
        let made = batch();
        assert_eq!((made.version, made.created_at, made.updated_at), (1, NOW.parse().unwrap(), NOW.parse().unwrap()));
        let changed = made.next(later).next(later);
        assert_eq!((changed.version, changed.updated_at, changed.created_at), (3, later, NOW.parse().unwrap()));
    }

    #[test]
    fn an_admins_dates_go_before_the_offers() {
        let plan = Plan { planned_production_date: Some("2027-01-10".parse().unwrap()), ..Plan::default() };
        let schedule = confirm(batch(), &plan, &reached()).unwrap().unwrap().schedule.unwrap();
        assert_eq!(schedule.planned_ship_date.to_string(), "2027-01-17");
        let backwards = Plan { planned_ship_date: Some("2027-01-09".parse().unwrap()), ..plan };
        assert!(matches!(confirm(batch(), &backwards, &reached()), Err(Refusal::Invalid(_))));
    }

    #[test]
    fn confirming_twice_changes_nothing_and_a_canceled_batch_is_not_confirmed() {
        let confirmed = confirm(batch(), &Plan::default(), &reached()).unwrap().unwrap();
        assert_eq!(confirm(confirmed, &Plan::default(), &counter(CounterStatus::Locked)), Ok(None));
        let reason = Reason::parse("reason", "no wool").unwrap();
        let canceled = batch().cancel(&reason, NOW.parse().unwrap()).unwrap();
        assert_eq!(confirm(canceled, &Plan::default(), &reached()), Err(Refusal::BatchNotConfirmable));
    }

    #[test]
    fn a_batch_can_be_canceled_once_and_only_before_production_starts() {
        let now: Moment = NOW.parse().unwrap();
        let reason = Reason::parse("reason", "no wool").unwrap();
        let confirmed = confirm(batch(), &Plan::default(), &reached()).unwrap().unwrap();
        let canceled = confirmed.clone().cancel(&reason, now).unwrap();
        assert_eq!((canceled.status, canceled.reason.as_deref()), (BatchStatus::Canceled, Some("no wool")));
        assert_eq!(canceled.cancel(&reason, now), Err(Refusal::BatchNotCancelable));
        let started = Batch { production_started_at: Some(now), ..confirmed };
        assert_eq!(started.cancel(&reason, now), Err(Refusal::BatchNotCancelable));
    }

    #[test]
    fn a_canceled_batch_has_no_schedule() {
        let reason = Reason::parse("reason", "no wool").unwrap();
        let canceled = batch().cancel(&reason, NOW.parse().unwrap()).unwrap();
        let moved = canceled.reschedule(&Plan::default(), &offer(), &shop(), NOW.parse().unwrap());
        assert_eq!(moved, Err(Refusal::BatchNotSchedulable));
    }

    #[test]
    fn the_default_schedule_follows_from_the_offer() {
        let schedule =
            batch().reschedule(&Plan::default(), &offer(), &shop(), NOW.parse().unwrap()).unwrap().schedule.unwrap();
        assert_eq!(schedule.planned_production_date.to_string(), "2026-11-24");
        assert_eq!(schedule.planned_ship_date.to_string(), "2026-12-01");
    }

    #[test]
    fn a_new_schedule_keeps_absent_fields() {
        let now: Moment = NOW.parse().unwrap();
        let confirmed = confirm(batch(), &Plan::default(), &reached()).unwrap().unwrap();
        let plan = Plan { planned_ship_date: Some("2026-12-24".parse().unwrap()), ..Plan::default() };
        let schedule = confirmed.reschedule(&plan, &offer(), &shop(), now).unwrap().schedule.unwrap();
        assert_eq!(schedule.planned_production_date.to_string(), "2026-11-24");
        assert_eq!(schedule.planned_ship_date.to_string(), "2026-12-24");
    }
}
