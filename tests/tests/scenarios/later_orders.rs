//! Orders whose customers do not wait: accepted first, reserved when their turn comes, by our inventory or an external one.

use serde_json::{Value, json};
use tests::goods::{PRICE, cart, text};
use tests::preorders::terms;
use tests::shop::Session;
use tests::{Fault, Reply, Rule, Shop};

/// Switched off where the deployer leaves reservations to an external system.
const OWN_DESK: &str = "ReserveOrderOnReserveRequested";
const TX: &str = "TransactWriteItems";

async fn order_later(customer: &Session, cart: &Value) -> Reply {
    customer.post_async(None, "/orders", cart).await
}

/// Accepts an order. Answers its id.
async fn accepted(customer: &Session, cart: &Value) -> String {
    let reply = order_later(customer, cart).await;
    let id = text(&reply.clone().expect(202), "order_id");
    assert_eq!(reply.body["status"], "CREATED");
    assert_eq!(reply.headers["location"], format!("/api/v1/orders/{id}"));
    assert!(reply.body.get("hold_expires_at").is_none());
    id
}

/// Its steps, and why the last one.
async fn life(customer: &Session, order: &str) -> (Vec<String>, Option<String>) {
    let order = customer.get(&format!("/orders/{order}")).await.expect(200);
    let history = order["history"].as_array().unwrap().clone();
    let reason = history.last().unwrap()["reason"].as_str().map(str::to_owned);
    (history.iter().map(|step| text(step, "status")).collect(), reason)
}

