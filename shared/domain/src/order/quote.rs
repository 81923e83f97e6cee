//! What an order would cost now, and whether it would be refused. Nothing is written and nothing is held.

use super::place::split_discount;
use super::{OrderLine, PlacementInputs};
use crate::cart::Cart;
use crate::catalog::Listing;
use crate::id::{CouponId, VariantId};
use crate::money::{Cents, Currency};
use crate::payment::PaymentMethod;
use crate::quantity::Quantity;
use crate::shipping_method::OrderShipping;
use crate::shop::Shop;
use crate::{Moment, Refusal};
use std::collections::HashMap;

/// The remaining quantities at the time of a quote.
#[derive(Debug, Clone, Default)]
pub struct Left {
    /// Pieces in stock, over all shards.
    pub stock: HashMap<VariantId, i64>,
    /// Places in the offer, over all shards.
    pub places: i64,
    /// Pieces that the customer has already reserved in the offer.
    pub reserved_by_customer: i64,
}

/// The price of an order that is not placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    pub lines: Vec<QuoteLine>,
    /// The sum of all lines that have a price.
    pub items_total: Cents,
    pub discount: Cents,
    /// The delivery method and its fee.
    pub shipping: Option<OrderShipping>,
    pub currency: Currency,
    /// The coupon, and its refusal.
    pub coupon: Option<(CouponId, Option<Refusal>)>,
    /// The refusal of the order as a whole, if neither a line nor the coupon is refused.
    pub refusal: Option<Refusal>,
}

/// One line of a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteLine {
    pub variant: VariantId,
    pub quantity: Quantity,
    /// Zero for an unknown variant.
    pub unit_price: Cents,
    /// The line's part of the discount.
    pub discount: Cents,
    /// The refusal of the line.
    pub refusal: Option<Refusal>,
}

impl Quote {
    /// The total to pay.
    pub fn total(&self) -> Cents {
        self.items_total.minus(self.discount).plus(self.shipping_fee())
    }

    /// The fee of the delivery.
    pub fn shipping_fee(&self) -> Cents {
        self.shipping.as_ref().map_or(Cents::ZERO, OrderShipping::fee)
    }
}

/// Prices a cart as [`super::place`] would. `open_orders` is the result of the check of unpaid orders.
pub fn quote(
    cart: &Cart,
    (listings, inputs): (&[Listing], &PlacementInputs),
    left: &Left,
    open_orders: Result<(), Refusal>,
    (shop, now): (&Shop, Moment),
) -> Quote {
    let of_offer = refusal_of_offer(cart, inputs, left, now);
    let mut refusals = Vec::new();
    let mut lines: Vec<OrderLine> = Vec::new();
    for wanted in cart.lines() {
        let listing = listings.iter().find(|listing| listing.variant == wanted.variant);
        let in_stock = left.stock.get(&wanted.variant).copied().unwrap_or_default();
        refusals.push(match listing {
            None => Some(Refusal::VariantNotFound),
            Some(listing) if !listing.on_sale => Some(Refusal::ProductNotOnSale { variant: wanted.variant }),
            Some(_) if cart.window().is_some() => of_offer.clone(),
            Some(_) if in_stock < i64::from(wanted.quantity.get()) => {
                Some(Refusal::OutOfStock { variant: wanted.variant })
            }
            Some(_) => None,
        });
        lines.push(OrderLine {
            variant: wanted.variant,
            name: String::new(),
            quantity: wanted.quantity,
            unit_price: listing.map_or(Cents::ZERO, |listing| listing.unit_price),
            discount: Cents::ZERO,
            allocations: Vec::new(),
        });
    }
    let items_total: Cents = lines.iter().map(OrderLine::subtotal).sum();
    let (coupon, discount) = match cart.coupon {
        None => (None, Cents::ZERO),
        Some(id) => {
            let held = inputs.coupon.as_ref().ok_or(Refusal::CouponNotFound);
            match held.and_then(|coupon| coupon.discount_on(items_total, now, shop.charge_unit)) {
                Ok(discount) => (Some((id, None)), discount),
                Err(refusal) => (Some((id, Some(refusal))), Cents::ZERO),
            }
        }
    };
    split_discount(&mut lines, discount, shop.charge_unit);
    let items = items_total.minus(discount);
    let (shipping, of_shipping) = match inputs.shipping_methods.choose(&cart.shipping, items) {
        Ok(shipping) => (shipping, None),
        Err(refusal) => (None, Some(refusal)),
    };
    let total = items.plus(shipping.as_ref().map_or(Cents::ZERO, OrderShipping::fee));
    let pays_now = cart.window().is_none() && cart.payment_method == Some(PaymentMethod::Points);
    let refusal = if of_shipping.is_some() {
        of_shipping
    } else if cart.expected_total.is_some_and(|expected| expected != total) {
        Some(Refusal::PriceChanged { total_cents: total.get() })
    } else if pays_now && inputs.balance < total {
        Some(Refusal::InsufficientPoints)
    } else {
        open_orders.err()
    };
    let lines = lines
        .into_iter()
        .zip(refusals)
        .map(|(line, refusal)| QuoteLine {
            variant: line.variant,
            quantity: line.quantity,
            unit_price: line.unit_price,
            discount: line.discount,
            refusal,
        })
        .collect();
    Quote { lines, items_total, discount, shipping, currency: shop.currency, coupon, refusal }
}

