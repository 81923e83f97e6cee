//! `count_sales`: queue, on events of orders and refunds. Counts the sold and refunded pieces per shop day and product, the
//! totals of each shop day, and the held and used coupons of each campaign.
//!
//! The events of a batch are summed, so that each day, product and campaign is written once; each event is counted once.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::{
    Event, OrderCanceledV1, OrderExpiredV1, OrderFailedV1, OrderPaidV1, OrderRefundedV1, OrderReservedV1,
    PaymentRefundedV1, RawEnvelope, SoldLine,
};
use domain::Moment;
use domain::coupon::Uses;
use domain::daily_sales::DayTotals;
use domain::id::{CouponId, EventId, ProductId};
use domain::payment::PaymentPurpose;
use domain::ranking::Sold;
use jiff::civil::Date;
use runtime::queue::{Failures, Message, guarded};
use std::collections::BTreeMap;
use store::{Rejected, TX_ITEMS_MAX};

pub const MANIFEST: Manifest = Manifest::new(
    Binary::Events,
    "Counts sold and refunded pieces per shop day, and the held and used coupons of each campaign.",
)
.queues(&[Queue::of(&[
    Rule::on(
        "OnOrderPaid",
        &["order.canceled.v1", "order.failed.v1", "order.paid.v1", "order.refunded.v1"],
        "An order was paid, was refunded or canceled, or failed.",
    ),
    Rule::on("OnPaymentRefunded", &["payment.refunded.v1"], "A payment was refunded, in full or in part.")
        .from("millrun.payments")
        .because(
            "An external system's event of this type is only a request to the shop. The shop's own event \
                 follows and is counted.",
        ),
    Rule::on("OnCouponHeld", &["order.reserved.v1", "order.expired.v1"], "An order held or released a coupon.")
        .with_field("coupon_id"),
])
.window_seconds(1)
.concurrency(2, "the minimum: few consumers with full batches write a day's counter less often")
.alarm_on_age(
    "sales wait to be counted",
    "The oldest event in CountSalesQueue is older than ten minutes. Check the errors and throttles of \
         count_sales.",
)])
.grants(&[Grant::Table(Counters, &[PutItem, UpdateItem])])
.alarm_on_dead_letters(
    "sales were not counted",
    "count_sales failed five times on each event in CountSalesDlq: best sellers and daily totals are too low. \
         Find the error in its log by the message's id, fix the cause, and redrive the queue; processing an event \
         twice is harmless.",
);

/// The consumer's name in consumed records.
const CONSUMER: &str = "count_sales";

/// The sums of several events' changes.
#[derive(Debug, Clone, Default)]
struct Sums {
    sold: BTreeMap<(Date, ProductId), i64>,
    days: BTreeMap<Date, DayTotals>,
    coupons: BTreeMap<CouponId, Uses>,
}

impl Sums {
    fn add_lines(&mut self, day: Date, lines: &[SoldLine], sign: i64) {
        for line in lines {
            *self.sold.entry((day, line.product_id)).or_default() += sign * i64::from(line.quantity);
        }
    }

    fn add_day(&mut self, day: Date, totals: DayTotals) {
        let sum = self.days.entry(day).or_default();
        *sum = sum.plus(totals);
    }

    fn add_coupon(&mut self, coupon: Option<CouponId>, uses: Uses) {
        if let Some(coupon) = coupon {
            let sum = self.coupons.entry(coupon).or_default();
            *sum = sum.plus(uses);
        }
    }

    fn add(&mut self, other: &Self) {
        other.sold.iter().for_each(|(key, pieces)| *self.sold.entry(*key).or_default() += pieces);
        other.days.iter().for_each(|(day, totals)| self.add_day(*day, *totals));
        other.coupons.iter().for_each(|(coupon, uses)| self.add_coupon(Some(*coupon), *uses));
    }

    fn writes(&self) -> usize {
        self.sold.len() + self.days.len() + self.coupons.len()
    }
}

/// The change that one event makes.
#[derive(Debug, Clone)]
struct Counted {
    message: String,
    event: EventId,
    sums: Sums,
}

/// Counts the batch as a whole; an unreadable event fails alone.
pub async fn handle(app: &App, messages: Vec<Message>) -> Failures {
    let mut failures = Failures::default();
    let mut events: Vec<Counted> = Vec::new();
    for message in messages {
        match guarded(async { read(app, &message) }).await {
            // The same event twice in one batch would be the same item twice in one transaction. An order that ended
            // without a coupon and without money changes no sum.
            Ok(counted) if counted.sums.writes() == 0 => {}
            Ok(counted) if events.iter().any(|known| known.event == counted.event) => {}
            Ok(counted) => events.push(counted),
            Err(failure) => failures.0.push((message.id, failure)),
        }
    }
    for group in groups(events) {
        let messages: Vec<String> = group.iter().map(|counted| counted.message.clone()).collect();
        if let Err(failure) = guarded(count(app, group)).await {
            let why = runtime::telemetry::Outcome::of(&failure);
            let again = |_: &String| why.error.clone().map_or(Failure::Busy, Failure::broken);
            failures.0.extend(messages.iter().map(|id| (id.clone(), again(id))));
        }
    }
    failures
}

