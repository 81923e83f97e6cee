//! What visitors see of the catalog: filters, sort orders, and what a page view costs.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::Shop;
use tests::fixtures::{PRICE, cart, text};
use tests::preorders::{terms, with};
use tests::shop::{Caller, Session};

/// The most read units of one page view of 20 products with 3 variants of 4 shards, while the cache is warm.
const WARM_READ_MILLIUNITS_MAX: u64 = 2_000;

async fn product(shop: &Shop, body: &Value, price: i64) -> String {
    let admin = shop.admin();
    shop.advance(SignedDuration::from_millis(1));
    let id = text(&admin.post("/admin/products", body).await.expect(201), "product_id");
    let sku = format!("SKU-{}", shop.app.new_id().unwrap().simple());
    let variant = json!({"sku": sku, "variant_name": "one", "price_cents": price, "stock_qty": 5, "stock_shards": 4});
    admin.post(&format!("/admin/products/{id}/variants"), &variant).await.expect(201);
    id
}

/// The names on all pages of a list.
async fn names(visitor: &Session, query: &str) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = visitor.get(&format!("/products?limit=2{query}{cursor}")).await.expect(200);
        found.extend(page["items"].as_array().unwrap().iter().map(|item| text(item, "name")));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_visitor_filters_by_category_and_name_and_sorts_by_price() {
    let shop = Shop::open();
    let visitor = shop.session(Caller::Nobody);
    let describe = |name: &str, category: &str, status: &str| json!({"name": name, "description": "", "status": status, "category": category, "tags": ["new", "new", "gift"]});
    product(&shop, &describe("Green tea", "Tea", "ACTIVE"), 30_000).await;
    let cup = product(&shop, &describe("Cup", "Ware", "ACTIVE"), 10_000).await;
    product(&shop, &describe("Black TEA", "Tea", "ACTIVE"), 20_000).await;
    product(&shop, &describe("Secret tea", "Tea", "DRAFT"), 5_000).await;

    assert_eq!(names(&visitor, "").await, ["Black TEA", "Cup", "Green tea"]);
    assert_eq!(names(&visitor, "&sort=newest").await, ["Black TEA", "Cup", "Green tea"]);
    assert_eq!(names(&visitor, "&sort=price_asc").await, ["Cup", "Black TEA", "Green tea"]);
    assert_eq!(names(&visitor, "&sort=price_desc").await, ["Green tea", "Black TEA", "Cup"]);
    assert_eq!(names(&visitor, "&category=Tea&sort=price_asc").await, ["Black TEA", "Green tea"]);
    assert_eq!(names(&visitor, "&q=tea").await, ["Black TEA", "Green tea"]);
    assert_eq!(names(&visitor, "&q=coffee").await, Vec::<String>::new());
    let seen = visitor.get(&format!("/products/{cup}")).await.expect(200);
    assert_eq!((&seen["category"], &seen["tags"]), (&json!("Ware"), &json!(["new", "gift"])));

    let change = json!({"category": "", "tags": []});
    let changed = shop.admin().patch(&format!("/admin/products/{cup}"), &change).await.expect(200);
    assert!(changed.get("category").is_none() && changed.get("tags").is_none(), "{changed}");
    for bad in ["sort=cheap", "q=", "category=%00", "colour=red", "cursor=x&sort=price_asc"] {
        visitor.get(&format!("/products?{bad}")).await.refused(422, "invalid_request");
    }
    let many: Vec<String> = (0..11).map(|n| format!("tag {n}")).collect();
    let wrong = json!({"name": "x", "description": "", "tags": many});
    shop.admin().post("/admin/products", &wrong).await.refused(422, "invalid_request");
}

