//! Refunds: full or partial, never more than was paid and never twice.

use jiff::SignedDuration;
use serde_json::{Value, json};
use tests::checkout::Checkout;
use tests::fake_providers::FaultSettings;
use tests::fixtures::PRICE;
use tests::{Fault, Reply, Rule, Shop};

async fn paid(shop: &Shop, method: &str) -> (String, Checkout) {
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let order = ann.order(&variant, 2).await;
    let open = ann.check_out(&order, method).await;
    match method {
        "LINE_PAY" => drop(shop.return_from_line_pay(&open.trade_no).await),
        "ECPAY" => {
            shop.aws.providers().pay(&open.trade_no);
            shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
        }
        _ => {
            shop.aws.providers().pay(&open.trade_no);
            shop.newebpay_calls(&open.trade_no, FaultSettings::default()).await;
        }
    }
    shop.dispatch_events().await;
    assert_eq!(ann.status(&order).await, "SHIPPING_SCHEDULED", "{method}");
    (order, open)
}

async fn refund(shop: &Shop, order: &str, cents: Option<i64>) -> Reply {
    let mut body = json!({"reason": "broken cup"});
    if let Some(cents) = cents {
        body["amount_cents"] = json!(cents);
    }
    shop.admin().post(&format!("/admin/orders/{order}/refund"), &body).await
}

async fn view(shop: &Shop, order: &str) -> Value {
    shop.customer("ann").get(&format!("/orders/{order}")).await.expect(200)
}

