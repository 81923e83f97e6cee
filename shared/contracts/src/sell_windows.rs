//! Bodies of the sell window routes.

use crate::images::ImageView;
use domain::catalog::Product;
use domain::counter::{Counter, HistoryPoint, shown};
use domain::money::Cents;
use domain::offer::{
    DAYS_MAX, EXTEND_DAYS_DEFAULT, EXTEND_DAYS_MAX, Offer, PAYMENT_WINDOW_HOURS_DEFAULT, PAYMENT_WINDOW_HOURS_MAX,
    QUANTITY_MAX, STEPS_MAX, StepName, Terms, WhenMissed, WhenUnderpaid,
};
use domain::sell_window::{SellWindow, WindowChange, parse_timezone};
use domain::text::Name;
use domain::{Invalid, stock};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// The default production steps.
const STEPS_DEFAULT: [&str; 3] = ["PRODUCE", "CHECK", "PACK"];

/// `POST /admin/sell-windows`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreateSellWindow {
    /// 1 to 100 characters, e.g. `2026_CNY`.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: String,
    /// The start of the window; may be in the past.
    #[serde(deserialize_with = "crate::time::milliseconds")]
    pub start_at: Timestamp,
    /// The end of the window: after `start_at`, at most 366 days after it.
    #[serde(deserialize_with = "crate::time::milliseconds")]
    pub end_at: Timestamp,
    /// An IANA time zone such as `Asia/Taipei`, in which the days of an extension are counted.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 64))]
    pub timezone: String,
}

/// A valid new sell window.
#[derive(Debug, Clone)]
pub struct NewSellWindow {
    /// The name.
    pub name: Name,
    /// The start of the window.
    pub start_at: Timestamp,
    /// The end of the window.
    pub end_at: Timestamp,
    /// The IANA time zone.
    pub timezone: TimeZone,
}

impl CreateSellWindow {
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self) -> Result<NewSellWindow, Invalid> {
        let mut wrong = Invalid::default();
        let name = wrong.check(Name::parse("name", &self.name));
        let timezone = wrong.check(parse_timezone("timezone", &self.timezone));
        let period = wrong.check(SellWindow::check_period(self.start_at, self.end_at));
        let window = name.zip(timezone).zip(period).map(|((name, timezone), ())| NewSellWindow {
            name,
            start_at: self.start_at,
            end_at: self.end_at,
            timezone,
        });
        wrong.into_result(window)
    }
}

/// `PATCH /admin/sell-windows/{sell_window_id}`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateSellWindow {
    /// 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: Option<String>,
    /// The new start; can be changed only before the window has started.
    #[serde(default, deserialize_with = "crate::time::optional_milliseconds", skip_serializing_if = "Option::is_none")]
    pub start_at: Option<Timestamp>,
    /// The new end: not in the past, after `start_at`, at most 366 days after it. It applies to every offer that is still
    /// open, except an extended offer that closes later.
    #[serde(default, deserialize_with = "crate::time::optional_milliseconds", skip_serializing_if = "Option::is_none")]
    pub end_at: Option<Timestamp>,
}

impl UpdateSellWindow {
    /// # Errors
    /// [`Invalid`] for `name`, or for the body when no field is given.
    pub fn parse(&self) -> Result<WindowChange, Invalid> {
        let mut wrong = Invalid::default();
        if self.name.is_none() && self.start_at.is_none() && self.end_at.is_none() {
            wrong.note("", "must change at least one of name, start_at, end_at");
        }
        let name = self.name.as_ref().and_then(|name| wrong.check(Name::parse("name", name)));
        wrong.into_result(Some(WindowChange { name, start_at: self.start_at, end_at: self.end_at }))
    }
}

/// `PUT /admin/sell-windows/{sell_window_id}/offers/{product_id}`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConfigureOffer {
    /// The threshold: the reserved quantity from which it is produced, 1 to 10,000,000.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000))]
    pub threshold_qty: i64,
    /// The capacity, at least the threshold; without it there is no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000))]
    pub max_total_qty: Option<i64>,
    /// Days from confirmation to production, 0 to 365.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 365))]
    pub lead_days: i64,
    /// Days from production to shipping, 0 to 365.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 365))]
    pub ship_days: i64,
    /// Whether orders can be placed.
    pub enabled: bool,
    /// The maximum quantity per customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10_000_000))]
    pub per_customer_max: Option<i64>,
    /// The rule for a window that ends below the threshold: `CANCEL` (default) or `EXTEND` (once).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::WhenMissed>))]
    pub when_missed: Option<String>,
    /// Days of the extension, 1 to 90; default 7. Only with `EXTEND`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 90))]
    pub extend_days: Option<i64>,
    /// The rule for a batch whose paid quantity is below the threshold at the payment deadline: `PROCEED` (default),
    /// `PROCEED_IF_AT_LEAST` or `CANCEL_AND_REFUND`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::WhenUnderpaid>))]
    pub when_underpaid: Option<String>,
    /// Percentage of the threshold, 1 to 100. Required with `PROCEED_IF_AT_LEAST`, and only allowed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100))]
    pub underpaid_min_percent: Option<i64>,
    /// The payment window of a confirmed batch, 1 to 720 hours; default 72.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 720))]
    pub payment_window_hours: Option<i64>,
    /// The production steps in order: 1 to 20 names of 1 to 60 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 20))]
    pub production_steps: Option<Vec<String>>,
    /// The number of capacity shards, 1 to 64; default 1. More shards reduce contention in a rush. It cannot change
    /// later.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 64))]
    pub capacity_shards: Option<i64>,
}

