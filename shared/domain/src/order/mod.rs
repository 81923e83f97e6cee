//! Orders: their lines, their status changes, and their deadlines.

mod actor;
mod contact;
mod filter;
mod funnel;
mod later;
mod number;
mod open_offer;
mod open_orders;
mod part;
mod place;
mod quote;
mod reason;
mod status;

pub use actor::Actor;
pub use filter::OrderFilter;
pub use funnel::{Funnel, Stage};
pub use number::OrderNo;
pub use open_offer::OpenOffer;
pub use open_orders::OpenOrdersLimit;
pub use part::RefundWish;
pub use place::{Placement, PlacementInputs, place};
pub use quote::{Left, Quote, QuoteLine, quote};
pub use reason::ShopReason;
pub use status::{OrderKind, OrderStatus};

use crate::contact::{Contact, ContactHashes};
use crate::id::{CouponId, CustomerId, OfferId, OrderId, PaymentId, SellWindowId, VariantId};
use crate::money::{Cents, Currency};
use crate::notification::Language;
use crate::payment::{AmountDue, PaymentMethod};
use crate::quantity::Quantity;
use crate::shipment::Shipment;
use crate::shipping_method::OrderShipping;
use crate::stock::Allocation;
use crate::text::Reason;
use crate::{Moment, Refusal};
use serde::{Deserialize, Serialize};

/// One order line, with the price at the time of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    pub variant: VariantId,
    /// The product and variant name at the time of the order.
    pub name: String,
    pub quantity: Quantity,
    /// The price per piece.
    pub unit_price: Cents,
    /// The line's part of the order's discount.
    pub discount: Cents,
    /// The stock shards that the pieces were allocated from; a release returns them there. Empty for a preorder.
    pub allocations: Vec<Allocation>,
}

impl OrderLine {
    /// Quantity times price, before the discount.
    pub fn subtotal(&self) -> Cents {
        self.unit_price.times(self.quantity.get())
    }
}

/// One entry of an order's status history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The new status.
    pub status: OrderStatus,
    pub at: Moment,
    /// The reason, if one was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The actor, if the status alone does not determine it: see [`Step::actor`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Actor>,
}

impl Step {
    /// A step whose status determines its actor.
    pub const fn new(status: OrderStatus, at: Moment, reason: Option<String>) -> Self {
        Self { status, at, reason, by: None }
    }