#[tokio::test(start_paused = true)]
async fn partial_refunds_add_up_to_the_payment_and_the_last_one_ends_the_order() {
    for method in ["ECPAY", "NEWEBPAY", "LINE_PAY"] {
        let shop = Shop::open();
        let (order, open) = paid(&shop, method).await;
        refund(&shop, &order, Some(10_000)).await.expect(200);
        shop.dispatch_events().await;
        let seen = view(&shop, &order).await;
        assert_eq!(
            (&seen["status"], &seen["refunded_cents"]),
            (&json!("SHIPPING_SCHEDULED"), &json!(10_000)),
            "{method}"
        );
        refund(&shop, &order, Some(2 * PRICE)).await.refused(409, "refund_too_large");
        refund(&shop, &order, Some(150)).await.refused(422, "invalid_request");
        refund(&shop, &order, None).await.expect(200);
        shop.dispatch_events().await;
        let seen = view(&shop, &order).await;
        assert_eq!((&seen["status"], &seen["refunded_cents"]), (&json!("REFUNDED"), &seen["total_cents"]), "{method}");
        let trade = shop.aws.providers().trade(&open.trade_no);
        assert_eq!(
            (trade.refunds.clone(), trade.refunded()),
            (vec![100, trade.amount - 100], trade.amount),
            "{method}"
        );
        refund(&shop, &order, None).await.refused(409, "order_not_refundable");
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn points_can_be_refunded_in_parts() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 2).await;
    ann.pay(&order).await.expect(201);
    shop.dispatch_events().await;
    refund(&shop, &order, Some(10_000)).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(ann.balance().await, 1_000_000 - 2 * PRICE + 10_000);
    shop.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!((ann.balance().await, ann.status(&order).await.as_str()), (1_000_000, "REFUNDED"));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_refund_with_a_lost_response_is_looked_up_and_not_repeated() {
    for (method, operation) in [("ECPAY", "EcpayAct"), ("NEWEBPAY", "NewebpayClose"), ("LINE_PAY", "LineRefund")] {
        for fault in [Fault::AnswerLost, Fault::KilledAfter, Fault::Undelivered, Fault::KilledBefore] {
            let shop = Shop::open();
            let (order, open) = paid(&shop, method).await;
            shop.inject(Rule::next(operation, fault.clone()));
            refund(&shop, &order, Some(10_000)).await.expect(200);
            shop.dispatch_events().await;
            shop.aws.assert_faults_hit();
            for _ in 0..4 {
                shop.advance(SignedDuration::from_mins(31));
                shop.tick("reconcile_payments").await;
                shop.dispatch_events().await;
            }
            assert_eq!(shop.aws.providers().trade(&open.trade_no).refunds, [100], "{method} {fault:?}");
            assert_eq!(view(&shop, &order).await["refunded_cents"], 10_000, "{method} {fault:?}");
        }
    }
}

/// An order of ann, paid by ATM, which ECPay cannot refund.
async fn paid_at_a_machine(shop: &Shop) -> (String, Checkout) {
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().change(&open.trade_no, |trade| trade.way = "ATM_TAISHIN".to_owned());
    shop.aws.providers().pay(&open.trade_no);
    shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
    shop.dispatch_events().await;
    (order, open)
}

#[tokio::test(start_paused = true)]
async fn a_refund_without_a_provider_api_becomes_a_manual_task() {
    let shop = Shop::open();
    let (order, open) = paid_at_a_machine(&shop).await;
    let ann = shop.customer("ann");
    refund(&shop, &order, None).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(shop.tasks().await, ["MANUAL_REFUND"]);
    assert_eq!(
        (ann.payment_status(&open.payment).await.as_str(), shop.aws.providers().calls("EcpayAct")),
        ("REFUND_REQUESTED", 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_second_part_that_an_admin_has_to_give_back_is_asked_for_with_the_first() {
    let shop = Shop::open();
    let (order, open) = paid_at_a_machine(&shop).await;
    for cents in [10_000, 5_000] {
        shop.advance_minutes(1);
        refund(&shop, &order, Some(cents)).await.expect(200);
        shop.dispatch_events().await;
        // The repeated request, and the sweep that would find a lost refund.
        shop.advance_minutes(15);
        shop.tick("reconcile_payments").await;
    }
    let tasks = shop.admin().get("/admin/payment-tasks").await.expect(200);
    let amounts: Vec<_> = tasks["items"].as_array().unwrap().iter().map(|task| task["amount_cents"].clone()).collect();
    assert_eq!(amounts, [json!(15_000), json!(10_000)], "newest first");
    let given = json!({"amount_cents": 15_000, "how": "bank transfer 7"});
    shop.admin().post(&format!("/admin/payments/{}/manual-refund", open.payment), &given).await.expect(200);
    assert_eq!(view(&shop, &order).await["refunded_cents"], 15_000);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_admin_records_a_manual_refund_and_the_order_shows_it_once() {
    let shop = Shop::open();
    let (order, open) = paid_at_a_machine(&shop).await;
    let manual_refund = format!("/admin/payments/{}/manual-refund", open.payment);
    let given = |cents: i64| json!({"amount_cents": cents, "how": "bank transfer 7"});
    let admin = shop.admin();
    admin.post(&manual_refund, &given(10_000)).await.refused(409, "refund_not_manual");
    refund(&shop, &order, Some(10_000)).await.expect(200);
    shop.dispatch_events().await;

    shop.advance_minutes(1);
    admin.post(&manual_refund, &given(9_900)).await.refused(409, "refund_amount_differs");
    let first = admin.post_once("hand", &manual_refund, &given(10_000)).await.expect(200);
    assert_eq!((&first["status"], &first["refunded_cents"]), (&json!("SUCCEEDED"), &json!(10_000)));
    assert_eq!(admin.post_once("hand", &manual_refund, &given(10_000)).await.expect(200), first);
    admin.post(&manual_refund, &given(10_000)).await.refused(409, "refund_not_manual");
    assert_eq!(view(&shop, &order).await["refunded_cents"], 10_000);
    assert_eq!(shop.tasks().await, ["MANUALLY_REFUNDED", "MANUAL_REFUND"]);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_manual_refund_is_recorded_once_under_any_fault() {
    let faults = [
        Fault::AnswerLost,
        Fault::InProgress,
        Fault::KilledBefore,
        Fault::KilledAfter,
        Fault::Conflict("Payments", None),
    ];
    for fault in faults {
        let shop = Shop::open();
        let (order, open) = paid_at_a_machine(&shop).await;
        refund(&shop, &order, Some(10_000)).await.expect(200);
        shop.dispatch_events().await;
        shop.inject(Rule::next("TransactWriteItems", fault.clone()).by("record_refund"));
        let target = format!("/admin/payments/{}/manual-refund", open.payment);
        let body = json!({"amount_cents": 10_000, "how": "bank transfer 7"}).to_string().into_bytes();
        let admin = shop.admin();
        let said = || admin.send_killable("POST", &target, Some("hand"), Some(body.clone()));
        let first = said().await;
        shop.aws.assert_faults_hit();
        if first.is_none_or(|reply| reply.status >= 500) {
            said().await.unwrap().expect(200);
        }
        assert_eq!(view(&shop, &order).await["refunded_cents"], 10_000, "{fault:?}");
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_partial_refund_of_an_uncaptured_card_waits_for_the_capture() {
    let shop = Shop::open();
    let (order, open) = paid(&shop, "NEWEBPAY").await;
    shop.aws.providers().change(&open.trade_no, |trade| trade.captured = false);
    refund(&shop, &order, Some(10_000)).await.expect(200);
    shop.dispatch_events().await;
    assert_eq!(shop.aws.providers().trade(&open.trade_no).refunds, Vec::<i64>::new());
    shop.aws.providers().change(&open.trade_no, |trade| trade.captured = true);
    shop.advance_minutes(61);
    shop.tick("reconcile_payments").await;
    assert_eq!(shop.aws.providers().trade(&open.trade_no).refunds, [100]);
    shop.run_to_quiescence().await;
}
