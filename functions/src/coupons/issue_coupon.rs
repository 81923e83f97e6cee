//! `issue_coupon`: POST `/api/v1/coupons/{coupon_id}/issue`. A customer takes a copy, as long as there are any.
//!
//! Exactly the quantity, one per customer. Emits `coupon.issued.v1`. With `Prefer: respond-async` the request waits for
//! `issue_requested_coupons` instead, under a ticket. Whoever comes after the last one is refused without a write.

use crate::App;
use contracts::Failure;
use contracts::coupons::IssuedView;
use contracts::events::CouponIssuedV1;
use contracts::tickets::{CouponRequested, TicketView};
use domain::coupon::{Campaign, UserCoupon};
use domain::id::{CouponId, CustomerId, TicketId};
use domain::stock::{self, Taking};
use domain::ticket::TicketStatus;
use domain::{Kind, Refusal};
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::stock::Pool;
use store::{Answer, Once, Rejected};

/// How often the quota's shards are looked at for one request. Each time that coupons were seen and gone by the write, somebody else got them.
const PROBES_MAX: u32 = 8;

/// Who, which key, which.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let once = app.once(&customer, &request)?;
    let id = CouponId::parse(request.path("coupon_id")).ok_or(Refusal::CouponNotFound)?;
    if request.prefers_async() {
        let ticket = request_coupon(app, &customer, id).await?;
        let body = serde_json::to_string(&TicketView::new(ticket, &TicketStatus::Queued)).map_err(Failure::broken)?;
        let base = contracts::routes::BASE;
        return Ok(Response::accepted(body, &format!("{base}/coupons/{id}/requests/{ticket}")));
    }
    let work = issue_coupon(app, &customer, once.as_ref(), id);
    let answer = app.answer_once(&app.store.tables().coupons, once.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
}

/// Puts the request on the queue: the message is the record, and the ticket follows from who asks, so that whoever asks again
/// has the same one. After the sell-out only who has a coupon still gets a ticket, which says so.
pub async fn request_coupon(app: &App, customer: &CustomerId, id: CouponId) -> Result<TicketId, Failure> {
    let now = app.now();
    let (campaign, has_some) = app.store.watch_campaign(id, 1, now).await?;
    campaign.check_period_at(now)?;
    let ticket = TicketId::of(id, customer, campaign.version);
    if has_some {
        let request = CouponRequested {
            coupon_id: id,
            customer_id: customer.clone(),
            campaign_version: campaign.version,
            requested_at: now,
            trace: app.trace().clone(),
        };
        app.coupon_requests.send(&request).await?;
    } else if !app.store.has_coupon(customer, id).await? {
        app.count(Metric::CouponsRefused);
        return Err(Refusal::CouponSoldOut.into());
    }
    Ok(ticket)
}

/// Reads the campaign once an environment, decides, writes.
pub async fn issue_coupon(
    app: &App,
    customer: &CustomerId,
    once: Option<&Once>,
    id: CouponId,
) -> Result<Answer, Failure> {
    let issued = attempt(app, customer, once, id).await.map_err(Failure::from);
    match &issued {
        Err(Failure::Refused(refusal)) if refusal.kind() == Kind::Conflict => app.count(Metric::CouponsRefused),
        _ => {}
    }
    issued
}

async fn attempt(app: &App, customer: &CustomerId, once: Option<&Once>, id: CouponId) -> Result<Answer, Rejected> {
    let mut campaign = app.store.remembered_campaign(id).await?;
    let now = app.now();
    let coupon = campaign.issue(now)?;
    if app.store.is_quota_gone(&campaign, now).await? {
        return Err(sold_out(app, customer, id).await?.into());
    }
    let seed = u64::try_from(app.new_id()?.as_u128() & u128::from(u32::MAX)).unwrap_or_default();
    let mut takings = stock::guess(1, campaign.quota_shards.used(), seed);
    for _ in 0..PROBES_MAX {
        match write(app, customer, once, &coupon, &takings).await {
            Err(Rejected::Failure(Failure::Refused(Refusal::CouponSoldOut))) => {
                (campaign, takings) = find_quota(app, campaign).await?;
            }
            written => return written,
        }
    }
    match write(app, customer, once, &coupon, &takings).await {
        // Coupons were seen every time and gone by the write: contention, not "sold out".
        Err(Rejected::Failure(Failure::Refused(Refusal::CouponSoldOut))) => Err(Failure::Busy.into()),
        written => written,
    }
}

/// The refusal of who comes too late: who has a coupon already is told so.
async fn sold_out(app: &App, customer: &CustomerId, id: CouponId) -> Result<Refusal, Failure> {
    let has_one = app.store.has_coupon(customer, id).await?;
    Ok(if has_one { Refusal::CouponAlreadyIssued } else { Refusal::CouponSoldOut })
}

async fn write(
    app: &App,
    customer: &CustomerId,
    once: Option<&Once>,
    coupon: &UserCoupon,
    takings: &[Taking],
) -> Result<Answer, Rejected> {
    let answer = Answer::new(201, &IssuedView::from(coupon))?;
    let mut tx = app.tx()?;
    tx.once(&app.store.tables().coupons, once, &answer)?;
    // Before the quota: who has one already is told so, also when none is left.
    tx.insert_user_coupon(customer, coupon)?;
    tx.take(Pool::Quota(coupon.coupon), takings, &Refusal::CouponSoldOut)?;
    tx.emit(&CouponIssuedV1::new(customer.clone(), coupon))?;
    if let Some(before) = tx.commit().await? {
        return Ok(before);
    }
    app.count(Metric::CouponsIssued);
    Ok(answer)
}

/// The first guess was wrong: looks into every shard before it says "sold out".
async fn find_quota(app: &App, campaign: Campaign) -> Result<(Campaign, Vec<Taking>), Failure> {
    let (campaign, left) = app.store.look_for_quota(campaign, app.now()).await?;
    let takings = stock::take(1, &left).ok_or(Refusal::CouponSoldOut)?;
    Ok((campaign, takings))
}
