//! How many unpaid orders a customer may have at a time: a limit against abuse, because each of them holds stock or places.

use crate::cart::Cart;
use crate::id::SellWindowId;
use crate::shop::Shop;
use crate::{Moment, Refusal};
use jiff::SignedDuration;

/// The limit of unpaid orders that applies to a cart. It is soft: two concurrent orders may both take the last place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenOrdersLimit {
    /// The sell window whose preorders are counted. `None` counts the instant orders.
    pub window: Option<SellWindowId>,
    /// Earlier orders are not counted: they cannot be unpaid any more, or cannot be in the window.
    pub since: Moment,
    /// In orders.
    pub max: u32,
}

impl OpenOrdersLimit {
    /// The limit of this cart's kind of order.
    pub fn of(cart: &Cart, shop: &Shop, now: Moment) -> Self {
        match cart.window() {
            Some(window) => Self { window: Some(window), since: window.created_at(), max: shop.open_preorders_max },
            None => {
                // Accepted, reserved at the last moment, and its hold extended by a checkout.
                let longest = SignedDuration::from_mins(2 * i64::from(shop.order_hold_minutes)) + shop.checkout_hold();
                let since = now.checked_sub(longest).unwrap_or(Moment::UNIX_EPOCH);
                Self { window: None, since, max: shop.open_orders_max }
            }
        }
    }

    /// Checks whether a customer with this many unpaid orders may place one more.
    ///
    /// # Errors
    /// [`Refusal::TooManyOpenOrders`].
    pub const fn check(self, open: u32) -> Result<(), Refusal> {
        if open < self.max { Ok(()) } else { Err(Refusal::TooManyOpenOrders { max: self.max }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cart::tests::{contact, line};
    use crate::shop::tests::shop;
    use uuid::Uuid;

    #[test]
    fn instant_orders_count_as_long_as_they_can_be_unpaid() {
        let cart = Cart::new(&[line(1, 1)], None, None, contact(), None).unwrap();
        let limit = OpenOrdersLimit::of(&cart, &shop(), "2026-11-21T12:00:00Z".parse().unwrap());
        assert_eq!((limit.window, limit.max), (None, 10));
        assert_eq!(limit.since.to_string(), "2026-11-21T11:20:00Z");
        assert_eq!(limit.check(9), Ok(()));
        assert_eq!(limit.check(10), Err(Refusal::TooManyOpenOrders { max: 10 }));
    }

    #[test]
    fn preorders_count_from_the_creation_of_their_window() {
        let window = SellWindowId::new(Uuid::from_u128(0x0193_a1b2_c3d4_7e5f_8a9b_0c1d_2e3f_4a5b));
        let cart = Cart::new(&[line(1, 1)], None, None, contact(), None).unwrap().in_window(window).unwrap();
        let limit = OpenOrdersLimit::of(&cart, &shop(), Moment::MAX);
        assert_eq!((limit.window, limit.max), (Some(window), 20));
        assert_eq!(limit.since.as_millisecond(), 0x0193_a1b2_c3d4);
    }
}
