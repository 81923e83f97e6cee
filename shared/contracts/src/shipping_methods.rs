//! Bodies of the routes of shipping methods, and what orders and quotes say about them.

use domain::Invalid;
use domain::Refusal;
use domain::enum_text;
use domain::money::{Cents, ChargeUnit};
use domain::shipping_method::{
    MethodCode, OrderShipping, PostalCode, SORT_MAX, ShippingKind, ShippingMethod, ShippingProvider,
};
use domain::text::Line;
use serde::{Deserialize, Serialize};

/// `PUT /admin/shipping-methods/{code}`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetShippingMethod {
    /// The name shown to customers, 1 to 60 characters. Orders keep the name that they were placed with.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 60))]
    pub name: String,
    /// `HOME`, delivered to the address, or `PICKUP`, picked up at the shop.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::ShippingKind))]
    pub kind: String,
    /// The system that creates the shipments; default `MANUAL`: the staff creates them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::ShippingProvider>))]
    pub provider: Option<String>,
    /// The fee, in the currency's minor unit: a multiple of the charge unit; 0 for `PICKUP`.
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100_000_000))]
    pub fee_cents: i64,
    /// The total of the items after the discount, from which the fee is waived; by default it never is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 100_000_000))]
    pub free_from_cents: Option<i64>,
    /// The surcharge for delivery to an outlying island of Taiwan, in the currency's minor unit; charged even if the fee is
    /// waived; default 0. If it is not 0, `postal_code` is required in orders.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 100_000_000))]
    pub island_surcharge_cents: Option<i64>,
    /// Whether customers can choose it; default `true`. Once a shop has an enabled method, every order has to choose one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The position in the list, ascending, 0 to 9,999; default 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(minimum = 0, maximum = 9_999))]
    pub sort: Option<i64>,
}

impl SetShippingMethod {
    /// The method with this code.
    ///
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self, code: &str, unit: ChargeUnit) -> Result<ShippingMethod, Invalid> {
        let mut wrong = Invalid::default();
        let code = wrong.check(MethodCode::parse(code).ok_or_else(malformed_code));
        let name = wrong.check(Line::parse("name", &self.name));
        let kind: Option<ShippingKind> = wrong.check(enum_text::parse("kind", &self.kind));
        let provider = match &self.provider {
            None => Some(ShippingProvider::Manual),
            Some(text) => wrong.check(enum_text::parse("provider", text)),
        };
        let fee = wrong.check(parse_fee("fee_cents", self.fee_cents, unit));
        let free_from = self.free_from_cents.and_then(|cents| wrong.check(unit.parse_price("free_from_cents", cents)));
        let surcharge = self.island_surcharge_cents.unwrap_or_default();
        let island_surcharge = wrong.check(parse_fee("island_surcharge_cents", surcharge, unit));
        if kind == Some(ShippingKind::Pickup) {
            for (field, cents) in [("fee_cents", self.fee_cents), ("island_surcharge_cents", surcharge)] {
                if cents != 0 {
                    wrong.note(field, "must be 0 for the kind PICKUP");
                }
            }
        }
        let sort = wrong.check(parse_sort(self.sort.unwrap_or_default()));
        let method = code.zip(name).zip(kind.zip(provider)).zip(fee.zip(island_surcharge)).zip(sort).map(
            |((((code, name), (kind, provider)), (fee, island_surcharge)), sort)| ShippingMethod {
                code,
                name,
                kind,
                provider,
                fee,
                free_from,
                island_surcharge,
                enabled: self.enabled.unwrap_or(true),
                sort,
            },
        );
        wrong.into_result(method)
    }
}

fn malformed_code() -> Invalid {
    Invalid::field("code", "must be 1 to 32 letters, digits, underscores or hyphens")
}

/// A fee that a provider can charge, or nothing.
fn parse_fee(field: &str, cents: i64, unit: ChargeUnit) -> Result<Cents, Invalid> {
    if cents == 0 { Ok(Cents::ZERO) } else { unit.parse_price(field, cents) }
}

