//! Asynchronous orders: accepted first, reserved later, by our inventory or an external one.

use serde_json::{Value, json};
use tests::fixtures::{PRICE, cart, text};
use tests::preorders::terms;
use tests::shop::Session;
use tests::{Fault, Reply, Rule, Shop};

/// The rule that is disabled when an external system reserves stock.
const OWN_DESK: &str = "ReserveOrderOnReserveRequested";
const TX: &str = "TransactWriteItems";

async fn order_later(customer: &Session, cart: &Value) -> Reply {
    customer.post_async(None, "/orders", cart).await
}

/// Places an asynchronous order. Returns its id.
async fn accepted(customer: &Session, cart: &Value) -> String {
    let reply = order_later(customer, cart).await;
    let id = text(&reply.clone().expect(202), "order_id");
    assert_eq!(reply.body["status"], "CREATED");
    assert_eq!(reply.headers["location"], format!("https://api.test/api/v1/orders/{id}"));
    assert!(reply.body.get("hold_expires_at").is_none());
    id
}

/// The order's history and the reason of the last status.
async fn life(customer: &Session, order: &str) -> (Vec<String>, Option<String>) {
    let order = customer.get(&format!("/orders/{order}")).await.expect(200);
    let history = order["history"].as_array().unwrap().clone();
    let reason = history.last().unwrap()["reason"].as_str().map(str::to_owned);
    (history.iter().map(|step| text(step, "status")).collect(), reason)
}

fn answered(shop: &Shop, event_type: &str, sub: &str, order: &str, reason: Option<&str>) {
    let mut data = json!({"order_id": order, "customer_id": sub, "version": 2});
    if let Some(reason) = reason {
        data["reason"] = json!(reason);
    }
    let detail = json!({
        "event_id": shop.app.new_id().unwrap(), "type": event_type, "occurred_at": shop.now(),
        "aggregate": {"type": "order", "id": order, "version": 2}, "correlation_id": "c", "causation_id": "c", "data": data,
    });
    shop.dispatcher.deliver(shop, &tests::events::delivery("warehouse.example", event_type, &detail));
}

