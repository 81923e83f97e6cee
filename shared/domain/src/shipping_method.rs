//! Shipping methods: how customers can receive their goods, and what that costs.
//!
//! An order copies the name and the fee of its method, so that a later change never touches it.

use crate::money::Cents;
use crate::text::{self, Line};
use crate::{Invalid, Refusal};
use serde::{Deserialize, Serialize};
use std::fmt;
use strum::{IntoStaticStr, VariantArray};

/// The maximum number of methods, disabled ones included.
pub const SHIPPING_METHODS_MAX: usize = 20;
/// The greatest position in the list of methods.
pub const SORT_MAX: u16 = 9_999;

/// The shop's name for a method: 1 to 32 of `A-Z a-z 0-9 _ -`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MethodCode(String);

impl MethodCode {
    /// `None` when the text is malformed.
    pub fn parse(text: &str) -> Option<Self> {
        text::is_slug(text).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MethodCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kind of delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum ShippingKind {
    /// Delivered to the customer's address.
    Home,
    /// Picked up at the shop; costs nothing.
    Pickup,
}

impl ShippingKind {
    /// The value in API bodies and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}

/// The system that creates and tracks the shipments of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum ShippingProvider {
    /// The staff, with a carrier of its choice.
    Manual,
}

impl ShippingProvider {
    /// The value in API bodies and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}

/// A postal code: 2 to 10 letters, digits, spaces and hyphens. A part of an address, so `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub struct PostalCode(String);

impl PostalCode {
    /// # Errors
    /// [`Invalid`] for `field` when the text is malformed.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let fits = (2..=10).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-'))
            && text.bytes().any(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_owned()))
            .ok_or_else(|| Invalid::field(field, "must be 2 to 10 letters, digits, spaces or hyphens"))
    }

    /// The district in Taiwan: the first three digits of three, five or six.
    fn taiwan_district(&self) -> Option<u16> {
        let is_code = matches!(self.0.len(), 3 | 5 | 6) && self.0.bytes().all(|byte| byte.is_ascii_digit());
        self.0.get(..3).filter(|_| is_code)?.parse().ok()
    }

    /// Whether carriers charge a surcharge for the district: the outlying islands of Taiwan.
    fn is_outlying_island(&self) -> bool {
        let district = self.taiwan_district();
        district.is_some_and(|code| matches!(code, 209..=212 | 880..=885 | 890..=894 | 896 | 929 | 951 | 952))
    }

    /// Whether no carrier delivers to the district: the uninhabited islands of Taiwan.
    fn is_not_served(&self) -> bool {
        self.taiwan_district().is_some_and(|code| matches!(code, 290 | 817 | 819))
    }
}

impl fmt::Debug for PostalCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PostalCode(redacted)")
    }
}

/// A method that the shop offers. A method for delivery has a fee, which may be waived for large orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShippingMethod {
    pub code: MethodCode,
    pub name: Line<60>,
    pub kind: ShippingKind,
    pub provider: ShippingProvider,
    /// The fee. Zero for a pick-up.
    pub fee: Cents,
    /// The total of the items after the discount, from which the fee is waived.
    pub free_from: Option<Cents>,
    /// The surcharge for an outlying island; charged even if the fee is waived.
    pub island_surcharge: Cents,
    pub enabled: bool,
    /// The position in the list of methods, ascending.
    pub sort: u16,
}

/// The delivery of an order, as agreed when the order was placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderShipping {
    pub method: MethodCode,
    pub name: Line<60>,
    pub kind: ShippingKind,
    /// The fee of the method, zero where it was waived.
    pub base_fee: Cents,
    pub island_surcharge: Cents,
}

impl OrderShipping {
    /// The total delivery fee: the fee of the method plus the surcharge.
    pub fn fee(&self) -> Cents {
        self.base_fee.plus(self.island_surcharge)
    }
}

/// Why a postal code has to be stated.
const POSTAL_CODE_REQUIRED: &str = "is required: this method costs more to islands";

