//! Shipping: requested once, scheduled internally or by an external system, shipped by an admin, completed after the
//! notification.

use jiff::SignedDuration;
use serde_json::{Value, json};
use std::time::Duration;
use tests::event_dispatcher::QueueMessage;
use tests::fixtures::{PRICE, text};
use tests::{Fault, Rule, Shop};

/// The rule that is disabled when an external system schedules shipping.
const OWN_DESK: &str = "ScheduleShippingOnScheduleRequested";
const TX: &str = "TransactWriteItems";

/// A shop with a paid order of two units out of five. Returns the variant and the order's id.
async fn paid(shop: &Shop, sub: &str) -> (String, String) {
    let customer = shop.customer(sub);
    let variant = shop.variant(5).await;
    customer.charge(1_000_000).await.expect(200);
    let order = customer.order(&variant, 2).await;
    customer.pay(&order).await.expect(201);
    (variant, order)
}

/// Like `paid`, scheduled for shipping.
async fn scheduled(shop: &Shop, sub: &str) -> (String, String) {
    let (variant, order) = paid(shop, sub).await;
    shop.dispatch_events().await;
    assert_eq!(shop.customer(sub).status(&order).await, "SHIPPING_SCHEDULED");
    (variant, order)
}

fn parcel() -> Value {
    json!({"carrier": "Black Cat", "tracking_no": "905-123-456"})
}

async fn ship(shop: &Shop, order: &str) -> tests::Reply {
    shop.admin().post(&format!("/admin/orders/{order}/ship"), &parcel()).await
}

/// A notification result for an order.
fn told(shop: &Shop, event_type: &str, template: &str, order: &str) {
    let data = json!({
        "job_id": "job", "source_event_id": "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a51", "channel": "EMAIL",
        "template_key": template, "order_id": order,
    });
    put_on_bus(shop, "millrun.notifications", event_type, &data);
}

fn answered(shop: &Shop, event_type: &str, sub: &str, order: &str, reason: Option<&str>) {
    let mut data = json!({"order_id": order, "customer_id": sub, "version": 2});
    if let Some(reason) = reason {
        data["reason"] = json!(reason);
    }
    put_on_bus(shop, "carrier.example", event_type, &data);
}

fn put_on_bus(shop: &Shop, source: &str, event_type: &str, data: &Value) {
    let detail = json!({
        "event_id": shop.app.new_id().unwrap(), "type": event_type, "occurred_at": shop.now(),
        "aggregate": {"type": "order", "id": "x", "version": 1}, "correlation_id": "c", "causation_id": "c", "data": data,
    });
    shop.dispatcher.deliver(shop, &tests::events::delivery(source, event_type, &detail));
}

/// The number of published events per shipping event type.
fn heard(shop: &Shop, event_type: &str) -> usize {
    shop.dispatcher.published().iter().filter(|event| event.detail_type == event_type).count()
}

