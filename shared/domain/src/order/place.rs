//! Placing an order: from the cart to the order.

use super::{OpenOffer, Order, OrderKind, OrderLine, OrderStatus, Step};
use crate::cart::Cart;
use crate::catalog::Listing;
use crate::contact::Contact;
use crate::coupon::UserCoupon;
use crate::id::{CustomerId, OrderId};
use crate::money::{Cents, ChargeUnit};
use crate::payment::PaymentMethod;
use crate::profile::Profile;
use crate::shipping_method::{OrderShipping, ShippingMethods};
use crate::shop::Shop;
use crate::{Invalid, Moment, Refusal, coupon, stock};
use std::sync::Arc;

/// The id, customer and time of a new order.
#[derive(Debug, Clone)]
pub struct Placement {
    pub id: OrderId,
    pub customer: CustomerId,
    pub now: Moment,
}

/// The data that placing an order needs besides the cart and the listings.
#[derive(Debug, Clone, Default)]
pub struct PlacementInputs {
    /// The customer's coupon, if the cart names one and the customer holds it.
    pub coupon: Option<UserCoupon>,
    /// The customer's points balance.
    pub balance: Cents,
    /// The sell window and offer of a preorder.
    pub open_offer: Option<OpenOffer>,
    /// The shop's shipping methods.
    pub shipping_methods: Arc<ShippingMethods>,
    /// The customer's saved data, if the cart names an address.
    pub profile: Profile,
}

