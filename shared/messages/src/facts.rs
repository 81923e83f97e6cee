//! Facts about an order or a batch for messages, formatted for readers.

use domain::Moment;
use domain::money::{Cents, Currency};
use domain::notification::Threshold;
use domain::order::{Order, OrderStatus};
use domain::shipment::Way;
use jiff::tz::TimeZone;

/// Facts as text. A fact that does not apply is empty.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The shop's name.
    pub shop: String,
    /// The shop's time zone, in which times are formatted.
    pub timezone: String,
    /// The order's number.
    pub order_no: String,
    /// The recipient of the goods.
    pub name: String,
    /// The order's lines, one per line of text.
    pub goods: String,
    /// The total.
    pub total: String,
    /// The payment deadline.
    pub pay_before: String,
    /// The reason, where there is one.
    pub reason: String,
    /// Whether a refund follows.
    pub was_paid: bool,
    /// The carrier.
    pub carrier: String,
    /// The tracking number.
    pub tracking_no: String,
    /// Place and time of the pickup.
    pub pickup_info: String,
    /// The product's name.
    pub product: String,
    /// The batch.
    pub batch_id: String,
    /// The reserved quantity.
    pub reserved_qty: String,
    /// The threshold.
    pub threshold_qty: String,
}

impl Facts {
    /// The facts of an order in its current state.
    pub fn of_order(shop: &str, timezone: &TimeZone, order: &Order) -> Self {
        let lines = order.lines.iter().map(|line| format!("{} × {}", line.name, line.quantity.get()));
        let (carrier, tracking_no, pickup_info) = match order.shipment.as_ref().map(|shipment| &shipment.way) {
            Some(Way::Parcel { carrier, tracking_no }) => (carrier.to_string(), tracking_no.to_string(), String::new()),
            Some(Way::Pickup { pickup_info }) => (String::new(), String::new(), pickup_info.to_string()),
            None => Default::default(),
        };
        Self {
            shop: shop.to_owned(),
            timezone: timezone.iana_name().unwrap_or("UTC").to_owned(),
            order_no: order.number().to_string(),
            name: order.contact.name.to_string(),
            goods: lines.collect::<Vec<_>>().join("\n"),
            total: money(order.total(), order.currency),
            pay_before: order.pay_before.map(|at| time(at, timezone)).unwrap_or_default(),
            reason: canceled_because(order).unwrap_or_default().to_owned(),
            was_paid: order.payment.is_some() && order.total() > Cents::ZERO,
            carrier,
            tracking_no,
            pickup_info,
            ..Self::default()
        }
    }

    /// The facts of a batch that can be confirmed.
    pub fn of_threshold(shop: &str, product: &str, threshold: &Threshold) -> Self {
        Self {
            shop: shop.to_owned(),
            product: product.to_owned(),
            batch_id: threshold.batch_id.to_string(),
            reserved_qty: threshold.reserved_qty.to_string(),
            threshold_qty: threshold.threshold_qty.to_string(),
            ..Self::default()
        }
    }
}

/// The reason of the cancellation, regardless of later changes such as the refund.
fn canceled_because(order: &Order) -> Option<&str> {
    let step = order.history.iter().rev().find(|step| step.status == OrderStatus::Canceled)?;
    step.reason.as_deref()
}

/// `TWD 1,200`, or `TWD 1,200.50` where there are decimals.
fn money(amount: Cents, currency: Currency) -> String {
    let (whole, rest) = (amount.get() / 100, amount.get() % 100);
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if rest == 0 { format!("{currency} {grouped}") } else { format!("{currency} {grouped}.{rest:02}") }
}

/// In minutes, in the shop's time zone.
fn time(at: Moment, timezone: &TimeZone) -> String {
    at.to_zoned(timezone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_times_are_written_as_people_read_them() {
        let twd = Currency::parse("TWD").unwrap();
        for (cents, text) in [(0, "TWD 0"), (99_900, "TWD 999"), (120_000_050, "TWD 1,200,000.50"), (5, "TWD 0.05")] {
            assert_eq!(money(Cents::new(cents), twd), text);
        }
        let taipei = TimeZone::get("Asia/Taipei").unwrap();
        assert_eq!(time("2026-12-05T16:00:00Z".parse().unwrap(), &taipei), "2026-12-06 00:00");
    }
}
