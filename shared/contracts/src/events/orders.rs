//! Events of orders.

use super::{Aggregate, Event};
use domain::Moment;
use domain::id::{CouponId, CustomerId, OrderId, PaymentId, ProductId, SellWindowId, VariantId};
use domain::money::{Cents, Currency};
use domain::order::{Order, OrderKind, OrderStatus};
use domain::payment::PaymentMethod;
use serde::{Deserialize, Serialize};

/// One order line, with quantity and price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldLine {
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// The quantity, in pieces.
    pub quantity: u32,
    /// The price per piece, in the currency's minor unit.
    pub unit_price_cents: Cents,
    /// The line's part of the discount, in the currency's minor unit.
    pub discount_cents: Cents,
}

impl SoldLine {
    pub(super) fn all(order: &Order) -> Vec<Self> {
        order
            .lines
            .iter()
            .map(|line| Self {
                product_id: line.variant.product(),
                variant_id: line.variant,
                quantity: line.quantity.get(),
                unit_price_cents: line.unit_price,
                discount_cents: line.discount,
            })
            .collect()
    }
}

pub(crate) fn is_zero(cents: &Cents) -> bool {
    *cents == Cents::ZERO
}

/// `order.reserved.v1`: stock or capacity, and the coupon, are held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReservedV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The order lines.
    pub lines: Vec<SoldLine>,
    /// The held coupon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<CouponId>,
    /// The total to pay, in the currency's minor unit.
    pub total_cents: Cents,
    /// The currency (ISO 4217).
    pub currency: Currency,
    /// The end of the hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_expires_at: Option<Moment>,
    /// The order's version after the event.
    pub version: u64,
}

/// `order.paid.v1`: the order is paid, and its held units are sold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPaidV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The payment that paid the order.
    pub payment_id: PaymentId,
    /// The payment method.
    pub method: PaymentMethod,
    /// The order lines.
    pub lines: Vec<SoldLine>,
    /// The paid total, in the currency's minor unit: the items after the discount, and the delivery fee.
    pub total_cents: Cents,
    /// The delivery fee, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shipping_fee_cents: Cents,
    /// The currency (ISO 4217).
    pub currency: Currency,
    /// The time of the payment.
    pub paid_at: Moment,
    /// Whether the order had expired or was canceled before its money arrived.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// The order's coupon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<CouponId>,
    /// The order's version after the event.
    pub version: u64,
}

/// `order.expired.v1`: the order was not paid in time, and its holds were released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderExpiredV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The order lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<SoldLine>,
    /// The order's coupon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<CouponId>,
    /// The order's version after the event.
    pub version: u64,
}

/// `order.canceled.v1`: the order was canceled, and its units were released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCanceledV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The order lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<SoldLine>,
    /// Whether the order was paid, so that a refund follows unless it cost nothing.
    pub was_paid: bool,
    /// The payment time of an order with total 0: no refund follows, and this event reverses the sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_since: Option<Moment>,
    /// The order's coupon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<CouponId>,
    /// Whether the paid order returned the coupon that it had used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub coupon_returned: bool,
    /// The order's version after the event.
    pub version: u64,
}

/// `order.refunded.v1`: all the money of the order was refunded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRefundedV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The order lines.
    pub lines: Vec<SoldLine>,
    /// The refunded amount, in the currency's minor unit.
    pub refunded_cents: Cents,
    /// The currency (ISO 4217).
    pub currency: Currency,
    /// The payment time: consumers subtract the refund from the sales of that day.
    pub paid_at: Moment,
    /// The order's version after the event.
    pub version: u64,
}

impl From<&Order> for OrderReservedV1 {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            kind: order.kind,
            sell_window_id: order.window,
            lines: SoldLine::all(order),
            coupon_id: order.coupon,
            total_cents: order.total(),
            currency: order.currency,
            hold_expires_at: order.hold_expires_at,
            version: order.version,
        }
    }
}

impl OrderPaidV1 {
    /// A paid order and its payment.
    pub fn new(order: &Order, payment_id: PaymentId, method: PaymentMethod) -> Self {
        Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            kind: order.kind,
            sell_window_id: order.window,
            payment_id,
            method,
            lines: SoldLine::all(order),
            total_cents: order.total(),
            shipping_fee_cents: order.shipping_fee(),
            currency: order.currency,
            paid_at: order.updated_at,
            late: order.late,
            coupon_id: order.coupon,
            version: order.version,
        }
    }
}

impl From<&Order> for OrderExpiredV1 {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            kind: order.kind,
            sell_window_id: order.window,
            lines: SoldLine::all(order),
            coupon_id: order.coupon,
            version: order.version,
        }
    }
}

