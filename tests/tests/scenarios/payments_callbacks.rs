//! From order to PAID at each provider, and every kind of callback.

use futures_util::future::join_all;
use tests::fake_providers::{FaultSettings, State};
use tests::fixtures::PRICE;
use tests::{Fault, Rule, Shop};

/// The number of published events of a type.
fn announced(shop: &Shop, event_type: &str) -> usize {
    let mut ids: Vec<String> = shop
        .dispatcher
        .published()
        .iter()
        .filter(|event| event.detail_type == event_type)
        .map(|event| event.event_id().to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    ids.len()
}

#[tokio::test(start_paused = true)]
async fn repeated_ecpay_callbacks_pay_an_order_once() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 2).await;
    let open = ann.check_out(&order, "ECPAY").await;
    assert_eq!(shop.aws.providers().trade(&open.trade_no).amount, 2 * PRICE / 100);
    shop.aws.providers().pay(&open.trade_no);
    for _ in 0..3 {
        let reply = shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
        assert_eq!((reply.status, reply.text.as_str()), (200, "1|OK"));
    }
    assert_eq!(ann.payment_status(&open.payment).await, "SUCCEEDED");
    shop.run_to_quiescence().await;
    assert_eq!((announced(&shop, "order.paid.v1"), announced(&shop, "payment.succeeded.v1")), (1, 1));
    assert_eq!(ann.status(&order).await, "SHIPPING_SCHEDULED");
}