impl ShippingMethod {
    /// The delivery with this method, for items of this total after the discount.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for `shipping.postal_code` when the fee depends on it and it is absent;
    /// [`Refusal::ShippingMethodUnfit`] when the carrier does not go there.
    pub fn price(&self, items: Cents, postal_code: Option<&PostalCode>) -> Result<OrderShipping, Refusal> {
        let is_free = self.kind == ShippingKind::Pickup || self.free_from.is_some_and(|from| items >= from);
        Ok(OrderShipping {
            method: self.code.clone(),
            name: self.name.clone(),
            kind: self.kind,
            base_fee: if is_free { Cents::ZERO } else { self.fee },
            island_surcharge: self.island_surcharge_for(postal_code)?,
        })
    }

    fn island_surcharge_for(&self, postal_code: Option<&PostalCode>) -> Result<Cents, Refusal> {
        if self.kind == ShippingKind::Pickup || self.island_surcharge == Cents::ZERO {
            return Ok(Cents::ZERO);
        }
        let code = postal_code.ok_or_else(|| Invalid::field("shipping.postal_code", POSTAL_CODE_REQUIRED))?;
        if code.is_not_served() {
            return Err(Refusal::ShippingMethodUnfit);
        }
        Ok(if code.is_outlying_island() { self.island_surcharge } else { Cents::ZERO })
    }
}

/// All methods of the shop, in the order of their positions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShippingMethods {
    /// Incremented by every change; zero while there has been none.
    pub version: u64,
    methods: Vec<ShippingMethod>,
}

impl ShippingMethods {
    pub fn new(version: u64, mut methods: Vec<ShippingMethod>) -> Self {
        methods.sort_by(|one, other| (one.sort, &one.code).cmp(&(other.sort, &other.code)));
        Self { version, methods }
    }

    pub fn all(&self) -> &[ShippingMethod] {
        &self.methods
    }

    /// The methods that customers can choose.
    pub fn enabled(&self) -> impl Iterator<Item = &ShippingMethod> {
        self.methods.iter().filter(|method| method.enabled)
    }

    /// The methods with a new or replaced one.
    ///
    /// # Errors
    /// [`Refusal::ShippingMethodLimitReached`] beyond [`SHIPPING_METHODS_MAX`].
    pub fn set(self, method: ShippingMethod) -> Result<Self, Refusal> {
        let version = self.version + 1;
        let mut methods: Vec<_> = self.methods.into_iter().filter(|known| known.code != method.code).collect();
        if methods.len() >= SHIPPING_METHODS_MAX {
            return Err(Refusal::ShippingMethodLimitReached);
        }
        methods.push(method);
        Ok(Self::new(version, methods))
    }

    /// Checks that the fee of an order covers the delivery to another address. The fee does not change, so an order that
    /// has not paid the surcharge cannot go to an island. A method that no longer exists has no surcharge.
    ///
    /// # Errors
    /// [`Invalid`] for `postal_code` when it is required, or on an outlying island; [`Refusal::ShippingMethodUnfit`] when
    /// the carrier does not deliver there.
    pub fn check_move(&self, agreed: &OrderShipping, to: Option<&PostalCode>) -> Result<(), Refusal> {
        let has_surcharge =
            |method: &&ShippingMethod| method.code == agreed.method && method.island_surcharge > Cents::ZERO;
        if agreed.kind == ShippingKind::Pickup || !self.methods.iter().any(|method| has_surcharge(&method)) {
            return Ok(());
        }
        let has_paid_it = agreed.island_surcharge > Cents::ZERO;
        match to {
            Some(code) if code.is_not_served() => Err(Refusal::ShippingMethodUnfit),
            Some(code) if code.is_outlying_island() && !has_paid_it => Err(Invalid::field(
                "postal_code",
                "must not be on an outlying island: the order's fee does not cover it",
            )
            .into()),
            None if !has_paid_it => Err(Invalid::field("postal_code", POSTAL_CODE_REQUIRED).into()),
            _ => Ok(()),
        }
    }