/// A result of an external inventory.
fn answered(shop: &Shop, event_type: &str, sub: &str, order: &str, reason: Option<&str>) {
    let mut data = json!({"order_id": order, "customer_id": sub, "version": 2});
    if let Some(reason) = reason {
        data["reason"] = json!(reason);
    }
    let detail = json!({
        "event_id": shop.app.new_id().unwrap(), "type": event_type, "occurred_at": shop.now(),
        "aggregate": {"type": "order", "id": order, "version": 2}, "correlation_id": "c", "causation_id": "c", "data": data,
    });
    shop.pump.deliver(shop, &tests::events::delivery("warehouse.example", event_type, &detail));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_is_accepted_is_reserved_when_its_turn_comes_and_goes_on_as_any_other() {
    let shop = Shop::open();
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(3).await, shop.coupon(5, 1).await);
    ann.charge(1_000_000).await.expect(200);
    ann.take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 2);
    wanted["coupon_id"] = json!(coupon);
    let order = accepted(&ann, &wanted).await;
    assert_eq!(shop.left(&variant).await, 3, "nothing is held yet");
    ann.pay(&order).await.refused(409, "order_not_payable");
    shop.pass_minutes(5);
    shop.pump().await;
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
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_held_fails_with_the_refusals_code_and_holds_nothing() {
    let shop = Shop::open();
    let (ann, bob, variant) = (shop.customer("ann"), shop.customer("bob"), shop.variant(1).await);
    let (first, second) = (accepted(&ann, &cart(&variant, 1)).await, accepted(&bob, &cart(&variant, 1)).await);
    shop.pump().await;
    assert_eq!(ann.status(&first).await, "RESERVED");
    let failed = (vec!["CREATED".to_owned(), "FAILED".to_owned()], Some("out_of_stock".to_owned()));
    assert_eq!(life(&bob, &second).await, failed);
    let announced = shop.announced("inventory.reserve_failed.v1");
    assert_eq!((announced.len(), &announced[0]["reason"]), (1, &json!("out_of_stock")));
    assert_eq!(shop.announced("order.failed.v1")[0]["was_paid"], false);
    order_later(&shop.customer("cid"), &cart(&variant, 1)).await.refused(409, "out_of_stock");
    bob.cancel(&second).await.refused(409, "order_not_cancelable");
    shop.pass_minutes(16);
    shop.settle().await;
    assert_eq!(shop.left(&variant).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_coupon_that_went_elsewhere_or_a_price_that_changed_fails_the_order() {
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
    shop.pump().await;
    assert_eq!(life(&ann, &dearer).await.1.as_deref(), Some("price_changed"));
    assert!(["coupon_not_usable", "price_changed"].contains(&life(&ann, &with_coupon).await.1.unwrap().as_str()));
    assert_eq!(ann.status(&now).await, "RESERVED");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_preorder_can_wait_too_and_fails_when_the_offer_is_full() {
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
    shop.pump().await;
    let mut ends = Vec::new();
    for (customer, order) in &orders {
        ends.push(life(customer, order).await.1.unwrap_or(customer.status(order).await));
    }
    ends.sort();
    assert_eq!(ends, ["RESERVED", "RESERVED", "offer_full"]);
    assert_eq!(shop.offer(&offered).await["reserved_qty"], 2);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn the_same_key_gives_the_same_accepted_order_and_the_same_place_to_look() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let first = ann.post_async(Some("k"), "/orders", &cart(&variant, 1)).await;
    shop.pump().await;
    let again = ann.post_async(Some("k"), "/orders", &cart(&variant, 1)).await;
    assert_eq!((again.status, &again.text), (202, &first.text));
    assert_eq!(again.headers["location"], first.headers["location"]);
    ann.post_async(Some("k"), "/orders", &cart(&variant, 2)).await.refused(422, "idempotency_key_reused");
    assert_eq!(shop.left(&variant).await, 4);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn what_can_be_refused_at_the_door_is_refused_at_the_door() {
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
async fn a_request_that_is_doubled_killed_or_loses_its_answer_reserves_once() {
    for fault in [Fault::KilledBefore, Fault::KilledAfter, Fault::AnswerLost, Fault::InProgress] {
        let shop = Shop::open();
        shop.wire.forget_tokens();
        let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
        let order = accepted(&ann, &cart(&variant, 2)).await;
        shop.pump.relay(&shop).await;
        shop.pump.route(&shop);
        let doubled = shop.pump.waiting("reserve_order");
        shop.pump.rearrange("reserve_order", |messages| messages.extend(doubled));
        shop.inject(Rule::next(TX, fault.clone()).by("reserve_order"));
        shop.pump().await;
        shop.wire.assert_struck();
        assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("RESERVED", 3), "{fault:?}");
        assert_eq!(shop.announced("order.reserved.v1").len(), 1, "{fault:?}");
        shop.settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_external_inventory_takes_the_request_and_its_answer_counts_once() {
    let shop = Shop::open();
    shop.pump.disable(OWN_DESK);
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(1).await, shop.coupon(5, 1).await);
    ann.charge(1_000_000).await.expect(200);
    ann.take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 1);
    wanted["coupon_id"] = json!(coupon);
    let order = accepted(&ann, &wanted).await;
    shop.pump().await;
    assert_eq!(ann.status(&order).await, "CREATED");
    let request = &shop.announced("inventory.reserve_requested.v1")[0];
    assert_eq!((&request["order_id"], &request["lines"][0]["quantity"]), (&json!(order), &json!(1)));
    answered(&shop, "inventory.reserve_succeeded.v1", "ann", &order, None);
    answered(&shop, "inventory.reserve_succeeded.v1", "ann", &order, None);
    answered(&shop, "inventory.reserve_failed.v1", "ann", &order, Some("out_of_stock"));
    shop.pump().await;
    assert_eq!(life(&ann, &order).await.0, ["CREATED", "RESERVED"]);
    assert_eq!(shop.left(&variant).await, 1, "it holds the pieces, not we");
    assert_eq!(ann.coupon_status(&coupon).await, "HELD");
    assert_eq!(shop.announced("inventory.reserve_succeeded.v1").len(), 0, "its own word is enough");
    ann.pay(&order).await.expect(201);
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn an_external_inventory_says_no_with_a_code_or_is_not_understood() {
    let shop = Shop::open();
    shop.pump.disable(OWN_DESK);
    let (ann, variant) = (shop.customer("ann"), shop.variant(1).await);
    let order = accepted(&ann, &cart(&variant, 1)).await;
    shop.pump().await;
    answered(&shop, "inventory.reserve_failed.v1", "bob", &order, Some("out_of_stock"));
    answered(&shop, "inventory.reserve_failed.v1", "ann", &order, Some("ask Jo, 0912345678"));
    shop.pump().await;
    assert_eq!(shop.pump.dead_letters().len(), 2);
    assert_eq!(ann.status(&order).await, "CREATED");
    answered(&shop, "inventory.reserve_failed.v1", "ann", &order, Some("warehouse_closed"));
    shop.pump().await;
    assert_eq!(life(&ann, &order).await.1.as_deref(), Some("warehouse_closed"));
    assert_eq!(shop.announced("order.failed.v1").len(), 1);
    assert_eq!(shop.differences().await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn an_order_that_an_external_inventory_holds_expires_and_gives_nothing_back_to_our_shelf() {
    let shop = Shop::open();
    shop.pump.disable(OWN_DESK);
    let (ann, variant) = (shop.customer("ann"), shop.variant(1).await);
    let order = accepted(&ann, &cart(&variant, 1)).await;
    shop.pump().await;
    answered(&shop, "inventory.reserve_succeeded.v1", "ann", &order, None);
    shop.pump().await;
    shop.pass_minutes(16);
    shop.settle().await;
    assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("EXPIRED", 1));
}

#[tokio::test(start_paused = true)]
async fn an_order_that_an_external_inventory_never_answers_fails_at_its_deadline_and_stays_so() {
    let shop = Shop::open();
    shop.pump.disable(OWN_DESK);
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(1).await, shop.coupon(5, 1).await);
    ann.take(&coupon).await.expect(201);
    let mut wanted = cart(&variant, 1);
    wanted["coupon_id"] = json!(coupon);
    let order = accepted(&ann, &wanted).await;
    shop.pump().await;
    shop.pass_minutes(14);
    shop.tick("expire_orders").await;
    assert_eq!(ann.status(&order).await, "CREATED");
    shop.pass_minutes(1);
    shop.tick("expire_orders").await;
    shop.tick("expire_orders").await;
    shop.pump().await;
    let failed = (vec!["CREATED".to_owned(), "FAILED".to_owned()], Some("not_reserved_in_time".to_owned()));
    assert_eq!(life(&ann, &order).await, failed);
    assert_eq!((shop.announced("order.failed.v1").len(), shop.announced("order.expired.v1").len()), (1, 0));
    answered(&shop, "inventory.reserve_succeeded.v1", "ann", &order, None);
    shop.settle().await;
    assert_eq!(life(&ann, &order).await, failed, "too late");
    assert_eq!((ann.coupon_status(&coupon).await.as_str(), shop.left(&variant).await), ("ISSUED", 1));
}

#[tokio::test(start_paused = true)]
async fn late_money_for_what_an_external_inventory_let_go_is_sent_back() {
    let shop = Shop::open();
    shop.pump.disable(OWN_DESK);
    let (ann, variant) = (shop.customer("ann"), shop.variant(1).await);
    let order = accepted(&ann, &cart(&variant, 1)).await;
    shop.pump().await;
    answered(&shop, "inventory.reserve_succeeded.v1", "ann", &order, None);
    shop.pump().await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.wire.bank().pay(&open.trade_no);
    shop.pass_minutes(31);
    shop.tick("expire_orders").await;
    shop.ecpay_calls(&open.trade_no, tests::bank::Knob::default()).await;
    shop.pump().await;
    assert_eq!(ann.payment_status(&open.payment).await, "REFUNDED");
    assert_eq!((ann.status(&order).await.as_str(), shop.left(&variant).await), ("EXPIRED", 1));
    shop.settle().await;
}
