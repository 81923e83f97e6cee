//! Bodies of the shipping route.

use domain::id::OrderId;
use domain::order::{Order, OrderNo};
use domain::shipment::Way;
use domain::shop::Shop;
use domain::text::Line;
use domain::{Invalid, Refusal};
use serde::{Deserialize, Serialize};

/// Orders that one request ships at the most.
pub const SHIPMENTS_MAX: usize = 100;

/// `POST /admin/orders/{order_id}/ship`: a parcel (`carrier` and `tracking_no`), or a pick-up (`pickup_info`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShipOrder {
    /// The carrier, 1 to 60 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 60))]
    pub carrier: Option<String>,
    /// The carrier's tracking number, 1 to 60 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 60))]
    pub tracking_no: Option<String>,
    /// The place and time of the pick-up, 1 to 300 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 300))]
    pub pickup_info: Option<String>,
}

impl ShipOrder {
    /// # Errors
    /// [`Invalid`] for each field that is invalid, missing, or given together with the other way.
    pub fn parse(&self) -> Result<Way, Invalid> {
        let mut wrong = Invalid::default();
        let way = match (&self.carrier, &self.tracking_no, &self.pickup_info) {
            (None, None, Some(place)) => {
                wrong.check(Line::parse("pickup_info", place)).map(|pickup_info| Way::Pickup { pickup_info })
            }
            (None, None, None) => {
                wrong.note("carrier", "is required with tracking_no, unless pickup_info is given instead");
                None
            }
            (carrier, tracking_no, place) => {
                if place.is_some() {
                    wrong.note("pickup_info", "must not be combined with carrier and tracking_no");
                }
                let missing = "is required: a parcel has a carrier and a tracking number";
                let carrier = match carrier {
                    Some(text) => wrong.check(Line::parse("carrier", text)),
                    None => wrong.check(Err(Invalid::field("carrier", missing))),
                };
                let tracking_no = match tracking_no {
                    Some(text) => wrong.check(Line::parse("tracking_no", text)),
                    None => wrong.check(Err(Invalid::field("tracking_no", missing))),
                };
                carrier.zip(tracking_no).map(|(carrier, tracking_no)| Way::Parcel { carrier, tracking_no })
            }
        };
        wrong.into_result(way)
    }
}

/// `POST /admin/shipments`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShipOrders {
    /// 1 to 100 orders; each is shipped or refused by itself.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 100))]
    #[serde(deserialize_with = "crate::object::objects")]
    pub items: Vec<ShipItem>,
}

impl ShipOrders {
    /// # Errors
    /// Names `items` when there are none or too many, and each wrong field of each of them.
    pub fn parse(&self) -> Result<Vec<Shipping>, Invalid> {
        if self.items.is_empty() || self.items.len() > SHIPMENTS_MAX {
            return Err(Invalid::field("items", format!("must have 1 to {SHIPMENTS_MAX} orders")));
        }
        let mut wrong = Invalid::default();
        let mut parsed = Vec::new();
        for (n, item) in self.items.iter().enumerate() {
            match item.parse() {
                Ok(shipping) => parsed.push(shipping),
                Err(found) => {
                    for error in found.errors() {
                        wrong.note(format!("items[{n}].{}", error.field), error.message.as_str());
                    }
                }
            }
        }
        wrong.into_result(Some(parsed))
    }
}

/// One order of the request, named by its id or its number, with a parcel or a pick-up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShipItem {
    /// The order; or `order_no` instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The number that people read to each other; or `order_id` instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(max_length = 40))]
    pub order_no: Option<String>,
    /// The carrier, 1 to 60 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 60))]
    pub carrier: Option<String>,
    /// The carrier's number for the parcel, 1 to 60 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 60))]
    pub tracking_no: Option<String>,
    /// The place and time of the pick-up, 1 to 300 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 300))]
    pub pickup_info: Option<String>,
}

/// The name by which an item refers to its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderName {
    /// The order id.
    Id(OrderId),
    /// The order number that people read out.
    Number(OrderNo),
}

