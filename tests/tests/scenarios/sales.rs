//! Best sellers and daily sales equal a recomputation from the orders, for any order of events.

use domain::Moment;
use jiff::civil::Date;
use jiff::{SignedDuration, Span};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use tests::event_dispatcher::QueueMessage;
use tests::fixtures::text;
use tests::shop::Session;
use tests::{Caller, Fault, Rule, Shop};

/// Runs with different orders of events.
const SEEDS: u64 = 3;

/// Units sold per shop day and product.
type Sales = BTreeMap<(Date, String), i64>;

async fn all(admin: &Session, target: &str, limit: usize) -> Vec<Value> {
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = admin.get(&format!("{target}limit={limit}{cursor}")).await.expect(200);
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return items };
        cursor = format!("&cursor={next}");
    }
}

fn moment(value: &Value) -> Moment {
    value.as_str().unwrap().parse().unwrap()
}

/// The net sales, computed from the orders.
async fn recomputed(shop: &Shop) -> Sales {
    let mut sales = Sales::new();
    for order in all(&shop.admin(), "/admin/orders?", 100).await {
        let paid = order["history"].as_array().unwrap().iter().find(|step| step["status"] == "PAID").cloned();
        if let (Some(paid), true) = (paid, order["status"] != "REFUNDED") {
            let day = shop.app.shop().day(moment(&paid["at"]));
            for line in order["lines"].as_array().unwrap() {
                *sales.entry((day, text(line, "product_id"))).or_default() += line["quantity"].as_i64().unwrap();
            }
        }
    }
    sales
}

/// The recorded sales, without zeros.
async fn recorded(shop: &Shop) -> Sales {
    let items = all(&shop.admin(), "/admin/daily-sales?from=2026-11-01&to=2027-10-31&", 100).await;
    let sale = |item: &Value| {
        ((text(item, "day").parse().unwrap(), text(item, "product_id")), item["sold_qty"].as_i64().unwrap())
    };
    items.iter().map(sale).filter(|(_, quantity)| *quantity != 0).collect()
}

/// The ranking by its rule: three days, highest first, the older product first among equals, at most five.
fn ranking(sales: &Sales, today: Date) -> Vec<(String, i64)> {
    let first = today.checked_sub(Span::new().days(2)).unwrap();
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    for ((_, product), quantity) in sales.iter().filter(|((day, _), _)| (first..=today).contains(day)) {
        *sums.entry(product.clone()).or_default() += quantity;
    }
    let mut ranking: Vec<(String, i64)> = sums.into_iter().filter(|(_, quantity)| *quantity > 0).collect();
    ranking.sort_by_key(|(product, quantity)| (Reverse(*quantity), product.clone()));
    ranking.truncate(5);
    ranking
}

async fn best_sellers(shop: &Shop) -> Value {
    shop.session(Caller::Nobody).get("/products/best-sellers").await.expect(200)
}

fn ten_past(shop: &Shop, day: Date) -> Moment {
    day.at(0, 10, 0, 0).to_zoned(shop.app.shop().timezone.clone()).unwrap().timestamp()
}

fn today(shop: &Shop) -> Date {
    shop.app.shop().day(shop.now())
}

/// A product with stock, and a customer who buys units of it.
async fn goods(shop: &Shop) -> (String, String) {
    let product = shop.product("tea").await;
    let variant = shop.variant_of(&product, 1_000, 1).await;
    (product, variant)
}

async fn buy(shop: &Shop, variant: &str, quantity: i64) -> String {
    let buyer = shop.customer(&format!("buyer-{}", shop.app.new_id().unwrap()));
    buyer.charge(2_000_000).await.expect(200);
    let order = buyer.order(variant, quantity).await;
    buyer.pay(&order).await.expect(201);
    order
}

/// Advances the clock to `moment`.
fn pass_until(shop: &Shop, moment: &str) {
    let moment: Moment = moment.parse().unwrap();
    let wait = moment.duration_since(shop.now());
    assert!(wait >= SignedDuration::ZERO, "{moment} is over");
    shop.advance(wait);
}