/// When an order that cost nothing was paid.
fn free_since(order: &Order) -> Option<Moment> {
    let paid = order.history.iter().find(|step| step.status == OrderStatus::Paid);
    paid.filter(|_| order.total() == Cents::ZERO).map(|step| step.at)
}

impl From<&Order> for OrderCanceledV1 {
    fn from(order: &Order) -> Self {
        Self {
            free_since: free_since(order),
            order_id: order.id,
            customer_id: order.customer.clone(),
            kind: order.kind,
            sell_window_id: order.window,
            lines: SoldLine::all(order),
            was_paid: order.payment.is_some(),
            coupon_id: order.coupon,
            coupon_returned: order.coupon_returned,
            version: order.version,
        }
    }
}

impl OrderRefundedV1 {
    /// A refunded order that was paid at `paid_at`.
    pub fn new(order: &Order, paid_at: Moment) -> Self {
        Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            kind: order.kind,
            sell_window_id: order.window,
            lines: SoldLine::all(order),
            refunded_cents: order.refunded,
            currency: order.currency,
            paid_at,
            version: order.version,
        }
    }
}

/// `order.created.v1`: the order was accepted; its reservation is pending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCreatedV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The order lines.
    pub lines: Vec<SoldLine>,
    /// The total to pay, in the currency's minor unit.
    pub total_cents: Cents,
    /// The currency (ISO 4217).
    pub currency: Currency,
    /// The order's version after the event.
    pub version: u64,
}

/// `order.failed.v1`: the order cannot be fulfilled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFailedV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The order lines.
    pub lines: Vec<SoldLine>,
    /// Whether the order was paid, so that a refund follows unless it cost nothing.
    pub was_paid: bool,
    /// The payment time of an order with total 0: no refund follows, and this event reverses the sale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_since: Option<Moment>,
    /// The order's coupon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<CouponId>,
    /// Whether the paid order returned the coupon that it had used.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub coupon_returned: bool,
    /// The reason code: a refusal's code, `production_failed` or `shipping_failed`.
    pub reason: String,
    /// The order's version after the event.
    pub version: u64,
}

/// `order.shipping_scheduled.v1`: the order waits to be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderShippingScheduledV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The order's version after the event.
    pub version: u64,
}

/// `order.completed.v1`: the order was shipped, and the customer was notified (or the notification failed).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCompletedV1 {
    /// The order.
    pub order_id: OrderId,
    /// The customer.
    pub customer_id: CustomerId,
    /// `INSTANT` or `PREORDER`.
    pub kind: OrderKind,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The order's version after the event.
    pub version: u64,
}

impl From<&Order> for OrderCreatedV1 {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            kind: order.kind,
            sell_window_id: order.window,
            lines: SoldLine::all(order),
            total_cents: order.total(),
            currency: order.currency,
            version: order.version,
        }
    }
}

impl From<&Order> for OrderFailedV1 {
    fn from(order: &Order) -> Self {
        let reason = order.history.last().and_then(|step| step.reason.clone());
        Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            kind: order.kind,
            sell_window_id: order.window,
            lines: SoldLine::all(order),
            was_paid: order.payment.is_some(),
            free_since: free_since(order),
            coupon_id: order.coupon,
            coupon_returned: order.coupon_returned,
            reason: reason.unwrap_or_default(),
            version: order.version,
        }
    }
}

impl From<&Order> for OrderShippingScheduledV1 {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            kind: order.kind,
            sell_window_id: order.window,
            version: order.version,
        }
    }
}

impl From<&Order> for OrderCompletedV1 {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            kind: order.kind,
            sell_window_id: order.window,
            version: order.version,
        }
    }
}

macro_rules! order_event {
    ($($name:ident = $event_type:literal;)*) => {$(
        impl Event for $name {
            const TYPE: &'static str = $event_type;
            const AREA: &'static str = "orders";

            fn aggregate(&self) -> Aggregate {
                Aggregate::new("order", self.order_id, self.version)
            }
        }
    )*};
}

order_event! {
    OrderCreatedV1 = "order.created.v1";
    OrderReservedV1 = "order.reserved.v1";
    OrderPaidV1 = "order.paid.v1";
    OrderExpiredV1 = "order.expired.v1";
    OrderCanceledV1 = "order.canceled.v1";
    OrderFailedV1 = "order.failed.v1";
    OrderShippingScheduledV1 = "order.shipping_scheduled.v1";
    OrderCompletedV1 = "order.completed.v1";
    OrderRefundedV1 = "order.refunded.v1";
}
