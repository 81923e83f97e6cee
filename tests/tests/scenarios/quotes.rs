//! Quotes: what an order would cost, and why it would be refused.

use serde_json::{Value, json};
use tests::Shop;
use tests::fixtures::{PRICE, cart};
use tests::preorders::{terms, with};

/// The cart as `POST /quotes` takes it.
fn without_contact(mut cart: Value) -> Value {
    cart.as_object_mut().unwrap().remove("contact");
    cart
}

#[tokio::test(start_paused = true)]
async fn a_quote_costs_what_the_order_costs_and_writes_nothing() {
    let shop = Shop::open();
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(5).await, shop.coupon(5, 1).await);
    ann.take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 2);
    wanted["coupon_id"] = json!(coupon);
    shop.aws.take_calls();
    let quote = ann.post("/quotes", &without_contact(wanted.clone())).await.expect(200);
    assert!(shop.aws.take_calls().iter().all(|call| !call.is_write()));
    assert_eq!(quote["lines"][0]["subtotal_cents"], 2 * PRICE);
    assert_eq!(quote["shipping_fee_cents"], 0);
    assert!(quote.get("code").is_none() && quote["lines"][0].get("code").is_none(), "{quote}");
    assert_eq!(quote["coupon"], json!({"coupon_id": coupon}));
    wanted["expected_total_cents"] = quote["total_cents"].clone();
    let order = ann.post("/orders", &wanted).await.expect(201);
    for field in ["items_total_cents", "discount_cents", "total_cents", "currency"] {
        assert_eq!(order[field], quote[field], "{field}");
    }
    assert_eq!(order["lines"][0]["discount_cents"], quote["lines"][0]["discount_cents"]);
}

#[tokio::test(start_paused = true)]
async fn a_quote_names_the_refusal_of_each_line_and_of_the_coupon() {
    let shop = Shop::open_limited(1, 20);
    let (ann, few, off) = (shop.customer("ann"), shop.variant(1).await, shop.variant(5).await);
    let coupon = shop.coupon(5, 1).await;
    shop.admin().patch(&format!("/admin/variants/{off}"), &json!({"is_active": false})).await.expect(200);
    let unknown = format!("{}.00000001", few.split('.').next().unwrap());
    let wanted = json!({
        "lines": [
            {"variant_id": few, "quantity": 2}, {"variant_id": off, "quantity": 1}, {"variant_id": unknown, "quantity": 1}
        ],
        "coupon_id": coupon, "payment_method": "POINTS"
    });
    let quote = ann.post("/quotes", &wanted).await.expect(200);
    let codes: Vec<&str> =
        quote["lines"].as_array().unwrap().iter().map(|line| line["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["out_of_stock", "product_not_on_sale", "variant_not_found"]);
    assert_eq!(quote["coupon"]["code"], "coupon_not_found");
    assert_eq!(quote["code"], "insufficient_points");
    ann.order(&few, 1).await;
    let one = json!({"lines": [{"variant_id": few, "quantity": 1}]});
    let quote = ann.post("/quotes", &one).await.expect(200);
    assert_eq!((&quote["lines"][0]["code"], &quote["code"]), (&json!("out_of_stock"), &json!("too_many_open_orders")));
    let expected = json!({"lines": [{"variant_id": few, "quantity": 1}], "expected_total_cents": 1});
    assert_eq!(ann.post("/quotes", &expected).await.expect(200)["code"], "price_changed");
    ann.post("/quotes", &cart(&few, 1)).await.refused(422, "invalid_request");
    ann.post("/quotes", &json!({"lines": []})).await.refused(422, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn a_quote_of_a_preorder_knows_its_offer() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let offered = shop.offered(&with(terms(2), &json!({"max_total_qty": 3, "per_customer_max": 2}))).await;
    let code = async |quantity: i64| {
        let quote = ann.post("/quotes", &without_contact(offered.cart(quantity))).await.expect(200);
        quote["lines"][0]["code"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(code(2).await, "");
    assert_eq!(code(3).await, "per_customer_limit");
    ann.reserve(&offered, 1).await.expect(201);
    assert_eq!((code(1).await.as_str(), code(2).await.as_str()), ("", "per_customer_limit"));
    shop.customer("bob").reserve(&offered, 2).await.expect(201);
    assert_eq!(code(1).await, "offer_full");
    shop.advance(jiff::SignedDuration::from_hours(24 * 8));
    assert_eq!(code(1).await, "sell_window_not_open");
}
