//! P8: scaling in virtual time, with throttled keys and conflicting transactions.

use serde_json::{Value, json};
use std::time::Duration;
use tests::Shop;
use tests::fixtures::cart;
use tests::preorders::{multiply, terms};
use tokio::time::Instant;

/// Concurrent buyers.
const BUYERS: usize = 64;
/// The duration.
const WINDOW: Duration = Duration::from_secs(5);

/// Orders per second by number of shards, and cost per order by batch size.
pub(crate) fn measure() -> Value {
    let shards: Vec<Value> = [1, 4, 16].into_iter().map(|shards| in_virtual_time(throughput(shards))).collect();
    let batches: Vec<Value> = [100, 1_000, 10_000].into_iter().map(|orders| in_virtual_time(batch(orders))).collect();
    let backlog: Vec<Value> = [0, 100, 1_000].into_iter().map(|events| in_virtual_time(latency(events))).collect();
    json!({"shards": shards, "batches": batches, "backlog": backlog})
}

fn in_virtual_time(work: impl Future<Output = Value>) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.map(|runtime| runtime.block_on(work)).unwrap_or_default()
}

/// Orders per second of one variant with this many stock shards.
async fn throughput(shards: i64) -> Value {
    let shop = Shop::open();
    let wanted = cart(&shop.sharded_variant(1_000_000, shards).await, 1);
    shop.aws.feel_load();
    shop.aws.shuffle(1);
    let began = Instant::now();
    let buyers = (0..BUYERS).map(|n| {
        let (buyer, wanted) = (shop.fresh_environment().customer(&format!("buyer-{n}")), &wanted);
        async move {
            let (mut placed, mut busy) = (0, 0);
            while began.elapsed() < WINDOW {
                let status = buyer.post("/orders", wanted).await.status;
                if status == 201 { placed += 1 } else { busy += 1 }
            }
            (placed, busy)
        }
    });
    let done = futures_util::future::join_all(buyers).await;
    let (placed, busy) = done.iter().fold((0, 0), |sum: (u64, u64), one| (sum.0 + one.0, sum.1 + one.1));
    json!({"shards": shards, "orders_per_second": placed / WINDOW.as_secs(), "busy": busy})
}

/// Calls and units per order to confirm a batch of this size and request all payments.
async fn batch(orders: usize) -> Value {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    drop(shop.customer("first").reserve(&offered, 1).await.expect(201));
    shop.dispatch_events().await;
    multiply(&shop, orders);
    shop.dispatcher.disable("RequestNotificationsOnWhatPeopleAreTold");
    shop.aws.take_calls();
    drop(shop.confirm(&offered).await.expect(200));
    shop.dispatch_events().await;
    let calls = shop.aws.take_calls();
    let milliunits = |is_write: bool| -> u64 {
        calls.iter().filter(|call| call.is_write() == is_write).flat_map(|call| call.milliunits().into_values()).sum()
    };
    json!({"orders": orders, "calls": calls.len(), "read_milliunits": milliunits(false), "write_milliunits": milliunits(true)})
}

/// The duration of an order while this many events are unpublished.
async fn latency(events: usize) -> Value {
    let shop = Shop::open();
    let wanted = cart(&shop.sharded_variant(1_000_000, 16).await, 1);
    for n in 0..events {
        drop(shop.customer(&format!("earlier-{n}")).post("/orders", &wanted).await.expect(201));
    }
    let began = Instant::now();
    drop(shop.customer("now").post("/orders", &wanted).await.expect(201));
    json!({"backlog": events, "latency_us": u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)})
}
