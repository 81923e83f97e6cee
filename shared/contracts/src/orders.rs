//! Bodies of the order routes.

mod batch_order;

pub use batch_order::BatchOrderView;

use crate::payments::AttemptView;
use crate::shipping_methods::{OrderShippingView, ShippingBody};
use domain::cart::{Cart, CartLine, LINES_MAX};
use domain::contact::{Contact, ContactChange, RawContact, RawContactChange};
use domain::id::{CouponId, SellWindowId, VariantId};
use domain::money::Cents;
use domain::notification::{Job, Language};
use domain::order::{Actor, Order};
use domain::payment::PaymentMethod;
use domain::profile::AddressId;
use domain::quantity::Quantity;
use domain::shipment::{Shipment, Way};
use domain::shipping_method::ShippingChoice;
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
    /// The sell window, for a preorder; all lines must then be variants of one product. Without it, the order is served
    /// from stock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<String>,
    /// The coupon to use; the customer must hold it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<String>,
    /// The payment method; with `POINTS` the balance must be sufficient now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::OfferedPaymentMethod>))]
    pub payment_method: Option<String>,
    /// The delivery; required in a shop with shipping methods.
    #[serde(default, deserialize_with = "crate::object::optional_object", skip_serializing_if = "Option::is_none")]
    pub shipping: Option<ShippingBody>,
    /// The contact data.
    #[serde(deserialize_with = "crate::object::object")]
    pub contact: ContactBody,
    /// The total that the customer was shown; a different total is refused with `price_changed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub expected_total_cents: Option<i64>,
    /// The language of the order's messages; without it, the one of the customer's profile, or else the shop's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::Language>))]
    pub language: Option<String>,
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

/// The contact data of an order: a saved address (`address_id` alone), or `name`, `phone`, `email` and `shipping_address`.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactBody {
    /// The name of one of the addresses of `GET /me`, without any other field. The order copies it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 32))]
    pub address_id: Option<String>,
    /// 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: Option<String>,
    /// E.164 or of Taiwan, without an extension, at most 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 6, max_length = 20))]
    pub phone: Option<String>,
    /// An e-mail address, at most 254 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 254))]
    pub email: Option<String>,
    /// 1 to 300 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 300))]
    pub shipping_address: Option<String>,
    /// `U` and 32 lower-case hex digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_user_id: Option<String>,
}

impl std::fmt::Debug for ContactBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContactBody(redacted)")
    }
}

impl ContactBody {
    /// The contact data, if it is given here.
    fn parse(&self, wrong: &mut Invalid) -> Option<Contact> {
        let fields = [
            ("name", &self.name),
            ("phone", &self.phone),
            ("email", &self.email),
            ("shipping_address", &self.shipping_address),
        ];
        if self.address_id.is_some() {
            if fields.iter().any(|(_, given)| given.is_some()) || self.line_user_id.is_some() {
                wrong.note("contact.address_id", "must not be combined with other fields");
            }
            return None;
        }
        for (name, _) in fields.iter().filter(|(_, given)| given.is_none()) {
            wrong.note(format!("contact.{name}"), "is missing");
        }
        wrong.check(Contact::parse(RawContact {
            name: self.name.as_deref()?,
            phone: self.phone.as_deref()?,
            email: self.email.as_deref()?,
            shipping_address: self.shipping_address.as_deref()?,
            line_user_id: self.line_user_id.as_deref(),
        }))
    }

    /// The saved address, if one is named.
    ///
    /// # Errors
    /// [`Refusal::AddressNotFound`] for a malformed name.
    fn parse_address_id(&self) -> Result<Option<AddressId>, Refusal> {
        self.address_id.as_deref().map(|text| AddressId::parse(text).ok_or(Refusal::AddressNotFound)).transpose()
    }
}

impl PlaceOrder {
    /// # Errors
    /// [`Refusal::Invalid`] for each invalid field; [`Refusal::VariantNotFound`], [`Refusal::CouponNotFound`],
    /// [`Refusal::SellWindowNotFound`], [`Refusal::ShippingMethodNotFound`] and [`Refusal::AddressNotFound`] for malformed
    /// ids.
    pub fn parse(&self) -> Result<Cart, Refusal> {
        let body = CartBody {
            lines: &self.lines,
            coupon_id: self.coupon_id.as_deref(),
            sell_window_id: self.sell_window_id.as_deref(),
            payment_method: self.payment_method.as_deref(),
            shipping: self.shipping.as_ref(),
            expected_total_cents: self.expected_total_cents,
        };
        let mut language = None;
        let mut cart = body.parse(|wrong| {
            language = self.language.as_deref().and_then(|text| wrong.check(Language::parse("language", text)));
            self.contact.parse(wrong)
        })?;
        cart.language = language;
        cart.address = self.contact.parse_address_id()?;
        Ok(cart)
    }
}