fn read(app: &App, message: &Message) -> Result<Counted, Failure> {
    let event = message.event()?;
    let sums = sums(&event, |at| app.shop().day(at))?;
    Ok(Counted { message: message.id.clone(), event: event.event_id, sums })
}

/// A refund reduces the pieces of the day on which they were sold, and the refunded money of the day of the refund.
fn sums(event: &RawEnvelope, day: impl Fn(Moment) -> Date) -> Result<Sums, Failure> {
    let mut sums = Sums::default();
    match event.event_type.as_str() {
        OrderPaidV1::TYPE => {
            let paid: OrderPaidV1 = event.read().map_err(Failure::broken)?;
            let day = day(paid.paid_at);
            let pieces = paid.lines.iter().map(|line| i64::from(line.quantity)).sum();
            sums.add_lines(day, &paid.lines, 1);
            sums.add_day(day, DayTotals { orders: 1, pieces, revenue: paid.total_cents, ..DayTotals::default() });
            sums.add_coupon(paid.coupon_id, Uses::paid(paid.late));
        }
        OrderRefundedV1::TYPE => {
            let refunded: OrderRefundedV1 = event.read().map_err(Failure::broken)?;
            sums.add_lines(day(refunded.paid_at), &refunded.lines, -1);
        }
        PaymentRefundedV1::TYPE => {
            let refund: PaymentRefundedV1 = event.read().map_err(Failure::broken)?;
            if refund.purpose == PaymentPurpose::Order {
                let totals = DayTotals { refunded: refund.refund_cents, ..DayTotals::default() };
                sums.add_day(day(event.occurred_at), totals);
            }
        }
        OrderReservedV1::TYPE => {
            let reserved: OrderReservedV1 = event.read().map_err(Failure::broken)?;
            sums.add_coupon(reserved.coupon_id, Uses::HELD);
        }
        OrderExpiredV1::TYPE => {
            let expired: OrderExpiredV1 = event.read().map_err(Failure::broken)?;
            sums.add_coupon(expired.coupon_id, Uses::RELEASED);
        }
        OrderCanceledV1::TYPE => {
            let canceled: OrderCanceledV1 = event.read().map_err(Failure::broken)?;
            // An order with total zero has no refund: its pieces are subtracted here.
            if let Some(paid_at) = canceled.free_since {
                sums.add_lines(day(paid_at), &canceled.lines, -1);
            }
            match (canceled.was_paid, canceled.coupon_returned) {
                (false, _) => sums.add_coupon(canceled.coupon_id, Uses::RELEASED),
                (true, true) => sums.add_coupon(canceled.coupon_id, Uses::RETURNED),
                (true, false) => {}
            }
        }
        OrderFailedV1::TYPE => {
            let failed: OrderFailedV1 = event.read().map_err(Failure::broken)?;
            if let Some(paid_at) = failed.free_since {
                sums.add_lines(day(paid_at), &failed.lines, -1);
            }
            // An order that was never reserved never held its coupon.
            if failed.coupon_returned {
                sums.add_coupon(failed.coupon_id, Uses::RETURNED);
            }
        }
        other => return Err(Failure::broken(format!("count_sales received an event of the unexpected type {other}"))),
    }
    Ok(sums)
}

fn fold(events: &[Counted]) -> Sums {
    let mut sums = Sums::default();
    events.iter().for_each(|counted| sums.add(&counted.sums));
    sums
}

/// The number of groups per transaction.
fn groups(events: Vec<Counted>) -> Vec<Vec<Counted>> {
    let mut groups: Vec<Vec<Counted>> = Vec::new();
    for counted in events {
        match groups.last_mut() {
            Some(group) => {
                group.push(counted);
                if group.len() + fold(group).writes() > TX_ITEMS_MAX
                    && let Some(counted) = group.pop()
                {
                    groups.push(vec![counted]);
                }
            }
            None => groups.push(vec![counted]),
        }
    }
    groups
}

/// Counts a group. Events that were counted before are left out, and the others are tried again.
async fn count(app: &App, mut events: Vec<Counted>) -> Result<(), Failure> {
    while !events.is_empty() {
        let mut tx = app.tx()?;
        for counted in &events {
            tx.consume(&app.store.tables().counters, CONSUMER, counted.event)?;
        }
        let sums = fold(&events);
        for ((day, product), quantity) in sums.sold {
            tx.count_sale(day, Sold { product, quantity })?;
        }
        for (day, totals) in sums.days {
            tx.count_day(day, totals)?;
        }
        for (coupon, uses) in sums.coupons {
            tx.count_coupon_uses(coupon, uses)?;
        }
        match tx.commit().await {
            Ok(_) => return Ok(()),
            Err(Rejected::Consumed(consumed)) => events.retain(|counted| !consumed.contains(&counted.event)),
            Err(rejected) => return Err(rejected.into()),
        }
    }
    Ok(())
}
