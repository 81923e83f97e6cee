//! `issue_requested_coupons`: queue, filled by `issue_coupon` itself. Serves the requests that wait, many in one write.
//!
//! Who has a coupon already is left out before the write, and who comes after the last one costs none. Emits
//! `coupon.issued.v1` for each customer.

use crate::App;
use contracts::Failure;
use contracts::events::CouponIssuedV1;
use contracts::tickets::CouponRequested;
use domain::Refusal;
use domain::coupon::Campaign;
use domain::id::{CouponId, RecordId};
use domain::stock::{self, Taking};
use runtime::queue::{Failures, Message, guarded};
use runtime::telemetry::Metric;
use std::collections::BTreeMap;
use store::Rejected;
use store::stock::Pool;

/// Customers that one transaction serves: each is one event of its outbox record.
pub const CUSTOMERS_PER_WRITE_MAX: usize = RecordId::EVENTS_MAX;
/// How often a group is tried while others take from the same quota.
const TRIES_MAX: u32 = 8;

/// A request with the message that brought it.
#[derive(Debug, Clone)]
struct Waiting {
    message: String,
    request: CouponRequested,
}

/// Per campaign, in groups; what cannot be read fails alone.
pub async fn handle(app: &App, messages: Vec<Message>) -> Failures {
    let mut failures = Failures::default();
    let mut campaigns: BTreeMap<CouponId, Vec<Waiting>> = BTreeMap::new();
    for message in messages {
        match guarded(async { message.direct::<CouponRequested>() }).await {
            Ok(request) => {
                let known = campaigns.entry(request.coupon_id).or_default();
                // The same customer twice would be one item twice in one transaction; the first one's result is both's.
                if !known.iter().any(|other| other.request.customer_id == request.customer_id) {
                    known.push(Waiting { message: message.id, request });
                }
            }
            Err(failure) => failures.0.push((message.id, failure)),
        }
    }
    for (id, waiting) in campaigns {
        for group in waiting.chunks(CUSTOMERS_PER_WRITE_MAX) {
            if let Err(failure) = guarded(issue_requested_coupons(app, id, group.to_vec())).await {
                let why = runtime::telemetry::Outcome::of(&failure);
                let again = || why.error.clone().map_or(Failure::Busy, Failure::broken);
                failures.0.extend(group.iter().map(|waiting| (waiting.message.clone(), again())));
            }
        }
    }
    failures
}

/// Serves a group as far as there are coupons. Whoever is left over is rejected by there being none: nothing is written for
/// them.
async fn issue_requested_coupons(app: &App, id: CouponId, mut waiting: Vec<Waiting>) -> Result<(), Failure> {
    let newest = waiting.iter().map(|waiting| waiting.request.campaign_version).max().unwrap_or_default();
    let (mut campaign, has_some) = app.store.watch_campaign(id, newest, app.now()).await?;
    if !has_some {
        return Ok(());
    }
    for _ in 0..TRIES_MAX {
        waiting.retain(|waiting| waiting.request.campaign_version >= campaign.served_from);
        if waiting.is_empty() {
            return Ok(());
        }
        let holders = app.store.holders(id, waiting.iter().map(|waiting| &waiting.request.customer_id)).await?;
        waiting.retain(|waiting| !holders.contains(&waiting.request.customer_id));
        let left;
        (campaign, left) = app.store.look_for_quota(campaign, app.now()).await?;
        match serve(app, &campaign, &waiting, &left).await {
            Ok(()) => return Ok(()),
            Err(Rejected::Issued(customers)) => {
                waiting.retain(|waiting| !customers.contains(&waiting.request.customer_id));
            }
            // Somebody else took from the same shards: look again.
            Err(Rejected::Failure(Failure::Refused(Refusal::CouponSoldOut))) => {}
            Err(rejected) => return Err(rejected.into()),
        }
    }
    Err(Failure::Busy)
}

async fn serve(app: &App, campaign: &Campaign, waiting: &[Waiting], left: &[i64]) -> Result<(), Rejected> {
    let total = usize::try_from(left.iter().sum::<i64>()).unwrap_or_default();
    let served = waiting.get(..total.min(waiting.len())).unwrap_or_default();
    let Some(takings) = takings(app, served, left)? else { return Ok(()) };
    let mut tx = app.tx()?;
    for waiting in served {
        // Decided on the moment when it was asked for: whoever asked in time is served, however long the queue.
        let request = &waiting.request;
        let coupon = domain::coupon::UserCoupon { issued_at: app.now(), ..campaign.issue(request.requested_at)? };
        tx.insert_one_of_many(&request.customer_id, &coupon)?;
        tx.emit_for(&request.trace, &CouponIssuedV1::new(request.customer_id.clone(), &coupon))?;
    }
    tx.take(Pool::Quota(campaign.id), &takings, &Refusal::CouponSoldOut)?;
    tx.commit().await?;
    app.metrics.add(Metric::CouponsIssued, u64::try_from(served.len()).unwrap_or(u64::MAX));
    Ok(())
}

/// Where to take one for each: any shard that has enough, so that workers do not meet at the fullest one.
fn takings(app: &App, served: &[Waiting], left: &[i64]) -> Result<Option<Vec<Taking>>, Failure> {
    let quantity = u32::try_from(served.len()).unwrap_or(u32::MAX);
    if quantity == 0 {
        return Ok(None);
    }
    let seed = u64::try_from(app.new_id()?.as_u128() & u128::from(u32::MAX)).unwrap_or_default();
    let guessed = stock::guess(quantity, u8::try_from(left.len()).unwrap_or(u8::MAX), seed);
    let has_enough =
        |taking: &Taking| left.get(usize::from(taking.shard)).is_some_and(|left| *left >= i64::from(taking.quantity));
    Ok(if guessed.iter().all(has_enough) { Some(guessed) } else { stock::take(quantity, left) })
}
