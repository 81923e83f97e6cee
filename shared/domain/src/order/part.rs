//! A partial refund: the amount that was paid for some of an order's pieces, and for the delivery.

use super::{Order, OrderLine};
use crate::Invalid;
use crate::cart::CartLine;
use crate::money::{Cents, ChargeUnit};
use crate::quantity::Quantity;

/// The part of an order's money to refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefundWish {
    /// Everything that is not refunded yet.
    Rest,
    Amount(Cents),
    /// The price of these pieces, and the delivery fee.
    Part {
        /// Each variant once.
        lines: Vec<CartLine>,
        shipping_fee: bool,
    },
}

impl RefundWish {
    /// The amount to refund; `rest` is what is not refunded yet.
    ///
    /// # Errors
    /// [`Invalid`] for pieces that the order does not have, and for a part that cost nothing.
    pub fn amount(&self, order: &Order, rest: Cents, unit: ChargeUnit) -> Result<Cents, Invalid> {
        let (lines, shipping_fee) = match self {
            Self::Rest => return Ok(rest),
            Self::Amount(amount) => return Ok(*amount),
            Self::Part { lines, shipping_fee } => (lines, *shipping_fee),
        };
        let mut wrong = Invalid::default();
        let mut amount = if shipping_fee { order.shipping_fee() } else { Cents::ZERO };
        for (place, wanted) in lines.iter().enumerate() {
            let line = order.lines.iter().find(|line| line.variant == wanted.variant);
            match line.filter(|line| wanted.quantity <= line.quantity) {
                Some(line) => amount = amount.plus(line.paid_for(wanted.quantity, unit)),
                None => wrong.note(format!("lines[{place}]"), "must be in the order, with at least this quantity"),
            }
        }
        if amount == Cents::ZERO {
            wrong.note("lines", "must have a price above 0 in this order");
        }
        wrong.into_result(Some(amount))
    }
}

impl OrderLine {
    /// The price of some pieces of the line, less their part of the discount. The part of the discount is rounded up to a
    /// chargeable amount, so that all parts together never exceed the line.
    fn paid_for(&self, quantity: Quantity, unit: ChargeUnit) -> Cents {
        let (pieces, all) = (i64::from(quantity.get()), i64::from(self.quantity.get().max(1)));
        let exact = self.discount.get().saturating_mul(pieces);
        let floor = unit.floor(Cents::new(exact / all));
        let is_exact = floor.get().saturating_mul(all) == exact;
        let part = if is_exact { floor } else { floor.plus(Cents::new(unit.get())) };
        self.unit_price.times(quantity.get()).minus(part.min(self.discount))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cart::tests::line;
    use crate::order::place::tests::placed;
    use crate::shipping_method::tests::home;
    use crate::shop::tests::shop;
    use proptest::prelude::*;

    /// Three pieces at 350.00 with a discount of 100.00, and a delivery for 100.00.
    fn order() -> Order {
        let shipping = home().price(Cents::ZERO, None).ok();
        let mut order = Order { shipping, discount: Cents::new(10_000), ..placed() };
        let pieces = line(1, 3);
        order.lines.truncate(1);
        order.lines[0].variant = pieces.variant;
        order.lines[0].quantity = pieces.quantity;
        order.lines[0].unit_price = Cents::new(35_000);
        order.lines[0].discount = Cents::new(10_000);
        order
    }

    fn amount(lines: Vec<CartLine>, shipping_fee: bool) -> Result<i64, Invalid> {
        let wish = RefundWish::Part { lines, shipping_fee };
        wish.amount(&order(), order().total(), shop().charge_unit).map(Cents::get)
    }

    #[test]
    fn a_part_costs_its_pieces_less_their_discount_and_the_fee_only_if_it_is_named() {
        assert_eq!(amount(vec![line(1, 1)], false), Ok(35_000 - 3_400));
        assert_eq!(amount(vec![line(1, 2)], false), Ok(70_000 - 6_700));
        assert_eq!(amount(vec![line(1, 3)], false), Ok(105_000 - 10_000));
        assert_eq!(amount(vec![line(1, 3)], true), Ok(order().total().get()));
        assert_eq!(amount(Vec::new(), true), Ok(10_000));
        let rest = Cents::new(700);
        assert_eq!(RefundWish::Rest.amount(&order(), rest, shop().charge_unit), Ok(rest));
        assert_eq!(RefundWish::Amount(Cents::new(5)).amount(&order(), rest, shop().charge_unit), Ok(Cents::new(5)));
    }

    #[test]
    fn a_part_that_the_order_does_not_have_is_refused() {
        for lines in [vec![line(2, 1)], vec![line(1, 4)], vec![line(1, 1), line(2, 1)]] {
            let wrong = amount(lines, true).unwrap_err();
            assert!(wrong.errors()[0].field.starts_with("lines["), "{wrong:?}");
        }
        assert_eq!(amount(Vec::new(), false).unwrap_err().errors()[0].field, "lines");
    }

    proptest! {
        #[test]
        fn the_parts_of_a_line_never_add_up_to_more_than_the_line(
            pieces in 2..=99i64, first in 1..=98i64, price in 1..=10_000i64, discount in 0..=100i64,
        ) {
            let (first, unit) = (first.min(pieces - 1), shop().charge_unit);
            let mut order = order();
            let sold = &mut order.lines[0];
            sold.quantity = line(1, pieces).quantity;
            sold.unit_price = Cents::new(price * 100);
            sold.discount = unit.floor(Cents::new(price * pieces * discount));
            let paid = |pieces: i64| sold.paid_for(line(1, pieces).quantity, unit);
            let whole = sold.subtotal().minus(sold.discount);
            prop_assert_eq!(paid(pieces), whole);
            prop_assert!(paid(first).plus(paid(pieces - first)) <= whole);
            prop_assert!(paid(first) >= Cents::ZERO && paid(first).get() % unit.get() == 0);
        }
    }
}