    /// The delivery of an order with this total of the items after the discount. A shop without enabled methods accepts
    /// orders without a method.
    ///
    /// # Errors
    /// [`Refusal::ShippingMethodRequired`], [`Refusal::ShippingMethodNotFound`]; those of [`ShippingMethod::price`].
    pub fn choose(&self, choice: &ShippingChoice, items: Cents) -> Result<Option<OrderShipping>, Refusal> {
        match choice {
            ShippingChoice::Agreed(shipping) => Ok(shipping.clone()),
            ShippingChoice::None if self.enabled().next().is_some() => Err(Refusal::ShippingMethodRequired),
            ShippingChoice::None => Ok(None),
            ShippingChoice::Method { code, postal_code } => {
                let method = self.enabled().find(|method| method.code == *code);
                method.ok_or(Refusal::ShippingMethodNotFound)?.price(items, postal_code.as_ref()).map(Some)
            }
        }
    }
}

/// The delivery that a cart chooses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ShippingChoice {
    /// No delivery method.
    #[default]
    None,
    /// One of the shop's methods.
    Method {
        code: MethodCode,
        /// The postal code, if the fee depends on it.
        postal_code: Option<PostalCode>,
    },
    /// The method and fee at the time when the order was accepted; they do not change when it is reserved.
    Agreed(Option<OrderShipping>),
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn home() -> ShippingMethod {
        ShippingMethod {
            code: MethodCode::parse("HOME").unwrap(),
            name: Line::parse("name", "Black Cat").unwrap(),
            kind: ShippingKind::Home,
            provider: ShippingProvider::Manual,
            fee: Cents::new(10_000),
            free_from: Some(Cents::new(100_000)),
            island_surcharge: Cents::ZERO,
            enabled: true,
            sort: 2,
        }
    }

    fn pickup() -> ShippingMethod {
        let code = MethodCode::parse("PICKUP").unwrap();
        let (kind, fee) = (ShippingKind::Pickup, Cents::ZERO);
        ShippingMethod { code, kind, fee, free_from: None, sort: 1, ..home() }
    }

    pub(crate) fn chosen(code: &str) -> ShippingChoice {
        ShippingChoice::Method { code: MethodCode::parse(code).unwrap(), postal_code: None }
    }

    fn postal_code(text: &str) -> PostalCode {
        PostalCode::parse("postal_code", text).unwrap()
    }

    fn fee(method: &ShippingMethod, items: i64, postal: Option<&str>) -> Result<(i64, i64), Refusal> {
        let shipping = method.price(Cents::new(items), postal.map(postal_code).as_ref())?;
        assert_eq!(shipping.fee(), shipping.base_fee.plus(shipping.island_surcharge));
        Ok((shipping.base_fee.get(), shipping.island_surcharge.get()))
    }

    #[test]
    fn the_fee_is_waived_from_the_threshold_on_and_a_pickup_is_free() {
        assert_eq!(fee(&home(), 99_900, None), Ok((10_000, 0)));
        assert_eq!(fee(&home(), 100_000, None), Ok((0, 0)));
        assert_eq!(fee(&ShippingMethod { free_from: None, ..home() }, 100_000_000, None), Ok((10_000, 0)));
        assert_eq!(fee(&pickup(), 100, None), Ok((0, 0)));
    }

    #[test]
    fn an_outlying_island_costs_the_surcharge_also_when_the_fee_is_waived() {
        let method = ShippingMethod { island_surcharge: Cents::new(9_000), ..home() };
        for island in ["209", "88001", "896123", "951"] {
            assert_eq!(fee(&method, 200_000, Some(island)), Ok((0, 9_000)), "{island}");
        }
        for elsewhere in ["100", "10048", "8800", "88012345", "SW1A 1AA", "880-01"] {
            assert_eq!(fee(&method, 100, Some(elsewhere)), Ok((10_000, 0)), "{elsewhere}");
        }
        assert_eq!(fee(&method, 100, Some("817")), Err(Refusal::ShippingMethodUnfit));
        assert!(matches!(fee(&method, 100, None), Err(Refusal::Invalid(_))), "the fee depends on it");
        assert_eq!(fee(&home(), 100, Some("880")), Ok((10_000, 0)), "this method has no surcharge");
        let pickup = ShippingMethod { island_surcharge: Cents::new(9_000), ..pickup() };
        assert_eq!(fee(&pickup, 100, Some("880")), Ok((0, 0)));
    }

    #[test]
    fn an_order_goes_elsewhere_as_far_as_its_fee_covers_it() {
        let islands = ShippingMethod { island_surcharge: Cents::new(9_000), ..home() };
        let methods = ShippingMethods::default().set(islands.clone()).unwrap();
        let agreed = |postal: &str| islands.price(Cents::new(100), Some(&postal_code(postal))).unwrap();
        let (inland, island) = (agreed("100"), agreed("880"));
        let go = |agreed: &OrderShipping, to: Option<&str>| methods.check_move(agreed, to.map(postal_code).as_ref());
        assert_eq!(go(&inland, Some("104")), Ok(()));
        for to in [Some("880"), None] {
            assert!(matches!(go(&inland, to), Err(Refusal::Invalid(_))), "{to:?}");
        }
        for to in [Some("880"), Some("209"), Some("100"), None] {
            assert_eq!(go(&island, to), Ok(()), "{to:?}: the surcharge is paid, and stays");
        }
        for agreed in [&inland, &island] {
            assert_eq!(go(agreed, Some("817")), Err(Refusal::ShippingMethodUnfit));
        }
        let pickup = pickup().price(Cents::new(100), None).unwrap();
        assert_eq!(go(&pickup, None), Ok(()));
        let without = ShippingMethods::default().set(home()).unwrap();
        assert_eq!(without.check_move(&inland, None), Ok(()), "the shop's method costs the same everywhere");
    }

    #[test]
    fn an_order_chooses_an_enabled_method_once_the_shop_has_one() {
        let none = ShippingMethods::default();
        let disabled = none.clone().set(ShippingMethod { enabled: false, ..home() }).unwrap();
        for without in [&none, &disabled] {
            assert_eq!(without.choose(&ShippingChoice::None, Cents::ZERO), Ok(None));
            assert_eq!(without.choose(&chosen("HOME"), Cents::ZERO), Err(Refusal::ShippingMethodNotFound));
        }
        let methods = disabled.set(home()).unwrap();
        assert_eq!(methods.choose(&ShippingChoice::None, Cents::ZERO), Err(Refusal::ShippingMethodRequired));
        assert_eq!(methods.choose(&chosen("home"), Cents::ZERO), Err(Refusal::ShippingMethodNotFound));
        let shipping = methods.choose(&chosen("HOME"), Cents::new(100)).unwrap();
        assert_eq!(shipping.as_ref().map(OrderShipping::fee), Some(Cents::new(10_000)));
        // What was agreed holds, whatever the shop offers now.
        for agreed in [None, shipping] {
            assert_eq!(methods.choose(&ShippingChoice::Agreed(agreed.clone()), Cents::ZERO), Ok(agreed));
        }
    }

    #[test]
    fn methods_are_sorted_replaced_by_their_code_and_limited() {
        let methods = ShippingMethods::default().set(home()).unwrap().set(pickup()).unwrap();
        let codes: Vec<&str> = methods.all().iter().map(|method| method.code.as_str()).collect();
        assert_eq!((codes, methods.version), (vec!["PICKUP", "HOME"], 2));
        let cheaper = ShippingMethod { fee: Cents::new(100), ..home() };
        let changed = methods.set(cheaper.clone()).unwrap();
        assert_eq!((changed.all().len(), &changed.all()[1]), (2, &cheaper));
        let other = |n: usize| ShippingMethod { code: MethodCode::parse(&format!("M{n}")).unwrap(), ..home() };
        let full = (2..SHIPPING_METHODS_MAX).fold(changed, |methods, n| methods.set(other(n)).unwrap());
        assert_eq!(full.clone().set(other(99)), Err(Refusal::ShippingMethodLimitReached));
        assert!(full.set(home()).is_ok(), "one of them can change");
    }

    #[test]
    fn codes_and_postal_codes_have_a_form_and_a_postal_code_is_not_printed() {
        for bad in ["", "a b", "é", &"a".repeat(33)] {
            assert_eq!(MethodCode::parse(bad), None, "{bad}");
        }
        for bad in ["", "1", "- ", "12345678901", "台北"] {
            assert!(PostalCode::parse("postal_code", bad).is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", postal_code("880")), "PostalCode(redacted)");
    }
}