/// The refusal of the cart by the offer.
fn refusal_of_offer(cart: &Cart, inputs: &PlacementInputs, left: &Left, now: Moment) -> Option<Refusal> {
    cart.window()?;
    let Some(open_offer) = inputs.open_offer.as_ref() else { return Some(Refusal::SellWindowNotFound) };
    if let Err(refusal) = open_offer.check(cart, now) {
        return Some(refusal);
    }
    let pieces = i64::from(cart.quantity());
    let per_customer_max = open_offer.offer.as_ref().and_then(|(offer, _)| offer.terms.per_customer_max);
    match per_customer_max {
        Some(max_qty) if left.reserved_by_customer + pieces > i64::from(max_qty) => {
            Some(Refusal::PerCustomerLimit { max_qty })
        }
        _ if left.places < pieces => Some(Refusal::OfferFull),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::tests::{listing, placement};
    use super::*;
    use crate::cart::tests::line;
    use crate::shipping_method::ShippingMethods;
    use crate::shipping_method::tests::{chosen, home};
    use crate::shop::tests::shop;
    use std::sync::Arc;

    fn quoted(cart: &Cart, in_stock: i64) -> Quote {
        let left = Left { stock: HashMap::from([(line(1, 1).variant, in_stock)]), ..Left::default() };
        let inputs = PlacementInputs::default();
        quote(cart, (&[listing(1, 35_000)], &inputs), &left, Ok(()), (&shop(), placement().now))
    }

    #[test]
    fn a_quote_prices_the_lines_and_names_each_refusal() {
        let cart = Cart::new(&[line(1, 2), line(2, 1)], None, None, None, None).unwrap();
        let quote = quoted(&cart, 2);
        assert_eq!((quote.items_total, quote.total()), (Cents::new(70_000), Cents::new(70_000)));
        let refusals: Vec<_> = quote.lines.into_iter().map(|line| line.refusal).collect();
        assert_eq!(refusals, [None, Some(Refusal::VariantNotFound)]);
        let short = quoted(&cart, 1).lines.remove(0).refusal;
        assert_eq!(short, Some(Refusal::OutOfStock { variant: line(1, 1).variant }));
    }

    #[test]
    fn a_quote_has_the_fee_of_the_delivery_or_says_why_there_is_none() {
        let shipping_methods = Arc::new(ShippingMethods::default().set(home()).unwrap());
        let inputs = PlacementInputs { shipping_methods, ..PlacementInputs::default() };
        let mut cart = Cart::new(&[line(1, 1)], None, None, None, Some(Cents::new(45_000))).unwrap();
        let left = Left { stock: HashMap::from([(line(1, 1).variant, 1)]), ..Left::default() };
        let quote =
            |cart: &Cart| quote(cart, (&[listing(1, 35_000)], &inputs), &left, Ok(()), (&shop(), placement().now));
        let without = quote(&cart);
        assert_eq!((without.refusal, without.shipping), (Some(Refusal::ShippingMethodRequired), None));
        cart.shipping = chosen("HOME");
        let with = quote(&cart);
        assert_eq!((with.refusal.as_ref(), with.shipping_fee()), (None, Cents::new(10_000)));
        assert_eq!(with.total(), Cents::new(45_000));
    }

    #[test]
    fn the_order_is_refused_for_the_total_or_the_balance() {
        let mut cart = Cart::new(&[line(1, 1)], None, Some(PaymentMethod::Points), None, None).unwrap();
        assert_eq!(quoted(&cart, 1).refusal, Some(Refusal::InsufficientPoints));
        cart.expected_total = Some(Cents::new(1));
        assert_eq!(quoted(&cart, 1).refusal, Some(Refusal::PriceChanged { total_cents: 35_000 }));
    }
}
