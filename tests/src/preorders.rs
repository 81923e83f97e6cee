//! Fixtures of preorders: a window with an offer, reservations, a confirmed batch.

use crate::fixtures::{cart, text};
use crate::shop::{Reply, Session, Shop};
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Offered {
    pub window: String,
    pub product: String,
    /// Its only variant, without stock.
    pub variant: String,
}

impl Offered {
    /// The admin path of the offer.
    pub fn path(&self) -> String {
        format!("/admin/sell-windows/{}/offers/{}", self.window, self.product)
    }

    pub fn batch(&self) -> String {
        format!("{}.{}", self.window, self.product)
    }

    pub fn cart(&self, quantity: i64) -> Value {
        let mut cart = cart(&self.variant, quantity);
        cart["sell_window_id"] = json!(self.window);
        cart
    }
}

/// The terms of an offer with this threshold, without limits, in a window of seven days.
pub fn terms(threshold: i64) -> Value {
    json!({"threshold_qty": threshold, "lead_days": 3, "ship_days": 7, "enabled": true})
}

/// These terms with other fields replaced.
#[must_use]
pub fn with(mut terms: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().unwrap() {
        terms[name] = value.clone();
    }
    terms
}

/// The number of orders in each status.
pub async fn statuses(shop: &Shop, orders: &[(Session, String)]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (customer, order) in orders {
        let customer = shop.session(customer.caller.clone());
        *counts.entry(customer.status(order).await).or_default() += 1;
    }
    counts
}

/// Expected numbers of orders by status.
pub fn counts<const N: usize>(counts: [(&str, usize); N]) -> BTreeMap<String, usize> {
    counts.into_iter().map(|(status, count)| (status.to_owned(), count)).collect()
}

/// A confirmed batch with this many orders, all of them asked to pay.
pub async fn asked(shop: &Shop, offered: &Offered, customers: usize) -> Vec<(Session, String)> {
    let orders = shop.reserved(offered, customers).await;
    shop.dispatch_events().await;
    shop.confirm(offered).await.expect(200);
    shop.dispatch_events().await;
    orders
}

impl Shop {
    /// Creates a window that is open for seven days from now.
    pub async fn window(&self) -> String {
        let (start, end) = (self.now(), self.now() + SignedDuration::from_hours(24 * 7));
        let body = json!({"name": "2026_CNY", "start_at": start, "end_at": end, "timezone": "Asia/Taipei"});
        text(&self.admin().post("/admin/sell-windows", &body).await.expect(201), "sell_window_id")
    }

    /// Creates a product with an offer under these terms in a window that opens now.
    pub async fn offered(&self, terms: &Value) -> Offered {
        let window = self.window().await;
        let product = self.product("coat").await;
        let variant = self.variant_of(&product, 0, 1).await;
        let offered = Offered { window, product, variant };
        self.admin().put(&offered.path(), terms).await.expect(200);
        offered
    }

    /// The offer as the public route shows it.
    pub async fn offer(&self, offered: &Offered) -> Value {
        let window = self.customer("anyone").get(&format!("/sell-windows/{}", offered.window)).await.expect(200);
        let offers = window["offers"].as_array().unwrap();
        offers.iter().find(|offer| offer["product_id"] == offered.product.as_str()).unwrap().clone()
    }

    pub async fn batch(&self, offered: &Offered) -> Value {
        self.admin().get(&format!("/admin/batches/{}", offered.batch())).await.expect(200)
    }

    pub async fn confirm(&self, offered: &Offered) -> Reply {
        self.admin().post(&format!("/admin/batches/{}/confirm", offered.batch()), &json!({})).await
    }

    /// This many customers reserve one unit each. Returns their orders.
    pub async fn reserved(&self, offered: &Offered, customers: usize) -> Vec<(Session, String)> {
        let mut orders = Vec::new();
        for n in 0..customers {
            let customer = self.customer(&format!("customer-{n}"));
            let order = customer.reserve(offered, 1).await.expect(201);
            orders.push((customer, text(&order, "order_id")));
        }
        orders
    }

    /// The types of all events so far that concern this offer.
    pub fn announced(&self, event_type: &str) -> Vec<Value> {
        let published = self.dispatcher.published();
        let of_type = published.iter().filter(|event| event.detail_type == event_type);
        of_type.map(|event| event.detail["data"].clone()).collect()
    }
}

impl Session {
    pub async fn reserve(&self, offered: &Offered, quantity: i64) -> Reply {
        self.post("/orders", &offered.cart(quantity)).await
    }

    pub async fn put(&self, target: &str, body: &Value) -> Reply {
        self.send("PUT", target, None, Some(body.to_string().into_bytes())).await
    }
}

/// Copies the only order and its log entry this many times, as if that many customers had ordered.
pub fn multiply(shop: &Shop, orders: usize) {
    let engine = shop.aws.engine();
    let order = engine.items("Orders").into_iter().find(|item| is(item, "sk", "ORDER#")).unwrap();
    let entry = engine.items("Batches").into_iter().find(|item| is(item, "sk", "EVENT#")).unwrap();
    let offer = entry["pk"]["S"].as_str().unwrap().rsplit_once('#').unwrap().0.to_owned();
    for n in 0..orders {
        let customer = format!("copy-{n}");
        let id = shop.app.new_id().unwrap();
        let mut copy = order.clone();
        copy["pk"]["S"] = json!(format!("CUSTOMER#{customer}"));
        copy["sk"]["S"] = json!(format!("ORDER#{id}"));
        copy["order_no"]["S"] = json!(shop.app.shop().order_no(domain::id::OrderId::new(id)).to_string());
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
    shop.aws.engine().run("PutItem", &json!({"TableName": table, "Item": item}));
}
