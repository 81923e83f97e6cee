//! What scenarios of preorders need: a window with an offer, people who reserve, a batch that is confirmed.

use crate::goods::{cart, text};
use crate::shop::{Reply, Session, Shop};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A product that is offered in a sell window.
#[derive(Debug, Clone)]
pub struct Offered {
    /// The window.
    pub window: String,
    /// The product.
    pub product: String,
    /// Its one variant; it has no stock.
    pub variant: String,
}

impl Offered {
    /// Where the offer is configured.
    pub fn path(&self) -> String {
        format!("/admin/sell-windows/{}/offers/{}", self.window, self.product)
    }

    /// The id of its batch.
    pub fn batch(&self) -> String {
        format!("{}.{}", self.window, self.product)
    }

    /// A cart of so many pieces.
    pub fn cart(&self, quantity: i64) -> Value {
        let mut cart = cart(&self.variant, quantity);
        cart["sell_window_id"] = json!(self.window);
        cart
    }
}

/// An offer's rules: so many needed, nothing limited, seven days of window.
pub fn terms(threshold: i64) -> Value {
    json!({"threshold_qty": threshold, "lead_days": 3, "ship_days": 7, "enabled": true})
}

/// These rules, and more.
#[must_use]
pub fn with(mut terms: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        terms[name] = value.clone();
    }
    terms
}

/// How many of these orders are in each status.
pub async fn statuses(shop: &Shop, orders: &[(Session, String)]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (customer, order) in orders {
        let customer = shop.session(customer.caller.clone());
        *counts.entry(customer.status(order).await).or_default() += 1;
    }
    counts
}

/// The same, written down.
pub fn counts<const N: usize>(counts: [(&str, usize); N]) -> BTreeMap<String, usize> {
    counts.into_iter().map(|(status, count)| (status.to_owned(), count)).collect()
}

/// A batch of so many orders, confirmed, everyone asked.
pub async fn asked(shop: &Shop, offered: &Offered, customers: usize) -> Vec<(Session, String)> {
    let orders = shop.reserved(offered, customers).await;
    shop.pump().await;
    shop.confirm(offered).await.expect(200);
    shop.pump().await;
    orders
}

impl Shop {
    /// A window that is open from now for seven days.
    pub async fn window(&self) -> String {
        let (start, end) = (self.now(), self.now() + SignedDuration::from_hours(24 * 7));
        let body = json!({"name": "2026_CNY", "start_at": start, "end_at": end, "timezone": "Asia/Taipei"});
        text(&self.admin().post("/admin/sell-windows", &body).await.expect(201), "sell_window_id")
    }

    /// A product that is offered under these rules in a window that opens now.
    pub async fn offered(&self, terms: &Value) -> Offered {
        let window = self.window().await;
        let product = self.product("coat").await;
        let variant = self.variant_of(&product, 0, 1).await;
        let offered = Offered { window, product, variant };
        self.admin().put(&offered.path(), terms).await.expect(200);
        offered
    }

    /// The offer as everybody sees it.
    pub async fn offer(&self, offered: &Offered) -> Value {
        let window = self.customer("anyone").get(&format!("/sell-windows/{}", offered.window)).await.expect(200);
        let offers = window["offers"].as_array().unwrap();
        offers.iter().find(|offer| offer["product_id"] == offered.product.as_str()).unwrap().clone()
    }

    /// The batch as an admin sees it.
    pub async fn batch(&self, offered: &Offered) -> Value {
        self.admin().get(&format!("/admin/batches/{}", offered.batch())).await.expect(200)
    }

    /// An admin confirms the batch.
    pub async fn confirm(&self, offered: &Offered) -> Reply {
        self.admin().post(&format!("/admin/batches/{}/confirm", offered.batch()), &json!({})).await
    }

    /// So many customers reserve one piece each. Answers their orders.
    pub async fn reserved(&self, offered: &Offered, customers: usize) -> Vec<(Session, String)> {
        let mut orders = Vec::new();
        for n in 0..customers {
            let customer = self.customer(&format!("customer-{n}"));
            let order = customer.reserve(offered, 1).await.expect(201);
            orders.push((customer, text(&order, "order_id")));
        }
        orders
    }

    /// The types of the events that were on the bus so far, about this product.
    pub fn announced(&self, event_type: &str) -> Vec<Value> {
        let published = self.pump.published();
        let of_type = published.iter().filter(|event| event.detail_type == event_type);
        of_type.map(|event| event.detail["data"].clone()).collect()
    }
}

impl Session {
    /// Reserves so many pieces.
    pub async fn reserve(&self, offered: &Offered, quantity: i64) -> Reply {
        self.post("/orders", &offered.cart(quantity)).await
    }

    /// PUT of a path below `/api/v1`.
    pub async fn put(&self, target: &str, body: &Value) -> Reply {
        self.send("PUT", target, None, Some(body.to_string().into_bytes())).await
    }
}

/// Copies the one order there is, and its entry in the log, so often: what as many customers would have left behind.
pub fn multiply(shop: &Shop, orders: usize) {
    let engine = shop.wire.engine();
    let order = engine.items("Orders").into_iter().find(|item| is(item, "sk", "ORDER#")).unwrap();
    let entry = engine.items("Batches").into_iter().find(|item| is(item, "sk", "EVENT#")).unwrap();
    let offer = entry["pk"]["S"].as_str().unwrap().rsplit_once('#').unwrap().0.to_owned();
    for n in 0..orders {
        let customer = format!("copy-{n}");
        let id = shop.app.new_id().unwrap();
        let mut copy = order.clone();
        copy["pk"]["S"] = json!(format!("CUSTOMER#{customer}"));
        copy["sk"]["S"] = json!(format!("ORDER#{id}"));
        copy["order_no"]["S"] = json!(domain::order::OrderNo::of(domain::id::OrderId::new(id)).to_string());
        put(shop, "Orders", &copy);
        let count = json!({
            "pk": copy["pk"], "sk": {"S": offer.clone()}, "reserved_qty": {"N": "1"}
        });
        put(shop, "Orders", &count);
        let event = domain::id::RecordId::new(shop.app.new_id().unwrap()).event(0);
        let mut logged = entry.clone();
        logged["pk"]["S"] = json!(format!("{offer}#{}", store::counters::log_partition(event)));
        logged["sk"]["S"] = json!(format!("EVENT#{event}"));
        logged["customer_id"]["S"] = json!(customer);
        logged["order_id"]["S"] = json!(id.to_string());
        put(shop, "Batches", &logged);
    }
    for (sk, names) in [("COUNTER", vec!["reserved_qty", "waiting_qty"]), ("LEFT", vec!["left_qty"])] {
        let found = engine
            .items("Counters")
            .into_iter()
            .find(|item| item["sk"]["S"] == sk && (is(item, "pk", "OFFER#") || is(item, "pk", "CAPACITY#")));
        let mut item = found.unwrap();
        for name in names {
            let before: i64 = item[name]["N"].as_str().unwrap().parse().unwrap();
            let orders = i64::try_from(orders).unwrap();
            let after = if sk == "LEFT" { before - orders } else { before + orders };
            item[name]["N"] = json!(after.to_string());
        }
        put(shop, "Counters", &item);
    }
}

fn is(item: &Value, name: &str, prefix: &str) -> bool {
    item[name]["S"].as_str().is_some_and(|text| text.starts_with(prefix))
}

fn put(shop: &Shop, table: &str, item: &Value) {
    shop.wire.engine().run("PutItem", &json!({"TableName": table, "Item": item}));
}
