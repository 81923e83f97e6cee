//! The day of an admin who knows nothing but the API's responses.

use crate::events::waiting;
use crate::fixtures::{POINTS, hence};
use crate::preorder::Offered;
use crate::shop::{Shop, unique};
use crate::users::Customer;
use crate::wait::until;
use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The orders of the batch, unless `MILLRUN_BATCH_ORDERS` sets another number.
const ORDERS: usize = 40;
const CUSTOMERS: usize = 10;
/// The parcels of one request, whose limit is 100.
const PARCELS: usize = 25;
/// Concurrent requests.
const AT_ONCE: usize = 8;

fn orders_of_the_batch() -> usize {
    let set = std::env::var("MILLRUN_BATCH_ORDERS").ok();
    set.map_or(ORDERS, |number| number.parse().expect("MILLRUN_BATCH_ORDERS is a number"))
}

impl Shop {
    async fn read(&self, path: &str) -> Value {
        self.get(path).by(self.admin()).send().await.expect(200)
    }

    /// The rows of a list as CSV, by the names of its columns.
    async fn rows(&self, path: &str) -> Vec<BTreeMap<String, String>> {
        let reply = self.get(path).header("accept", "text/csv").by(self.admin()).send().await;
        reply.expect(200);
        let text = reply.text.strip_prefix('\u{feff}').expect("spreadsheets need the byte order mark");
        csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>().unwrap()
    }

    /// The id of the only batch of the offer's product.
    async fn batch_of(&self, offered: &Offered) -> String {
        until("the batch is listed", || async {
            let batches = self.read("/admin/batches?limit=100").await;
            let mut batches = batches["items"].as_array().unwrap().iter();
            let batch = batches.find(|batch| batch["product_id"] == offered.product.as_str())?;
            Some(batch["batch_id"].as_str().unwrap().to_owned())
        })
        .await
    }
}

/// Reserves the batch's orders.
async fn reserve(shop: &Shop, offered: &Offered, orders: usize) -> Vec<Customer> {
    let mut customers = Vec::new();
    for _ in 0..CUSTOMERS {
        customers.push(shop.customer_with(POINTS).await);
    }
    let mut cart = offered.cart();
    // A landline gets no text messages.
    cart["contact"]["phone"] = json!("02-2345-6789");
    let cart = &cart;
    stream::iter(0..orders)
        .for_each_concurrent(AT_ONCE, |n| {
            let customer = &customers[n % CUSTOMERS];
            async move { drop(shop.try_order(customer, cart).await.expect(201)) }
        })
        .await;
    customers
}

/// Every customer pays what the shop asks for.
/// Pays the batch's orders.
async fn pay(shop: &Shop, batch: &str, customers: &[Customer], orders: usize) {
    let asked = until("everybody is asked to pay", || async {
        let rows = shop.rows(&format!("/admin/batches/{batch}/orders?status=PENDING_PAYMENT")).await;
        (rows.len() == orders).then_some(rows)
    })
    .await;
    stream::iter(asked)
        .for_each_concurrent(AT_ONCE, |row| async move {
            let customer = customers.iter().find(|customer| customer.id == row["customer_id"]).unwrap();
            shop.try_pay(customer, &json!({"order_id": row["order_id"]})).await.expect(201);
        })
        .await;
    until("every payment is counted", || async {
        let batch = shop.read(&format!("/admin/batches/{batch}")).await;
        (batch["paid_qty"] == orders).then_some(())
    })
    .await;
}

async fn produce(shop: &Shop, batch: &str) {
    let work = until("the work order is open", || async {
        let reply = shop.get(&format!("/admin/work-orders/{batch}")).by(shop.admin()).send().await;
        (reply.status == 200).then(|| reply.json())
    })
    .await;
    let path = format!("/admin/work-orders/{batch}");
    let start = json!({"operator": "Wei"});
    shop.post(&format!("{path}/start"), &start).by(shop.admin()).send().await.expect(200);
    for step in work["steps"].as_array().unwrap() {
        let path = format!("{path}/steps/{}", step["n"]);
        shop.ask("PATCH", &path).json(&json!({"status": "DONE"})).by(shop.admin()).send().await.expect(200);
    }
    shop.post(&format!("{path}/complete"), &json!({})).by(shop.admin()).send().await.expect(200);
}

