//! The cart: what a customer asks for before it becomes an order.

use crate::contact::Contact;
use crate::id::{CouponId, OfferId, SellWindowId, VariantId};
use crate::money::Cents;
use crate::notification::Language;
use crate::payment::PaymentMethod;
use crate::profile::AddressId;
use crate::quantity::Quantity;
use crate::shipping_method::ShippingChoice;
use crate::{Invalid, Refusal};

/// The maximum number of lines in an order.
pub const LINES_MAX: usize = 50;

/// One variant and its quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CartLine {
    pub variant: VariantId,
    pub quantity: Quantity,
}

/// A valid cart: 1 to [`LINES_MAX`] lines, each variant at most once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cart {
    lines: Vec<CartLine>,
    window: Option<SellWindowId>,
    pub coupon: Option<CouponId>,
    /// The payment method, if chosen. With [`PaymentMethod::Points`] the balance is checked when the order is placed.
    pub payment_method: Option<PaymentMethod>,
    /// The chosen delivery.
    pub shipping: ShippingChoice,
    /// The customer's contact data. A cart with neither contact data nor a saved address can be priced, but not ordered.
    pub contact: Option<Contact>,
    /// The name of a saved address, instead of contact data.
    pub address: Option<AddressId>,
    /// The total that the customer was shown. A different total is refused ([`Refusal::PriceChanged`]).
    pub expected_total: Option<Cents>,
    /// The language of the order's messages, if the customer chose one.
    pub language: Option<Language>,
}

impl Cart {
    /// Builds a cart and merges lines of the same variant.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for `lines` when there are none, more than [`LINES_MAX`], or a merged quantity above
    /// [`Quantity::MAX`].
    pub fn new(
        lines: &[CartLine],
        coupon: Option<CouponId>,
        payment_method: Option<PaymentMethod>,
        contact: impl Into<Option<Contact>>,
        expected_total: Option<Cents>,
    ) -> Result<Self, Refusal> {
        if lines.is_empty() || lines.len() > LINES_MAX {
            return Err(Invalid::field("lines", format!("must have 1 to {LINES_MAX} lines")).into());
        }
        let (lines, contact) = (merge(lines)?, contact.into());
        let shipping = ShippingChoice::None;
        let (window, address, language) = (None, None, None);
        Ok(Self { lines, window, coupon, payment_method, shipping, contact, address, expected_total, language })
    }

    /// The cart as a preorder in this sell window.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for `lines` unless all lines are variants of one product: a preorder belongs to one batch.
    pub fn in_window(self, window: SellWindowId) -> Result<Self, Refusal> {
        let mut products = self.lines.iter().map(|line| line.variant.product());
        let first = products.next();
        if products.any(|product| Some(product) != first) {
            return Err(Invalid::field("lines", "must be variants of one product, when sell_window_id is given").into());
        }
        Ok(Self { window: Some(window), ..self })
    }

    /// The sell window, if the cart is a preorder.
    pub const fn window(&self) -> Option<SellWindowId> {
        self.window
    }

    /// The offer, if the cart is a preorder.
    pub fn offer(&self) -> Option<OfferId> {
        Some(OfferId { window: self.window?, product: self.lines.first()?.variant.product() })
    }

    /// The number of pieces in all lines.
    pub fn quantity(&self) -> u32 {
        self.lines.iter().map(|line| line.quantity.get()).sum()
    }

    /// The lines, each variant once, in the order in which the variants first appeared.
    pub fn lines(&self) -> &[CartLine] {
        &self.lines
    }
}

fn merge(lines: &[CartLine]) -> Result<Vec<CartLine>, Invalid> {
    let mut merged: Vec<CartLine> = Vec::with_capacity(lines.len());
    for (position, line) in lines.iter().enumerate() {
        match merged.iter_mut().find(|known| known.variant == line.variant) {
            None => merged.push(*line),
            Some(known) => {
                known.quantity = known.quantity.plus(line.quantity).ok_or_else(|| {
                    let message = format!("adds up to more than {} of one variant", Quantity::MAX);
                    Invalid::field(format!("lines[{position}].quantity"), message)
                })?;
            }
        }
    }
    Ok(merged)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::contact::RawContact;
    use crate::id::ProductId;
    use uuid::Uuid;

    pub(crate) fn contact() -> Contact {
        Contact::parse(RawContact {
            name: "Ada",
            phone: "0912345678",
            email: "ada@example.com",
            shipping_address: "1 Main St",
            line_user_id: None,
        })
        .unwrap()
    }

    pub(crate) fn line(serial: u32, quantity: i64) -> CartLine {
        let variant = VariantId::new(ProductId::new(Uuid::from_u128(7)), serial);
        CartLine { variant, quantity: Quantity::parse("quantity", quantity).unwrap() }
    }

    fn cart(lines: &[CartLine]) -> Result<Cart, Refusal> {
        Cart::new(lines, None, None, contact(), None)
    }

    #[test]
    fn lines_of_the_same_variant_are_merged() {
        let cart = cart(&[line(1, 2), line(2, 1), line(1, 3)]).unwrap();
        assert_eq!(cart.lines(), [line(1, 5), line(2, 1)]);
    }

    #[test]
    fn merged_lines_keep_to_the_quantity_limit() {
        let Err(Refusal::Invalid(wrong)) = cart(&[line(1, 60), line(1, 40)]) else { panic!("must be refused") };
        assert_eq!(wrong.errors()[0].field, "lines[1].quantity");
    }

    #[test]
    fn a_preorder_is_for_variants_of_one_product() {
        let window = SellWindowId::new(Uuid::from_u128(3));
        let one = cart(&[line(1, 1), line(2, 2)]).unwrap().in_window(window).unwrap();
        assert_eq!(one.offer(), Some(OfferId { window, product: line(1, 1).variant.product() }));
        assert_eq!(one.quantity(), 3);
        let other = CartLine { variant: VariantId::new(ProductId::new(Uuid::from_u128(8)), 1), ..line(1, 1) };
        assert!(cart(&[line(1, 1), other]).unwrap().in_window(window).is_err());
        assert_eq!(cart(&[line(1, 1)]).unwrap().offer(), None);
    }

    #[test]
    fn a_cart_has_1_to_50_lines() {
        assert!(cart(&[]).is_err());
        let lines: Vec<_> = (0..51).map(|serial| line(serial, 1)).collect();
        assert!(cart(&lines[..50]).is_ok());
        assert!(cart(&lines).is_err());
    }
}