    /// The actor of the step. `None` for a cancellation of release 0.1, which did not store it.
    pub fn actor(&self) -> Option<Actor> {
        match (&self.by, self.status) {
            (Some(by), _) => Some(by.clone()),
            (None, OrderStatus::Created | OrderStatus::Reserved | OrderStatus::Paid) => Some(Actor::Customer),
            (None, OrderStatus::Canceled) => None,
            (None, _) => Some(Actor::Shop),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    /// The order number, for reading aloud.
    pub number: OrderNo,
    pub customer: CustomerId,
    /// From stock (INSTANT), or produced in a batch (PREORDER).
    pub kind: OrderKind,
    pub status: OrderStatus,
    /// Incremented by every change. A write is conditional on the version that the decision was based on (optimistic
    /// locking).
    pub version: u64,
    /// The sell window of a preorder.
    pub window: Option<SellWindowId>,
    /// The lines. A preorder's lines are variants of one product.
    pub lines: Vec<OrderLine>,
    /// The shards of the offer's capacity that a preorder was allocated from; a release returns the places there.
    pub places: Vec<Allocation>,
    /// The coupon that the order holds or used.
    pub coupon: Option<CouponId>,
    /// Whether the coupon that the order used was returned, because the order was canceled or failed while it was valid.
    pub coupon_returned: bool,
    /// The discount of the coupon, over all lines.
    pub discount: Cents,
    /// The delivery method and the fee. `None` in a shop without shipping methods.
    pub shipping: Option<OrderShipping>,
    pub currency: Currency,
    /// The chosen payment method; once paid, the one that was used.
    pub payment_method: Option<PaymentMethod>,
    /// The payment that paid the order.
    pub payment: Option<PaymentId>,
    /// The latest payment that was started at a provider, whatever its result.
    pub attempt: Option<PaymentId>,
    /// The refunded amount.
    pub refunded: Cents,
    /// `None` once it was erased.
    pub contact: Option<Contact>,
    /// `None` for an order of an earlier release, and once the contact data was erased.
    pub contact_hashes: Option<ContactHashes>,
    /// The language of its messages, if the customer chose one for it.
    pub language: Option<Language>,
    /// The deadline for reserving an order that was accepted (CREATED).
    pub reserve_before: Option<Moment>,
    /// Whether an external system holds the stock, so that none is allocated from the shop's shards.
    pub held_externally: bool,
    /// The deadline (`held_until` in other systems) for the payment of an instant order. Until then its stock and
    /// coupon are held.
    pub hold_expires_at: Option<Moment>,
    /// Whether the hold was extended for a checkout. It is extended once.
    pub hold_extended: bool,
    /// The payment deadline of a preorder whose batch is confirmed.
    pub pay_before: Option<Moment>,
    /// Whether the money arrived after the order had expired or was canceled, and the order was fulfilled anyway.
    pub late: bool,
    /// The shipment: a parcel, or a pick-up.
    pub shipment: Option<Shipment>,
    /// The status history, oldest first.
    pub history: Vec<Step>,
    pub created_at: Moment,
    pub updated_at: Moment,
}

impl Order {
    /// The total of the items, before the discount.
    pub fn items_total(&self) -> Cents {
        self.lines.iter().map(OrderLine::subtotal).sum()
    }

    /// The fee of the delivery. No coupon lowers it.
    pub fn shipping_fee(&self) -> Cents {
        self.shipping.as_ref().map_or(Cents::ZERO, OrderShipping::fee)
    }

    /// The total to pay: the items after the discount, and the delivery.
    pub fn total(&self) -> Cents {
        self.items_total().minus(self.discount).plus(self.shipping_fee())
    }

    /// The amount and purpose of a payment of the order.
    pub fn amount_due(&self) -> AmountDue {
        AmountDue {
            customer: self.customer.clone(),
            order: Some(self.id),
            amount: self.total(),
            currency: self.currency,
        }
    }

    /// The deadline for reservation or payment, if one applies.
    pub fn deadline(&self) -> Option<Moment> {
        match self.status {
            OrderStatus::Created => self.reserve_before,
            OrderStatus::Reserved => self.hold_expires_at,
            OrderStatus::PendingPayment => self.pay_before,
            _ => None,
        }
    }

    /// The offer of a preorder.
    pub fn offer(&self) -> Option<OfferId> {
        let product = self.lines.first()?.variant.product();
        Some(OfferId { window: self.window?, product })
    }

    /// The number of pieces in all lines.
    pub fn quantity(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity.get()).sum()
    }

    /// Whether stock or capacity is allocated to the order: held, sold or shipped.
    pub fn has_allocations(&self) -> bool {
        let shipped = self.history.iter().any(|step| step.status == OrderStatus::Completed);
        self.status.holds() || self.status.has_money() || shipped
    }

    /// Marks the order as paid by `payment`.
    ///
    /// # Errors
    /// [`Refusal::OrderNotPayable`] when the order does not wait for a payment, or its hold has ended (whether or not
    /// the sweep has expired it yet).
    pub fn pay(self, payment: PaymentId, method: PaymentMethod, now: Moment) -> Result<Self, Refusal> {
        if self.deadline().is_none_or(|end| now >= end) {
            return Err(Refusal::OrderNotPayable);
        }
        let paid = self.step(OrderStatus::Paid, now, None).ok_or(Refusal::OrderNotPayable)?;
        Ok(Self { payment: Some(payment), payment_method: Some(method), ..paid })
    }

    /// Records that a payment at a provider was started.
    ///
    /// # Errors
    /// See [`Order::pay`].
    pub fn attempt(self, payment: PaymentId, method: PaymentMethod, now: Moment) -> Result<Self, Refusal> {
        if self.deadline().is_none_or(|end| now >= end) || !self.may_be_paid() {
            return Err(Refusal::OrderNotPayable);
        }
        let (attempt, payment_method) = (Some(payment), Some(method));
        Ok(Self { attempt, payment_method, version: self.version + 1, updated_at: now, ..self })
    }

    /// Extends the hold of an instant order by `by`, once, because its checkout was opened.
    #[must_use]
    pub fn extend_hold(self, by: jiff::SignedDuration, now: Moment) -> Self {
        let Some(end) = self.hold_expires_at.filter(|_| !self.hold_extended && self.status == OrderStatus::Reserved)
        else {
            return self;
        };
        let later = end.checked_add(by).unwrap_or(end);
        Self { hold_expires_at: Some(later), hold_extended: true, version: self.version + 1, updated_at: now, ..self }
    }

    /// Marks the order as paid by money that a provider has taken. The deadline may have passed: until the sweep
    /// expires the order, its allocations are held. `None` when nothing is held any more.
    pub fn accept_payment(self, payment: PaymentId, method: PaymentMethod, now: Moment) -> Option<Self> {
        let paid = self.step(OrderStatus::Paid, now, None)?;
        Some(Self { payment: Some(payment), payment_method: Some(method), ..paid })
    }

    /// Marks an expired or canceled order as paid by late money, after stock was allocated again. `None` when the order
    /// ended otherwise, was paid before, or an external system held its stock.
    pub fn accept_late_payment(mut self, payment: PaymentId, method: PaymentMethod, now: Moment) -> Option<Self> {
        let has_ended = matches!(self.status, OrderStatus::Expired | OrderStatus::Canceled);
        if !has_ended || self.held_externally || self.payment.is_some() || self.refunded > Cents::ZERO {
            return None;
        }
        self.status = OrderStatus::Paid;
        self.version += 1;
        self.updated_at = now;
        self.history.push(Step::new(OrderStatus::Paid, now, Some("late_payment".to_owned())));
        Some(Self { payment: Some(payment), payment_method: Some(method), late: true, ..self })
    }

    /// Whether the order's status allows a payment.
    pub const fn may_be_paid(&self) -> bool {
        self.status.may_become(OrderStatus::Paid, self.kind)
    }

    /// Cancels the order: a customer while it is unpaid, an admin or the shop until it is shipped.
    ///
    /// # Errors
    /// [`Refusal::OrderNotCancelable`] when it is not at a point where `by` may cancel.
    pub fn cancel(self, by: &Actor, reason: Option<&Reason>, now: Moment) -> Result<Self, Refusal> {
        let shipped = self.shipment.is_some();
        if shipped || (*by == Actor::Customer && self.status.has_money()) {
            return Err(Refusal::OrderNotCancelable);
        }
        let reason = reason.map(|reason| reason.as_str().to_owned());
        let mut canceled = self.step(OrderStatus::Canceled, now, reason).ok_or(Refusal::OrderNotCancelable)?;
        if let Some(last) = canceled.history.last_mut() {
            last.by = Some(by.clone());
        }
        Ok(canceled)
    }

    /// Expires the unpaid order. `None` when it is not due: paid, canceled, already expired, or before its deadline.
    pub fn expire(self, now: Moment) -> Option<Self> {
        self.deadline().filter(|end| now >= *end)?;
        self.step(OrderStatus::Expired, now, None)
    }

    /// Requests the payment of a preorder until `pay_before`, because its batch was confirmed. `None` if it was requested
    /// before, or the order has ended.
    pub fn ask_to_pay(self, pay_before: Moment, now: Moment) -> Option<Self> {
        let asked = self.step(OrderStatus::PendingPayment, now, None)?;
        Some(Self { pay_before: Some(pay_before), ..asked })
    }

    /// Schedules the shipping. `None` when the status does not allow it.
    pub fn schedule_shipping(self, now: Moment) -> Option<Self> {
        self.step(OrderStatus::ShippingScheduled, now, None)
    }

    /// Fails the order, because it was paid and cannot be fulfilled, or its reservation was refused. `None` when the
    /// status does not allow it.
    pub fn fail(self, reason: &str, now: Moment) -> Option<Self> {
        self.step(OrderStatus::Failed, now, Some(reason.to_owned()))
    }

    /// Marks the order as shipped. It is COMPLETED once the customer was notified.
    ///
    /// # Errors
    /// [`Refusal::OrderNotShippable`] when it does not wait for shipping, or was shipped before.
    pub fn ship(self, shipment: Shipment, now: Moment) -> Result<Self, Refusal> {
        if self.status != OrderStatus::ShippingScheduled || self.shipment.is_some() {
            return Err(Refusal::OrderNotShippable);
        }
        Ok(Self { shipment: Some(shipment), version: self.version + 1, updated_at: now, ..self })
    }

    /// Completes the order, after the customer was notified. `None` when it was not shipped, or is already COMPLETED.
    pub fn complete(self, now: Moment) -> Option<Self> {
        self.shipment.as_ref()?;
        self.step(OrderStatus::Completed, now, None)
    }

    /// Records a refund of `amount`. The order becomes REFUNDED when everything is refunded and it has ended.
    #[must_use]
    pub fn give_back(self, amount: Cents, now: Moment) -> Self {
        let order = Self { refunded: self.refunded.plus(amount), ..self };
        let all_back = order.payment.is_some() && order.refunded >= order.total();
        if all_back && order.status.may_become(OrderStatus::Refunded, order.kind) {
            return order.clone().step(OrderStatus::Refunded, now, None).unwrap_or(order);
        }
        Self { version: order.version + 1, updated_at: now, ..order }
    }

    /// The only place where a status changes. `None` for a transition that the state machine does not have.
    fn step(mut self, to: OrderStatus, at: Moment, reason: Option<String>) -> Option<Self> {
        if !self.status.may_become(to, self.kind) {
            return None;
        }
        self.status = to;
        self.version += 1;
        self.updated_at = at;
        self.history.push(Step::new(to, at, reason));
        Some(self)
    }
}

#[cfg(test)]
pub(in crate::order) mod tests {
    use super::place::tests::{placed, placement};
    use super::*;
    use crate::shipment::Way;
    use crate::shop::tests::shop;
    use crate::text::Line;
    use uuid::Uuid;

