//! Fixtures: products, stock, points, coupons and orders.

use crate::shop::{Reply, Session, Shop};
use serde_json::{Value, json};

/// The default unit price: 350.00.
pub const PRICE: i64 = 35_000;

/// Valid contact data.
pub fn contact() -> Value {
    json!({"name": "Ada", "phone": "+886912345678", "email": "ada@example.com", "shipping_address": "1 Main St"})
}

pub fn cart(variant: &str, quantity: i64) -> Value {
    json!({"lines": [{"variant_id": variant, "quantity": quantity}], "contact": contact()})
}

/// An order as lists and commands answer it.
#[must_use]
pub fn without_contact(mut order: Value) -> Value {
    order.as_object_mut().unwrap().remove("contact");
    order
}

#[track_caller]
pub fn text(body: &Value, field: &str) -> String {
    body[field].as_str().unwrap_or_else(|| panic!("{field} in {body}")).to_owned()
}

impl Shop {
    /// Creates a product on sale. Returns its id.
    pub async fn product(&self, name: &str) -> String {
        let body = json!({"name": name, "description": "", "status": "ACTIVE"});
        text(&self.admin().post("/admin/products", &body).await.expect(201), "product_id")
    }

    /// Creates a product with a variant at [`PRICE`]. Returns the variant's id.
    pub async fn variant(&self, stock: i64) -> String {
        self.sharded_variant(stock, 1).await
    }

    /// Like [`Self::variant`], with several stock shards.
    pub async fn sharded_variant(&self, stock: i64, shards: i64) -> String {
        let product = self.product("tea").await;
        self.variant_of(&product, stock, shards).await
    }

    /// Adds a variant with a unique SKU to a product. Returns its id.
    pub async fn variant_of(&self, product: &str, stock: i64, shards: i64) -> String {
        let sku = format!("SKU-{}", self.app.new_id().unwrap().simple());
        let body = json!({
            "sku": sku, "variant_name": "150 g", "price_cents": PRICE, "stock_qty": stock, "stock_shards": shards
        });
        let added = self.admin().post(&format!("/admin/products/{product}/variants"), &body).await;
        text(&added.expect(201), "variant_id")
    }

    /// Creates a campaign for coupons of 50.00 that can be issued now and are valid for a day. Returns its id.
    pub async fn coupon(&self, quantity: i64, shards: i64) -> String {
        let hour = jiff::SignedDuration::from_hours(1);
        let body = json!({
            "name": "autumn", "discount": {"type": "FIXED", "value": 5_000}, "total_quantity": quantity,
            "issue_starts_at": self.now() - hour, "issue_ends_at": self.now() + hour * 2,
            "valid_until": self.now() + hour * 24, "quota_shards": shards
        });
        text(&self.admin().post("/admin/coupons", &body).await.expect(201), "coupon_id")
    }

    /// An admin cancels an order, with a reason.
    pub async fn cancel(&self, order: &str) -> Reply {
        self.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({"reason": "water damage"})).await
    }

    /// Creates a campaign of one coupon that makes an order free, valid for this many hours. Returns its id.
    pub async fn gift(&self, hours: i64) -> String {
        let hour = jiff::SignedDuration::from_hours(1);
        let body = json!({
            "name": "gift", "discount": {"type": "PERCENT", "value": 100}, "total_quantity": 1,
            "issue_starts_at": self.now(), "issue_ends_at": self.now() + hour, "valid_until": self.now() + jiff::SignedDuration::from_hours(hours)
        });
        text(&self.admin().post("/admin/coupons", &body).await.expect(201), "coupon_id")
    }

    /// The pieces in the best sellers, counted now.
    pub async fn sold(&self) -> i64 {
        self.tick("refresh_best_sellers").await;
        let best = self.customer("anyone").get("/products/best-sellers").await.expect(200);
        best["items"].as_array().unwrap().iter().map(|item| item["sold_qty"].as_i64().unwrap()).sum()
    }

    /// The available quantity of a variant in the catalog.
    pub async fn left(&self, variant: &str) -> i64 {
        let product = variant.split('.').next().unwrap();
        let found = self.customer("anyone").get(&format!("/products/{product}")).await.expect(200);
        let variants = found["variants"].as_array().unwrap().iter();
        variants.filter(|v| v["variant_id"] == variant).map(|v| v["available_qty"].as_i64().unwrap()).sum()
    }
}

impl Session {
    pub async fn charge(&self, cents: i64) -> Reply {
        self.post("/points/charge", &json!({"amount_cents": cents})).await
    }

    pub async fn balance(&self) -> i64 {
        self.get("/points").await.expect(200)["balance_cents"].as_i64().unwrap()
    }

    /// Places an order with one line. Returns its id.
    pub async fn order(&self, variant: &str, quantity: i64) -> String {
        text(&self.post("/orders", &cart(variant, quantity)).await.expect(201), "order_id")
    }

    /// Places an order for one unit with a coupon. Returns its id.
    pub async fn order_with(&self, variant: &str, coupon: &str) -> String {
        let mut cart = cart(variant, 1);
        cart["coupon_id"] = json!(coupon);
        text(&self.post("/orders", &cart).await.expect(201), "order_id")
    }

    pub async fn take(&self, coupon: &str) -> Reply {
        self.post(&format!("/coupons/{coupon}/issue"), &json!({})).await
    }

    pub async fn pay(&self, order: &str) -> Reply {
        self.post("/payments", &json!({"order_id": order, "method": "POINTS"})).await
    }

    pub async fn cancel(&self, order: &str) -> Reply {
        self.post(&format!("/orders/{order}/cancel"), &json!({})).await
    }

    /// The status of the caller's own order.
    pub async fn status(&self, order: &str) -> String {
        text(&self.get(&format!("/orders/{order}")).await.expect(200), "status")
    }

    /// The status of the caller's own coupon.
    pub async fn coupon_status(&self, coupon: &str) -> String {
        let mine = self.get("/me/coupons").await.expect(200);
        let mine = mine["items"].as_array().unwrap().iter().find(|mine| mine["coupon_id"] == coupon).unwrap().clone();
        text(&mine, "status")
    }
}