/// Sells for four days while the queue duplicates and reorders events, across midnight.
async fn sell_in_disorder(shop: &Shop, random: &mut fastrand::Rng) {
    let mut variants = Vec::new();
    for _ in 0..7 {
        variants.push(goods(shop).await.1);
    }
    let mut paid: Vec<String> = Vec::new();
    let mut held: Vec<QueueMessage> = Vec::new();
    let mut serial = 0;
    for _ in 0..40 {
        let yesterday = today(shop);
        shop.advance_minutes(random.i64(1..=360));
        if random.u8(0..4) == 0 && !paid.is_empty() {
            let order = paid.swap_remove(random.usize(..paid.len()));
            let target = format!("/admin/orders/{order}/cancel");
            shop.admin().post(&target, &json!({"reason": "given back"})).await.expect(200);
        } else {
            let variant = &variants[random.usize(..variants.len())];
            paid.push(buy(shop, variant, random.i64(1..=9)).await);
        }
        shop.dispatcher.relay(shop).await;
        shop.dispatcher.route(shop);
        held.extend(shop.dispatcher.waiting("count_sales"));
        let mut batch = Vec::new();
        held.retain(|message| {
            let times = random.u8(0..3);
            for _ in 0..times {
                serial += 1;
                batch.push(QueueMessage { id: format!("again-{serial}"), ..message.clone() });
            }
            // A delivered event may be redelivered; an undelivered one must be delivered.
            times == 0 || random.bool()
        });
        random.shuffle(&mut batch);
        shop.dispatcher.rearrange("count_sales", |queue| *queue = batch);
        shop.dispatcher.work(shop).await;
        if today(shop) != yesterday {
            // The nightly tick: on time, twice, or not at all.
            for _ in 0..random.u8(0..3) {
                shop.tick_at("record_daily_sales", ten_past(shop, today(shop))).await.unwrap();
            }
        }
        if random.bool() {
            shop.tick("refresh_best_sellers").await;
        }
    }
    shop.dispatcher.rearrange("count_sales", |queue| queue.extend(held));
    shop.dispatch_events().await;
    assert_eq!(shop.differences().await, Vec::<Value>::new(), "the audit finds differences");
}

