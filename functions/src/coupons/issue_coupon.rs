//! `issue_coupon`: POST `/api/v1/coupons/{coupon_id}/issue`. A customer takes a copy, as long as there are any.
//!
//! Exactly the quantity, one per customer. Emits `coupon.issued.v1`.

use crate::App;
use contracts::Failure;
use contracts::coupons::IssuedView;
use contracts::events::CouponIssuedV1;
use domain::coupon::{Campaign, UserCoupon};
use domain::id::{CouponId, CustomerId};
use domain::stock::{self, Taking};
use domain::{Kind, Refusal};
use runtime::http::{Request, Response};
use runtime::telemetry::Metric;
use store::stock::Pool;
use store::{Answer, Once, Rejected};

/// How often the quota's shards are looked at for one request before it counts as sold out.
const PROBES_MAX: u32 = 3;

/// Who, which key, which.
pub async fn handle(app: &App, request: Request) -> Result<Response, Failure> {
    let customer = request.customer()?;
    let once = app.once(&customer, &request)?;
    let id = CouponId::parse(request.path("coupon_id")).ok_or(Refusal::CouponNotFound)?;
    let work = issue_coupon(app, &customer, once.as_ref(), id);
    let answer = app.answer_once(&app.store.tables().coupons, once.as_ref(), work).await?;
    Ok(Response::json(answer.status, answer.body))
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
    let campaign = app.store.load_campaign(id).await?;
    let coupon = campaign.issue(app.now())?;
    let seed = u64::try_from(app.new_id()?.as_u128() & u128::from(u32::MAX)).unwrap_or_default();
    let mut takings = stock::guess(1, campaign.quota_shards, seed);
    for _ in 0..PROBES_MAX {
        match write(app, customer, once, &coupon, &takings).await {
            Err(Rejected::Failure(Failure::Refused(Refusal::CouponSoldOut))) if campaign.quota_shards > 1 => {
                takings = find_quota(app, &campaign).await?;
            }
            written => return written,
        }
    }
    write(app, customer, once, &coupon, &takings).await
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
async fn find_quota(app: &App, campaign: &Campaign) -> Result<Vec<Taking>, Failure> {
    let pool = Pool::Quota(campaign.id);
    let left = app.store.left(&[(pool, campaign.quota_shards)]).await?;
    let left = left.get(&pool).map(Vec::as_slice).unwrap_or_default();
    stock::take(1, left).ok_or(Refusal::CouponSoldOut.into())
}
