//! From order to PAID at each provider, and callbacks in every shape.

use futures_util::future::join_all;
use tests::bank::{Knob, State};
use tests::goods::PRICE;
use tests::{Fault, Rule, Shop};

/// How many events of a type were on the bus.
fn announced(shop: &Shop, event_type: &str) -> usize {
    let mut ids: Vec<String> = shop
        .pump
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
async fn an_order_is_paid_at_ecpay_once_however_often_it_is_said() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 2).await;
    let open = ann.check_out(&order, "ECPAY").await;
    assert_eq!(shop.wire.bank().trade(&open.trade_no).amount, 2 * PRICE / 100);
    shop.wire.bank().pay(&open.trade_no);
    for _ in 0..3 {
        let reply = shop.ecpay_calls(&open.trade_no, Knob::default()).await;
        assert_eq!((reply.status, reply.text.as_str()), (200, "1|OK"));
    }
    assert_eq!(ann.payment_status(&open.payment).await, "SUCCEEDED");
    shop.settle().await;
    assert_eq!((announced(&shop, "order.paid.v1"), announced(&shop, "payment.succeeded.v1")), (1, 1));
    assert_eq!(ann.status(&order).await, "SHIPPING_SCHEDULED");
}

#[tokio::test(start_paused = true)]
async fn an_order_is_paid_at_newebpay() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "NEWEBPAY").await;
    shop.wire.bank().pay(&open.trade_no);
    assert_eq!(shop.newebpay_calls(&open.trade_no, Knob::default()).await.status, 200);
    assert_eq!(ann.status(&order).await, "PAID");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn an_order_is_paid_with_line_pay_after_the_customer_came_back() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "LINE_PAY").await;
    let page = shop.return_from_line_pay(&open.trade_no).await;
    assert_eq!((page.status, page.headers["refresh"].as_str()), (200, Some("3")));
    assert_eq!(ann.status(&order).await, "RESERVED", "that a browser came back proves nothing");
    shop.pump().await;
    let page = shop.return_from_line_pay(&open.trade_no).await;
    assert!(page.headers.get("refresh").is_none() && page.text.contains("SUCCEEDED"), "{}", page.text);
    assert_eq!(shop.wire.bank().calls("LineConfirm"), 1);
    shop.settle().await;
    assert_eq!(announced(&shop, "order.paid.v1"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_confirmation_whose_answer_got_lost_is_found_done() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "LINE_PAY").await;
    shop.inject(Rule::next("LineConfirm", Fault::AnswerLost));
    shop.return_from_line_pay(&open.trade_no).await;
    shop.pump().await;
    shop.wire.assert_struck();
    assert_eq!(
        (ann.payment_status(&open.payment).await.as_str(), shop.wire.bank().calls("LineConfirm")),
        ("SUCCEEDED", 1)
    );
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn ten_callbacks_at_once_make_one_transition() {
    for seed in 0..4 {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let order = ann.order(&variant, 1).await;
        let open = ann.check_out(&order, "ECPAY").await;
        shop.wire.bank().pay(&open.trade_no);
        shop.wire.shuffle(seed);
        let places = (0..10).map(|_| shop.elsewhere());
        let replies = join_all(places.map(|place| {
            let trade_no = &open.trade_no;
            async move { place.ecpay_calls(trade_no, Knob::default()).await }
        }))
        .await;
        // Who met too much contention is not acknowledged and comes again.
        assert!(replies.iter().any(|reply| reply.text == "1|OK"), "seed {seed}");
        assert!(replies.iter().all(|reply| reply.text == "1|OK" || reply.status == 503), "seed {seed}");
        shop.ecpay_calls(&open.trade_no, Knob::default()).await;
        shop.settle().await;
        assert_eq!(announced(&shop, "order.paid.v1"), 1, "seed {seed}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_is_parked_once_and_pays_nothing() {
    let wrong = [
        (Knob { more: -1, ..Knob::default() }, "MISMATCH"),
        (Knob { more: 1, ..Knob::default() }, "MISMATCH"),
        (Knob { other_merchant: true, ..Knob::default() }, "MISMATCH"),
        (Knob { simulated: true, ..Knob::default() }, "SIMULATED"),
    ];
    for (knob, kind) in wrong {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let order = ann.order(&variant, 1).await;
        for method in ["ECPAY", "NEWEBPAY"] {
            let open = ann.check_out(&order, method).await;
            shop.wire.bank().pay(&open.trade_no);
            for _ in 0..2 {
                let reply = if method == "ECPAY" {
                    shop.ecpay_calls(&open.trade_no, knob).await
                } else {
                    shop.newebpay_calls(&open.trade_no, knob).await
                };
                assert_eq!(reply.status, 200, "it is acknowledged: {knob:?}");
            }
            assert_eq!(ann.status(&order).await, "RESERVED", "{knob:?}");
            // The other method's turn comes once this checkout was left alone.
            shop.pass_minutes(15);
            if method == "ECPAY" {
                assert_eq!(shop.tasks().await, [kind], "{knob:?}");
            }
        }
        assert_eq!(shop.tasks().await, [kind, kind], "{knob:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_trade_that_the_shop_does_not_know_is_acknowledged_and_parked() {
    let (shop, other) = (Shop::open(), Shop::open());
    let (ann, variant) = (other.customer("ann"), other.variant(1).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    other.wire.bank().pay(&open.trade_no);
    let body = other.wire.bank().ecpay_callback(&open.trade_no, Knob::default());
    assert_eq!(shop.receive("/api/v1/webhooks/ecpay", body).await.text, "1|OK");
    assert_eq!(shop.tasks().await, ["UNKNOWN_TRADE"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_signed_changes_nothing_and_the_true_one_still_pays() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.wire.bank().pay(&open.trade_no);
    let bad = Knob { bad_signature: true, ..Knob::default() };
    assert_eq!(shop.ecpay_calls(&open.trade_no, bad).await.text, "0|CheckMacValue Error");
    shop.newebpay_calls(&open.trade_no, bad).await.refused(400, "callback_not_accepted");
    assert_eq!((ann.status(&order).await.as_str(), shop.tasks().await.len()), ("RESERVED", 0));
    shop.ecpay_calls(&open.trade_no, Knob::default()).await;
    assert_eq!(ann.status(&order).await, "PAID");
}

#[tokio::test(start_paused = true)]
async fn a_failure_or_a_number_may_be_followed_by_the_success() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.ecpay_calls(&open.trade_no, Knob { number_taken: true, ..Knob::default() }).await;
    assert_eq!(ann.payment_status(&open.payment).await, "INIT");
    shop.ecpay_calls(&open.trade_no, Knob { failed: true, ..Knob::default() }).await;
    assert_eq!(ann.payment_status(&open.payment).await, "FAILED");
    assert_eq!(ann.status(&order).await, "RESERVED", "the order keeps its hold");
    shop.wire.bank().pay(&open.trade_no);
    shop.ecpay_calls(&open.trade_no, Knob::default()).await;
    assert_eq!(ann.status(&order).await, "PAID");
    // A failure after the success is only noted.
    shop.ecpay_calls(&open.trade_no, Knob { failed: true, ..Knob::default() }).await;
    assert_eq!(
        (ann.payment_status(&open.payment).await.as_str(), ann.status(&order).await.as_str()),
        ("SUCCEEDED", "PAID")
    );
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn one_attempt_lives_at_a_time_and_an_abandoned_one_gives_way() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    let first = ann.check_out(&order, "ECPAY").await;
    let again = ann.begin(&order, "ECPAY").await.expect(201);
    assert_eq!(again["payment_id"], first.payment);
    let second = shop.open_checkout(&again).await;
    assert_ne!(second, first.trade_no, "each opening has its own number");
    ann.begin(&order, "LINE_PAY").await.refused(409, "payment_in_progress");
    ann.pay(&order).await.refused(409, "payment_in_progress");
    shop.pass_minutes(15);
    let other = ann.begin(&order, "LINE_PAY").await.expect(201);
    assert_ne!(other["payment_id"], first.payment);
    assert_eq!(ann.payment_status(&first.payment).await, "EXPIRED");
    // The abandoned one's money still counts.
    shop.wire.bank().pay(&first.trade_no);
    shop.ecpay_calls(&first.trade_no, Knob::default()).await;
    assert_eq!(ann.status(&order).await, "PAID");
}

#[tokio::test(start_paused = true)]
async fn a_checkout_opens_by_its_own_address_alone_and_not_for_ever() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let payment = ann.begin(&order, "ECPAY").await.expect(201);
    let url = payment["checkout_url"].as_str().unwrap().split_once("/api/v1").unwrap().1.to_owned();
    let nobody = shop.session(tests::Caller::Nobody);
    nobody.get(&format!("{}x", &url[..url.len() - 1])).await.refused(404, "checkout_not_open");
    let page = nobody.get(&url).await;
    let policy = page.headers["content-security-policy"].as_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && policy.contains("form-action http://ecpay.test;"), "{policy}");
    shop.pass_minutes(15);
    nobody.get(&url).await.refused(404, "checkout_not_open");
}

#[tokio::test(start_paused = true)]
async fn a_lost_callback_ends_in_paid_and_an_abandoned_checkout_in_expired() {
    for method in ["ECPAY", "NEWEBPAY", "LINE_PAY"] {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let (paid, left) = (ann.order(&variant, 1).await, ann.order(&variant, 1).await);
        let (open, never) = (ann.check_out(&paid, method).await, ann.check_out(&left, method).await);
        let state = if method == "LINE_PAY" { State::Approved } else { State::Paid };
        shop.wire.bank().change(&open.trade_no, |trade| trade.state = state);
        shop.tick("reconcile_payments").await;
        assert_eq!(ann.status(&paid).await, "RESERVED", "{method}: not asked before its time");
        shop.pass_minutes(11);
        shop.tick("reconcile_payments").await;
        shop.pump().await;
        assert_eq!(ann.payment_status(&open.payment).await, "SUCCEEDED", "{method}");
        for _ in 0..6 {
            shop.pass_minutes(40);
            shop.tick("reconcile_payments").await;
        }
        assert_eq!(ann.payment_status(&never.payment).await, "EXPIRED", "{method}");
        shop.settle().await;
    }
}

/// So many checkouts at ECPay, which does not answer, and after them one at NewebPay, which was paid. Answers the status of
/// that payment after a round.
async fn beside_a_silent_provider(shop: &Shop, checkouts: i64) -> String {
    let (ann, variant) = (shop.customer("ann"), shop.variant(checkouts + 1).await);
    for _ in 0..checkouts {
        let order = ann.order(&variant, 1).await;
        ann.check_out(&order, "ECPAY").await;
    }
    let order = ann.order(&variant, 1).await;
    let paid = ann.check_out(&order, "NEWEBPAY").await;
    shop.wire.bank().change(&paid.trade_no, |trade| trade.state = State::Paid);
    shop.inject(Rule::every("EcpayQuery", Fault::AnswerLost));
    shop.pass_minutes(11);
    shop.tick("reconcile_payments").await;
    ann.payment_status(&paid.payment).await
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_answer_is_left_alone_and_keeps_no_other_one_waiting() {
    let shop = Shop::open();
    assert_eq!(beside_a_silent_provider(&shop, 5).await, "SUCCEEDED");
    assert_eq!(shop.wire.bank().calls("EcpayQuery"), 3);
    // The next round begins with those that were not asked about.
    shop.tick("reconcile_payments").await;
    assert_eq!(shop.wire.bank().calls("EcpayQuery"), 5);
}

#[tokio::test(start_paused = true)]
async fn more_payments_than_a_round_looks_at_keep_no_other_providers_payment_waiting() {
    assert_eq!(beside_a_silent_provider(&Shop::open(), 260).await, "SUCCEEDED");
}

#[tokio::test(start_paused = true)]
async fn killed_between_the_providers_yes_and_our_write_it_still_ends_in_paid() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.wire.bank().pay(&open.trade_no);
    shop.inject(Rule::next("TransactWriteItems", Fault::KilledBefore).by("receive_ecpay_callback"));
    let body = shop.wire.bank().ecpay_callback(&open.trade_no, Knob::default());
    assert!(shop.receive_mortal("/api/v1/webhooks/ecpay", body).await.is_none());
    shop.wire.assert_struck();
    assert_eq!(ann.status(&order).await, "RESERVED");
    shop.pass_minutes(11);
    shop.tick("reconcile_payments").await;
    assert_eq!(ann.status(&order).await, "PAID");
    shop.settle().await;
}

#[tokio::test(start_paused = true)]
async fn during_a_rotation_both_keys_are_heard_and_a_new_one_is_read_when_a_signature_fails() {
    let (old, new) = (("pwFHCqoQZGmho4w6", "EkRm7iFT261dpevs"), ("5294y06JbISpM5x9", "v77hoKGq4kWxNNIS"));
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.wire.bank().pay(&open.trade_no);
    // The environment remembers the old secret; ECPay signs with the new key already.
    shop.wire.bank().set_ecpay_keys(&[old, new], 1);
    tokio::time::sleep(std::time::Duration::from_secs(61)).await;
    assert_eq!(shop.ecpay_calls(&open.trade_no, Knob::default()).await.text, "1|OK");
    assert_eq!(ann.status(&order).await, "PAID");
}
