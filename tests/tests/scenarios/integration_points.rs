//! External systems that take a request from the bus and put their result on it: money and messages. The inventory's are in
//! `later_orders`, the carrier's in `shipping`.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::preorders::{Offered, asked, terms};
use tests::shop::{Session, messaging};
use tests::{Fault, Rule, Shop};

const TX: &str = "TransactWriteItems";
/// Switched off where the deployer leaves messages to an external system.
const OWN_CHANNELS: &str = "SendNotificationOnRequested";

/// An external system's payment of one order.
struct Cashier<'s> {
    shop: &'s Shop,
    payment: String,
    data: Value,
}

impl<'s> Cashier<'s> {
    /// Takes the request for an order's money from the bus; without one it knows the order from elsewhere.
    fn of(shop: &'s Shop, sub: &str, order: &str, amount: i64) -> Self {
        let payment = shop.app.new_id().unwrap().to_string();
        let data = json!({
            "payment_id": payment, "order_id": order, "customer_id": sub, "method": "EXTERNAL", "amount_cents": amount,
            "currency": "TWD",
        });
        Self { shop, payment, data }
    }

    fn says(&self, event_type: &str) {
        self.says_with(event_type, &json!({}));
    }

    /// Puts a result on the bus, with other fields than usual.
    fn says_with(&self, event_type: &str, more: &Value) {
        let data = tests::preorders::with(self.data.clone(), more);
        put_on_bus(self.shop, "cashier.example", event_type, &data);
    }
}

fn put_on_bus(shop: &Shop, source: &str, event_type: &str, data: &Value) {
    let detail = json!({
        "event_id": shop.app.new_id().unwrap(), "type": event_type, "occurred_at": shop.now(),
        "aggregate": {"type": "payment", "id": "x", "version": 1}, "correlation_id": "c", "causation_id": "c", "data": data,
    });
    shop.pump.deliver(shop, &tests::events::delivery(source, event_type, &detail));
}

/// A batch of one order that was asked for its money: the request is on the bus.
async fn preorder(shop: &Shop) -> (Offered, Session, String, Value) {
    let offered = shop.offered(&terms(1)).await;
    let (ann, order) = asked(shop, &offered, 1).await.remove(0);
    let requests = shop.announced("payment.requested.v1");
    assert_eq!((requests.len(), &requests[0]["order_id"]), (1, &json!(order)));
    (offered, ann, order, requests[0].clone())
}

