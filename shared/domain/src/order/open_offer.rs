//! The offer in which a preorder reserves.

use crate::cart::Cart;
use crate::counter::Counter;
use crate::offer::Offer;
use crate::sell_window::SellWindow;
use crate::{Moment, Refusal};

/// A sell window with the offer of the cart's product, if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOffer {
    pub window: SellWindow,
    /// The offer and its counter.
    pub offer: Option<(Offer, Counter)>,
}

impl OpenOffer {
    /// Checks whether `cart` can be reserved, as far as this can be decided before the write, and returns the number of
    /// capacity shards.
    ///
    /// # Errors
    /// [`Refusal::ProductNotOnSale`] when the window does not offer the product, [`Refusal::SellWindowNotOpen`],
    /// [`Refusal::PerCustomerLimit`], [`Refusal::OfferFull`].
    pub fn check(&self, cart: &Cart, now: Moment) -> Result<u8, Refusal> {
        let variant = cart.lines().first().map(|line| line.variant).ok_or(Refusal::VariantNotFound)?;
        let (offer, counter) = self
            .offer
            .as_ref()
            .filter(|(offer, _)| offer.terms.enabled)
            .ok_or(Refusal::ProductNotOnSale { variant })?;
        offer.check_open(&self.window, counter, now)?;
        match offer.terms.per_customer_max {
            Some(max_qty) if cart.quantity() > max_qty => Err(Refusal::PerCustomerLimit { max_qty }),
            _ if cart.quantity() > offer.terms.capacity() => Err(Refusal::OfferFull),
            _ => Ok(offer.capacity_shards),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cart::tests::{contact, line};
    use crate::counter::CounterStatus;
    use crate::counter::tests::counter;
    use crate::money::Cents;
    use crate::offer::Terms;
    use crate::offer::tests::{offer, terms};
    use crate::order::place::tests::{listing, placement};
    use crate::order::{Order, OrderKind, OrderStatus, PlacementInputs, place};
    use crate::payment::PaymentMethod;
    use crate::sell_window::tests::window;
    use crate::shop::tests::shop;

    fn open_offer() -> OpenOffer {
        OpenOffer { window: window("Asia/Taipei"), offer: Some((offer(), counter(CounterStatus::Open))) }
    }

    fn reserve(quantity: i64, open_offer: Option<OpenOffer>) -> Result<Order, Refusal> {
        let cart = Cart::new(&[line(1, quantity)], None, Some(PaymentMethod::Points), contact(), None)?;
        let cart = cart.in_window(offer().id.window)?;
        let inputs = PlacementInputs { open_offer, ..PlacementInputs::default() };
        place(placement(), &cart, &[listing(1, 35_000)], &inputs, &shop())
    }

    #[test]
    fn a_preorder_reserves_places_takes_no_stock_and_needs_no_points_yet() {
        let order = reserve(2, Some(open_offer())).unwrap();
        assert_eq!((order.kind, order.status), (OrderKind::Preorder, OrderStatus::Reserved));
        assert_eq!(order.offer(), Some(offer().id));
        assert_eq!(order.places.iter().map(|allocation| allocation.quantity).sum::<u32>(), 2);
        assert!(order.lines.iter().all(|line| line.allocations.is_empty()));
        assert_eq!((order.hold_expires_at, order.deadline()), (None, None));
        assert_eq!(order.total(), Cents::new(70_000));
    }

    #[test]
    fn a_preorder_is_asked_to_pay_pays_before_the_deadline_and_expires_at_it() {
        let order = reserve(2, Some(open_offer())).unwrap();
        let now = placement().now;
        let end: Moment = "2026-11-24T12:00:00Z".parse().unwrap();
        let pay = |order: Order, at| order.pay(crate::id::PaymentId::new(uuid::Uuid::nil()), PaymentMethod::Points, at);
        assert!(pay(order.clone(), now).is_err(), "nobody asked yet");
        let asked = order.ask_to_pay(end, now).unwrap();
        assert_eq!(asked.clone().ask_to_pay(end, now), None);
        let last = end.checked_sub(jiff::SignedDuration::from_millis(1)).unwrap();
        assert_eq!(pay(asked.clone(), last).unwrap().status, OrderStatus::Paid);
        assert!(pay(asked.clone(), end).is_err());
        assert_eq!(asked.clone().expire(last), None);
        assert_eq!(asked.expire(end).unwrap().status, OrderStatus::Expired);
    }

    #[test]
    fn a_window_that_is_not_there_or_does_not_offer_the_product_is_refused() {
        assert_eq!(reserve(1, None).unwrap_err(), Refusal::SellWindowNotFound);
        let variant = line(1, 1).variant;
        let without = OpenOffer { offer: None, ..open_offer() };
        assert_eq!(reserve(1, Some(without)).unwrap_err(), Refusal::ProductNotOnSale { variant });
        let disabled = crate::offer::Offer { terms: Terms { enabled: false, ..terms() }, ..offer() };
        let disabled = OpenOffer { offer: Some((disabled, counter(CounterStatus::Open))), ..open_offer() };
        assert_eq!(reserve(1, Some(disabled)).unwrap_err(), Refusal::ProductNotOnSale { variant });
    }

    #[test]
    fn what_a_customer_and_an_offer_can_have_is_bounded() {
        assert!(reserve(3, Some(open_offer())).is_ok());
        assert_eq!(reserve(4, Some(open_offer())).unwrap_err(), Refusal::PerCustomerLimit { max_qty: 3 });
        let small = Terms { per_customer_max: None, ..terms() };
        let small = crate::offer::Offer { terms: small, ..offer() };
        let small = OpenOffer { offer: Some((small, counter(CounterStatus::Open))), ..open_offer() };
        assert!(reserve(20, Some(small.clone())).is_ok());
        assert_eq!(reserve(21, Some(small)).unwrap_err(), Refusal::OfferFull);
        let locked = OpenOffer { offer: Some((offer(), counter(CounterStatus::Locked))), ..open_offer() };
        assert_eq!(reserve(1, Some(locked)).unwrap_err(), Refusal::SellWindowNotOpen);
    }
}
