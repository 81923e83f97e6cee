//! The facts that messages contain about an order or a batch, formatted for reading.

use crate::TrackingUrls;
use domain::Moment;
use domain::money::{Cents, Currency};
use domain::notification::{RefundMade, Threshold};
use domain::order::{Actor, Order, OrderStatus};
use domain::payment::PaymentMethod;
use domain::shipment::Way;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The facts, each as text. A fact that does not apply is empty.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// The shop's name.
    pub shop: String,
    /// The shop's time zone, in which times are given.
    pub timezone: String,
    /// The URL of the order, or of the customer's points, on the shop's page.
    pub link: String,
    /// The refunded amount.
    pub refunded: String,
    /// The provider that made the refund; empty for points.
    pub provider: String,
    /// The order number.
    pub order_no: String,
    /// The recipient's name; empty if the name could contain an address.
    pub name: String,
    /// The order lines, one per text line.
    pub goods: String,
    /// The order lines with their prices, one per text line.
    pub bill: String,
    /// The coupon's discount; empty without a coupon.
    pub discount: String,
    /// The delivery method and its fee; empty in a shop without shipping methods.
    pub delivery: String,
    /// The total.
    pub total: String,
    /// The planned shipping day.
    pub ship_date: String,
    /// The URL of the carrier's tracking page.
    pub tracking_url: String,
    /// The payment deadline.
    pub pay_before: String,
    /// The reason of an admin or the shop. A customer's own text is never in a message, because a buyer chooses the address
    /// of the message.
    pub reason: String,
    /// Whether the order ended and its coupon was returned.
    pub coupon_is_back: bool,
    /// Whether the order ended and its coupon is no longer valid.
    pub coupon_is_lost: bool,
    /// Whether a refund follows.
    pub was_paid: bool,
    /// The carrier.
    pub carrier: String,
    /// The carrier's tracking number.
    pub tracking_no: String,
    /// The place and time of the pick-up.
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
    /// The facts about an order, in its current state.
    pub fn of_order(shop: &str, shop_url: &str, timezone: &TimeZone, order: &Order) -> Self {
        let lines = order.lines.iter().map(|line| format!("{} × {}", line.name, line.quantity.get()));
        let bill = order
            .lines
            .iter()
            .map(|line| format!("{} × {}: {}", line.name, line.quantity.get(), money(line.subtotal(), order.currency)));
        let held_until = order.hold_expires_at.filter(|_| order.status == OrderStatus::Reserved);
        let (carrier, tracking_no, pickup_info) = match order.shipment.as_ref().map(|shipment| &shipment.way) {
            Some(Way::Parcel { carrier, tracking_no }) => (carrier.to_string(), tracking_no.to_string(), String::new()),
            Some(Way::Pickup { pickup_info }) => (String::new(), String::new(), pickup_info.to_string()),
            None => Default::default(),
        };
        Self {
            shop: shop.to_owned(),
            timezone: timezone.iana_name().unwrap_or("UTC").to_owned(),
            order_no: order.number.to_string(),
            link: format!("{}/orders/{}", shop_url.trim_end_matches('/'), order.id),
            name: order.contact.as_ref().map(|contact| greeting(&contact.name.to_string())).unwrap_or_default(),
            goods: lines.collect::<Vec<_>>().join("\n"),
            bill: bill.collect::<Vec<_>>().join("\n"),
            discount: Some(order.discount)
                .filter(|discount| *discount > Cents::ZERO)
                .map(|discount| money(discount, order.currency))
                .unwrap_or_default(),
            delivery: order.shipping.as_ref().map_or_else(String::new, |shipping| {
                format!("{}: {}", shipping.name, money(shipping.fee(), order.currency))
            }),
            total: money(order.total(), order.currency),
            pay_before: order.pay_before.or(held_until).map(|at| time(at, timezone)).unwrap_or_default(),
            reason: canceled_because(order).unwrap_or_default().to_owned(),
            coupon_is_back: has_held_coupon(order) && is_coupon_back(order),
            coupon_is_lost: has_held_coupon(order) && !is_coupon_back(order),
            was_paid: order.payment.is_some() && order.total() > Cents::ZERO,
            carrier,
            tracking_no,
            pickup_info,
            ..Self::default()
        }
    }

    /// The facts with a refund.
    #[must_use]
    pub fn with_refund(self, refund: &RefundMade) -> Self {
        let provider = match refund.method {
            PaymentMethod::Points | PaymentMethod::External => "",
            PaymentMethod::Ecpay => "ECPay",
            PaymentMethod::Newebpay => "NewebPay",
            PaymentMethod::LinePay => "LINE Pay",
        };
        Self { refunded: money(refund.refunded_cents, refund.currency), provider: provider.to_owned(), ..self }
    }

    /// The facts with the planned shipping day.
    #[must_use]
    pub fn with_ship_date(self, day: Date) -> Self {
        Self { ship_date: day.to_string(), ..self }
    }

    /// The facts with the carrier's tracking page, if the shop knows its URL.
    #[must_use]
    pub fn with_tracking(self, urls: &TrackingUrls) -> Self {
        let tracking_url = urls.of(&self.carrier, &self.tracking_no).unwrap_or_default();
        Self { tracking_url, ..self }
    }

    /// The facts about a customer's points.
    pub fn of_points(shop: &str, shop_url: &str) -> Self {
        let link = format!("{}/points", shop_url.trim_end_matches('/'));
        Self { shop: shop.to_owned(), link, ..Self::default() }
    }

    /// The facts about a batch that can be confirmed.
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

