//! Asynchronous coupon requests: tickets, a queue, and exactly the campaign's quantity.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tests::fixtures::text;
use tests::shop::Session;
use tests::{Fault, Reply, Rule, Shop};

const TX: &str = "TransactWriteItems";
const WORKER: &str = "issue_requested_coupons";

async fn ask(customer: &Session, coupon: &str) -> Reply {
    customer.post_async(None, &format!("/coupons/{coupon}/issue"), &json!({})).await
}

/// Requests a coupon asynchronously. Returns the ticket.
async fn ticket(customer: &Session, coupon: &str) -> String {
    let reply = ask(customer, coupon).await;
    let ticket = text(&reply.clone().expect(202), "ticket_id");
    assert_eq!(reply.body, json!({"ticket_id": ticket, "status": "QUEUED"}));
    assert_eq!(reply.headers["location"], format!("https://api.test/api/v1/coupons/{coupon}/requests/{ticket}"));
    assert_eq!(reply.headers["preference-applied"], "respond-async");
    ticket
}

/// A ticket's status, or the code of its rejection.
async fn fate(customer: &Session, coupon: &str, ticket: &str) -> String {
    let seen = customer.get(&format!("/coupons/{coupon}/requests/{ticket}")).await.expect(200);
    assert_eq!(seen["status"] == "REJECTED", seen.get("code").is_some(), "{seen}");
    seen["code"].as_str().map_or_else(|| text(&seen, "status"), str::to_owned)
}

async fn has_one(customer: &Session) -> bool {
    !customer.get("/me/coupons").await.expect(200)["items"].as_array().unwrap().is_empty()
}

fn writes(shop: &Shop) -> usize {
    shop.aws.take_calls().iter().filter(|call| call.is_write()).count()
}

async fn top_up(shop: &Shop, coupon: &str, change: &Value) -> Value {
    shop.admin().patch(&format!("/admin/coupons/{coupon}"), change).await.expect(200)
}

