//! `issue_coupon`: POST `/api/v1/coupons/{coupon_id}/issue`. Issues a coupon of a campaign to a customer, until the quota
//! is exhausted.
//!
//! Never more than the quota, and at most one per customer. Emits `coupon.issued.v1`. With `Prefer: respond-async` the
//! request is queued for `issue_requested_coupons` under a ticket. After the last coupon, requests are refused without a
//! write.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::coupons::IssuedView;
use contracts::events::CouponIssuedV1;
use contracts::tickets::{CouponRequested, TicketView};
use domain::coupon::{Campaign, UserCoupon};
use domain::id::{CouponId, CustomerId, TicketId};
use domain::stock::{self, Allocation};
use domain::ticket::TicketStatus;
use domain::{Kind, Refusal};
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::stock::Pool;
use store::{Answer, Contention, Idempotency, Rejected};

pub const MANIFEST: Manifest = Manifest::new(Binary::Shop, "Issues one coupon of a campaign to a customer.")
    .routes(&[HttpRoute::post("/api/v1/coupons/{coupon_id}/issue", Customer)])
    .grants(&[
        Grant::Table(Coupons, &[GetItem, PutItem]),
        Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
        Grant::SendTo("issue_requested_coupons"),
    ]);

/// Reads of the quota's shards per request. A repeated read means that other requests took the coupons in between.
const PROBES_MAX: u32 = 8;

/// The status of a response before anything is issued.
const ACCEPTED: u16 = 202;

pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let idempotency = app.idempotency(&app.store.tables().coupons, &customer, &request)?;
    let id = CouponId::parse(request.path("coupon_id")).ok_or(Refusal::CouponNotFound)?;
    let answer = if request.prefers_async() {
        let work = request_coupon(app, &customer, idempotency.as_ref(), id);
        app.idempotent_answer(idempotency.as_ref(), work).await?
    } else {
        let work = issue_coupon(app, &customer, idempotency.as_ref(), id);
        app.idempotent_answer(idempotency.as_ref(), work).await?
    };
    respond(&app.public_url(request.domain()), id, answer)
}

/// Adds `Location` to a 202, also when it is replayed.
fn respond(api: &str, id: CouponId, answer: Answer) -> Result<Response, Failure> {
    if answer.status != ACCEPTED {
        return Ok(Response::json(answer.status, answer.body));
    }
    let ticket: TicketView = serde_json::from_str(&answer.body).map_err(Failure::broken)?;
    let location = format!("{api}{}/coupons/{id}/requests/{}", contracts::routes::BASE, ticket.ticket_id);
    Ok(Response::accepted(answer.body, &location))
}

/// Puts the request on the queue: the message is the record, and the ticket is derived from the customer, so that a
/// repeated request gets the same ticket. After the sell-out only holders of a coupon get a ticket, whose result is
/// that coupon.
///
/// The idempotency key is stored first, so that it belongs to this request alone. A repeated request with the key sends
/// the first ticket again, in case the message was lost.
pub async fn request_coupon(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    id: CouponId,
) -> Result<Answer, Failure> {
    let now = app.now();
    let (campaign, has_some) = app.store.watch_campaign(id, 1, now).await?;
    campaign.check_period_at(now)?;
    if !has_some && !app.store.has_coupon(customer, id).await? {
        app.count(Metric::CouponsRefused);
        return Err(Refusal::CouponSoldOut.into());
    }
    let mut ticket = TicketId::of(id, customer, campaign.version);
    let answer = Answer::new(ACCEPTED, &TicketView::new(ticket, &TicketStatus::Queued))?;
    let answer = match first_answer(app, idempotency, &answer).await? {
        Some(before) if before.status != ACCEPTED => return Ok(before),
        Some(before) => {
            let view: TicketView = serde_json::from_str(&before.body).map_err(Failure::broken)?;
            ticket = TicketId::parse(&view.ticket_id, id, customer)
                .ok_or_else(|| Failure::broken("the stored response has a ticket of another customer"))?;
            before
        }
        None => answer,
    };
    if has_some {
        let request = CouponRequested {
            coupon_id: id,
            customer_id: customer.clone(),
            campaign_version: ticket.version(),
            requested_at: now,
            trace: app.trace().clone(),
        };
        app.coupon_requests.send(&request).await?;
    }
    Ok(answer)
}

