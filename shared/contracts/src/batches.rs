//! Bodies of the batches' routes.

use domain::Invalid;
use domain::batch::{Batch, Notes, Plan, Schedule};
use domain::counter::{Counter, shown};
use domain::offer::PAYMENT_WINDOW_HOURS_MAX;
use domain::text::Reason;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `POST /admin/batches/{batch_id}/confirm`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfirmBatch {
    /// The day on which production starts, `YYYY-MM-DD`; by default today plus the offer's `lead_days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_production_date: Option<String>,
    /// The day on which it is shipped; by default the production's plus the offer's `ship_days`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_ship_date: Option<String>,
    /// Hours in which the orders can be paid, 1 to 720; by default the offer's.
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
    /// The day on which production starts, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_production_date: Option<String>,
    /// The day on which it is shipped.
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
    /// Why, 1 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reason: String,
}

fn parse_date(field: &str, text: Option<&String>, wrong: &mut Invalid) -> Option<Date> {
    // Dates alone: jiff would read the date out of a date and time too.
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
    /// Names each wrong field.
    pub fn parse(&self) -> Result<Plan, Invalid> {
        let (production, ship) = (self.planned_production_date.as_ref(), self.planned_ship_date.as_ref());
        parse_plan(production, ship, self.payment_window_hours, self.notes.as_ref())
    }
}

impl ScheduleBatch {
    /// # Errors
    /// Names each wrong field.
    pub fn parse(&self) -> Result<Plan, Invalid> {
        let (production, ship) = (self.planned_production_date.as_ref(), self.planned_ship_date.as_ref());
        parse_plan(production, ship, None, self.notes.as_ref())
    }
}

impl CancelBatch {
    /// # Errors
    /// Names `reason` when it is not a line of text.
    pub fn parse(&self) -> Result<Reason, Invalid> {
        Reason::parse("reason", &self.reason)
    }
}

/// When a batch is made and shipped, as planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleView {
    /// The day on which production starts.
    pub planned_production_date: String,
    /// The day on which it is shipped.
    pub planned_ship_date: String,
    /// What an admin noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// How far the shop is in working through a batch's orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProgressView {
    /// `REQUEST_PAYMENTS`, `ABANDON` or `SCHEDULE_SHIPPING`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::BatchWork))]
    pub work: String,
    /// Orders that were worked through so far.
    pub orders_count: u64,
    /// Whether that is all of them.
    pub is_done: bool,
}

/// One production run of one offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BatchView {
    /// Its id.
    pub batch_id: String,
    /// In which window.
    pub sell_window_id: String,
    /// Which product.
    pub product_id: String,
    /// `CREATED`, `CONFIRMED` or `CANCELED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::BatchStatus))]
    pub status: String,
    /// What was reserved when it was confirmed, before that when its threshold was reached.
    pub target_qty: i64,
    /// What is reserved.
    pub reserved_qty: i64,
    /// What is reserved and neither paid nor given back yet.
    pub waiting_qty: i64,
    /// What is paid.
    pub paid_qty: i64,
    /// Where its offer is.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::CounterStatus))]
    pub offer_status: String,
    /// When it is made and shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleView>,
    /// Until when its orders can be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_before: Option<Timestamp>,
    /// Why it was canceled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How far the shop is in working through its orders.
    pub progress: Vec<ProgressView>,
    /// When its threshold was reached.
    pub created_at: Timestamp,
    /// When it was confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// When it last changed.
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
    /// A batch with what its offer's counter says and how far its orders are.
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
            created_at: batch.created_at,
            confirmed_at: batch.confirmed_at,
            updated_at: batch.updated_at,
        }
    }
}