fn whole<T: TryFrom<i64> + PartialOrd + std::fmt::Display + Copy>(
    field: &str,
    number: i64,
    least: T,
    most: T,
) -> Result<T, Invalid> {
    T::try_from(number)
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| Invalid::field(field, format!("must be a whole number from {least} to {most}")))
}

impl ConfigureOffer {
    /// The terms, and the number of shards if it is given.
    ///
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self) -> Result<(Terms, Option<u8>), Invalid> {
        let mut wrong = Invalid::default();
        let quantity = |field: &str, number| whole(field, number, 1, QUANTITY_MAX);
        let threshold_qty = wrong.check(quantity("threshold_qty", self.threshold_qty));
        let max_total_qty = self.max_total_qty.and_then(|number| wrong.check(quantity("max_total_qty", number)));
        let per_customer_max =
            self.per_customer_max.and_then(|number| wrong.check(quantity("per_customer_max", number)));
        let lead_days = wrong.check(whole("lead_days", self.lead_days, 0, DAYS_MAX));
        let ship_days = wrong.check(whole("ship_days", self.ship_days, 0, DAYS_MAX));
        let when_missed = wrong.check(self.when_missed());
        let when_underpaid = wrong.check(self.when_underpaid());
        let hours = self.payment_window_hours.unwrap_or(i64::from(PAYMENT_WINDOW_HOURS_DEFAULT));
        let hours = wrong.check(whole("payment_window_hours", hours, 1, PAYMENT_WINDOW_HOURS_MAX));
        let steps = wrong.check(self.steps());
        let shards =
            self.capacity_shards.and_then(|number| wrong.check(stock::parse_shards("capacity_shards", number)));
        let terms =
            threshold_qty.zip(lead_days.zip(ship_days)).zip(when_missed.zip(when_underpaid)).zip(hours.zip(steps));
        let terms = terms.map(|(((threshold_qty, days), policies), (payment_window_hours, steps))| Terms {
            threshold_qty,
            max_total_qty,
            per_customer_max,
            lead_days: days.0,
            ship_days: days.1,
            enabled: self.enabled,
            when_missed: policies.0,
            when_underpaid: policies.1,
            payment_window_hours,
            steps,
        });
        if let Some(terms) = &terms {
            wrong.check(terms.check());
        }
        Ok((wrong.into_result(terms)?, shards))
    }

    fn when_missed(&self) -> Result<WhenMissed, Invalid> {
        match (self.when_missed.as_deref().unwrap_or("CANCEL"), self.extend_days) {
            ("CANCEL", None) => Ok(WhenMissed::Cancel),
            ("CANCEL", Some(_)) => Err(Invalid::field("extend_days", "is only allowed with when_missed EXTEND")),
            ("EXTEND", days) => {
                let days = days.unwrap_or(i64::from(EXTEND_DAYS_DEFAULT));
                Ok(WhenMissed::Extend { days: whole("extend_days", days, 1, EXTEND_DAYS_MAX)? })
            }
            _ => Err(Invalid::field("when_missed", "must be CANCEL or EXTEND")),
        }
    }

    fn when_underpaid(&self) -> Result<WhenUnderpaid, Invalid> {
        const PERCENT: &str = "underpaid_min_percent";
        match (self.when_underpaid.as_deref().unwrap_or("PROCEED"), self.underpaid_min_percent) {
            ("PROCEED_IF_AT_LEAST", Some(percent)) => {
                Ok(WhenUnderpaid::ProceedIfAtLeast { percent: whole(PERCENT, percent, 1, 100)? })
            }
            ("PROCEED_IF_AT_LEAST", None) => {
                Err(Invalid::field(PERCENT, "is required with when_underpaid PROCEED_IF_AT_LEAST"))
            }
            ("PROCEED" | "CANCEL_AND_REFUND", Some(_)) => {
                Err(Invalid::field(PERCENT, "is only allowed with when_underpaid PROCEED_IF_AT_LEAST"))
            }
            ("PROCEED", None) => Ok(WhenUnderpaid::Proceed),
            ("CANCEL_AND_REFUND", None) => Ok(WhenUnderpaid::CancelAndRefund),
            _ => Err(Invalid::field("when_underpaid", "must be PROCEED, PROCEED_IF_AT_LEAST or CANCEL_AND_REFUND")),
        }
    }

    fn steps(&self) -> Result<Vec<StepName>, Invalid> {
        let default = || STEPS_DEFAULT.iter().map(ToString::to_string).collect();
        let names: Vec<String> = self.production_steps.clone().unwrap_or_else(default);
        if names.is_empty() || names.len() > STEPS_MAX {
            return Err(Invalid::field("production_steps", format!("must have 1 to {STEPS_MAX} names")));
        }
        let mut wrong = Invalid::default();
        let steps = (0..)
            .zip(&names)
            .filter_map(|(n, name): (usize, _)| wrong.check(StepName::parse(&format!("production_steps[{n}]"), name)))
            .collect();
        wrong.into_result(Some(steps))
    }
}

