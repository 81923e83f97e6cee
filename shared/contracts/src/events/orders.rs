//! What happens to orders.

use super::{Aggregate, Event};
use domain::Moment;
use domain::id::{CouponId, CustomerId, OrderId, PaymentId, ProductId, SellWindowId, VariantId};
use domain::money::{Cents, Currency};
use domain::order::{Order, OrderKind};
use domain::payment::PaymentMethod;
use serde::{Deserialize, Serialize};

/// One line, for who counts pieces and money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SoldLine {
    /// Which product.
    pub product_id: ProductId,
    /// Which variant.
    pub variant_id: VariantId,
    /// Pieces.
    pub quantity: u32,
    /// The price of one.
    pub unit_price_cents: Cents,
    /// The line's part of the discount.
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

/// `order.reserved.v1`: stock or capacity, and the coupon, are held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReservedV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// In which sell window, if into production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// What was ordered.
    pub lines: Vec<SoldLine>,
    /// The coupon that is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<CouponId>,
    /// What is to be paid.
    pub total_cents: Cents,
    /// In which currency.
    pub currency: Currency,
    /// Until when it is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_expires_at: Option<Moment>,
    /// The order's version.
    pub version: u64,
}

/// `order.paid.v1`: the money is here and the hold has become a sale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPaidV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// In which sell window, if into production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The payment that paid it.
    pub payment_id: PaymentId,
    /// How.
    pub method: PaymentMethod,
    /// What was sold.
    pub lines: Vec<SoldLine>,
    /// What was paid.
    pub total_cents: Cents,
    /// In which currency.
    pub currency: Currency,
    /// When.
    pub paid_at: Moment,
    /// Whether it had expired or was canceled before its money came.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// The order's version.
    pub version: u64,
}

/// `order.expired.v1`: it was not paid in time; what it held is free again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderExpiredV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// In which sell window, if into production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// What had been ordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<SoldLine>,
    /// The order's version.
    pub version: u64,
}

/// `order.canceled.v1`: it was given up; what it held or sold is free again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCanceledV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// In which sell window, if into production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// What had been ordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<SoldLine>,
    /// Whether it had been paid, so that a refund follows.
    pub was_paid: bool,
    /// The order's version.
    pub version: u64,
}

/// `order.refunded.v1`: all its money went back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRefundedV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// In which sell window, if into production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// What had been sold.
    pub lines: Vec<SoldLine>,
    /// What went back.
    pub refunded_cents: Cents,
    /// In which currency.
    pub currency: Currency,
    /// When it had been paid: the day whose sales it no longer belongs to.
    pub paid_at: Moment,
    /// The order's version.
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
    /// A paid order and what paid it.
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
            currency: order.currency,
            paid_at: order.updated_at,
            late: order.late,
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
            version: order.version,
        }
    }
}

impl From<&Order> for OrderCanceledV1 {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id,
            customer_id: order.customer.clone(),
            kind: order.kind,
            sell_window_id: order.window,
            lines: SoldLine::all(order),
            was_paid: order.payment.is_some(),
            version: order.version,
        }
    }
}

impl OrderRefundedV1 {
    /// A refunded order that had been paid at `paid_at`.
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

/// `order.created.v1`: it was accepted, to be reserved later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCreatedV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// In which sell window, if into production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// What was ordered.
    pub lines: Vec<SoldLine>,
    /// What is to be paid.
    pub total_cents: Cents,
    /// In which currency.
    pub currency: Currency,
    /// The order's version.
    pub version: u64,
}

/// `order.failed.v1`: it cannot be served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFailedV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// In which sell window, if into production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// What had been ordered.
    pub lines: Vec<SoldLine>,
    /// Whether it had been paid, so that a refund follows.
    pub was_paid: bool,
    /// Why: a refusal's code, or `production_failed`, `shipping_failed`.
    pub reason: String,
    /// The order's version.
    pub version: u64,
}

/// `order.shipping_scheduled.v1`: it waits to be shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderShippingScheduledV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// In which sell window, if into production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The order's version.
    pub version: u64,
}

/// `order.completed.v1`: it was shipped, and telling its customer was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCompletedV1 {
    /// Which order.
    pub order_id: OrderId,
    /// Whose.
    pub customer_id: CustomerId,
    /// From stock or into production.
    pub kind: OrderKind,
    /// In which sell window, if into production.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<SellWindowId>,
    /// The order's version.
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
