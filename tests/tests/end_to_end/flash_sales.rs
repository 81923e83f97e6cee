//! Flash sales: coupons, synchronously and with tickets, and one variant on an increasing number of shards.

use crate::fixtures::{VariantOnSale, cart};
use crate::http::Reply;
use crate::shop::{Shop, unique};
use crate::users::Customer;
use crate::wait::until;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Instant;

/// Concurrent requests: see `races`.
const IN_FLIGHT_MAX: usize = 50;
const CUSTOMERS: usize = 300;
const COUPONS: usize = 100;
const BUYERS: usize = 64;
const PIECES: i64 = 40;

/// The responses of all customers; a request that the local AWS lost is sent once more.
async fn crowd<'c, F: Future<Output = Reply>>(
    customers: &'c [Customer],
    ask: impl Fn(&'c Customer) -> F,
) -> Vec<Reply> {
    let mut replies = Vec::new();
    for some in customers.chunks(IN_FLIGHT_MAX) {
        replies.extend(join_all(some.iter().map(&ask)).await);
    }
    replies
}

async fn holders(shop: &Shop, customers: &[Customer]) -> BTreeSet<usize> {
    let lists = crowd(customers, |customer| shop.get("/me/coupons").by(&customer.token).send_surely()).await;
    let has_one = |n: &usize| !lists[*n].expect(200)["items"].as_array().unwrap().is_empty();
    (0..customers.len()).filter(has_one).collect()
}

async fn sharded_campaign(shop: &Shop, shards: i64) -> String {
    let mut body = crate::fixtures::campaign(i64::try_from(COUPONS).unwrap());
    body["quota_shards"] = json!(shards);
    let coupon = shop.post("/admin/coupons", &body).by(shop.admin()).send().await.expect(201);
    coupon["coupon_id"].as_str().unwrap().to_owned()
}

async fn left(shop: &Shop, customer: &Customer, coupon: &str) -> Value {
    shop.get(&format!("/coupons/{coupon}")).by(&customer.token).send().await.expect(200)["remaining_qty"].clone()
}

pub(crate) async fn three_hundred_concurrent_requests_issue_exactly_one_hundred_coupons(shop: &Shop) {
    let (coupon, customers) = (sharded_campaign(shop, 4).await, shop.customers(CUSTOMERS).await);
    let replies = crowd(&customers, |customer| shop.take_coupon(customer, &coupon)).await;
    let said: BTreeSet<usize> = (0..CUSTOMERS).filter(|n| replies[*n].status == 201).collect();
    assert_eq!(said.len(), COUPONS);
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.refused(409, "coupon_sold_out");
    }
    assert_eq!(holders(shop, &customers).await, said);
    assert_eq!(left(shop, &customers[0], &coupon).await, 0);
}

pub(crate) async fn three_hundred_tickets_issue_exactly_one_hundred_coupons(shop: &Shop) {
    let (coupon, customers) = (sharded_campaign(shop, 4).await, shop.customers(CUSTOMERS).await);
    let ask = |customer: &Customer| {
        let ask = shop.ask("POST", &format!("/coupons/{coupon}/issue")).header("prefer", "respond-async");
        ask.key(&unique()).by(&customer.token).send_surely()
    };
    let replies = crowd(&customers, ask).await;
    let mut issued = BTreeSet::new();
    for (n, (customer, reply)) in customers.iter().zip(&replies).enumerate() {
        if reply.status != 202 {
            reply.refused(409, "coupon_sold_out");
            continue;
        }
        let location = reply.header("location").split_once("/api/v1").unwrap().1.to_owned();
        assert_eq!(reply.json()["status"], "QUEUED");
        let seen = until("a ticket has a final status", || async {
            let seen = shop.get(&location).by(&customer.token).send_surely().await.expect(200);
            (seen["status"] != "QUEUED").then_some(seen)
        })
        .await;
        match seen["status"].as_str() {
            Some("ISSUED") => drop(issued.insert(n)),
            _ => assert_eq!((&seen["status"], &seen["code"]), (&json!("REJECTED"), &json!("coupon_sold_out"))),
        }
    }
    assert_eq!(issued.len(), COUPONS);
    assert_eq!(holders(shop, &customers).await, issued, "ISSUED was said to those, and to no others, who have one");
    assert_eq!(left(shop, &customers[0], &coupon).await, 0);
}

/// P8: the sold quantity is exact with any number of shards. Durations are only printed, since machines differ.
pub(crate) async fn sixty_four_buyers_buy_every_unit_once_over_1_4_and_16_shards(shop: &Shop) {
    let buyers = shop.customers(BUYERS).await;
    for shards in [1, 4, 16] {
        let goods = shop.goods(PIECES).await;
        let path = format!("/admin/variants/{}", goods.variant);
        let change = shop.ask("PATCH", &path).json(&json!({"stock_shards": shards}));
        change.by(shop.admin()).send().await.expect(200);
        let began = Instant::now();
        let sold = buy(shop, &buyers, &goods).await;
        let millis = began.elapsed().as_millis().max(1);
        say(&format!("P8: {BUYERS} buyers, {shards} shards: {sold} pieces in {millis} ms"));
        assert_eq!((sold, shop.available(&goods).await), (usize::try_from(PIECES).unwrap(), 0), "{shards} shards");
    }
}

#[expect(clippy::print_stdout, reason = "measurements are printed for the person who runs the tests")]
fn say(line: &str) {
    println!("{line}");
}

/// Every customer orders one unit. Returns the number of successful orders.
async fn buy(shop: &Shop, buyers: &[Customer], goods: &VariantOnSale) -> usize {
    let mut wanted = cart(&goods.variant, 1);
    wanted["payment_method"].take();
    let replies = join_all(buyers.iter().map(|buyer| shop.try_order(buyer, &wanted))).await;
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.refused(409, "out_of_stock");
    }
    replies.iter().filter(|reply| reply.status == 201).count()
}

pub(crate) async fn an_asynchronous_order_is_reserved_or_fails_with_a_reason(shop: &Shop) {
    let goods = shop.goods(1).await;
    let buyers = shop.customers(2).await;
    let mut wanted = cart(&goods.variant, 1);
    wanted["payment_method"].take();
    let ask = |buyer: &Customer| {
        let ask = shop.ask("POST", "/orders").header("prefer", "respond-async").json(&wanted);
        ask.key(&unique()).by(&buyer.token).send_surely()
    };
    let mut ends = Vec::new();
    for buyer in &buyers {
        let reply = ask(buyer).await;
        if reply.status == 409 {
            // The first one was processed before the second one arrived.
            reply.refused(409, "out_of_stock");
            ends.push("out_of_stock".to_owned());
            continue;
        }
        let order = reply.expect(202);
        assert_eq!(order["status"], "CREATED");
        let location = reply.header("location").split_once("/api/v1").unwrap().1.to_owned();
        let decided = until("an order is reserved or fails", || async {
            let order = shop.get(&location).by(&buyer.token).send_surely().await.expect(200);
            (order["status"] != "CREATED").then_some(order)
        })
        .await;
        let last = decided["history"].as_array().unwrap().last().unwrap().clone();
        ends.push(last["reason"].as_str().or(last["status"].as_str()).unwrap().to_owned());
    }
    ends.sort();
    assert_eq!(ends, ["RESERVED", "out_of_stock"]);
}
