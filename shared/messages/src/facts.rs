//! What messages can say about an order or a batch, as people read it.

use domain::Moment;
use domain::money::{Cents, Currency};
use domain::notification::Threshold;
use domain::order::{Order, OrderStatus};
use domain::shipment::Way;
use jiff::tz::TimeZone;

/// Facts, each as text. What does not apply is empty.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The shop's name.
    pub shop: String,
    /// The shop's time zone, in which times are written.
    pub timezone: String,
    /// The order's number.
    pub order_no: String,
    /// Who receives the goods.
    pub name: String,
    /// What was ordered, a line each.
    pub goods: String,
    /// What it costs.
    pub total: String,
    /// Until when it can be paid.
    pub pay_before: String,
    /// Why, where somebody said.
    pub reason: String,
    /// Whether money goes back.
    pub was_paid: bool,
    /// Who carries the parcel.
    pub carrier: String,
    /// The carrier's number for it.
    pub tracking_no: String,
    /// Where and when the goods can be picked up.
    pub pickup_info: String,
    /// The product's name.
    pub product: String,
    /// The batch.
    pub batch_id: String,
    /// What is reserved.
    pub reserved_qty: String,
    /// What was needed.
    pub threshold_qty: String,
}

impl Facts {
    /// Of an order, as it is now.
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
            order_no: order.number.to_string(),
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

    /// Of a batch that can be confirmed.
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

/// Why it was canceled; whatever came after, such as its refund.
fn canceled_because(order: &Order) -> Option<&str> {
    let step = order.history.iter().rev().find(|step| step.status == OrderStatus::Canceled)?;
    step.reason.as_deref()
}

/// `TWD 1,200`, or `TWD 1,200.50` where there is a rest.
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

/// To the minute, in the shop's time zone.
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
