//! Mixed traffic of customers who retry a request with the same key until they get a definite response.

use crate::fixtures::{VariantOnSale, cart};
use crate::http::{Ask, Reply};
use crate::preorder::Offered;
use crate::shop::{Shop, now, unique};
use crate::users::Customer;
use aws_sdk_sqs::types::QueueAttributeName;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Attempts of one request before the scenario fails.
const TRIES_MAX: usize = 80;
/// Stock and coupons: more than the customers can take.
const PLENTY: i64 = 1_000_000;
/// Points that suffice for all orders of one customer.
const POINTS: i64 = 199_000_000;

/// The visibility time-out of failed messages here: with the template's minutes, the final checks would take too long.
const HIDDEN_SECONDS: &str = "10";

/// Products and customers.
pub(crate) struct Market {
    shop: Shop,
    goods: VariantOnSale,
    coupon: String,
    offered: Offered,
}

/// A customer and the successful responses.
pub(crate) struct Visitor {
    customer: Customer,
    /// The confirmed orders, each with whether it was paid.
    orders: BTreeMap<String, bool>,
    has_coupon: bool,
    /// The number of requests with a response, and of those that were retried.
    pub(crate) answered: usize,
    pub(crate) sent_again: usize,
}

impl Market {
    /// Creates products for this scenario.
    pub(crate) async fn open(shop: &Shop) -> Self {
        hide_messages_shortly(shop).await;
        let terms = json!({
            "threshold_qty": 5, "max_total_qty": PLENTY, "lead_days": 3, "ship_days": 7, "enabled": true,
            "payment_window_hours": 1, "production_steps": ["PACK"],
        });
        let (goods, coupon, offered) =
            (shop.goods(PLENTY).await, shop.campaign(PLENTY).await, shop.offered(&terms).await);
        Self { shop: shop.clone(), goods, coupon, offered }
    }

    /// A new customer with points.
    pub(crate) async fn visitor(&self) -> Visitor {
        let customer = self.shop.customer_with(POINTS).await;
        Visitor { customer, orders: BTreeMap::new(), has_coupon: false, answered: 0, sent_again: 0 }
    }

    /// Sends a request until there is a definite response.
    async fn insist(&self, visitor: &mut Visitor, ask: Ask<'_>) -> Reply {
        let ask = ask.by(&visitor.customer.token);
        for tries in 0..TRIES_MAX {
            let reply = ask.send_once().await;
            if reply.status < 500 && reply.status != 429 {
                visitor.answered += 1;
                visitor.sent_again += usize::from(tries > 0);
                return reply;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no definite answer after {TRIES_MAX} tries");
    }

    /// One visit of a customer; `choice` selects the action.
    pub(crate) async fn visit(&self, visitor: &mut Visitor, choice: u8) {
        match choice % 8 {
            0..=2 => {
                let order = self.order(visitor, cart(&self.goods.variant, 1)).await;
                self.pay(visitor, &order).await;
            }
            3 => {
                let order = self.order(visitor, cart(&self.goods.variant, 2)).await;
                let cancel = self.shop.post(&format!("/orders/{order}/cancel"), &json!({}));
                self.insist(visitor, cancel).await.expect(200);
            }
            4 => {
                self.order(visitor, cart(&self.goods.variant, 1)).await;
            }
            5 if !visitor.has_coupon => {
                let take = self.shop.ask("POST", &format!("/coupons/{}/issue", self.coupon)).key(&unique());
                self.insist(visitor, take).await.expect(201);
                visitor.has_coupon = true;
                let mut wanted = cart(&self.goods.variant, 1);
                wanted["coupon_id"] = json!(self.coupon);
                let order = self.order(visitor, wanted).await;
                self.pay(visitor, &order).await;
            }
            5 | 6 => {
                self.order(visitor, self.offered.cart()).await;
            }
            _ => {
                for path in ["/products", "/products/best-sellers", "/points", "/orders", "/me/coupons"] {
                    self.insist(visitor, self.shop.get(path)).await.expect(200);
                }
            }
        }
    }

    async fn order(&self, visitor: &mut Visitor, wanted: Value) -> String {
        let placed = self.insist(visitor, self.shop.post("/orders", &wanted)).await.expect(201);
        let order = placed["order_id"].as_str().unwrap().to_owned();
        assert!(visitor.orders.insert(order.clone(), false).is_none(), "one order per key");
        order
    }

    async fn pay(&self, visitor: &mut Visitor, order: &str) {
        let pay = self.shop.post("/payments", &json!({"order_id": order, "method": "POINTS"}));
        self.insist(visitor, pay).await.expect(201);
        visitor.orders.insert(order.to_owned(), true);
    }

    /// The final checks after the faults are cleared: stored data equals the responses, and the audit finds no difference.
    pub(crate) async fn reckon(&self, visitors: &[Visitor]) {
        let shop = &self.shop;
        // The sweep publishes what the relay missed: it runs with a time at which all of it is overdue.
        for _ in 0..3 {
            shop.tick("sweep_outbox", now() + SignedDuration::from_mins(1)).await;
        }
        for visitor in visitors {
            let (said, there) = (&visitor.orders, self.orders_of(visitor).await);
            assert_eq!(
                there.keys().collect::<BTreeSet<_>>(),
                said.keys().collect(),
                "stored orders (left) and confirmed orders (right)"
            );
            for (order, status) in &there {
                let is_paid = ["PAID", "SHIPPING_SCHEDULED"].contains(&status.as_str());
                assert_eq!(is_paid, said[order], "{order} is {status}");
            }
        }
        crate::audit::agree(shop).await;
    }

    async fn orders_of(&self, visitor: &Visitor) -> BTreeMap<String, String> {
        let (mut orders, mut cursor) = (BTreeMap::new(), String::new());
        loop {
            let page = self.shop.get(&format!("/orders?limit=100{cursor}")).by(&visitor.customer.token);
            let page = page.send().await.expect(200);
            let text = |order: &Value, field: &str| order[field].as_str().unwrap().to_owned();
            let items = page["items"].as_array().unwrap().iter();
            orders.extend(items.map(|order| (text(order, "order_id"), text(order, "status"))));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return orders,
            }
        }
    }
}

async fn hide_messages_shortly(shop: &Shop) {
    let queues = shop.aws.queues.list_queues().queue_name_prefix(format!("{}-", shop.about.stack_name)).send().await;
    for url in queues.unwrap().queue_urls().iter().filter(|url| url.ends_with("Queue")) {
        let change = shop.aws.queues.set_queue_attributes().queue_url(url);
        change.attributes(QueueAttributeName::VisibilityTimeout, HIDDEN_SECONDS).send().await.unwrap();
    }
}

/// Sets the faults between functions and AWS (tools/fakes/fault_proxy.py): this share of all requests, selected by the
/// seed. Returns the number of hits of each fault so far.
pub(crate) async fn faults(shop: &Shop, share: f64, seed: u64) -> BTreeMap<String, u64> {
    set_faults(shop, &json!({"share": share, "seed": seed})).await
}

/// Sets these faults instead of all earlier ones.
pub(crate) async fn set_faults(shop: &Shop, faults: &Value) -> BTreeMap<String, u64> {
    let at = format!("{}/_faults", shop.about.functions_endpoint);
    let said = shop.http.post(at).body(faults.to_string()).header("content-type", "application/json").send().await;
    let said: Value = said.unwrap().json().await.unwrap_or_else(|_| panic!("start the stack with --faults"));
    serde_json::from_value(said["struck"].clone()).unwrap_or_else(|_| panic!("start the stack with --faults"))
}
