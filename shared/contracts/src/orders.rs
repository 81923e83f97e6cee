//! Bodies of the order routes.

use domain::cart::{Cart, CartLine, LINES_MAX};
use domain::contact::{Contact, RawContact};
use domain::id::{CouponId, SellWindowId, VariantId};
use domain::money::Cents;
use domain::order::Order;
use domain::payment::PaymentMethod;
use domain::quantity::Quantity;
use domain::shipment::{Shipment, Way};
use domain::text::Reason;
use domain::{Invalid, Refusal};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST /orders`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceOrder {
    /// 1 to 50 lines; lines of the same variant are merged.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 50))]
    #[serde(deserialize_with = "crate::object::objects")]
    pub lines: Vec<PlaceOrderLine>,
    /// Makes the order a preorder in this window; the lines must be variants of one product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<String>,
    /// The coupon to use; the customer must hold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<String>,
    /// The payment method; with `POINTS` the balance must be sufficient now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::OfferedPaymentMethod>))]
    pub payment_method: Option<String>,
    /// The contact data.
    #[serde(deserialize_with = "crate::object::object")]
    pub contact: ContactBody,
    /// The total that the customer was shown; a different total is refused with `price_changed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub expected_total_cents: Option<i64>,
}

/// One line of a cart.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlaceOrderLine {
    /// The variant.
    pub variant_id: String,
    /// The quantity, 1 to 99 pieces.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 99))]
    pub quantity: i64,
}

/// The contact data of an order.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactBody {
    /// 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: String,
    /// E.164 or of Taiwan, without an extension, at most 20 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 6, max_length = 20))]
    pub phone: String,
    /// An e-mail address, at most 254 characters.
    #[cfg_attr(feature = "openapi", schema(max_length = 254))]
    pub email: String,
    /// 1 to 300 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 300))]
    pub shipping_address: String,
    /// `U` and 32 lower-case hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_user_id: Option<String>,
}

impl std::fmt::Debug for ContactBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContactBody(redacted)")
    }
}

impl PlaceOrder {
    /// # Errors
    /// [`Refusal::Invalid`] for each invalid field; [`Refusal::VariantNotFound`], [`Refusal::CouponNotFound`] and
    /// [`Refusal::SellWindowNotFound`] for malformed ids.
    pub fn parse(&self) -> Result<Cart, Refusal> {
        let mut wrong = Invalid::default();
        if self.lines.is_empty() || self.lines.len() > LINES_MAX {
            wrong.note("lines", format!("must have 1 to {LINES_MAX} lines"));
        }
        let quantities: Vec<Option<Quantity>> = (0..)
            .zip(self.lines.iter().take(LINES_MAX))
            .map(|(n, line): (usize, _)| wrong.check(Quantity::parse(&format!("lines[{n}].quantity"), line.quantity)))
            .collect();
        let payment_method =
            self.payment_method.as_deref().and_then(|text| wrong.check(PaymentMethod::parse("payment_method", text)));
        let contact = wrong.check(Contact::parse(RawContact {
            name: &self.contact.name,
            phone: &self.contact.phone,
            email: &self.contact.email,
            shipping_address: &self.contact.shipping_address,
            line_user_id: self.contact.line_user_id.as_deref(),
        }));
        if self.expected_total_cents.is_some_and(|cents| cents < 0) {
            wrong.note("expected_total_cents", "must not be negative");
        }
        let contact = wrong.into_result(contact)?;

        let lines = self
            .lines
            .iter()
            .zip(quantities.into_iter().flatten())
            .map(|(line, quantity)| {
                let variant = VariantId::parse(&line.variant_id).ok_or(Refusal::VariantNotFound)?;
                Ok(CartLine { variant, quantity })
            })
            .collect::<Result<Vec<_>, Refusal>>()?;
        let coupon =
            self.coupon_id.as_deref().map(|text| CouponId::parse(text).ok_or(Refusal::CouponNotFound)).transpose()?;
        let cart = Cart::new(&lines, coupon, payment_method, contact, self.expected_total_cents.map(Cents::new))?;
        match &self.sell_window_id {
            None => Ok(cart),
            Some(id) => cart.in_window(SellWindowId::parse(id).ok_or(Refusal::SellWindowNotFound)?),
        }
    }
}

/// `POST /orders/{order_id}/cancel`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CancelOrder {
    /// The reason, 1 to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reason: Option<String>,
}

