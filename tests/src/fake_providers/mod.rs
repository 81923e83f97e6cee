//! Fake payment providers in one process: ECPay, NewebPay and LINE Pay, with their secrets. They keep their own trades,
//! verify the signatures of requests, sign their callbacks, and do only what the real providers do.

mod ecpay;
mod line_pay;
mod newebpay;

use crate::fake_messengers::{FakeResponse, Incoming};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub const HOSTS: [&str; 3] = ["http://ecpay.test", "http://newebpay.test", "http://line-pay.test"];
pub const SECRETS: [&str; 3] = ["pay-ecpay", "pay-newebpay", "pay-line"];

pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    [ecpay::KEY, ecpay::IV, newebpay::KEY, newebpay::IV, line_pay::SECRET].into_iter()
}

/// The state of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Open,
    /// Approved by the customer, at LINE Pay.
    Approved,
    Paid,
    Failed,
    /// The provider does not know yet whether the money is taken.
    Pending,
}

/// A trade at a provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Trade {
    /// The shop's trade number.
    pub trade_no: String,
    /// The provider's trade number.
    pub provider_no: String,
    /// In whole dollars.
    pub amount: i64,
    pub state: State,
    /// The amount of each refund.
    pub refunds: Vec<i64>,
    /// Whether the card payment was captured, which partial refunds require.
    pub captured: bool,
    /// The payment method: only card payments can be refunded through the API.
    pub way: String,
}

impl Trade {
    /// The refunded total.
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().sum()
    }
}

/// Faults of a provider's callback.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaultSettings {
    /// One byte of the signature is wrong.
    pub bad_signature: bool,
    /// Dollars added to the amount.
    pub more: i64,
    /// The callback names another merchant.
    pub other_merchant: bool,
    /// The payment was simulated in the provider's back office.
    pub simulated: bool,
    /// The callback reports a failure, whatever the trade's state.
    pub failed: bool,
    /// A payment number was issued and nothing was paid yet.
    pub number_taken: bool,
    /// It says this code, whatever its books say.
    pub code: Option<&'static str>,
    /// It says nothing but the code: no result.
    pub empty: bool,
}

