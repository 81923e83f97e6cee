//! Integration points: external systems that consume a request from the bus and publish their result: payments and
//! messages. The inventory is in `asynchronous_orders`, shipping in `shipping`.

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::preorders::{Offered, asked, terms};
use tests::shop::{Session, messaging};
use tests::{Fault, Rule, Shop};

const TX: &str = "TransactWriteItems";
/// The rule that is disabled when an external system sends messages.
const OWN_CHANNELS: &str = "SendNotificationOnRequested";

/// A payment of one order at an external system.
struct Cashier<'s> {
    shop: &'s Shop,
    payment: String,
    data: Value,
}

impl<'s> Cashier<'s> {
    /// Consumes the payment request of an order, if there is one.
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

    /// Publishes a result with changed fields.
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
    shop.dispatcher.deliver(shop, &tests::events::delivery(source, event_type, &detail));
}

/// A batch of one order whose payment request is on the bus.
async fn preorder(shop: &Shop) -> (Offered, Session, String, Value) {
    let offered = shop.offered(&terms(1)).await;
    let (ann, order) = asked(shop, &offered, 1).await.remove(0);
    let requests = shop.announced("payment.requested.v1");
    assert_eq!((requests.len(), &requests[0]["order_id"]), (1, &json!(order)));
    (offered, ann, order, requests[0].clone())
}

#[tokio::test(start_paused = true)]
async fn an_external_payment_system_receives_the_request_and_its_result_counts_once() {
    let shop = Shop::open();
    let (offered, ann, order, request) = preorder(&shop).await;
    let cashier = Cashier::of(&shop, "customer-0", &order, request["amount_cents"].as_i64().unwrap());
    // A failed payment: the order keeps its place.
    cashier.says("payment.failed.v1");
    shop.dispatch_events().await;
    assert_eq!(ann.status(&order).await, "PENDING_PAYMENT");
    assert_eq!(ann.payment_status(&cashier.payment).await, "FAILED");
    for result in ["payment.succeeded.v1", "payment.succeeded.v1", "payment.failed.v1", "payment.succeeded.v1"] {
        cashier.says(result);
    }
    shop.dispatch_events().await;
    assert_eq!(ann.status(&order).await, "PAID");
    let payment = ann.get(&format!("/payments/{}", cashier.payment)).await.expect(200);
    assert_eq!((&payment["status"], &payment["method"]), (&json!("SUCCEEDED"), &json!("EXTERNAL")));
    assert!(payment.get("checkout_url").is_none(), "{payment}");
    assert_eq!(shop.announced("order.paid.v1").len(), 1);
    assert_eq!(shop.offer(&offered).await["paid_qty"], 1);
    assert_eq!(shop.tasks().await, Vec::<String>::new());
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_external_payment_with_a_wrong_amount_order_or_customer_is_parked_once_and_pays_nothing() {
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
            shop.dispatch_events().await;
        }
        shop.advance(SignedDuration::from_secs(1));
        let tasks = shop.tasks().await;
        assert_eq!((tasks.len(), tasks[0].as_str()), (n, kind), "{more}");
        assert_eq!(ann.status(&order).await, "PENDING_PAYMENT");
    }
    // One payment pays one order, and external results cannot change the shop's own payments.
    let cashier = Cashier::of(&shop, "customer-0", &order, amount);
    cashier.says("payment.failed.v1");
    let variant = shop.variant(1).await;
    let other = shop.customer("customer-0").order(&variant, 1).await;
    cashier.says_with("payment.succeeded.v1", &json!({"order_id": other}));
    shop.dispatch_events().await;
    assert_eq!(shop.tasks().await[0], "MISMATCH");
    shop.advance(SignedDuration::from_secs(1));
    let own = ann.check_out(&order, "ECPAY").await;
    cashier.says_with("payment.succeeded.v1", &json!({"payment_id": own.payment}));
    shop.dispatch_events().await;
    assert_eq!(shop.tasks().await[0], "UNKNOWN_TRADE");
    cashier.says_with("payment.succeeded.v1", &json!({"method": "ECPAY"}));
    shop.dispatch_events().await;
    assert_eq!(shop.dispatcher.dead_letters().len(), 1, "external results cannot use the shop's own methods");
    assert_eq!((ann.status(&order).await.as_str(), ann.status(&other).await.as_str()), ("PENDING_PAYMENT", "RESERVED"));
    assert_eq!(shop.differences().await, Vec::<Value>::new());
}

