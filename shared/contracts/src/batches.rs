//! Bodies of the batch routes.

use domain::Invalid;
use domain::batch::{Batch, Notes, Plan, Schedule};
use domain::counter::{Counter, shown};
use domain::offer::PAYMENT_WINDOW_HOURS_MAX;
use domain::order::{Funnel, Stage};
use domain::text::Reason;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `POST /admin/batches/{batch_id}/confirm`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfirmBatch {
    /// The first day of production, `YYYY-MM-DD`; by default today plus the offer's `lead_days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_production_date: Option<String>,
    /// The day of shipping; by default the production day plus the offer's `ship_days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_ship_date: Option<String>,
    /// The payment window, 1 to 720 hours; by default the offer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 720))]
    pub payment_window_hours: Option<i64>,
    /// At most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub notes: Option<String>,
}

/// `PUT /admin/batches/{batch_id}/schedule`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleBatch {
    /// The first day of production, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_production_date: Option<String>,
    /// The day of shipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_ship_date: Option<String>,
    /// At most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 500))]
    pub notes: Option<String>,
}

/// `POST /admin/batches/{batch_id}/cancel`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CancelBatch {
    /// The reason, 1 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reason: String,
}

fn parse_date(field: &str, text: Option<&String>, wrong: &mut Invalid) -> Option<Date> {
    // Dates only: `jiff` would also parse the date part of a date with a time.
    let parse = |text: &str| text.parse::<Date>().ok().filter(|date| date.to_string() == text);
    let parsed = text.map(|text| parse(text).ok_or_else(|| Invalid::field(field, "must be a date such as 2027-01-31")));
    parsed.and_then(|parsed| wrong.check(parsed))
}

fn parse_plan(
    production: Option<&String>,
    ship: Option<&String>,
    hours: Option<i64>,
    notes: Option<&String>,
) -> Result<Plan, Invalid> {
    let mut wrong = Invalid::default();
    let payment_window_hours = hours.and_then(|hours| {
        let parsed = u16::try_from(hours).ok().filter(|hours| (1..=PAYMENT_WINDOW_HOURS_MAX).contains(hours));
        let message = format!("must be a whole number from 1 to {PAYMENT_WINDOW_HOURS_MAX}");
        wrong.check(parsed.ok_or_else(|| Invalid::field("payment_window_hours", message)))
    });
    let plan = Plan {
        planned_production_date: parse_date("planned_production_date", production, &mut wrong),
        planned_ship_date: parse_date("planned_ship_date", ship, &mut wrong),
        payment_window_hours,
        notes: notes.and_then(|notes| wrong.check(Notes::parse("notes", notes))),
    };
    wrong.into_result(Some(plan))
}

impl ConfirmBatch {
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self) -> Result<Plan, Invalid> {
        let (production, ship) = (self.planned_production_date.as_ref(), self.planned_ship_date.as_ref());
        parse_plan(production, ship, self.payment_window_hours, self.notes.as_ref())
    }
}

impl ScheduleBatch {
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self) -> Result<Plan, Invalid> {
        let (production, ship) = (self.planned_production_date.as_ref(), self.planned_ship_date.as_ref());
        parse_plan(production, ship, None, self.notes.as_ref())
    }
}

impl CancelBatch {
    /// # Errors
    /// [`Invalid`] for `reason` when it is not a line of text.
    pub fn parse(&self) -> Result<Reason, Invalid> {
        Reason::parse("reason", &self.reason)
    }
}

/// The planned dates of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleView {
    /// The first day of production.
    pub planned_production_date: String,
    /// The day of shipping.
    pub planned_ship_date: String,
    /// An admin's notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// The progress of the work on a batch's orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProgressView {
    /// `REQUEST_PAYMENTS`, `ABANDON` or `SCHEDULE_SHIPPING`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::BatchWork))]
    pub work: String,
    /// Orders that were processed.
    pub orders_count: u64,
    /// Whether all orders were processed.
    pub is_done: bool,
}

/// A number of orders, and of the pieces in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StageView {
    /// Orders.
    pub orders: u64,
    /// The pieces in all lines of these orders.
    pub pieces: u64,
}

/// The number of orders of a batch that reached each stage. A shipped order is also counted as reserved, requested and
/// paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FunnelView {
    /// Orders that were ever reserved.
    pub reserved: StageView,
    /// Orders for which payment was requested.
    pub asked: StageView,
    /// Orders that were ever paid, including refunded ones.
    pub paid: StageView,
    /// Orders that expired unpaid.
    pub expired: StageView,
    /// Orders that were canceled or failed.
    pub canceled: StageView,
    /// Orders that are shipped.
    pub shipped: StageView,
}

impl From<Stage> for StageView {
    fn from(stage: Stage) -> Self {
        Self { orders: stage.orders, pieces: stage.pieces }
    }
}

impl From<Funnel> for FunnelView {
    fn from(funnel: Funnel) -> Self {
        Self {
            reserved: funnel.reserved.into(),
            asked: funnel.asked.into(),
            paid: funnel.paid.into(),
            expired: funnel.expired.into(),
            canceled: funnel.canceled.into(),
            shipped: funnel.shipped.into(),
        }
    }
}

/// A production run of one offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchView {
    /// The id.
    pub batch_id: String,
    /// The sell window.
    pub sell_window_id: String,
    /// The product.
    pub product_id: String,
    /// `CREATED`, `CONFIRMED` or `CANCELED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::BatchStatus))]
    pub status: String,
    /// The reserved quantity at confirmation; before that, when the threshold was reached.
    pub target_qty: i64,
    /// The reserved quantity, in pieces.
    pub reserved_qty: i64,
    /// The quantity that is reserved, and neither paid nor released.
    pub waiting_qty: i64,
    /// The paid quantity, in pieces.
    pub paid_qty: i64,
    /// The offer's status.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::CounterStatus))]
    pub offer_status: String,
    /// The planned dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleView>,
    /// The payment deadline of its orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_before: Option<Timestamp>,
    /// The reason for the cancellation; absent unless the batch is canceled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The progress of the work on its orders.
    pub progress: Vec<ProgressView>,
    /// The number of orders per stage; present only in the response for a single batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funnel: Option<FunnelView>,
    /// The time at which the threshold was reached.
    pub created_at: Timestamp,
    /// The time of the confirmation; absent before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

impl From<&Schedule> for ScheduleView {
    fn from(schedule: &Schedule) -> Self {
        Self {
            planned_production_date: schedule.planned_production_date.to_string(),
            planned_ship_date: schedule.planned_ship_date.to_string(),
            notes: schedule.notes.as_ref().map(|notes| notes.as_str().to_owned()),
        }
    }
}

impl BatchView {
    /// A batch with its counter and the progress of the work on its orders.
    pub fn new(batch: &Batch, counter: &Counter, progress: Vec<ProgressView>) -> Self {
        let offer = batch.id.offer();
        Self {
            batch_id: batch.id.to_string(),
            sell_window_id: offer.window.to_string(),
            product_id: offer.product.to_string(),
            status: batch.status.as_str().to_owned(),
            target_qty: batch.target,
            reserved_qty: shown(counter.reserved),
            waiting_qty: shown(counter.waiting),
            paid_qty: shown(counter.paid),
            offer_status: counter.status.as_str().to_owned(),
            schedule: batch.schedule.as_ref().map(ScheduleView::from),
            pay_before: batch.pay_before,
            reason: batch.reason.clone(),
            progress,
            funnel: None,
            created_at: batch.created_at,
            confirmed_at: batch.confirmed_at,
            updated_at: batch.updated_at,
        }
    }
}