    const PAYMENT: PaymentId = PaymentId::new(Uuid::nil());

    pub(in crate::order) fn pay(order: Order, now: Moment) -> Result<Order, Refusal> {
        order.pay(PAYMENT, PaymentMethod::Points, now)
    }

    pub(in crate::order) fn admin() -> Actor {
        Actor::Admin(crate::id::CustomerId::parse("admin-1").unwrap())
    }

    pub(in crate::order) fn later() -> Moment {
        placement().now.checked_add(jiff::SignedDuration::from_mins(1)).unwrap()
    }

    #[test]
    fn an_order_can_be_paid_until_just_before_the_end_of_its_hold() {
        let order = placed();
        let end = order.hold_expires_at.unwrap();
        let last = end.checked_sub(jiff::SignedDuration::from_millis(1)).unwrap();
        let paid = pay(order.clone(), last).unwrap();
        assert_eq!(paid.status, OrderStatus::Paid);
        assert_eq!((paid.payment, paid.payment_method), (Some(PAYMENT), Some(PaymentMethod::Points)));
        assert_eq!(pay(order, end), Err(Refusal::OrderNotPayable));
    }

    #[test]
    fn an_order_expires_exactly_at_the_end_of_its_hold() {
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
            placed().cancel(&Actor::Customer, None, now).unwrap(),
        ];
        for order in ended {
            assert_eq!(pay(order.clone(), now), Err(Refusal::OrderNotPayable), "{:?}", order.status);
            assert_eq!(order.clone().expire(end), None, "{:?}", order.status);
            let again = order.cancel(&Actor::Customer, None, now);
            assert_eq!(again, Err(Refusal::OrderNotCancelable));
        }
    }