#[derive(Debug, Default)]
struct ProviderState {
    trades: BTreeMap<String, Trade>,
    calls: Vec<&'static str>,
    late: VecDeque<(&'static str, Duration)>,
    next: VecDeque<(&'static str, FakeResponse)>,
    serial: u64,
    /// ECPay's keys in the shop's secret; the shop signs with the first.
    ecpay_keys: Vec<(String, String)>,
    /// The index of the key pair that ECPay signs with.
    ecpay_signs: usize,
}

/// The fake payment providers. Cheap to clone; all clones share their state.
#[derive(Debug, Clone)]
pub struct FakeProviders(Arc<Mutex<ProviderState>>);

impl Default for FakeProviders {
    fn default() -> Self {
        let ecpay_keys = vec![(ecpay::KEY.to_owned(), ecpay::IV.to_owned())];
        Self(Arc::new(Mutex::new(ProviderState { ecpay_keys, ..ProviderState::default() })))
    }
}

impl FakeProviders {
    pub fn trade(&self, trade_no: &str) -> Trade {
        self.state().trades.get(trade_no).unwrap_or_else(|| panic!("no trade {trade_no}")).clone()
    }

    /// The shop's trade number for a provider's trade number.
    pub fn find(&self, provider_no: &str) -> String {
        let state = self.state();
        let found = state.trades.values().find(|trade| trade.provider_no == provider_no);
        found.unwrap_or_else(|| panic!("no trade {provider_no}")).trade_no.clone()
    }

    pub fn trades(&self) -> Vec<Trade> {
        self.state().trades.values().cloned().collect()
    }

    /// Starts with these trades.
    pub fn remember(&self, trades: Vec<Trade>) {
        let mut state = self.state();
        state.serial = trades.len() as u64;
        state.trades = trades.into_iter().map(|trade| (trade.trade_no.clone(), trade)).collect();
    }

    pub fn change(&self, trade_no: &str, change: impl FnOnce(&mut Trade)) {
        change(self.state().trades.get_mut(trade_no).unwrap());
    }

    pub fn pay(&self, trade_no: &str) {
        self.change(trade_no, |trade| trade.state = State::Paid);
    }

    /// The number of calls of an operation, including failed ones.
    pub fn calls(&self, operation: &str) -> usize {
        self.state().calls.iter().filter(|called| **called == operation).count()
    }

    /// Performs the next request of this operation and delays its response.
    pub fn answer_late(&self, operation: &'static str, after: Duration) {
        self.state().late.push_back((operation, after));
    }

    /// Rejects the next request of this operation with this response.
    pub fn refuse(&self, operation: &'static str, said: FakeResponse) {
        self.state().next.push_back((operation, said));
    }

    /// Changes the key pairs in the shop's secret for ECPay, and the one that ECPay signs with.
    pub fn set_ecpay_keys(&self, keys: &[(&str, &str)], signs: usize) {
        let mut state = self.state();
        state.ecpay_keys = keys.iter().map(|(key, iv)| ((*key).to_owned(), (*iv).to_owned())).collect();
        state.ecpay_signs = signs;
    }

    /// Submits the form of a checkout page: its provider opens a trade. Returns the shop's trade number.
    pub fn open(&self, page: &str) -> String {
        let (action, fields) = read_form(page);
        let (trade_no, amount) = match action.as_str() {
            "http://ecpay.test/Cashier/AioCheckOut/V5" => ecpay::read_checkout(&self.ecpay_pair(), &fields),
            "http://newebpay.test/MPG/mpg_gateway" => newebpay::read_checkout(&fields),
            other => panic!("no fake provider accepts a form at {other}"),
        };
        let way = if action.contains("ecpay") { "Credit_CreditCard" } else { "CREDIT" };
        self.enter(&trade_no, amount, way);
        trade_no
    }

    fn enter(&self, trade_no: &str, amount: i64, way: &str) -> Trade {
        let mut state = self.state();
        state.serial += 1;
        let trade = Trade {
            trade_no: trade_no.to_owned(),
            provider_no: format!("2026112100000{:06}", state.serial),
            amount,
            state: State::Open,
            refunds: Vec::new(),
            captured: true,
            way: way.to_owned(),
        };
        let before = state.trades.insert(trade_no.to_owned(), trade.clone());
        assert!(before.is_none(), "a trade number can be used only once");
        trade
    }

    /// The body of ECPay's callback.
    pub fn ecpay_callback(&self, trade_no: &str, fault_settings: FaultSettings) -> Vec<u8> {
        ecpay::callback(&self.ecpay_signing(), &self.trade(trade_no), fault_settings).into_bytes()
    }

    /// The body of NewebPay's callback.
    pub fn newebpay_callback(&self, trade_no: &str, fault_settings: FaultSettings) -> Vec<u8> {
        newebpay::callback(&self.trade(trade_no), fault_settings).into_bytes()
    }

    /// The operation of a request, if it is for a provider.
    pub fn operation(&self, uri: &str, request: &Incoming) -> Option<&'static str> {
        let path = request.path.split('?').next().unwrap_or_default();
        if request.body.contains("pay-") && request.is_secret() {
            return Some("GetPaymentSecret");
        }
        if !HOSTS.iter().any(|host| uri.starts_with(host)) {
            return None;
        }
        match path {
            "/Cashier/QueryTradeInfo/V5" => Some("EcpayQuery"),
            "/CreditDetail/DoAction" => Some("EcpayAct"),
            "/CreditDetail/QueryTrade/V2" => Some("EcpayCard"),
            "/API/QueryTradeInfo" => Some("NewebpayQuery"),
            "/API/CreditCard/Close" => Some("NewebpayClose"),
            "/API/CreditCard/Cancel" => Some("NewebpayCancel"),
            "/v3/payments/request" => Some("LineRequest"),
            "/v3/payments" => Some("LineDetails"),
            path if path.ends_with("/check") => Some("LineCheck"),
            path if path.ends_with("/confirm") => Some("LineConfirm"),
            path if path.ends_with("/refund") => Some("LineRefund"),
            other => panic!("no fake provider serves {other}"),
        }
    }

    /// Handles a request. Returns the response and its delay.
    pub fn answer(&self, operation: &'static str, request: &Incoming) -> (FakeResponse, Duration) {
        {
            let mut state = self.state();
            state.calls.push(operation);
            if let Some(place) = state.next.iter().position(|(of, _)| *of == operation) {
                return (state.next.remove(place).unwrap().1, Duration::ZERO);
            }
        }
        let said = match operation {
            "GetPaymentSecret" => self.secret(request),
            "EcpayQuery" | "EcpayAct" | "EcpayCard" => ecpay::answer(self, operation, request),
            "NewebpayQuery" | "NewebpayClose" | "NewebpayCancel" => newebpay::answer(self, operation, request),
            _ => line_pay::answer(self, operation, request),
        };
        let mut state = self.state();
        let late = state.late.iter().position(|(of, _)| *of == operation);
        (said, late.map_or(Duration::ZERO, |place| state.late.remove(place).unwrap().1))
    }

    fn secret(&self, request: &Incoming) -> FakeResponse {
        let place = SECRETS.iter().position(|secret| request.body.contains(secret)).unwrap_or_default();
        let text = &self.contracts()[place];
        let body = json!({"ARN": "arn", "Name": "pay", "SecretString": text, "VersionId": "1"});
        FakeResponse::new(200, body.to_string()).with("content-type", "application/x-amz-json-1.1")
    }

    /// The contents of the secrets of ECPay, NewebPay and LINE Pay.
    pub fn contracts(&self) -> [String; 3] {
        let pairs: Vec<_> =
            self.state().ecpay_keys.iter().map(|(key, iv)| json!({"hash_key": key, "hash_iv": iv})).collect();
        let ecpay = json!({"merchant_id": ecpay::MERCHANT, "credit_check_code": "59997889", "keys": pairs});
        let pairs = [json!({"hash_key": newebpay::KEY, "hash_iv": newebpay::IV})];
        let newebpay = json!({"merchant_id": newebpay::MERCHANT, "keys": pairs});
        let line_pay = json!({"channel_id": line_pay::CHANNEL, "keys": [{"channel_secret": line_pay::SECRET}]});
        [ecpay, newebpay, line_pay].map(|contract| contract.to_string())
    }

    /// A form with these arbitrary fields and a valid signature of ECPay.
    pub fn signed_by_ecpay(&self, fields: &[(String, String)]) -> Vec<(String, String)> {
        ecpay::signed(&self.ecpay_signing(), fields.to_vec())
    }

    /// A callback with this arbitrary text, validly encrypted and signed by NewebPay.
    pub fn sealed_by_newebpay(&self, text: &str) -> String {
        newebpay::envelope("SUCCESS", text)
    }

    /// The key pair that the shop signs with.
    fn ecpay_pair(&self) -> (String, String) {
        self.state().ecpay_keys[0].clone()
    }

    fn ecpay_signing(&self) -> (String, String) {
        let state = self.state();
        state.ecpay_keys[state.ecpay_signs].clone()
    }

    fn state(&self) -> MutexGuard<'_, ProviderState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Form fields in order.
type Fields = Vec<(String, String)>;

fn form(body: &str) -> Fields {
    form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

fn field<'f>(fields: &'f [(String, String)], name: &str) -> &'f str {
    fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

fn sha256(text: &str) -> String {
    hex::encode_upper(Sha256::digest(text.as_bytes()))
}

/// The action and the hidden fields of a page's form.
fn read_form(page: &str) -> (String, Fields) {
    let attribute = |tag: &str, name: &str| {
        let value = tag.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap();
        let value = ["&#38;", "&#60;", "&#62;", "&#34;", "&#39;"]
            .iter()
            .zip(["&", "<", ">", "\"", "'"])
            .rev()
            .fold(value.to_owned(), |value, (escaped, plain)| value.replace(escaped, plain));
        value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
    };
    let action = page.split('<').find(|tag| tag.starts_with("form ")).map(|tag| attribute(tag, "action")).unwrap();
    let inputs = page.split('<').filter(|tag| tag.starts_with("input "));
    (action, inputs.map(|tag| (attribute(tag, "name"), attribute(tag, "value"))).collect())
}
