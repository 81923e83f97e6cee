//! Accounts of customers: how admins find them and their orders, what a customer can export, and what erasing leaves.

use super::admin_lists::{all, ids};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tests::data_leaks::Canaries;
use tests::fake_messengers::FakeResponse;
use tests::fixtures::{cart, contact, text};
use tests::{Fault, Rule, Shop};

#[tokio::test(start_paused = true)]
async fn a_customer_exports_everything_that_the_shop_keeps_page_by_page() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(9).await);
    ann.charge(1_000_000).await.expect(200);
    let coupon = shop.coupon(5, 1).await;
    ann.take(&coupon).await.expect(201);
    for _ in 0..3 {
        ann.order(&variant, 1).await;
    }
    let mut address = contact();
    address["address_id"] = json!("home");
    ann.put("/me", &json!({"language": "zh-TW", "addresses": [address]})).await.expect(200);
    shop.customer("bob").order(&variant, 1).await;
    for limit in [1, 2, 100] {
        let kept = all(&ann, "/me/data", limit).await;
        assert_eq!(ids(&kept, "kind"), ["ORDER", "ORDER", "ORDER", "COUPON", "POINTS_ENTRY", "PROFILE"], "by {limit}");
        assert_eq!(kept[0]["order"]["contact"]["email"], "ada@example.com");
        assert_eq!(kept[3]["coupon"]["coupon_id"], coupon.as_str());
        assert_eq!(kept[4]["points_entry"]["amount_cents"], 1_000_000);
        assert_eq!(kept[5]["profile"]["addresses"], json!([address]));
    }
    assert!(ids(&all(&shop.customer("eve"), "/me/data", 1).await, "kind").is_empty());
    ann.get("/me/data?cursor=AAAA").await.refused(422, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn an_admin_finds_an_account_by_its_address_or_number() {
    let shop = Shop::open();
    let admin = shop.admin();
    let subs: Vec<String> = (0..5).map(|n| format!("customer-{n}")).collect();
    for (n, sub) in subs.iter().enumerate() {
        shop.aws.users().add(sub, &format!("c{n}@example.com"), &format!("+88691234567{n}"));
    }
    for limit in [1, 2, 100] {
        assert_eq!(ids(&all(&admin, "/admin/customers", limit).await, "customer_id"), subs, "by {limit}");
    }
    let found = all(&admin, "/admin/customers?email=c3@example.com", 10).await;
    assert_eq!(ids(&found, "customer_id"), ["customer-3"]);
    assert!(found[0]["created_at"].is_string() && found[0]["email"] == "c3@example.com");
    assert_eq!(ids(&all(&admin, "/admin/customers?phone=0912345672", 10).await, "customer_id"), ["customer-2"]);
    let both = all(&admin, "/admin/customers?email=c3@example.com&phone=0912345672", 10).await;
    assert_eq!(both, Vec::<Value>::new());
    for bad in ["?email=c3", "?phone=12", "?name=c", "?email=", "?cursor=AAAA", "?limit=0"] {
        admin.get(&format!("/admin/customers{bad}")).await.refused(422, "invalid_request");
    }
    shop.customer("customer-0").get("/admin/customers").await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn a_cursor_that_the_pool_did_not_give_out_is_refused() {
    let shop = Shop::open();
    for n in 0..3 {
        shop.aws.users().add(&format!("customer-{n}"), &format!("c{n}@example.com"), "");
    }
    let page = shop.admin().get("/admin/customers?limit=1").await.expect(200);
    let cursor = text(&page, "next_cursor");
    let (_, list) = cursor.rsplit_once('.').unwrap();
    let forged = format!("/admin/customers?limit=1&cursor=Zm9yZ2Vk.{list}");
    shop.admin().get(&forged).await.refused(422, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_a_customer_with_points_coupons_and_orders() {
    let shop = Shop::open();
    let (admin, ann, variant) = (shop.admin(), shop.customer("ann"), shop.variant(5).await);
    admin.get("/admin/customers/ann").await.refused(404, "customer_not_found");
    shop.aws.users().add("ann", "ann@example.com", "+886912345678");
    ann.charge(1_000_000).await.expect(200);
    let coupon = shop.coupon(5, 1).await;
    ann.take(&coupon).await.expect(201);
    let order = ann.order(&variant, 1).await;
    let seen = admin.get("/admin/customers/ann").await.expect(200);
    assert_eq!((&seen["email"], &seen["phone"]), (&json!("ann@example.com"), &json!("+886912345678")));
    assert_eq!(seen["points"], json!({"balance_cents": 1_000_000}));
    assert_eq!((&seen["coupons"][0]["coupon_id"], &seen["orders"][0]["order_id"]), (&json!(coupon), &json!(order)));
    ann.get("/admin/customers/ann").await.refused(403, "forbidden");
}

/// Everything that is stored: every table, every file, the pool.
fn stored(shop: &Shop) -> String {
    let tables = &shop.app.store.tables();
    let names = [
        &tables.catalog,
        &tables.orders,
        &tables.wallets,
        &tables.coupons,
        &tables.counters,
        &tables.payments,
        &tables.batches,
        &tables.production,
        &tables.notifications,
        &tables.rankings,
        &tables.activity,
        &tables.outbox,
    ];
    let items = names.iter().flat_map(|name| shop.aws.engine().items(name)).map(|item| format!("{item:?}"));
    let files = shop.aws.files().into_values();
    items.chain(files).chain([shop.aws.users().text()]).collect::<Vec<_>>().join("\n")
}

#[tokio::test(start_paused = true)]
async fn nothing_that_is_stored_names_an_erased_customer_and_the_books_stay() {
    const CANARY: [(&str, &str); 5] = [
        ("a name", "Canary Birdsong"),
        ("a phone number", "+886987654321"),
        ("an e-mail address", "canary.birdsong@example.com"),
        ("a shipping address", "77 Canary Lane"),
        ("an id at LINE", "U77777777777777777777777777777777"),
    ];
    let shop = Shop::open();
    let (admin, ann, variant) = (shop.admin(), shop.customer("ann"), shop.variant(9).await);
    shop.aws.users().add("ann", CANARY[2].1, CANARY[1].1);
    let mut wanted = cart(&variant, 1);
    wanted["contact"] = json!({
        "name": CANARY[0].1, "phone": CANARY[1].1, "email": CANARY[2].1, "shipping_address": CANARY[3].1,
        "line_user_id": CANARY[4].1,
    });
    ann.charge(10_000_000).await.expect(200);
    let saved = json!([{"address_id": "home", "name": CANARY[0].1, "phone": CANARY[1].1, "email": CANARY[2].1,
        "shipping_address": CANARY[3].1}]);
    ann.put("/me", &json!({"addresses": saved})).await.expect(200);
    let shipped = text(&ann.post_once("o-1", "/orders", &wanted).await.expect(201), "order_id");
    let canceled = text(&ann.post_async(Some("o-2"), "/orders", &wanted).await.expect(202), "order_id");
    let at_provider = text(&ann.post_once("o-3", "/orders", &wanted).await.expect(201), "order_id");
    shop.dispatch_events().await;
    let corrected = json!({"name": CANARY[0].1, "shipping_address": CANARY[3].1});
    ann.patch(&format!("/orders/{shipped}/contact"), &corrected).await.expect(200);
    ann.pay(&shipped).await.expect(201);
    let open = ann.check_out(&at_provider, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.ecpay_calls(&open.trade_no, tests::fake_providers::FaultSettings::default()).await;
    // One message is refused, and its failure kept.
    shop.aws.messengers().refuse("SendEmail", FakeResponse::new(400, r#"{"__type":"MessageRejected"}"#));
    shop.cancel(&canceled).await.expect(200);
    shop.cancel(&at_provider).await.expect(200);
    shop.dispatch_events().await;
    let erase = "/admin/customers/ann/erase";
    admin.post_once("e", erase, &json!({})).await.refused(409, "customer_has_open_orders");
    let parcel = json!({"carrier": "Black Cat", "tracking_no": "905-123-456"});
    admin.post(&format!("/admin/orders/{shipped}/ship"), &parcel).await.expect(200);
    shop.advance_minutes(61);
    shop.tick("reconcile_payments").await;
    shop.dispatch_events().await;
    assert_eq!((ann.status(&shipped).await, ann.status(&at_provider).await), ("COMPLETED".into(), "REFUNDED".into()));

    let canaries = Canaries::of(CANARY);
    assert_eq!(canaries.in_text(&stored(&shop)).len(), CANARY.len(), "all of it is stored before");
    let books = [ann.get("/points").await.expect(200), ann.get("/points/history").await.expect(200)];
    let answer = admin.post_once("e-2", erase, &json!({})).await.expect(202);
    assert_eq!(answer, json!({"customer_id": "ann"}));
    assert_eq!(canaries.in_text(&stored(&shop)), Vec::<&str>::new());
    assert_eq!([ann.get("/points").await.expect(200), ann.get("/points/history").await.expect(200)], books);
    let order = admin.get(&format!("/admin/orders/{shipped}")).await.expect(200);
    assert_eq!((order.get("contact"), &order["status"]), (None, &json!("COMPLETED")));
    let seen = admin.get("/admin/customers/ann").await.expect(200);
    assert_eq!((seen.get("email"), seen["orders"].as_array().unwrap().len()), (None, 3));
    assert_eq!(ann.get("/me").await.expect(200)["addresses"], json!([]));
    for found in ["phone=0987654321", "email=canary.birdsong@example.com"] {
        assert_eq!(all(&admin, &format!("/admin/orders?{found}"), 10).await, Vec::<Value>::new(), "{found}");
    }

    assert_eq!(admin.post_once("e-2", erase, &json!({})).await.expect(202), answer);
    admin.post(erase, &json!({})).await.expect(202);
    admin.post("/admin/customers/nobody/erase", &json!({})).await.refused(404, "customer_not_found");
    admin.patch(&format!("/admin/orders/{shipped}/contact"), &corrected).await.refused(409, "contact_not_changeable");
    shop.customer("bob").post(erase, &json!({})).await.refused(403, "forbidden");
    shop.run_to_quiescence().await;
}

/// Places an order with this phone number and e-mail address.
async fn order_of(shop: &Shop, customer: &str, (phone, email): (&str, &str)) -> String {
    let mut wanted = cart(&shop.variant(1).await, 1);
    wanted["contact"]["phone"] = json!(phone);
    wanted["contact"]["email"] = json!(email);
    text(&shop.customer(customer).post("/orders", &wanted).await.expect(201), "order_id")
}

#[tokio::test(start_paused = true)]
async fn an_admin_finds_orders_by_the_phone_number_or_the_address_that_a_customer_tells() {
    let shop = Shop::open();
    let admin = shop.admin();
    let mut placed = Vec::new();
    for (customer, phone, email) in [
        ("ann", "0912345678", "Ann@Example.com"),
        ("bob", "+886 912 345 678", "bob@example.com"),
        ("ann", "0987654321", "ann@example.com"),
    ] {
        shop.advance_minutes(1);
        placed.insert(0, order_of(&shop, customer, (phone, email)).await);
    }
    let found =
        async |filter: &str, limit| ids(&all(&admin, &format!("/admin/orders?{filter}"), limit).await, "order_id");
    for limit in [1, 2, 100] {
        assert_eq!(found("phone=0912-345-678", limit).await, placed[1..], "by {limit}");
        assert_eq!(found("email=ann@example.COM", limit).await, [placed[0].clone(), placed[2].clone()], "by {limit}");
    }
    assert_eq!(found("phone=0912345678&customer_id=ann", 10).await, placed[2..]);
    assert_eq!(found("phone=0912345678&email=bob@example.com", 10).await, placed[1..2]);
    assert_eq!(found("phone=0912345678&status=RESERVED", 10).await, placed[1..]);
    assert!(found("phone=0912345678&status=PAID", 10).await.is_empty());
    assert!(found("email=eve@example.com", 10).await.is_empty());
    for bad in ["phone=12", "phone=", "email=ann"] {
        admin.get(&format!("/admin/orders?{bad}")).await.refused(422, "invalid_request");
    }

    let corrected = json!({"phone": "0933333333"});
    admin.patch(&format!("/admin/orders/{}/contact", placed[2]), &corrected).await.expect(200);
    assert_eq!(found("phone=0933333333", 10).await, placed[2..]);
    assert_eq!(found("phone=0912345678", 10).await, placed[1..2]);
}

#[tokio::test(start_paused = true)]
async fn orders_from_before_a_rotation_of_the_key_are_found_and_no_index_contains_an_address() {
    let shop = Shop::open();
    let before = order_of(&shop, "ann", ("0912345678", "ann@example.com")).await;
    let keys = json!({"current": "second".repeat(8), "previous": ["first".repeat(8)]});
    shop.aws.set_contact_keys(&keys);
    // A cached key is used for five minutes.
    tokio::time::sleep(Duration::from_secs(301)).await;
    let after = order_of(&shop, "ann", ("0912345678", "ann@example.com")).await;
    for filter in ["phone=0912345678", "email=ann@example.com"] {
        let found = all(&shop.admin(), &format!("/admin/orders?{filter}"), 1).await;
        assert_eq!(ids(&found, "order_id"), [after.clone(), before.clone()], "{filter}");
    }
    let hashes: BTreeSet<String> = shop
        .aws
        .engine()
        .items(&shop.app.store.tables().orders)
        .iter()
        .filter_map(|item| Some(item["phone_hash"]["S"].as_str()?.to_owned()))
        .collect();
    assert_eq!(hashes.len(), 2, "one for each key: {hashes:?}");
    assert!(hashes.iter().all(|hash| hash.len() == 22 && !hash.contains("912345678")), "{hashes:?}");
}

#[tokio::test(start_paused = true)]
async fn an_order_is_placed_although_the_contact_keys_cannot_be_read() {
    let shop = Shop::open();
    shop.inject(Rule::every("GetContactKeys", Fault::Undelivered));
    let order = order_of(&shop, "ann", ("0912345678", "ann@example.com")).await;
    shop.admin().get("/admin/orders?phone=0912345678").await.refused(503, "busy");
    shop.aws.clear_faults();
    let corrected = json!({"name": "Ann"});
    shop.admin().patch(&format!("/admin/orders/{order}/contact"), &corrected).await.expect(200);
    let found = all(&shop.admin(), "/admin/orders?phone=0912345678", 10).await;
    assert_eq!(ids(&found, "order_id"), [order]);
}
