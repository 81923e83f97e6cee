//! The checkout: who may open it, what opening it changes, and that a customer always reaches a provider's page.

use serde_json::json;
use tests::fake_messengers::FakeResponse;
use tests::fake_providers::FaultSettings;
use tests::fixtures::text;
use tests::{Fault, Rule, Shop};

async fn view(shop: &Shop, order: &str) -> serde_json::Value {
    shop.customer("ann").get(&format!("/orders/{order}")).await.expect(200)
}

/// A variant of this price, of which one is there.
async fn variant_at(shop: &Shop, cents: i64) -> String {
    let product = shop.product("tea").await;
    let sku = format!("SKU-{cents}-{}", shop.app.new_id().unwrap().simple());
    let body = json!({"sku": sku, "variant_name": "x", "price_cents": cents, "stock_qty": 1});
    let added = shop.admin().post(&format!("/admin/products/{product}/variants"), &body).await;
    text(&added.expect(201), "variant_id")
}

#[tokio::test(start_paused = true)]
async fn a_robot_that_fetches_the_link_changes_nothing() {
    for method in ["ECPAY", "NEWEBPAY", "LINE_PAY"] {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let order = ann.order(&variant, 1).await;
        let payment = ann.begin(&order, method).await.expect(201);
        let before = view(&shop, &order).await;
        for _ in 0..30 {
            let page = shop.fetch_checkout(&payment).await;
            assert!(page.status == 200 && page.text.contains("<button"), "{method}: {}", page.text);
        }
        assert_eq!(view(&shop, &order).await, before, "{method}: the hold is as it was");
        assert_eq!(
            (shop.aws.providers().trades().len(), shop.aws.providers().calls("LineRequest")),
            (0, 0),
            "{method}"
        );
        shop.open_checkout(&payment).await;
        assert_ne!(view(&shop, &order).await["hold_expires_at"], before["hold_expires_at"], "{method}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_customer_reaches_the_providers_page_as_often_as_they_like_while_the_order_is_payable() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let payment = ann.begin(&order, "ECPAY").await.expect(201);
    let mut trades = Vec::new();
    for _ in 0..24 {
        trades.push(shop.open_checkout(&payment).await);
        shop.advance(jiff::SignedDuration::from_secs(50));
    }
    // Any of them may bring the money, the first as well as the last.
    shop.aws.providers().pay(&trades[0]);
    shop.ecpay_calls(&trades[0], FaultSettings::default()).await;
    assert_eq!(ann.status(&order).await, "PAID");
    shop.aws.providers().pay(&trades[23]);
    for _ in 0..6 {
        shop.advance_minutes(31);
        shop.tick("reconcile_payments").await;
        shop.dispatch_events().await;
    }
    let amount = shop.aws.providers().trade(&trades[23]).amount;
    assert_eq!(shop.aws.providers().trade(&trades[23]).refunds, [amount], "what is one too many goes back");
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn the_button_of_a_declined_attempt_begins_a_new_one() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let payment = ann.begin(&order, "ECPAY").await.expect(201);
    let first = shop.open_checkout(&payment).await;
    shop.ecpay_calls(&first, FaultSettings { failed: true, ..FaultSettings::default() }).await;
    assert_eq!(ann.payment_status(&text(&payment, "payment_id")).await, "FAILED");
    let second = shop.open_checkout(&payment).await;
    let live = text(&view(&shop, &order).await, "payment_id");
    assert_ne!(live, text(&payment, "payment_id"));
    shop.aws.providers().pay(&second);
    shop.ecpay_calls(&second, FaultSettings::default()).await;
    assert_eq!((ann.status(&order).await.as_str(), ann.payment_status(&live).await.as_str()), ("PAID", "SUCCEEDED"));
    shop.run_to_quiescence().await;
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_declines_to_begin_frees_the_order_for_another_method_at_once() {
    for code in ["1124", "1178", "2101", "1183", "1194", "1106", "1105", "1199", "9000"] {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let order = ann.order(&variant, 1).await;
        let payment = ann.begin(&order, "LINE_PAY").await.expect(201);
        shop.aws.providers().refuse("LineRequest", FakeResponse::new(200, json!({"returnCode": code}).to_string()));
        let answer = shop.press_checkout(&payment).await;
        if matches!(code, "1199" | "9000") {
            assert_eq!(answer.status, 503, "{code}: nobody knows");
            shop.open_checkout(&payment).await;
            continue;
        }
        answer.refused(409, "payment_method_not_offered");
        assert_eq!(ann.payment_status(&text(&payment, "payment_id")).await, "FAILED", "{code}");
        let other = ann.check_out(&order, "ECPAY").await;
        shop.aws.providers().pay(&other.trade_no);
        shop.ecpay_calls(&other.trade_no, FaultSettings::default()).await;
        assert_eq!(ann.status(&order).await, "PAID", "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_does_not_answer_is_a_page_that_says_to_try_again() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let payment = ann.begin(&order, "LINE_PAY").await.expect(201);
    shop.inject(Rule::next("LineRequest", Fault::Undelivered));
    assert_eq!(shop.press_checkout(&payment).await.status, 503);
    shop.open_checkout(&payment).await;
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_cannot_begin_now_frees_the_order_for_another_method_at_once() {
    for status in [403, 429] {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let (order, other) = (ann.order(&variant, 1).await, ann.order(&variant, 1).await);
        let payment = ann.begin(&order, "LINE_PAY").await.expect(201);
        shop.aws.providers().refuse("LineRequest", FakeResponse::new(status, "{}"));
        assert_eq!(shop.press_checkout(&payment).await.status, 503, "{status}: it may work later");
        assert_eq!(ann.payment_status(&text(&payment, "payment_id")).await, "FAILED");
        let open = ann.check_out(&order, "ECPAY").await;
        shop.aws.providers().pay(&open.trade_no);
        shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
        assert_eq!(ann.status(&order).await, "PAID", "{status}");
        // The button works again, too.
        let payment = ann.begin(&other, "LINE_PAY").await.expect(201);
        shop.aws.providers().refuse("LineRequest", FakeResponse::new(status, "{}"));
        assert_eq!(shop.press_checkout(&payment).await.status, 503);
        let trade_no = shop.open_checkout(&payment).await;
        ann.begin(&other, "ECPAY").await.refused(409, "payment_in_progress");
        shop.return_from_line_pay(&trade_no).await;
        shop.run_to_quiescence().await;
        assert_eq!(ann.status(&other).await, "SHIPPING_SCHEDULED", "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_may_have_begun_keeps_other_methods_waiting() {
    // The provider's answer is lost; or an earlier trade is open in another tab.
    for has_other_tab in [false, true] {
        let shop = Shop::open();
        let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
        let order = ann.order(&variant, 1).await;
        let payment = ann.begin(&order, "LINE_PAY").await.expect(201);
        if has_other_tab {
            shop.open_checkout(&payment).await;
            // Its address has expired, but the customer is still there.
            for _ in 0..2 {
                shop.advance_minutes(8);
                ann.begin(&order, "LINE_PAY").await.expect(201);
            }
            shop.aws.providers().refuse("LineRequest", FakeResponse::new(429, "{}"));
        } else {
            shop.inject(Rule::next("LineRequest", Fault::AnswerLost));
        }
        assert_eq!(shop.press_checkout(&payment).await.status, 503);
        ann.begin(&order, "ECPAY").await.refused(409, "payment_in_progress");
        ann.charge(1_000_000).await.expect(200);
        ann.pay(&order).await.refused(409, "payment_in_progress");
    }
}

#[tokio::test(start_paused = true)]
async fn an_amount_that_a_provider_does_not_take_is_refused_when_the_attempt_begins() {
    let shop = Shop::open();
    let ann = shop.customer("ann");
    for (dollars, method, is_taken) in [
        (1, "ECPAY", false),
        (4, "ECPAY", false),
        (5, "ECPAY", true),
        (199_999, "ECPAY", true),
        (200_000, "ECPAY", false),
        (1, "NEWEBPAY", true),
        (200_000, "NEWEBPAY", false),
        (100_001, "LINE_PAY", false),
    ] {
        let variant = variant_at(&shop, dollars * 100).await;
        let order = ann.order(&variant, 1).await;
        let begun = ann.begin(&order, method).await;
        if is_taken {
            begun.expect(201);
        } else {
            begun.refused(409, "payment_method_not_offered");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_order_names_its_live_payment_and_the_way_back_names_both() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    assert!(view(&shop, &order).await.get("payment_id").is_none());
    let payment = ann.begin(&order, "ECPAY").await.expect(201);
    let seen = view(&shop, &order).await;
    assert_eq!((&seen["payment_method"], &seen["payment_id"]), (&json!("ECPAY"), &payment["payment_id"]));
    let back = text(&payment, "return_url");
    assert!(back.ends_with(&format!("/orders/{order}?payment={}", text(&payment, "payment_id"))), "{back}");
    let got = ann.get(&format!("/payments/{}", text(&payment, "payment_id"))).await.expect(200);
    assert_eq!(got["return_url"], payment["return_url"]);
    // The provider's own POST leads the browser back, and opens nothing.
    let url = text(&payment, "checkout_url").split_once("/api/v1").unwrap().1.to_owned() + "&returned=true";
    let reply = shop.receive(&format!("/api/v1{url}"), b"RtnCode=1".to_vec()).await;
    assert_eq!((reply.status, reply.headers["location"].as_str()), (303, Some(back.as_str())));
    assert!(shop.aws.providers().trades().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_browser_always_gets_a_page() {
    let shop = Shop::open();
    let (ann, variant) = (shop.customer("ann"), shop.variant(3).await);
    let order = ann.order(&variant, 1).await;
    let open = ann.check_out(&order, "ECPAY").await;
    let payment = ann.get(&format!("/payments/{}", open.payment)).await.expect(200);
    shop.aws.providers().pay(&open.trade_no);
    shop.ecpay_calls(&open.trade_no, FaultSettings::default()).await;
    let page = shop.fetch_checkout(&payment).await;
    assert!(page.status == 200 && page.text.contains("SUCCEEDED") && page.text.contains(&order), "{}", page.text);
    let wrong = json!({"checkout_url": format!("{}x", text(&payment, "checkout_url"))});
    let page = shop.fetch_checkout(&wrong).await;
    assert!(page.status == 404 && page.text.starts_with("<!DOCTYPE html>"), "{}", page.text);
    let canceled = ann.order(&variant, 1).await;
    let begun = ann.begin(&canceled, "NEWEBPAY").await.expect(201);
    ann.cancel(&canceled).await.expect(200);
    let page = shop.fetch_checkout(&begun).await;
    assert!(page.text.starts_with("<!DOCTYPE html>") && page.text.contains(&canceled), "{}", page.text);
}
