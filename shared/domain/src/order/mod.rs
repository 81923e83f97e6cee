//! Orders: placing, paying, canceling, expiring.

mod later;
mod number;
mod opening;
mod place;
mod status;

pub use number::OrderNo;
pub use opening::Opening;
pub use place::{Placement, place};
pub use status::{OrderKind, OrderStatus};

use crate::contact::Contact;
use crate::coupon::UserCoupon;
use crate::id::{CouponId, CustomerId, OfferId, OrderId, PaymentId, SellWindowId, VariantId};
use crate::money::{Cents, Currency};
use crate::payment::PaymentMethod;
use crate::quantity::Quantity;
use crate::shipment::Shipment;
use crate::stock::Taking;
use crate::text::Reason;
use crate::{Moment, Refusal};
use serde::{Deserialize, Serialize};

/// One line of an order, with its price as it was when ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// Which variant.
    pub variant: VariantId,
    /// What it was called.
    pub name: String,
    /// How many.
    pub quantity: Quantity,
    /// The price of one piece.
    pub unit_price: Cents,
    /// Its part of the order's discount.
    pub discount: Cents,
    /// From which shards its stock was taken, to be given back there. Nothing for a preorder.
    pub takings: Vec<Taking>,
}

impl OrderLine {
    /// Quantity times price, before the discount.
    pub fn subtotal(&self) -> Cents {
        self.unit_price.times(self.quantity.get())
    }
}

/// One step of an order's life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The status it took on.
    pub status: OrderStatus,
    /// When.
    pub at: Moment,
    /// Why, where somebody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Whose it is.
    pub customer: CustomerId,
    /// From stock, or into production.
    pub kind: OrderKind,
    /// Where it is in its life.
    pub status: OrderStatus,
    /// How often it changed; each change is conditional on the version it was decided on.
    pub version: u64,
    /// In which sell window a preorder reserved its place.
    pub window: Option<SellWindowId>,
    /// What was ordered. A preorder's lines are variants of one product.
    pub lines: Vec<OrderLine>,
    /// From which shards a preorder's place in its offer's capacity was taken, to be given back there.
    pub places: Vec<Taking>,
    /// The coupon it holds or used.
    pub coupon: Option<CouponId>,
    /// What the coupon takes off, over all lines.
    pub discount: Cents,
    /// The shop's currency.
    pub currency: Currency,
    /// How the customer means to pay, or paid.
    pub payment_method: Option<PaymentMethod>,
    /// The payment that paid it.
    pub payment: Option<PaymentId>,
    /// What was given back of the money.
    pub refunded: Cents,
    /// Whom to reach.
    pub contact: Contact,
    /// Until when stock and coupon are held for an instant order's payment.
    pub hold_expires_at: Option<Moment>,
    /// Until when a preorder that was asked to pay can be paid.
    pub pay_before: Option<Moment>,
    /// Whether its money came after it had expired or was canceled, and it could be served all the same.
    pub late: bool,
    /// How its goods left the shop.
    pub shipment: Option<Shipment>,
    /// Its life so far, oldest first.
    pub history: Vec<Step>,
    /// When it was placed.
    pub created_at: Moment,
    /// When it last changed.
    pub updated_at: Moment,
}

/// Who cancels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Canceler {
    /// The customer: only what is not paid.
    Customer,
    /// An admin: also what is paid and not shipped.
    Admin,
    /// The shop itself, because the order's batch will not be made: what an admin may.
    Shop,
}

impl Order {
    /// The number that people read to each other.
    pub fn number(&self) -> OrderNo {
        OrderNo::of(self.id)
    }

    /// What the items cost together.
    pub fn items_total(&self) -> Cents {
        self.lines.iter().map(OrderLine::subtotal).sum()
    }

    /// What the customer pays.
    pub fn total(&self) -> Cents {
        self.items_total().minus(self.discount)
    }

    /// Until when it waits for its payment, if it does.
    pub fn deadline(&self) -> Option<Moment> {
        match self.status {
            OrderStatus::Reserved => self.hold_expires_at,
            OrderStatus::PendingPayment => self.pay_before,
            _ => None,
        }
    }