#[tokio::test(start_paused = true)]
async fn an_external_payment_system_takes_the_request_and_its_answer_counts_once() {
    let shop = Shop::open();
    let (offered, ann, order, request) = preorder(&shop).await;
    let cashier = Cashier::of(&shop, "customer-0", &order, request["amount_cents"].as_i64().unwrap());
    // It did not work out at first; the order keeps its place.
    cashier.says("payment.failed.v1");
    shop.pump().await;
    assert_eq!(ann.status(&order).await, "PENDING_PAYMENT");
    assert_eq!(ann.payment_status(&cashier.payment).await, "FAILED");
    for result in ["payment.succeeded.v1", "payment.succeeded.v1", "payment.failed.v1", "payment.succeeded.v1"] {
        cashier.says(result);
    }
    shop.pump().await;
    assert_eq!(ann.status(&order).await, "PAID");
    let payment = ann.get(&format!("/payments/{}", cashier.payment)).await.expect(200);
    assert_eq!((&payment["status"], &payment["method"]), (&json!("SUCCEEDED"), &json!("EXTERNAL")));
    assert!(payment.get("checkout_url").is_none(), "{payment}");
    assert_eq!(shop.announced("order.paid.v1").len(), 1);
    assert_eq!(shop.offer(&offered).await["paid_qty"], 1);
    assert_eq!(shop.tasks().await, Vec::<String>::new());
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn an_external_payment_of_another_amount_order_or_customer_is_parked_once_and_pays_nothing() {
    let shop = Shop::open();
    let (_, ann, order, request) = preorder(&shop).await;
    let amount = request["amount_cents"].as_i64().unwrap();
    let missing = shop.app.new_id().unwrap();
    let wrong = [
        (json!({"amount_cents": amount - 100}), "MISMATCH"),
        (json!({"currency": "USD"}), "MISMATCH"),
        (json!({"order_id": missing}), "UNKNOWN_TRADE"),
        (json!({"customer_id": "somebody-else"}), "UNKNOWN_TRADE"),
    ];
    for (n, (more, kind)) in (1..).zip(wrong) {
        let cashier = Cashier::of(&shop, "customer-0", &order, amount);
        for _ in 0..2 {
            cashier.says_with("payment.succeeded.v1", &more);
            shop.pump().await;
        }
        shop.pass(SignedDuration::from_secs(1));
        let tasks = shop.tasks().await;
        assert_eq!((tasks.len(), tasks[0].as_str()), (n, kind), "{more}");
        assert_eq!(ann.status(&order).await, "PENDING_PAYMENT");
    }
    // One payment pays one order, and none of the shop's own is somebody else's to speak of.
    let cashier = Cashier::of(&shop, "customer-0", &order, amount);
    cashier.says("payment.failed.v1");
    let variant = shop.variant(1).await;
    let other = shop.customer("customer-0").order(&variant, 1).await;
    cashier.says_with("payment.succeeded.v1", &json!({"order_id": other}));
    shop.pump().await;
    assert_eq!(shop.tasks().await[0], "MISMATCH");
    shop.pass(SignedDuration::from_secs(1));
    let own = ann.check_out(&order, "ECPAY").await;
    cashier.says_with("payment.succeeded.v1", &json!({"payment_id": own.payment}));
    shop.pump().await;
    assert_eq!(shop.tasks().await[0], "UNKNOWN_TRADE");
    cashier.says_with("payment.succeeded.v1", &json!({"method": "ECPAY"}));
    shop.pump().await;
    assert_eq!(shop.pump.dead_letters().len(), 1, "the shop's own ways to pay are its own to speak of");
    assert_eq!((ann.status(&order).await.as_str(), ann.status(&other).await.as_str()), ("PENDING_PAYMENT", "RESERVED"));
    assert_eq!(shop.differences().await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn late_money_at_an_external_payment_system_is_served_or_goes_back_there() {
    for is_gone in [false, true] {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(1).await);
        let order = ann.order(&variant, 1).await;
        let total = ann.get(&format!("/orders/{order}")).await.expect(200)["total_cents"].as_i64().unwrap();
        let cashier = Cashier::of(&shop, "ann", &order, total);
        shop.pass_minutes(16);
        shop.tick("expire_orders").await;
        if is_gone {
            shop.customer("bob").order(&variant, 1).await;
        }
        cashier.says("payment.succeeded.v1");
        cashier.says("payment.succeeded.v1");
        shop.pump().await;
        if !is_gone {
            let seen = ann.get(&format!("/orders/{order}")).await.expect(200);
            assert_eq!((&seen["late"], shop.tasks().await), (&json!(true), vec!["LATE_SERVED".to_owned()]));
            shop.settle().await;
            continue;
        }
        assert_eq!(shop.tasks().await, ["LATE_REFUNDED"]);
        assert_eq!(ann.payment_status(&cashier.payment).await, "REFUND_REQUESTED");
        let asked = shop.announced("payment.refund_requested.v1");
        assert_eq!((asked.len(), &asked[0]["refund_due_cents"]), (1, &json!(total)));
        // More than was asked for is nobody's, and what was said twice went back once.
        cashier.says_with("payment.refunded.v1", &json!({"refunded_cents": total + 1}));
        shop.pump().await;
        assert_eq!(shop.pump.dead_letters().len(), 1);
        for _ in 0..2 {
            cashier.says_with("payment.refunded.v1", &json!({"refunded_cents": total}));
        }
        shop.pump().await;
        assert_eq!(ann.payment_status(&cashier.payment).await, "REFUNDED");
        let seen = ann.get(&format!("/orders/{order}")).await.expect(200);
        assert_eq!((&seen["status"], &seen["refunded_cents"]), (&json!("EXPIRED"), &json!(total)));
        assert_eq!(shop.announced("payment.refunded.v1").len(), 1);
        assert_eq!(shop.differences().await, Vec::<Value>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn money_that_came_in_two_ways_pays_once_and_the_other_goes_back() {
    let shop = Shop::open();
    let (_, ann, order, request) = preorder(&shop).await;
    ann.charge(1_000_000).await.expect(200);
    ann.pay(&order).await.expect(201);
    let cashier = Cashier::of(&shop, "customer-0", &order, request["amount_cents"].as_i64().unwrap());
    cashier.says("payment.succeeded.v1");
    shop.pump().await;
    assert_eq!(shop.tasks().await, ["PAID_TWICE"]);
    assert_eq!(ann.payment_status(&cashier.payment).await, "REFUND_REQUESTED");
    assert_eq!(shop.announced("order.paid.v1").len(), 1);
    cashier.says_with("payment.refunded.v1", &json!({"refunded_cents": request["amount_cents"]}));
    shop.pump().await;
    assert_eq!(ann.payment_status(&cashier.payment).await, "REFUNDED");
    assert_eq!(ann.status(&order).await, "PAID");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn an_external_result_survives_kills_and_many_deliveries_at_once() {
    let faults = [Fault::KilledBefore, Fault::KilledAfter, Fault::AnswerLost, Fault::Conflict("Payments", None)];
    for (fault, nth) in faults.into_iter().flat_map(|fault| [(fault.clone(), 0), (fault, 1)]) {
        let shop = Shop::open();
        let (_, ann, order, request) = preorder(&shop).await;
        let cashier = Cashier::of(&shop, "customer-0", &order, request["amount_cents"].as_i64().unwrap());
        cashier.says("payment.succeeded.v1");
        shop.inject(Rule::next(TX, fault.clone()).by("receive_payment_result").after(nth));
        shop.pump().await;
        shop.wire.assert_struck();
        assert_eq!(ann.status(&order).await, "PAID", "{fault:?} {nth}");
        assert_eq!(shop.announced("order.paid.v1").len(), 1, "{fault:?} {nth}");
        shop.settle().await;
    }
    let shop = Shop::open();
    let (_, ann, order, request) = preorder(&shop).await;
    let cashier = Cashier::of(&shop, "customer-0", &order, request["amount_cents"].as_i64().unwrap());
    cashier.says("payment.succeeded.v1");
    let message = shop.pump.waiting("receive_payment_result").remove(0);
    shop.wire.shuffle(1);
    let batch = [(message.id, message.body)];
    let at_once = (0..5).map(|_| shop.elsewhere()).map(|place| {
        let event = tests::events::sqs(&batch);
        async move { place.invoke("receive_payment_result", &event).await }
    });
    join_all(at_once).await;
    shop.pump().await;
    assert_eq!((ann.status(&order).await.as_str(), shop.announced("order.paid.v1").len()), ("PAID", 1));
    shop.settle().await;
}

/// A shop that leaves its messages to an external system, with a canceled order: the customer is to be told.
async fn left_to_others() -> (Shop, Value) {
    let mut messaging = messaging();
    messaging.is_external = true;
    let shop = Shop::open().telling(messaging);
    shop.pump.disable(OWN_CHANNELS);
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let order = ann.order(&variant, 1).await;
    ann.cancel(&order).await.expect(200);
    shop.pump().await;
    let request = shop.announced("notification.requested.v1").remove(0);
    assert_eq!((&request["channel"], &request["order_id"]), (&json!("EMAIL"), &json!(order)));
    (shop, request)
}

/// The one message, as an admin sees it: its status, and how often the shop sent it.
async fn seen(shop: &Shop) -> (String, usize) {
    let found = shop.admin().get("/admin/notifications").await.expect(200);
    let items = found["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{found}");
    (items[0]["status"].as_str().unwrap().to_owned(), shop.wire.post().taken().len())
}

#[tokio::test(start_paused = true)]
async fn an_external_messenger_takes_the_request_and_its_answer_counts_once() {
    for (first, status) in [("notification.sent.v1", "SENT"), ("notification.failed.v1", "FAILED")] {
        let (shop, request) = left_to_others().await;
        shop.settle().await;
        assert_eq!(seen(&shop).await, ("REQUESTED".to_owned(), 0), "the sweep leaves it alone too");
        for result in [first, "notification.sent.v1", "notification.failed.v1"] {
            put_on_bus(&shop, "messenger.example", result, &request);
        }
        shop.settle().await;
        assert_eq!(seen(&shop).await, (status.to_owned(), 0), "the first word counts");
        assert_eq!(shop.announced(first).len(), 0, "the messenger's own word is enough");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_an_external_messenger_forgets_has_failed_after_a_day() {
    let (shop, request) = left_to_others().await;
    shop.pass_minutes(6);
    shop.tick("retry_notifications").await;
    shop.pass(SignedDuration::from_hours(23));
    shop.tick("retry_notifications").await;
    assert_eq!(seen(&shop).await, ("REQUESTED".to_owned(), 0));
    shop.pass(SignedDuration::from_hours(1));
    shop.tick("retry_notifications").await;
    shop.pump().await;
    assert_eq!(seen(&shop).await, ("FAILED".to_owned(), 0));
    assert_eq!(shop.announced("notification.failed.v1").len(), 1);
    put_on_bus(&shop, "messenger.example", "notification.sent.v1", &request);
    let unknown =
        json!({"job_id": "x", "source_event_id": request["source_event_id"], "channel": "EMAIL", "template_key": "x"});
    put_on_bus(&shop, "messenger.example", "notification.sent.v1", &unknown);
    shop.pump().await;
    assert_eq!(seen(&shop).await.0, "FAILED", "too late");
    assert_eq!(shop.pump.dead_letters().len(), 1, "a job that is none");
}