fn parse_sort(number: i64) -> Result<u16, Invalid> {
    u16::try_from(number)
        .ok()
        .filter(|number| *number <= SORT_MAX)
        .ok_or_else(|| Invalid::field("sort", format!("must be a whole number from 0 to {SORT_MAX}")))
}

/// A shipping method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShippingMethodView {
    /// The code by which an order chooses the method.
    pub code: String,
    /// The name shown to customers.
    pub name: String,
    /// `HOME` or `PICKUP`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::ShippingKind))]
    pub kind: String,
    /// The system that creates the shipments.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::ShippingProvider))]
    pub provider: String,
    /// The fee, in the currency's minor unit.
    pub fee_cents: i64,
    /// The total of the items after the discount, from which the fee is waived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_from_cents: Option<i64>,
    /// The surcharge for delivery to an outlying island of Taiwan, in the currency's minor unit; charged even if the fee is
    /// waived. If it is not 0, `postal_code` is required in orders.
    pub island_surcharge_cents: i64,
    /// Whether customers can choose it.
    pub enabled: bool,
    /// The position in the list, ascending.
    pub sort: u16,
}

impl From<&ShippingMethod> for ShippingMethodView {
    fn from(method: &ShippingMethod) -> Self {
        Self {
            code: method.code.to_string(),
            name: method.name.to_string(),
            kind: method.kind.as_str().to_owned(),
            provider: method.provider.as_str().to_owned(),
            fee_cents: method.fee.get(),
            free_from_cents: method.free_from.map(Cents::get),
            island_surcharge_cents: method.island_surcharge.get(),
            enabled: method.enabled,
            sort: method.sort,
        }
    }
}

/// The delivery that an order or a quote chooses.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShippingBody {
    /// The code of one of `GET /shipping-methods`.
    pub method_code: String,
    /// The postal code of the address, 2 to 10 characters; required by a method with an `island_surcharge_cents`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 2, max_length = 10))]
    pub postal_code: Option<String>,
}

impl std::fmt::Debug for ShippingBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShippingBody").field("method_code", &self.method_code).finish_non_exhaustive()
    }
}

impl ShippingBody {
    /// # Errors
    /// [`Invalid`] for a malformed postal code.
    pub(crate) fn parse_postal_code(&self) -> Result<Option<PostalCode>, Invalid> {
        self.postal_code.as_deref().map(|text| PostalCode::parse("shipping.postal_code", text)).transpose()
    }

    /// # Errors
    /// [`Refusal::ShippingMethodNotFound`] for a malformed code.
    pub(crate) fn parse_code(&self) -> Result<MethodCode, Refusal> {
        MethodCode::parse(&self.method_code).ok_or(Refusal::ShippingMethodNotFound)
    }
}

/// The delivery of an order, as it was agreed when the order was placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderShippingView {
    /// The code of the method.
    pub method_code: String,
    /// The name of the method at the time of the order.
    pub name: String,
    /// `HOME` or `PICKUP`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::ShippingKind))]
    pub kind: String,
    /// The total delivery fee, in the currency's minor unit: the fee of the method plus the surcharge.
    pub fee_cents: i64,
    /// The fee of the method, 0 where it was waived.
    pub base_fee_cents: i64,
    /// The surcharge for an outlying island.
    pub island_surcharge_cents: i64,
}

impl From<&OrderShipping> for OrderShippingView {
    fn from(shipping: &OrderShipping) -> Self {
        Self {
            method_code: shipping.method.to_string(),
            name: shipping.name.to_string(),
            kind: shipping.kind.as_str().to_owned(),
            fee_cents: shipping.fee().get(),
            base_fee_cents: shipping.base_fee.get(),
            island_surcharge_cents: shipping.island_surcharge.get(),
        }
    }
}
