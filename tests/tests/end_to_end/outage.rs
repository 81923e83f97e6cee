//! An outage of the event bus in the middle of the load test.

use crate::aws::number;
use crate::events::waiting;
use crate::shop::{Shop, now};
use crate::traffic::set_faults;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The sweeps during the outage, as many as in an hour: what matters is how often an event is tried.
const SWEEPS: u32 = 60;
/// The time within which everything is published and consumed once traffic and faults have ended.
const DRAIN_MAX: Duration = Duration::from_secs(600);
/// The queues whose consumers the audit relies on.
const QUEUES: [&str; 3] = ["CountSalesQueue", "CountReservationsQueue", "ScheduleShippingQueue"];

/// What was seen of the outage.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    /// The sweeps that ended while the bus was away. A kill or a fault may end one early.
    pub(crate) sweeps: u32,
    /// The records that waited at its end.
    pub(crate) waited: usize,
}

/// In the second third of the traffic no request reaches the bus, beside the other faults.
pub(crate) async fn in_the_middle(shop: &Shop, length: Duration, faults: &Value, outage: &mut Outage) {
    tokio::time::sleep(length / 3).await;
    let mut away = faults.clone();
    away["away"] = json!(["PutEvents"]);
    set_faults(shop, &away).await;
    let began = Instant::now();
    for n in 1..=SWEEPS {
        outage.sweeps += u32::from(shop.try_tick("sweep_outbox", now()).await);
        tokio::time::sleep((length / 3 / SWEEPS * n).saturating_sub(began.elapsed())).await;
        if began.elapsed() >= length / 3 {
            break;
        }
    }
    outage.waited = records(shop).await.0;
    set_faults(shop, faults).await;
}

/// Sweeps until every event is published, and waits until they are consumed. The outage must not have cost an event one of
/// its tries. Returns how long it took.
pub(crate) async fn drain(shop: &Shop) -> Duration {
    let began = Instant::now();
    let tries = loop {
        let (unsent, tries) = records(shop).await;
        if unsent == 0 {
            break tries;
        }
        assert!(began.elapsed() < DRAIN_MAX, "{unsent} events still wait");
        shop.tick("sweep_outbox", now() + SignedDuration::from_mins(1)).await;
    };
    for queue in QUEUES {
        while waiting(shop, queue).await > 0 {
            assert!(began.elapsed() < DRAIN_MAX, "messages still wait in {queue}");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    let failed = shop.get("/admin/outbox?status=FAILED").by(shop.admin()).send().await.expect(200);
    assert_eq!((tries, &failed["items"]), (0, &json!([])), "an outage costs no tries");
    began.elapsed()
}

/// The number of unsent records, and the tries that all records together have used up.
async fn records(shop: &Shop) -> (usize, i64) {
    let (mut unsent, mut tries) = (0, 0);
    let mut pages =
        shop.aws.tables.scan().table_name(shop.table("outbox")).consistent_read(true).into_paginator().send();
    while let Some(page) = pages.next().await {
        for item in page.unwrap().items() {
            if item.contains_key("events") {
                unsent += usize::from(item.get("status") != Some(&AttributeValue::S("SENT".to_owned())));
                tries += number(item, "attempts");
            }
        }
    }
    (unsent, tries)
}
