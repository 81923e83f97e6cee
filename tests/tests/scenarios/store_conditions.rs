//! The store on a real engine: every condition, both satisfied and failed.

use contracts::Failure;
use domain::Refusal;
use domain::coupon::{Discount, Terms, UserCoupon, UserCouponStatus};
use domain::id::{CouponId, CustomerId, EntryId, EventId, OrderId, PaymentId, ProductId, RecordId, VariantId};
use domain::money::Cents;
use domain::outbox::OutboxStatus;
use domain::payment::{AmountDue, Payment, PaymentMethod, PaymentStatus};
use domain::points::Wallet;
use domain::ranking::Sold;
use domain::stock::Allocation;
use domain::text::Name;
use serde_json::json;
use store::orders::Reads;
use store::outbox::{Minute, Record, ReplayRange, Unread};
use store::stock::Pool;
use store::{Answer, Idempotency, Rejected, TX_ITEMS_MAX, Tx};
use tests::fixtures::cart;
use tests::shop::numbers;
use tests::{Fault, Rule, Shop};

fn ann() -> CustomerId {
    CustomerId::parse("ann").unwrap()
}

fn stock_of(shop: &Shop) -> Pool {
    Pool::Stock(VariantId::new(ProductId::new(shop.app.new_id().unwrap()), 7))
}

fn allocation(shard: u8, quantity: u32) -> Allocation {
    Allocation { shard, quantity }
}

