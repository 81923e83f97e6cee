//! Shipping methods: their fees in quotes, orders, payments and refunds.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::Shop;
use tests::fixtures::{PRICE, cart, text};
use tests::preorders::terms;
use tests::shop::{Caller, Session};

const FEE: i64 = 6_000;
const POINTS: i64 = 1_000_000;

fn home() -> Value {
    json!({"name": "Black Cat", "kind": "HOME", "fee_cents": FEE, "free_from_cents": PRICE * 3, "sort": 2})
}

fn pickup() -> Value {
    json!({"name": "At the shop", "kind": "PICKUP", "fee_cents": 0, "sort": 1})
}

async fn set(shop: &Shop, code: &str, method: &Value) -> Value {
    shop.admin().put(&format!("/admin/shipping-methods/{code}"), method).await.expect(200)
}

/// A shop with two methods.
async fn shop_that_delivers() -> Shop {
    let shop = Shop::open();
    set(&shop, "HOME", &home()).await;
    set(&shop, "PICKUP", &pickup()).await;
    shop
}

/// A cart that names a method.
fn delivered(mut cart: Value, code: &str) -> Value {
    cart["shipping"] = json!({"method_code": code});
    cart
}

/// The cart for `POST /quotes`.
fn without_contact(mut cart: Value) -> Value {
    cart.as_object_mut().unwrap().remove("contact");
    cart
}

/// Places an order that its quote has priced.
async fn order(customer: &Session, cart: &Value) -> Value {
    let quote = customer.post("/quotes", &without_contact(cart.clone())).await.expect(200);
    assert!(quote.get("code").is_none(), "{quote}");
    let mut expected = cart.clone();
    expected["expected_total_cents"] = quote["total_cents"].clone();
    let order = customer.post("/orders", &expected).await.expect(201);
    let is_same = |field: &str| order.get(field).unwrap_or(&json!(0)) == &quote[field];
    for field in ["items_total_cents", "discount_cents", "shipping_fee_cents", "total_cents", "currency", "shipping"] {
        assert!(is_same(field), "{field}: {order} {quote}");
    }
    order
}

async fn codes(session: &Session, path: &str) -> Vec<String> {
    let page = session.get(path).await.expect(200);
    page["items"].as_array().unwrap().iter().map(|method| text(method, "code")).collect()
}