/// Places an order: from stock, or in an offer if the cart names a sell window. Guesses the shards to allocate from; the
/// conditions of the write decide whether they have enough.
///
/// # Errors
/// [`Refusal::Invalid`] for a cart without a contact, [`Refusal::AddressNotFound`], [`Refusal::VariantNotFound`],
/// [`Refusal::ProductNotOnSale`], the coupon's refusals, those of
/// [`crate::shipping_method::ShippingMethods::choose`], [`Refusal::PriceChanged`], [`Refusal::InsufficientPoints`]; for a
/// preorder also those of [`OpenOffer::check`].
pub fn place(
    placed: Placement,
    cart: &Cart,
    listings: &[Listing],
    inputs: &PlacementInputs,
    shop: &Shop,
) -> Result<Order, Refusal> {
    let mut lines = cart
        .lines()
        .iter()
        .map(|wanted| {
            let listing =
                listings.iter().find(|listing| listing.variant == wanted.variant).ok_or(Refusal::VariantNotFound)?;
            if !listing.on_sale {
                return Err(Refusal::ProductNotOnSale { variant: listing.variant });
            }
            let from_stock = || stock::guess(wanted.quantity.get(), listing.stock_shards.used(), &[], seed(placed.id));
            Ok(OrderLine {
                variant: listing.variant,
                name: listing.name.clone(),
                quantity: wanted.quantity,
                unit_price: listing.unit_price,
                discount: Cents::ZERO,
                allocations: if cart.window().is_none() { from_stock() } else { Vec::new() },
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let places = match cart.window() {
        None => Vec::new(),
        Some(_) => {
            let open_offer = inputs.open_offer.as_ref().ok_or(Refusal::SellWindowNotFound)?;
            let shards = open_offer.check(cart, placed.now)?;
            stock::guess(cart.quantity(), shards, &[], seed(placed.id))
        }
    };
    let (items, discount) = price(&mut lines, cart, inputs, placed.now, shop)?;
    let shipping = inputs.shipping_methods.choose(&cart.shipping, items)?;
    let total = items.plus(shipping.as_ref().map_or(Cents::ZERO, OrderShipping::fee));
    if cart.expected_total.is_some_and(|expected| expected != total) {
        return Err(Refusal::PriceChanged { total_cents: total.get() });
    }
    let contact = contact(cart, &inputs.profile)?;
    // A preorder is paid much later, if at all, so its balance is not checked now.
    let pays_now = cart.window().is_none() && cart.payment_method == Some(PaymentMethod::Points);
    if pays_now && inputs.balance < total {
        return Err(Refusal::InsufficientPoints);
    }
    Ok(Order {
        id: placed.id,
        number: shop.order_no(placed.id),
        customer: placed.customer,
        kind: if cart.window().is_none() { OrderKind::Instant } else { OrderKind::Preorder },
        status: OrderStatus::Reserved,
        version: 1,
        window: cart.window(),
        lines,
        places,
        coupon: cart.coupon,
        coupon_returned: false,
        discount,
        shipping,
        currency: shop.currency,
        payment_method: cart.payment_method,
        payment: None,
        attempt: None,
        refunded: Cents::ZERO,
        contact: Some(contact),
        contact_hashes: None,
        language: cart.language,
        reserve_before: None,
        held_externally: false,
        hold_expires_at: cart.window().is_none().then(|| shop.hold_end(placed.now)),
        hold_extended: false,
        pay_before: None,
        late: false,
        shipment: None,
        history: vec![Step::new(OrderStatus::Reserved, placed.now, None)],
        created_at: placed.now,
        updated_at: placed.now,
    })
}

/// The contact data of the cart, or of the saved address that it names.
fn contact(cart: &Cart, profile: &Profile) -> Result<Contact, Refusal> {
    match (&cart.contact, &cart.address) {
        (Some(contact), _) => Ok(contact.clone()),
        (None, Some(id)) => profile.contact(id).cloned().ok_or(Refusal::AddressNotFound),
        (None, None) => Err(Invalid::field("contact", "is required").into()),
    }
}

/// The total of the items after the discount, and the discount, of which each line gets its part.
fn price(
    lines: &mut [OrderLine],
    cart: &Cart,
    inputs: &PlacementInputs,
    now: Moment,
    shop: &Shop,
) -> Result<(Cents, Cents), Refusal> {
    let items_total: Cents = lines.iter().map(OrderLine::subtotal).sum();
    let discount = match cart.coupon {
        None => Cents::ZERO,
        Some(_) => {
            let coupon = inputs.coupon.as_ref().ok_or(Refusal::CouponNotFound)?;
            coupon.discount_on(items_total, now, shop.charge_unit)?
        }
    };
    split_discount(lines, discount, shop.charge_unit);
    Ok((items_total.minus(discount), discount))
}

/// Gives each line its part of the discount.
pub(super) fn split_discount(lines: &mut [OrderLine], discount: Cents, unit: ChargeUnit) {
    let subtotals: Vec<Cents> = lines.iter().map(OrderLine::subtotal).collect();
    for (line, part) in lines.iter_mut().zip(coupon::split(discount, &subtotals, unit)) {
        line.discount = part;
    }
}

/// Random bits of the id, which spread orders over the shards.
fn seed(id: OrderId) -> u64 {
    id.uuid().as_u64_pair().1
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::cart::CartLine;
    use crate::cart::tests::{contact, line};
    use crate::coupon::{Discount, Terms, UserCoupon, UserCouponStatus};
    use crate::id::CouponId;
    use crate::profile::tests::{address_id, saved};
    use crate::shipping_method::tests::{chosen, home};
    use crate::shipping_method::{ShippingChoice, ShippingMethod, ShippingMethods};
    use crate::shop::tests::shop;
    use crate::text::Name;
    use proptest::prelude::*;
    use std::sync::Arc;
    use uuid::Uuid;

    pub(crate) fn placement() -> Placement {
        Placement {
            id: OrderId::new(Uuid::from_u128(0x0193_a1b2_c3d4_7e5f_8a9b_0c1d_2e3f_4a5b)),
            customer: CustomerId::parse("customer-1").unwrap(),
            now: "2026-11-21T12:00:00Z".parse().unwrap(),
        }
    }

    pub(crate) fn listing(serial: u32, price: i64) -> Listing {
        Listing {
            variant: line(serial, 1).variant,
            name: format!("tea {serial}"),
            unit_price: Cents::new(price),
            on_sale: true,
            stock_shards: stock::Shards::new(1),
        }
    }

    fn cart(lines: &[CartLine]) -> Cart {
        Cart::new(lines, None, None, contact(), None).unwrap()
    }

    fn coupon(discount: Discount) -> UserCoupon {
        UserCoupon {
            coupon: CouponId::new(Uuid::nil()),
            name: Name::parse("name", "autumn").unwrap(),
            terms: Terms { discount, max_discount: None, min_order: None, valid_until: Moment::MAX },
            status: UserCouponStatus::Issued,
            order: None,
            issued_at: Moment::UNIX_EPOCH,
        }
    }

    /// An order of two pieces at 350.00, RESERVED.
    pub(crate) fn placed() -> Order {
        place(placement(), &cart(&[line(1, 2)]), &[listing(1, 35_000)], &PlacementInputs::default(), &shop()).unwrap()
    }

    #[test]
    fn prices_come_from_the_catalog_and_the_hold_ends_after_fifteen_minutes() {
        let order = placed();
        assert_eq!((order.total(), order.quantity()), (Cents::new(70_000), 2));
        assert_eq!(order.status, OrderStatus::Reserved);
        assert_eq!(order.hold_expires_at, Some("2026-11-21T12:15:00Z".parse().unwrap()));
    }

    #[test]
    fn an_unknown_or_inactive_variant_cannot_be_ordered() {
        let inputs = PlacementInputs::default();
        let unknown = place(placement(), &cart(&[line(2, 1)]), &[listing(1, 100)], &inputs, &shop());
        assert_eq!(unknown.unwrap_err(), Refusal::VariantNotFound);
        let off = Listing { on_sale: false, ..listing(1, 100) };
        let refused = place(placement(), &cart(&[line(1, 1)]), &[off], &inputs, &shop());
        assert_eq!(refused.unwrap_err(), Refusal::ProductNotOnSale { variant: line(1, 1).variant });
    }

    #[test]
    fn a_total_that_the_customer_did_not_expect_is_refused_with_the_new_one() {
        let mut wanted = cart(&[line(1, 1)]);
        let place =
            |wanted: &Cart| place(placement(), wanted, &[listing(1, 200)], &PlacementInputs::default(), &shop());
        wanted.expected_total = Some(Cents::new(200));
        assert!(place(&wanted).is_ok());
        wanted.expected_total = Some(Cents::new(100));
        assert_eq!(place(&wanted).unwrap_err(), Refusal::PriceChanged { total_cents: 200 });
    }

    #[test]
    fn an_order_with_points_checks_the_balance() {
        let mut wanted = cart(&[line(1, 1)]);
        wanted.payment_method = Some(PaymentMethod::Points);
        let place = |balance| {
            let inputs = PlacementInputs { balance: Cents::new(balance), ..PlacementInputs::default() };
            place(placement(), &wanted, &[listing(1, 200)], &inputs, &shop())
        };
        assert!(place(200).is_ok());
        assert_eq!(place(199).unwrap_err(), Refusal::InsufficientPoints);
    }

    #[test]
    fn the_fee_is_part_of_the_total_that_the_customer_expects_and_no_coupon_lowers_it() {
        let shipping_methods = Arc::new(ShippingMethods::default().set(home()).unwrap());
        let mut wanted = cart(&[line(1, 1)]);
        wanted.shipping = chosen("HOME");
        wanted.coupon = Some(CouponId::new(Uuid::nil()));
        wanted.payment_method = Some(PaymentMethod::Points);
        wanted.expected_total = Some(Cents::new(10_000));
        let place = |balance: i64, wanted: &Cart| {
            let coupon = Some(coupon(Discount::Percent(100)));
            let shipping_methods = Arc::clone(&shipping_methods);
            let balance = Cents::new(balance);
            let inputs = PlacementInputs { balance, coupon, shipping_methods, ..PlacementInputs::default() };
            place(placement(), wanted, &[listing(1, 200)], &inputs, &shop())
        };
        let order = place(10_000, &wanted).unwrap();
        assert_eq!((order.items_total(), order.discount), (Cents::new(200), Cents::new(200)));
        assert_eq!((order.shipping_fee(), order.total()), (Cents::new(10_000), Cents::new(10_000)));
        assert_eq!(order.amount_due().amount, order.total());
        assert_eq!(place(9_999, &wanted).unwrap_err(), Refusal::InsufficientPoints);
        wanted.expected_total = Some(Cents::ZERO);
        assert_eq!(place(10_000, &wanted).unwrap_err(), Refusal::PriceChanged { total_cents: 10_000 });
        wanted.shipping = ShippingChoice::None;
        assert_eq!(place(10_000, &wanted).unwrap_err(), Refusal::ShippingMethodRequired);
    }

    #[test]
    fn what_counts_for_the_waiver_is_the_total_of_the_items_after_the_discount() {
        let free_from = Some(Cents::new(1_000));
        let method = ShippingMethod { free_from, ..home() };
        let shipping_methods = Arc::new(ShippingMethods::default().set(method).unwrap());
        let mut wanted = cart(&[line(1, 1)]);
        wanted.shipping = chosen("HOME");
        let fee = |wanted: &Cart| {
            let coupon = Some(coupon(Discount::Fixed(Cents::new(100))));
            let shipping_methods = Arc::clone(&shipping_methods);
            let inputs = PlacementInputs { coupon, shipping_methods, ..PlacementInputs::default() };
            place(placement(), wanted, &[listing(1, 1_000)], &inputs, &shop()).unwrap().shipping_fee()
        };
        assert_eq!(fee(&wanted), Cents::ZERO);
        wanted.coupon = Some(CouponId::new(Uuid::nil()));
        assert_eq!(fee(&wanted), Cents::new(10_000));
    }

    #[test]
    fn a_coupon_that_the_customer_does_not_have_is_not_found() {
        let mut wanted = cart(&[line(1, 1)]);
        wanted.coupon = Some(CouponId::new(Uuid::nil()));
        let place = |inputs: &PlacementInputs| place(placement(), &wanted, &[listing(1, 200)], inputs, &shop());
        assert_eq!(place(&PlacementInputs::default()).unwrap_err(), Refusal::CouponNotFound);
        let inputs =
            PlacementInputs { coupon: Some(coupon(Discount::Fixed(Cents::new(100)))), ..PlacementInputs::default() };
        assert_eq!(place(&inputs).unwrap().total(), Cents::new(100));
    }

    #[test]
    fn an_order_copies_the_saved_address_that_it_names() {
        let profile = Profile::new(None, vec![saved("home"), saved("work")]).unwrap();
        let inputs = PlacementInputs { profile, ..PlacementInputs::default() };
        let place = |address: Option<&str>| {
            let mut wanted = cart(&[line(1, 1)]);
            (wanted.contact, wanted.address) = (None, address.map(address_id));
            place(placement(), &wanted, &[listing(1, 200)], &inputs, &shop())
        };
        assert_eq!(place(Some("work")).unwrap().contact, Some(contact()));
        assert_eq!(place(Some("beach")).unwrap_err(), Refusal::AddressNotFound);
        assert!(matches!(place(None), Err(Refusal::Invalid(_))));
    }

    #[test]
    fn orders_spread_over_the_shards_by_their_ids() {
        let shard = |id| {
            let placement = Placement { id: OrderId::new(Uuid::from_u128(id)), ..placement() };
            let listing = Listing { stock_shards: stock::Shards::new(4), ..listing(1, 200) };
            let order =
                place(placement, &cart(&[line(1, 1)]), &[listing], &PlacementInputs::default(), &shop()).unwrap();
            order.lines[0].allocations[0].shard
        };
        assert_eq!([8, 9, 10, 11].map(shard), [0, 1, 2, 3]);
    }

    proptest! {
        #[test]
        fn an_orders_sums_agree_and_every_total_can_be_charged(
            lines in prop::collection::vec((1..=99i64, 1..=1_000_000i64), 1..=50), percent in 1..=100u8,
        ) {
            let wanted: Vec<_> = (0u32..).zip(&lines).map(|(serial, (quantity, _))| line(serial, *quantity)).collect();
            let listings: Vec<_> = (0u32..).zip(&lines).map(|(serial, (_, units))| listing(serial, units * 100)).collect();
            let mut wanted = cart(&wanted);
            wanted.coupon = Some(CouponId::new(Uuid::nil()));
            let inputs = PlacementInputs { coupon: Some(coupon(Discount::Percent(percent))), ..PlacementInputs::default() };
            let order = place(placement(), &wanted, &listings, &inputs, &shop()).unwrap();
            prop_assert_eq!(order.total(), order.items_total().minus(order.discount));
            prop_assert_eq!(order.lines.iter().map(|line| line.discount).sum::<Cents>(), order.discount);
            prop_assert!(order.total() >= Cents::ZERO && order.total().get() % 100 == 0);
            for line in &order.lines {
                prop_assert_eq!(line.allocations.iter().map(|allocation| allocation.quantity).sum::<u32>(), line.quantity.get());
            }
        }
    }
}
