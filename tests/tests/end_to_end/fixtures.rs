//! Fixtures: products on sale, coupons, orders.

use crate::http::Reply;
use crate::shop::{Shop, now, unique};
use crate::users::Customer;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// The unit price in cents.
pub(crate) const PRICE: i64 = 30_000;
/// Points that suffice for any order here, in cents.
pub(crate) const POINTS: i64 = 100_000_000;

#[derive(Debug, Clone)]
pub(crate) struct VariantOnSale {
    pub(crate) product: String,
    pub(crate) variant: String,
}

/// The time after this duration.
pub(crate) fn hence(duration: SignedDuration) -> Timestamp {
    now() + duration
}

impl Shop {
    pub(crate) async fn goods(&self, stock: i64) -> VariantOnSale {
        let body = json!({"name": "End to end", "description": "For a test.", "status": "ACTIVE"});
        let product = self.post("/admin/products", &body).by(self.admin()).send().await.expect(201);
        let product = product["product_id"].as_str().unwrap().to_owned();
        let variant = self.variant(&product, stock).await;
        VariantOnSale { product, variant }
    }

    pub(crate) async fn variant(&self, product: &str, stock: i64) -> String {
        let body = json!({"sku": unique(), "variant_name": "One", "price_cents": PRICE, "stock_qty": stock});
        let path = format!("/admin/products/{product}/variants");
        let variant = self.post(&path, &body).by(self.admin()).send().await.expect(201);
        variant["variant_id"].as_str().unwrap().to_owned()
    }

    /// The available quantity that a customer sees.
    pub(crate) async fn available(&self, goods: &VariantOnSale) -> i64 {
        let product = self.get(&format!("/products/{}", goods.product)).send().await.expect(200);
        let variants = product["variants"].as_array().unwrap();
        let variant = variants.iter().find(|variant| variant["variant_id"] == goods.variant.as_str()).unwrap();
        variant["available_qty"].as_i64().unwrap()
    }

    /// A campaign of coupons with a discount of 10 %.
    pub(crate) async fn campaign(&self, quantity: i64) -> String {
        let coupon = self.post("/admin/coupons", &campaign(quantity)).by(self.admin()).send().await.expect(201);
        coupon["coupon_id"].as_str().unwrap().to_owned()
    }

    /// Requests a coupon.
    pub(crate) async fn take_coupon(&self, customer: &Customer, coupon: &str) -> Reply {
        let ask = self.ask("POST", &format!("/coupons/{coupon}/issue")).key(&unique());
        ask.by(&customer.token).send_surely().await
    }

    pub(crate) async fn coupon_of(&self, customer: &Customer, coupon: &str) -> Value {
        let list = self.get("/me/coupons?limit=100").by(&customer.token).send().await.expect(200);
        let found = list["items"].as_array().unwrap().iter().find(|item| item["coupon_id"] == coupon);
        found.unwrap_or_else(|| panic!("no {coupon} in {list}")).clone()
    }

    /// Sends an order and returns any response.
    pub(crate) async fn try_order(&self, customer: &Customer, cart: &Value) -> Reply {
        self.post("/orders", cart).by(&customer.token).send_surely().await
    }

    /// Places an order that must succeed.
    pub(crate) async fn order(&self, customer: &Customer, goods: &VariantOnSale, quantity: i64) -> Value {
        self.try_order(customer, &cart(&goods.variant, quantity)).await.expect(201)
    }

    pub(crate) async fn order_of(&self, customer: &Customer, order: &Value) -> Value {
        let path = format!("/orders/{}", order["order_id"].as_str().unwrap());
        self.get(&path).by(&customer.token).send().await.expect(200)
    }

    /// Sends a payment with points and returns any response.
    pub(crate) async fn try_pay(&self, customer: &Customer, order: &Value) -> Reply {
        let body = json!({"order_id": order["order_id"], "method": "POINTS"});
        self.post("/payments", &body).by(&customer.token).send().await
    }

    pub(crate) async fn balance(&self, customer: &Customer) -> i64 {
        let points = self.get("/points").by(&customer.token).send().await.expect(200);
        points["balance_cents"].as_i64().unwrap()
    }
}

pub(crate) fn cart(variant: &str, quantity: i64) -> Value {
    json!({"lines": [{"variant_id": variant, "quantity": quantity}], "payment_method": "POINTS", "contact": contact()})
}

/// Contact data.
pub(crate) fn contact() -> Value {
    json!({
        "name": "Ada", "phone": "+886912345678", "email": "ada@shop.example", "shipping_address": "1 Mill Road, Taipei",
    })
}

/// The body of a campaign.
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

pub(crate) fn statuses(order: &Value) -> Vec<&str> {
    order["history"].as_array().unwrap().iter().map(|step| step["status"].as_str().unwrap()).collect()
}