/// The common fields of an order's and a quote's body.
pub(crate) struct CartBody<'b> {
    pub(crate) lines: &'b [PlaceOrderLine],
    pub(crate) coupon_id: Option<&'b str>,
    pub(crate) sell_window_id: Option<&'b str>,
    pub(crate) payment_method: Option<&'b str>,
    pub(crate) shipping: Option<&'b ShippingBody>,
    pub(crate) expected_total_cents: Option<i64>,
}

impl CartBody<'_> {
    /// The cart, with the contact that `contact` parses.
    pub(crate) fn parse(&self, contact: impl FnOnce(&mut Invalid) -> Option<Contact>) -> Result<Cart, Refusal> {
        let mut wrong = Invalid::default();
        if self.lines.is_empty() || self.lines.len() > LINES_MAX {
            wrong.note("lines", format!("must have 1 to {LINES_MAX} lines"));
        }
        let quantities: Vec<Option<Quantity>> = (0..)
            .zip(self.lines.iter().take(LINES_MAX))
            .map(|(n, line): (usize, _)| wrong.check(Quantity::parse(&format!("lines[{n}].quantity"), line.quantity)))
            .collect();
        let payment_method =
            self.payment_method.and_then(|text| wrong.check(PaymentMethod::parse("payment_method", text)));
        let contact = contact(&mut wrong);
        if self.expected_total_cents.is_some_and(|cents| cents < 0) {
            wrong.note("expected_total_cents", "must not be negative");
        }
        let postal_code = self.shipping.and_then(|shipping| wrong.check(shipping.parse_postal_code()).flatten());
        wrong.into_result(Some(()))?;

        let lines = self
            .lines
            .iter()
            .zip(quantities.into_iter().flatten())
            .map(|(line, quantity)| {
                let variant = VariantId::parse(&line.variant_id).ok_or(Refusal::VariantNotFound)?;
                Ok(CartLine { variant, quantity })
            })
            .collect::<Result<Vec<_>, Refusal>>()?;
        let coupon = self.coupon_id.map(|text| CouponId::parse(text).ok_or(Refusal::CouponNotFound)).transpose()?;
        let shipping = match self.shipping {
            None => ShippingChoice::None,
            Some(shipping) => ShippingChoice::Method { code: shipping.parse_code()?, postal_code },
        };
        let expected_total = self.expected_total_cents.map(Cents::new);
        let mut cart = Cart::new(&lines, coupon, payment_method, contact, expected_total)?;
        cart.shipping = shipping;
        match self.sell_window_id {
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

/// `PATCH /orders/{order_id}/contact` and `PATCH /admin/orders/{order_id}/contact`: at least one field.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeContact {
    /// The recipient's name, 1 to 100 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 100))]
    pub name: Option<String>,
    /// E.164 or local, at most 20 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 6, max_length = 20))]
    pub phone: Option<String>,
    /// The delivery address, 1 to 300 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 300))]
    pub shipping_address: Option<String>,
    /// The postal code of a new address, 2 to 10 characters. A customer has to state it where the order's shipping method
    /// costs more to islands: the fee of an order stays, so that an order that has not paid for an island cannot go to one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 2, max_length = 10))]
    pub postal_code: Option<String>,
}

impl std::fmt::Debug for ChangeContact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChangeContact(redacted)")
    }
}

impl ChangeContact {
    /// # Errors
    /// Names each wrong field; `name` when there is none at all.
    pub fn parse(&self) -> Result<ContactChange, Invalid> {
        ContactChange::parse(RawContactChange {
            name: self.name.as_deref(),
            phone: self.phone.as_deref(),
            shipping_address: self.shipping_address.as_deref(),
            postal_code: self.postal_code.as_deref(),
        })
    }
}

/// The contact data and delivery address of an order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ContactView {
    /// The recipient's name.
    pub name: String,
    /// E.164 or local.
    pub phone: String,
    /// An e-mail address.
    pub email: String,
    /// The delivery address.
    pub shipping_address: String,
    /// The customer's LINE user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_user_id: Option<String>,
}

impl std::fmt::Debug for ContactView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ContactView(redacted)")
    }
}

impl From<&Contact> for ContactView {
    fn from(contact: &Contact) -> Self {
        Self {
            name: contact.name.to_string(),
            phone: contact.phone.clone(),
            email: contact.email.clone(),
            shipping_address: contact.shipping_address.to_string(),
            line_user_id: contact.line_user_id.clone(),
        }
    }
}

