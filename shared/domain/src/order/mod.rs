//! Orders: placing, paying, canceling, expiring.

mod later;
mod number;
mod open_offer;
mod place;
mod status;

pub use number::OrderNo;
pub use open_offer::OpenOffer;
pub use place::{Placement, place};
pub use status::{OrderKind, OrderStatus};

use crate::contact::Contact;
use crate::coupon::UserCoupon;
use crate::id::{CouponId, CustomerId, OfferId, OrderId, PaymentId, SellWindowId, VariantId};
use crate::money::{Cents, Currency};
use crate::payment::PaymentMethod;
use crate::quantity::Quantity;
use crate::shipment::Shipment;
use crate::stock::Allocation;
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
    pub allocations: Vec<Allocation>,
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
    pub places: Vec<Allocation>,
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
    /// The last attempt to pay it at a provider, whatever became of it.
    pub attempt: Option<PaymentId>,
    /// What was given back of the money.
    pub refunded: Cents,
    /// Whom to reach.
    pub contact: Contact,
    /// Until when an order that was accepted waits to be reserved.
    pub reserve_before: Option<Moment>,
    /// Whether an external system holds its goods: none of ours were taken.
    pub held_externally: bool,
    /// Until when stock and coupon are held for an instant order's payment.
    pub hold_expires_at: Option<Moment>,
    /// Whether that was put off for a checkout; it is once.
    pub hold_extended: bool,
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

    /// Until when it waits to be reserved or paid, if it does.
    pub fn deadline(&self) -> Option<Moment> {
        match self.status {
            OrderStatus::Created => self.reserve_before,
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
    pub fn has_allocations(&self) -> bool {
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

    /// The order, begun to be paid at a provider.
    ///
    /// # Errors
    /// See [`Order::pay`].
    pub fn attempt(self, payment: PaymentId, now: Moment) -> Result<Self, Refusal> {
        if self.deadline().is_none_or(|end| now >= end) || !self.may_be_paid() {
            return Err(Refusal::OrderNotPayable);
        }
        Ok(Self { attempt: Some(payment), version: self.version + 1, updated_at: now, ..self })
    }

    /// The order with a checkout under way: an instant order's hold is put off by `by`, once.
    #[must_use]
    pub fn extend_hold(self, by: jiff::SignedDuration, now: Moment) -> Self {
        let Some(end) = self.hold_expires_at.filter(|_| !self.hold_extended && self.status == OrderStatus::Reserved)
        else {
            return self;
        };
        let later = end.checked_add(by).unwrap_or(end);
        Self { hold_expires_at: Some(later), hold_extended: true, version: self.version + 1, updated_at: now, ..self }
    }

    /// The order whose money a provider has taken. Its deadline may be over: as long as nobody expired it, it holds what it
    /// was promised. `None` when it holds nothing any more.
    pub fn receive(self, payment: PaymentId, method: PaymentMethod, now: Moment) -> Option<Self> {
        let paid = self.step(OrderStatus::Paid, now, None)?;
        Some(Self { payment: Some(payment), payment_method: Some(method), ..paid })
    }

    /// The order whose money came after it had expired or was canceled, served all the same once it holds its goods again.
    /// `None` when it did not end so, other money paid it before, or its goods were an external system's to hold.
    pub fn receive_late(mut self, payment: PaymentId, method: PaymentMethod, now: Moment) -> Option<Self> {
        let has_ended = matches!(self.status, OrderStatus::Expired | OrderStatus::Canceled);
        if !has_ended || self.held_externally || self.payment.is_some() || self.refunded > Cents::ZERO {
            return None;
        }
        self.status = OrderStatus::Paid;
        self.version += 1;
        self.updated_at = now;
        self.history.push(Step { status: OrderStatus::Paid, at: now, reason: Some("late_payment".to_owned()) });
        Some(Self { payment: Some(payment), payment_method: Some(method), late: true, ..self })
    }

    /// Whether it is at the point of its life where it is paid.
    pub const fn may_be_paid(&self) -> bool {
        self.status.may_become(OrderStatus::Paid, self.kind)
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

    /// The order with `amount` of its money back; REFUNDED once that is all of it and the order has ended.
    #[must_use]
    pub fn give_back(self, amount: Cents, now: Moment) -> Self {
        let order = Self { refunded: self.refunded.plus(amount), ..self };
        let all_back = order.payment.is_some() && order.refunded >= order.total();
        if all_back && order.status.may_become(OrderStatus::Refunded, order.kind) {
            return order.clone().step(OrderStatus::Refunded, now, None).unwrap_or(order);
        }
        Self { version: order.version + 1, updated_at: now, ..order }
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
pub struct PlacementInputs {
    /// The customer's copy of the cart's coupon, if it names one and the customer has it.
    pub coupon: Option<UserCoupon>,
    /// The customer's points.
    pub balance: Cents,
    /// The window and offer of a preorder.
    pub open_offer: Option<OpenOffer>,
}

#[cfg(test)]
mod tests {
    use super::place::tests::{placed, placement};
    use super::*;
    use crate::shipment::Way;
    use crate::shop::tests::shop;
    use crate::text::Line;
    use uuid::Uuid;

    const PAYMENT: PaymentId = PaymentId::new(Uuid::nil());

    fn pay(order: Order, now: Moment) -> Result<Order, Refusal> {
        order.pay(PAYMENT, PaymentMethod::Points, now)
    }

    fn later() -> Moment {
        placement().now.checked_add(jiff::SignedDuration::from_mins(1)).unwrap()
    }

    #[test]
    fn an_order_is_paid_within_its_hold_and_not_a_moment_later() {
        let order = placed();
        let end = order.hold_expires_at.unwrap();
        let last = end.checked_sub(jiff::SignedDuration::from_millis(1)).unwrap();
        let paid = pay(order.clone(), last).unwrap();
        assert_eq!(paid.status, OrderStatus::Paid);
        assert_eq!((paid.payment, paid.payment_method), (Some(PAYMENT), Some(PaymentMethod::Points)));
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
        let refunded = canceled.clone().give_back(canceled.total(), now);
        assert_eq!((refunded.status, refunded.refunded), (OrderStatus::Refunded, refunded.total()));
    }

    #[test]
    fn a_part_refund_leaves_the_status_and_the_last_part_ends_the_order() {
        let now = placement().now;
        let canceled = pay(placed(), now).unwrap().cancel(Canceler::Admin, None, now).unwrap();
        let part = canceled.clone().give_back(Cents::new(100), now);
        assert_eq!((part.status, part.refunded), (OrderStatus::Canceled, Cents::new(100)));
        let whole = part.clone().give_back(part.total().minus(Cents::new(100)), now);
        assert_eq!((whole.status, whole.refunded), (OrderStatus::Refunded, whole.total()));
    }

    #[test]
    fn money_that_comes_late_pays_what_has_ended_and_nothing_else() {
        let now = placement().now;
        let end = placed().hold_expires_at.unwrap();
        let late = placed().expire(end).unwrap().receive_late(PAYMENT, PaymentMethod::Ecpay, end).unwrap();
        assert_eq!((late.status, late.late, late.payment), (OrderStatus::Paid, true, Some(PAYMENT)));
        assert_eq!((late.version, late.updated_at, late.payment_method), (3, end, Some(PaymentMethod::Ecpay)));
        assert_eq!(late.receive_late(PAYMENT, PaymentMethod::Ecpay, end), None);
        assert_eq!(placed().receive_late(PAYMENT, PaymentMethod::Ecpay, end), None);
        let canceled = pay(placed(), now).unwrap().cancel(Canceler::Admin, None, now).unwrap();
        assert_eq!(canceled.receive_late(PAYMENT, PaymentMethod::Ecpay, end), None);
    }

    #[test]
    fn an_order_that_still_holds_its_goods_takes_money_past_its_deadline() {
        let end = placed().hold_expires_at.unwrap();
        let paid = placed().receive(PAYMENT, PaymentMethod::Ecpay, end).unwrap();
        assert_eq!(paid.status, OrderStatus::Paid);
        assert_eq!((paid.payment, paid.payment_method), (Some(PAYMENT), Some(PaymentMethod::Ecpay)));
        assert_eq!(placed().expire(end).unwrap().receive(PAYMENT, PaymentMethod::Ecpay, end), None);
    }

    #[test]
    fn money_for_what_was_given_back_before_is_not_served() {
        let end = placed().hold_expires_at.unwrap();
        let back = Order { refunded: Cents::new(1), ..placed().expire(end).unwrap() };
        assert_eq!(back.receive_late(PAYMENT, PaymentMethod::Ecpay, end), None);
    }

    #[test]
    fn an_attempt_is_noted_while_the_order_can_be_paid() {
        let (order, end) = (placed(), placed().hold_expires_at.unwrap());
        let now = later();
        let tried = order.clone().attempt(PAYMENT, now).unwrap();
        assert_eq!(tried, Order { attempt: Some(PAYMENT), version: 2, updated_at: now, ..order.clone() });
        assert_eq!(order.clone().attempt(PAYMENT, end), Err(Refusal::OrderNotPayable));
        assert_eq!(pay(order, now).unwrap().attempt(PAYMENT, now), Err(Refusal::OrderNotPayable));
        let created = placed().to_be_reserved(&shop());
        assert_eq!(created.attempt(PAYMENT, now), Err(Refusal::OrderNotPayable), "it holds nothing yet");
    }

    #[test]
    fn an_order_ships_once_while_it_waits_to_and_completes_once_it_has() {
        let pickup_info = Line::parse("pickup_info", "At the shop").unwrap();
        let parcel = Shipment { way: Way::Pickup { pickup_info }, shipped_at: later() };
        let paid = pay(placed(), later()).unwrap();
        assert_eq!(paid.clone().ship(parcel.clone(), later()), Err(Refusal::OrderNotShippable));
        let scheduled = paid.schedule_shipping(placement().now).unwrap();
        assert_eq!(scheduled.clone().complete(later()), None, "nothing has left the shop");
        let shipped = scheduled.clone().ship(parcel.clone(), later()).unwrap();
        assert_eq!((shipped.version, shipped.status), (scheduled.version + 1, OrderStatus::ShippingScheduled));
        assert_eq!((&shipped.shipment, shipped.updated_at), (&Some(parcel.clone()), later()));
        assert_eq!(shipped.clone().ship(parcel, later()), Err(Refusal::OrderNotShippable));
        assert_eq!(shipped.clone().cancel(Canceler::Admin, None, later()), Err(Refusal::OrderNotCancelable));
        assert_eq!(shipped.complete(later()).unwrap().status, OrderStatus::Completed);
    }

    #[test]
    fn goods_are_out_while_they_are_held_sold_or_shipped() {
        let end = placed().hold_expires_at.unwrap();
        assert!(placed().has_allocations());
        let paid = pay(placed(), later()).unwrap();
        assert!(paid.has_allocations());
        assert!(!placed().expire(end).unwrap().has_allocations());
        let canceled = paid.clone().cancel(Canceler::Admin, None, later()).unwrap();
        assert!(!canceled.has_allocations());
        assert!(!canceled.clone().give_back(canceled.total(), later()).has_allocations());
        let shipped = Order { status: OrderStatus::Refunded, ..paid };
        let step = Step { status: OrderStatus::Completed, at: later(), reason: None };
        assert!(Order { history: vec![step], ..shipped }.has_allocations(), "what was shipped stays with its customer");
    }

    #[test]
    fn what_comes_back_counts_a_version_also_where_the_status_stays() {
        let paid = pay(placed(), placement().now).unwrap();
        let part = paid.clone().give_back(Cents::new(100), later());
        assert_eq!((part.status, part.version, part.updated_at), (OrderStatus::Paid, paid.version + 1, later()));
        let all = paid.clone().give_back(paid.total(), later());
        assert_eq!((all.status, all.refunded), (OrderStatus::Paid, paid.total()), "it has not ended");
        let free = placed().expire(placed().hold_expires_at.unwrap()).unwrap();
        let late = free.clone().give_back(free.total(), later());
        assert_eq!(late.status, OrderStatus::Expired, "nothing had paid it");
    }

    #[test]
    fn a_checkout_puts_a_hold_off_once() {
        let now = later();
        let by = jiff::SignedDuration::from_mins(10);
        let once = placed().extend_hold(by, now);
        assert_eq!(once.hold_expires_at, placed().hold_expires_at.unwrap().checked_add(by).ok());
        assert_eq!((once.version, once.updated_at), (2, now));
        assert_eq!(once.clone().extend_hold(by, later()), once);
        let paid = pay(placed(), now).unwrap();
        assert_eq!(paid.clone().extend_hold(by, later()), paid, "it holds nothing any more");
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
