//! Payment at the providers: successful payments, and every fault of a provider.

use crate::fixtures::{VariantOnSale, cart, statuses};
use crate::listener::{Listener, about};
use crate::provider_pages::{Opened, PROVIDERS};
use crate::shop::{Shop, now};
use crate::users::Customer;
use crate::wait::until;
use jiff::SignedDuration;
use serde_json::{Value, json};

/// The acknowledgement that ECPay expects.
const ACKNOWLEDGED: (u64, &str) = (200, "1|OK");
/// Long enough for every checkout attempt to be reconciled.
const LATER: SignedDuration = SignedDuration::from_mins(12);

/// An order with an open checkout at a provider.
struct Begun {
    customer: Customer,
    goods: VariantOnSale,
    order: Value,
    payment: Value,
    opened: Opened,
}

impl Begun {
    async fn at(shop: &Shop, provider: &str) -> Self {
        let (goods, customer) = (shop.goods(5).await, shop.customer().await);
        Self::of(shop, provider, goods, customer).await
    }

    async fn of(shop: &Shop, provider: &str, goods: VariantOnSale, customer: Customer) -> Self {
        let mut wanted = cart(&goods.variant, 1);
        wanted["payment_method"] = json!(provider);
        let order = shop.try_order(&customer, &wanted).await.expect(201);
        let payment = shop.try_pay_at(provider, &customer, &order).await.expect(201);
        assert_eq!(
            (&payment["status"], &payment["amount_cents"]),
            (&json!("INIT"), &order["total_cents"]),
            "{provider}"
        );
        let opened = shop.open_checkout(provider, &payment).await;
        Self { customer, goods, order, payment, opened }
    }

    async fn wait_for(&self, shop: &Shop, wanted: &[&str]) -> Value {
        until(&format!("{} is {wanted:?}", self.opened.provider), || async {
            let order = shop.order_of(&self.customer, &self.order).await;
            wanted.contains(&order["status"].as_str().unwrap()).then_some(order)
        })
        .await
    }

    /// Waits until it is paid, exactly once.
    async fn is_paid(&self, shop: &Shop) -> Value {
        let order = self.wait_for(shop, &["PAID", "SHIPPING_SCHEDULED"]).await;
        assert_eq!(statuses(&order).iter().filter(|status| **status == "PAID").count(), 1, "{order}");
        assert_eq!(shop.payment_of(&self.customer, &self.payment).await["status"], "SUCCEEDED");
        order
    }

    async fn status(&self, shop: &Shop) -> String {
        shop.order_of(&self.customer, &self.order).await["status"].as_str().unwrap().to_owned()
    }

    /// The payment tasks of this trade.
    async fn tasks(&self, shop: &Shop, trade_no: &str) -> Vec<Value> {
        let list = shop.get("/admin/payment-tasks?limit=100").by(shop.admin()).send().await.expect(200);
        list["items"].as_array().unwrap().iter().filter(|task| task["trade_no"] == trade_no).cloned().collect()
    }
}

pub(crate) async fn an_order_is_paid_at_each_provider(shop: &Shop) {
    let heard = Listener::to(shop, &["order.paid.v1", "payment.succeeded.v1"]).await;
    for provider in PROVIDERS {
        let begun = Begun::at(shop, provider).await;
        let again = shop.try_pay_at(provider, &begun.customer, &begun.order).await;
        assert_eq!(again.json()["payment_id"], begun.payment["payment_id"], "the same method is the same payment");
        shop.finish(&begun.opened, "pay").await;
        begun.is_paid(shop).await;
        let trade = shop.trade(&begun.opened).await;
        assert_eq!((&trade["state"], &trade["amount"]), (&json!("PAID"), &json!(300)), "{provider}");
        if provider == "ECPAY" {
            let answers = shop.answers(&begun.opened, 1).await;
            assert_eq!(answers, [(ACKNOWLEDGED.0, ACKNOWLEDGED.1.to_owned())]);
        }
        assert_eq!(shop.available(&begun.goods).await, 4, "the held units are sold");
        heard.wait("the order", 1, of_type("order.paid.v1", &begun.order)).await;
        heard.wait("the money", 1, of_type("payment.succeeded.v1", &begun.order)).await;
        shop.try_pay_at(provider, &begun.customer, &begun.order).await.problem();
    }
    heard.close().await;
}

pub(crate) async fn ten_concurrent_results_pay_once(shop: &Shop) {
    let heard = Listener::to(shop, &["order.paid.v1"]).await;
    for provider in ["ECPAY", "NEWEBPAY"] {
        let begun = Begun::at(shop, provider).await;
        shop.set_faults(&begun.opened, json!({"callback": {"copies": 10, "at_once": true}})).await;
        shop.press(&begun.opened, "pay").await;
        begun.is_paid(shop).await;
        let answers = shop.answers(&begun.opened, 10).await;
        // A callback that conflicts with another may be told to come again, and is not repeated, because the money is
        // recorded already.
        let taken = answers.iter().filter(|(status, _)| *status == 200).count();
        assert!(taken >= 1, "{answers:?}");
        // Once more afterwards: it is acknowledged and changes nothing.
        let events = heard.all(of_type("order.paid.v1", &begun.order)).await;
        let mut ids: Vec<&str> = events.iter().map(|event| event["detail"]["event_id"].as_str().unwrap()).collect();
        ids.dedup();
        assert!(ids.len() <= 1, "one event: {ids:?}");
        begun.is_paid(shop).await;
    }
    heard.close().await;
}