impl CancelOrder {
    /// # Errors
    /// [`Invalid`] for `reason` when it is not a line of text.
    pub fn parse(&self) -> Result<Option<Reason>, Invalid> {
        self.reason.as_deref().map(|text| Reason::parse("reason", text)).transpose()
    }
}

/// An order as its customer and admins see it, without contact data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderView {
    /// The id.
    pub order_id: String,
    /// The order number.
    pub order_no: String,
    /// `INSTANT` or `PREORDER`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::OrderKind))]
    pub kind: String,
    /// The status.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::OrderStatus))]
    pub status: String,
    /// The sell window of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<String>,
    /// The order lines.
    pub lines: Vec<OrderLineView>,
    /// The total of the items, in the currency's minor unit.
    pub items_total_cents: i64,
    /// The discount, in the currency's minor unit.
    pub discount_cents: i64,
    /// The total to pay, in the currency's minor unit.
    pub total_cents: i64,
    /// The refunded amount, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refunded_cents: i64,
    /// The currency (ISO 4217).
    pub currency: String,
    /// The coupon that the order holds or used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<String>,
    /// The payment method.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::PaymentMethod))]
    pub payment_method: String,
    /// The payment that paid the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
    /// The deadline until which stock and coupon are held for the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold_expires_at: Option<Timestamp>,
    /// The payment deadline of a preorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pay_before: Option<Timestamp>,
    /// Whether the money arrived late and the order was fulfilled anyway.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
    /// How the order was shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<ShipmentView>,
    /// The status history, oldest first.
    pub history: Vec<StepView>,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A parcel, or a pick-up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShipmentView {
    /// The carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// The carrier's tracking number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_no: Option<String>,
    /// Where and when to pick it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_info: Option<String>,
    /// When it was shipped.
    pub shipped_at: Timestamp,
}

impl From<&Shipment> for ShipmentView {
    fn from(shipment: &Shipment) -> Self {
        let (mut carrier, mut tracking_no, mut pickup_info) = (None, None, None);
        match &shipment.way {
            Way::Parcel { carrier: by, tracking_no: number } => {
                carrier = Some(by.to_string());
                tracking_no = Some(number.to_string());
            }
            Way::Pickup { pickup_info: place } => pickup_info = Some(place.to_string()),
        }
        Self { carrier, tracking_no, pickup_info, shipped_at: shipment.shipped_at }
    }
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderLineView {
    /// The product.
    pub product_id: String,
    /// The variant.
    pub variant_id: String,
    /// The name at the time of the order.
    pub name: String,
    /// The quantity, in pieces.
    pub quantity: u32,
    /// The price per piece at the time of the order, in the currency's minor unit.
    pub unit_price_cents: i64,
    /// Quantity times price, in the currency's minor unit.
    pub subtotal_cents: i64,
    /// The line's part of the discount, in the currency's minor unit.
    pub discount_cents: i64,
}

/// One entry of the status history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepView {
    /// The new status.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::OrderStatus))]
    pub status: String,
    /// The time.
    pub at: Timestamp,
    /// The reason, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

fn is_zero(cents: &i64) -> bool {
    *cents == 0
}

impl From<&Order> for OrderView {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id.to_string(),
            order_no: order.number().to_string(),
            kind: order.kind.as_str().to_owned(),
            status: order.status.as_str().to_owned(),
            sell_window_id: order.window.map(|id| id.to_string()),
            lines: order
                .lines
                .iter()
                .map(|line| OrderLineView {
                    product_id: line.variant.product().to_string(),
                    variant_id: line.variant.to_string(),
                    name: line.name.clone(),
                    quantity: line.quantity.get(),
                    unit_price_cents: line.unit_price.get(),
                    subtotal_cents: line.subtotal().get(),
                    discount_cents: line.discount.get(),
                })
                .collect(),
            items_total_cents: order.items_total().get(),
            discount_cents: order.discount.get(),
            total_cents: order.total().get(),
            refunded_cents: order.refunded.get(),
            currency: order.currency.to_string(),
            coupon_id: order.coupon.map(|id| id.to_string()),
            payment_method: order.payment_method.unwrap_or(PaymentMethod::Points).as_str().to_owned(),
            payment_id: order.payment.map(|id| id.to_string()),
            hold_expires_at: order.hold_expires_at,
            pay_before: order.pay_before,
            late: order.late,
            shipment: order.shipment.as_ref().map(ShipmentView::from),
            history: order
                .history
                .iter()
                .map(|step| StepView {
                    status: step.status.as_str().to_owned(),
                    at: step.at,
                    reason: step.reason.clone(),
                })
                .collect(),
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }
}
