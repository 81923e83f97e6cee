//! The store's conditions for preorders on a real engine, both satisfied and failed.

use contracts::Failure;
use contracts::events::{BatchWork, OrderReservedV1};
use domain::Refusal;
use domain::batch::Batch;
use domain::counter::{Counter, CounterStatus, Delta};
use domain::id::{BatchId, CustomerId, OfferId, OrderId, ProductId, RecordId, SellWindowId};
use domain::offer::{Offer, Terms, WhenMissed, WhenUnderpaid};
use domain::stock::Allocation;
use jiff::SignedDuration;
use store::OrderKey;
use store::batches::Due;
use store::counters::Logged;
use store::stock::Pool;
use store::{Answer, Rejected, Tx};
use tests::Shop;

fn offer_id(shop: &Shop) -> OfferId {
    let id = || shop.app.new_id().unwrap();
    OfferId { window: SellWindowId::new(id()), product: ProductId::new(id()) }
}

fn offer(shop: &Shop, id: OfferId) -> Offer {
    let terms = Terms {
        threshold_qty: 2,
        max_total_qty: Some(5),
        per_customer_max: None,
        lead_days: 1,
        ship_days: 1,
        enabled: true,
        when_missed: WhenMissed::Cancel,
        when_underpaid: WhenUnderpaid::Proceed,
        payment_window_hours: 72,
        steps: Vec::new(),
    };
    let now = shop.now();
    Offer {
        id,
        terms,
        capacity_shards: 1,
        closes_at: now,
        extended: false,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

async fn commit(shop: &Shop, build: impl FnOnce(&mut Tx<'_>)) -> Result<Option<Answer>, Rejected> {
    let mut tx = shop.app.tx().unwrap();
    build(&mut tx);
    tx.commit().await
}

#[track_caller]
fn is_stale(done: &Result<Option<Answer>, Rejected>) {
    assert!(matches!(done, Err(Rejected::Stale)), "{done:?}");
}

#[tokio::test(start_paused = true)]
async fn a_closed_capacity_pool_refuses_reservations_and_accepts_returns() {
    let shop = Shop::open();
    let pool = Pool::Capacity(offer_id(&shop));
    let (one, two) = (Allocation { shard: 0, quantity: 1 }, Allocation { shard: 1, quantity: 2 });
    commit(&shop, |tx| tx.insert_pool(pool, &[Allocation { shard: 0, quantity: 3 }, two]).unwrap()).await.unwrap();
    is_stale(&commit(&shop, |tx| tx.close_pool(pool, 2, Some(&[3, 1])).unwrap()).await);
    commit(&shop, |tx| tx.take(pool, &[one], &Refusal::OfferFull).unwrap()).await.unwrap();
    commit(&shop, |tx| tx.close_pool(pool, 2, Some(&[2, 2])).unwrap()).await.unwrap();
    let refused = commit(&shop, |tx| tx.take(pool, &[one], &Refusal::OfferFull).unwrap()).await;
    assert!(matches!(refused, Err(Rejected::Failure(Failure::Refused(Refusal::OfferFull)))), "{refused:?}");
    commit(&shop, |tx| tx.give(pool, &[one]).unwrap()).await.unwrap();
    assert_eq!(shop.app.store.left(&[(pool, 2)]).await.unwrap()[&pool], [3, 2]);
    // Closing is final and idempotent.
    commit(&shop, |tx| tx.close_pool(pool, 2, None).unwrap()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_offer_its_counter_and_its_batch_are_created_once_and_change_one_version_at_a_time() {
    let shop = Shop::open();
    let id = offer_id(&shop);
    let offer = offer(&shop, id);
    let counter = Counter::new(id, 2);
    let batch = Batch::create(&counter, shop.now());
    commit(&shop, |tx| tx.insert_counter(&counter).unwrap()).await.unwrap();
    is_stale(&commit(&shop, |tx| tx.insert_counter(&counter).unwrap()).await);
    commit(&shop, |tx| tx.insert_batch(&batch).unwrap()).await.unwrap();
    is_stale(&commit(&shop, |tx| tx.insert_batch(&batch).unwrap()).await);

    let reached = counter.clone().next(CounterStatus::Reached);
    commit(&shop, |tx| tx.save_counter(&reached).unwrap()).await.unwrap();
    is_stale(&commit(&shop, |tx| tx.save_counter(&reached).unwrap()).await);
    assert_eq!(shop.app.store.load_counter(id).await.unwrap(), reached);
    let next = batch.clone().next(shop.now());
    commit(&shop, |tx| tx.save_batch(&next).unwrap()).await.unwrap();
    is_stale(&commit(&shop, |tx| tx.save_batch(&next).unwrap()).await);
    assert_eq!(shop.app.store.load_batch(batch.id).await.unwrap(), next);

    // An offer requires its window, which counts its offers.
    let lost = commit(&shop, |tx| tx.insert_offer(&offer).unwrap()).await;
    assert!(matches!(lost, Err(Rejected::Failure(Failure::Refused(Refusal::OfferLimitReached)))), "{lost:?}");
    is_stale(&commit(&shop, |tx| tx.save_offer(&Offer { version: 2, ..offer.clone() }).unwrap()).await);
}

#[tokio::test(start_paused = true)]
async fn a_window_holds_at_most_as_many_offers_as_one_read_returns() {
    let shop = Shop::open();
    let window = shop.window().await;
    let window = SellWindowId::parse(&window).unwrap();
    for n in 0..=domain::offer::OFFERS_PER_WINDOW_MAX {
        let id = OfferId { window, ..offer_id(&shop) };
        let offer = offer(&shop, id);
        let inserted = commit(&shop, |tx| tx.insert_offer(&offer).unwrap()).await;
        assert_eq!(inserted.is_ok(), n < domain::offer::OFFERS_PER_WINDOW_MAX, "{n}: {inserted:?}");
    }
    assert_eq!(shop.app.store.load_window(window).await.unwrap().1.len(), domain::offer::OFFERS_PER_WINDOW_MAX);
}

#[tokio::test(start_paused = true)]
async fn an_event_is_logged_once_and_the_log_is_read_page_by_page() {
    let shop = Shop::open();
    let offer = offer_id(&shop);
    let mut events = Vec::new();
    while events.len() < 5 {
        let event = RecordId::new(shop.app.new_id().unwrap()).event(0);
        if store::counters::log_partition(event) == 3 {
            events.push(event);
        }
    }
    events.sort();
    let entry = |event| Logged {
        offer,
        event,
        event_type: <OrderReservedV1 as contracts::events::Event>::TYPE.to_owned(),
        order: OrderKey { customer: CustomerId::parse("ann").unwrap(), id: OrderId::new(shop.app.new_id().unwrap()) },
        quantity: 1,
        delta: Delta { reserved: 1, waiting: 1, paid: 0 },
    };
    for event in &events {
        commit(&shop, |tx| tx.log(&entry(*event)).unwrap()).await.unwrap();
    }
    let again = commit(&shop, |tx| tx.log(&entry(events[0])).unwrap()).await;
    assert!(matches!(&again, Err(Rejected::Consumed(known)) if *known == [events[0]]), "{again:?}");

    let page = async |after, until, most| {
        let (entries, has_more) = shop.app.store.log_page(offer, 3, after, until, most).await.unwrap();
        (entries.into_iter().map(|entry| entry.event).collect::<Vec<_>>(), has_more)
    };
    assert_eq!(page(None, None, 2).await, (events[..2].to_vec(), true));
    assert_eq!(page(Some(events[1]), None, 10).await, (events[2..].to_vec(), false));
    assert_eq!(page(Some(events[2].before()), Some(events[2]), 10).await.0, [events[2]]);
}

#[tokio::test(start_paused = true)]
async fn due_offers_are_listed_from_their_due_time_until_they_are_cleared() {
    let shop = Shop::open();
    let id = BatchId::of(offer_id(&shop));
    let at = shop.now() + SignedDuration::from_secs(1);
    commit(&shop, |tx| tx.set_due(Due::Close, at, id).unwrap()).await.unwrap();
    let due = async |due, now| {
        let due = shop.app.store.due(due, now, None, 10).await.unwrap();
        due.into_iter().map(|due| due.entry).collect::<Vec<_>>()
    };
    assert_eq!(due(Due::Close, at - SignedDuration::from_millis(1)).await, []);
    assert_eq!(due(Due::Close, at).await, [(at, id)]);
    assert_eq!(due(Due::Finalize, at).await, []);
    commit(&shop, |tx| tx.clear_due(Due::Close, at, id).unwrap()).await.unwrap();
    commit(&shop, |tx| tx.clear_due(Due::Close, at, id).unwrap()).await.unwrap();
    assert_eq!(due(Due::Close, at).await, []);
}

#[tokio::test(start_paused = true)]
async fn batch_progress_adds_up() {
    let shop = Shop::open();
    let batch = Batch::create(&Counter::new(offer_id(&shop), 1), shop.now());
    commit(&shop, |tx| tx.insert_batch(&batch).unwrap()).await.unwrap();
    for (orders, is_done) in [(200, false), (7, true)] {
        commit(&shop, |tx| tx.add_progress(batch.id, BatchWork::Abandon, orders, is_done).unwrap()).await.unwrap();
    }
    let (_, progress) = shop.app.store.load_batch_and_progress(batch.id).await.unwrap();
    assert_eq!((progress.len(), progress[0].orders, progress[0].partitions_done), (1, 207, 1));
}