#[tokio::test(start_paused = true)]
async fn an_accepted_order_is_reserved_asynchronously_and_continues_normally() {
    let shop = Shop::open();
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(3).await, shop.coupon(5, 1).await);
    ann.charge(1_000_000).await.expect(200);
    ann.take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 2);
    wanted["coupon_id"] = json!(coupon);
    let order = accepted(&ann, &wanted).await;
    assert_eq!(shop.left(&variant).await, 3, "nothing is held yet");
    ann.pay(&order).await.refused(409, "order_not_payable");
    shop.advance_minutes(5);
    shop.dispatch_events().await;
    assert_eq!(life(&ann, &order).await, (vec!["CREATED".to_owned(), "RESERVED".to_owned()], None));
    assert_eq!((shop.left(&variant).await, ann.coupon_status(&coupon).await.as_str()), (1, "HELD"));
    let seen = ann.get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!(seen["hold_expires_at"], (shop.now() + jiff::SignedDuration::from_mins(15)).to_string());
    ann.pay(&order).await.expect(201);
    assert_eq!(ann.balance().await, 1_000_000 - 2 * PRICE + 5_000);
    for event in
        ["order.created.v1", "inventory.reserve_requested.v1", "inventory.reserve_succeeded.v1", "order.reserved.v1"]
    {
        assert_eq!(shop.announced(event).len(), 1, "{event}");
    }
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_that_cannot_be_reserved_fails_with_a_code_and_holds_nothing() {
    let shop = Shop::open();
    let (ann, bob, variant) = (shop.customer("ann"), shop.customer("bob"), shop.variant(1).await);
    let (first, second) = (accepted(&ann, &cart(&variant, 1)).await, accepted(&bob, &cart(&variant, 1)).await);
    shop.dispatch_events().await;
    assert_eq!(ann.status(&first).await, "RESERVED");
    let failed = (vec!["CREATED".to_owned(), "FAILED".to_owned()], Some("out_of_stock".to_owned()));
    assert_eq!(life(&bob, &second).await, failed);
    let announced = shop.announced("inventory.reserve_failed.v1");
    assert_eq!((announced.len(), &announced[0]["reason"]), (1, &json!("out_of_stock")));
    assert_eq!(shop.announced("order.failed.v1")[0]["was_paid"], false);
    order_later(&shop.customer("cid"), &cart(&variant, 1)).await.refused(409, "out_of_stock");
    bob.cancel(&second).await.refused(409, "order_not_cancelable");
    shop.advance_minutes(16);
    shop.run_to_quiescence().await;
    assert_eq!(shop.left(&variant).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_used_coupon_or_a_changed_price_fails_the_accepted_order() {
    let shop = Shop::open();
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(9).await, shop.coupon(5, 1).await);
    ann.take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 1);
    wanted["coupon_id"] = json!(coupon);
    let with_coupon = accepted(&ann, &wanted).await;
    let dearer = accepted(&ann, &cart(&variant, 1)).await;
    let now = ann.order_with(&variant, &coupon).await;
    let path = format!("/admin/variants/{variant}");
    shop.admin().patch(&path, &json!({"price_cents": PRICE + 100})).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(life(&ann, &dearer).await.1.as_deref(), Some("price_changed"));
    assert!(["coupon_not_usable", "price_changed"].contains(&life(&ann, &with_coupon).await.1.unwrap().as_str()));
    assert_eq!(ann.status(&now).await, "RESERVED");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_asynchronous_preorder_fails_when_the_offer_is_full() {
    let shop = Shop::open();
    let mut rules = terms(1);
    rules["max_total_qty"] = json!(2);
    let offered = shop.offered(&rules).await;
    let mut orders = Vec::new();
    for n in 0..3 {
        let customer = shop.customer(&format!("customer-{n}"));
        let order = accepted(&customer, &offered.cart(1)).await;
        orders.push((customer, order));
    }
    shop.dispatch_events().await;
    let mut ends = Vec::new();
    for (customer, order) in &orders {
        ends.push(life(customer, order).await.1.unwrap_or(customer.status(order).await));
    }
    ends.sort();
    assert_eq!(ends, ["RESERVED", "RESERVED", "offer_full"]);
    assert_eq!(shop.offer(&offered).await["reserved_qty"], 2);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_replayed_202_returns_the_same_order_and_location() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let first = ann.post_async(Some("k"), "/orders", &cart(&variant, 1)).await;
    shop.dispatch_events().await;
    let again = ann.post_async(Some("k"), "/orders", &cart(&variant, 1)).await;
    assert_eq!((again.status, &again.text), (202, &first.text));
    assert_eq!(again.headers["location"], first.headers["location"]);
    ann.post_async(Some("k"), "/orders", &cart(&variant, 2)).await.refused(422, "idempotency_key_reused");
    assert_eq!(shop.left(&variant).await, 4);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn invalid_asynchronous_orders_are_refused_immediately() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let mut wanted = cart(&variant, 1);
    wanted["expected_total_cents"] = json!(1);
    order_later(&ann, &wanted).await.refused(409, "price_changed");
    let mut wanted = cart(&variant, 1);
    wanted["payment_method"] = json!("POINTS");
    order_later(&ann, &wanted).await.refused(409, "insufficient_points");
    assert_eq!(ann.get("/orders").await.expect(200)["items"], json!([]));
}

#[tokio::test(start_paused = true)]
async fn a_duplicated_killed_or_unanswered_reservation_takes_effect_once() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter, Fault::AnswerLost, Fault::InProgress] {
        let shop = Shop::open();
        shop.aws.forget_tokens();
        let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
        let order = accepted(&ann, &cart(&variant, 2)).await;
        shop.dispatcher.relay(&shop).await;
        shop.dispatcher.route(&shop);
        let doubled = shop.dispatcher.waiting("reserve_order");
        shop.dispatcher.rearrange("reserve_order", |messages| messages.extend(doubled));
        shop.inject(Rule::next(TX, fault.clone()).by("reserve_order"));
        shop.dispatch_events().await;
        shop.aws.assert_faults_hit();
        assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("RESERVED", 3), "{fault:?}");
        assert_eq!(shop.announced("order.reserved.v1").len(), 1, "{fault:?}");
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_external_inventory_receives_the_request_and_its_result_counts_once() {
    let shop = Shop::open();
    shop.dispatcher.disable(OWN_DESK);
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(1).await, shop.coupon(5, 1).await);
    ann.charge(1_000_000).await.expect(200);
    ann.take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 1);
    wanted["coupon_id"] = json!(coupon);
    let order = accepted(&ann, &wanted).await;
    shop.dispatch_events().await;
    assert_eq!(ann.status(&order).await, "CREATED");
    let request = &shop.announced("inventory.reserve_requested.v1")[0];
    assert_eq!((&request["order_id"], &request["lines"][0]["quantity"]), (&json!(order), &json!(1)));
    answered(&shop, "inventory.reserve_succeeded.v1", "ann", &order, None);
    answered(&shop, "inventory.reserve_succeeded.v1", "ann", &order, None);
    answered(&shop, "inventory.reserve_failed.v1", "ann", &order, Some("out_of_stock"));
    shop.dispatch_events().await;
    assert_eq!(life(&ann, &order).await.0, ["CREATED", "RESERVED"]);
    assert_eq!(shop.left(&variant).await, 1, "the external inventory holds the units");
    assert_eq!(ann.coupon_status(&coupon).await, "HELD");
    assert_eq!(shop.announced("inventory.reserve_succeeded.v1").len(), 0, "its own result is sufficient");
    ann.pay(&order).await.expect(201);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_external_inventory_refuses_with_a_known_code_or_is_dead_lettered() {
    let shop = Shop::open();
    shop.dispatcher.disable(OWN_DESK);
    let (ann, variant) = (shop.customer("ann"), shop.variant(1).await);
    let order = accepted(&ann, &cart(&variant, 1)).await;
    shop.dispatch_events().await;
    answered(&shop, "inventory.reserve_failed.v1", "bob", &order, Some("out_of_stock"));
    answered(&shop, "inventory.reserve_failed.v1", "ann", &order, Some("ask Jo, 0912345678"));
    shop.dispatch_events().await;
    assert_eq!(shop.dispatcher.dead_letters().len(), 2);
    assert_eq!(ann.status(&order).await, "CREATED");
    answered(&shop, "inventory.reserve_failed.v1", "ann", &order, Some("warehouse_closed"));
    shop.dispatch_events().await;
    assert_eq!(life(&ann, &order).await.1.as_deref(), Some("warehouse_closed"));
    assert_eq!(shop.announced("order.failed.v1").len(), 1);
    assert_eq!(shop.differences().await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn an_order_reserved_by_an_external_inventory_expires_without_releasing_our_stock() {
    let shop = Shop::open();
    shop.dispatcher.disable(OWN_DESK);
    let (ann, variant) = (shop.customer("ann"), shop.variant(1).await);
    let order = accepted(&ann, &cart(&variant, 1)).await;
    shop.dispatch_events().await;
    answered(&shop, "inventory.reserve_succeeded.v1", "ann", &order, None);
    shop.dispatch_events().await;
    shop.advance_minutes(16);
    shop.run_to_quiescence().await;
    assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("EXPIRED", 1));
}

#[tokio::test(start_paused = true)]
async fn an_order_without_a_result_of_the_external_inventory_fails_at_its_deadline() {
    let shop = Shop::open();
    shop.dispatcher.disable(OWN_DESK);
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(1).await, shop.coupon(5, 1).await);
    ann.take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 1);
    wanted["coupon_id"] = json!(coupon);
    let order = accepted(&ann, &wanted).await;
    shop.dispatch_events().await;
    shop.advance_minutes(14);
    shop.tick("expire_orders").await;
    assert_eq!(ann.status(&order).await, "CREATED");
    shop.advance_minutes(1);
    shop.tick("expire_orders").await;
    shop.tick("expire_orders").await;
    shop.dispatch_events().await;
    let failed = (vec!["CREATED".to_owned(), "FAILED".to_owned()], Some("not_reserved_in_time".to_owned()));
    assert_eq!(life(&ann, &order).await, failed);
    assert_eq!((shop.announced("order.failed.v1").len(), shop.announced("order.expired.v1").len()), (1, 0));
    answered(&shop, "inventory.reserve_succeeded.v1", "ann", &order, None);
    shop.run_to_quiescence().await;
    assert_eq!(life(&ann, &order).await, failed, "too late");
    assert_eq!((ann.coupon_status(&coupon).await.as_str(), shop.left(&variant).await), ("ISSUED", 1));
}

#[tokio::test(start_paused = true)]
async fn late_money_for_an_order_of_an_external_inventory_is_refunded() {
    let shop = Shop::open();
    shop.dispatcher.disable(OWN_DESK);
    let (ann, variant) = (shop.customer("ann"), shop.variant(1).await);
    let order = accepted(&ann, &cart(&variant, 1)).await;
    shop.dispatch_events().await;
    answered(&shop, "inventory.reserve_succeeded.v1", "ann", &order, None);
    shop.dispatch_events().await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.advance_minutes(31);
    shop.tick("expire_orders").await;
    shop.ecpay_calls(&open.trade_no, tests::fake_providers::FaultSettings::default()).await;
    shop.dispatch_events().await;
    assert_eq!(ann.payment_status(&open.payment).await, "REFUNDED");
    assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("EXPIRED", 1));
    shop.run_to_quiescence().await;
}