/// Stores `answer` under the caller's key, if there is one. Returns the stored answer if the key was used before.
async fn first_answer(
    app: &App,
    idempotency: Option<&Idempotency>,
    answer: &Answer,
) -> Result<Option<Answer>, Failure> {
    if idempotency.is_none() {
        return Ok(None);
    }
    let mut tx = app.tx()?;
    tx.idempotent(idempotency, answer)?;
    Ok(tx.commit().await?)
}

/// Reads the campaign once per environment.
pub async fn issue_coupon(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    id: CouponId,
) -> Result<Answer, Failure> {
    let issued = attempt(app, customer, idempotency, id).await.map_err(Failure::from);
    match &issued {
        Err(Failure::Refused(refusal)) if refusal.kind() == Kind::Conflict => app.count(Metric::CouponsRefused),
        _ => {}
    }
    issued
}

async fn attempt(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    id: CouponId,
) -> Result<Answer, Rejected> {
    let now = app.now();
    let mut campaign = app.store.remembered_campaign(id, now).await?;
    let coupon = campaign.issue(now)?;
    if app.store.is_quota_gone(&campaign, now).await? {
        return Err(sold_out(app, customer, id).await?.into());
    }
    let pool = Pool::Quota(id);
    let (mut probes, mut contention) = (0, Contention::default());
    let mut allocations = stock::guess(1, campaign.quota_shards.used(), &[], app.new_seed()?);
    loop {
        let shards = campaign.quota_shards.used();
        match write(app, customer, idempotency, &coupon, &allocations, shards).await {
            Err(Rejected::Contended(met)) => {
                contention.meet(&met, &[shards]).await?;
                allocations = stock::guess(1, shards, &contention.at(pool), app.new_seed()?);
            }
            Err(Rejected::Failure(Failure::Refused(Refusal::CouponSoldOut))) if probes < PROBES_MAX => {
                probes += 1;
                (campaign, allocations) = find_quota(app, campaign, &contention.at(pool)).await?;
            }
            // Each read found coupons, and each write failed: contention, not "sold out".
            Err(Rejected::Failure(Failure::Refused(Refusal::CouponSoldOut))) => {
                return Err(Failure::Busy.into());
            }
            written => return written,
        }
    }
}

/// The refusal after the sell-out. A customer who already has a coupon gets `coupon_already_issued` instead.
async fn sold_out(app: &App, customer: &CustomerId, id: CouponId) -> Result<Refusal, Failure> {
    let has_one = app.store.has_coupon(customer, id).await?;
    Ok(if has_one { Refusal::CouponAlreadyIssued } else { Refusal::CouponSoldOut })
}

async fn write(
    app: &App,
    customer: &CustomerId,
    idempotency: Option<&Idempotency>,
    coupon: &UserCoupon,
    allocations: &[Allocation],
    shards: u8,
) -> Result<Answer, Rejected> {
    let answer = Answer::new(201, &IssuedView::from(coupon))?;
    let mut tx = app.tx()?;
    if shards > 1 {
        tx.move_when_contended();
    }
    tx.idempotent(idempotency, &answer)?;
    // Checked before the quota: a customer who already has a coupon gets this refusal, also after the sell-out.
    tx.insert_user_coupon(customer, coupon)?;
    tx.take(Pool::Quota(coupon.coupon), allocations, &Refusal::CouponSoldOut)?;
    tx.emit(&CouponIssuedV1::new(customer.clone(), coupon))?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.count(Metric::CouponsIssued);
    Ok(answer)
}

/// The first guess was wrong: read every shard before answering "sold out".
async fn find_quota(app: &App, campaign: Campaign, contended: &[u8]) -> Result<(Campaign, Vec<Allocation>), Failure> {
    let (campaign, left) = app.store.look_for_quota(campaign, app.now()).await?;
    let allocations = stock::take(1, &left, contended).ok_or(Refusal::CouponSoldOut)?;
    Ok((campaign, allocations))
}