#[tokio::test(start_paused = true)]
async fn ranking_and_daily_sales_equal_a_recomputation_after_duplicated_and_reordered_events_over_midnight() {
    for seed in 0..SEEDS {
        let shop = Shop::open();
        sell_in_disorder(&shop, &mut fastrand::Rng::with_seed(seed)).await;
        let sales = recomputed(&shop).await;
        assert!(sales.len() > 5, "seed {seed}: too few sales to prove anything");

        shop.tick("refresh_best_sellers").await;
        let best = best_sellers(&shop).await;
        let shown: Vec<(String, i64)> = best["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (text(item, "product_id"), item["sold_qty"].as_i64().unwrap()))
            .collect();
        assert_eq!(shown, ranking(&sales, today(&shop)), "seed {seed}");

        shop.advance_minutes(24 * 60);
        shop.tick_at("record_daily_sales", ten_past(&shop, today(&shop))).await.unwrap();
        assert_eq!(recorded(&shop).await, sales, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_nightly_run_records_yesterday_and_leaves_today_open() {
    let shop = Shop::open();
    let (product, variant) = goods(&shop).await;
    buy(&shop, &variant, 3).await;
    pass_until(&shop, "2026-11-21T16:05:00Z");
    buy(&shop, &variant, 5).await;
    shop.dispatch_events().await;
    assert_eq!(recorded(&shop).await, Sales::new(), "nothing before the tick");
    pass_until(&shop, "2026-11-21T16:10:00Z");
    shop.tick("record_daily_sales").await;
    let listed = shop.admin().get("/admin/daily-sales").await.expect(200);
    let item = json!({
        "day": "2026-11-21", "product_id": product, "sold_qty": 3, "recorded_at": "2026-11-21T16:10:00Z"
    });
    assert_eq!(listed, json!({"items": [item]}));
    // A second run changes nothing, not even the recorded time.
    shop.advance_minutes(5);
    shop.tick("record_daily_sales").await;
    shop.tick_at("record_daily_sales", "2026-11-21T16:10:00Z".parse().unwrap()).await.unwrap();
    assert_eq!(shop.admin().get("/admin/daily-sales").await.expect(200), listed);
}

#[tokio::test(start_paused = true)]
async fn a_skipped_nightly_run_is_caught_up_by_the_next() {
    let shop = Shop::open();
    let (_, variant) = goods(&shop).await;
    for _ in 0..40 {
        buy(&shop, &variant, 2).await;
        shop.advance_minutes(24 * 60);
    }
    shop.dispatch_events().await;
    let sales = recomputed(&shop).await;
    assert_eq!(sales.len(), 40);
    // One tick, then none for five weeks.
    shop.tick_at("record_daily_sales", "2026-11-22T16:10:00Z".parse().unwrap()).await.unwrap();
    assert_eq!(recorded(&shop).await.len(), 2);
    shop.tick("record_daily_sales").await;
    assert_eq!(recorded(&shop).await, sales);
}

#[tokio::test(start_paused = true)]
async fn a_refund_corrects_its_recorded_day_for_fourteen_days_and_not_afterwards() {
    let shop = Shop::open();
    let (product, variant) = goods(&shop).await;
    let (early, late) = (buy(&shop, &variant, 3).await, buy(&shop, &variant, 4).await);
    shop.dispatch_events().await;
    let day: Date = "2026-11-21".parse().unwrap();
    let key = (day, product);
    for (order, after_days, quantity) in [(early, 13, 4), (late, 2, 4)] {
        shop.advance_minutes(24 * 60 * after_days);
        shop.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
        shop.dispatch_events().await;
        shop.tick_at("record_daily_sales", ten_past(&shop, today(&shop))).await.unwrap();
        assert_eq!(recorded(&shop).await.get(&key), Some(&quantity), "{after_days} days on");
    }
}

#[tokio::test(start_paused = true)]
async fn a_day_follows_the_time_zone_of_the_shop_across_clock_changes() {
    // New York's day of 25 hours, from 04:00 to 05:00 in UTC: its first and last half hour, and the next one.
    let shop = Shop::open_in("America/New_York");
    let (product, variant) = goods(&shop).await;
    for (at, quantity) in [
        ("2027-11-07T03:30:00Z", 1),
        ("2027-11-07T04:30:00Z", 10),
        ("2027-11-08T04:30:00Z", 20),
        ("2027-11-08T05:30:00Z", 5),
    ] {
        pass_until(&shop, at);
        buy(&shop, &variant, quantity).await;
    }
    shop.dispatch_events().await;
    shop.tick_at("record_daily_sales", ten_past(&shop, "2027-11-09".parse().unwrap())).await.unwrap();
    let listed = all(&shop.admin(), "/admin/daily-sales?from=2027-11-01&to=2027-11-30&", 100).await;
    let days: Vec<(String, i64)> =
        listed.iter().map(|item| (text(item, "day"), item["sold_qty"].as_i64().unwrap())).collect();
    let day = |day: &str, quantity: i64| (day.to_owned(), quantity);
    assert_eq!(days, [day("2027-11-06", 1), day("2027-11-07", 30), day("2027-11-08", 5)]);
    assert!(listed.iter().all(|item| item["product_id"] == product.as_str()));
}

#[tokio::test(start_paused = true)]
async fn a_night_without_ten_past_midnight_is_recorded_by_the_next_run() {
    // In Cairo the clocks move from 00:00 to 01:00 on the last Friday of April, so there is no 00:10.
    let shop = Shop::open_in("Africa/Cairo");
    let gap = "2027-04-30".parse::<Date>().unwrap().at(0, 10, 0, 0);
    assert!(shop.app.shop().timezone.to_ambiguous_timestamp(gap).is_ambiguous(), "this night has a 00:10");
    let (product, variant) = goods(&shop).await;
    pass_until(&shop, "2027-04-28T22:10:00Z");
    shop.tick("record_daily_sales").await;
    for (at, quantity) in [("2027-04-29T21:50:00Z", 2), ("2027-04-29T22:05:00Z", 3)] {
        pass_until(&shop, at);
        buy(&shop, &variant, quantity).await;
    }
    shop.dispatch_events().await;
    pass_until(&shop, "2027-04-30T21:10:00Z");
    assert_eq!(ten_past(&shop, "2027-05-01".parse().unwrap()), shop.now());
    shop.tick("record_daily_sales").await;
    let day = |text: &str| (text.parse().unwrap(), product.clone());
    assert_eq!(recorded(&shop).await, Sales::from([(day("2027-04-29"), 2), (day("2027-04-30"), 3)]));
}

#[tokio::test(start_paused = true)]
async fn a_nightly_run_that_fails_half_way_starts_again() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter] {
        let shop = Shop::open();
        for _ in 0..4 {
            let (_, variant) = goods(&shop).await;
            buy(&shop, &variant, 2).await;
        }
        shop.dispatch_events().await;
        shop.advance_minutes(24 * 60);
        let time = json!({"time": shop.now()});
        shop.inject(Rule::next("UpdateItem", fault).by("record_daily_sales").after(2));
        assert!(shop.invoke_killable("record_daily_sales", &time).await.is_none());
        shop.aws.assert_faults_hit();
        shop.advance_minutes(24 * 60);
        shop.tick("record_daily_sales").await;
        assert_eq!(recorded(&shop).await, recomputed(&shop).await);
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_tick_does_not_bring_back_an_older_ranking() {
    let shop = Shop::open();
    let (_, variant) = goods(&shop).await;
    buy(&shop, &variant, 2).await;
    shop.dispatch_events().await;
    let before = shop.now();
    shop.advance_minutes(60);
    buy(&shop, &variant, 3).await;
    shop.dispatch_events().await;
    shop.tick("refresh_best_sellers").await;
    let best = best_sellers(&shop).await;
    assert_eq!((&best["as_of"], &best["items"][0]["sold_qty"]), (&json!(shop.now()), &json!(5)));
    shop.tick_at("refresh_best_sellers", before).await.unwrap();
    assert_eq!(best_sellers(&shop).await, best);
    shop.tick("refresh_best_sellers").await;
    assert_eq!(best_sellers(&shop).await, best, "a repeated tick");
}

#[tokio::test(start_paused = true)]
async fn the_ranking_may_be_cached_for_a_minute() {
    let shop = Shop::open();
    let reply = shop.session(Caller::Nobody).get("/products/best-sellers").await;
    assert_eq!(reply.headers["cache-control"], "public, max-age=60");
    assert_eq!(reply.expect(200)["items"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn daily_sales_are_paginated_in_order_within_the_requested_days() {
    let shop = Shop::open();
    let mut variants = Vec::new();
    for _ in 0..3 {
        variants.push(goods(&shop).await.1);
    }
    // Across the end of a month and of a year.
    pass_until(&shop, "2026-12-29T04:00:00Z");
    for _ in 0..5 {
        for variant in &variants {
            buy(&shop, variant, 1).await;
        }
        shop.advance_minutes(24 * 60);
    }
    shop.dispatch_events().await;
    shop.tick("record_daily_sales").await;
    let admin = shop.admin();
    let whole = admin.get("/admin/daily-sales?from=2026-12-01&to=2027-01-31&limit=100").await.expect(200);
    let whole = whole["items"].as_array().unwrap().clone();
    let keys: Vec<(String, String)> = whole.iter().map(|item| (text(item, "day"), text(item, "product_id"))).collect();
    assert_eq!(keys.len(), 15);
    assert!(keys.is_sorted(), "{keys:?}");
    assert_eq!(all(&admin, "/admin/daily-sales?from=2026-12-01&to=2027-01-31&", 4).await, whole);
    let some = all(&admin, "/admin/daily-sales?from=2026-12-31&to=2027-01-01&", 4).await;
    assert_eq!(some, whole[6..12]);

    let page = admin.get("/admin/daily-sales?from=2026-12-01&to=2027-01-31&limit=7").await.expect(200);
    let cursor = text(&page, "next_cursor");
    let elsewhere = format!("/admin/daily-sales?from=2026-12-01&to=2026-12-30&cursor={cursor}");
    admin.get(&elsewhere).await.refused(422, "invalid_request");
    admin.get("/admin/daily-sales?cursor=x").await.refused(422, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn an_invalid_range_of_days_is_refused() {
    let shop = Shop::open();
    for (query, field) in [
        ("from=2026-11-22&to=2026-11-21", "from"),
        ("from=2025-01-01&to=2026-11-21", "from"),
        ("from=yesterday", "from"),
        ("to=2026-11-31", "to"),
        ("from=20261101", "from"),
        ("limit=0", "limit"),
    ] {
        let reply = shop.admin().get(&format!("/admin/daily-sales?{query}")).await;
        reply.refused(422, "invalid_request");
        assert_eq!(reply.body["errors"][0]["field"], field, "{query}");
    }
}
