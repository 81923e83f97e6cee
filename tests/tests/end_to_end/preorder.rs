//! Preorders: from a sell window to a shipped batch, and a window that ends below its threshold.

use crate::fixtures::{POINTS, cart, hence, statuses};
use crate::listener::{Listener, about};
use crate::notifications::Mailbox;
use crate::shop::{Shop, now};
use crate::users::Customer;
use crate::wait::until;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const CUSTOMERS: usize = 10;

/// A product with an offer in its own sell window.
pub(crate) struct Offered {
    window: String,
    pub(crate) product: String,
    variant: String,
}

impl Offered {
    fn batch(&self) -> String {
        format!("{}.{}", self.window, self.product)
    }

    pub(crate) fn cart(&self) -> Value {
        let mut cart = cart(&self.variant, 1);
        cart["sell_window_id"] = json!(self.window);
        cart
    }
}

impl Shop {
    /// Creates a product with an offer under these terms, in a window that is open for a day.
    pub(crate) async fn offered(&self, terms: &Value) -> Offered {
        let goods = self.goods(0).await;
        let window = json!({
            "name": "End to end", "start_at": hence(SignedDuration::from_mins(-1)),
            "end_at": hence(SignedDuration::from_hours(24)), "timezone": "Asia/Taipei",
        });
        let window = self.post("/admin/sell-windows", &window).by(self.admin()).send().await.expect(201);
        let window = window["sell_window_id"].as_str().unwrap().to_owned();
        let path = format!("/admin/sell-windows/{window}/offers/{}", goods.product);
        self.ask("PUT", &path).json(terms).by(self.admin()).send().await.expect(200);
        Offered { window, product: goods.product, variant: goods.variant }
    }

    async fn offer(&self, offered: &Offered) -> Value {
        let window = self.get(&format!("/sell-windows/{}", offered.window)).send().await.expect(200);
        window["offers"][0].clone()
    }

    /// Waits until the offer matches. Returns it.
    async fn offer_in(&self, offered: &Offered, status: &str, sums: (i64, i64)) -> Value {
        until(&format!("the offer is {status} with {sums:?}"), || async {
            let offer = self.offer(offered).await;
            let is = offer["status"] == status && offer["reserved_qty"] == sums.0 && offer["paid_qty"] == sums.1;
            is.then_some(offer)
        })
        .await
    }

    /// Waits until every order has this status. Returns them.
    async fn all_in(&self, orders: &[(Customer, Value)], status: &str) -> Vec<Value> {
        let mut all = Vec::new();
        for (customer, order) in orders {
            let what = format!("an order is {status}");
            let look = || async {
                let order = self.order_of(customer, order).await;
                (order["status"] == status).then_some(order)
            };
            all.push(until(&what, look).await);
        }
        all
    }

    /// An admin sends a POST to the offer's batch or work order.
    async fn decide(&self, kind: &str, offered: &Offered, what: &str, body: &Value) -> Value {
        let path = format!("/admin/{kind}/{}/{what}", offered.batch());
        self.post(&path, body).by(self.admin()).send().await.expect(200)
    }

    /// Every customer reserves one unit.
    async fn reserve(&self, offered: &Offered, customers: Vec<Customer>) -> Vec<(Customer, Value)> {
        let mut orders = Vec::new();
        for customer in customers {
            let order = self.try_order(&customer, &offered.cart()).await.expect(201);
            orders.push((customer, order));
        }
        orders
    }
}

