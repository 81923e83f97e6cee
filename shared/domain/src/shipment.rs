//! How an order's goods leave the shop.

use crate::Moment;
use crate::text::Line;
use serde::{Deserialize, Serialize};

/// A parcel with a carrier, or goods to be picked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Handed to a carrier.
    Parcel {
        /// Which one.
        carrier: Line<60>,
        /// Its number for the parcel.
        tracking_no: Line<60>,
    },
    /// Waiting for the customer.
    Pickup {
        /// Where and when.
        pickup_info: Line<300>,
    },
}

impl Way {
    /// Whether the customer comes for it.
    pub const fn is_pickup(&self) -> bool {
        matches!(self, Self::Pickup { .. })
    }
}

/// What was shipped, how and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipment {
    /// How.
    pub way: Way,
    /// When.
    pub shipped_at: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goods_that_wait_to_be_picked_up_are_no_parcel() {
        let said = |text| Line::parse("carrier", text).unwrap();
        assert!(!Way::Parcel { carrier: said("Black Cat"), tracking_no: said("905-123") }.is_pickup());
        assert!(Way::Pickup { pickup_info: Line::parse("pickup_info", "At the shop").unwrap() }.is_pickup());
    }
}