/// An offer, with its reserved and paid quantities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfferView {
    /// The sell window.
    pub sell_window_id: String,
    /// The product.
    pub product_id: String,
    /// The product's name.
    pub name: String,
    /// The product's first image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageView>,
    /// The threshold: the reserved quantity from which it is produced.
    pub threshold_qty: u32,
    /// The capacity, in pieces; absent without a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_total_qty: Option<u32>,
    /// The pieces that can still be reserved; absent without a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places_left: Option<i64>,
    /// The lowest price of a variant that can be ordered, in the currency's minor unit, where one window is read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_from_cents: Option<i64>,
    /// The maximum quantity per customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_customer_max: Option<u32>,
    /// Days from confirmation to the start of production.
    pub lead_days: u16,
    /// Days from production to shipping.
    pub ship_days: u16,
    /// Whether orders can be placed.
    pub enabled: bool,
    /// The rule for a window that ends below the threshold.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::WhenMissed))]
    pub when_missed: String,
    /// The length of the extension, in days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extend_days: Option<u16>,
    /// The rule for a batch whose paid quantity is below the threshold at the payment deadline.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::WhenUnderpaid))]
    pub when_underpaid: String,
    /// The minimum paid quantity, in percent of the threshold; only with `PROCEED_IF_AT_LEAST`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub underpaid_min_percent: Option<u8>,
    /// The payment window of a confirmed batch, in hours.
    pub payment_window_hours: u16,
    /// The production steps, in order.
    pub production_steps: Vec<String>,
    /// The number of shards of the capacity.
    pub capacity_shards: u8,
    /// The time from which the offer accepts no more orders.
    pub closes_at: Timestamp,
    /// Whether it was extended.
    pub extended: bool,
    /// The status: `OPEN`, `REACHED`, `LOCKED`, `FINALIZED` or `MISSED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::CounterStatus))]
    pub status: String,
    /// The reserved quantity, in pieces.
    pub reserved_qty: i64,
    /// The paid quantity, in pieces.
    pub paid_qty: i64,
    /// The reserved quantity in percent of the threshold, rounded down.
    pub reserved_percent: i64,
    /// The paid quantity in percent of the threshold, rounded down.
    pub paid_percent: i64,
}

impl OfferView {
    /// An offer, with its product's name and image.
    pub fn new(offer: &Offer, counter: &Counter, product: &Product) -> Self {
        let terms = &offer.terms;
        let (when_missed, extend_days) = match terms.when_missed {
            WhenMissed::Cancel => ("CANCEL", None),
            WhenMissed::Extend { days } => ("EXTEND", Some(days)),
        };
        let (when_underpaid, underpaid_min_percent) = match terms.when_underpaid {
            WhenUnderpaid::Proceed => ("PROCEED", None),
            WhenUnderpaid::ProceedIfAtLeast { percent } => ("PROCEED_IF_AT_LEAST", Some(percent)),
            WhenUnderpaid::CancelAndRefund => ("CANCEL_AND_REFUND", None),
        };
        let percent = |pieces: i64| shown(pieces) * 100 / i64::from(counter.threshold.max(1));
        Self {
            sell_window_id: offer.id.window.to_string(),
            product_id: offer.id.product.to_string(),
            name: product.name.to_string(),
            image: product.images.first().map(ImageView::from),
            threshold_qty: terms.threshold_qty,
            max_total_qty: terms.max_total_qty,
            places_left: terms.max_total_qty.map(|most| (i64::from(most) - shown(counter.reserved)).max(0)),
            price_from_cents: None,
            per_customer_max: terms.per_customer_max,
            lead_days: terms.lead_days,
            ship_days: terms.ship_days,
            enabled: terms.enabled,
            when_missed: when_missed.to_owned(),
            extend_days,
            when_underpaid: when_underpaid.to_owned(),
            underpaid_min_percent,
            payment_window_hours: terms.payment_window_hours,
            production_steps: terms.steps.iter().map(ToString::to_string).collect(),
            capacity_shards: offer.capacity_shards,
            closes_at: offer.closes_at,
            extended: offer.extended,
            status: counter.status.as_str().to_owned(),
            reserved_qty: shown(counter.reserved),
            paid_qty: shown(counter.paid),
            reserved_percent: percent(counter.reserved),
            paid_percent: percent(counter.paid),
        }
    }
}

