//! Money that was taken is seen, whatever was said before and whatever got lost: a provider is asked about a trade as
//! long as it can take money for it.

use jiff::SignedDuration;
use serde_json::json;
use tests::Shop;
use tests::fake_messengers::FakeResponse;
use tests::fake_providers::{FaultSettings, State};
use tests::fixtures::{PRICE, text};

fn code(code: &'static str) -> FaultSettings {
    FaultSettings { code: Some(code), ..FaultSettings::default() }
}

/// A provider's report before the customer pays on the same page; the callback about the payment is lost.
async fn paid_after(method: &str, said: FaultSettings) -> (String, String) {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, method).await;
    match method {
        "ECPAY" => drop(shop.ecpay_calls(&open.trade_no, said).await),
        _ => drop(shop.newebpay_calls(&open.trade_no, said).await),
    }
    let first = ann.payment_status(&open.payment).await;
    shop.aws.providers().pay(&open.trade_no);
    shop.advance_minutes(11);
    shop.tick("reconcile_payments").await;
    shop.run_to_quiescence().await;
    (first, ann.payment_status(&open.payment).await)
}

#[tokio::test(start_paused = true)]
async fn a_decline_that_the_customer_follows_by_paying_is_found_when_that_callback_is_lost() {
    for said in ["10200058", "10100248", "10100252", "99999999"] {
        let found = paid_after("ECPAY", code(said)).await;
        assert_eq!(found, ("FAILED".to_owned(), "SUCCEEDED".to_owned()), "{said}");
    }
    for said in ["MPG03009", "MPG05005"] {
        let found = paid_after("NEWEBPAY", code(said)).await;
        assert_eq!(found, ("FAILED".to_owned(), "SUCCEEDED".to_owned()), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_not_known_yet_ends_nothing() {
    for (method, said) in [("ECPAY", "10300066"), ("NEWEBPAY", "NOR1001"), ("NEWEBPAY", "TRA10015")] {
        let found = paid_after(method, code(said)).await;
        assert_eq!(found, ("INIT".to_owned(), "SUCCEEDED".to_owned()), "{method} {said}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_that_stays_unknown_for_days_is_asked_about_and_then_shown_to_an_admin() {
    for method in ["ECPAY", "NEWEBPAY"] {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let (order, other) = (ann.order(&variant, 1).await, ann.order(&variant, 1).await);
        let (open, never) = (ann.check_out(&order, method).await, ann.check_out(&other, method).await);
        for trade in [&open.trade_no, &never.trade_no] {
            shop.aws.providers().change(trade, |trade| trade.state = State::Pending);
        }
        let hours = |hours| SignedDuration::from_hours(hours);
        for _ in 0..30 {
            shop.advance(hours(2));
            shop.tick("reconcile_payments").await;
        }
        // Two and a half days later the provider knows.
        shop.aws.providers().pay(&open.trade_no);
        for _ in 0..30 {
            shop.advance(hours(6));
            shop.tick("reconcile_payments").await;
        }
        assert!(ann.payment_status(&open.payment).await != "INIT", "{method}: the money was seen");
        let tasks = shop.tasks().await;
        assert_eq!(tasks.iter().filter(|kind| *kind == "UNCLEAR").count(), 1, "{method}: {tasks:?}");
        let asked = shop.aws.providers().calls(if method == "ECPAY" { "EcpayQuery" } else { "NewebpayQuery" });
        assert!(asked < 60, "{method}: further and further apart, {asked}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_second_trade_of_a_paid_payment_is_asked_about_too() {
    let shop = Shop::open();
    shop.advance_minutes(31);
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let first = ann.check_out(&order, "ECPAY").await;
    let second = shop.open_checkout(&ann.begin(&order, "ECPAY").await.expect(201)).await;
    shop.aws.providers().pay(&first.trade_no);
    shop.ecpay_calls(&first.trade_no, FaultSettings::default()).await;
    // The customer pays in the other tab too, and that callback is lost.
    shop.aws.providers().pay(&second);
    for _ in 0..3 {
        shop.advance_minutes(41);
        shop.tick("reconcile_payments").await;
        shop.dispatch_events().await;
    }
    let amount = shop.aws.providers().trade(&second).amount;
    assert_eq!(shop.aws.providers().trade(&second).refunds, [amount]);
    assert_eq!(shop.tasks().await, ["PAID_TWICE"]);
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_second_trade_of_a_payment_is_asked_about_while_its_refund_waits_for_an_admin() {
    for is_refundable in [true, false] {
        let shop = Shop::open();
        shop.advance_minutes(31);
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let order = ann.order(&variant, 1).await;
        let first = ann.check_out(&order, "ECPAY").await;
        let second = shop.open_checkout(&ann.begin(&order, "ECPAY").await.expect(201)).await;
        // ECPay's API refunds cards only.
        let at_a_machine = |trade_no: &str| {
            shop.aws.providers().change(trade_no, |trade| trade.way = "ATM_TAISHIN".to_owned());
        };
        at_a_machine(&first.trade_no);
        shop.aws.providers().pay(&first.trade_no);
        shop.ecpay_calls(&first.trade_no, FaultSettings::default()).await;
        shop.dispatch_events().await;
        shop.cancel(&order).await.expect(200);
        shop.dispatch_events().await;
        assert_eq!(shop.tasks().await, ["MANUAL_REFUND"]);
        // The customer pays in the other tab too, and that callback is lost.
        if !is_refundable {
            at_a_machine(&second);
        }
        shop.aws.providers().pay(&second);
        for _ in 0..3 {
            shop.advance_minutes(41);
            shop.tick("reconcile_payments").await;
            shop.dispatch_events().await;
        }
        let trade = shop.aws.providers().trade(&second);
        if is_refundable {
            assert_eq!(trade.refunds, [trade.amount]);
            assert_eq!(shop.tasks().await, ["PAID_TWICE", "MANUAL_REFUND"]);
        } else {
            let mut tasks = shop.tasks().await;
            tasks.sort();
            assert_eq!(tasks, ["MANUAL_REFUND", "MANUAL_REFUND", "PAID_TWICE"], "all that is owed is asked for");
        }
        let asked = shop.aws.providers().calls("EcpayQuery");
        shop.advance(SignedDuration::from_hours(72));
        shop.tick("reconcile_payments").await;
        assert_eq!(shop.aws.providers().calls("EcpayQuery"), asked, "nothing is left to ask about");
        let given = json!({"amount_cents": PRICE, "how": "bank transfer 7"});
        let path = format!("/admin/payments/{}/manual-refund", first.payment);
        shop.admin().post(&path, &given).await.expect(200);
        assert_eq!(ann.status(&order).await, "REFUNDED");
        assert_eq!(ann.payment_status(&first.payment).await, "REFUNDED");
    }
}

#[tokio::test(start_paused = true)]
async fn a_form_that_no_browser_sent_is_asked_about_twice() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let payment = ann.begin(&order, "NEWEBPAY").await.expect(201);
    // The browser gets the form and is closed.
    assert_eq!(shop.press_checkout(&payment).await.status, 200);
    for _ in 0..40 {
        shop.advance_minutes(10);
        shop.tick("reconcile_payments").await;
    }
    assert_eq!(shop.aws.providers().calls("NewebpayQuery"), 2);
    assert_eq!(ann.payment_status(&text(&payment, "payment_id")).await, "EXPIRED");
}

/// The requests for refunds that were just made get lost on their way.
async fn lose_refund_requests(shop: &Shop) {
    shop.dispatcher.relay(shop).await;
    shop.dispatcher.route(shop);
    assert!(!shop.dispatcher.take_waiting("refund_payment").is_empty(), "a request that could get lost");
}

/// A paid order of ann's at NewebPay, of which an admin gives a part back.
async fn refund_waits(shop: &Shop) -> (String, String) {
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    let order = ann.order(&variant, 2).await;
    let open = ann.check_out(&order, "NEWEBPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.newebpay_calls(&open.trade_no, FaultSettings::default()).await;
    shop.dispatch_events().await;
    let refund = json!({"amount_cents": 10_000, "reason": "broken cup"});
    shop.admin().post(&format!("/admin/orders/{order}/refund"), &refund).await.expect(200);
    (order, open.trade_no)
}

#[tokio::test(start_paused = true)]
async fn abandoned_checkouts_and_a_pause_of_questions_keep_no_refund_waiting() {
    let shop = Shop::open();
    let (_, trade_no) = refund_waits(&shop).await;
    // The request's event is lost: reconciliation alone can make the refund.
    lose_refund_requests(&shop).await;
    let (bob, variant) = (shop.customer("bob"), shop.variant(80).await);
    for _ in 0..60 {
        let order = bob.order(&variant, 1).await;
        bob.check_out(&order, "NEWEBPAY").await;
    }
    shop.aws.providers().refuse("NewebpayQuery", FakeResponse::new(200, r#"{"Status":"TRA10071","Result":[]}"#));
    shop.advance_minutes(11);
    shop.tick("reconcile_payments").await;
    shop.advance_minutes(6);
    shop.tick("reconcile_payments").await;
    for _ in 0..50 {
        shop.advance_minutes(6);
        shop.tick("reconcile_payments").await;
    }
    assert_eq!(shop.aws.providers().trade(&trade_no).refunds, [100]);
}

#[tokio::test(start_paused = true)]
async fn abandoned_checkouts_of_one_customer_keep_no_other_customer_waiting() {
    let shop = Shop::open();
    let (ann, bob, variant) = (shop.customer("ann"), shop.customer("bob"), shop.variant(500).await);
    for _ in 0..450 {
        let order = bob.order(&variant, 1).await;
        let open = bob.check_out(&order, "ECPAY").await;
        shop.aws.providers().change(&open.trade_no, |trade| trade.state = State::Pending);
    }
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.advance_minutes(11);
    shop.tick("reconcile_payments").await;
    assert_eq!(ann.payment_status(&open.payment).await, "SUCCEEDED");
}

#[tokio::test(start_paused = true)]
async fn forms_that_one_customer_never_sends_keep_no_other_customer_waiting() {
    let shop = Shop::open();
    let (ann, bob, variant) = (shop.customer("ann"), shop.customer("bob"), shop.variant(50).await);
    for _ in 0..4 {
        let order = bob.order(&variant, 1).await;
        let payment = bob.begin(&order, "ECPAY").await.expect(201);
        for _ in 0..10 {
            shop.press_checkout(&payment).await;
        }
    }
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.advance_minutes(11);
    shop.tick("reconcile_payments").await;
    assert_eq!(ann.payment_status(&open.payment).await, "SUCCEEDED");
}

#[tokio::test(start_paused = true)]
async fn refunds_that_are_locked_out_go_on_when_the_lock_ends() {
    for (code, minutes) in [("TRA10702", 60), ("TRA11002", 240)] {
        let shop = Shop::open();
        let locked = format!(r#"{{"Status":"{code}","Result":[]}}"#);
        shop.aws.providers().refuse("NewebpayClose", FakeResponse::new(200, locked));
        let (order, trade_no) = refund_waits(&shop).await;
        shop.dispatch_events().await;
        assert_eq!(shop.tasks().await.len(), 0, "{code}: nothing for people to do");
        // Another refund waits too, without being asked for.
        let more = json!({"amount_cents": 5_000, "reason": "late"});
        shop.admin().post(&format!("/admin/orders/{order}/refund"), &more).await.expect(200);
        shop.dispatch_events().await;
        assert_eq!(shop.aws.providers().calls("NewebpayClose"), 1, "{code}");
        shop.advance_minutes(minutes + 1);
        shop.tick("reconcile_payments").await;
        assert_eq!(shop.aws.providers().trade(&trade_no).refunded(), 150, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn money_that_is_owed_is_seen_to_also_when_its_request_is_lost() {
    let shop = Shop::open();
    let (ann, bob, variant) = (shop.customer("ann"), shop.customer("bob"), shop.variant(1).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    shop.aws.providers().pay(&open.trade_no);
    shop.advance_minutes(31);
    shop.tick("expire_orders").await;
    shop.dispatch_events().await;
    bob.order(&variant, 1).await;
    shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
    lose_refund_requests(&shop).await;
    shop.dispatch_events().await;
    assert_eq!(ann.payment_status(&open.payment).await, "REFUND_REQUESTED");
    shop.advance_minutes(11);
    shop.tick("reconcile_payments").await;
    assert_eq!(ann.payment_status(&open.payment).await, "REFUNDED");
    shop.dispatch_events().await;
}

#[tokio::test(start_paused = true)]
async fn points_that_are_owed_are_seen_to_also_when_their_request_is_lost() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(5).await);
    ann.charge(1_000_000).await.expect(200);
    let order = ann.order(&variant, 1).await;
    ann.pay(&order).await.expect(201);
    shop.dispatch_events().await;
    shop.admin().post(&format!("/admin/orders/{order}/cancel"), &json!({})).await.expect(200);
    lose_refund_requests(&shop).await;
    shop.dispatch_events().await;
    shop.advance_minutes(11);
    shop.tick("reconcile_payments").await;
    shop.dispatch_events().await;
    assert_eq!((ann.balance().await, ann.status(&order).await.as_str()), (1_000_000, "REFUNDED"));
}

#[tokio::test(start_paused = true)]
async fn a_notice_without_a_result_is_shown_each_day_and_its_merchant_is_known() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "NEWEBPAY").await;
    let empty = |code| FaultSettings { empty: true, code: Some(code), ..FaultSettings::default() };
    for code in ["MPG03009", "MPG05005", "MPG03009"] {
        assert_eq!(shop.newebpay_calls(&open.trade_no, empty(code)).await.status, 200);
    }
    assert_eq!(shop.tasks().await, ["UNKNOWN_TRADE", "UNKNOWN_TRADE"], "each message once, and ours");
    shop.advance(SignedDuration::from_hours(25));
    shop.newebpay_calls(&open.trade_no, empty("MPG03009")).await;
    assert_eq!(shop.tasks().await.len(), 3, "a day later it is news again");
}