/// The view of an order for its customer and for admins. Lists and the responses of commands omit the contact data: a
/// response is stored for a day under its idempotency key, and contact data is stored only with the order.
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
    /// The delivery fee, in the currency's minor unit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub shipping_fee_cents: i64,
    /// The delivery method and its fee, as agreed when the order was placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping: Option<OrderShippingView>,
    /// The total to pay, in the currency's minor unit: the items after the discount, and the delivery fee.
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
    /// The payment that paid the order; until then the last attempt to pay it at a provider.
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
    /// The language of its messages, if the customer chose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::Language>))]
    pub language: Option<String>,
    /// The contact data; present only in the response for a single order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactView>,
    /// The shipment: a parcel, or a pick-up; absent before the order is shipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<ShipmentView>,
    /// The status history, oldest first.
    pub history: Vec<StepView>,
    /// The time at which the order was placed.
    pub created_at: Timestamp,
    /// The time of the last change.
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
    /// The place and time of the pick-up; only for a pick-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pickup_info: Option<String>,
    /// The time of the shipment.
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
    /// The actor of the step: `customer`, `shop` or an admin's id. Only in responses to admins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The admin's view of a single order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdminOrderView {
    /// The order, with the same fields as the customer's view.
    #[serde(flatten)]
    pub order: OrderView,
    /// The customer, by the `sub` claim of the user pool.
    pub customer_id: String,
    /// Every attempt to pay it, newest first.
    pub payments: Vec<AttemptView>,
    /// The messages about the order, newest first. A message is deleted 90 days after its last change.
    pub messages: Vec<OrderMessageView>,
}

impl AdminOrderView {
    /// An order with its payments and the messages about it.
    pub fn new(order: &Order, payments: Vec<AttemptView>, jobs: &[Job]) -> Self {
        let by = order.history.iter().map(|step| step.actor().as_ref().map(Actor::to_string));
        let mut view = OrderView::with_contact(order);
        for (step, by) in view.history.iter_mut().zip(by) {
            step.by = by;
        }
        let messages = jobs.iter().map(OrderMessageView::from).collect();
        Self { order: view, customer_id: order.customer.to_string(), payments, messages }
    }
}

/// A message about an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderMessageView {
    /// The job id: one per event, channel, recipient and template.
    pub job_id: String,
    /// `EMAIL`, `SMS`, `LINE` or `SLACK`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::Channel))]
    pub channel: String,
    /// The message template, for example `order_paid`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::TemplateKey))]
    pub template_key: String,
    /// `REQUESTED`, `SENT` or `FAILED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::NotificationStatus))]
    pub status: String,
    /// The time at which the channel accepted the message; absent before that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
}

impl From<&Job> for OrderMessageView {
    fn from(job: &Job) -> Self {
        Self {
            job_id: job.id.to_string(),
            channel: job.id.channel().as_str().to_owned(),
            template_key: job.template.as_str().to_owned(),
            status: job.status.as_str().to_owned(),
            sent_at: job.sent_at,
        }
    }
}

fn is_zero(cents: &i64) -> bool {
    *cents == 0
}

impl OrderView {
    /// An order that is looked at by itself.
    pub fn with_contact(order: &Order) -> Self {
        Self { contact: order.contact.as_ref().map(ContactView::from), ..Self::from(order) }
    }
}

impl From<&Order> for OrderView {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.id.to_string(),
            order_no: order.number.to_string(),
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
            shipping_fee_cents: order.shipping_fee().get(),
            shipping: order.shipping.as_ref().map(OrderShippingView::from),
            total_cents: order.total().get(),
            refunded_cents: order.refunded.get(),
            currency: order.currency.to_string(),
            coupon_id: order.coupon.map(|id| id.to_string()),
            payment_method: order.payment_method.unwrap_or(PaymentMethod::Points).as_str().to_owned(),
            payment_id: order.payment.or(order.attempt).map(|id| id.to_string()),
            hold_expires_at: order.hold_expires_at,
            pay_before: order.pay_before,
            late: order.late,
            language: order.language.map(|language| language.as_str().to_owned()),
            contact: None,
            shipment: order.shipment.as_ref().map(ShipmentView::from),
            history: order
                .history
                .iter()
                .map(|step| StepView {
                    status: step.status.as_str().to_owned(),
                    at: step.at,
                    reason: step.reason.clone(),
                    by: None,
                })
                .collect(),
            created_at: order.created_at,
            updated_at: order.updated_at,
        }
    }
}
