//! Shipments: how an order leaves the shop.

use crate::Moment;
use crate::text::Line;
use serde::{Deserialize, Serialize};

/// A parcel, or a pick-up by the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Handed to a carrier.
    Parcel {
        carrier: Line<60>,
        /// The carrier's tracking number.
        tracking_no: Line<60>,
    },
    /// Ready for pick-up.
    Pickup {
        /// The place and time.
        pickup_info: Line<300>,
    },
}

impl Way {
    pub const fn is_pickup(&self) -> bool {
        matches!(self, Self::Pickup { .. })
    }
}

/// The shipment of an order, and its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    pub way: Way,
    pub shipped_at: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pickup_is_not_a_parcel() {
        let said = |text| Line::parse("carrier", text).unwrap();
        assert!(!Way::Parcel { carrier: said("Black Cat"), tracking_no: said("905-123") }.is_pickup());
        assert!(Way::Pickup { pickup_info: Line::parse("pickup_info", "At the shop").unwrap() }.is_pickup());
    }
}
