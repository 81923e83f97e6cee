//! `get_coupon_request`: GET `/api/v1/coupons/{coupon_id}/requests/{ticket_id}`. The status of a customer's ticket.
//!
//! A ticket is not stored: it is ISSUED when the customer has the coupon, REJECTED when none is left for it, and QUEUED
//! otherwise.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::tickets::TicketView;
use domain::Refusal;
use domain::id::{CouponId, CustomerId, TicketId};
use domain::ticket::TicketStatus;
use runtime::http::{Request, Response};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Returns the status of a customer's coupon request.")
    .routes(&[HttpRoute::get("/api/v1/coupons/{coupon_id}/requests/{ticket_id}", Customer)])
    .grants(&[Grant::Table(Coupons, &[GetItem]), Grant::Table(Counters, &[BatchGetItem])]);

/// Reads the caller and the id. Another customer's ticket is not found.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let coupon = CouponId::parse(request.path("coupon_id")).ok_or(Refusal::CouponNotFound)?;
    let ticket = TicketId::parse(request.path("ticket_id"), coupon, &customer);
    let ticket = ticket.ok_or(Refusal::CouponRequestNotFound)?;
    Response::ok(&get_coupon_request(app, &customer, coupon, ticket).await?)
}

/// Reads the quota before the customer's coupon, which makes REJECTED final. The quota may come from a short-lived cache,
/// so that polling reads only the customer's own coupon.
pub async fn get_coupon_request(
    app: &App,
    customer: &CustomerId,
    coupon: CouponId,
    ticket: TicketId,
) -> Result<TicketView, Failure> {
    let (campaign, has_some) = app.store.watch_campaign(coupon, ticket.version(), app.now()).await?;
    if !(1..=campaign.version).contains(&ticket.version()) {
        return Err(Refusal::CouponRequestNotFound.into());
    }
    let has_one = app.store.has_coupon(customer, coupon).await?;
    Ok(TicketView::new(ticket, &TicketStatus::of(ticket, &campaign, has_some, has_one)))
}
