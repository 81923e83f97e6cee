//! Requests for coupons that wait: the bodies of their routes, and what lies on their queue.

use crate::events::Trace;
use domain::Moment;
use domain::id::{CouponId, CustomerId, TicketId};
use domain::ticket::TicketStatus;
use serde::{Deserialize, Serialize};

/// A request for a coupon, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketView {
    /// Its id, the same for every request of the customer for this coupon.
    pub ticket_id: String,
    /// `QUEUED`, `ISSUED` or `REJECTED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::TicketStatus))]
    pub status: String,
    /// Why it was rejected: a refusal's permanent code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::ProblemCode>))]
    pub code: Option<String>,
}

impl TicketView {
    /// A ticket as it stands.
    pub fn new(id: TicketId, status: &TicketStatus) -> Self {
        let code = match status {
            TicketStatus::Rejected(refusal) => Some(refusal.code().to_owned()),
            TicketStatus::Queued | TicketStatus::Issued => None,
        };
        Self { ticket_id: id.to_string(), status: status.as_str().to_owned(), code }
    }
}

/// What `issue_coupon` puts on the queue of `issue_requested_coupons`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponRequested {
    /// Of which campaign.
    pub coupon_id: CouponId,
    /// Who asks.
    pub customer_id: CustomerId,
    /// The campaign's version when it was asked for.
    pub campaign_version: u32,
    /// When: within the issue period, whenever its turn comes.
    pub requested_at: Moment,
    /// What caused it.
    #[serde(flatten)]
    pub trace: Trace,
}
