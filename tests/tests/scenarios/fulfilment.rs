//! What admins see of orders and do with them: one order whole, a batch's orders as a list and as CSV, many shipments
//! at once, corrected addresses. Nothing here knows more than the API's answers say.

use jiff::SignedDuration;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tests::events::HttpRequest;
use tests::fake_providers::FaultSettings;
use tests::fixtures::{contact, text};
use tests::preorders::{Offered, asked, multiply, terms, with};
use tests::shop::{Reply, Session};
use tests::{Fault, Rule, Shop};

/// A customer's paid order that waits to be shipped. Answers its variant and id.
async fn scheduled(shop: &Shop, sub: &str) -> String {
    let customer = shop.customer(sub);
    let variant = shop.variant(5).await;
    customer.charge(1_000_000).await.expect(200);
    let order = customer.order(&variant, 1).await;
    customer.pay(&order).await.expect(201);
    shop.dispatch_events().await;
    assert_eq!(customer.status(&order).await, "SHIPPING_SCHEDULED");
    order
}

/// A batch of so many paid orders, produced: all wait to be shipped.
async fn produced(shop: &Shop, orders: usize) -> Offered {
    let rules = json!({"payment_window_hours": 1, "production_steps": ["SEW"]});
    let offered = shop.offered(&with(terms(2), &rules)).await;
    for (customer, order) in asked(shop, &offered, orders).await {
        customer.charge(1_000_000).await.expect(200);
        customer.pay(&order).await.expect(201);
    }
    shop.dispatch_events().await;
    shop.advance(SignedDuration::from_hours(1));
    for sweep in ["expire_orders", "finalize_batches"] {
        shop.tick(sweep).await;
        shop.dispatch_events().await;
    }
    let work_order = format!("/admin/work-orders/{}", offered.batch());
    let admin = shop.admin();
    admin.post(&format!("{work_order}/start"), &json!({"operator": "Wei"})).await.expect(200);
    admin.patch(&format!("{work_order}/steps/1"), &json!({"status": "DONE"})).await.expect(200);
    admin.post(&format!("{work_order}/complete"), &json!({})).await.expect(200);
    shop.dispatch_events().await;
    offered
}

async fn inspect(shop: &Shop, order: &str) -> Value {
    shop.admin().get(&format!("/admin/orders/{order}")).await.expect(200)
}

fn list(offered: &Offered, query: &str) -> String {
    format!("/admin/batches/{}/orders{query}", offered.batch())
}

async fn as_csv(session: &Session, target: &str) -> Reply {
    let headers = vec![("accept".to_owned(), "text/csv".to_owned())];
    let target = format!("{}{target}", contracts::routes::BASE);
    session.send_raw(&HttpRequest { method: "GET".to_owned(), target, headers, body: None }).await.unwrap()
}

/// The rows of a table, each by the names of its columns.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let table = table.strip_prefix('\u{feff}').expect("a byte order mark");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    reader.deserialize().collect::<Result<_, _>>().unwrap()
}

/// Every order of a list, page by page.
async fn all(shop: &Shop, offered: &Offered, query: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = shop.admin().get(&list(offered, &format!("{query}{cursor}"))).await.expect(200);
        items.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { return items };
        cursor = format!("&cursor={next}");
    }
}

/// The cost of a page of 20 orders, in thousandths of a read unit.
async fn page_cost(shop: &Shop, offered: &Offered) -> u64 {
    shop.aws.take_calls();
    let page = shop.admin().get(&list(offered, "")).await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 20);
    read_cost(shop)
}

/// The read units since the last measurement, in thousandths.
fn read_cost(shop: &Shop) -> u64 {
    shop.aws.take_calls().iter().flat_map(|call| call.milliunits().into_values()).sum()
}

async fn ship(shop: &Shop, items: &Value) -> Vec<Value> {
    let answer = shop.admin().post("/admin/shipments", &json!({"items": items})).await.expect(200);
    answer["items"].as_array().unwrap().clone()
}