/// The reason for which an admin or the shop canceled the order, also if later steps, such as a refund, followed.
fn canceled_because(order: &Order) -> Option<&str> {
    let step = order.history.iter().rev().find(|step| step.status == OrderStatus::Canceled)?;
    step.reason.as_deref().filter(|_| step.by.as_ref().is_some_and(|by| *by != Actor::Customer))
}

/// Whether the order has ever held its coupon: an order that was never reserved has not.
fn has_held_coupon(order: &Order) -> bool {
    order.coupon.is_some() && order.history.iter().any(|step| step.status == OrderStatus::Reserved)
}

/// An unpaid order returns its coupon; a paid order returns it while the coupon is valid.
const fn is_coupon_back(order: &Order) -> bool {
    order.payment.is_none() || order.coupon_returned
}

/// The maximum number of characters of a name in a message.
const NAME_CHARS_MAX: usize = 40;

/// A name for the greeting of a message: at most [`NAME_CHARS_MAX`] characters, or empty if it contains what a mail program
/// would turn into a link. A customer chooses both the name and the address of the message.
fn greeting(name: &str) -> String {
    if has_address(name) {
        String::new()
    } else {
        name.chars().take(NAME_CHARS_MAX).collect::<String>().trim().to_owned()
    }
}

/// Whether a text contains a web address, an e-mail address, a phone number, or a domain. The full stops of other scripts
/// separate the labels of a domain, too (UTS 46).
fn has_address(text: &str) -> bool {
    const STOPS: [char; 4] = ['.', '。', '．', '｡'];
    const PHONE_DIGITS_MIN: usize = 6;
    let letters: Vec<char> = text.chars().collect();
    // A dot right between a word and a label of two or more letters: "shop.example", but not "J. R. Smith".
    let is_domain = letters.windows(4).any(|part| {
        let [before, stop, first, second] = part else { return false };
        before.is_alphanumeric() && STOPS.contains(stop) && first.is_alphanumeric() && second.is_alphanumeric()
    });
    let digits = letters.iter().filter(|letter| letter.is_numeric()).count();
    is_domain
        || digits >= PHONE_DIGITS_MIN
        || letters.iter().any(|letter| ['@', '＠', '/', '\\', '：', ':'].contains(letter))
}

/// `TWD 1,200`, or `TWD 1,200.50` if there are cents.
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

/// A time to the minute, in the shop's time zone.
fn time(at: Moment, timezone: &TimeZone) -> String {
    at.to_zoned(timezone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_a_message_is_short_and_holds_no_address() {
        for name in ["Ada", "J. R. R. Tolkien", "王小明", "O'Brien", "محمد", "Anne-Marie 2nd"] {
            assert_eq!(greeting(name), name);
        }
        for address in [
            "evil.example",
            "go to evil.example now",
            "http://evil",
            "evil。com",
            "a@b",
            "wa.me/1",
            "call 0912345678",
            "line: evil",
        ] {
            assert_eq!(greeting(address), "", "{address}");
        }
        assert_eq!(greeting(&"王".repeat(100)).chars().count(), 40);
    }

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
