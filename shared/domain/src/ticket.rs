//! Requests for coupons that wait in a queue: what has become of one. Nobody writes that down: it follows from what is there.

use crate::Refusal;
use crate::coupon::Campaign;
use crate::id::TicketId;

/// What has become of a request for a coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketStatus {
    /// It waits.
    Queued,
    /// The customer has the coupon.
    Issued,
    /// The customer does not get one.
    Rejected(Refusal),
}

impl TicketStatus {
    /// Every word of the contract.
    pub const WORDS: [&str; 3] = ["QUEUED", "ISSUED", "REJECTED"];

    /// What follows from the campaign, from whether anything was left of it, and from whether the customer has a coupon, each read
    /// in this order: what was sold out by then, and is not the customer's afterwards, never will be on this ticket.
    pub fn of(ticket: TicketId, campaign: &Campaign, has_some: bool, has_one: bool) -> Self {
        if has_one {
            Self::Issued
        } else if ticket.version() < campaign.served_from || !has_some {
            Self::Rejected(Refusal::CouponSoldOut)
        } else {
            Self::Queued
        }
    }

    /// The contract's word.
    pub const fn as_str(&self) -> &'static str {
        let [queued, issued, rejected] = Self::WORDS;
        match self {
            Self::Queued => queued,
            Self::Issued => issued,
            Self::Rejected(_) => rejected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Moment;
    use crate::coupon::{Discount, Terms};
    use crate::id::{CouponId, CustomerId};
    use crate::stock::Shards;
    use crate::text::Name;
    use uuid::Uuid;

    fn campaign(version: u32, served_from: u32) -> Campaign {
        Campaign {
            id: CouponId::new(Uuid::nil()),
            name: Name::parse("name", "autumn").unwrap(),
            terms: Terms {
                discount: Discount::Percent(10),
                max_discount: None,
                min_order: None,
                valid_until: Moment::MAX,
            },
            total_quantity: 1,
            quota_shards: Shards::new(1),
            issue_starts_at: Moment::MIN,
            issue_ends_at: Moment::MAX,
            created_at: Moment::MIN,
            version,
            served_from,
        }
    }

    fn status(asked: u32, campaign: &Campaign, has_some: bool, has_one: bool) -> &'static str {
        let ticket = TicketId::of(campaign.id, &CustomerId::parse("ann").unwrap(), asked);
        TicketStatus::of(ticket, campaign, has_some, has_one).as_str()
    }

    #[test]
    fn whoever_has_the_coupon_was_issued_one_whatever_is_left() {
        for has_some in [false, true] {
            assert_eq!(status(1, &campaign(3, 3), has_some, true), "ISSUED");
        }
    }

    #[test]
    fn who_has_none_waits_while_some_are_left_and_is_rejected_when_none_is() {
        assert_eq!(status(1, &campaign(1, 1), true, false), "QUEUED");
        assert_eq!(status(1, &campaign(1, 1), false, false), "REJECTED");
    }

    #[test]
    fn a_top_up_after_the_sell_out_does_not_bring_a_rejected_ticket_back() {
        assert_eq!(status(1, &campaign(2, 2), true, false), "REJECTED");
        assert_eq!(status(2, &campaign(2, 2), true, false), "QUEUED");
        assert_eq!(status(1, &campaign(2, 1), true, false), "QUEUED", "topped up before it was sold out");
    }
}