    #[test]
    fn only_an_admin_cancels_a_paid_order_and_it_is_refunded_in_full() {
        let now = placement().now;
        let paid = pay(placed(), now).unwrap();
        assert_eq!(paid.clone().cancel(&Actor::Customer, None, now), Err(Refusal::OrderNotCancelable));
        let canceled = paid.cancel(&admin(), None, now).unwrap();
        let refunded = canceled.clone().give_back(canceled.total(), now);
        assert_eq!((refunded.status, refunded.refunded), (OrderStatus::Refunded, refunded.total()));
    }

    #[test]
    fn a_partial_refund_keeps_the_status_and_the_last_one_makes_it_refunded() {
        let now = placement().now;
        let canceled = pay(placed(), now).unwrap().cancel(&admin(), None, now).unwrap();
        let part = canceled.clone().give_back(Cents::new(100), now);
        assert_eq!((part.status, part.refunded), (OrderStatus::Canceled, Cents::new(100)));
        let whole = part.clone().give_back(part.total().minus(Cents::new(100)), now);
        assert_eq!((whole.status, whole.refunded), (OrderStatus::Refunded, whole.total()));
    }

    #[test]
    fn late_money_pays_only_expired_and_canceled_orders() {
        let now = placement().now;
        let end = placed().hold_expires_at.unwrap();
        let late = placed().expire(end).unwrap().accept_late_payment(PAYMENT, PaymentMethod::Ecpay, end).unwrap();
        assert_eq!((late.status, late.late, late.payment), (OrderStatus::Paid, true, Some(PAYMENT)));
        assert_eq!((late.version, late.updated_at, late.payment_method), (3, end, Some(PaymentMethod::Ecpay)));
        assert_eq!(late.accept_late_payment(PAYMENT, PaymentMethod::Ecpay, end), None);
        assert_eq!(placed().accept_late_payment(PAYMENT, PaymentMethod::Ecpay, end), None);
        let canceled = pay(placed(), now).unwrap().cancel(&admin(), None, now).unwrap();
        assert_eq!(canceled.accept_late_payment(PAYMENT, PaymentMethod::Ecpay, end), None);
    }

