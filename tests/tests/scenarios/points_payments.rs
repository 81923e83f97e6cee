//! Points are bought by payments at providers: the money credits them once, or goes back.

use serde_json::{Value, json};
use tests::Shop;
use tests::fake_messengers::{AcceptedMessage, FakeResponse};
use tests::fake_providers::{FaultSettings, State};
use tests::fixtures::text;
use tests::shop::Session;

/// The template's ceiling: 2,000,000.00.
const CEILING: i64 = 200_000_000;
const AMOUNT: i64 = 1_500_000;

/// The ledger, newest first.
async fn ledger(customer: &Session) -> Vec<Value> {
    customer.get("/points/history").await.expect(200)["items"].as_array().unwrap().clone()
}

#[tokio::test(start_paused = true)]
async fn points_are_credited_by_paying_at_each_provider() {
    let shop = Shop::open_selling_points(CEILING);
    for method in ["ECPAY", "NEWEBPAY", "LINE_PAY"] {
        let ann = shop.customer(&format!("ann-{method}"));
        let begun = ann.begin_top_up(AMOUNT, method).await.expect(201);
        assert_eq!(
            (&begun["purpose"], &begun["status"], begun.get("order_id")),
            (&json!("POINTS"), &json!("INIT"), None)
        );
        let payment = text(&begun, "payment_id");
        assert_eq!(begun["return_url"], format!("https://shop.example/points?payment={payment}"));
        let trade_no = shop.open_checkout(&begun).await;
        assert_eq!(ann.balance().await, 0, "{method}: nothing before the money");
        if method == "LINE_PAY" {
            shop.return_from_line_pay(&trade_no).await;
        } else {
            shop.aws.providers().pay(&trade_no);
        }
        for _ in 0..2 {
            match method {
                "ECPAY" => assert_eq!(shop.ecpay_calls(&trade_no, FaultSettings::default()).await.text, "1|OK"),
                "NEWEBPAY" => assert_eq!(shop.newebpay_calls(&trade_no, FaultSettings::default()).await.status, 200),
                _ => shop.dispatch_events().await,
            }
        }
        assert_eq!(
            (ann.payment_status(&payment).await.as_str(), ann.balance().await),
            ("SUCCEEDED", AMOUNT),
            "{method}"
        );
        let entries = ledger(&ann).await;
        assert_eq!(entries.len(), 1, "{method}: credited once");
        assert_eq!((&entries[0]["type"], &entries[0]["payment_id"]), (&json!("CHARGE"), &json!(payment)));
        let page = shop.fetch_checkout(&begun).await;
        assert_eq!(page.status, 200, "a browser that opens the checkout again gets a page: {}", page.text);
    }
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_payment_of_an_order_says_so() {
    let shop = Shop::open_selling_points(CEILING);
    let (ann, variant) = (shop.customer("ann"), shop.variant(1).await);
    let order = ann.order(&variant, 1).await;
    let begun = ann.begin(&order, "ECPAY").await.expect(201);
    assert_eq!((&begun["purpose"], &begun["order_id"]), (&json!("ORDER"), &json!(order)));
}

#[tokio::test(start_paused = true)]
async fn a_charge_that_cannot_be_paid_or_credited_does_not_begin() {
    let shop = Shop::open_selling_points(10_000_000);
    let ann = shop.customer("ann");
    ann.begin_top_up(999_999, "ECPAY").await.refused(422, "charge_below_minimum");
    ann.begin_top_up(10_000_100, "ECPAY").await.refused(409, "balance_limit_exceeded");
    ann.begin_top_up(i64::MAX, "ECPAY").await.refused(409, "balance_limit_exceeded");
    ann.charge(AMOUNT).await.refused(422, "invalid_request");
    for method in ["POINTS", "CASH", "EXTERNAL", ""] {
        ann.begin_top_up(AMOUNT, method).await.refused(422, "invalid_request");
    }
    ann.begin_top_up(1_000_050, "ECPAY").await.refused(422, "invalid_request");
    let shop = Shop::open_selling_points(CEILING);
    // LINE Pay takes up to 100,000.00.
    shop.customer("ann").begin_top_up(10_000_100, "LINE_PAY").await.refused(409, "payment_method_not_offered");
}

#[tokio::test(start_paused = true)]
async fn one_key_begins_one_payment_of_points() {
    let shop = Shop::open_selling_points(CEILING);
    let ann = shop.customer("ann");
    let body = json!({"amount_cents": AMOUNT, "method": "ECPAY"});
    let first = ann.post_once("k", "/points/charge", &body).await.expect(201);
    assert_eq!(ann.post_once("k", "/points/charge", &body).await.expect(201), first);
    assert_ne!(ann.post_once("k-2", "/points/charge", &body).await.expect(201)["payment_id"], first["payment_id"]);
}

#[tokio::test(start_paused = true)]
async fn a_key_returns_its_payment_of_points_although_the_balance_has_no_room_any_more() {
    let shop = Shop::open_selling_points(AMOUNT);
    let ann = shop.customer("ann");
    let body = json!({"amount_cents": AMOUNT, "method": "ECPAY"});
    let first = ann.post_once("k", "/points/charge", &body).await.expect(201);
    let other = ann.top_up(AMOUNT, "ECPAY").await;
    shop.aws.providers().pay(&other.trade_no);
    shop.ecpay_calls(&other.trade_no, FaultSettings::default()).await;
    assert_eq!(ann.balance().await, AMOUNT);
    assert_eq!(ann.post_once("k", "/points/charge", &body).await.expect(201), first);
    ann.post_once("k-2", "/points/charge", &body).await.refused(409, "balance_limit_exceeded");
}

#[tokio::test(start_paused = true)]
async fn money_beyond_the_ceiling_goes_back_by_itself() {
    for method in ["ECPAY", "NEWEBPAY"] {
        let shop = Shop::open_selling_points(2 * AMOUNT - 100);
        let ann = shop.customer("ann");
        let (first, second) = (ann.top_up(AMOUNT, method).await, ann.top_up(AMOUNT, method).await);
        for open in [&first, &second] {
            shop.aws.providers().pay(&open.trade_no);
            match method {
                "ECPAY" => shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await,
                _ => shop.newebpay_calls(&open.trade_no, FaultSettings::default()).await,
            };
        }
        shop.dispatch_events().await;
        assert_eq!(ann.balance().await, AMOUNT);
        assert_eq!(ann.payment_status(&first.payment).await, "SUCCEEDED");
        assert_eq!(ann.payment_status(&second.payment).await, "REFUNDED");
        let trade = shop.aws.providers().trade(&second.trade_no);
        assert_eq!((trade.refunds.clone(), shop.tasks().await), (vec![trade.amount], vec!["LATE_REFUNDED".to_owned()]));
        shop.run_to_quiescence().await;
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_taken_at_line_pay_for_points_that_have_no_room() {
    let shop = Shop::open_selling_points(2 * AMOUNT - 100);
    let ann = shop.customer("ann");
    let (first, second) = (ann.top_up(AMOUNT, "LINE_PAY").await, ann.top_up(AMOUNT, "LINE_PAY").await);
    for open in [&first, &second] {
        shop.return_from_line_pay(&open.trade_no).await;
        shop.dispatch_events().await;
    }
    assert_eq!(ann.balance().await, AMOUNT);
    let trade = shop.aws.providers().trade(&second.trade_no);
    assert_eq!(trade.state, State::Approved, "the customer's agreement lapses");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn points_whose_callbacks_are_lost_are_credited_by_reconciliation() {
    let shop = Shop::open_selling_points(CEILING);
    let ann = shop.customer("ann");
    let (lost, left) = (ann.top_up(AMOUNT, "NEWEBPAY").await, ann.begin_top_up(AMOUNT, "ECPAY").await.expect(201));
    let agreed = ann.top_up(AMOUNT, "LINE_PAY").await;
    shop.aws.providers().pay(&lost.trade_no);
    shop.aws.providers().change(&agreed.trade_no, |trade| trade.state = State::Approved);
    for _ in 0..3 {
        shop.advance_minutes(11);
        shop.tick("reconcile_payments").await;
        shop.dispatch_events().await;
    }
    assert_eq!(ann.balance().await, 2 * AMOUNT);
    assert_eq!(ann.payment_status(&text(&left, "payment_id")).await, "EXPIRED", "nobody opened it");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn money_for_points_that_comes_after_a_decline_or_twice_is_credited_once() {
    let shop = Shop::open_selling_points(CEILING);
    let ann = shop.customer("ann");
    let begun = ann.begin_top_up(AMOUNT, "ECPAY").await.expect(201);
    let (first, second) = (shop.open_checkout(&begun).await, shop.open_checkout(&begun).await);
    shop.ecpay_calls(&first, FaultSettings { failed: true, ..FaultSettings::default() }).await;
    shop.ecpay_calls(&second, FaultSettings { failed: true, ..FaultSettings::default() }).await;
    assert_eq!(ann.payment_status(&text(&begun, "payment_id")).await, "FAILED");
    for trade_no in [&first, &second] {
        shop.aws.providers().pay(trade_no);
        shop.ecpay_calls(trade_no, FaultSettings::default()).await;
    }
    shop.dispatch_events().await;
    assert_eq!((ann.balance().await, shop.tasks().await), (AMOUNT, vec!["PAID_TWICE".to_owned()]));
    let trade = shop.aws.providers().trade(&second);
    assert_eq!(trade.refunds, [trade.amount]);
    shop.run_to_quiescence().await;
}

/// The messages that money for points went back.
fn told(shop: &Shop) -> Vec<AcceptedMessage> {
    let accepted = shop.aws.messengers().accepted();
    accepted.into_iter().filter(|message| message.text.contains("https://shop.example/points")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_customer_is_told_once_when_money_for_points_goes_back() {
    let shop = Shop::open_selling_points(2 * AMOUNT - 100);
    shop.aws.users().add("ann", "ann@example.net", "");
    let ann = shop.customer("ann");
    let (first, second) = (ann.top_up(AMOUNT, "ECPAY").await, ann.top_up(AMOUNT, "NEWEBPAY").await);
    for open in [&first, &second] {
        shop.aws.providers().pay(&open.trade_no);
    }
    shop.ecpay_calls(&first.trade_no, FaultSettings::default()).await;
    shop.newebpay_calls(&second.trade_no, FaultSettings::default()).await;
    // The mail's first try fails.
    shop.aws.messengers().refuse("SendEmail", FakeResponse::new(500, "{}"));
    shop.dispatch_events().await;
    assert_eq!((ann.payment_status(&second.payment).await.as_str(), told(&shop).len()), ("REFUNDED", 0));
    shop.advance_minutes(2);
    shop.tick("retry_notifications").await;
    shop.run_to_quiescence().await;
    let told = told(&shop);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (told[0].to.as_str(), told[0].subject.as_str()),
        ("ann@example.net", "TWD 15,000 that you paid for points went back to you")
    );
    assert!(told[0].text.contains("by NewebPay") && told[0].text.contains("no room for it"), "{}", told[0].text);
    let listed = shop.admin().get("/admin/notifications?status=SENT").await.expect(200);
    let listed = &listed["items"][0];
    assert_eq!((&listed["template_key"], &listed["recipient"]), (&json!("points_refunded"), &json!("account ann")));
}

#[tokio::test(start_paused = true)]
async fn a_customer_is_told_of_points_that_were_paid_twice_in_the_language_of_the_profile() {
    let shop = Shop::open_selling_points(CEILING);
    shop.aws.users().add("ann", "ann@example.net", "");
    let (ann, bob) = (shop.customer("ann"), shop.customer("bob"));
    ann.put("/me", &json!({"language": "zh-TW", "addresses": []})).await.expect(200);
    for customer in [&ann, &bob] {
        let begun = customer.begin_top_up(AMOUNT, "ECPAY").await.expect(201);
        for trade_no in [shop.open_checkout(&begun).await, shop.open_checkout(&begun).await] {
            shop.aws.providers().pay(&trade_no);
            shop.ecpay_calls(&trade_no, FaultSettings::default()).await;
        }
        shop.dispatch_events().await;
        assert_eq!(customer.balance().await, AMOUNT);
    }
    let told = told(&shop);
    assert_eq!(told.len(), 1, "bob has no account any more: {told:?}");
    assert_eq!(told[0].subject, "購買點數的款項 TWD 15,000 已退還");
    let failed = shop.admin().get("/admin/notifications?status=FAILED").await.expect(200);
    assert_eq!(
        (&failed["items"][0]["recipient"], &failed["items"][0]["last_failure"]),
        (&json!("account bob"), &json!("no_address"))
    );
}