pub(crate) async fn a_whole_batch_is_shipped_from_its_csv(shop: &Shop) {
    let orders = orders_of_the_batch();
    let rules = json!({
        "threshold_qty": orders, "lead_days": 3, "ship_days": 7, "enabled": true, "payment_window_hours": 1,
        "production_steps": ["PACK"],
    });
    let offered = shop.offered(&rules).await;
    let customers = reserve(shop, &offered, orders).await;
    let batch = shop.batch_of(&offered).await;
    let confirm = format!("/admin/batches/{batch}/confirm");
    let confirmed = until("its orders are counted", || async {
        let reply = shop.post(&confirm, &json!({})).by(shop.admin()).send().await;
        let is_confirmed = reply.status == 200;
        if !is_confirmed {
            reply.refused(409, "batch_not_confirmable");
        }
        is_confirmed.then(|| reply.json())
    })
    .await;
    assert_eq!(confirmed["target_qty"], orders, "{confirmed}");
    pay(shop, &batch, &customers, orders).await;
    let pay_before: Timestamp = confirmed["pay_before"].as_str().unwrap().parse().unwrap();
    shop.tick("finalize_batches", pay_before + SignedDuration::from_secs(1)).await;
    produce(shop, &batch).await;

    let list = format!("/admin/batches/{batch}/orders?status=SHIPPING_SCHEDULED");
    let rows = until("all can be shipped", || async {
        let rows = shop.rows(&list).await;
        (rows.len() == orders).then_some(rows)
    })
    .await;
    for (place, rows) in rows.chunks(PARCELS).enumerate() {
        let parcel = |(n, row): (usize, &BTreeMap<String, String>)| {
            assert!(!row["name"].is_empty() && !row["shipping_address"].is_empty(), "nowhere to ship to: {row:?}");
            json!({"order_no": row["order_no"], "carrier": "Black Cat", "tracking_no": format!("905-{place}-{n}")})
        };
        let items: Vec<Value> = rows.iter().enumerate().map(parcel).collect();
        let shipped = shop.post("/admin/shipments", &json!({"items": items})).by(shop.admin()).send().await.expect(200);
        for (item, row) in shipped["items"].as_array().unwrap().iter().zip(rows) {
            assert_eq!((item["order_no"].as_str(), item.get("code")), (Some(row["order_no"].as_str()), None), "{item}");
        }
    }
    // The next flows must not wait behind a thousand messages.
    for queue in ["RequestNotificationsQueue", "SendNotificationQueue", "CompleteOrderQueue"] {
        until("everybody is told", || async { (waiting(shop, queue).await == 0).then_some(()) }).await;
    }
    until("every order is complete", || async { shop.rows(&list).await.is_empty().then_some(()) }).await;
    let funnel = shop.read(&format!("/admin/batches/{batch}")).await["funnel"].clone();
    assert_eq!(funnel["shipped"], json!({"orders": orders, "pieces": orders}), "{funnel}");
}

pub(crate) async fn an_order_is_found_by_phone_and_its_address_corrected(shop: &Shop) {
    let goods = shop.goods(5).await;
    let customer = shop.customer_with(POINTS).await;
    // Numbers of mobiles in Taiwan: 09 and eight digits.
    let digits: String = unique().bytes().map(|byte| char::from(b'0' + byte % 10)).take(8).collect();
    let (phone, email) = (format!("09{digits}"), format!("{}@shop.example", unique()));
    let mut cart = crate::fixtures::cart(&goods.variant, 1);
    (cart["contact"]["phone"], cart["contact"]["email"]) = (json!(phone), json!(email));
    let order = shop.try_order(&customer, &cart).await.expect(201);

    for filter in [format!("phone={phone}"), format!("email={email}")] {
        let found = shop.read(&format!("/admin/orders?{filter}")).await;
        let found = found["items"].as_array().unwrap();
        assert_eq!((found.len(), &found[0]["order_id"]), (1, &order["order_id"]), "{filter}");
    }
    let path = format!("/admin/orders/{}", order["order_id"].as_str().unwrap());
    let address = json!({"shipping_address": "2 Mill Road, Taipei"});
    shop.ask("PATCH", &format!("{path}/contact")).json(&address).by(shop.admin()).send().await.expect(200);
    assert_eq!(shop.read(&path).await["contact"]["shipping_address"], address["shipping_address"]);
}

pub(crate) async fn a_campaign_is_ended(shop: &Shop) {
    let coupon = shop.campaign(50).await;
    shop.take_coupon(&shop.customer().await, &coupon).await.expect(201);
    let path = format!("/admin/coupons/{coupon}");
    let now = json!({"issue_ends_at": hence(SignedDuration::ZERO)});
    shop.ask("PATCH", &path).json(&now).by(shop.admin()).send().await.expect(200);
    // Environments read a campaign anew every two seconds.
    until("no coupon is given any more", || async {
        let reply = shop.take_coupon(&shop.customer().await, &coupon).await;
        (reply.status == 409).then(|| reply.refused(409, "coupon_ended"))
    })
    .await;
    let ended = shop.read(&path).await;
    assert!(ended["ended_at"].is_string() && ended["issued_qty"].as_i64() >= Some(1), "{ended}");
}

pub(crate) async fn a_customer_is_found_by_email_and_given_points(shop: &Shop) {
    let customer = shop.customer().await;
    let found = shop.read(&format!("/admin/customers?email={}", customer.email)).await;
    assert_eq!(found["items"][0]["customer_id"], customer.id.as_str(), "{found}");
    let path = format!("/admin/customers/{}", customer.id);
    let grant = json!({"amount_cents": 50_000, "reason": "a late parcel"});
    let given = shop.post(&format!("{path}/points"), &grant).by(shop.admin()).send().await.expect(200);
    assert_eq!(given["balance_cents"], 50_000);
    let seen = shop.read(&path).await;
    assert_eq!((&seen["email"], &seen["points"]["balance_cents"]), (&json!(customer.email), &json!(50_000)));
    let page = shop.read("/admin/customers?limit=1").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let next = page["next_cursor"].as_str().expect("there are more accounts");
    let next = shop.read(&format!("/admin/customers?limit=1&cursor={next}")).await;
    assert_ne!(next["items"], page["items"]);
}
