//! Bodies of the quote route.

use crate::orders::{CartBody, PlaceOrderLine};
use crate::shipping_methods::{OrderShippingView, ShippingBody};
use domain::Refusal;
use domain::cart::Cart;
use domain::order::Quote;
use serde::{Deserialize, Serialize};

/// `POST /quotes`: an order without its contact.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteOrder {
    /// 1 to 50 lines; lines of the same variant are merged.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 50))]
    #[serde(deserialize_with = "crate::object::objects")]
    pub lines: Vec<PlaceOrderLine>,
    /// The sell window of a preorder; the lines must be variants of one product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sell_window_id: Option<String>,
    /// The coupon to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupon_id: Option<String>,
    /// The payment method; with `POINTS` the balance is compared with the total.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::OfferedPaymentMethod>))]
    pub payment_method: Option<String>,
    /// The delivery; required in a shop with shipping methods.
    #[serde(default, deserialize_with = "crate::object::optional_object", skip_serializing_if = "Option::is_none")]
    pub shipping: Option<ShippingBody>,
    /// The total that the customer was shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0))]
    pub expected_total_cents: Option<i64>,
}

impl QuoteOrder {
    /// # Errors
    /// Those of [`crate::orders::PlaceOrder::parse`], without those of the contact.
    pub fn parse(&self) -> Result<Cart, Refusal> {
        let body = CartBody {
            lines: &self.lines,
            coupon_id: self.coupon_id.as_deref(),
            sell_window_id: self.sell_window_id.as_deref(),
            payment_method: self.payment_method.as_deref(),
            shipping: self.shipping.as_ref(),
            expected_total_cents: self.expected_total_cents,
        };
        body.parse(|_| None)
    }
}

/// The price of an order that is not placed. A `code` is the refusal that `POST /orders` would return now; without any, the
/// order would be accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteView {
    /// The lines, each variant once.
    pub lines: Vec<QuoteLineView>,
    /// The total of the items, in the currency's minor unit.
    pub items_total_cents: i64,
    /// The discount, in the currency's minor unit.
    pub discount_cents: i64,
    /// The delivery fee, in the currency's minor unit.
    pub shipping_fee_cents: i64,
    /// The delivery, if it was chosen and is possible.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping: Option<OrderShippingView>,
    /// The total to pay, in the currency's minor unit.
    pub total_cents: i64,
    /// The currency (ISO 4217).
    pub currency: String,
    /// The coupon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<QuoteCouponView>,
    /// The refusal of the order as a whole; present only if no line and no coupon has a `code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::ProblemCode>))]
    pub code: Option<String>,
}

/// One line of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteLineView {
    /// The variant.
    pub variant_id: String,
    /// The quantity, in pieces.
    pub quantity: u32,
    /// The price per piece, in the currency's minor unit; 0 for an unknown variant.
    pub unit_price_cents: i64,
    /// Quantity times price, in the currency's minor unit.
    pub subtotal_cents: i64,
    /// The line's part of the discount, in the currency's minor unit.
    pub discount_cents: i64,
    /// The refusal of this line, as a problem code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::ProblemCode>))]
    pub code: Option<String>,
}

/// The coupon of a quote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QuoteCouponView {
    /// The coupon.
    pub coupon_id: String,
    /// The refusal of the coupon, as a problem code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::ProblemCode>))]
    pub code: Option<String>,
}

fn code(refusal: Option<&Refusal>) -> Option<String> {
    refusal.map(|refusal| refusal.code().to_owned())
}

impl From<&Quote> for QuoteView {
    fn from(quote: &Quote) -> Self {
        let lines = quote.lines.iter().map(|line| QuoteLineView {
            variant_id: line.variant.to_string(),
            quantity: line.quantity.get(),
            unit_price_cents: line.unit_price.get(),
            subtotal_cents: line.unit_price.times(line.quantity.get()).get(),
            discount_cents: line.discount.get(),
            code: code(line.refusal.as_ref()),
        });
        Self {
            lines: lines.collect(),
            items_total_cents: quote.items_total.get(),
            discount_cents: quote.discount.get(),
            shipping_fee_cents: quote.shipping_fee().get(),
            shipping: quote.shipping.as_ref().map(OrderShippingView::from),
            total_cents: quote.total().get(),
            currency: quote.currency.to_string(),
            coupon: quote
                .coupon
                .as_ref()
                .map(|(id, refusal)| QuoteCouponView { coupon_id: id.to_string(), code: code(refusal.as_ref()) }),
            code: code(quote.refusal.as_ref()),
        }
    }
}
