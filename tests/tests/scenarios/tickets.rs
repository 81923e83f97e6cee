//! Coupons that are asked for without waiting: a ticket, a queue, and exactly the quantity.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::goods::text;
use tests::shop::Session;
use tests::{Fault, Reply, Rule, Shop};

const TX: &str = "TransactWriteItems";
const WORKER: &str = "issue_requested_coupons";

async fn ask(customer: &Session, coupon: &str) -> Reply {
    customer.post_async(None, &format!("/coupons/{coupon}/issue"), &json!({})).await
}

/// Asks and is given a ticket.
async fn ticket(customer: &Session, coupon: &str) -> String {
    let reply = ask(customer, coupon).await;
    let ticket = text(&reply.clone().expect(202), "ticket_id");
    assert_eq!(reply.body, json!({"ticket_id": ticket, "status": "QUEUED"}));
    assert_eq!(reply.headers["location"], format!("/api/v1/coupons/{coupon}/requests/{ticket}"));
    assert_eq!(reply.headers["preference-applied"], "respond-async");
    ticket
}

/// What has become of a ticket: its status, or the code of its rejection.
async fn fate(customer: &Session, coupon: &str, ticket: &str) -> String {
    let seen = customer.get(&format!("/coupons/{coupon}/requests/{ticket}")).await.expect(200);
    assert_eq!(seen["status"] == "REJECTED", seen.get("code").is_some(), "{seen}");
    seen["code"].as_str().map_or_else(|| text(&seen, "status"), str::to_owned)
}

async fn has_one(customer: &Session) -> bool {
    !customer.get("/me/coupons").await.expect(200)["items"].as_array().unwrap().is_empty()
}

fn writes(shop: &Shop) -> usize {
    shop.wire.take_calls().iter().filter(|call| call.is_write()).count()
}

async fn top_up(shop: &Shop, coupon: &str, change: &Value) -> Value {
    shop.admin().patch(&format!("/admin/coupons/{coupon}"), change).await.expect(200)
}

