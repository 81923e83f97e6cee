//! Concurrent requests for the same resource.

use crate::fixtures::{POINTS, PRICE, cart, statuses};
use crate::http::Reply;
use crate::shop::{Shop, unique};
use crate::users::Customer;
use futures_util::future::{join, join_all, join3};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Concurrent requests. Each is a process here: more of them would only wait for a core until they time out.
const IN_FLIGHT_MAX: usize = 50;

pub(crate) async fn fifty_buyers_and_one_unit_make_one_order(shop: &Shop) {
    let goods = shop.goods(1).await;
    let buyers = shop.customers(50).await;
    let mut cart = cart(&goods.variant, 1);
    cart["payment_method"].take();
    let replies = join_all(buyers.iter().map(|buyer| shop.try_order(buyer, &cart))).await;
    let (won, lost): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status == 201);
    assert_eq!(won.len(), 1, "{won:?}");
    for reply in lost {
        reply.refused(409, "out_of_stock");
    }
    assert_eq!(shop.available(&goods).await, 0);
    let orders = join_all(buyers.iter().map(|buyer| shop.get("/orders").by(&buyer.token).send_surely())).await;
    let placed: usize = orders.iter().map(|list| list.expect(200)["items"].as_array().unwrap().len()).sum();
    assert_eq!(placed, 1);
}

pub(crate) async fn two_hundred_customers_and_fifty_coupons_make_exactly_fifty(shop: &Shop) {
    let coupon = shop.campaign(50).await;
    let customers = shop.customers(200).await;
    let (mut replies, mut lists) = (Vec::new(), Vec::new());
    for some in customers.chunks(IN_FLIGHT_MAX) {
        replies.extend(join_all(some.iter().map(|customer| shop.take_coupon(customer, &coupon))).await);
    }
    let said: BTreeSet<usize> = (0..200).filter(|n| replies[*n].status == 201).collect();
    assert_eq!(said.len(), 50);
    for reply in replies.iter().filter(|reply| reply.status != 201) {
        reply.refused(409, "coupon_sold_out");
    }
    let campaign = shop.get(&format!("/coupons/{coupon}")).by(&customers[0].token).send().await.expect(200);
    assert_eq!((&campaign["issued_qty"], &campaign["remaining_qty"]), (&json!(50), &json!(0)));
    // Exactly the customers with a success response have a coupon.
    for some in customers.chunks(IN_FLIGHT_MAX) {
        lists.extend(
            join_all(some.iter().map(|customer| shop.get("/me/coupons").by(&customer.token).send_surely())).await,
        );
    }
    let have: BTreeSet<usize> =
        (0..200).filter(|n| !lists[*n].expect(200)["items"].as_array().unwrap().is_empty()).collect();
    assert_eq!(have, said);
    // A customer who has a coupon is told so, even after the campaign sold out.
    let lucky = *said.first().unwrap();
    shop.take_coupon(&customers[lucky], &coupon).await.refused(409, "coupon_already_issued");
}

pub(crate) async fn one_key_sent_fifty_times_concurrently_creates_one_order(shop: &Shop) {
    let goods = shop.goods(50).await;
    let customer = shop.customer_with(POINTS).await;
    let key = unique();
    let send = || shop.post("/orders", &cart(&goods.variant, 1)).by(&customer.token).key(&key).send_surely();
    let replies = join_all((0..50).map(|_| send())).await;
    for reply in &replies {
        assert_eq!((reply.status, &reply.text), (201, &replies[0].text));
    }
    assert_eq!(shop.available(&goods).await, 49);
    let list = shop.get("/orders").by(&customer.token).send().await.expect(200);
    assert_eq!(list["items"].as_array().unwrap().len(), 1);

    let key = unique();
    let body = json!({"order_id": replies[0].json()["order_id"], "method": "POINTS"});
    let replies =
        join_all((0..20).map(|_| shop.post("/payments", &body).by(&customer.token).key(&key).send_surely())).await;
    for reply in &replies {
        assert_eq!((reply.status, &reply.text), (201, &replies[0].text));
    }
    assert_eq!(shop.balance(&customer).await, POINTS - PRICE);
}

/// The number of concurrent orders.
const ORDERS: i64 = 12;

/// The responses of one order's race.
struct Race {
    customer: Customer,
    order: Value,
    pay: Reply,
    cancel: Reply,
}

pub(crate) async fn concurrent_pay_cancel_and_expire_have_one_winner(shop: &Shop) {
    let goods = shop.goods(ORDERS).await;
    let coupon = shop.campaign(ORDERS).await;
    let reserved = join_all((0..ORDERS).map(|_| async {
        let customer = shop.customer_with(POINTS).await;
        shop.take_coupon(&customer, &coupon).await.expect(201);
        let mut body = cart(&goods.variant, 1);
        body["coupon_id"] = json!(coupon);
        let order = shop.try_order(&customer, &body).await.expect(201);
        (customer, order)
    }))
    .await;
    assert_eq!(shop.available(&goods).await, 0);
    let ends = reserved.iter().map(|(_, order)| hold_end(order)).max().unwrap();
    let due = ends + SignedDuration::from_secs(1);

    let (races, (), ()) = join3(
        join_all(reserved.into_iter().map(|(customer, order)| async move {
            let path = format!("/orders/{}/cancel", order["order_id"].as_str().unwrap());
            let cancel = shop.post(&path, &json!({})).by(&customer.token);
            let (pay, cancel) = join(shop.try_pay(&customer, &order), cancel.send()).await;
            Race { customer, order, pay, cancel }
        })),
        shop.tick("expire_orders", due),
        shop.tick("expire_orders", due),
    )
    .await;

    let mut sold = 0;
    for race in &races {
        sold += judge(shop, race, &coupon).await;
    }
    assert_eq!(shop.available(&goods).await, ORDERS - sold, "unpaid units are available again");
    let campaign = shop.get(&format!("/coupons/{coupon}")).by(&races[0].customer.token).send().await.expect(200);
    assert_eq!(campaign["issued_qty"], ORDERS, "a released coupon still belongs to the customer");
}

/// Checks the responses against the final order. Returns the sold quantity.
async fn judge(shop: &Shop, race: &Race, coupon: &str) -> i64 {
    let order = shop.order_of(&race.customer, &race.order).await;
    let steps = statuses(&order);
    assert!(steps.len() == 2 || steps[2..] == ["SHIPPING_SCHEDULED"], "exactly one final status: {order}");
    let coupon = shop.coupon_of(&race.customer, coupon).await;
    let balance = shop.balance(&race.customer).await;
    let total = order["total_cents"].as_i64().unwrap();
    match steps[1] {
        "PAID" => {
            race.pay.expect(201);
            race.cancel.refused(409, "order_not_cancelable");
            assert_eq!((&coupon["status"], balance), (&json!("USED"), POINTS - total));
            1
        }
        end => {
            race.pay.refused(409, "order_not_payable");
            match end {
                "CANCELED" => drop(race.cancel.expect(200)),
                "EXPIRED" => drop(race.cancel.refused(409, "order_not_cancelable")),
                other => panic!("ended as {other}: {order}"),
            }
            assert_eq!((&coupon["status"], balance), (&json!("ISSUED"), POINTS));
            0
        }
    }
}

pub(crate) fn hold_end(order: &Value) -> Timestamp {
    order["hold_expires_at"].as_str().unwrap().parse().unwrap()
}