/// One order to be shipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipping {
    /// The item as it was requested.
    pub asked: ShipItem,
    /// The order that the item refers to.
    pub order: OrderName,
    /// The parcel or the pick-up.
    pub way: Way,
}

impl ShipItem {
    /// # Errors
    /// Names every field that is wrong.
    fn parse(&self) -> Result<Shipping, Invalid> {
        let ship = ShipOrder {
            carrier: self.carrier.clone(),
            tracking_no: self.tracking_no.clone(),
            pickup_info: self.pickup_info.clone(),
        };
        let mut wrong = Invalid::default();
        let way = wrong.check(ship.parse());
        let order = match (&self.order_id, &self.order_no) {
            (Some(id), None) => {
                let id = OrderId::parse(id).map(OrderName::Id);
                id.ok_or_else(|| Invalid::field("order_id", "must be the id of an order"))
            }
            (None, Some(number)) => {
                let number = OrderNo::parse(number).map(OrderName::Number);
                number.ok_or_else(|| Invalid::field("order_no", "must be an order number such as 261130-R14D2-PF2DB"))
            }
            _ => Err(Invalid::field("order_id", "is required, unless order_no is given")),
        };
        let order = wrong.check(order);
        wrong.into_result(order.zip(way).map(|(order, way)| Shipping { asked: self.clone(), order, way }))
    }
}

/// The results, one per requested order, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShippedView {
    /// One result per requested order.
    pub items: Vec<ShippedItemView>,
}

/// The result of one order: `status` if it was shipped, `code` and `detail` if it was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ShippedItemView {
    /// The order, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The order number, if the order is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_no: Option<String>,
    /// The order's status after the shipment; absent if it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::OrderStatus>))]
    pub status: Option<String>,
    /// The refusal: a problem code of `POST /admin/orders/{order_id}/ship`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// A description of the refusal, in English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl ShippedItemView {
    /// An order that is shipped.
    pub fn shipped(order: &Order) -> Self {
        Self {
            order_id: Some(order.id.to_string()),
            order_no: Some(order.number.to_string()),
            status: Some(order.status.as_str().to_owned()),
            code: None,
            detail: None,
        }
    }

    /// An item whose order is not shipped, and why.
    pub fn refused(item: &ShipItem, why: &Refusal, shop: &Shop) -> Self {
        let id = item.order_id.as_deref().and_then(OrderId::parse);
        let order_no = id.map(|id| shop.order_no(id).to_string()).or_else(|| item.order_no.clone());
        Self {
            order_id: item.order_id.clone(),
            order_no,
            status: None,
            code: Some(why.code().to_owned()),
            detail: Some(why.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ship(body: &str) -> Result<Way, Vec<String>> {
        let body: ShipOrder = serde_json::from_str(body).unwrap();
        body.parse().map_err(|wrong| wrong.errors().iter().map(|error| error.field.clone()).collect())
    }

    #[test]
    fn a_shipment_is_a_parcel_or_a_pickup() {
        assert!(matches!(ship(r#"{"carrier": "Black Cat", "tracking_no": "905-123"}"#), Ok(Way::Parcel { .. })));
        assert!(matches!(ship(r#"{"pickup_info": "Shop, from noon"}"#), Ok(Way::Pickup { .. })));
    }

    #[test]
    fn an_incomplete_parcel_and_a_parcel_with_a_pickup_are_refused() {
        assert_eq!(ship("{}"), Err(vec!["carrier".to_owned()]));
        assert_eq!(ship(r#"{"carrier": "Black Cat"}"#), Err(vec!["tracking_no".to_owned()]));
        assert_eq!(ship(r#"{"tracking_no": "905-123"}"#), Err(vec!["carrier".to_owned()]));
        assert_eq!(ship(r#"{"carrier": "", "tracking_no": " "}"#).unwrap_err().len(), 2);
        let both = r#"{"carrier": "Black Cat", "tracking_no": "905-123", "pickup_info": "Shop"}"#;
        assert_eq!(ship(both), Err(vec!["pickup_info".to_owned()]));
    }
}