#[tokio::test(start_paused = true)]
async fn a_page_view_costs_next_to_nothing_and_its_stock_is_a_few_seconds_old() {
    let shop = Shop::open();
    let admin = shop.admin();
    let mut variants = Vec::new();
    for n in 0..20 {
        let product = shop.product(&format!("tea {n}")).await;
        for _ in 0..3 {
            variants.push(shop.variant_of(&product, 8, 4).await);
        }
    }
    // Visitors are served by another environment than customers who order.
    let elsewhere = shop.fresh_environment();
    let visitor = elsewhere.session(Caller::Nobody);
    let cost =
        |shop: &Shop| -> u64 { shop.aws.take_calls().iter().flat_map(|call| call.milliunits().into_values()).sum() };
    cost(&shop);
    let first = visitor.get("/products").await.expect(200);
    let cold = cost(&shop);
    assert!(cold <= 500 + 20 * 500 + 240 * 500, "no read is strongly consistent: {cold}");
    assert_eq!(visitor.get("/products").await.expect(200), first);
    let warm = cost(&shop);
    assert!(warm <= WARM_READ_MILLIUNITS_MAX, "{warm} thousandths of a read unit");

    shop.customer("ann").post("/orders", &cart(&variants[59], 3)).await.expect(201);
    shop.advance(SignedDuration::from_secs(6));
    let later = visitor.get("/products").await.expect(200);
    let mut shown = later["items"].as_array().unwrap().iter().flat_map(|item| item["variants"].as_array().unwrap());
    let shown = shown.find(|shown| shown["variant_id"] == variants[59].as_str()).unwrap();
    assert_eq!(shown["available_qty"], 5);
    let left = admin.get(&format!("/products/{}", variants[59].split('.').next().unwrap())).await.expect(200);
    assert_eq!(left["variants"].as_array().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_offer_shows_its_lowest_price_and_the_places_that_are_left() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(2), &json!({"max_total_qty": 5}))).await;
    let cheaper = json!({"sku": "SMALL", "variant_name": "small", "price_cents": PRICE - 100});
    let small = shop.admin().post(&format!("/admin/products/{}/variants", offered.product), &cheaper).await.expect(201);
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["price_from_cents"], &offer["places_left"]), (&json!(PRICE - 100), &json!(5)));
    let off = json!({"is_active": false});
    shop.admin().patch(&format!("/admin/variants/{}", text(&small, "variant_id")), &off).await.expect(200);
    shop.customer("ann").reserve(&offered, 2).await.expect(201);
    shop.dispatch_events().await;
    let offer = shop.offer(&offered).await;
    assert_eq!((&offer["price_from_cents"], &offer["places_left"]), (&json!(PRICE), &json!(3)));
}

/// The names in the list of coupons, page by page.
async fn offered_coupons(customer: &Session) -> Vec<String> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = customer.get(&format!("/coupons?limit=2{cursor}")).await.expect(200);
        found.extend(page["items"].as_array().unwrap().iter().map(|item| text(item, "name")));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test(start_paused = true)]
async fn customers_see_the_listed_campaigns_of_which_a_coupon_can_be_taken() {
    let shop = Shop::open();
    let (admin, ann) = (shop.admin(), shop.customer("ann"));
    let hour = SignedDuration::from_hours(1);
    let campaign = async |name: &str, starts: i32, ends: i32, listed: bool| {
        let body = json!({
            "name": name, "discount": {"type": "FIXED", "value": 5_000}, "total_quantity": 1, "listed": listed,
            "issue_starts_at": shop.now() + hour * starts, "issue_ends_at": shop.now() + hour * ends,
            "valid_until": shop.now() + hour * 90
        });
        text(&admin.post("/admin/coupons", &body).await.expect(201), "coupon_id")
    };
    let change = async |coupon: &str, change: Value| {
        admin.patch(&format!("/admin/coupons/{coupon}"), &change).await.expect(200);
        shop.advance(SignedDuration::from_secs(4));
    };
    let later = campaign("ends later", -1, 20, true).await;
    campaign("ends first", -1, 2, true).await;
    campaign("begins later", 3, 9, true).await;
    campaign("has ended", -2, -1, true).await;
    let quiet = campaign("not listed", -1, 5, false).await;
    assert_eq!(offered_coupons(&ann).await, ["ends first", "ends later"]);
    shop.aws.take_calls();
    assert_eq!(offered_coupons(&ann).await, ["ends first", "ends later"]);
    assert!(shop.aws.take_calls().is_empty(), "a page is read from the cache");

    change(&quiet, json!({"listed": true})).await;
    assert_eq!(offered_coupons(&ann).await, ["ends first", "not listed", "ends later"]);
    change(&quiet, json!({"issue_ends_at": shop.now() + hour * 30})).await;
    assert_eq!(offered_coupons(&ann).await, ["ends first", "ends later", "not listed"]);
    change(&quiet, json!({"listed": false})).await;
    shop.customer("bob").take(&later).await.expect(201);
    shop.advance(SignedDuration::from_secs(4));
    assert_eq!(offered_coupons(&ann).await, ["ends first"], "nothing is left of the other");
    shop.advance(hour * 4);
    assert_eq!(offered_coupons(&ann).await, ["begins later"]);
    ann.get("/coupons?listed=true").await.refused(422, "invalid_request");
    ann.get("/coupons?cursor=x").await.refused(422, "invalid_request");
    shop.session(Caller::Nobody).get("/coupons").await.refused(401, "unauthenticated");
}
