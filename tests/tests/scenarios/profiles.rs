//! What customers save, and orders that name a saved address.

use serde_json::{Value, json};
use tests::Shop;
use tests::fixtures::{cart, contact, text};
use tests::shop::Caller;

fn address(id: &str) -> Value {
    let mut address = contact();
    address["address_id"] = json!(id);
    address
}

#[tokio::test(start_paused = true)]
async fn a_customer_saves_addresses_and_a_language_and_only_they_see_them() {
    let shop = Shop::open();
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    assert_eq!(ann.get("/me").await.expect(200), json!({"customer_id": "ann", "addresses": []}));
    let mut wanted = json!({"language": "zh-TW", "addresses": [address("home"), address("work")]});
    wanted["addresses"][0]["phone"] = json!("0912-345-678");
    let saved = ann.put("/me", &wanted).await.expect(200);
    assert_eq!((&saved["language"], &saved["customer_id"]), (&json!("zh-TW"), &json!("ann")));
    assert_eq!(saved["addresses"][0], address("home"), "in the form that orders have");
    assert_eq!(ann.get("/me").await.expect(200), saved);
    assert_eq!(bob.get("/me").await.expect(200)["addresses"], json!([]));
    shop.session(Caller::Nobody).get("/me").await.refused(401, "unauthenticated");
    // A saved profile replaces the previous one.
    let fewer = ann.put("/me", &json!({"addresses": [address("work")]})).await.expect(200);
    assert_eq!(fewer, json!({"customer_id": "ann", "addresses": [address("work")]}));
    assert_eq!(ann.put("/me", &json!({"addresses": []})).await.expect(200)["addresses"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_profile_that_is_not_valid_is_refused_field_by_field() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let six: Vec<Value> = (0..6).map(|n| address(&format!("a{n}"))).collect();
    let mut wrong_phone = address("work");
    wrong_phone["phone"] = json!("12");
    let mut no_name = address("work");
    no_name.as_object_mut().unwrap().remove("name");
    let mut more = address("work");
    more["floor"] = json!(3);
    for (field, bad) in [
        ("language", json!({"language": "fr", "addresses": []})),
        ("addresses", json!({})),
        ("addresses", json!({"addresses": six})),
        ("addresses[1].address_id", json!({"addresses": [address("home"), address("home")]})),
        ("addresses[0].address_id", json!({"addresses": [address("my home")]})),
        ("addresses[1].phone", json!({"addresses": [address("home"), wrong_phone]})),
        ("addresses[0].name", json!({"addresses": [no_name]})),
        ("addresses[0].floor", json!({"addresses": [more]})),
    ] {
        let reply = ann.put("/me", &bad).await;
        reply.refused(422, "invalid_request");
        assert_eq!(reply.body["errors"][0]["field"], field, "{bad}");
    }
    assert_eq!(ann.get("/me").await.expect(200)["addresses"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn an_order_names_a_saved_address_and_keeps_it() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(9).await);
    let mut work = address("work");
    work["shipping_address"] = json!("2 Office Rd");
    ann.put("/me", &json!({"addresses": [address("home"), work]})).await.expect(200);
    let mut wanted = cart(&variant, 1);
    wanted["contact"] = json!({"address_id": "work"});
    let placed = ann.post_once("k", "/orders", &wanted).await.expect(201);
    let path = format!("/orders/{}", text(&placed, "order_id"));
    let mut copied = contact();
    copied["shipping_address"] = json!("2 Office Rd");
    assert_eq!(ann.get(&path).await.expect(200)["contact"], copied);
    // The order keeps its contact, and the replay its answer, whatever the customer saves later.
    ann.put("/me", &json!({"addresses": []})).await.expect(200);
    assert_eq!(ann.get(&path).await.expect(200)["contact"], copied);
    assert_eq!(ann.post_once("k", "/orders", &wanted).await.expect(201), placed);
    ann.post("/orders", &wanted).await.refused(404, "address_not_found");
    let bob = shop.customer("bob");
    bob.put("/me", &json!({"addresses": [address("work")]})).await.expect(200);
    ann.post("/orders", &wanted).await.refused(404, "address_not_found");
    let accepted = bob.post_async(None, "/orders", &wanted).await.expect(202);
    shop.dispatch_events().await;
    let path = format!("/orders/{}", text(&accepted, "order_id"));
    let reserved = bob.get(&path).await.expect(200);
    assert_eq!((&reserved["status"], &reserved["contact"]), (&json!("RESERVED"), &contact()));
    for bad in [json!({"address_id": "work", "name": "Ada"}), json!({}), json!({"address_id": 7})] {
        wanted["contact"] = bad;
        ann.post("/orders", &wanted).await.refused(422, "invalid_request");
    }
    wanted["contact"] = json!({"address_id": "my home"});
    ann.post("/orders", &wanted).await.refused(404, "address_not_found");
    shop.run_to_quiescence().await;
}