/// Longer than an environment believes what it saw of a campaign.
fn pass_memory(shop: &Shop) {
    shop.pass(SignedDuration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn a_ticket_waits_and_then_says_that_the_coupon_is_there() {
    let shop = Shop::open();
    let (ann, coupon) = (shop.customer("ann"), shop.coupon(5, 1).await);
    let one = ticket(&ann, &coupon).await;
    assert_eq!(ticket(&ann, &coupon).await, one, "whoever asks again has the same ticket");
    assert_eq!((fate(&ann, &coupon, &one).await.as_str(), has_one(&ann).await), ("QUEUED", false));
    shop.pump().await;
    assert_eq!((fate(&ann, &coupon, &one).await.as_str(), has_one(&ann).await), ("ISSUED", true));
    assert_eq!(ticket(&ann, &coupon).await, one);
    shop.pump().await;
    ann.take(&coupon).await.refused(409, "coupon_already_issued");
    let seen = ann.get(&format!("/coupons/{coupon}")).await.expect(200);
    assert_eq!((&seen["issued_qty"], &seen["remaining_qty"]), (&json!(1), &json!(4)));
    assert_eq!(shop.announced("coupon.issued.v1").len(), 1);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_ticket_is_its_customers_alone() {
    let shop = Shop::open();
    let (coupon, other) = (shop.coupon(5, 1).await, shop.coupon(5, 1).await);
    let one = ticket(&shop.customer("ann"), &coupon).await;
    let seen = |sub: &str, path: String| {
        let customer = shop.customer(sub);
        async move { customer.get(&path).await }
    };
    let at = |coupon: &str, ticket: &str| format!("/coupons/{coupon}/requests/{ticket}");
    seen("bob", at(&coupon, &one)).await.refused(404, "coupon_request_not_found");
    seen("ann", at(&other, &one)).await.refused(404, "coupon_request_not_found");
    seen("ann", at(&coupon, "x")).await.refused(404, "coupon_request_not_found");
    seen("ann", at("x", &one)).await.refused(404, "coupon_not_found");
    ask(&shop.customer("ann"), &shop.app.new_id().unwrap().to_string()).await.refused(404, "coupon_not_found");
}

#[tokio::test(start_paused = true)]
async fn two_hundred_tickets_and_fifty_coupons_make_exactly_fifty() {
    for (seed, shards) in [(1, 1), (2, 4), (3, 16)] {
        let shop = Shop::open();
        let coupon = shop.coupon(50, shards).await;
        let customers: Vec<_> = (0..200).map(|n| shop.elsewhere().customer(&format!("customer-{n}"))).collect();
        let mut tickets = Vec::new();
        for customer in &customers {
            tickets.push(ticket(customer, &coupon).await);
            ticket(customer, &coupon).await;
        }
        shop.pump.route(&shop);
        // Three workers at once, each with a part of the queue, and each part once more.
        shop.wire.shuffle(seed);
        let messages = shop.pump.waiting(WORKER);
        shop.pump.rearrange(WORKER, Vec::clear);
        let workers = messages.chunks(150).chain(messages.chunks(100)).map(|part| {
            let batch: Vec<_> = part.iter().map(|message| (message.id.clone(), message.body.clone())).collect();
            let shop = shop.elsewhere();
            async move { (shop.invoke(WORKER, &tests::events::sqs(&batch)).await.unwrap(), batch) }
        });
        for (answer, batch) in join_all(workers).await {
            // Whoever met the others too often comes again.
            let failed = answer["batchItemFailures"].as_array().unwrap().clone();
            let again = |id: &str| failed.iter().any(|failure| failure["itemIdentifier"] == id);
            batch.into_iter().filter(|(id, _)| again(id)).for_each(|(_, body)| shop.pump.push(WORKER, body));
        }
        shop.pump().await;
        pass_memory(&shop);
        let mut fates: BTreeMap<String, usize> = BTreeMap::new();
        for (customer, ticket) in customers.iter().zip(&tickets) {
            let fate = fate(customer, &coupon, ticket).await;
            assert_eq!(
                fate == "ISSUED",
                has_one(customer).await,
                "ISSUED was said if, and only if, the coupon is there"
            );
            *fates.entry(fate).or_default() += 1;
        }
        let expected = BTreeMap::from([("ISSUED".to_owned(), 50), ("coupon_sold_out".to_owned(), 150)]);
        assert_eq!(fates, expected, "{shards} shards");
        assert_eq!(shop.announced("coupon.issued.v1").len(), 50);
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_folded_into_few_writes_and_each_event_keeps_its_own_trace() {
    let shop = Shop::open();
    let coupon = shop.coupon(100, 1).await;
    for n in 0..32 {
        ticket(&shop.customer(&format!("customer-{n}")), &coupon).await;
    }
    shop.pump.route(&shop);
    shop.wire.take_calls();
    shop.pump.work_for(&shop, WORKER).await;
    assert_eq!(writes(&shop), 2, "thirty-two customers, two writes");
    shop.pump().await;
    let published = shop.pump.published();
    let traces: std::collections::BTreeSet<&str> =
        published.iter().filter_map(|event| event.detail["correlation_id"].as_str()).collect();
    assert_eq!(traces.len(), 32, "the correlation id goes on from each request to its own event");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn after_the_sell_out_nobody_writes_and_who_has_one_is_told_so() {
    let shop = Shop::open();
    let coupon = shop.coupon(1, 4).await;
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    let winner = ticket(&ann, &coupon).await;
    let loser = ticket(&bob, &coupon).await;
    shop.pump().await;
    pass_memory(&shop);
    assert_eq!(fate(&bob, &coupon, &loser).await, "coupon_sold_out");
    shop.wire.take_calls();
    for n in 0..20 {
        ask(&shop.customer(&format!("late-{n}")), &coupon).await.refused(409, "coupon_sold_out");
        shop.customer(&format!("late-{n}")).take(&coupon).await.refused(409, "coupon_sold_out");
    }
    assert_eq!(writes(&shop), 0);
    assert_eq!(shop.pump.route(&shop), 0, "and nothing is put on the queue");
    assert_eq!(ticket(&ann, &coupon).await, winner);
    ann.take(&coupon).await.refused(409, "coupon_already_issued");
    assert_eq!(fate(&ann, &coupon, &winner).await, "ISSUED");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_top_up_ends_the_sell_out_within_seconds_in_every_environment() {
    let shop = Shop::open();
    let coupon = shop.coupon(1, 2).await;
    let (ann, bob, elsewhere) = (shop.customer("ann"), shop.customer("bob"), shop.elsewhere());
    ann.take(&coupon).await.expect(201);
    elsewhere.customer("bob").take(&coupon).await.refused(409, "coupon_sold_out");
    ask(&elsewhere.customer("bob"), &coupon).await.refused(409, "coupon_sold_out");
    let seen = top_up(&shop, &coupon, &json!({"total_quantity": 3, "quota_shards": 8})).await;
    assert_eq!((&seen["total_quantity"], &seen["remaining_qty"]), (&json!(3), &json!(2)));
    elsewhere.customer("bob").take(&coupon).await.refused(409, "coupon_sold_out");
    pass_memory(&shop);
    elsewhere.customer("bob").take(&coupon).await.expect(201);
    let third = ticket(&elsewhere.customer("cid"), &coupon).await;
    shop.pump().await;
    assert_eq!(fate(&shop.customer("cid"), &coupon, &third).await, "ISSUED");
    assert!(has_one(&bob).await);
    let seen = ann.get(&format!("/coupons/{coupon}")).await.expect(200);
    assert_eq!((&seen["issued_qty"], &seen["remaining_qty"]), (&json!(3), &json!(0)));
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_was_rejected_stays_rejected_and_asking_again_is_a_new_one() {
    let shop = Shop::open();
    let coupon = shop.coupon(1, 1).await;
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    ticket(&ann, &coupon).await;
    let lost = ticket(&bob, &coupon).await;
    shop.pump.route(&shop);
    let waiting = shop.pump.waiting(WORKER);
    shop.pump().await;
    pass_memory(&shop);
    assert_eq!(fate(&bob, &coupon, &lost).await, "coupon_sold_out");
    top_up(&shop, &coupon, &json!({"total_quantity": 2})).await;
    pass_memory(&shop);
    // Its message comes once more, as SQS may have it: what was said stays true.
    shop.pump.rearrange(WORKER, |messages| messages.extend(waiting));
    shop.pump().await;
    assert_eq!((fate(&bob, &coupon, &lost).await.as_str(), has_one(&bob).await), ("coupon_sold_out", false));
    let again = ticket(&bob, &coupon).await;
    assert_ne!(again, lost);
    shop.pump().await;
    assert_eq!(fate(&bob, &coupon, &again).await, "ISSUED");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_top_up_before_the_sell_out_serves_who_waits() {
    let shop = Shop::open();
    let coupon = shop.coupon(1, 1).await;
    let mut tickets = Vec::new();
    for sub in ["ann", "bob"] {
        tickets.push((shop.customer(sub), ticket(&shop.customer(sub), &coupon).await));
    }
    top_up(&shop, &coupon, &json!({"total_quantity": 2})).await;
    shop.pump().await;
    for (customer, ticket) in &tickets {
        assert_eq!(fate(customer, &coupon, ticket).await, "ISSUED");
    }
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_campaigns_quantity_only_grows_and_a_change_says_something() {
    let shop = Shop::open();
    let coupon = shop.coupon(5, 1).await;
    let path = format!("/admin/coupons/{coupon}");
    shop.admin().patch(&path, &json!({"total_quantity": 4})).await.refused(422, "invalid_request");
    shop.admin().patch(&path, &json!({})).await.refused(422, "invalid_request");
    shop.admin().patch(&path, &json!({"quota_shards": 65})).await.refused(422, "invalid_request");
    let unknown = format!("/admin/coupons/{}", shop.app.new_id().unwrap());
    shop.admin().patch(&unknown, &json!({"quota_shards": 2})).await.refused(404, "coupon_not_found");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_asked_in_time_is_served_however_long_the_queue() {
    let shop = Shop::open();
    let (ann, coupon) = (shop.customer("ann"), shop.coupon(5, 1).await);
    let one = ticket(&ann, &coupon).await;
    shop.pass(SignedDuration::from_hours(3));
    ask(&shop.customer("late"), &coupon).await.refused(409, "coupon_ended");
    shop.pump().await;
    assert_eq!(fate(&ann, &coupon, &one).await, "ISSUED");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_killed_or_loses_its_answer_serves_everybody_once() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter, Fault::AnswerLost, Fault::Conflict("Counters", None)] {
        for nth in 0..3 {
            let shop = Shop::open();
            let coupon = shop.coupon(40, 2).await;
            let customers: Vec<_> = (0..40).map(|n| shop.customer(&format!("customer-{n}"))).collect();
            for customer in &customers {
                ticket(customer, &coupon).await;
            }
            shop.inject(Rule::next(TX, fault.clone()).by(WORKER).after(nth));
            shop.pump().await;
            shop.wire.assert_struck();
            for customer in &customers {
                assert!(has_one(customer).await, "{fault:?} {nth}");
            }
            assert_eq!(shop.announced("coupon.issued.v1").len(), 40, "{fault:?} {nth}");
            shop.settle().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_does_not_answer_makes_the_shop_busy_and_the_next_try_is_the_same_ticket() {
    for fault in [Fault::Undelivered, Fault::AnswerLost, Fault::Broken] {
        let shop = Shop::open();
        let (ann, coupon) = (shop.customer("ann"), shop.coupon(5, 1).await);
        shop.inject(Rule::every("SendMessage", fault));
        ask(&ann, &coupon).await.refused(503, "busy");
        shop.wire.heal();
        let one = ticket(&ann, &coupon).await;
        shop.pump().await;
        assert_eq!(fate(&ann, &coupon, &one).await, "ISSUED");
        assert_eq!(shop.announced("coupon.issued.v1").len(), 1);
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_read_fails_alone() {
    let shop = Shop::open();
    let (ann, coupon) = (shop.customer("ann"), shop.coupon(5, 1).await);
    ticket(&ann, &coupon).await;
    shop.pump.push(WORKER, "{}".to_owned());
    shop.pump().await;
    assert!(has_one(&ann).await);
    assert_eq!(shop.pump.dead_letters(), ["{}"]);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_was_rejected_is_not_served_by_a_worker_that_remembers_better_times() {
    let shop = Shop::open();
    let coupon = shop.coupon(1, 1).await;
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    ticket(&ann, &coupon).await;
    let lost = ticket(&bob, &coupon).await;
    shop.pump.route(&shop);
    let messages = shop.pump.waiting(WORKER);
    shop.pump.rearrange(WORKER, Vec::clear);
    let worker = shop.elsewhere();
    for (number, message) in messages.into_iter().enumerate() {
        if number == 1 {
            // In the same moment it is sold out, shown so, and topped up; the worker still remembers that there is one.
            assert_eq!(fate(&shop.elsewhere().customer("bob"), &coupon, &lost).await, "coupon_sold_out");
            top_up(&shop.elsewhere(), &coupon, &json!({"total_quantity": 2})).await;
        }
        let answer = worker.invoke(WORKER, &tests::events::sqs(&[(message.id, message.body)])).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]));
    }
    let fresh = shop.elsewhere().customer("bob");
    assert_eq!((fate(&fresh, &coupon, &lost).await.as_str(), has_one(&bob).await), ("coupon_sold_out", false));
    let again = ticket(&shop.elsewhere().customer("bob"), &coupon).await;
    shop.pump().await;
    assert_eq!(fate(&shop.elsewhere().customer("bob"), &coupon, &again).await, "ISSUED");
    shop.settle().await;
}

/// A campaign that is asked for, served, looked at and topped up by chance, in several environments at once.
struct Chance {
    shop: Shop,
    places: Vec<Shop>,
    random: fastrand::Rng,
    coupon: String,
    total: i64,
    tickets: Vec<(String, String)>,
    rejected: BTreeSet<String>,
}

impl Chance {
    async fn open(seed: u64) -> Self {
        let shop = Shop::open();
        let mut random = fastrand::Rng::with_seed(seed);
        let coupon = shop.coupon(3, random.i64(1..=4)).await;
        let places = (0..4).map(|_| shop.elsewhere()).collect();
        Self { shop, places, random, coupon, total: 3, tickets: Vec::new(), rejected: BTreeSet::new() }
    }

    async fn step(&mut self, number: usize) {
        let place = self.places[self.random.usize(0..self.places.len())].clone();
        match self.random.u32(0..100) {
            0..25 => {
                // Each customer asks once, so that whoever was rejected has nothing to come.
                let sub = format!("customer-{number}");
                let reply = ask(&place.customer(&sub), &self.coupon).await;
                if reply.status == 202 {
                    self.tickets.push((sub, text(&reply.body, "ticket_id")));
                }
            }
            25..50 => self.work(&place).await,
            50..85 if !self.tickets.is_empty() => self.look(&place).await,
            85..90 => {
                self.total += 1;
                top_up(&place, &self.coupon, &json!({"total_quantity": self.total})).await;
            }
            _ => self.shop.pass(SignedDuration::from_millis(self.random.i64(0..900))),
        }
    }

    /// A worker takes a few messages, in any order; now and then they come again.
    async fn work(&mut self, place: &Shop) {
        self.shop.pump.route(&self.shop);
        let mut waiting = self.shop.pump.waiting(WORKER);
        self.random.shuffle(&mut waiting);
        waiting.truncate(self.random.usize(1..4));
        if waiting.is_empty() {
            return;
        }
        let batch: Vec<_> = waiting.into_iter().map(|message| (message.id, message.body)).collect();
        let answer = place.invoke(WORKER, &tests::events::sqs(&batch)).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]));
        if self.random.u8(0..4) > 0 {
            let is_done = |id: &str| batch.iter().any(|(done, _)| done == id);
            self.shop.pump.rearrange(WORKER, |messages| messages.retain(|message| !is_done(&message.id)));
        }
    }

    async fn look(&mut self, place: &Shop) {
        let (sub, ticket) = self.tickets[self.random.usize(0..self.tickets.len())].clone();
        match fate(&place.customer(&sub), &self.coupon, &ticket).await.as_str() {
            "ISSUED" => assert!(!self.rejected.contains(&sub), "{sub} was rejected before"),
            "coupon_sold_out" => drop(self.rejected.insert(sub)),
            _ => {}
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_ticket_said_stays_true_however_sell_outs_and_top_ups_fall_together() {
    let mut rejected = 0;
    for seed in 0..6 {
        let mut chance = Chance::open(seed).await;
        for number in 0..120 {
            chance.step(number).await;
        }
        chance.shop.pump().await;
        pass_memory(&chance.shop);
        rejected += chance.rejected.len();
        for (sub, ticket) in &chance.tickets {
            let customer = chance.shop.customer(sub);
            let fate = fate(&customer, &chance.coupon, ticket).await;
            assert_eq!(fate == "ISSUED", has_one(&customer).await, "seed {seed}: {sub} {fate}");
            assert!(fate != "ISSUED" || !chance.rejected.contains(sub), "seed {seed}: {sub} was rejected and served");
            assert_ne!(fate, "QUEUED", "seed {seed}: {sub} waits for ever");
        }
        chance.shop.settle().await;
    }
    assert!(rejected > 5, "{rejected} rejections in all prove little");
}

#[tokio::test(start_paused = true)]
async fn two_tickets_of_one_customer_in_one_batch_are_served_as_the_later_one() {
    let shop = Shop::open();
    let coupon = shop.coupon(1, 1).await;
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    let first = ticket(&bob, &coupon).await;
    ann.take(&coupon).await.expect(201);
    top_up(&shop, &coupon, &json!({"total_quantity": 2})).await;
    pass_memory(&shop);
    let second = ticket(&bob, &coupon).await;
    assert_ne!(first, second);
    shop.pump().await;
    assert_eq!((fate(&bob, &coupon, &second).await.as_str(), has_one(&bob).await), ("ISSUED", true));
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_key_stands_for_one_request_for_a_ticket() {
    let shop = Shop::open();
    let (ann, coupon, other) = (shop.customer("ann"), shop.coupon(1, 1).await, shop.coupon(5, 1).await);
    let issue = |coupon: &str| format!("/coupons/{coupon}/issue");
    // The first try is lost on its way to the queue; the next one sends it.
    shop.inject(Rule::every("SendMessage", Fault::Undelivered));
    ann.post_async(Some("k"), &issue(&coupon), &json!({})).await.refused(503, "busy");
    shop.wire.heal();
    let first = ann.post_async(Some("k"), &issue(&coupon), &json!({})).await;
    let again = ann.post_async(Some("k"), &issue(&coupon), &json!({})).await;
    assert_eq!((again.status, &again.text, &again.headers["location"]), (202, &first.text, &first.headers["location"]));
    ann.post_async(Some("k"), &issue(&other), &json!({})).await.refused(422, "idempotency_key_reused");
    ann.post_once("k", &issue(&other), &json!({})).await.refused(422, "idempotency_key_reused");
    shop.pump().await;
    assert_eq!(fate(&ann, &coupon, &text(&first.body, "ticket_id")).await, "ISSUED");
    let seen = ann.get(&format!("/coupons/{other}")).await.expect(200);
    assert_eq!(seen["remaining_qty"], 5, "what was refused did nothing");
    // After the sell-out and a top-up it is still the first answer.
    top_up(&shop, &coupon, &json!({"total_quantity": 2})).await;
    pass_memory(&shop);
    let late = ann.post_async(Some("k"), &issue(&coupon), &json!({})).await;
    assert_eq!((late.status, late.text), (202, first.text));
    shop.settle().await;
}
