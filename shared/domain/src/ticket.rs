//! Coupon requests (tickets) that wait in a queue. Their status is not stored: it is derived from the campaign and the
//! customer's coupon.

use crate::Refusal;
use crate::coupon::Campaign;
use crate::id::TicketId;

/// The status of a coupon request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketStatus {
    /// Waiting in the queue.
    Queued,
    /// The customer holds the coupon.
    Issued,
    /// The customer does not get a coupon.
    Rejected(Refusal),
}

impl TicketStatus {
    /// Every value in API bodies.
    pub const WORDS: [&str; 3] = ["QUEUED", "ISSUED", "REJECTED"];

    /// Derives the status from the campaign, whether anything was left of it, and whether the customer holds a coupon.
    /// The arguments must be read in this order: if the campaign was sold out and the customer holds no coupon after that,
    /// the request will never be served.
    pub fn of(ticket: TicketId, campaign: &Campaign, has_some: bool, has_one: bool) -> Self {
        if has_one {
            Self::Issued
        } else if ticket.version() < campaign.served_from || !has_some {
            Self::Rejected(Refusal::CouponSoldOut)
        } else {
            Self::Queued
        }
    }

    /// The value in API bodies, events and stored items.
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
            listed: false,
            version,
            served_from,
        }
    }

    fn status(asked: u32, campaign: &Campaign, has_some: bool, has_one: bool) -> &'static str {
        let ticket = TicketId::of(campaign.id, &CustomerId::parse("ann").unwrap(), asked);
        TicketStatus::of(ticket, campaign, has_some, has_one).as_str()
    }

    #[test]
    fn a_customer_with_a_coupon_has_an_issued_ticket() {
        for has_some in [false, true] {
            assert_eq!(status(1, &campaign(3, 3), has_some, true), "ISSUED");
        }
    }

    #[test]
    fn a_ticket_is_queued_while_quota_is_left_and_rejected_when_none_is() {
        assert_eq!(status(1, &campaign(1, 1), true, false), "QUEUED");
        assert_eq!(status(1, &campaign(1, 1), false, false), "REJECTED");
    }

    #[test]
    fn a_top_up_does_not_serve_tickets_from_before_the_sell_out() {
        assert_eq!(status(1, &campaign(2, 2), true, false), "REJECTED");
        assert_eq!(status(2, &campaign(2, 2), true, false), "QUEUED");
        assert_eq!(status(1, &campaign(2, 1), true, false), "QUEUED", "topped up before it was sold out");
    }
}
