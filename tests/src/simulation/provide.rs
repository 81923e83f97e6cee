//! What happens at payment providers: checkouts, the customer's payment there, callbacks.

use super::Action;
use super::client_log::Purpose;
use super::perform::{At, pick};
use super::world::World;
use crate::fake_providers::{FaultSettings, State as Trade};
use crate::shop::{Caller, Reply};
use jiff::SignedDuration;
use serde_json::json;

/// The payment methods of providers.
const PROVIDERS: [&str; 3] = ["ECPAY", "NEWEBPAY", "LINE_PAY"];
/// How long a provider can surely take money for a trade. The clocks differ by minutes.
const PAYABLE_FOR: SignedDuration = SignedDuration::from_mins(100);
/// How often a provider repeats a callback before a long pause.
const CALLS_MAX: usize = 3;
/// How often a customer reloads a page that fails.
const RELOADS_MAX: usize = 3;

impl World {
    pub(super) async fn provide(&self, at: At, action: &Action) {
        match action {
            Action::CheckOut { order, provider } => self.check_out(at, *order, *provider).await,
            Action::BuyPoints { customer, provider } => self.buy_points(at, *customer, *provider).await,
            Action::Fetch { link } => {
                let link = pick(&self.state().links, *link);
                if let Some(link) = link {
                    self.get(at.0 + at.1, Caller::Nobody, &link).await;
                }
            }
            Action::PayAtProvider { trade }
            | Action::DeclineThenPay { trade }
            | Action::CannotTell { trade }
            | Action::Callback { trade, .. }
            | Action::Return { trade } => {
                let number = pick(&self.state().trades, *trade);
                if let Some(number) = number {
                    self.decide(at, action, &number).await;
                }
            }
            _ => {}
        }
    }

    async fn check_out(&self, at: At, order: u8, provider: u8) {
        let Some(order) = self.order(order) else { return };
        let Some(method) = pick(&PROVIDERS, provider) else { return };
        let body = json!({"order_id": order.id, "method": method});
        let Some(begun) = self.ask(at, Purpose::Other, order.owner, "/payments", &body, false).await else { return };
        self.open_page(at, &begun).await;
    }

    async fn buy_points(&self, at: At, customer: u8, provider: u8) {
        let Some(method) = pick(&PROVIDERS, provider) else { return };
        let body = json!({"amount_cents": 1_000_000, "method": method}).to_string().into_bytes();
        let session = self.selling_points.session(Self::customer(customer));
        let key = format!("act-{}-{}", at.0, at.1);
        let begun = session.send_killable("POST", "/points/charge", Some(&key), Some(body)).await;
        self.heard(at.1, "/points/charge", begun.as_ref());
        let Some(begun) = begun else { return };
        if begun.status == 500 {
            self.complain(format!("500: POST /points/charge: {}", begun.text));
        }
        self.open_page(at, &begun).await;
    }

    /// Opens the checkout of a payment, up to the provider's page.
    async fn open_page(&self, at: At, begun: &Reply) {
        let Some((_, target)) = begun.body["checkout_url"].as_str().and_then(|url| url.split_once("/api/v1")) else {
            return;
        };
        self.state().links.push(target.to_owned());
        let mut page = None;
        for _ in 0..RELOADS_MAX {
            // A robot that previews links has fetched the page before: that changes nothing.
            self.get(at.1, Caller::Nobody, target).await;
            let session = self.session(at.1, Caller::Nobody);
            page = session.send_killable("POST", target, None, None).await;
            self.heard(at.1, target, page.as_ref());
            if page.as_ref().is_some_and(|page| page.status < 500) {
                break;
            }
        }
        let Some(page) = page else { return };
        let trade_no = match page.status {
            200 => self.shop.aws.providers().open(&page.text),
            303 => {
                let number = page.headers["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
                self.shop.aws.providers().find(&number)
            }
            _ => return,
        };
        let mut state = self.state();
        if !state.trades.contains(&trade_no) {
            state.opened.insert(trade_no.clone(), self.shop.now());
            state.trades.push(trade_no);
        }
    }

    async fn decide(&self, at: At, action: &Action, number: &str) {
        let providers = self.shop.aws.providers();
        let trade = providers.trade(number);
        // A provider takes money for two hours, and says nothing new about a trade that it has closed.
        let is_payable = self.shop.now().duration_since(self.state().opened[number]) < PAYABLE_FOR;
        let has_callbacks = trade.way != "LINE_PAY" && !self.state().silent.contains(number);
        match action {
            Action::PayAtProvider { .. } if matches!(trade.state, Trade::Open | Trade::Pending) => {
                let next = if trade.way == "LINE_PAY" { Trade::Approved } else { Trade::Paid };
                providers.change(number, |trade| trade.state = next);
            }
            Action::CannotTell { .. } if trade.state == Trade::Open && has_callbacks && is_payable => {
                providers.change(number, |trade| trade.state = Trade::Pending);
            }
            Action::DeclineThenPay { .. } if trade.state == Trade::Open && has_callbacks && is_payable => {
                let declined = FaultSettings { failed: true, ..FaultSettings::default() };
                self.call_back(at.0 + at.1, number, declined).await;
                providers.change(number, |trade| trade.state = Trade::Paid);
                self.state().silent.insert(number.to_owned());
            }
            Action::Callback { fault_settings, .. } if has_callbacks => {
                let fault_settings = match fault_settings % 8 {
                    5 => FaultSettings { bad_signature: true, ..FaultSettings::default() },
                    6 => FaultSettings { more: 1, ..FaultSettings::default() },
                    7 => FaultSettings { failed: true, ..FaultSettings::default() },
                    _ => FaultSettings::default(),
                };
                for call in 0..CALLS_MAX {
                    if self.call_back(at.0 + at.1 + call, number, fault_settings).await {
                        return;
                    }
                }
            }
            Action::Return { .. } if trade.way == "LINE_PAY" => {
                let target = format!("/webhooks/line-pay/confirm?transactionId={}&orderId={number}", trade.provider_no);
                self.get(at.1, Caller::Nobody, &target).await;
            }
            _ => {}
        }
    }

    /// A provider sends a callback. Returns whether it was acknowledged.
    pub(super) async fn call_back(&self, place: usize, trade_no: &str, fault_settings: FaultSettings) -> bool {
        let providers = self.shop.aws.providers();
        let (target, body) = if providers.trade(trade_no).way == "CREDIT" {
            ("/api/v1/webhooks/newebpay", providers.newebpay_callback(trade_no, fault_settings))
        } else {
            ("/api/v1/webhooks/ecpay", providers.ecpay_callback(trade_no, fault_settings))
        };
        let reply = self.environment(place).receive_killable(target, body).await;
        self.heard(place, target, reply.as_ref());
        reply.is_some_and(|reply| reply.status == 200)
    }

    /// I16: a provider that could not tell finds that it has taken the money, and no callback says so.
    pub(super) fn pending_trades_are_paid(&self) {
        let (providers, mut state) = (self.shop.aws.providers(), self.state());
        for number in state.trades.clone() {
            if providers.trade(&number).state == Trade::Pending {
                providers.change(&number, |trade| trade.state = Trade::Paid);
                state.silent.insert(number);
            }
        }
    }
}
