//! Payment at a provider: from the order to the provider's page and back.

use crate::events::HttpRequest;
use crate::fake_providers::{FaultSettings, State};
use crate::fixtures::text;
use crate::shop::{Caller, Reply, Session, Shop};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub struct Checkout {
    pub payment: String,
    /// The shop's trade number.
    pub trade_no: String,
}

impl Session {
    /// Creates a payment at a provider.
    pub async fn begin(&self, order: &str, method: &str) -> Reply {
        self.post("/payments", &json!({"order_id": order, "method": method})).await
    }

    /// Creates a payment and opens its checkout.
    pub async fn check_out(&self, order: &str, method: &str) -> Checkout {
        let payment = self.begin(order, method).await.expect(201);
        let trade_no = self.shop.open_checkout(&payment).await;
        Checkout { payment: text(&payment, "payment_id"), trade_no }
    }

    /// Begins to buy points at a provider.
    pub async fn begin_top_up(&self, cents: i64, method: &str) -> Reply {
        self.post("/points/charge", &json!({"amount_cents": cents, "method": method})).await
    }

    /// Begins to buy points and opens the checkout.
    pub async fn top_up(&self, cents: i64, method: &str) -> Checkout {
        let payment = self.begin_top_up(cents, method).await.expect(201);
        let trade_no = self.shop.open_checkout(&payment).await;
        Checkout { payment: text(&payment, "payment_id"), trade_no }
    }

    /// The status of the caller's own payment.
    pub async fn payment_status(&self, payment: &str) -> String {
        text(&self.get(&format!("/payments/{payment}")).await.expect(200), "status")
    }
}

impl Shop {
    /// Opens a payment's checkout as a browser does, up to the provider's page. Returns the trade number.
    pub async fn open_checkout(&self, payment: &Value) -> String {
        let page = self.press_checkout(payment).await;
        if page.status == 303 {
            let number = page.headers["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            return self.aws.providers().find(&number);
        }
        assert_eq!(page.status, 200, "{}", page.text);
        self.aws.providers().open(&page.text)
    }

    /// The button on a payment's checkout is pressed.
    pub async fn press_checkout(&self, payment: &Value) -> Reply {
        let url = text(payment, "checkout_url");
        let (_, target) = url.split_once("/api/v1").unwrap();
        self.session(Caller::Nobody).send_killable("POST", target, None, None).await.unwrap()
    }

    /// A payment's checkout is fetched, as a browser or a robot that previews links does.
    pub async fn fetch_checkout(&self, payment: &Value) -> Reply {
        let url = text(payment, "checkout_url");
        let target = format!("/api/v1{}", url.split_once("/api/v1").unwrap().1);
        let headers = vec![("accept".to_owned(), "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8".to_owned())];
        let request = HttpRequest { method: "GET".to_owned(), target, headers, body: None };
        self.session(Caller::Nobody).send_raw(&request).await.unwrap()
    }

    /// ECPay sends its callback.
    pub async fn ecpay_calls(&self, trade_no: &str, fault_settings: FaultSettings) -> Reply {
        self.receive("/api/v1/webhooks/ecpay", self.aws.providers().ecpay_callback(trade_no, fault_settings)).await
    }

    /// NewebPay sends its callback.
    pub async fn newebpay_calls(&self, trade_no: &str, fault_settings: FaultSettings) -> Reply {
        self.receive("/api/v1/webhooks/newebpay", self.aws.providers().newebpay_callback(trade_no, fault_settings))
            .await
    }

    /// Posts a form to the shop.
    pub async fn receive(&self, target: &str, body: Vec<u8>) -> Reply {
        self.receive_killable(target, body).await.unwrap()
    }

    /// Like `post_form`, to an environment that a fault may kill.
    pub async fn receive_killable(&self, target: &str, body: Vec<u8>) -> Option<Reply> {
        let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        let request = HttpRequest { method: "POST".to_owned(), target: target.to_owned(), headers, body: Some(body) };
        self.session(Caller::Nobody).send_raw(&request).await
    }

    /// The customer approves the payment at LINE Pay and is redirected to the shop.
    pub async fn return_from_line_pay(&self, trade_no: &str) -> Reply {
        let trade = self.aws.providers().trade(trade_no);
        if trade.state == State::Open {
            self.aws.providers().change(trade_no, |trade| trade.state = State::Approved);
        }
        let target = format!("/webhooks/line-pay/confirm?transactionId={}&orderId={trade_no}", trade.provider_no);
        self.session(Caller::Nobody).get(&target).await
    }

    /// The payment tasks of admins, by kind, newest first.
    pub async fn tasks(&self) -> Vec<String> {
        let found = self.admin().get("/admin/payment-tasks").await.expect(200);
        found["items"].as_array().unwrap().iter().map(|task| text(task, "kind")).collect()
    }
}