    /// The offer that a preorder reserved a place in.
    pub fn offer(&self) -> Option<OfferId> {
        let product = self.lines.first()?.variant.product();
        Some(OfferId { window: self.window?, product })
    }

    /// Pieces over all lines.
    pub fn quantity(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity.get()).sum()
    }

    /// Whether goods, or places in a batch, are out of the shop's hands for it: held, sold or shipped.
    pub fn has_goods(&self) -> bool {
        let shipped = self.history.iter().any(|step| step.status == OrderStatus::Completed);
        self.status.holds() || self.status.has_money() || shipped
    }

    /// The order, paid in time by `payment`.
    ///
    /// # Errors
    /// [`Refusal::OrderNotPayable`] when it is not waiting for a payment or its hold has ended, swept or not.
    pub fn pay(self, payment: PaymentId, method: PaymentMethod, now: Moment) -> Result<Self, Refusal> {
        if self.deadline().is_none_or(|end| now >= end) {
            return Err(Refusal::OrderNotPayable);
        }
        let paid = self.step(OrderStatus::Paid, now, None).ok_or(Refusal::OrderNotPayable)?;
        Ok(Self { payment: Some(payment), payment_method: Some(method), ..paid })
    }

    /// The order, given up.
    ///
    /// # Errors
    /// [`Refusal::OrderNotCancelable`] when it is not at a point where `by` may cancel.
    pub fn cancel(self, by: Canceler, reason: Option<&Reason>, now: Moment) -> Result<Self, Refusal> {
        let shipped = self.shipment.is_some();
        if shipped || (by == Canceler::Customer && self.status.has_money()) {
            return Err(Refusal::OrderNotCancelable);
        }
        let reason = reason.map(|reason| reason.as_str().to_owned());
        self.step(OrderStatus::Canceled, now, reason).ok_or(Refusal::OrderNotCancelable)
    }

    /// The order, unpaid for too long. `None` when it is not due: paid, canceled, expired before, or still in time.
    pub fn expire(self, now: Moment) -> Option<Self> {
        self.deadline().filter(|end| now >= *end)?;
        self.step(OrderStatus::Expired, now, None)
    }

    /// The preorder, asked to pay before `pay_before` because its batch was confirmed. `None` when it was asked before or
    /// has ended.
    pub fn ask_to_pay(self, pay_before: Moment, now: Moment) -> Option<Self> {
        let asked = self.step(OrderStatus::PendingPayment, now, None)?;
        Some(Self { pay_before: Some(pay_before), ..asked })
    }

    /// The order, waiting to be shipped. `None` when that is not its next step.
    pub fn schedule_shipping(self, now: Moment) -> Option<Self> {
        self.step(OrderStatus::ShippingScheduled, now, None)
    }

    /// The order that cannot be served although it was paid, or whose hold was refused. `None` when that is not its next
    /// step.
    pub fn fail(self, reason: &str, now: Moment) -> Option<Self> {
        self.step(OrderStatus::Failed, now, Some(reason.to_owned()))
    }

    /// The order with its goods on their way; it is COMPLETED once its customer was told.
    ///
    /// # Errors
    /// [`Refusal::OrderNotShippable`] when it does not wait to be shipped, or was shipped before.
    pub fn ship(self, shipment: Shipment, now: Moment) -> Result<Self, Refusal> {
        if self.status != OrderStatus::ShippingScheduled || self.shipment.is_some() {
            return Err(Refusal::OrderNotShippable);
        }
        Ok(Self { shipment: Some(shipment), version: self.version + 1, updated_at: now, ..self })
    }

    /// The order, shipped and its customer told. `None` when it was not shipped, or was completed before.
    pub fn complete(self, now: Moment) -> Option<Self> {
        self.shipment.as_ref()?;
        self.step(OrderStatus::Completed, now, None)
    }

    /// The order with all its money back. `None` when that is not its next step.
    pub fn refund(self, now: Moment) -> Option<Self> {
        let refunded = self.total();
        let order = self.step(OrderStatus::Refunded, now, None)?;
        Some(Self { refunded, ..order })
    }

    /// The only place where a status changes. `None` for a step that the order's life does not have.
    fn step(mut self, to: OrderStatus, at: Moment, reason: Option<String>) -> Option<Self> {
        if !self.status.may_become(to, self.kind) {
            return None;
        }
        self.status = to;
        self.version += 1;
        self.updated_at = at;
        self.history.push(Step { status: to, at, reason });
        Some(self)
    }
}