async fn steps(shop: &Shop, sub: &str, order: &str) -> Vec<String> {
    let order = shop.customer(sub).get(&format!("/orders/{order}")).await.expect(200);
    order["history"].as_array().unwrap().iter().map(|step| text(step, "status")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_paid_order_is_scheduled_shipped_and_completed_after_its_notification() {
    let shop = Shop::open();
    let (_, order) = scheduled(&shop, "ann").await;
    let shipped = ship(&shop, &order).await.expect(200);
    assert_eq!(shipped["shipment"]["tracking_no"], "905-123-456");
    assert_eq!(shipped["shipment"]["shipped_at"], json!(shop.now()));
    shop.dispatch_events().await;
    told(&shop, "notification.sent.v1", "order_paid", &order);
    told(&shop, "notification.sent.v1", "order_shipped", &order);
    told(&shop, "notification.failed.v1", "order_shipped", &order);
    shop.dispatch_events().await;
    let wanted = ["RESERVED", "PAID", "SHIPPING_SCHEDULED", "COMPLETED"];
    assert_eq!(steps(&shop, "ann", &order).await, wanted);
    let seen = shop.customer("ann").get(&format!("/orders/{order}")).await.expect(200);
    assert_eq!(seen["shipment"], shipped["shipment"]);
    for event_type in [
        "shipping.schedule_requested.v1",
        "shipping.schedule_succeeded.v1",
        "order.shipping_scheduled.v1",
        "shipment.created.v1",
        "order.completed.v1",
    ] {
        assert_eq!(heard(&shop, event_type), 1, "{event_type}");
    }
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_can_be_shipped_for_pickup() {
    let shop = Shop::open();
    let (_, order) = scheduled(&shop, "ann").await;
    let body = json!({"pickup_info": "At the shop, from Monday noon"});
    let shipped = shop.admin().post(&format!("/admin/orders/{order}/ship"), &body).await.expect(200);
    let wanted = json!({"pickup_info": "At the shop, from Monday noon", "shipped_at": shop.now()});
    assert_eq!(shipped["shipment"], wanted);
    shop.dispatch_events().await;
    let created = shop.dispatcher.published().iter().find(|event| event.detail_type == "shipment.created.v1").cloned();
    assert_eq!(created.unwrap().detail["data"]["is_pickup"], true);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_notification_does_not_keep_the_order_open() {
    // The notification failed permanently.
    let shop = Shop::open();
    let (_, order) = scheduled(&shop, "ann").await;
    ship(&shop, &order).await.expect(200);
    told(&shop, "notification.failed.v1", "order_shipped", &order);
    shop.dispatch_events().await;
    assert_eq!(shop.customer("ann").status(&order).await, "COMPLETED");
    shop.run_to_quiescence().await;

    // Without any attempt, the shipment alone completes the order after a quarter of an hour.
    let shop = Shop::open();
    shop.dispatcher.disable("CompleteOrderOnNotificationTried");
    let (_, order) = scheduled(&shop, "ann").await;
    ship(&shop, &order).await.expect(200);
    shop.dispatch_events().await;
    shop.advance_minutes(14);
    shop.dispatch_events().await;
    assert_eq!(shop.customer("ann").status(&order).await, "SHIPPING_SCHEDULED");
    shop.advance_minutes(1);
    shop.dispatch_events().await;
    assert_eq!(shop.customer("ann").status(&order).await, "COMPLETED");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn duplicated_and_reversed_events_schedule_and_complete_once() {
    let shop = Shop::open();
    let mut orders = Vec::new();
    for sub in ["ann", "bob", "cem"] {
        orders.push((sub, paid(&shop, sub).await.1));
    }
    // Every message of every round is delivered twice, in reverse order.
    for _ in 0..6 {
        shop.dispatcher.relay(&shop).await;
        shop.dispatcher.route(&shop);
        for use_case in ["schedule_shipping", "complete_order"] {
            shop.dispatcher.rearrange(use_case, |messages| {
                let again = messages.iter().map(|one| QueueMessage { id: format!("{}-2", one.id), ..one.clone() });
                *messages = again.chain(messages.iter().cloned()).collect();
                messages.reverse();
            });
        }
        shop.dispatcher.work(&shop).await;
        for (sub, order) in &orders {
            if shop.customer(sub).status(order).await == "SHIPPING_SCHEDULED" {
                ship(&shop, order).await;
                told(&shop, "notification.sent.v1", "order_shipped", order);
            }
        }
    }
    shop.run_to_quiescence().await;
    for (sub, order) in &orders {
        let wanted = ["RESERVED", "PAID", "SHIPPING_SCHEDULED", "COMPLETED"];
        assert_eq!(steps(&shop, sub, order).await, wanted);
    }
    for event_type in ["shipping.schedule_requested.v1", "order.shipping_scheduled.v1", "order.completed.v1"] {
        assert_eq!(heard(&shop, event_type), orders.len(), "{event_type}");
    }
}

#[tokio::test(start_paused = true)]
async fn every_shipping_step_takes_effect_once_under_any_fault() {
    for (actor, times) in [("schedule_shipping", 2), ("complete_order", 1)] {
        for fault in [
            Fault::KilledBefore,
            Fault::KilledAfter,
            Fault::AnswerLost,
            Fault::InProgress,
            Fault::Conflict("Outbox", None),
            Fault::Throttled,
        ] {
            let shop = Shop::open();
            shop.inject(Rule::next(TX, fault.clone()).by(actor).times(times));
            let (variant, order) = paid(&shop, "ann").await;
            shop.dispatch_events().await;
            ship(&shop, &order).await.expect(200);
            told(&shop, "notification.sent.v1", "order_shipped", &order);
            shop.dispatch_events().await;
            shop.aws.assert_faults_hit();
            let wanted = ["RESERVED", "PAID", "SHIPPING_SCHEDULED", "COMPLETED"];
            assert_eq!(steps(&shop, "ann", &order).await, wanted, "{actor} {fault:?}");
            assert_eq!(shop.left(&variant).await, 3);
            shop.run_to_quiescence().await;
            for event_type in ["shipping.schedule_requested.v1", "order.shipping_scheduled.v1", "order.completed.v1"] {
                assert_eq!(heard(&shop, event_type), 1, "{event_type} {actor} {fault:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn shipping_messages_redriven_days_later_take_effect() {
    let shop = Shop::open();
    let (_, order) = paid(&shop, "ann").await;
    shop.inject(Rule::every(TX, Fault::Throttled).by("schedule_shipping"));
    shop.dispatch_events().await;
    assert_eq!(shop.dispatcher.dead_letters().len(), 1);
    assert_eq!(shop.customer("ann").status(&order).await, "PAID");
    shop.aws.clear_faults();
    shop.advance_minutes(3 * 24 * 60);
    shop.dispatcher.redrive();
    shop.dispatch_events().await;
    assert_eq!(shop.customer("ann").status(&order).await, "SHIPPING_SCHEDULED");

    ship(&shop, &order).await.expect(200);
    shop.inject(Rule::every(TX, Fault::Throttled).by("complete_order"));
    shop.dispatch_events().await;
    assert_eq!(shop.dispatcher.dead_letters().len(), 1, "the customer got an e-mail");
    shop.aws.clear_faults();
    shop.dispatcher.redrive();
    shop.dispatch_events().await;
    assert_eq!(shop.customer("ann").status(&order).await, "COMPLETED");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_ships_once_and_only_from_shipping_scheduled() {
    let shop = Shop::open();
    let (admin, ann) = (shop.admin(), shop.customer("ann"));
    let variant = shop.variant(5).await;
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    ship(&shop, &order).await.refused(409, "order_not_shippable");
    ann.pay(&order).await.expect(201);
    ship(&shop, &order).await.refused(409, "order_not_shippable");
    shop.dispatch_events().await;
    let path = format!("/admin/orders/{order}/ship");
    let first = admin.post_once("ship-1", &path, &parcel()).await;
    assert_eq!(first.clone().expect(200)["status"], "SHIPPING_SCHEDULED");
    assert_eq!(admin.post_once("ship-1", &path, &parcel()).await.text, first.text);
    let other = json!({"pickup_info": "At the shop"});
    admin.post_once("ship-1", &path, &other).await.refused(422, "idempotency_key_reused");
    admin.post(&path, &other).await.refused(409, "order_not_shippable");
    // Once shipped, it cannot be canceled.
    ann.cancel(&order).await.refused(409, "order_not_cancelable");
    let cancel = format!("/admin/orders/{order}/cancel");
    admin.post(&cancel, &json!({})).await.refused(409, "order_not_cancelable");
    let missing = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
    ship(&shop, missing).await.refused(404, "order_not_found");
    ship(&shop, "x").await.refused(404, "order_not_found");
    shop.run_to_quiescence().await;
    assert_eq!(heard(&shop, "shipment.created.v1"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_order_scheduled_for_shipping_can_be_canceled_by_an_admin_and_is_refunded() {
    let shop = Shop::open();
    let (variant, order) = scheduled(&shop, "ann").await;
    let ann = shop.customer("ann");
    ann.cancel(&order).await.refused(409, "order_not_cancelable");
    shop.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
    shop.run_to_quiescence().await;
    let wanted = ["RESERVED", "PAID", "SHIPPING_SCHEDULED", "CANCELED", "REFUNDED"];
    assert_eq!(steps(&shop, "ann", &order).await, wanted);
    assert_eq!((shop.left(&variant).await, ann.balance().await), (5, 1_000_000));
    ship(&shop, &order).await.refused(409, "order_not_shippable");
}

#[tokio::test(start_paused = true)]
async fn concurrent_shipping_and_cancellation_have_one_winner() {
    for (first, second) in [("ship_order", "cancel_order"), ("cancel_order", "ship_order")] {
        let shop = Shop::open();
        let (variant, order) = scheduled(&shop, "ann").await;
        for (actor, delay) in [(first, 100), (second, 200)] {
            shop.inject(Rule::next(TX, Fault::Delayed(Duration::from_millis(delay))).by(actor));
        }
        let (here, there) = (shop.fresh_environment(), shop.fresh_environment());
        let canceler = there.admin();
        let (cancel, nothing) = (format!("/admin/orders/{order}/cancel"), json!({}));
        let (shipped, canceled) = futures_util::join!(ship(&here, &order), canceler.post(&cancel, &nothing));
        shop.aws.assert_faults_hit();
        let is_shipped = first == "ship_order";
        let wanted = if is_shipped { ("200", "order_not_cancelable") } else { ("order_not_shippable", "200") };
        assert_eq!((shipped.word().as_str(), canceled.word().as_str()), wanted);
        shop.run_to_quiescence().await;
        assert_eq!(shop.left(&variant).await, if is_shipped { 3 } else { 5 });
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_canceled_during_the_shipping_request_is_not_scheduled() {
    let shop = Shop::open();
    let (variant, order) = paid(&shop, "ann").await;
    let cancel = format!("/admin/orders/{order}/cancel");
    shop.dispatcher.relay(&shop).await;
    shop.dispatcher.route(&shop);
    shop.dispatcher.work_for(&shop, "schedule_shipping").await;
    shop.admin().post(&cancel, &json!({})).await.expect(200);
    shop.run_to_quiescence().await;
    assert_eq!(steps(&shop, "ann", &order).await, ["RESERVED", "PAID", "CANCELED", "REFUNDED"]);
    assert_eq!((shop.left(&variant).await, heard(&shop, "shipping.schedule_requested.v1")), (5, 1));

    // An order that was canceled before gets no shipping request.
    let (_, order) = paid(&shop, "bob").await;
    shop.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
    shop.run_to_quiescence().await;
    assert_eq!(heard(&shop, "shipping.schedule_requested.v1"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_external_shipping_system_receives_the_request_and_its_result_counts_once() {
    let shop = Shop::open();
    shop.dispatcher.disable(OWN_DESK);
    let (_, order) = paid(&shop, "ann").await;
    shop.run_to_quiescence().await;
    assert_eq!(shop.customer("ann").status(&order).await, "PAID");
    assert_eq!(heard(&shop, "shipping.schedule_requested.v1"), 1);
    answered(&shop, "shipping.schedule_succeeded.v1", "ann", &order, None);
    answered(&shop, "shipping.schedule_succeeded.v1", "ann", &order, None);
    // Later results change nothing, because an admin now handles the parcel.
    answered(&shop, "shipping.schedule_failed.v1", "ann", &order, Some("lost the form"));
    shop.run_to_quiescence().await;
    assert_eq!(steps(&shop, "ann", &order).await, ["RESERVED", "PAID", "SHIPPING_SCHEDULED"]);
    assert_eq!(heard(&shop, "order.shipping_scheduled.v1"), 1);
    assert_eq!(heard(&shop, "shipping.schedule_succeeded.v1"), 0, "the result of the external system is sufficient");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_the_external_shipping_system_refuses_fails_and_releases_everything() {
    for fault in [None, Some(Fault::KilledAfter), Some(Fault::AnswerLost), Some(Fault::Conflict("Payments", None))] {
        let shop = Shop::open();
        shop.dispatcher.disable(OWN_DESK);
        let (variant, order) = paid(&shop, "ann").await;
        shop.dispatch_events().await;
        if let Some(fault) = fault {
            shop.inject(Rule::next(TX, fault).by("schedule_shipping"));
        }
        let reason = format!("no way to\u{7} Ada's\n island {}", "x".repeat(300));
        answered(&shop, "shipping.schedule_failed.v1", "ann", &order, Some(&reason));
        answered(&shop, "shipping.schedule_failed.v1", "ann", &order, Some(&reason));
        answered(&shop, "shipping.schedule_succeeded.v1", "ann", &order, None);
        shop.run_to_quiescence().await;
        shop.aws.assert_faults_hit();
        assert_eq!(steps(&shop, "ann", &order).await, ["RESERVED", "PAID", "FAILED", "REFUNDED"]);
        let seen = shop.customer("ann").get(&format!("/orders/{order}")).await.expect(200);
        let kept = text(&seen["history"][2], "reason");
        assert!(kept.starts_with("no way to Ada's island x") && kept.len() == 200, "{kept}");
        assert_eq!(seen["refunded_cents"], 2 * PRICE);
        assert_eq!((shop.left(&variant).await, shop.customer("ann").balance().await), (5, 1_000_000));
        let failed = shop.dispatcher.published().iter().find(|event| event.detail_type == "order.failed.v1").cloned();
        assert_eq!(
            failed.unwrap().detail["data"]["reason"],
            "shipping_failed",
            "the carrier's reason is not published"
        );
        assert_eq!(heard(&shop, "order.failed.v1"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_order_that_fails_gives_its_coupon_back_while_it_is_valid_and_the_message_says_so() {
    let shop = Shop::open();
    shop.dispatcher.disable(OWN_DESK);
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    ann.charge(1_000_000).await.expect(200);
    // Valid for a day.
    for (hours, status, used, said) in
        [(1, "ISSUED", 0, "is yours again"), (25, "USED", 1, "not valid any more and does not come back")]
    {
        let coupon = shop.coupon(1, 1).await;
        ann.take(&coupon).await.expect(201);
        let order = ann.order_with(&variant, &coupon).await;
        ann.pay(&order).await.expect(201);
        shop.dispatch_events().await;
        shop.advance(SignedDuration::from_hours(hours));
        answered(&shop, "shipping.schedule_failed.v1", "ann", &order, Some("no way"));
        shop.run_to_quiescence().await;
        assert_eq!(steps(&shop, "ann", &order).await, ["RESERVED", "PAID", "FAILED", "REFUNDED"]);
        assert_eq!(ann.coupon_status(&coupon).await, status, "after {hours} hours");
        let seen = shop.admin().get(&format!("/admin/coupons/{coupon}")).await.expect(200);
        assert_eq!((&seen["used_qty"], &seen["held_qty"]), (&json!(used), &json!(0)), "after {hours} hours");
        let failed = shop.announced("order.failed.v1").pop().unwrap();
        assert_eq!(failed["coupon_id"], json!(coupon));
        assert_eq!(failed.get("coupon_returned").is_some(), status == "ISSUED");
        let sent = shop.aws.messengers().accepted();
        let mail = sent.iter().rfind(|message| message.subject.contains("cannot be served")).unwrap();
        assert!(mail.text.contains(said), "{}", mail.text);
    }
    assert_eq!(ann.balance().await, 1_000_000);
}

#[tokio::test(start_paused = true)]
async fn an_order_that_cost_nothing_and_fails_has_no_refund_and_its_sale_is_undone() {
    let shop = Shop::open();
    shop.dispatcher.disable(OWN_DESK);
    let (ann, variant, coupon) = (shop.customer("ann"), shop.variant(5).await, shop.gift(24).await);
    ann.take(&coupon).await.expect(201);
    let order = ann.order_with(&variant, &coupon).await;
    let payment = text(&ann.pay(&order).await.expect(201), "payment_id");
    shop.dispatch_events().await;
    assert_eq!(shop.sold().await, 1);
    answered(&shop, "shipping.schedule_failed.v1", "ann", &order, Some("no way"));
    shop.run_to_quiescence().await;
    assert_eq!(steps(&shop, "ann", &order).await, ["RESERVED", "PAID", "FAILED"]);
    assert_eq!(ann.payment_status(&payment).await, "SUCCEEDED", "nothing was given back");
    assert_eq!(
        (shop.sold().await, shop.left(&variant).await, ann.coupon_status(&coupon).await.as_str()),
        (0, 5, "ISSUED")
    );
    for event_type in ["payment.refund_requested.v1", "payment.refunded.v1", "order.refunded.v1"] {
        assert_eq!(shop.announced(event_type), Vec::<Value>::new());
    }
    let sent = shop.aws.messengers().accepted();
    assert!(sent.iter().all(|message| !message.subject.contains("went back")));
    let mail = sent.iter().rfind(|message| message.subject.contains("cannot be served")).unwrap();
    assert!(mail.text.contains("Nothing was charged. The coupon that you used is yours again."), "{}", mail.text);
    let refund = shop.admin().post(&format!("/admin/orders/{order}/refund"), &json!({"reason": "asked"})).await;
    refund.refused(409, "order_not_refundable");
}

#[tokio::test(start_paused = true)]
async fn an_unrequested_shipping_result_is_dead_lettered_and_changes_nothing() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    let variant = shop.variant(5).await;
    let order = ann.order(&variant, 1).await;
    let missing = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
    answered(&shop, "shipping.schedule_succeeded.v1", "ann", &order, None);
    answered(&shop, "shipping.schedule_failed.v1", "ann", missing, Some("unknown"));
    shop.dispatch_events().await;
    let (_, bobs) = scheduled(&shop, "bob").await;
    answered(&shop, "shipping.schedule_failed.v1", "ann", &bobs, Some("mixed up"));
    told(&shop, "notification.sent.v1", "order_shipped", &order);
    shop.dispatch_events().await;
    assert_eq!(shop.dispatcher.dead_letters().len(), 4);
    assert_eq!(ann.status(&order).await, "RESERVED");
    assert_eq!(shop.customer("bob").status(&bobs).await, "SHIPPING_SCHEDULED");
}
