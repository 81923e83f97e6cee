//! Bodies of the shipping route.

use domain::Invalid;
use domain::shipment::Way;
use domain::text::Line;
use serde::{Deserialize, Serialize};

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
    /// Where and when the customer picks it up, 1 to 300 characters.
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