pub(crate) async fn a_preorder_goes_from_a_sell_window_to_a_shipped_batch(shop: &Shop) {
    let types = [
        "threshold.created.v1",
        "order.reserved.v1",
        "batch.threshold_reached.v1",
        "batch.confirmed.v1",
        "payment.requested.v1",
        "order.paid.v1",
        "batch.finalized.v1",
        "production.started.v1",
        "production.completed.v1",
        "order.shipping_scheduled.v1",
        "shipment.created.v1",
        "order.completed.v1",
    ];
    let heard = Listener::to(shop, &types).await;
    let rules = json!({
        "threshold_qty": 8, "max_total_qty": 10, "lead_days": 3, "ship_days": 7, "enabled": true, "per_customer_max": 1,
        "payment_window_hours": 1, "production_steps": ["SEW", "PACK"],
    });
    let offered = shop.offered(&rules).await;
    let mut customers = Vec::new();
    for _ in 0..CUSTOMERS {
        customers.push(shop.customer_with(POINTS).await);
    }
    let reached: Vec<Mailbox> = customers.iter().map(|_| Mailbox::new()).collect();
    let mut orders = Vec::new();
    for (customer, mailbox) in customers.into_iter().zip(&reached) {
        let mut cart = offered.cart();
        cart["contact"] = mailbox.contact();
        let order = shop.try_order(&customer, &cart).await.expect(201);
        orders.push((customer, order));
    }
    let late = shop.customer().await;
    shop.try_order(&late, &offered.cart()).await.refused(409, "offer_full");
    shop.try_order(&orders[0].0, &offered.cart()).await.refused(409, "offer_full");
    shop.offer_in(&offered, "REACHED", (10, 0)).await;

    let batch = shop.decide("batches", &offered, "confirm", &json!({})).await;
    assert_eq!((&batch["status"], &batch["target_qty"]), (&json!("CONFIRMED"), &json!(10)));
    for (asked, (customer, order)) in shop.all_in(&orders, "PENDING_PAYMENT").await.iter().zip(&orders) {
        assert_eq!(asked["pay_before"], batch["pay_before"]);
        shop.try_pay(customer, order).await.expect(201);
    }
    shop.offer_in(&offered, "LOCKED", (10, 10)).await;
    let pay_before: Timestamp = batch["pay_before"].as_str().unwrap().parse().unwrap();
    shop.tick("finalize_batches", pay_before + SignedDuration::from_secs(1)).await;
    shop.offer_in(&offered, "FINALIZED", (10, 10)).await;

    produce(shop, &offered).await;
    for (customer, order) in &orders {
        let waiting = shop.all_in(&[(customer.clone(), order.clone())], "SHIPPING_SCHEDULED").await;
        assert_eq!(statuses(&waiting[0]), ["RESERVED", "PENDING_PAYMENT", "PAID", "SHIPPING_SCHEDULED"]);
        let path = format!("/admin/orders/{}/ship", order["order_id"].as_str().unwrap());
        let parcel = json!({"carrier": "Black Cat", "tracking_no": "905-123-456"});
        let shipped = shop.post(&path, &parcel).by(shop.admin()).send().await.expect(200);
        assert_eq!(shipped["shipment"]["tracking_no"], "905-123-456");
    }
    shop.all_in(&orders, "COMPLETED").await;
    for mailbox in &reached {
        for subject in ["your place is reserved", "please pay", "is paid: TWD", "is on its way"] {
            until(subject, || async { (mailbox.mails_about(shop, subject).await.len() == 1).then_some(()) }).await;
        }
        // Here a batch is made in seconds: who has the parcel by then is not told that it is being made.
        assert!(mailbox.mails_about(shop, "production has started").await.len() <= 1);
    }
    events_in_order(&heard, &offered, &orders).await;
    heard.close().await;
}

/// Produces the batch step by step.
async fn produce(shop: &Shop, offered: &Offered) {
    let started = shop.decide("work-orders", offered, "start", &json!({"operator": "Wei"})).await;
    assert_eq!((&started["status"], &started["quantity"]), (&json!("IN_PROGRESS"), &json!(10)));
    for n in 1..=2 {
        let path = format!("/admin/work-orders/{}/steps/{n}", offered.batch());
        shop.ask("PATCH", &path).json(&json!({"status": "DONE"})).by(shop.admin()).send().await.expect(200);
    }
    let done = shop.decide("work-orders", offered, "complete", &json!({})).await;
    assert_eq!(done["status"], "DONE");
}

