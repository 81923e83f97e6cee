//! Deferred reservation: orders that are accepted first (CREATED) and reserved later.

use super::{Order, OrderLine, OrderStatus, ShopReason, Step};
use crate::cart::{Cart, CartLine};
use crate::shipping_method::ShippingChoice;
use crate::shop::Shop;
use crate::{Moment, Refusal};

impl Order {
    /// The accepted order, before its reservation: nothing is held for it yet.
    #[must_use]
    pub fn to_be_reserved(self, shop: &Shop) -> Self {
        let at = self.created_at;
        Self {
            status: OrderStatus::Created,
            lines: without_allocations(self.lines),
            places: Vec::new(),
            reserve_before: Some(shop.hold_end(at)),
            hold_expires_at: None,
            history: vec![Step::new(OrderStatus::Created, at, None)],
            ..self
        }
    }

    /// The cart of the order, with the order's total as the expected total, and its shipping as it was agreed.
    ///
    /// # Errors
    /// None for a cart that became an order.
    pub fn cart(&self) -> Result<Cart, Refusal> {
        let lines: Vec<CartLine> =
            self.lines.iter().map(|line| CartLine { variant: line.variant, quantity: line.quantity }).collect();
        let mut cart = Cart::new(&lines, self.coupon, self.payment_method, self.contact.clone(), Some(self.total()))?;
        cart.shipping = ShippingChoice::Agreed(self.shipping.clone());
        match self.window {
            Some(window) => cart.in_window(window),
            None => Ok(cart),
        }
    }

    /// Reserves the order as `placed`, which is the same cart placed again. `None` when the order is no longer CREATED.
    #[must_use]
    pub fn reserve(self, placed: Self) -> Option<Self> {
        let reserved = self.step(OrderStatus::Reserved, placed.created_at, None)?;
        Some(Self {
            lines: placed.lines,
            places: placed.places,
            discount: placed.discount,
            hold_expires_at: placed.hold_expires_at,
            ..reserved
        })
    }

    /// Reserves the order whose stock an external system holds; nothing is allocated from the shop's shards. `None`
    /// when the order is no longer CREATED.
    #[must_use]
    pub fn reserve_elsewhere(self, shop: &Shop, now: Moment) -> Option<Self> {
        let reserved = self.step(OrderStatus::Reserved, now, None)?;
        let hold_expires_at = reserved.window.is_none().then(|| shop.hold_end(now));
        Some(Self { hold_expires_at, held_externally: true, ..reserved })
    }

    /// Fails an order that was not reserved in time. `None` when it is not due, or no longer CREATED.
    #[must_use]
    pub fn give_up(self, now: Moment) -> Option<Self> {
        self.deadline().filter(|end| self.status == OrderStatus::Created && now >= *end)?;
        self.fail(ShopReason::NotReservedInTime.as_str(), now)
    }
}

