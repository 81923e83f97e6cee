//! What a scenario needs before it begins: goods on sale, coupons, orders.

use crate::http::Reply;
use crate::people::Customer;
use crate::shop::{Shop, now, unique};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The price of a piece, in cents.
pub(crate) const PRICE: i64 = 30_000;
/// Points that pay for any order here, in cents.
pub(crate) const POINTS: i64 = 100_000_000;

/// A variant on sale.
#[derive(Debug, Clone)]
pub(crate) struct Goods {
    pub(crate) product: String,
    pub(crate) variant: String,
}

/// So long from now.
pub(crate) fn hence(duration: SignedDuration) -> Timestamp {
    now() + duration
}

impl Shop {
    /// A product on sale with one variant and this stock.
    pub(crate) async fn goods(&self, stock: i64) -> Goods {
        let body = json!({"name": "End to end", "description": "For a test.", "status": "ACTIVE"});
        let product = self.post("/admin/products", &body).by(self.admin()).send().await.expect(201);
        let product = product["product_id"].as_str().unwrap().to_owned();
        let variant = self.variant(&product, stock).await;
        Goods { product, variant }
    }

    /// One more variant of a product.
    pub(crate) async fn variant(&self, product: &str, stock: i64) -> String {
        let body = json!({"sku": unique(), "variant_name": "One", "price_cents": PRICE, "stock_qty": stock});
        let path = format!("/admin/products/{product}/variants");
        let variant = self.post(&path, &body).by(self.admin()).send().await.expect(201);
        variant["variant_id"].as_str().unwrap().to_owned()
    }

    /// What a customer sees as available of the goods.
    pub(crate) async fn available(&self, goods: &Goods) -> i64 {
        let product = self.get(&format!("/products/{}", goods.product)).send().await.expect(200);
        let variants = product["variants"].as_array().unwrap();
        let variant = variants.iter().find(|variant| variant["variant_id"] == goods.variant.as_str()).unwrap();
        variant["available_qty"].as_i64().unwrap()
    }

    /// A campaign of coupons that take a tenth off.
    pub(crate) async fn campaign(&self, quantity: i64) -> String {
        let coupon = self.post("/admin/coupons", &campaign(quantity)).by(self.admin()).send().await.expect(201);
        coupon["coupon_id"].as_str().unwrap().to_owned()
    }

    /// A coupon of a campaign, asked for by a customer.
    pub(crate) async fn take_coupon(&self, customer: &Customer, coupon: &str) -> Reply {
        let ask = self.ask("POST", &format!("/coupons/{coupon}/issue")).key(&unique());
        ask.by(&customer.token).send_surely().await
    }

    /// One of a customer's coupons, as they see it.
    pub(crate) async fn coupon_of(&self, customer: &Customer, coupon: &str) -> Value {
        let list = self.get("/me/coupons?limit=100").by(&customer.token).send().await.expect(200);
        let found = list["items"].as_array().unwrap().iter().find(|item| item["coupon_id"] == coupon);
        found.unwrap_or_else(|| panic!("no {coupon} in {list}")).clone()
    }

    /// An order that is answered one way or the other.
    pub(crate) async fn try_order(&self, customer: &Customer, cart: &Value) -> Reply {
        self.post("/orders", cart).by(&customer.token).send_surely().await
    }

    /// An order that is placed.
    pub(crate) async fn order(&self, customer: &Customer, goods: &Goods, quantity: i64) -> Value {
        self.try_order(customer, &cart(&goods.variant, quantity)).await.expect(201)
    }

    /// An order as its customer sees it.
    pub(crate) async fn order_of(&self, customer: &Customer, order: &Value) -> Value {
        let path = format!("/orders/{}", order["order_id"].as_str().unwrap());
        self.get(&path).by(&customer.token).send().await.expect(200)
    }

    /// A payment with points that is answered one way or the other.
    pub(crate) async fn try_pay(&self, customer: &Customer, order: &Value) -> Reply {
        let body = json!({"order_id": order["order_id"], "method": "POINTS"});
        self.post("/payments", &body).by(&customer.token).send().await
    }

    /// A customer's balance.
    pub(crate) async fn balance(&self, customer: &Customer) -> i64 {
        let points = self.get("/points").by(&customer.token).send().await.expect(200);
        points["balance_cents"].as_i64().unwrap()
    }
}

/// A cart of one line.
pub(crate) fn cart(variant: &str, quantity: i64) -> Value {
    json!({"lines": [{"variant_id": variant, "quantity": quantity}], "payment_method": "POINTS", "contact": contact()})
}

/// Somebody to reach.
pub(crate) fn contact() -> Value {
    json!({
        "name": "Ada", "phone": "+886912345678", "email": "ada@shop.example", "shipping_address": "1 Mill Road, Taipei",
    })
}

/// A campaign as an admin writes it.
pub(crate) fn campaign(quantity: i64) -> Value {
    json!({
        "name": "A tenth off",
        "discount": {"type": "PERCENT", "value": 10},
        "total_quantity": quantity,
        "issue_starts_at": hence(SignedDuration::from_mins(-1)),
        "issue_ends_at": hence(SignedDuration::from_hours(1)),
        "valid_until": hence(SignedDuration::from_hours(24)),
    })
}

/// The statuses that an order went through.
pub(crate) fn statuses(order: &Value) -> Vec<&str> {
    order["history"].as_array().unwrap().iter().map(|step| step["status"].as_str().unwrap()).collect()
}