async fn commit(shop: &Shop, build: impl FnOnce(&mut Tx<'_>)) -> Result<Option<Answer>, Rejected> {
    let mut tx = shop.app.tx().unwrap();
    build(&mut tx);
    tx.commit().await
}

#[track_caller]
fn is_refused(done: Result<Option<Answer>, Rejected>, refusal: &Refusal) {
    match done {
        Err(Rejected::Failure(Failure::Refused(said))) => assert_eq!(said, *refusal),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn is_stale(done: Result<Option<Answer>, Rejected>) {
    assert!(matches!(done, Err(Rejected::Stale)), "{done:?}");
}

#[tokio::test(start_paused = true)]
async fn units_are_taken_while_the_shard_has_enough_and_returned_to_existing_shards() {
    let shop = Shop::open();
    let pool = stock_of(&shop);
    let sold_out = Refusal::CouponSoldOut;
    commit(&shop, |tx| tx.insert_pool(pool, &[allocation(0, 3), allocation(1, 2)]).unwrap()).await.unwrap();
    let left = async || shop.app.store.left(&[(pool, 2)]).await.unwrap()[&pool].clone();
    assert_eq!(left().await, [3, 2]);
    commit(&shop, |tx| tx.take(pool, &[allocation(0, 3), allocation(1, 1)], &sold_out).unwrap()).await.unwrap();
    assert_eq!(left().await, [0, 1]);
    for short in [
        vec![allocation(0, 1)],
        vec![allocation(1, 2)],
        vec![allocation(1, 1), allocation(0, 1)],
        vec![allocation(2, 1)],
    ] {
        is_refused(commit(&shop, |tx| tx.take(pool, &short, &sold_out).unwrap()).await, &sold_out);
    }
    assert_eq!(left().await, [0, 1], "a refusal takes no units from any shard");
    commit(&shop, |tx| tx.give(pool, &[allocation(0, 5)]).unwrap()).await.unwrap();
    assert_eq!(left().await, [5, 1]);
    let nowhere = commit(&shop, |tx| tx.give(pool, &[allocation(9, 1)]).unwrap()).await;
    assert!(matches!(nowhere, Err(Rejected::Failure(Failure::Broken(_)))), "{nowhere:?}");
}

#[tokio::test(start_paused = true)]
async fn the_first_refusal_in_the_order_of_the_writes_is_returned() {
    let shop = Shop::open();
    let pool = stock_of(&shop);
    let done = commit(&shop, |tx| {
        tx.take(pool, &[allocation(0, 1)], &Refusal::CouponSoldOut).unwrap();
        tx.take(pool, &[allocation(1, 1)], &Refusal::CouponEnded).unwrap();
    });
    is_refused(done.await, &Refusal::CouponSoldOut);
}

#[tokio::test(start_paused = true)]
async fn a_wallet_is_updated_only_from_the_version_that_was_read() {
    let shop = Shop::open();
    let now = shop.now();
    let charge = |wallet: Wallet| {
        wallet.charge(EntryId::new(shop.app.new_id().unwrap()), Cents::new(1_000_000), &numbers(), now).unwrap()
    };
    let none = Wallet::default();
    let (first, entry) = charge(none);
    commit(&shop, |tx| tx.move_points(&ann(), none, first, &entry).unwrap()).await.unwrap();
    let (again, entry) = charge(none);
    is_stale(commit(&shop, |tx| tx.move_points(&ann(), none, again, &entry).unwrap()).await);
    let (second, entry) = charge(first);
    commit(&shop, |tx| tx.move_points(&ann(), first, second, &entry).unwrap()).await.unwrap();
    let (late, entry) = charge(first);
    is_stale(commit(&shop, |tx| tx.move_points(&ann(), first, late, &entry).unwrap()).await);
    assert_eq!(shop.app.store.load_wallet(&ann()).await.unwrap(), second);
}

#[tokio::test(start_paused = true)]
async fn an_order_is_updated_only_from_the_version_that_was_read() {
    let shop = Shop::open();
    let variant = shop.variant(3).await;
    let id = OrderId::parse(&shop.customer("ann").order(&variant, 1).await).unwrap();
    let load = async || shop.app.store.load_order(&ann(), id).await;
    let read = load().await.unwrap();
    let paid = read.clone().pay(PaymentId::new(shop.app.new_id().unwrap()), PaymentMethod::Points, shop.now()).unwrap();
    commit(&shop, |tx| tx.save_order(&paid).unwrap()).await.unwrap();
    let expired = read.expire(shop.now() + jiff::SignedDuration::from_hours(1)).unwrap();
    is_stale(commit(&shop, |tx| tx.save_order(&expired).unwrap()).await);
    assert_eq!(load().await.unwrap(), paid);
    let stranger = CustomerId::parse("bob").unwrap();
    for reads in [Reads::Eventual, Reads::Strong] {
        let found = shop.app.store.load_order_and_wallet(&stranger, id, reads).await;
        assert!(matches!(found, Err(Failure::Refused(Refusal::OrderNotFound))));
    }
}

fn coupon(shop: &Shop, hours: i64) -> UserCoupon {
    UserCoupon {
        coupon: CouponId::new(shop.app.new_id().unwrap()),
        name: Name::parse("name", "autumn").unwrap(),
        terms: Terms {
            discount: Discount::Fixed(Cents::new(100)),
            max_discount: None,
            min_order: None,
            valid_until: shop.now() + jiff::SignedDuration::from_hours(hours),
        },
        status: UserCouponStatus::Issued,
        order: None,
        issued_at: shop.now(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_coupon_is_used_and_released_only_by_the_order_that_holds_it() {
    let shop = Shop::open();
    let copy = coupon(&shop, 1);
    let id = copy.coupon;
    let (one, other) = (OrderId::new(shop.app.new_id().unwrap()), OrderId::new(shop.app.new_id().unwrap()));
    let hold = |tx: &mut Tx<'_>, id, order| tx.hold_coupon(&ann(), id, order).unwrap();
    let use_up = |tx: &mut Tx<'_>, id, order| tx.use_coupon(&ann(), id, order).unwrap();
    let release = |tx: &mut Tx<'_>, id, order| tx.release_coupon(&ann(), id, order).unwrap();
    is_stale(commit(&shop, |tx| hold(tx, id, one)).await);
    commit(&shop, |tx| tx.insert_user_coupon(&ann(), &copy).unwrap()).await.unwrap();
    let again = commit(&shop, |tx| tx.insert_user_coupon(&ann(), &copy).unwrap()).await;
    is_refused(again, &Refusal::CouponAlreadyIssued);

    is_stale(commit(&shop, |tx| use_up(tx, id, one)).await);
    is_stale(commit(&shop, |tx| release(tx, id, one)).await);
    commit(&shop, |tx| hold(tx, id, one)).await.unwrap();
    is_stale(commit(&shop, |tx| hold(tx, id, other)).await);
    is_stale(commit(&shop, |tx| use_up(tx, id, other)).await);
    is_stale(commit(&shop, |tx| release(tx, id, other)).await);
    commit(&shop, |tx| release(tx, id, one)).await.unwrap();
    is_stale(commit(&shop, |tx| release(tx, id, one)).await);
    commit(&shop, |tx| hold(tx, id, other)).await.unwrap();
    commit(&shop, |tx| use_up(tx, id, other)).await.unwrap();
    is_stale(commit(&shop, |tx| use_up(tx, id, other)).await);
    is_stale(commit(&shop, |tx| release(tx, id, other)).await);
    is_stale(commit(&shop, |tx| hold(tx, id, one)).await);
}

#[tokio::test(start_paused = true)]
async fn an_expired_coupon_cannot_be_held() {
    let shop = Shop::open();
    let copy = coupon(&shop, 1);
    let order = OrderId::new(shop.app.new_id().unwrap());
    commit(&shop, |tx| tx.insert_user_coupon(&ann(), &copy).unwrap()).await.unwrap();
    shop.advance(jiff::SignedDuration::from_hours(1));
    is_stale(commit(&shop, |tx| tx.hold_coupon(&ann(), copy.coupon, order).unwrap()).await);
    shop.advance(jiff::SignedDuration::from_millis(-1));
    commit(&shop, |tx| tx.hold_coupon(&ann(), copy.coupon, order).unwrap()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_payment_is_updated_only_from_the_status_that_was_read() {
    let shop = Shop::open();
    let due = AmountDue {
        customer: ann(),
        order: Some(OrderId::new(shop.app.new_id().unwrap())),
        amount: Cents::new(100),
        currency: numbers().currency,
    };
    let id = PaymentId::new(shop.app.new_id().unwrap());
    let payment =
        Payment { status: PaymentStatus::Succeeded, ..Payment::new(id, due, PaymentMethod::Points, shop.now()) };
    commit(&shop, |tx| tx.insert_payment(&payment).unwrap()).await.unwrap();
    let asked = payment.clone().request_refund(Cents::new(100), shop.now(), shop.now()).unwrap();
    commit(&shop, |tx| tx.save_payment(&asked).unwrap()).await.unwrap();
    is_stale(commit(&shop, |tx| tx.save_payment(&asked).unwrap()).await);
    assert_eq!(shop.app.store.load_payment(payment.id).await.unwrap(), asked);
}

#[tokio::test(start_paused = true)]
async fn an_event_is_consumed_once_per_consumer_and_duplicates_are_named() {
    let shop = Shop::open();
    let record = RecordId::new(shop.app.new_id().unwrap());
    let events: Vec<EventId> = (0..3).map(|n| record.event(n)).collect();
    let consume = |tx: &mut Tx<'_>, consumer: &str, events: &[EventId]| {
        events.iter().for_each(|event| tx.consume("Counters", consumer, *event).unwrap());
    };
    commit(&shop, |tx| consume(tx, "count_sales", &events[..1])).await.unwrap();
    commit(&shop, |tx| consume(tx, "count_sales", &events[2..])).await.unwrap();
    match commit(&shop, |tx| consume(tx, "count_sales", &events)).await {
        Err(Rejected::Consumed(consumed)) => assert_eq!(consumed, [events[0], events[2]]),
        other => panic!("{other:?}"),
    }
    commit(&shop, |tx| consume(tx, "count_sales", &events[1..2])).await.unwrap();
    commit(&shop, |tx| consume(tx, "another", &events)).await.unwrap();
    let kept = shop.aws.engine().items("Counters");
    let month = (shop.now() + jiff::SignedDuration::from_hours(24 * 395)).as_second().to_string();
    assert!(kept.iter().all(|item| item["expires_at"]["N"] == json!(month)), "{kept:?}");
}

#[tokio::test(start_paused = true)]
async fn sales_counters_add_up_and_can_be_reversed() {
    let shop = Shop::open();
    let product = ProductId::new(shop.app.new_id().unwrap());
    let day = numbers().day(shop.now());
    for quantity in [3, 4, -2] {
        commit(&shop, |tx| tx.count_sale(day, Sold { product, quantity }).unwrap()).await.unwrap();
    }
    assert_eq!(shop.app.store.sales(&[day]).await.unwrap(), [Sold { product, quantity: 5 }]);
    assert_eq!(shop.app.store.sales(&[day.tomorrow().unwrap()]).await.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn an_idempotency_record_is_new_then_replayed_then_conflicting_then_expired() {
    let shop = Shop::open();
    let idempotency_in = |table: &str, fingerprint: &str| Idempotency {
        table: table.to_owned(),
        owner: "ann".to_owned(),
        route: "/orders",
        key: "k".to_owned(),
        fingerprint: fingerprint.to_owned(),
    };
    let idempotency = |fingerprint: &str| idempotency_in("Orders", fingerprint);
    let answer = |status| Answer { status, body: "{}".to_owned() };
    let put = async |fingerprint: &str, status: u16| {
        commit(&shop, |tx| tx.idempotent(Some(&idempotency(fingerprint)), &answer(status)).unwrap()).await
    };
    let find = async |fingerprint: &str| shop.app.store.find_answer(&idempotency(fingerprint), shop.now()).await;
    assert!(find("a").await.unwrap().is_none());
    assert_eq!(put("a", 201).await.unwrap(), None);
    assert_eq!(put("a", 200).await.unwrap(), Some(answer(201)));
    assert_eq!(find("a").await.unwrap(), Some(answer(201)));
    is_refused(put("b", 200).await, &Refusal::IdempotencyKeyReused);
    assert!(matches!(find("b").await, Err(Failure::Refused(Refusal::IdempotencyKeyReused))));
    assert!(shop.app.store.find_answer(&idempotency_in("Wallets", "a"), shop.now()).await.unwrap().is_none());
    shop.advance(jiff::SignedDuration::from_secs(24 * 3_600 + 1));
    assert!(find("b").await.unwrap().is_none());
    assert_eq!(put("b", 202).await.unwrap(), None);
    assert_eq!(find("b").await.unwrap(), Some(answer(202)));
}

#[tokio::test(start_paused = true)]
async fn a_retried_transaction_that_finds_its_own_write_has_succeeded() {
    for key in [false, true] {
        let shop = Shop::open();
        shop.aws.forget_tokens();
        let copy = coupon(&shop, 1);
        let idempotency = Idempotency {
            table: "Coupons".to_owned(),
            owner: "ann".to_owned(),
            route: "/coupons/{coupon_id}/issue",
            key: "k".to_owned(),
            fingerprint: "f".to_owned(),
        };
        let event = contracts::events::CouponIssuedV1::new(ann(), &copy);
        shop.inject(Rule::next("TransactWriteItems", Fault::AnswerLost));
        let done = commit(&shop, |tx| {
            tx.idempotent(key.then_some(&idempotency), &Answer { status: 201, body: "{}".to_owned() }).unwrap();
            tx.insert_user_coupon(&ann(), &copy).unwrap();
            tx.emit(&event).unwrap();
        });
        assert_eq!(done.await.unwrap(), None);
        shop.aws.assert_faults_hit();
        assert_eq!(shop.aws.engine().items("Outbox").len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_transaction_over_its_limit_is_a_bug_and_is_not_sent() {
    let shop = Shop::open();
    let pool = stock_of(&shop);
    let shards: Vec<Allocation> = (0..101).map(|shard| allocation(shard, 1)).collect();
    shop.aws.take_calls();
    let large = commit(&shop, |tx| tx.insert_pool(pool, &shards).unwrap()).await;
    assert!(matches!(large, Err(Rejected::Failure(Failure::Broken(_)))), "{large:?}");
    assert!(shop.aws.take_calls().is_empty());
    commit(&shop, |tx| tx.insert_pool(pool, &shards[..TX_ITEMS_MAX]).unwrap()).await.unwrap();
    let event = contracts::events::CouponIssuedV1::new(ann(), &coupon(&shop, 1));
    let many = commit(&shop, |tx| (0..17).for_each(|_| tx.emit(&event).unwrap())).await;
    assert!(matches!(many, Err(Rejected::Failure(Failure::Broken(_)))), "{many:?}");
    commit(&shop, |tx| (0..16).for_each(|_| tx.emit(&event).unwrap())).await.unwrap();
}

async fn record(shop: &Shop) -> RecordId {
    let mut tx = shop.app.tx().unwrap();
    tx.emit(&contracts::events::CouponIssuedV1::new(ann(), &coupon(shop, 1))).unwrap();
    tx.commit().await.unwrap();
    let (waiting, _) = shop.app.store.waiting_of(Minute::of(shop.now()), Unread::WHOLE).await.unwrap();
    waiting.last().unwrap().id
}

#[tokio::test(start_paused = true)]
async fn the_outbox_sweep_reads_only_the_unsent_records_of_a_minute() {
    let shop = Shop::open();
    let store = &shop.app.store;
    let (left, waits) = (record(&shop).await, record(&shop).await);
    store.mark_sent(left, shop.now(), jiff::SignedDuration::from_hours(24)).await.unwrap();
    let ids = |records: Vec<Record>| records.iter().map(|record| record.id).collect::<Vec<_>>();
    let minute = Minute::of(shop.now());
    let (waiting, unread) = store.waiting_of(minute, Unread::WHOLE).await.unwrap();
    assert!(unread.is_none());
    assert_eq!(ids(waiting), [waits]);
    assert_eq!(store.load_record(left).await.unwrap().status.as_str(), "SENT");
}

#[tokio::test(start_paused = true)]
async fn the_records_of_a_busy_minute_are_replayed_page_by_page_each_once() {
    const RECORDS: usize = 1_500;
    const PAGE: usize = 300;
    let shop = Shop::open();
    let (store, began) = (&shop.app.store, shop.now());
    let event = contracts::events::CouponIssuedV1::new(ann(), &coupon(&shop, 1));
    let keep = jiff::SignedDuration::from_hours(24);
    for n in 0..RECORDS {
        commit(&shop, |tx| tx.emit(&event).unwrap()).await.unwrap();
        // Five of them at each moment.
        shop.advance(jiff::SignedDuration::from_millis(i64::from(n % 5 == 4)));
    }
    let (mut written, mut unread) = (Vec::new(), Some(Unread::WHOLE));
    while let Some(from) = unread {
        let (records, rest) = store.waiting_of(Minute::of(began), from).await.unwrap();
        written.extend(records.iter().map(|record| record.id));
        unread = rest;
    }
    for id in &written {
        store.mark_sent(*id, shop.now(), keep).await.unwrap();
    }
    written.sort();
    assert_eq!((written.len(), Minute::of(shop.now())), (RECORDS, Minute::of(began)));
    let to = shop.now() + jiff::SignedDuration::from_secs(1);
    let (mut found, mut from) = (Vec::new(), Some(began));
    while let Some(start) = from {
        shop.aws.take_calls();
        let range = ReplayRange { from: start, to };
        let (records, next) = store.records_to_replay(OutboxStatus::Sent, range, PAGE).await.unwrap();
        assert!(records.len() < PAGE + 5, "a page and the rest of its last moment: {}", records.len());
        assert!(shop.aws.take_calls().len() <= 8, "it does not read the minute whole");
        assert!(next.is_none_or(|next| next > start), "each request moves on");
        found.extend(records.iter().map(|record| record.id));
        from = next;
    }
    assert_eq!(found, written);
}

#[tokio::test(start_paused = true)]
async fn an_outbox_record_is_marked_sent_retried_failed_and_replayed() {
    let shop = Shop::open();
    let store = &shop.app.store;
    let keep = jiff::SignedDuration::from_hours(24);
    let id = record(&shop).await;
    let load = async || store.load_record(id).await.unwrap();
    let fresh = load().await;
    store.mark_attempt(&fresh, "ThrottlingException").await.unwrap();
    // Another invocation counted the same attempt.
    store.mark_attempt(&fresh, "ThrottlingException").await.unwrap();
    assert_eq!(load().await.attempts, 1);

    let tried = load().await;
    commit(&shop, |tx| tx.set_record_aside(&tried, "ThrottlingException").unwrap()).await.unwrap();
    assert_eq!((load().await.status.as_str(), store.failed_count(9).await.unwrap()), ("FAILED", 1));
    is_stale(commit(&shop, |tx| tx.set_record_aside(&tried, "ThrottlingException").unwrap()).await);
    store.mark_attempt(&tried, "ThrottlingException").await.unwrap();
    assert_eq!(load().await.attempts, 2, "an attempt after a final result changes nothing");

    commit(&shop, |tx| tx.replay_record(id).unwrap()).await.unwrap();
    let again = load().await;
    assert_eq!((again.status.as_str(), again.attempts, store.failed_count(9).await.unwrap()), ("NEW", 0, 0));
    let replays = async || store.replays(None).await.unwrap();
    assert_eq!(replays().await.records.len(), 1);
    store.mark_sent(id, shop.now(), keep).await.unwrap();
    assert_eq!((replays().await.records.len(), replays().await.sent), (0, vec![id]), "only its pointer is left");
    store.finish_replay(id).await.unwrap();
    assert_eq!((load().await.status.as_str(), replays().await.sent), ("SENT", Vec::new()));
    is_stale(commit(&shop, |tx| tx.set_record_aside(&again, "ThrottlingException").unwrap()).await);

    let unknown = RecordId::new(shop.app.new_id().unwrap());
    is_refused(commit(&shop, |tx| tx.replay_record(unknown).unwrap()).await, &Refusal::EventNotFound);
    store.mark_sent(unknown, shop.now(), keep).await.unwrap();
    assert!(store.load_record(unknown).await.is_err(), "an expired key is not restored partly");
}

#[tokio::test(start_paused = true)]
async fn a_sku_belongs_to_one_variant_and_a_product_has_fifty() {
    let shop = Shop::open();
    let product = shop.product("tea").await;
    let target = format!("/admin/products/{product}/variants");
    let add = async |sku: String| {
        let body = json!({"sku": sku, "variant_name": "a", "price_cents": 100});
        shop.admin().post(&target, &body).await
    };
    add("A-0".to_owned()).await.expect(201);
    add("A-0".to_owned()).await.refused(409, "sku_taken");
    for n in 1..50 {
        add(format!("A-{n}")).await.expect(201);
    }
    add("A-50".to_owned()).await.refused(409, "variant_limit_reached");
    let seen = shop.customer("ann").get(&format!("/products/{product}")).await.expect(200);
    assert_eq!(seen["variants"].as_array().unwrap().len(), 50);
}

#[tokio::test(start_paused = true)]
async fn a_variant_without_stock_on_another_shard_takes_from_several() {
    let shop = Shop::open();
    let variant = shop.sharded_variant(8, 8).await;
    let ann = shop.customer("ann");
    let order = ann.order(&variant, 6).await;
    assert_eq!(shop.left(&variant).await, 2);
    ann.post("/orders", &cart(&variant, 3)).await.refused(409, "out_of_stock");
    let stock = format!("/admin/variants/{variant}/stock");
    shop.admin().post(&stock, &json!({"delta": -3, "reason": "x"})).await.refused(409, "out_of_stock");
    shop.admin().post(&stock, &json!({"delta": -2, "reason": "x"})).await.expect(200);
    ann.cancel(&order).await.expect(200);
    assert_eq!(shop.left(&variant).await, 6);
    shop.run_to_quiescence().await;
}