fn without_allocations(lines: Vec<OrderLine>) -> Vec<OrderLine> {
    lines.into_iter().map(|line| OrderLine { allocations: Vec::new(), ..line }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Cents;
    use crate::order::place::tests::{listing, placed, placement};
    use crate::order::{Placement, PlacementInputs, place};
    use crate::shipping_method::tests::home;
    use crate::shipping_method::{MethodCode, ShippingMethod, ShippingMethods};
    use crate::shop::tests::shop;
    use std::sync::Arc;

    fn later() -> Moment {
        placement().now.checked_add(jiff::SignedDuration::from_mins(5)).unwrap()
    }

    #[test]
    fn an_accepted_order_holds_nothing_and_is_not_payable() {
        let places = vec![crate::stock::Allocation { shard: 3, quantity: 2 }];
        let created = Order { places, ..placed() }.to_be_reserved(&shop());
        assert_eq!((created.status, created.version, created.hold_expires_at), (OrderStatus::Created, 1, None));
        assert_eq!(created.deadline(), placed().hold_expires_at);
        assert!(created.places.is_empty() && created.lines.iter().all(|line| line.allocations.is_empty()));
        let accepted = Step::new(OrderStatus::Created, created.created_at, None);
        assert_eq!(created.history, [accepted]);
        assert_eq!(created.total(), placed().total());
    }

    #[test]
    fn a_deferred_reservation_places_the_same_cart_with_a_new_hold() {
        let created = placed().to_be_reserved(&shop());
        let again = Placement { now: later(), ..placement() };
        let cart = created.cart().unwrap();
        let anew = place(again.clone(), &cart, &[listing(1, 35_000)], &PlacementInputs::default(), &shop()).unwrap();
        let reserved = created.clone().reserve(anew).unwrap();
        assert_eq!((reserved.status, reserved.version), (OrderStatus::Reserved, 2));
        assert_eq!(reserved.hold_expires_at, Some(shop().hold_end(later())));
        assert_eq!(reserved.lines, placed().lines);
        assert_eq!((reserved.created_at, reserved.updated_at), (placement().now, later()));
        assert!(reserved.reserve(placed()).is_none(), "once");
        let dearer = place(again, &cart, &[listing(1, 40_000)], &PlacementInputs::default(), &shop());
        assert_eq!(dearer.unwrap_err(), Refusal::PriceChanged { total_cents: 80_000 });
    }

    #[test]
    fn a_deferred_reservation_keeps_the_fee_that_was_agreed() {
        let shipping = home().price(Cents::new(100), None).unwrap();
        let created = Order { shipping: Some(shipping), ..placed() }.to_be_reserved(&shop());
        let again = Placement { now: later(), ..placement() };
        // The shop has no such method any more, and another one that is required.
        let other = ShippingMethod { code: MethodCode::parse("OTHER").unwrap(), ..home() };
        let shipping_methods = Arc::new(ShippingMethods::default().set(other).unwrap());
        let inputs = PlacementInputs { shipping_methods, ..PlacementInputs::default() };
        for created in [created, placed().to_be_reserved(&shop())] {
            let cart = created.cart().unwrap();
            let anew = place(again.clone(), &cart, &[listing(1, 35_000)], &inputs, &shop()).unwrap();
            let reserved = created.clone().reserve(anew).unwrap();
            assert_eq!((&reserved.shipping, reserved.total()), (&created.shipping, created.total()));
        }
    }

    #[test]
    fn a_deferred_reservation_allocates_from_the_current_shards() {
        let places = vec![crate::stock::Allocation { shard: 3, quantity: 2 }];
        let anew = Order { places: places.clone(), discount: Cents::new(100), ..placed() };
        let reserved = placed().to_be_reserved(&shop()).reserve(anew.clone()).unwrap();
        assert_eq!((reserved.places, reserved.discount, reserved.lines), (places, Cents::new(100), anew.lines));
    }

    #[test]
    fn an_externally_held_order_allocates_no_shards() {
        let reserved = placed().to_be_reserved(&shop()).reserve_elsewhere(&shop(), later()).unwrap();
        assert_eq!(reserved.hold_expires_at, Some(shop().hold_end(later())));
        assert!(reserved.lines.iter().all(|line| line.allocations.is_empty()));
    }

    #[test]
    fn an_accepted_order_fails_exactly_at_its_reservation_deadline() {
        let created = placed().to_be_reserved(&shop());
        let end = created.deadline().unwrap();
        let last = end.checked_sub(jiff::SignedDuration::from_millis(1)).unwrap();
        assert_eq!(created.clone().give_up(last), None);
        assert_eq!(created.clone().expire(end), None);
        let failed = created.give_up(end).unwrap();
        assert_eq!(
            (failed.status, failed.history.last().unwrap().reason.as_deref()),
            (OrderStatus::Failed, Some("not_reserved_in_time"))
        );
        assert_eq!(placed().give_up(end), None, "it is reserved: it can expire");
    }

    #[test]
    fn late_money_does_not_revive_an_externally_held_order() {
        let reserved = placed().to_be_reserved(&shop()).reserve_elsewhere(&shop(), later()).unwrap();
        let end = reserved.deadline().unwrap();
        let payment = crate::id::PaymentId::new(uuid::Uuid::nil());
        let late =
            reserved.expire(end).unwrap().accept_late_payment(payment, crate::payment::PaymentMethod::Ecpay, end);
        assert_eq!(late, None);
    }

    #[test]
    fn a_refused_reservation_fails_the_order_with_its_reason() {
        let failed = placed().to_be_reserved(&shop()).fail("out_of_stock", later()).unwrap();
        assert_eq!(failed.history.last().unwrap().reason.as_deref(), Some("out_of_stock"));
        assert!(failed.reserve(placed()).is_none());
    }
}
