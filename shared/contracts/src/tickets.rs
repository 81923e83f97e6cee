//! Coupon requests (tickets): the bodies of their routes, and the messages of their queue.

use crate::events::Trace;
use domain::Moment;
use domain::id::{CouponId, CustomerId, TicketId};
use domain::ticket::TicketStatus;
use serde::{Deserialize, Serialize};

/// A coupon request and its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketView {
    /// The id, the same for every request of the customer for this coupon.
    pub ticket_id: String,
    /// `QUEUED`, `ISSUED` or `REJECTED`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::TicketStatus))]
    pub status: String,
    /// The permanent code of the refusal, if it was rejected.
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

/// The message from `issue_coupon` to `issue_requested_coupons`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CouponRequested {
    /// The campaign.
    pub coupon_id: CouponId,
    /// The customer.
    pub customer_id: CustomerId,
    /// The campaign's version at the time of the request.
    pub campaign_version: u32,
    /// The time of the request. It lies within the issue period; the ticket may be processed later.
    pub requested_at: Moment,
    /// The trace of the request.
    #[serde(flatten)]
    pub trace: Trace,
}