fn parcel(order: &str, number: &str) -> Value {
    json!({"order_id": order, "carrier": "Black Cat", "tracking_no": number})
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_where_an_order_goes_how_it_was_paid_and_who_took_each_step() {
    let shop = Shop::open();
    let order = scheduled(&shop, "ann").await;
    ship(&shop, &json!([parcel(&order, "905")])).await;
    shop.dispatch_events().await;
    let seen = inspect(&shop, &order).await;
    assert_eq!((&seen["customer_id"], &seen["contact"]), (&json!("ann"), &contact()));
    let steps: Vec<_> = seen["history"].as_array().unwrap().iter().map(|step| text(step, "by")).collect();
    assert_eq!(steps, ["customer", "customer", "shop", "shop"]);
    let payments = seen["payments"].as_array().unwrap();
    assert_eq!(payments.len(), 1);
    assert_eq!((&payments[0]["method"], &payments[0]["status"]), (&json!("POINTS"), &json!("SUCCEEDED")));
    assert_eq!((&payments[0]["amount_cents"], &payments[0]["events"]), (&seen["total_cents"], &json!([])));
    assert_eq!(seen["shipment"]["tracking_no"], "905");
    let messages = seen["messages"].as_array().unwrap();
    let mut told: Vec<_> = messages.iter().map(|told| text(told, "template_key")).collect();
    assert_eq!(told[0], "order_shipped", "the newest is first");
    told.sort();
    assert_eq!(told, ["order_paid", "order_placed", "order_shipped"]);
    assert!(messages.iter().all(|told| told["status"] == "SENT"), "{messages:?}");

    let own = shop.customer("ann").get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!(own["contact"], contact());
    for hidden in ["customer_id", "payments", "messages"] {
        assert!(own.get(hidden).is_none(), "{hidden}");
    }
    assert!(own["history"][0].get("by").is_none());
    let listed = shop.customer("ann").get("/orders").await.expect(200);
    assert!(listed["items"][0].get("contact").is_none());
    shop.customer("bob").get(&format!("/orders/{order}")).await.refused(404, "order_not_found");
    shop.customer("ann").get(&format!("/admin/orders/{order}")).await.refused(403, "forbidden");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_says_whether_the_customer_or_which_admin_did_it() {
    let shop = Shop::open();
    let variant = shop.variant(5).await;
    let ann = shop.customer("ann");
    let (mine, theirs) = (ann.order(&variant, 1).await, ann.order(&variant, 1).await);
    ann.cancel(&mine).await.expect(200);
    shop.admin().post(&format!("/admin/orders/{theirs}/cancel"), &json!({"reason": "fire"})).await.expect(200);
    assert_eq!(inspect(&shop, &mine).await["history"][1]["by"], "customer");
    let last = inspect(&shop, &theirs).await["history"][1].clone();
    assert_eq!((&last["by"], &last["reason"]), (&json!("admin-1"), &json!("fire")));
    let own = ann.get(&format!("/orders/{theirs}")).await.expect(200);
    assert!(own["history"][1].get("by").is_none(), "a customer is not told which admin it was");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn every_attempt_to_pay_is_listed_with_what_its_provider_said() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let order = ann.order(&shop.variant(5).await, 1).await;
    let abandoned = ann.begin(&order, "NEWEBPAY").await.expect(201);
    shop.open_checkout(&abandoned).await;
    shop.advance_minutes(16);
    let paid = ann.begin(&order, "ECPAY").await.expect(201);
    let trade_no = shop.open_checkout(&paid).await;
    shop.aws.providers().pay(&trade_no);
    shop.ecpay_calls(&trade_no, FaultSettings::default()).await;
    shop.dispatch_events().await;

    let seen = inspect(&shop, &order).await;
    let payments = seen["payments"].as_array().unwrap();
    let ids: Vec<_> = payments.iter().map(|payment| payment["payment_id"].clone()).collect();
    assert_eq!(ids, [paid["payment_id"].clone(), abandoned["payment_id"].clone()], "newest first");
    assert_eq!((&payments[0]["method"], &payments[0]["status"]), (&json!("ECPAY"), &json!("SUCCEEDED")));
    assert!(payments[0]["provider_payment_id"].is_string());
    let event = &payments[0]["events"][0];
    assert_eq!(
        (&event["action"], &event["result"], &event["at"]),
        (&json!("CAPTURE"), &json!("OK"), &json!(shop.now()))
    );
    assert!(payments[1].get("provider_payment_id").is_none());
}

#[tokio::test(start_paused = true)]
async fn an_admin_reads_every_order_of_a_batch_page_by_page_and_by_status() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(2)).await;
    let orders = asked(&shop, &offered, 7).await;
    for (customer, order) in &orders[..3] {
        customer.charge(1_000_000).await.expect(200);
        customer.pay(order).await.expect(201);
    }
    orders[3].0.cancel(&orders[3].1).await.expect(200);
    shop.dispatch_events().await;
    for limit in [1, 2, 3, 7, 100] {
        let found = all(&shop, &offered, &format!("?limit={limit}")).await;
        let ids: BTreeSet<String> = found.iter().map(|order| text(order, "order_id")).collect();
        let wanted: BTreeSet<String> = orders.iter().map(|(_, order)| order.clone()).collect();
        assert_eq!((found.len(), ids), (7, wanted), "limit {limit}");
    }
    let paid = all(&shop, &offered, "?status=PAID&limit=2").await;
    assert_eq!(paid.len(), 3);
    for order in &paid {
        assert_eq!((&order["contact"], &order["quantity"]), (&contact(), &json!(1)));
        assert!(order["paid_at"].is_string() && text(order, "customer_id").starts_with("customer-"));
    }
    let waiting = all(&shop, &offered, "?status=PENDING_PAYMENT&limit=100").await;
    assert!(waiting.len() == 3 && waiting.iter().all(|order| order.get("paid_at").is_none()));

    let admin = shop.admin();
    for bad in ["?state=PAID", "?status=paid", "?status=PAID&status=PAID", "?limit=0"] {
        admin.get(&list(&offered, bad)).await.refused(422, "invalid_request");
    }
    admin.get(&list(&offered, "?cursor=MA")).await.refused(422, "invalid_request");
    let other = format!("{}.{}", offered.product, offered.window);
    admin.get(&format!("/admin/batches/{other}/orders")).await.refused(404, "batch_not_found");
    shop.customer("ann").get(&list(&offered, "")).await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn a_batch_shows_how_far_its_orders_have_come() {
    let shop = Shop::open();
    let offered = shop.offered(&with(terms(2), &json!({"payment_window_hours": 1}))).await;
    let reserved = shop.reserved(&offered, 5).await;
    reserved[4].0.cancel(&reserved[4].1).await.expect(200);
    shop.dispatch_events().await;
    shop.confirm(&offered).await.expect(200);
    shop.dispatch_events().await;
    for (customer, order) in &reserved[..2] {
        customer.charge(1_000_000).await.expect(200);
        customer.pay(order).await.expect(201);
    }
    reserved[2].0.cancel(&reserved[2].1).await.expect(200);
    shop.advance(SignedDuration::from_hours(1));
    shop.tick("expire_orders").await;
    shop.dispatch_events().await;
    let stage = |orders: u64| json!({"orders": orders, "pieces": orders});
    let wanted = json!({
        "reserved": stage(5), "asked": stage(4), "paid": stage(2), "expired": stage(1), "canceled": stage(2),
        "shipped": stage(0),
    });
    assert_eq!(shop.batch(&offered).await["funnel"], wanted);
    let listed = shop.admin().get("/admin/batches").await.expect(200);
    assert!(listed["items"][0].get("funnel").is_none());
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_orders_of_a_batch_come_as_a_table_for_spreadsheets() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    let mut cart = offered.cart(2);
    cart["contact"]["name"] = json!("=HYPERLINK(\"http://evil\")");
    cart["contact"]["phone"] = json!("+886912345678");
    cart["contact"]["shipping_address"] = json!("1, \"Main\" St");
    let order = shop.customer("ann").post("/orders", &cart).await.expect(201);
    shop.dispatch_events().await;
    let reply = as_csv(&shop.admin(), &list(&offered, "")).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["content-type"], "text/csv; charset=utf-8; header=present");
    assert_eq!(reply.headers["content-disposition"], "attachment; filename=\"orders.csv\"");
    assert!(reply.headers.get("link").is_none());
    let table = rows(&reply.text);
    assert_eq!(table.len(), 1);
    let wanted = [
        ("order_id", order["order_id"].as_str().unwrap()),
        ("order_no", order["order_no"].as_str().unwrap()),
        ("customer_id", "ann"),
        ("name", "'=HYPERLINK(\"http://evil\")"),
        ("phone", "'+886912345678"),
        ("email", "ada@example.com"),
        ("shipping_address", "1, \"Main\" St"),
        ("quantity", "2"),
        ("status", "RESERVED"),
        ("paid_at", ""),
    ];
    for (column, cell) in wanted {
        assert_eq!(table[0][column], cell, "{column}");
    }
    assert_eq!(table[0].len(), wanted.len());
    assert_eq!(rows(&as_csv(&shop.admin(), &list(&offered, "?status=PAID")).await.text).len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_table_has_every_order_of_a_large_batch_once() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    shop.customer("ann").reserve(&offered, 1).await.expect(201);
    shop.dispatch_events().await;
    multiply(&shop, 100);
    let small = page_cost(&shop, &offered).await;
    multiply(&shop, 1_134);
    let large = page_cost(&shop, &offered).await;
    assert!(
        large <= 22_000,
        "a page costs {large} thousandths of a read unit, whatever the batch (100 orders: {small})"
    );
    let table = rows(&as_csv(&shop.admin(), &list(&offered, "")).await.text);
    let ids: BTreeSet<&String> = table.iter().map(|row| &row["order_id"]).collect();
    assert_eq!((table.len(), ids.len()), (1_235, 1_235));
    shop.aws.take_calls();
    assert_eq!(shop.batch(&offered).await["funnel"]["reserved"]["orders"], 1_235);
    let funnel = read_cost(&shop);
    assert!(funnel <= 1_235 * 750, "a funnel costs {funnel} thousandths of a read unit for 1,235 orders");
    let pages = all(&shop, &offered, "?limit=100").await;
    assert_eq!(pages.len(), 1_235);
}

#[tokio::test(start_paused = true)]
async fn an_admin_ships_a_whole_batch_from_its_table() {
    let shop = Shop::open();
    let offered = produced(&shop, 12).await;
    let table = rows(&as_csv(&shop.admin(), &list(&offered, "?status=SHIPPING_SCHEDULED")).await.text);
    assert_eq!(table.len(), 12);
    let items: Vec<Value> = (1..)
        .zip(&table)
        .map(|(n, row): (usize, _)| {
            json!({"order_no": row["order_no"], "carrier": "Black Cat", "tracking_no": format!("905-{n}")})
        })
        .collect();
    let shipped = ship(&shop, &json!(items)).await;
    for (row, shipped) in table.iter().zip(&shipped) {
        let wanted = json!({"order_id": row["order_id"], "order_no": row["order_no"], "status": "SHIPPING_SCHEDULED"});
        assert_eq!(*shipped, wanted, "in the order that was asked");
    }
    shop.dispatch_events().await;
    assert_eq!(shop.batch(&offered).await["funnel"]["shipped"], json!({"orders": 12, "pieces": 12}));
    assert_eq!(all(&shop, &offered, "?status=COMPLETED&limit=100").await.len(), 12);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn each_of_many_shipments_is_made_or_refused_by_itself_and_the_same_again_changes_nothing() {
    let shop = Shop::open();
    let (first, second) = (scheduled(&shop, "ann").await, scheduled(&shop, "bob").await);
    let unpaid = shop.customer("cem").order(&shop.variant(1).await, 1).await;
    let unknown = shop.app.new_id().unwrap().to_string();
    let number = text(&inspect(&shop, &second).await, "order_no");
    let items = json!([
        parcel(&first, "1"),
        {"order_no": number.to_lowercase(), "pickup_info": "At the shop, from noon"},
        parcel(&unpaid, "3"),
        parcel(&unknown, "4"),
        {"order_no": "261121-00000-00000", "carrier": "Black Cat", "tracking_no": "7"},
        parcel(&first, "8"),
    ]);
    let body = json!({"items": items});
    let answer = shop.admin().post_once("many", "/admin/shipments", &body).await.expect(200);
    let words = |answer: &Value| -> Vec<String> {
        let word = |item: &Value| item["status"].as_str().or(item["code"].as_str()).unwrap_or_default().to_owned();
        answer["items"].as_array().unwrap().iter().map(word).collect()
    };
    let wanted = [
        "SHIPPING_SCHEDULED",
        "SHIPPING_SCHEDULED",
        "order_not_shippable",
        "order_not_found",
        "order_not_found",
        "order_not_shippable",
    ];
    assert_eq!(words(&answer), wanted);
    assert_eq!(answer["items"][3]["detail"], "No such order");
    assert_eq!(answer["items"][1]["order_id"], second.as_str());

    let again = shop.admin().post_once("many", "/admin/shipments", &body).await.expect(200);
    assert_eq!(again, answer);
    shop.admin()
        .post_once("many", "/admin/shipments", &json!({"items": [parcel(&first, "1")]}))
        .await
        .refused(422, "idempotency_key_reused");
    // Without a key: what is shipped in this very way counts as shipped.
    assert_eq!(words(&shop.admin().post("/admin/shipments", &body).await.expect(200)), wanted);
    shop.dispatch_events().await;
    assert_eq!(shop.announced("shipment.created.v1").len(), 2);
    let half = shop
        .admin()
        .post("/admin/shipments", &json!({"items": [parcel(&first, "1"), {"carrier": "x"}, parcel("x", "1")]}))
        .await;
    let fields: Vec<_> = half.body["errors"].as_array().unwrap().iter().map(|error| text(error, "field")).collect();
    assert_eq!(fields, ["items[1].tracking_no", "items[1].order_id", "items[2].order_id"]);
    half.refused(422, "invalid_request");
    for bad in [json!([]), json!((0..101).map(|_| parcel(&first, "1")).collect::<Vec<_>>())] {
        shop.admin().post("/admin/shipments", &json!({"items": bad})).await.refused(422, "invalid_request");
    }
    shop.customer("ann").post("/admin/shipments", &body).await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn an_address_is_corrected_by_the_customer_until_shipping_is_scheduled_and_by_an_admin_until_it_is_shipped() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variant = shop.variant(5).await;
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    let (own, admins) = (format!("/orders/{order}/contact"), format!("/admin/orders/{order}/contact"));
    let changed = ann.patch(&own, &json!({"shipping_address": "2 Main St"})).await.expect(200);
    let wanted = with(contact(), &json!({"shipping_address": "2 Main St"}));
    assert_eq!(changed["contact"], wanted);
    shop.customer("bob").patch(&own, &json!({"name": "Bob"})).await.refused(404, "order_not_found");
    for bad in [json!({}), json!({"name": ""}), json!({"phone": "x"}), json!({"email": "x@y.co"})] {
        ann.patch(&own, &bad).await.refused(422, "invalid_request");
    }
    ann.pay(&order).await.expect(201);
    ann.patch(&own, &json!({"phone": "+886987654321"})).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(ann.status(&order).await, "SHIPPING_SCHEDULED");
    ann.patch(&own, &json!({"name": "Ann"})).await.refused(409, "contact_not_changeable");
    shop.admin().patch(&admins, &json!({"name": "Ann"})).await.expect(200);
    let seen = inspect(&shop, &order).await;
    assert_eq!(seen["contact"], with(wanted, &json!({"name": "Ann", "phone": "+886987654321"})));
    ship(&shop, &json!([parcel(&order, "1")])).await;
    shop.admin().patch(&admins, &json!({"name": "Eve"})).await.refused(409, "contact_not_changeable");
    assert_eq!(inspect(&shop, &order).await["contact"]["name"], "Ann");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_correction_meets_a_payment_at_the_same_moment_and_both_stand() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&shop.variant(5).await, 1).await;
    let late = Fault::Delayed(Duration::from_millis(200));
    shop.inject(Rule::next("TransactWriteItems", late).by("change_contact"));
    let target = format!("/orders/{order}/contact");
    let change = json!({"shipping_address": "2 Main St"});
    let (paid, changed) = tokio::join!(ann.pay(&order), ann.patch(&target, &change));
    paid.expect(201);
    changed.expect(200);
    let seen = inspect(&shop, &order).await;
    assert_eq!((&seen["status"], &seen["contact"]["shipping_address"]), (&json!("PAID"), &json!("2 Main St")));
}

#[tokio::test(start_paused = true)]
async fn filters_of_the_list_of_orders_combine_and_an_unknown_one_is_refused() {
    let shop = Shop::open();
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    let variant = shop.variant(20).await;
    let product = variant.split('.').next().unwrap().to_owned();
    let offered = shop.offered(&terms(9)).await;
    let mut placed: BTreeMap<&str, String> = BTreeMap::new();
    placed.insert("ann's tea", ann.order(&variant, 1).await);
    placed.insert("bob's tea", bob.order(&variant, 1).await);
    placed.insert("ann's coat", text(&ann.reserve(&offered, 1).await.expect(201), "order_id"));
    let canceled = ann.order(&variant, 1).await;
    ann.cancel(&canceled).await.expect(200);
    placed.insert("ann's canceled tea", canceled);
    shop.advance(SignedDuration::from_hours(24));
    placed.insert("bob's later tea", bob.order(&variant, 1).await);
    shop.dispatch_events().await;

    let (window, coat) = (&offered.window, &offered.product);
    let cases = [
        (String::new(), vec!["ann's canceled tea", "ann's coat", "ann's tea", "bob's later tea", "bob's tea"]),
        ("kind=PREORDER".to_owned(), vec!["ann's coat"]),
        ("customer_id=ann".to_owned(), vec!["ann's canceled tea", "ann's coat", "ann's tea"]),
        ("customer_id=ann&kind=INSTANT".to_owned(), vec!["ann's canceled tea", "ann's tea"]),
        ("customer_id=ann&status=CANCELED".to_owned(), vec!["ann's canceled tea"]),
        (format!("product_id={product}&status=CANCELED"), vec!["ann's canceled tea"]),
        (format!("sell_window_id={window}&product_id={coat}"), vec!["ann's coat"]),
        (format!("sell_window_id={window}&product_id={product}"), vec![]),
        ("created_from=2026-11-22".to_owned(), vec!["bob's later tea"]),
        ("created_to=2026-11-21&customer_id=bob".to_owned(), vec!["bob's tea"]),
        (format!("order_id={}&customer_id=bob", placed["ann's tea"]), vec![]),
        ("customer_id=nobody".to_owned(), vec![]),
        ("product_id=nonsense".to_owned(), vec![]),
    ];
    for (query, wanted) in cases {
        let wanted: BTreeSet<&String> = wanted.iter().map(|name| &placed[name]).collect();
        for limit in [1, 2, 100] {
            let (mut found, mut cursor) = (Vec::new(), String::new());
            loop {
                let target = format!("/admin/orders?limit={limit}&{query}{cursor}");
                let page = shop.admin().get(target.trim_end_matches('&')).await.expect(200);
                found.extend(page["items"].as_array().unwrap().iter().map(|order| text(order, "order_id")));
                let Some(next) = page["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!((found.len(), found.iter().collect::<BTreeSet<_>>()), (wanted.len(), wanted.clone()), "{query}");
        }
        let table = rows(&as_csv(&shop.admin(), &format!("/admin/orders?{query}")).await.text);
        assert_eq!(table.iter().map(|row| &row["order_id"]).collect::<BTreeSet<_>>(), wanted, "{query}");
    }
    for bad in [
        "phone_no=1",
        "status=PAID&status=PAID",
        "kind=LATER",
        "created_from=yesterday",
        "created_to=2026-11-21T00:00:00Z",
    ] {
        shop.admin().get(&format!("/admin/orders?{bad}")).await.refused(422, "invalid_request");
    }
}