/// What placing an order looks at beside the cart.
#[derive(Debug, Clone, Default)]
pub struct Means {
    /// The customer's copy of the cart's coupon, if it names one and the customer has it.
    pub coupon: Option<UserCoupon>,
    /// The customer's points.
    pub balance: Cents,
    /// The window and offer of a preorder.
    pub opening: Option<Opening>,
}

#[cfg(test)]
mod tests {
    use super::place::tests::{placed, placement};
    use super::*;
    use uuid::Uuid;

    const PAYMENT: PaymentId = PaymentId::new(Uuid::nil());

    fn pay(order: Order, now: Moment) -> Result<Order, Refusal> {
        order.pay(PAYMENT, PaymentMethod::Points, now)
    }

    #[test]
    fn an_order_is_paid_within_its_hold_and_not_a_moment_later() {
        let order = placed();
        let end = order.hold_expires_at.unwrap();
        let last = end.checked_sub(jiff::SignedDuration::from_millis(1)).unwrap();
        assert_eq!(pay(order.clone(), last).unwrap().status, OrderStatus::Paid);
        assert_eq!(pay(order, end), Err(Refusal::OrderNotPayable));
    }

    #[test]
    fn an_order_expires_at_its_hold_and_not_a_moment_before() {
        let order = placed();
        let end = order.hold_expires_at.unwrap();
        let last = end.checked_sub(jiff::SignedDuration::from_millis(1)).unwrap();
        assert_eq!(order.clone().expire(last), None);
        assert_eq!(order.expire(end).unwrap().status, OrderStatus::Expired);
    }

    #[test]
    fn exactly_one_of_paid_expired_and_canceled_wins() {
        let now = placement().now;
        let end = placed().hold_expires_at.unwrap();
        let ended = [
            pay(placed(), now).unwrap(),
            placed().expire(end).unwrap(),
            placed().cancel(Canceler::Customer, None, now).unwrap(),
        ];
        for order in ended {
            assert_eq!(pay(order.clone(), now), Err(Refusal::OrderNotPayable), "{:?}", order.status);
            assert_eq!(order.clone().expire(end), None, "{:?}", order.status);
            let again = order.cancel(Canceler::Customer, None, now);
            assert_eq!(again, Err(Refusal::OrderNotCancelable));
        }
    }

    #[test]
    fn a_paid_order_is_canceled_by_an_admin_alone_and_then_refunded_in_full() {
        let now = placement().now;
        let paid = pay(placed(), now).unwrap();
        assert_eq!(paid.clone().cancel(Canceler::Customer, None, now), Err(Refusal::OrderNotCancelable));
        let canceled = paid.cancel(Canceler::Admin, None, now).unwrap();
        let refunded = canceled.refund(now).unwrap();
        assert_eq!((refunded.status, refunded.refunded), (OrderStatus::Refunded, refunded.total()));
        assert_eq!(refunded.refund(now), None);
    }

    #[test]
    fn each_step_is_kept_with_its_time_and_reason_and_counts_the_version() {
        let reason = Reason::parse("reason", "changed my mind").unwrap();
        let order = placed().cancel(Canceler::Customer, Some(&reason), placement().now).unwrap();
        assert_eq!(order.version, 2);
        let last = order.history.last().unwrap();
        assert_eq!((last.status, last.reason.as_deref()), (OrderStatus::Canceled, Some("changed my mind")));
    }
}