#[tokio::test(start_paused = true)]
async fn an_order_is_paid_at_newebpay() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "NEWEBPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    assert_eq!(shop.newebpay_calls(&open.trade_no, FaultSettings::default()).await.status, 200);
    assert_eq!(ann.status(&order).await, "PAID");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_is_paid_with_line_pay_after_the_customer_came_back() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "LINE_PAY").await;
    let page = shop.return_from_line_pay(&open.trade_no).await;
    assert_eq!((page.status, page.headers["refresh"].as_str()), (200, Some("3")));
    assert_eq!(ann.status(&order).await, "RESERVED", "a redirect of the browser is no proof of payment");
    shop.dispatch_events().await;
    let page = shop.return_from_line_pay(&open.trade_no).await;
    let refresh = page.headers["refresh"].as_str().unwrap();
    assert!(refresh.contains("; url=") && refresh.contains(&order), "it leads back to the order: {refresh}");
    assert!(page.text.contains("SUCCEEDED"), "{}", page.text);
    assert_eq!(shop.aws.providers().calls("LineConfirm"), 1);
    shop.run_to_quiescence().await;
    assert_eq!(announced(&shop, "order.paid.v1"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_line_pay_confirmation_with_a_lost_response_is_looked_up() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "LINE_PAY").await;
    shop.inject(Rule::next("LineConfirm", Fault::AnswerLost));
    shop.return_from_line_pay(&open.trade_no).await;
    shop.dispatch_events().await;
    shop.aws.assert_faults_hit();
    assert_eq!(
        (ann.payment_status(&open.payment).await.as_str(), shop.aws.providers().calls("LineConfirm")),
        ("SUCCEEDED", 1)
    );
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn ten_callbacks_at_once_make_one_transition() {
    for seed in 0..4 {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let order = ann.order(&variant, 1).await;
        let open = ann.check_out(&order, "ECPAY").await;
        shop.aws.providers().pay(&open.trade_no);
        shop.aws.shuffle(seed);
        let places = (0..10).map(|_| shop.fresh_environment());
        let replies = join_all(places.map(|place| {
            let trade_no = &open.trade_no;
            async move { place.ecpay_calls(trade_no, FaultSettings::default()).await }
        }))
        .await;
        // A callback that meets too much contention is not acknowledged and is repeated.
        assert!(replies.iter().any(|reply| reply.text == "1|OK"), "seed {seed}");
        assert!(replies.iter().all(|reply| reply.text == "1|OK" || reply.status == 503), "seed {seed}");
        shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
        shop.run_to_quiescence().await;
        assert_eq!(announced(&shop, "order.paid.v1"), 1, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_mismatching_callback_is_parked_once_and_pays_nothing() {
    let wrong = [
        (FaultSettings { more: -1, ..FaultSettings::default() }, "MISMATCH"),
        (FaultSettings { more: 1, ..FaultSettings::default() }, "MISMATCH"),
        (FaultSettings { other_merchant: true, ..FaultSettings::default() }, "MISMATCH"),
        (FaultSettings { simulated: true, ..FaultSettings::default() }, "SIMULATED"),
    ];
    for (fault_settings, kind) in wrong {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let order = ann.order(&variant, 1).await;
        for method in ["ECPAY", "NEWEBPAY"] {
            let open = ann.check_out(&order, method).await;
            shop.aws.providers().pay(&open.trade_no);
            for _ in 0..2 {
                let reply = if method == "ECPAY" {
                    shop.ecpay_calls(&open.trade_no, fault_settings).await
                } else {
                    shop.newebpay_calls(&open.trade_no, fault_settings).await
                };
                assert_eq!(reply.status, 200, "it is acknowledged: {fault_settings:?}");
            }
            assert_eq!(ann.status(&order).await, "RESERVED", "{fault_settings:?}");
            // Another method can be used once this checkout was abandoned.
            shop.advance_minutes(15);
            if method == "ECPAY" {
                assert_eq!(shop.tasks().await, [kind], "{fault_settings:?}");
            }
        }
        assert_eq!(shop.tasks().await, [kind, kind], "{fault_settings:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_trade_is_acknowledged_and_parked() {
    let (shop, other) = (Shop::open(), Shop::open());
    let (ann, variant) = (other.customer("ann"), other.variant(1).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    other.aws.providers().pay(&open.trade_no);
    let body = other.aws.providers().ecpay_callback(&open.trade_no, FaultSettings::default());
    assert_eq!(shop.receive("/api/v1/webhooks/ecpay", body).await.text, "1|OK");
    assert_eq!(shop.tasks().await, ["UNKNOWN_TRADE"]);
}

#[tokio::test(start_paused = true)]
async fn a_callback_with_a_wrong_signature_changes_nothing_and_the_genuine_one_still_pays() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    let bad = FaultSettings { bad_signature: true, ..FaultSettings::default() };
    assert_eq!(shop.ecpay_calls(&open.trade_no, bad).await.text, "0|CheckMacValue Error");
    shop.newebpay_calls(&open.trade_no, bad).await.refused(400, "callback_not_accepted");
    assert_eq!((ann.status(&order).await.as_str(), shop.tasks().await.len()), ("RESERVED", 0));
    shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
    assert_eq!(ann.status(&order).await, "PAID");
}

#[tokio::test(start_paused = true)]
async fn a_failure_or_an_issued_payment_number_can_be_followed_by_success() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.ecpay_calls(&open.trade_no, FaultSettings { number_taken: true, ..FaultSettings::default() }).await;
    assert_eq!(ann.payment_status(&open.payment).await, "INIT");
    shop.ecpay_calls(&open.trade_no, FaultSettings { failed: true, ..FaultSettings::default() }).await;
    assert_eq!(ann.payment_status(&open.payment).await, "FAILED");
    assert_eq!(ann.status(&order).await, "RESERVED", "the order keeps its hold");
    shop.aws.providers().pay(&open.trade_no);
    shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
    assert_eq!(ann.status(&order).await, "PAID");
    // A failure after a success is only recorded.
    shop.ecpay_calls(&open.trade_no, FaultSettings { failed: true, ..FaultSettings::default() }).await;
    assert_eq!(
        (ann.payment_status(&open.payment).await.as_str(), ann.status(&order).await.as_str()),
        ("SUCCEEDED", "PAID")
    );
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn one_checkout_attempt_is_live_at_a_time_and_replaces_an_abandoned_one() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    let first = ann.check_out(&order, "ECPAY").await;
    let again = ann.begin(&order, "ECPAY").await.expect(201);
    assert_eq!(again["payment_id"], first.payment);
    let second = shop.open_checkout(&again).await;
    assert_ne!(second, first.trade_no, "each checkout attempt has its own trade number");
    ann.begin(&order, "LINE_PAY").await.refused(409, "payment_in_progress");
    ann.pay(&order).await.refused(409, "payment_in_progress");
    shop.advance_minutes(15);
    let other = ann.begin(&order, "LINE_PAY").await.expect(201);
    assert_ne!(other["payment_id"], first.payment);
    assert_eq!(ann.payment_status(&first.payment).await, "EXPIRED");
    // Money for the abandoned attempt still counts.
    shop.aws.providers().pay(&first.trade_no);
    shop.ecpay_calls(&first.trade_no, FaultSettings::default()).await;
    assert_eq!(ann.status(&order).await, "PAID");
}

#[tokio::test(start_paused = true)]
async fn a_checkout_opens_only_at_its_own_url_and_expires() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let payment = ann.begin(&order, "ECPAY").await.expect(201);
    let url = payment["checkout_url"].as_str().unwrap().split_once("/api/v1").unwrap().1.to_owned();
    let nobody = shop.session(tests::Caller::Nobody);
    nobody.get(&format!("{}x", &url[..url.len() - 1])).await.refused(404, "checkout_not_open");
    let page = nobody.get(&url).await;
    let policy = page.headers["content-security-policy"].as_str().unwrap();
    assert!(policy.contains("default-src 'none'; form-action 'self' http://ecpay.test;"), "{policy}");
    shop.advance_minutes(15);
    nobody.get(&url).await.refused(409, "order_not_payable");
}

#[tokio::test(start_paused = true)]
async fn reconciliation_pays_after_a_lost_callback_and_expires_an_abandoned_checkout() {
    for method in ["ECPAY", "NEWEBPAY", "LINE_PAY"] {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let (paid, left) = (ann.order(&variant, 1).await, ann.order(&variant, 1).await);
        let (open, never) = (ann.check_out(&paid, method).await, ann.check_out(&left, method).await);
        let state = if method == "LINE_PAY" { State::Approved } else { State::Paid };
        shop.aws.providers().change(&open.trade_no, |trade| trade.state = state);
        shop.tick("reconcile_payments").await;
        assert_eq!(ann.status(&paid).await, "RESERVED", "{method}: not asked before its time");
        shop.advance_minutes(11);
        shop.tick("reconcile_payments").await;
        shop.dispatch_events().await;
        assert_eq!(ann.payment_status(&open.payment).await, "SUCCEEDED", "{method}");
        for _ in 0..6 {
            shop.advance_minutes(40);
            shop.tick("reconcile_payments").await;
        }
        assert_eq!(ann.payment_status(&never.payment).await, "EXPIRED", "{method}");
        shop.run_to_quiescence().await;
    }
}

/// Creates this many checkouts at ECPay, which does not respond, and a paid one at NewebPay. Returns the status of the
/// latter after one reconciliation run.
async fn beside_a_silent_provider(shop: &Shop, checkouts: i64) -> String {
    let (ann, variant) = (shop.customer("ann"), shop.variant(checkouts + 1).await);
    for _ in 0..checkouts {
        let order = ann.order(&variant, 1).await;
        ann.check_out(&order, "ECPAY").await;
    }
    let order = ann.order(&variant, 1).await;
    let paid = ann.check_out(&order, "NEWEBPAY").await;
    shop.aws.providers().change(&paid.trade_no, |trade| trade.state = State::Paid);
    shop.inject(Rule::every("EcpayQuery", Fault::AnswerLost));
    shop.advance_minutes(11);
    shop.tick("reconcile_payments").await;
    ann.payment_status(&paid.payment).await
}

#[tokio::test(start_paused = true)]
async fn an_unresponsive_provider_is_paused_and_does_not_delay_the_others() {
    let shop = Shop::open();
    assert_eq!(beside_a_silent_provider(&shop, 5).await, "SUCCEEDED");
    assert_eq!(shop.aws.providers().calls("EcpayQuery"), 3);
    // The next run starts with the payments that were not checked.
    shop.tick("reconcile_payments").await;
    assert_eq!(shop.aws.providers().calls("EcpayQuery"), 5);
}

#[tokio::test(start_paused = true)]
async fn more_payments_than_one_run_checks_do_not_delay_another_provider() {
    assert_eq!(beside_a_silent_provider(&Shop::open(), 260).await, "SUCCEEDED");
}

#[tokio::test(start_paused = true)]
async fn a_kill_between_the_response_of_the_provider_and_our_write_still_ends_in_paid() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.inject(Rule::next("TransactWriteItems", Fault::KilledBefore).by("receive_ecpay_callback"));
    let body = shop.aws.providers().ecpay_callback(&open.trade_no, FaultSettings::default());
    assert!(shop.receive_killable("/api/v1/webhooks/ecpay", body).await.is_none());
    shop.aws.assert_faults_hit();
    assert_eq!(ann.status(&order).await, "RESERVED");
    shop.advance_minutes(11);
    shop.tick("reconcile_payments").await;
    assert_eq!(ann.status(&order).await, "PAID");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_form_is_signed_with_new_keys_five_minutes_after_a_rotation() {
    let (old, new) = (("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"), ("5294y06JbISpM5x9", "v77hoKGq4kWxNNIS"));
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    ann.check_out(&ann.order(&variant, 1).await, "ECPAY").await;
    // ECPay takes the new key alone, and no answer of its tells the environment, which has cached the old one.
    shop.aws.providers().set_ecpay_keys(&[new, old], 0);
    tokio::time::sleep(std::time::Duration::from_secs(5 * 60)).await;
    let open = ann.check_out(&ann.order(&variant, 1).await, "ECPAY").await;
    assert_eq!(shop.aws.providers().trade(&open.trade_no).amount, PRICE / 100);
}

#[tokio::test(start_paused = true)]
async fn both_keys_are_accepted_during_a_rotation_and_new_keys_are_read_on_a_signature_mismatch() {
    let (old, new) = (("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"), ("5294y06JbISpM5x9", "v77hoKGq4kWxNNIS"));
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    // The environment has cached the old secret; ECPay already signs with the new key.
    shop.aws.providers().set_ecpay_keys(&[old, new], 1);
    tokio::time::sleep(std::time::Duration::from_secs(61)).await;
    assert_eq!(shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await.text, "1|OK");
    assert_eq!(ann.status(&order).await, "PAID");
}
