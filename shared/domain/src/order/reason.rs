//! The reason codes that the shop itself gives in an order's status history. Customers and admins give free text.

use super::{OrderStatus, Step};
use strum::IntoStaticStr;

/// The text that release 0.1 stored for [`ShopReason::OfferMissed`].
const OFFER_MISSED_BEFORE: &str = "too few people have reserved";

/// The reason for which the shop canceled or failed an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum ShopReason {
    /// The offer's sell window ended below its threshold.
    OfferMissed,
    /// The batch was paid, but could not be produced.
    ProductionFailed,
    /// The accepted order was not reserved before its deadline.
    NotReservedInTime,
    /// The carrier, or an external shipping system, cannot ship the order.
    ShippingFailed,
}

impl ShopReason {
    /// The code in the status history and in events.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }
}

impl Step {
    /// Whether the order was canceled because its offer was missed.
    pub fn is_offer_missed(&self) -> bool {
        let reason = self.reason.as_deref();
        self.status == OrderStatus::Canceled
            && [ShopReason::OfferMissed.as_str(), OFFER_MISSED_BEFORE].map(Some).contains(&reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;

    #[test]
    fn a_missed_offer_is_recognized_by_its_code_and_by_the_text_of_release_0_1() {
        let step = |status, reason: &str| Step::new(status, Moment::UNIX_EPOCH, Some(reason.to_owned()));
        assert!(step(OrderStatus::Canceled, "offer_missed").is_offer_missed());
        assert!(step(OrderStatus::Canceled, "too few people have reserved").is_offer_missed());
        assert!(!step(OrderStatus::Canceled, "changed my mind").is_offer_missed());
        assert!(!step(OrderStatus::Failed, "offer_missed").is_offer_missed());
    }
}