#[tokio::test(start_paused = true)]
async fn an_admin_edits_the_methods_and_customers_see_those_that_are_enabled() {
    let shop = Shop::open();
    let (admin, visitor) = (shop.admin(), shop.session(Caller::Nobody));
    assert!(codes(&visitor, "/shipping-methods").await.is_empty());
    let method = set(&shop, "HOME", &home()).await;
    assert_eq!(
        method,
        json!({
            "code": "HOME", "name": "Black Cat", "kind": "HOME", "provider": "MANUAL", "fee_cents": FEE,
            "free_from_cents": PRICE * 3, "island_surcharge_cents": 0, "enabled": true, "sort": 2
        })
    );
    set(&shop, "PICKUP", &pickup()).await;
    let mut post = home();
    post["enabled"] = json!(false);
    set(&shop, "POST_OFFICE", &post).await;
    shop.advance(SignedDuration::from_secs(6));
    assert_eq!(codes(&visitor, "/shipping-methods").await, ["PICKUP", "HOME"]);
    assert_eq!(codes(&admin, "/admin/shipping-methods").await, ["PICKUP", "HOME", "POST_OFFICE"]);
    let first = admin.get("/admin/shipping-methods?limit=2").await.expect(200);
    let rest = format!("/admin/shipping-methods?limit=2&cursor={}", text(&first, "next_cursor"));
    assert_eq!(codes(&admin, &rest).await, ["POST_OFFICE"]);
    assert_eq!(set(&shop, "HOME", &home()).await, method, "the same again");
    let activity = admin.get("/admin/activity?subject=HOME").await.expect(200);
    assert_eq!(activity["items"][0]["action"], "set_shipping_method");
    for (field, bad) in [
        ("name", json!(" ")),
        ("kind", json!("CVS")),
        ("provider", json!("ECPAY")),
        ("fee_cents", json!(50)),
        ("fee_cents", json!(-100)),
        ("free_from_cents", json!(0)),
        ("island_surcharge_cents", json!(100_000_100)),
        ("sort", json!(10_000)),
        ("price", json!(1)),
    ] {
        let mut wrong = home();
        wrong[field] = bad;
        admin.put("/admin/shipping-methods/HOME", &wrong).await.refused(422, "invalid_request");
    }
    admin.put("/admin/shipping-methods/a%20b", &home()).await.refused(422, "invalid_request");
    let mut costly = pickup();
    costly["fee_cents"] = json!(100);
    admin.put("/admin/shipping-methods/PICKUP", &costly).await.refused(422, "invalid_request");
    for n in 3..20 {
        set(&shop, &format!("M{n}"), &post).await;
    }
    admin.put("/admin/shipping-methods/ONE_MORE", &post).await.refused(409, "shipping_method_limit_reached");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_fee_is_paid_with_the_order_and_goes_back_with_it() {
    let shop = shop_that_delivers().await;
    let (ann, variant) = (shop.customer("ann"), shop.variant(20).await);
    ann.charge(POINTS).await.expect(200);
    let placed = order(&ann, &delivered(cart(&variant, 2), "HOME")).await;
    assert_eq!((&placed["shipping_fee_cents"], &placed["total_cents"]), (&json!(FEE), &json!(2 * PRICE + FEE)));
    assert_eq!(
        placed["shipping"],
        json!({
            "method_code": "HOME", "name": "Black Cat", "kind": "HOME", "fee_cents": FEE, "base_fee_cents": FEE,
            "island_surcharge_cents": 0
        })
    );
    let free = order(&ann, &delivered(cart(&variant, 3), "HOME")).await;
    assert_eq!((free.get("shipping_fee_cents"), &free["shipping"]["fee_cents"]), (None, &json!(0)));
    let fetched = order(&ann, &delivered(cart(&variant, 1), "PICKUP")).await;
    assert_eq!((&fetched["total_cents"], &fetched["shipping"]["kind"]), (&json!(PRICE), &json!("PICKUP")));

    // A later change of the method touches no order that is placed.
    let mut dearer = home();
    dearer["fee_cents"] = json!(9_000);
    dearer["name"] = json!("Swift");
    set(&shop, "HOME", &dearer).await;
    shop.advance(SignedDuration::from_secs(6));
    let id = text(&placed, "order_id");
    let payment = ann.pay(&id).await.expect(201);
    assert_eq!(payment["amount_cents"], 2 * PRICE + FEE);
    assert_eq!(ann.balance().await, POINTS - 2 * PRICE - FEE);
    let seen = ann.get(&format!("/orders/{id}")).await.expect(200);
    assert_eq!(seen["shipping"], placed["shipping"]);
    let mut expected = delivered(cart(&variant, 2), "HOME");
    expected["expected_total_cents"] = placed["total_cents"].clone();
    ann.post("/orders", &expected).await.refused(409, "price_changed");

    // A part refund leaves the fee; a cancellation before the shipment gives everything back.
    let (admin, refund) = (shop.admin(), format!("/admin/orders/{id}/refund"));
    let piece = |quantity: i64| json!([{"variant_id": variant, "quantity": quantity}]);
    admin.post(&refund, &json!({"lines": piece(1), "reason": "broken cup"})).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(ann.get(&format!("/orders/{id}")).await.expect(200)["refunded_cents"], PRICE);
    let whole = json!({"lines": piece(2), "shipping_fee": true, "reason": "broken cup"});
    admin.post(&refund, &whole).await.refused(409, "refund_too_large");
    for bad in [
        json!({"lines": piece(1), "amount_cents": 100, "reason": "broken cup"}),
        json!({"lines": piece(3), "reason": "broken cup"}),
        json!({"lines": [piece(1)[0], piece(1)[0]], "reason": "broken cup"}),
    ] {
        admin.post(&refund, &bad).await.refused(422, "invalid_request");
    }
    shop.cancel(&id).await.expect(200);
    shop.dispatch_events().await;
    let seen = ann.get(&format!("/orders/{id}")).await.expect(200);
    assert_eq!((&seen["status"], &seen["refunded_cents"]), (&json!("REFUNDED"), &json!(2 * PRICE + FEE)));
    assert_eq!(ann.balance().await, POINTS);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_costs_nothing_but_its_delivery_pays_for_the_delivery() {
    let shop = shop_that_delivers().await;
    let (ann, variant, gift) = (shop.customer("ann"), shop.variant(5).await, shop.gift(5).await);
    ann.charge(POINTS).await.expect(200);
    ann.take(&gift).await.expect(201);
    let mut wanted = delivered(cart(&variant, 2), "HOME");
    wanted["coupon_id"] = json!(gift);
    let placed = order(&ann, &wanted).await;
    assert_eq!((&placed["discount_cents"], &placed["total_cents"]), (&json!(2 * PRICE), &json!(FEE)));
    assert_eq!(ann.pay(&text(&placed, "order_id")).await.expect(201)["amount_cents"], FEE);
    shop.dispatch_events().await;
    let exported = shop.announced("order.paid.v1");
    assert_eq!(exported.len(), 1);
    assert_eq!((&exported[0]["total_cents"], &exported[0]["shipping_fee_cents"]), (&json!(FEE), &json!(FEE)));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_preorder_pays_the_fee_that_was_fixed_when_it_was_reserved() {
    let shop = shop_that_delivers().await;
    let offered = shop.offered(&terms(1)).await;
    let ann = shop.customer("ann");
    ann.charge(POINTS).await.expect(200);
    let reserved = order(&ann, &delivered(offered.cart(1), "HOME")).await;
    assert_eq!(reserved["total_cents"], PRICE + FEE);
    shop.dispatch_events().await;
    let mut disabled = home();
    disabled["enabled"] = json!(false);
    set(&shop, "HOME", &disabled).await;
    shop.confirm(&offered).await.expect(200);
    shop.dispatch_events().await;
    let payment = ann.pay(&text(&reserved, "order_id")).await.expect(201);
    assert_eq!(payment["amount_cents"], PRICE + FEE);
    shop.dispatch_events().await;
    // The shop gives up the batch: the fee goes back, too.
    let cancel = format!("/admin/batches/{}/cancel", offered.batch());
    shop.admin().post(&cancel, &json!({"reason": "no cloth"})).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(ann.balance().await, POINTS);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_accepted_order_is_reserved_with_the_delivery_that_was_agreed() {
    let shop = Shop::open();
    let (ann, bob, variant) = (shop.customer("ann"), shop.customer("bob"), shop.variant(5).await);
    let before = ann.post_async(None, "/orders", &cart(&variant, 1)).await.expect(202);
    set(&shop, "HOME", &home()).await;
    shop.advance(SignedDuration::from_secs(6));
    let wanted = delivered(cart(&variant, 1), "HOME");
    let accepted = bob.post_async(None, "/orders", &wanted).await.expect(202);
    let mut dearer = home();
    dearer["fee_cents"] = json!(9_000);
    set(&shop, "HOME", &dearer).await;
    shop.dispatch_events().await;
    for (customer, order, total) in [(&ann, &before, PRICE), (&bob, &accepted, PRICE + FEE)] {
        let seen = customer.get(&format!("/orders/{}", text(order, "order_id"))).await.expect(200);
        assert_eq!((&seen["status"], &seen["total_cents"]), (&json!("RESERVED"), &json!(total)));
        assert_eq!(seen.get("shipping"), order.get("shipping"));
    }
}

#[tokio::test(start_paused = true)]
async fn once_a_method_is_enabled_every_order_chooses_one_and_every_environment_notices() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(20).await);
    let elsewhere = shop.fresh_environment();
    ann.order(&variant, 1).await;
    set(&elsewhere, "HOME", &home()).await;
    // The environment's cache is a few seconds old; a refusal is based on a new read.
    let placed = ann.post("/orders", &delivered(cart(&variant, 1), "HOME")).await.expect(201);
    assert_eq!(placed["shipping_fee_cents"], FEE);
    ann.post("/orders", &cart(&variant, 1)).await.refused(409, "shipping_method_required");
    let quote = ann.post("/quotes", &without_contact(cart(&variant, 1))).await.expect(200);
    assert_eq!((&quote["code"], &quote["total_cents"]), (&json!("shipping_method_required"), &json!(PRICE)));
    for unknown in ["MOON", "", "a b"] {
        ann.post("/orders", &delivered(cart(&variant, 1), unknown)).await.refused(404, "shipping_method_not_found");
    }
    let mut disabled = home();
    disabled["enabled"] = json!(false);
    set(&elsewhere, "HOME", &disabled).await;
    shop.advance(SignedDuration::from_secs(6));
    ann.post("/orders", &delivered(cart(&variant, 1), "HOME")).await.refused(404, "shipping_method_not_found");
    assert_eq!(ann.post("/orders", &cart(&variant, 1)).await.expect(201)["total_cents"], PRICE);
    for bad in [json!("HOME"), json!({}), json!(["HOME"]), json!({"method_code": "HOME", "fee_cents": 0})] {
        let mut wrong = cart(&variant, 1);
        wrong["shipping"] = bad;
        ann.post("/orders", &wrong).await.refused(422, "invalid_request");
    }
}

#[tokio::test(start_paused = true)]
async fn delivery_to_an_island_costs_the_surcharge_and_needs_a_postal_code() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(20).await);
    let mut method = home();
    method["island_surcharge_cents"] = json!(9_000);
    set(&shop, "HOME", &method).await;
    let to = |postal_code: &str, quantity: i64| {
        let mut wanted = cart(&variant, quantity);
        wanted["shipping"] = json!({"method_code": "HOME", "postal_code": postal_code});
        wanted
    };
    let fees = |order: &Value| {
        let shipping = &order["shipping"];
        ["fee_cents", "base_fee_cents", "island_surcharge_cents"].map(|name| shipping[name].as_i64().unwrap())
    };
    assert_eq!(fees(&order(&ann, &to("10048", 1)).await), [FEE, FEE, 0]);
    assert_eq!(fees(&order(&ann, &to("880", 1)).await), [FEE + 9_000, FEE, 9_000]);
    assert_eq!(fees(&order(&ann, &to("896", 3)).await), [9_000, 0, 9_000]);
    ann.post("/orders", &to("819", 1)).await.refused(409, "shipping_method_unfit");
    for missing in [delivered(cart(&variant, 1), "HOME"), to("", 1), to("臺北", 1)] {
        let reply = ann.post("/orders", &missing).await;
        reply.refused(422, "invalid_request");
        assert_eq!(reply.body["errors"][0]["field"], "shipping.postal_code");
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_changes_the_address_as_far_as_the_orders_fee_covers_it() {
    let shop = Shop::open();
    let mut islands = home();
    islands["island_surcharge_cents"] = json!(9_000);
    set(&shop, "HOME", &islands).await;
    let (ann, variant) = (shop.customer("ann"), shop.variant(9).await);
    let placed = async |postal_code: &str| {
        let mut cart = cart(&variant, 1);
        cart["shipping"] = json!({"method_code": "HOME", "postal_code": postal_code});
        ann.post("/orders", &cart).await.expect(201)
    };
    let moved = |postal_code: Option<&str>| {
        let mut change = json!({"shipping_address": format!("{} Main St", postal_code.unwrap_or("2"))});
        if let Some(code) = postal_code {
            change["postal_code"] = json!(code);
        }
        change
    };
    let inland = placed("100").await;
    let path = format!("/orders/{}/contact", text(&inland, "order_id"));
    // The function that changes the contact has not read the methods yet.
    let elsewhere = shop.fresh_environment().customer("ann");
    for refused in [Some("880"), Some("896123"), None] {
        let reply = elsewhere.patch(&path, &moved(refused)).await;
        reply.refused(422, "invalid_request");
        assert_eq!(reply.body["errors"][0]["field"], "postal_code", "{refused:?}");
    }
    ann.patch(&path, &moved(Some("817"))).await.refused(409, "shipping_method_unfit");
    ann.patch(&path, &moved(Some("1"))).await.refused(422, "invalid_request");
    let seen = ann.patch(&path, &moved(Some("104"))).await.expect(200);
    assert_eq!(
        (&seen["contact"]["shipping_address"], &seen["total_cents"]),
        (&json!("104 Main St"), &inland["total_cents"])
    );
    // Name and phone, and the same address again, go nowhere else.
    let same = json!({"name": "Ada L.", "shipping_address": "104 Main St"});
    ann.patch(&path, &same).await.expect(200);
    // An admin may know better, and settles the difference with the customer.
    shop.admin().patch(&format!("/admin{path}"), &moved(None)).await.expect(200);

    let island = placed("880").await;
    let path = format!("/orders/{}/contact", text(&island, "order_id"));
    for to in [Some("881"), None, Some("100")] {
        let seen = ann.patch(&path, &moved(to)).await.expect(200);
        assert_eq!(seen["total_cents"], island["total_cents"], "the fee stays as it was agreed: {to:?}");
    }
}
