//! `issue_requested_coupons`: queue, filled by `issue_coupon` itself. Issues the coupons of queued requests, many per
//! transaction.
//!
//! Customers who already have a coupon are skipped, and requests after the last coupon cost no write. Emits
//! `coupon.issued.v1` for each customer.

use crate::App;
use crate::manifest::prelude::*;
use contracts::Failure;
use contracts::events::CouponIssuedV1;
use contracts::tickets::CouponRequested;
use domain::Refusal;
use domain::coupon::Campaign;
use domain::id::{CouponId, RecordId};
use domain::stock::{self, Allocation};
use runtime::queue::{Failures, Message, guarded};
use runtime::telemetry::Metric;
use std::collections::BTreeMap;
use store::stock::Pool;
use store::{Rejected, pause};

pub const MANIFEST: Manifest = Manifest::new(Binary::Events, "Issues the coupons of queued requests.")
    .queues(&[Queue::of(&[])
        .batch(200, "many requests per invocation: after the last coupon a request costs no write")
        .window_seconds(1)
        .concurrency(5, "few workers with full batches cause less contention on the quota")
        .alarm_on_age(
            "coupon requests wait",
            "The oldest request in IssueRequestedCouponsQueue is older than ten minutes. Check the errors and \
             throttles of issue_requested_coupons, and the number of the campaign's shards.",
        )
        .because(
            "issue_coupon sends to this queue directly, without the bus: the message is the record of the request.",
        )])
    .grants(&[
        Grant::Table(Coupons, &[BatchGetItem, GetItem, PutItem]),
        Grant::Table(Counters, &[BatchGetItem, UpdateItem]),
        Grant::Table(Outbox, &[PutItem]),
    ])
    .alarm_on_dead_letters(
        "requested coupons were not issued",
        "issue_requested_coupons failed five times on each request in IssueRequestedCouponsDlq: these requests stay \
         QUEUED. Find the error in its log by the correlation id, fix the cause, and redrive the queue; a customer \
         still gets at most one coupon.",
    );

/// Customers per transaction: each is one event of its outbox record.
pub const CUSTOMERS_PER_WRITE_MAX: usize = RecordId::EVENTS_MAX;
/// Tries of one group while other requests take from the same quota.
const TRIES_MAX: u32 = 8;

/// A request with its message.
#[derive(Debug, Clone)]
struct Waiting {
    message: String,
    request: CouponRequested,
}

/// Groups the requests by campaign; an unreadable message fails alone.
pub async fn handle(app: &App, messages: Vec<Message>) -> Failures {
    let mut failures = Failures::default();
    let mut campaigns: BTreeMap<CouponId, Vec<Waiting>> = BTreeMap::new();
    for message in messages {
        match guarded(async { message.direct::<CouponRequested>() }).await {
            Ok(request) => {
                let known = campaigns.entry(request.coupon_id).or_default();
                let fresh = Waiting { message: message.id, request };
                // A customer twice would be the same item twice in one transaction: the later ticket decides for both.
                match known.iter_mut().find(|other| other.request.customer_id == fresh.request.customer_id) {
                    Some(other) if other.request.campaign_version < fresh.request.campaign_version => *other = fresh,
                    Some(_) => {}
                    None => known.push(fresh),
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

/// Issues coupons to a group as far as the quota allows. The other requests need no write: the sell-out itself rejects
/// them.
async fn issue_requested_coupons(app: &App, id: CouponId, mut waiting: Vec<Waiting>) -> Result<(), Failure> {
    let newest = waiting.iter().map(|waiting| waiting.request.campaign_version).max().unwrap_or_default();
    let (mut campaign, has_some) = app.store.watch_campaign(id, newest, app.now()).await?;
    if !has_some {
        return Ok(());
    }
    let mut contended = Vec::new();
    for tries in 1..=TRIES_MAX {
        waiting.retain(|waiting| waiting.request.campaign_version >= campaign.served_from);
        if waiting.is_empty() {
            return Ok(());
        }
        let holders = app.store.holders(id, waiting.iter().map(|waiting| &waiting.request.customer_id)).await?;
        waiting.retain(|waiting| !holders.contains(&waiting.request.customer_id));
        let left;
        (campaign, left) = app.store.look_for_quota(campaign, app.now()).await?;
        let total = usize::try_from(left.iter().sum::<i64>()).unwrap_or_default();
        let served = waiting.get(..total.min(waiting.len())).unwrap_or_default().to_vec();
        let Some(allocations) = allocations(app, served.len(), &left, &contended)? else { return Ok(()) };
        match serve(app, &campaign, &served, &allocations).await {
            // The others are rejected only if nothing is left: read again.
            Ok(()) => drop(waiting.drain(..served.len())),
            Err(Rejected::Issued(customers)) => {
                waiting.retain(|waiting| !customers.contains(&waiting.request.customer_id));
            }
            // Contention on this shard: allocate from another one.
            Err(Rejected::Contended(met)) => {
                contended = met.iter().map(|(_, shard)| *shard).collect();
                pause(tries).await;
            }
            // The shards have changed, or the campaign was topped up after a sell-out: read all of them again.
            Err(Rejected::Failure(Failure::Refused(Refusal::CouponSoldOut))) => {
                campaign = app.store.refresh_campaign(id, app.now()).await?;
            }
            Err(rejected) => return Err(rejected.into()),
        }
    }
    Err(Failure::Busy)
}

async fn serve(app: &App, campaign: &Campaign, served: &[Waiting], allocations: &[Allocation]) -> Result<(), Rejected> {
    let mut tx = app.tx()?;
    if campaign.quota_shards.made() > 1 {
        tx.move_when_contended();
    }
    for waiting in served {
        // The issue period was checked when the request was accepted. The request is served after any time in the queue,
        // also if an admin has ended the campaign since.
        let request = &waiting.request;
        let coupon = campaign.serve(app.now());
        tx.insert_one_of_many(&request.customer_id, &coupon)?;
        tx.emit_for(&request.trace, &CouponIssuedV1::new(request.customer_id.clone(), &coupon))?;
    }
    let asked = served.iter().map(|waiting| waiting.request.campaign_version).min().unwrap_or_default();
    tx.take_for_waiting(Pool::Quota(campaign.id), allocations, asked, &Refusal::CouponSoldOut)?;
    tx.commit().await?;
    app.metrics.add(Metric::CouponsIssued, u64::try_from(served.len()).unwrap_or(u64::MAX));
    Ok(())
}

/// The shard for each coupon: any that has enough and had no contention before, so that concurrent workers do not all
/// choose the fullest one.
fn allocations(app: &App, served: usize, left: &[i64], contended: &[u8]) -> Result<Option<Vec<Allocation>>, Failure> {
    let quantity = u32::try_from(served).unwrap_or(u32::MAX);
    let guessed = stock::guess(quantity, u8::try_from(left.len()).unwrap_or(u8::MAX), contended, app.new_seed()?);
    let has_enough = |allocation: &Allocation| {
        left.get(usize::from(allocation.shard)).is_some_and(|left| *left >= i64::from(allocation.quantity))
    };
    let found = if guessed.iter().all(has_enough) { Some(guessed) } else { stock::take(quantity, left, contended) };
    Ok(found.filter(|_| quantity > 0))
}
