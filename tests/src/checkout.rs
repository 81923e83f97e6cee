//! How a customer pays at a provider: from the order to the provider's page and back.

use crate::bank::{Knob, State};
use crate::events::HttpRequest;
use crate::goods::text;
use crate::shop::{Caller, Reply, Session, Shop};
use serde_json::{Value, json};

/// A checkout that is open at a provider.
#[derive(Debug, Clone)]
pub struct Checkout {
    /// The payment.
    pub payment: String,
    /// The shop's number of the trade.
    pub trade_no: String,
}

impl Session {
    /// Begins to pay an order at a provider.
    pub async fn begin(&self, order: &str, method: &str) -> Reply {
        self.post("/payments", &json!({"order_id": order, "method": method})).await
    }

    /// Begins to pay and opens the checkout in a browser.
    pub async fn check_out(&self, order: &str, method: &str) -> Checkout {
        let payment = self.begin(order, method).await.expect(201);
        let trade_no = self.shop.open_checkout(&payment).await;
        Checkout { payment: text(&payment, "payment_id"), trade_no }
    }

    /// The status of one's own payment.
    pub async fn payment_status(&self, payment: &str) -> String {
        text(&self.get(&format!("/payments/{payment}")).await.expect(200), "status")
    }
}

impl Shop {
    /// Opens a payment's checkout in a browser, up to the provider's page. Answers the trade's number.
    pub async fn open_checkout(&self, payment: &Value) -> String {
        let url = text(payment, "checkout_url");
        let target = url.split_once("/api/v1").unwrap().1.to_owned();
        let page = self.session(Caller::Nobody).get(&target).await;
        if page.status == 302 {
            let number = page.headers["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            return self.wire.bank().find(&number);
        }
        assert_eq!(page.status, 200, "{}", page.text);
        self.wire.bank().open(&page.text)
    }

    /// ECPay calls.
    pub async fn ecpay_calls(&self, trade_no: &str, knob: Knob) -> Reply {
        self.receive("/api/v1/webhooks/ecpay", self.wire.bank().ecpay_callback(trade_no, knob)).await
    }

    /// NewebPay calls.
    pub async fn newebpay_calls(&self, trade_no: &str, knob: Knob) -> Reply {
        self.receive("/api/v1/webhooks/newebpay", self.wire.bank().newebpay_callback(trade_no, knob)).await
    }

    /// Somebody posts a form to an address of the shop.
    pub async fn receive(&self, target: &str, body: Vec<u8>) -> Reply {
        self.receive_mortal(target, body).await.unwrap()
    }

    /// The same to an environment that a fault may kill.
    pub async fn receive_mortal(&self, target: &str, body: Vec<u8>) -> Option<Reply> {
        let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        let request = HttpRequest { method: "POST".to_owned(), target: target.to_owned(), headers, body: Some(body) };
        self.session(Caller::Nobody).send_raw(&request).await
    }

    /// The customer agrees at LINE Pay and comes back.
    pub async fn return_from_line_pay(&self, trade_no: &str) -> Reply {
        let trade = self.wire.bank().trade(trade_no);
        if trade.state == State::Open {
            self.wire.bank().change(trade_no, |trade| trade.state = State::Approved);
        }
        let target = format!("/webhooks/line-pay/confirm?transactionId={}&orderId={trade_no}", trade.provider_no);
        self.session(Caller::Nobody).get(&target).await
    }

    /// What the admins are told about money, by kind, latest first.
    pub async fn tasks(&self) -> Vec<String> {
        let found = self.admin().get("/admin/payment-tasks").await.expect(200);
        found["items"].as_array().unwrap().iter().map(|task| text(task, "kind")).collect()
    }
}