/// A sell window with its offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SellWindowView {
    /// The id.
    pub sell_window_id: String,
    /// The name.
    pub name: String,
    /// The start of the window.
    pub start_at: Timestamp,
    /// The end of the window.
    pub end_at: Timestamp,
    /// The IANA time zone.
    pub timezone: String,
    /// The offers.
    pub offers: Vec<OfferView>,
    /// The time of creation.
    pub created_at: Timestamp,
}

impl SellWindowView {
    /// A sell window with its offers.
    pub fn new(window: &SellWindow, offers: Vec<OfferView>) -> Self {
        Self {
            sell_window_id: window.id.to_string(),
            name: window.name.to_string(),
            start_at: window.start_at,
            end_at: window.end_at,
            timezone: window.timezone.iana_name().unwrap_or("UTC").to_owned(),
            offers,
            created_at: window.created_at,
        }
    }
}

/// The effect on an offer if its sell window ended now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The threshold is reached: an admin can confirm the batch.
    Confirmable,
    /// The threshold is missed: the offer's orders are canceled.
    Canceled,
    /// The offer is extended to this time.
    Extended(Timestamp),
}

/// `GET /admin/sell-windows/{sell_window_id}/forecast`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ForecastView {
    /// Every offer of the window.
    pub offers: Vec<OfferForecastView>,
}

/// The effect on an offer if its sell window ended now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfferForecastView {
    /// The product.
    pub product_id: String,
    /// The product's name.
    pub name: String,
    /// `CONFIRMABLE`, `CANCELED` or `EXTENDED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::ForecastOutcome))]
    pub outcome: String,
    /// The reserved quantity, in pieces.
    pub reserved_qty: i64,
    /// The reserved quantity from which it can be produced.
    pub threshold_qty: u32,
    /// Pieces that are missing to reach the threshold.
    pub missing_qty: i64,
    /// The open orders of the offer.
    pub orders: u64,
    /// The totals of these orders, in the currency's minor unit.
    pub amount_cents: i64,
    /// The end of the extension; present only if the outcome is `EXTENDED`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_until: Option<Timestamp>,
}

impl OfferForecastView {
    /// The outcome of an offer, with the number and the totals of the orders that it concerns.
    pub fn new(counter: &Counter, name: &str, outcome: Outcome, (orders, amount): (u64, Cents)) -> Self {
        let (word, extended_until) = match outcome {
            Outcome::Confirmable => ("CONFIRMABLE", None),
            Outcome::Canceled => ("CANCELED", None),
            Outcome::Extended(until) => ("EXTENDED", Some(until)),
        };
        let reserved_qty = shown(counter.reserved);
        Self {
            product_id: counter.offer.product.to_string(),
            name: name.to_owned(),
            outcome: word.to_owned(),
            reserved_qty,
            threshold_qty: counter.threshold,
            missing_qty: shown(i64::from(counter.threshold) - reserved_qty),
            orders,
            amount_cents: amount.get(),
            extended_until,
        }
    }
}

/// `GET /admin/sell-windows/{sell_window_id}/offers/{product_id}/history`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfferHistoryView {
    /// The hours, and beyond two weeks the days, in which something changed; oldest first.
    pub items: Vec<HistoryPointView>,
}

/// The state of an offer at the end of an hour or a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HistoryPointView {
    /// The end of the hour or day.
    pub at: Timestamp,
    /// The reserved quantity, in pieces.
    pub reserved_qty: i64,
    /// The paid quantity, in pieces.
    pub paid_qty: i64,
}

impl From<HistoryPoint> for HistoryPointView {
    fn from(point: HistoryPoint) -> Self {
        Self { at: point.at, reserved_qty: point.reserved, paid_qty: point.paid }
    }
}