/// The events of the batch and of each order, in order of time.
async fn events_in_order(heard: &Listener<'_>, offered: &Offered, orders: &[(Customer, Value)]) {
    let in_order = |events: Vec<Value>| {
        let mut known: Vec<(Timestamp, String)> = events
            .iter()
            .map(|event| (event["detail"]["occurred_at"].as_str().unwrap().parse().unwrap(), text(event)))
            .collect();
        known.sort();
        known.dedup();
        known.into_iter().map(|(_, event_type)| event_type).collect::<Vec<_>>()
    };
    let of_batch = |detail: &Value| {
        detail["data"]["product_id"] == offered.product.as_str() && detail["data"].get("order_id").is_none()
    };
    assert_eq!(
        in_order(heard.all(of_batch).await),
        [
            "threshold.created.v1",
            "batch.threshold_reached.v1",
            "batch.confirmed.v1",
            "batch.finalized.v1",
            "production.started.v1",
            "production.completed.v1",
        ]
    );
    for (_, order) in orders {
        heard.wait("the end", 1, |detail| detail["type"] == "order.completed.v1" && about(order)(detail)).await;
        assert_eq!(
            in_order(heard.all(about(order)).await),
            [
                "order.reserved.v1",
                "payment.requested.v1",
                "order.paid.v1",
                "order.shipping_scheduled.v1",
                "shipment.created.v1",
                "order.completed.v1",
            ]
        );
    }
}

fn text(event: &Value) -> String {
    event["detail-type"].as_str().unwrap().to_owned()
}

pub(crate) async fn a_window_below_its_threshold_is_missed_and_releases_everything(shop: &Shop) {
    let heard = Listener::to(shop, &["offer.missed.v1"]).await;
    let rules = json!({"threshold_qty": 5, "lead_days": 3, "ship_days": 7, "enabled": true});
    let offered = shop.offered(&rules).await;
    let coupon = shop.campaign(1).await;
    let customer = shop.customer().await;
    shop.take_coupon(&customer, &coupon).await.expect(201);
    let mut cart = offered.cart();
    cart["coupon_id"] = json!(coupon);
    let order = shop.try_order(&customer, &cart).await.expect(201);
    shop.offer_in(&offered, "OPEN", (1, 0)).await;
    assert_eq!(shop.coupon_of(&customer, &coupon).await["status"], "HELD");

    let due = hence(SignedDuration::from_hours(25));
    shop.tick("close_sell_windows", due).await;
    shop.offer_in(&offered, "MISSED", (1, 0)).await;
    let orders = [(customer, order)];
    let canceled = shop.all_in(&orders, "CANCELED").await;
    assert_eq!(statuses(&canceled[0]), ["RESERVED", "CANCELED"]);
    assert_eq!(shop.coupon_of(&orders[0].0, &coupon).await["status"], "ISSUED");
    shop.tick("close_sell_windows", due).await;
    let missed = |detail: &Value| detail["data"]["product_id"] == offered.product.as_str();
    heard.wait("the miss", 1, missed).await;
    heard.close().await;
}

pub(crate) async fn an_extended_window_accepts_orders_once_more(shop: &Shop) {
    let rules = json!({
        "threshold_qty": 2, "lead_days": 3, "ship_days": 7, "enabled": true, "when_missed": "EXTEND", "extend_days": 2,
    });
    let offered = shop.offered(&rules).await;
    let customers = shop.customers(2).await;
    let mut customers = customers.into_iter();
    let first = shop.reserve(&offered, customers.by_ref().take(1).collect()).await;
    shop.offer_in(&offered, "OPEN", (1, 0)).await;
    shop.tick("close_sell_windows", hence(SignedDuration::from_hours(25))).await;
    let extended = shop.offer_in(&offered, "OPEN", (1, 0)).await;
    assert_eq!(extended["extended"], true);
    let closes_at: Timestamp = extended["closes_at"].as_str().unwrap().parse().unwrap();
    assert!(closes_at > now() + SignedDuration::from_hours(70), "{closes_at}");

    let second = shop.reserve(&offered, customers.collect()).await;
    shop.offer_in(&offered, "REACHED", (2, 0)).await;
    shop.decide("batches", &offered, "cancel", &json!({"reason": "the workshop is closed"})).await;
    for orders in [first, second] {
        let canceled = shop.all_in(&orders, "CANCELED").await;
        assert_eq!(canceled[0]["history"][1]["reason"], "the workshop is closed");
    }
}
