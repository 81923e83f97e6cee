//! Flows of real functions while their requests to AWS are lost, throttled, in conflict or partly performed.

use crate::shop::Shop;
use crate::traffic::{Market, faults};
use futures_util::future::join_all;

const VISITORS: usize = 6;
const VISITS_EACH: u8 = 16;
/// The share of all requests between functions and AWS. The SDK retries each, so few faults are visible above it.
const SHARE: f64 = 0.2;
const SEED: u64 = 20_261_121;

pub(crate) async fn no_data_is_lost_while_requests_to_aws_fail(shop: &Shop) {
    let market = Market::open(shop).await;
    let mut visitors = Vec::new();
    for _ in 0..VISITORS {
        visitors.push(market.visitor().await);
    }
    let before = faults(shop, SHARE, SEED).await;
    let (market, n) = (&market, u8::try_from(VISITORS).unwrap());
    let visitors = join_all(visitors.into_iter().zip(0..n).map(|(mut visitor, first)| async move {
        for visit in 0..VISITS_EACH {
            // Each customer does everything, in a different order.
            market.visit(&mut visitor, first + visit).await;
        }
        visitor
    }))
    .await;
    let after = faults(shop, 0.0, SEED).await;
    market.reckon(&visitors).await;
    for fault in ["cut", "lost", "throttled", "conflict", "in_progress", "partly"] {
        let struck = after.get(fault).unwrap_or(&0) - before.get(fault).unwrap_or(&0);
        assert!(struck > 0, "the fault {fault} never occurred: {after:?}");
    }
    let again: usize = visitors.iter().map(|visitor| visitor.sent_again).sum();
    assert!(again > 0, "every request succeeded at once, which proves nothing");
}