    #[test]
    fn an_order_that_is_not_swept_yet_is_paid_after_its_deadline() {
        let end = placed().hold_expires_at.unwrap();
        let paid = placed().accept_payment(PAYMENT, PaymentMethod::Ecpay, end).unwrap();
        assert_eq!(paid.status, OrderStatus::Paid);
        assert_eq!((paid.payment, paid.payment_method), (Some(PAYMENT), Some(PaymentMethod::Ecpay)));
        assert_eq!(placed().expire(end).unwrap().accept_payment(PAYMENT, PaymentMethod::Ecpay, end), None);
    }

    #[test]
    fn late_money_for_a_refunded_order_is_not_served() {
        let end = placed().hold_expires_at.unwrap();
        let back = Order { refunded: Cents::new(1), ..placed().expire(end).unwrap() };
        assert_eq!(back.accept_late_payment(PAYMENT, PaymentMethod::Ecpay, end), None);
    }

    #[test]
    fn a_started_payment_is_recorded_while_the_order_can_be_paid() {
        let (order, end) = (placed(), placed().hold_expires_at.unwrap());
        let now = later();
        let tried = order.clone().attempt(PAYMENT, PaymentMethod::Ecpay, now).unwrap();
        let (attempt, payment_method) = (Some(PAYMENT), Some(PaymentMethod::Ecpay));
        assert_eq!(tried, Order { attempt, payment_method, version: 2, updated_at: now, ..order.clone() });
        assert_eq!(order.clone().attempt(PAYMENT, PaymentMethod::Ecpay, end), Err(Refusal::OrderNotPayable));
        assert_eq!(pay(order, now).unwrap().attempt(PAYMENT, PaymentMethod::Ecpay, now), Err(Refusal::OrderNotPayable));
        let created = placed().to_be_reserved(&shop());
        assert_eq!(
            created.attempt(PAYMENT, PaymentMethod::Ecpay, now),
            Err(Refusal::OrderNotPayable),
            "it holds nothing yet"
        );
    }

    #[test]
    fn an_order_is_shipped_once_and_completed_after_shipping() {
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
        assert_eq!(shipped.clone().cancel(&admin(), None, later()), Err(Refusal::OrderNotCancelable));
        assert_eq!(shipped.complete(later()).unwrap().status, OrderStatus::Completed);
    }

    #[test]
    fn an_order_has_allocations_while_held_sold_or_shipped() {
        let end = placed().hold_expires_at.unwrap();
        assert!(placed().has_allocations());
        let paid = pay(placed(), later()).unwrap();
        assert!(paid.has_allocations());
        assert!(!placed().expire(end).unwrap().has_allocations());
        let canceled = paid.clone().cancel(&admin(), None, later()).unwrap();
        assert!(!canceled.has_allocations());
        assert!(!canceled.clone().give_back(canceled.total(), later()).has_allocations());
        let shipped = Order { status: OrderStatus::Refunded, ..paid };
        let step = Step::new(OrderStatus::Completed, later(), None);
        assert!(Order { history: vec![step], ..shipped }.has_allocations(), "what was shipped stays with its customer");
    }

    #[test]
    fn a_refund_increments_the_version_even_if_the_status_stays() {
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
    fn a_checkout_extends_the_hold_once() {
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
        let order = placed().cancel(&Actor::Customer, Some(&reason), placement().now).unwrap();
        assert_eq!(order.version, 2);
        let last = order.history.last().unwrap();
        assert_eq!((last.status, last.reason.as_deref()), (OrderStatus::Canceled, Some("changed my mind")));
    }

    #[test]
    fn every_step_says_who_took_it() {
        let paid = pay(placed(), placement().now).unwrap().schedule_shipping(later()).unwrap();
        let canceled = paid.cancel(&admin(), None, later()).unwrap();
        let actors: Vec<_> = canceled.history.iter().filter_map(Step::actor).collect();
        assert_eq!(actors, [Actor::Customer, Actor::Customer, Actor::Shop, admin()]);
        assert_eq!(Step::new(OrderStatus::Canceled, later(), None).actor(), None, "release 0.1 did not note it");
    }
}