#[tokio::test(start_paused = true)]
async fn late_money_at_an_external_payment_system_pays_the_order_or_is_refunded_there() {
    for is_gone in [false, true] {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(1).await);
        let order = ann.order(&variant, 1).await;
        let total = ann.get(&format!("/orders/{order}")).await.expect(200)["total_cents"].as_i64().unwrap();
        let cashier = Cashier::of(&shop, "ann", &order, total);
        shop.advance_minutes(16);
        shop.tick("expire_orders").await;
        if is_gone {
            shop.customer("bob").order(&variant, 1).await;
        }
        cashier.says("payment.succeeded.v1");
        cashier.says("payment.succeeded.v1");
        shop.dispatch_events().await;
        if !is_gone {
            let seen = ann.get(&format!("/orders/{order}")).await.expect(200);
            assert_eq!((&seen["late"], shop.tasks().await), (&json!(true), vec!["LATE_SERVED".to_owned()]));
            shop.run_to_quiescence().await;
            continue;
        }
        assert_eq!(shop.tasks().await, ["LATE_REFUNDED"]);
        assert_eq!(ann.payment_status(&cashier.payment).await, "REFUND_REQUESTED");
        let asked = shop.announced("payment.refund_requested.v1");
        assert_eq!((asked.len(), &asked[0]["refund_due_cents"]), (1, &json!(total)));
        // An excess amount belongs to no order, and a duplicated result is refunded once.
        cashier.says_with("payment.refunded.v1", &json!({"refunded_cents": total + 1}));
        shop.dispatch_events().await;
        assert_eq!(shop.dispatcher.dead_letters().len(), 1);
        for _ in 0..2 {
            cashier.says_with("payment.refunded.v1", &json!({"refunded_cents": total}));
        }
        shop.dispatch_events().await;
        assert_eq!(ann.payment_status(&cashier.payment).await, "REFUNDED");
        let seen = ann.get(&format!("/orders/{order}")).await.expect(200);
        assert_eq!((&seen["status"], &seen["refunded_cents"]), (&json!("EXPIRED"), &json!(total)));
        assert_eq!(shop.announced("payment.refunded.v1").len(), 1);
        assert_eq!(shop.differences().await, Vec::<Value>::new());
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_paid_twice_is_paid_once_and_the_second_payment_is_refunded() {
    let shop = Shop::open();
    let (_, ann, order, request) = preorder(&shop).await;
    ann.charge(1_000_000).await.expect(200);
    ann.pay(&order).await.expect(201);
    let cashier = Cashier::of(&shop, "customer-0", &order, request["amount_cents"].as_i64().unwrap());
    cashier.says("payment.succeeded.v1");
    shop.dispatch_events().await;
    assert_eq!(shop.tasks().await, ["PAID_TWICE"]);
    assert_eq!(ann.payment_status(&cashier.payment).await, "REFUND_REQUESTED");
    assert_eq!(shop.announced("order.paid.v1").len(), 1);
    cashier.says_with("payment.refunded.v1", &json!({"refunded_cents": request["amount_cents"]}));
    shop.dispatch_events().await;
    assert_eq!(ann.payment_status(&cashier.payment).await, "REFUNDED");
    assert_eq!(ann.status(&order).await, "PAID");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_external_payment_result_survives_kills_and_concurrent_deliveries() {
    let faults = [Fault::KilledBefore, Fault::KilledAfter, Fault::AnswerLost, Fault::Conflict("Payments", None)];
    for (fault, nth) in faults.into_iter().flat_map(|fault| [(fault.clone(), 0), (fault, 1)]) {
        let shop = Shop::open();
        let (_, ann, order, request) = preorder(&shop).await;
        let cashier = Cashier::of(&shop, "customer-0", &order, request["amount_cents"].as_i64().unwrap());
        cashier.says("payment.succeeded.v1");
        shop.inject(Rule::next(TX, fault.clone()).by("receive_payment_result").after(nth));
        shop.dispatch_events().await;
        shop.aws.assert_faults_hit();
        assert_eq!(ann.status(&order).await, "PAID", "{fault:?} {nth}");
        assert_eq!(shop.announced("order.paid.v1").len(), 1, "{fault:?} {nth}");
        shop.run_to_quiescence().await;
    }
    let shop = Shop::open();
    let (_, ann, order, request) = preorder(&shop).await;
    let cashier = Cashier::of(&shop, "customer-0", &order, request["amount_cents"].as_i64().unwrap());
    cashier.says("payment.succeeded.v1");
    let message = shop.dispatcher.waiting("receive_payment_result").remove(0);
    shop.aws.shuffle(1);
    let batch = [(message.id, message.body)];
    let at_once = (0..5).map(|_| shop.fresh_environment()).map(|place| {
        let event = tests::events::sqs(&batch);
        async move { place.invoke("receive_payment_result", &event).await }
    });
    join_all(at_once).await;
    shop.dispatch_events().await;
    assert_eq!((ann.status(&order).await.as_str(), shop.announced("order.paid.v1").len()), ("PAID", 1));
    shop.run_to_quiescence().await;
}

/// A shop with an external messenger and a canceled order, whose customer must be notified.
async fn left_to_others() -> (Shop, Value) {
    let mut messaging = messaging();
    messaging.is_external = true;
    let shop = Shop::open().with_messaging(messaging);
    shop.dispatcher.disable(OWN_CHANNELS);
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let order = ann.order(&variant, 1).await;
    shop.cancel(&order).await.expect(200);
    shop.dispatch_events().await;
    let request = shop.announced("notification.requested.v1").remove(0);
    assert_eq!((&request["channel"], &request["order_id"]), (&json!("EMAIL"), &json!(order)));
    (shop, request)
}

/// The only notification: its status and the shop's send attempts.
async fn seen(shop: &Shop) -> (String, usize) {
    let found = shop.admin().get("/admin/notifications").await.expect(200);
    let items = found["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{found}");
    (items[0]["status"].as_str().unwrap().to_owned(), shop.aws.messengers().accepted().len())
}

#[tokio::test(start_paused = true)]
async fn an_external_messenger_receives_the_request_and_its_result_counts_once() {
    for (first, status) in [("notification.sent.v1", "SENT"), ("notification.failed.v1", "FAILED")] {
        let (shop, request) = left_to_others().await;
        shop.run_to_quiescence().await;
        assert_eq!(seen(&shop).await, ("REQUESTED".to_owned(), 0), "the sweep skips it too");
        for result in [first, "notification.sent.v1", "notification.failed.v1"] {
            put_on_bus(&shop, "messenger.example", result, &request);
        }
        shop.run_to_quiescence().await;
        assert_eq!(seen(&shop).await, (status.to_owned(), 0), "the first result counts");
        assert_eq!(shop.announced(first).len(), 0, "the messenger's result is sufficient");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_an_external_messenger_never_reports_fails_after_a_day() {
    let (shop, request) = left_to_others().await;
    shop.advance_minutes(6);
    shop.tick("retry_notifications").await;
    shop.advance(SignedDuration::from_hours(23));
    shop.tick("retry_notifications").await;
    assert_eq!(seen(&shop).await, ("REQUESTED".to_owned(), 0));
    shop.advance(SignedDuration::from_hours(1));
    shop.tick("retry_notifications").await;
    shop.dispatch_events().await;
    assert_eq!(seen(&shop).await, ("FAILED".to_owned(), 0));
    assert_eq!(shop.announced("notification.failed.v1").len(), 1);
    put_on_bus(&shop, "messenger.example", "notification.sent.v1", &request);
    let unknown =
        json!({"job_id": "x", "source_event_id": request["source_event_id"], "channel": "EMAIL", "template_key": "x"});
    put_on_bus(&shop, "messenger.example", "notification.sent.v1", &unknown);
    shop.dispatch_events().await;
    assert_eq!(seen(&shop).await.0, "FAILED", "too late");
    assert_eq!(shop.dispatcher.dead_letters().len(), 1, "a job that does not exist");
}