/// Longer than an environment caches a campaign.
fn pass_memory(shop: &Shop) {
    shop.advance(SignedDuration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn a_ticket_is_pending_until_the_coupon_is_issued() {
    let shop = Shop::open();
    let (ann, coupon) = (shop.customer("ann"), shop.coupon(5, 1).await);
    let one = ticket(&ann, &coupon).await;
    assert_eq!(ticket(&ann, &coupon).await, one, "a repeated request gets the same ticket");
    assert_eq!((fate(&ann, &coupon, &one).await.as_str(), has_one(&ann).await), ("QUEUED", false));
    shop.dispatch_events().await;
    assert_eq!((fate(&ann, &coupon, &one).await.as_str(), has_one(&ann).await), ("ISSUED", true));
    assert_eq!(ticket(&ann, &coupon).await, one);
    shop.dispatch_events().await;
    ann.take(&coupon).await.refused(409, "coupon_already_issued");
    let seen = ann.get(&format!("/coupons/{coupon}")).await.expect(200);
    assert_eq!((&seen["issued_qty"], &seen["remaining_qty"]), (&json!(1), &json!(4)));
    assert_eq!(shop.announced("coupon.issued.v1").len(), 1);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_ticket_is_visible_only_to_its_customer() {
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
        let customers: Vec<_> = (0..200).map(|n| shop.fresh_environment().customer(&format!("customer-{n}"))).collect();
        let mut tickets = Vec::new();
        for customer in &customers {
            tickets.push(ticket(customer, &coupon).await);
            ticket(customer, &coupon).await;
        }
        shop.dispatcher.route(&shop);
        // Three concurrent consumers, each with a part of the queue, and each part delivered twice.
        shop.aws.shuffle(seed);
        let messages = shop.dispatcher.waiting(WORKER);
        shop.dispatcher.rearrange(WORKER, Vec::clear);
        let workers = messages.chunks(150).chain(messages.chunks(100)).map(|part| {
            let batch: Vec<_> = part.iter().map(|message| (message.id.clone(), message.body.clone())).collect();
            let shop = shop.fresh_environment();
            async move { (shop.invoke(WORKER, &tests::events::sqs(&batch)).await.unwrap(), batch) }
        });
        for (answer, batch) in join_all(workers).await {
            // Messages that met too much contention are redelivered.
            let failed = answer["batchItemFailures"].as_array().unwrap().clone();
            let again = |id: &str| failed.iter().any(|failure| failure["itemIdentifier"] == id);
            batch.into_iter().filter(|(id, _)| again(id)).for_each(|(_, body)| shop.dispatcher.push(WORKER, body));
        }
        shop.dispatch_events().await;
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
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_tickets_needs_few_writes_and_each_event_keeps_its_correlation_id() {
    let shop = Shop::open();
    let coupon = shop.coupon(100, 1).await;
    for n in 0..32 {
        ticket(&shop.customer(&format!("customer-{n}")), &coupon).await;
    }
    shop.dispatcher.route(&shop);
    shop.aws.take_calls();
    shop.dispatcher.work_for(&shop, WORKER).await;
    assert_eq!(writes(&shop), 2, "thirty-two customers, two writes");
    shop.dispatch_events().await;
    let published = shop.dispatcher.published();
    let traces: std::collections::BTreeSet<&str> =
        published.iter().filter_map(|event| event.detail["correlation_id"].as_str()).collect();
    assert_eq!(traces.len(), 32, "each event has the correlation id of its own request");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn after_the_sell_out_nothing_is_written_and_holders_see_their_coupon() {
    let shop = Shop::open();
    let coupon = shop.coupon(1, 4).await;
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    let winner = ticket(&ann, &coupon).await;
    let loser = ticket(&bob, &coupon).await;
    shop.dispatch_events().await;
    pass_memory(&shop);
    assert_eq!(fate(&bob, &coupon, &loser).await, "coupon_sold_out");
    shop.aws.take_calls();
    for n in 0..20 {
        ask(&shop.customer(&format!("late-{n}")), &coupon).await.refused(409, "coupon_sold_out");
        shop.customer(&format!("late-{n}")).take(&coupon).await.refused(409, "coupon_sold_out");
    }
    assert_eq!(writes(&shop), 0);
    assert_eq!(shop.dispatcher.route(&shop), 0, "and no message is sent");
    assert_eq!(ticket(&ann, &coupon).await, winner);
    ann.take(&coupon).await.refused(409, "coupon_already_issued");
    assert_eq!(fate(&ann, &coupon, &winner).await, "ISSUED");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_top_up_ends_the_sell_out_within_seconds_in_every_environment() {
    let shop = Shop::open();
    let coupon = shop.coupon(1, 2).await;
    let (ann, bob, elsewhere) = (shop.customer("ann"), shop.customer("bob"), shop.fresh_environment());
    ann.take(&coupon).await.expect(201);
    elsewhere.customer("bob").take(&coupon).await.refused(409, "coupon_sold_out");
    ask(&elsewhere.customer("bob"), &coupon).await.refused(409, "coupon_sold_out");
    let seen = top_up(&shop, &coupon, &json!({"total_quantity": 3, "quota_shards": 8})).await;
    assert_eq!((&seen["total_quantity"], &seen["remaining_qty"]), (&json!(3), &json!(2)));
    elsewhere.customer("bob").take(&coupon).await.refused(409, "coupon_sold_out");
    pass_memory(&shop);
    elsewhere.customer("bob").take(&coupon).await.expect(201);
    let third = ticket(&elsewhere.customer("cid"), &coupon).await;
    shop.dispatch_events().await;
    assert_eq!(fate(&shop.customer("cid"), &coupon, &third).await, "ISSUED");
    assert!(has_one(&bob).await);
    let seen = ann.get(&format!("/coupons/{coupon}")).await.expect(200);
    assert_eq!((&seen["issued_qty"], &seen["remaining_qty"]), (&json!(3), &json!(0)));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_rejected_ticket_stays_rejected_and_a_new_request_is_a_new_ticket() {
    let shop = Shop::open();
    let coupon = shop.coupon(1, 1).await;
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    ticket(&ann, &coupon).await;
    let lost = ticket(&bob, &coupon).await;
    shop.dispatcher.route(&shop);
    let waiting = shop.dispatcher.waiting(WORKER);
    shop.dispatch_events().await;
    pass_memory(&shop);
    assert_eq!(fate(&bob, &coupon, &lost).await, "coupon_sold_out");
    top_up(&shop, &coupon, &json!({"total_quantity": 2})).await;
    pass_memory(&shop);
    // SQS delivers its message once more: the reported status stays true.
    shop.dispatcher.rearrange(WORKER, |messages| messages.extend(waiting));
    shop.dispatch_events().await;
    assert_eq!((fate(&bob, &coupon, &lost).await.as_str(), has_one(&bob).await), ("coupon_sold_out", false));
    let again = ticket(&bob, &coupon).await;
    assert_ne!(again, lost);
    shop.dispatch_events().await;
    assert_eq!(fate(&bob, &coupon, &again).await, "ISSUED");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_top_up_before_the_sell_out_serves_the_waiting_tickets() {
    let shop = Shop::open();
    let coupon = shop.coupon(1, 1).await;
    let mut tickets = Vec::new();
    for sub in ["ann", "bob"] {
        tickets.push((shop.customer(sub), ticket(&shop.customer(sub), &coupon).await));
    }
    top_up(&shop, &coupon, &json!({"total_quantity": 2})).await;
    shop.dispatch_events().await;
    for (customer, ticket) in &tickets {
        assert_eq!(fate(customer, &coupon, ticket).await, "ISSUED");
    }
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_quantity_of_a_campaign_only_grows_and_an_empty_change_is_refused() {
    let shop = Shop::open();
    let coupon = shop.coupon(5, 1).await;
    let path = format!("/admin/coupons/{coupon}");
    shop.admin().patch(&path, &json!({"total_quantity": 4})).await.refused(422, "invalid_request");
    shop.admin().patch(&path, &json!({})).await.refused(422, "invalid_request");
    shop.admin().patch(&path, &json!({"quota_shards": 65})).await.refused(422, "invalid_request");
    let unknown = format!("/admin/coupons/{}", shop.app.new_id().unwrap());
    shop.admin().patch(&unknown, &json!({"quota_shards": 2})).await.refused(404, "coupon_not_found");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn tickets_requested_in_time_are_served_however_long_the_queue_is() {
    let shop = Shop::open();
    let (ann, coupon) = (shop.customer("ann"), shop.coupon(5, 1).await);
    let one = ticket(&ann, &coupon).await;
    shop.advance(SignedDuration::from_hours(3));
    ask(&shop.customer("late"), &coupon).await.refused(409, "coupon_ended");
    shop.dispatch_events().await;
    assert_eq!(fate(&ann, &coupon, &one).await, "ISSUED");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_is_killed_or_loses_a_response_issues_each_coupon_once() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter, Fault::AnswerLost, Fault::Conflict("Counters", None)] {
        for nth in 0..3 {
            let shop = Shop::open();
            let coupon = shop.coupon(40, 2).await;
            let customers: Vec<_> = (0..40).map(|n| shop.customer(&format!("customer-{n}"))).collect();
            for customer in &customers {
                ticket(customer, &coupon).await;
            }
            shop.inject(Rule::next(TX, fault.clone()).by(WORKER).after(nth));
            shop.dispatch_events().await;
            shop.aws.assert_faults_hit();
            for customer in &customers {
                assert!(has_one(customer).await, "{fault:?} {nth}");
            }
            assert_eq!(shop.announced("coupon.issued.v1").len(), 40, "{fault:?} {nth}");
            shop.run_to_quiescence().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_unresponsive_queue_results_in_busy_and_a_retry_gets_the_same_ticket() {
    for fault in [Fault::Undelivered, Fault::AnswerLost, Fault::Broken] {
        let shop = Shop::open();
        let (ann, coupon) = (shop.customer("ann"), shop.coupon(5, 1).await);
        shop.inject(Rule::every("SendMessage", fault));
        ask(&ann, &coupon).await.refused(503, "busy");
        shop.aws.clear_faults();
        let one = ticket(&ann, &coupon).await;
        shop.dispatch_events().await;
        assert_eq!(fate(&ann, &coupon, &one).await, "ISSUED");
        assert_eq!(shop.announced("coupon.issued.v1").len(), 1);
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_cannot_be_read_fails_alone() {
    let shop = Shop::open();
    let (ann, coupon) = (shop.customer("ann"), shop.coupon(5, 1).await);
    ticket(&ann, &coupon).await;
    shop.dispatcher.push(WORKER, "{}".to_owned());
    shop.dispatch_events().await;
    assert!(has_one(&ann).await);
    assert_eq!(shop.dispatcher.dead_letters(), ["{}"]);
}

#[tokio::test(start_paused = true)]
async fn a_rejected_ticket_is_not_issued_by_an_environment_with_an_older_cache() {
    let shop = Shop::open();
    let coupon = shop.coupon(1, 1).await;
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    ticket(&ann, &coupon).await;
    let lost = ticket(&bob, &coupon).await;
    shop.dispatcher.route(&shop);
    let messages = shop.dispatcher.waiting(WORKER);
    shop.dispatcher.rearrange(WORKER, Vec::clear);
    let worker = shop.fresh_environment();
    for (number, message) in messages.into_iter().enumerate() {
        if number == 1 {
            // It sells out, is reported as such, and is topped up at the same time; the consumer's cache still has one
            // left.
            assert_eq!(fate(&shop.fresh_environment().customer("bob"), &coupon, &lost).await, "coupon_sold_out");
            top_up(&shop.fresh_environment(), &coupon, &json!({"total_quantity": 2})).await;
        }
        let answer = worker.invoke(WORKER, &tests::events::sqs(&[(message.id, message.body)])).await.unwrap();
        assert_eq!(answer["batchItemFailures"], json!([]));
    }
    let fresh = shop.fresh_environment().customer("bob");
    assert_eq!((fate(&fresh, &coupon, &lost).await.as_str(), has_one(&bob).await), ("coupon_sold_out", false));
    let again = ticket(&shop.fresh_environment().customer("bob"), &coupon).await;
    shop.dispatch_events().await;
    assert_eq!(fate(&shop.fresh_environment().customer("bob"), &coupon, &again).await, "ISSUED");
    shop.run_to_quiescence().await;
}

/// A campaign with random requests, deliveries, reads and top-ups in several environments.
struct FaultSource {
    shop: Shop,
    places: Vec<Shop>,
    random: fastrand::Rng,
    coupon: String,
    total: i64,
    tickets: Vec<(String, String)>,
    rejected: BTreeSet<String>,
}

impl FaultSource {
    async fn open(seed: u64) -> Self {
        let shop = Shop::open();
        let mut random = fastrand::Rng::with_seed(seed);
        let coupon = shop.coupon(3, random.i64(1..=4)).await;
        let places = (0..4).map(|_| shop.fresh_environment()).collect();
        Self { shop, places, random, coupon, total: 3, tickets: Vec::new(), rejected: BTreeSet::new() }
    }

    async fn step(&mut self, number: usize) {
        let place = self.places[self.random.usize(0..self.places.len())].clone();
        match self.random.u32(0..100) {
            0..25 => {
                // Each customer requests once, so a rejected one gets nothing later.
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
            _ => self.shop.advance(SignedDuration::from_millis(self.random.i64(0..900))),
        }
    }

    /// Consumes a few messages in any order; some are redelivered.
    async fn work(&mut self, place: &Shop) {
        self.shop.dispatcher.route(&self.shop);
        let mut waiting = self.shop.dispatcher.waiting(WORKER);
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
            self.shop.dispatcher.rearrange(WORKER, |messages| messages.retain(|message| !is_done(&message.id)));
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
async fn a_reported_ticket_status_stays_true_for_any_order_of_sell_outs_and_top_ups() {
    let mut rejected = 0;
    for seed in 0..6 {
        let mut chance = FaultSource::open(seed).await;
        for number in 0..120 {
            chance.step(number).await;
        }
        chance.shop.dispatch_events().await;
        pass_memory(&chance.shop);
        rejected += chance.rejected.len();
        for (sub, ticket) in &chance.tickets {
            let customer = chance.shop.customer(sub);
            let fate = fate(&customer, &chance.coupon, ticket).await;
            assert_eq!(fate == "ISSUED", has_one(&customer).await, "seed {seed}: {sub} {fate}");
            assert!(
                fate != "ISSUED" || !chance.rejected.contains(sub),
                "seed {seed}: {sub} was rejected and then served"
            );
            assert_ne!(fate, "QUEUED", "seed {seed}: {sub} never gets a result");
        }
        chance.shop.run_to_quiescence().await;
    }
    assert!(rejected > 5, "only {rejected} rejections, too few to prove anything");
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
    shop.dispatch_events().await;
    assert_eq!((fate(&bob, &coupon, &second).await.as_str(), has_one(&bob).await), ("ISSUED", true));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_idempotency_key_identifies_one_ticket_request() {
    let shop = Shop::open();
    let (ann, coupon, other) = (shop.customer("ann"), shop.coupon(1, 1).await, shop.coupon(5, 1).await);
    let issue = |coupon: &str| format!("/coupons/{coupon}/issue");
    // The first attempt to send is lost; the next one succeeds.
    shop.inject(Rule::every("SendMessage", Fault::Undelivered));
    ann.post_async(Some("k"), &issue(&coupon), &json!({})).await.refused(503, "busy");
    shop.aws.clear_faults();
    let first = ann.post_async(Some("k"), &issue(&coupon), &json!({})).await;
    let again = ann.post_async(Some("k"), &issue(&coupon), &json!({})).await;
    assert_eq!((again.status, &again.text, &again.headers["location"]), (202, &first.text, &first.headers["location"]));
    ann.post_async(Some("k"), &issue(&other), &json!({})).await.refused(422, "idempotency_key_reused");
    ann.post_once("k", &issue(&other), &json!({})).await.refused(422, "idempotency_key_reused");
    shop.dispatch_events().await;
    assert_eq!(fate(&ann, &coupon, &text(&first.body, "ticket_id")).await, "ISSUED");
    let seen = ann.get(&format!("/coupons/{other}")).await.expect(200);
    assert_eq!(seen["remaining_qty"], 5, "a refused request has no effect");
    // After the sell-out and a top-up, the key still returns the first response.
    top_up(&shop, &coupon, &json!({"total_quantity": 2})).await;
    pass_memory(&shop);
    let late = ann.post_async(Some("k"), &issue(&coupon), &json!({})).await;
    assert_eq!((late.status, late.text), (202, first.text));
    shop.run_to_quiescence().await;
}
