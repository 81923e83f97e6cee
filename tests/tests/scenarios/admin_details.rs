//! What admins look up one by one: payments with all that their providers said, payment tasks, events, work orders, stock
//! adjustments.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::fake_providers::FaultSettings;
use tests::fixtures::text;
use tests::preorders::{asked, terms};
use tests::{Fault, Rule, Shop};

use super::admin_lists::{all, ids};

#[tokio::test(start_paused = true)]
async fn payment_tasks_say_what_to_do_and_stay_listed_once_they_are_done() {
    let shop = Shop::open();
    let (admin, ann, variant) = (shop.admin(), shop.customer("ann"), shop.variant(9).await);
    // Late money leaves a notice.
    let late = ann.order(&variant, 1).await;
    let open = ann.check_out(&late, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.advance_minutes(31);
    shop.tick("expire_orders").await;
    shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
    shop.dispatch_events().await;
    shop.advance(SignedDuration::from_secs(1));
    // A payment at a machine has no refund at the provider's API.
    let order = ann.order(&variant, 1).await;
    let begun = ann.begin(&order, "ECPAY").await.expect(201);
    let trade_no = shop.open_checkout(&begun).await;
    shop.aws.providers().change(&trade_no, |trade| trade.way = "ATM_TAISHIN".to_owned());
    shop.aws.providers().pay(&trade_no);
    shop.ecpay_calls(&trade_no, FaultSettings::default()).await;
    admin.post(&format!("/admin/orders/{order}/refund"), &json!({"reason": "broken"})).await.expect(200);
    shop.dispatch_events().await;
    shop.advance_minutes(61);
    shop.tick("reconcile_payments").await;

    let open_tasks = all(&admin, "/admin/payment-tasks?done=false", 100).await;
    assert_eq!(ids(&open_tasks, "kind"), ["MANUAL_REFUND"]);
    assert!(text(&open_tasks[0], "to_do").contains("record the manual refund"), "{}", open_tasks[0]);
    assert_eq!(ids(&all(&admin, "/admin/payment-tasks?done=true", 100).await, "kind"), ["LATE_SERVED"]);
    let refund = format!("/admin/payments/{}/manual-refund", text(&open_tasks[0], "payment_id"));
    let given = json!({"amount_cents": open_tasks[0]["amount_cents"], "how": "bank transfer 7"});
    admin.post(&refund, &given).await.expect(200);
    let done = format!("/admin/payment-tasks/{}/done", text(&open_tasks[0], "task_id"));
    admin.post(&done, &json!({"note": "bank transfer 7"})).await.expect(200);

    for limit in [1, 2, 100] {
        let every = all(&admin, "/admin/payment-tasks", limit).await;
        assert_eq!(ids(&every, "kind"), ["MANUALLY_REFUNDED", "MANUAL_REFUND", "LATE_SERVED"], "by {limit}");
        assert_eq!((&every[1]["done"], &every[1]["done_by"]), (&json!(true), &json!("admin-1")));
        assert_eq!(every[1]["note"], "bank transfer 7");
        assert_eq!(every[1]["task_id"], open_tasks[0]["task_id"]);
        assert_eq!(all(&admin, "/admin/payment-tasks?done=false", limit).await, Vec::<Value>::new());
        let of_kind = all(&admin, "/admin/payment-tasks?kind=MANUAL_REFUND&done=true", limit).await;
        assert_eq!(ids(&of_kind, "kind"), ["MANUAL_REFUND"]);
    }
    for bad in ["?kind=manual", "?done=yes", "?done=", "?done=true&done=true", "?status=OPEN"] {
        admin.get(&format!("/admin/payment-tasks{bad}")).await.refused(422, "invalid_request");
    }
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_a_payment_with_all_that_its_provider_said_and_no_card_data() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
    let seen = shop.admin().get(&format!("/admin/payments/{}", open.payment)).await.expect(200);
    assert_eq!(
        (&seen["order_id"], &seen["customer_id"], &seen["status"]),
        (&json!(order), &json!("ann"), &json!("SUCCEEDED"))
    );
    let event = &seen["events"][0];
    assert_eq!(
        (&event["action"], &event["result"], &event["trade_no"]),
        (&json!("CAPTURE"), &json!("OK"), &json!(open.trade_no))
    );
    let raw = event["raw"].as_object().unwrap();
    assert_eq!(raw["MerchantTradeNo"], open.trade_no.as_str());
    assert!(raw.keys().all(|name| !name.to_lowercase().contains("card")), "{raw:?}");
    shop.admin().get("/admin/payments/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b").await.refused(404, "payment_not_found");
    ann.get(&format!("/admin/payments/{}", open.payment)).await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_the_payload_of_an_event_and_why_it_was_not_published() {
    let shop = Shop::open();
    let (admin, ann, variant) = (shop.admin(), shop.customer("ann"), shop.variant(5).await);
    let order = ann.order(&variant, 1).await;
    shop.inject(Rule::every("PutEvents", Fault::EntriesInvalid((0..10).collect())));
    shop.advance_minutes(1);
    shop.tick("sweep_outbox").await;
    let event = text(&admin.get("/admin/outbox").await.expect(200)["items"][0], "event_id");
    let seen = admin.get(&format!("/admin/outbox/{event}")).await.expect(200);
    assert_eq!(
        (&seen["type"], &seen["status"], &seen["attempts"]),
        (&json!("order.reserved.v1"), &json!("NEW"), &json!(1))
    );
    assert_eq!(seen["aggregate"], json!({"type": "order", "id": order, "version": 1}));
    assert_eq!(seen["payload"]["order_id"], order.as_str());
    assert!(!text(&seen, "last_error").is_empty());
    admin.get("/admin/outbox/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a50").await.refused(404, "event_not_found");
    ann.get(&format!("/admin/outbox/{event}")).await.refused(403, "forbidden");
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_a_work_order_with_the_names_of_its_product_and_window() {
    let shop = Shop::open();
    let offered = shop.offered(&terms(1)).await;
    asked(&shop, &offered, 1).await;
    let seen = shop.admin().get(&format!("/admin/work-orders/{}", offered.batch())).await.expect(200);
    assert_eq!((&seen["product_name"], &seen["window_name"]), (&json!("coat"), &json!("2026_CNY")));
    assert_eq!((&seen["status"], &seen["batch_id"]), (&json!("READY"), &json!(offered.batch())));
    let other = format!("{}.{}", offered.product, offered.window);
    shop.admin().get(&format!("/admin/work-orders/{other}")).await.refused(404, "work_order_not_found");
}

#[tokio::test(start_paused = true)]
async fn an_admin_sees_who_changed_a_stock_and_why_newest_first() {
    let shop = Shop::open();
    let (admin, variant) = (shop.admin(), shop.variant(5).await);
    for (delta, reason) in [(3, "found"), (-2, "broken"), (7, "delivery")] {
        shop.advance(SignedDuration::from_secs(1));
        let change = json!({"delta": delta, "reason": reason});
        admin.post(&format!("/admin/variants/{variant}/stock"), &change).await.expect(200);
    }
    let path = format!("/admin/variants/{variant}/adjustments");
    for limit in [1, 2, 100] {
        let found = all(&admin, &path, limit).await;
        let seen: Vec<_> = found.iter().map(|item| (item["delta"].as_i64().unwrap(), text(item, "reason"))).collect();
        let wanted = [(7, "delivery"), (-2, "broken"), (3, "found"), (5, "initial stock")];
        assert_eq!(seen, wanted.map(|(delta, reason)| (delta, reason.to_owned())), "by {limit}");
        assert!(found.iter().all(|item| item["by"] == "admin-1" && item["at"].is_string()));
    }
    let other = format!("{}.00000001", variant.split('.').next().unwrap());
    admin.get(&format!("/admin/variants/{other}/adjustments")).await.refused(404, "variant_not_found");
    shop.customer("ann").get(&path).await.refused(403, "forbidden");
}