pub(crate) async fn results_in_any_order_pay_once(shop: &Shop) {
    for provider in ["ECPAY", "NEWEBPAY"] {
        let begun = Begun::at(shop, provider).await;
        let faults = json!({"callback": {"before": ["number_taken", "failed"], "after": ["failed", "number_taken"], "copies": 2}});
        shop.set_faults(&begun.opened, faults).await;
        shop.press(&begun.opened, "pay").await;
        let answers = shop.answers(&begun.opened, 6).await;
        assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
        begun.is_paid(shop).await;
    }
}

pub(crate) async fn every_result_format_of_newebpay_is_parsed(shop: &Shop) {
    for shape in ["text", "string"] {
        let begun = Begun::at(shop, "NEWEBPAY").await;
        shop.set_faults(&begun.opened, json!({"callback": {"shape": shape, "before_redirect": true}})).await;
        shop.press(&begun.opened, "pay").await;
        begun.is_paid(shop).await;
    }
}

pub(crate) async fn a_late_or_slow_result_still_pays(shop: &Shop) {
    let begun = Begun::at(shop, "ECPAY").await;
    shop.set_faults(&begun.opened, json!({"callback": {"delay_seconds": 3}})).await;
    shop.press(&begun.opened, "pay").await;
    assert_eq!(begun.status(shop).await, "RESERVED");
    begun.is_paid(shop).await;

    let begun = Begun::at(shop, "ECPAY").await;
    shop.press(&begun.opened, "take_number").await;
    assert_eq!(begun.status(shop).await, "RESERVED", "a number is no money");
    shop.press(&begun.opened, "pay").await;
    begun.is_paid(shop).await;
}

pub(crate) async fn a_mismatching_result_is_parked_and_never_pays(shop: &Shop) {
    for provider in ["ECPAY", "NEWEBPAY"] {
        let stranger = format!("X{}", &crate::shop::unique()[..16]);
        for fault in [json!({"amount": 1}), json!({"merchant": "2000132"}), json!({"trade_no": stranger})] {
            let begun = Begun::at(shop, provider).await;
            shop.set_faults(&begun.opened, json!({"callback": fault})).await;
            shop.press(&begun.opened, "pay").await;
            let answers = shop.answers(&begun.opened, 1).await;
            assert_eq!(answers[0].0, 200, "{provider} {fault}: {answers:?}");
            let trade_no = fault["trade_no"].as_str().unwrap_or(&begun.opened.trade_no).to_owned();
            until("an admin gets a notification", || async {
                (!begun.tasks(shop, &trade_no).await.is_empty()).then_some(())
            })
            .await;
            assert_eq!(begun.status(shop).await, "RESERVED", "{provider} {fault}");
        }
    }
}

pub(crate) async fn a_wrong_signature_changes_nothing(shop: &Shop) {
    for provider in ["ECPAY", "NEWEBPAY"] {
        let begun = Begun::at(shop, provider).await;
        shop.set_faults(&begun.opened, json!({"callback": {"signature": "wrong"}})).await;
        shop.press(&begun.opened, "pay").await;
        let answers = shop.answers(&begun.opened, 2).await;
        for (status, answer) in &answers {
            if provider == "ECPAY" {
                assert_eq!(answer, "0|CheckMacValue Error");
            } else {
                assert!(*status >= 400, "{provider}: {answers:?}");
            }
        }
        assert_eq!(begun.status(shop).await, "RESERVED");
        assert!(begun.tasks(shop, &begun.opened.trade_no).await.is_empty(), "the callback is not authenticated");
    }
}

pub(crate) async fn a_declined_payment_keeps_the_order_payable(shop: &Shop) {
    for provider in PROVIDERS {
        let begun = Begun::at(shop, provider).await;
        shop.finish(&begun.opened, "fail").await;
        until(&format!("{provider} has declined"), || async {
            let status = shop.payment_of(&begun.customer, &begun.payment).await["status"].clone();
            (status == "FAILED").then_some(())
        })
        .await;
        assert_eq!(begun.status(shop).await, "RESERVED");
        let payment = shop.try_pay_at("ECPAY", &begun.customer, &begun.order).await.expect(201);
        assert_ne!(payment["payment_id"], begun.payment["payment_id"]);
        let opened = shop.open_checkout("ECPAY", &payment).await;
        let again = Begun { payment, opened, ..begun };
        shop.finish(&again.opened, "pay").await;
        again.is_paid(shop).await;
    }
}

pub(crate) async fn reconciliation_finds_a_payment_without_a_callback(shop: &Shop) {
    let mut all = Vec::new();
    for provider in PROVIDERS {
        let begun = Begun::at(shop, provider).await;
        if provider != "LINE_PAY" {
            shop.set_faults(&begun.opened, json!({"callback": {"never": true}})).await;
        }
        // LINE Pay sends no callback: the customer approves and closes the browser.
        shop.press(&begun.opened, "pay").await;
        assert_eq!(begun.status(shop).await, "RESERVED");
        all.push(begun);
    }
    shop.tick("reconcile_payments", now() + LATER).await;
    for begun in &all {
        begun.is_paid(shop).await;
    }
}

pub(crate) async fn a_confirmation_without_a_response_is_looked_up(shop: &Shop) {
    let begun = Begun::at(shop, "LINE_PAY").await;
    shop.set_faults(&begun.opened, json!({"answers": {"confirm": [{"do": "lose"}]}})).await;
    shop.finish(&begun.opened, "pay").await;
    until("LINE has taken the money", || async { (shop.trade(&begun.opened).await["state"] == "PAID").then_some(()) })
        .await;
    shop.tick("reconcile_payments", now() + LATER).await;
    begun.is_paid(shop).await;
}

pub(crate) fn of_type(event_type: &'static str, order: &Value) -> impl Fn(&Value) -> bool {
    let about = about(order);
    move |detail| detail["type"] == event_type && about(detail)
}
