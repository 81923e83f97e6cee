//! The providers that take money, in one process: ECPay, NewebPay and LINE Pay, with their secrets. They keep their own books,
//! check what is signed, sign what they say, and do only what the real ones do.

mod ecpay;
mod line_pay;
mod newebpay;

use crate::post::{Incoming, Said};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Where each of them is.
pub const HOSTS: [&str; 3] = ["http://ecpay.test", "http://newebpay.test", "http://line-pay.test"];
/// What their secrets are called.
pub const SECRETS: [&str; 3] = ["pay-ecpay", "pay-newebpay", "pay-line"];

/// The keys in their secrets.
pub(crate) fn keys() -> impl Iterator<Item = &'static str> {
    [ecpay::KEY, ecpay::IV, newebpay::KEY, newebpay::IV, line_pay::SECRET].into_iter()
}

/// Where a trade is in a provider's books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Opened by a customer's browser.
    Open,
    /// Agreed to, at LINE Pay.
    Approved,
    /// The money is taken.
    Paid,
    /// It came to nothing.
    Failed,
}

/// A trade in a provider's books.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Trade {
    /// The shop's number.
    pub trade_no: String,
    /// The provider's number.
    pub provider_no: String,
    /// Whole dollars.
    pub amount: i64,
    /// Where it is.
    pub state: State,
    /// What went back, each time.
    pub refunds: Vec<i64>,
    /// Whether the card was captured, so that parts can go back.
    pub captured: bool,
    /// How it is paid: what a machine can refund is a card.
    pub way: String,
}

impl Trade {
    /// What went back so far.
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().sum()
    }
}

/// What a provider does out of the ordinary when it speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Knob {
    /// One byte of the signature is another.
    pub bad_signature: bool,
    /// It says so much more, in dollars.
    pub more: i64,
    /// It speaks of another merchant's trade.
    pub other_merchant: bool,
    /// Somebody at its desk pretended the payment.
    pub simulated: bool,
    /// It says that the payment failed, whatever its books say.
    pub failed: bool,
    /// A number was taken to pay with, and nothing paid.
    pub number_taken: bool,
}

#[derive(Debug, Default)]
struct Books {
    trades: BTreeMap<String, Trade>,
    calls: Vec<&'static str>,
    late: VecDeque<(&'static str, Duration)>,
    next: VecDeque<(&'static str, Said)>,
    serial: u64,
    /// ECPay's keys in the shop's secret; the first signs.
    ecpay_keys: Vec<(String, String)>,
    /// The pair that ECPay itself signs with, by its place.
    ecpay_signs: usize,
}

/// The providers. Cheap to clone; all clones are the same.
#[derive(Debug, Clone)]
pub struct Bank(Arc<Mutex<Books>>);

impl Default for Bank {
    fn default() -> Self {
        let ecpay_keys = vec![(ecpay::KEY.to_owned(), ecpay::IV.to_owned())];
        Self(Arc::new(Mutex::new(Books { ecpay_keys, ..Books::default() })))
    }
}

impl Bank {
    /// A trade in the books.
    pub fn trade(&self, trade_no: &str) -> Trade {
        self.books().trades.get(trade_no).unwrap_or_else(|| panic!("no trade {trade_no}")).clone()
    }

    /// The shop's number of the trade that has this number at its provider.
    pub fn find(&self, provider_no: &str) -> String {
        let books = self.books();
        let found = books.trades.values().find(|trade| trade.provider_no == provider_no);
        found.unwrap_or_else(|| panic!("no trade {provider_no}")).trade_no.clone()
    }

    /// Every trade in the books.
    pub fn trades(&self) -> Vec<Trade> {
        self.books().trades.values().cloned().collect()
    }

    /// Books in which these trades are already.
    pub fn remember(&self, trades: Vec<Trade>) {
        let mut books = self.books();
        books.serial = trades.len() as u64;
        books.trades = trades.into_iter().map(|trade| (trade.trade_no.clone(), trade)).collect();
    }

    /// Changes a trade in the books.
    pub fn change(&self, trade_no: &str, change: impl FnOnce(&mut Trade)) {
        change(self.books().trades.get_mut(trade_no).unwrap());
    }

    /// The customer pays.
    pub fn pay(&self, trade_no: &str) {
        self.change(trade_no, |trade| trade.state = State::Paid);
    }

    /// How often an operation was called, whatever was answered.
    pub fn calls(&self, operation: &str) -> usize {
        self.books().calls.iter().filter(|called| **called == operation).count()
    }

    /// The next request of this operation is done, and answered so much later.
    pub fn answer_late(&self, operation: &'static str, after: Duration) {
        self.books().late.push_back((operation, after));
    }

    /// The next request of this operation is not done, and answered so.
    pub fn refuse(&self, operation: &'static str, said: Said) {
        self.books().next.push_back((operation, said));
    }

    /// From now on the shop's secret for ECPay has these pairs, and ECPay signs with the one at this place.
    pub fn set_ecpay_keys(&self, keys: &[(&str, &str)], signs: usize) {
        let mut books = self.books();
        books.ecpay_keys = keys.iter().map(|(key, iv)| ((*key).to_owned(), (*iv).to_owned())).collect();
        books.ecpay_signs = signs;
    }

    /// Takes the form that a checkout page sends: its provider opens a trade. Answers the shop's number.
    pub fn open(&self, page: &str) -> String {
        let (action, fields) = read_form(page);
        let (trade_no, amount) = match action.as_str() {
            "http://ecpay.test/Cashier/AioCheckOut/V5" => ecpay::read_checkout(&self.ecpay_pair(), &fields),
            "http://newebpay.test/MPG/mpg_gateway" => newebpay::read_checkout(&fields),
            other => panic!("nobody takes a form at {other}"),
        };
        let way = if action.contains("ecpay") { "Credit_CreditCard" } else { "CREDIT" };
        self.enter(&trade_no, amount, way);
        trade_no
    }

    fn enter(&self, trade_no: &str, amount: i64, way: &str) -> Trade {
        let mut books = self.books();
        books.serial += 1;
        let trade = Trade {
            trade_no: trade_no.to_owned(),
            provider_no: format!("2026112100000{:06}", books.serial),
            amount,
            state: State::Open,
            refunds: Vec::new(),
            captured: true,
            way: way.to_owned(),
        };
        let before = books.trades.insert(trade_no.to_owned(), trade.clone());
        assert!(before.is_none(), "a trade number is used once for ever");
        trade
    }

    /// What ECPay sends to the shop.
    pub fn ecpay_callback(&self, trade_no: &str, knob: Knob) -> Vec<u8> {
        ecpay::callback(&self.ecpay_signing(), &self.trade(trade_no), knob).into_bytes()
    }

    /// What NewebPay sends to the shop.
    pub fn newebpay_callback(&self, trade_no: &str, knob: Knob) -> Vec<u8> {
        newebpay::callback(&self.trade(trade_no), knob).into_bytes()
    }

    /// Which of the operations here a request is, if it is one.
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
            other => panic!("no provider answers at {other}"),
        }
    }

    /// Answers a request, and says after how long.
    pub fn answer(&self, operation: &'static str, request: &Incoming) -> (Said, Duration) {
        {
            let mut books = self.books();
            books.calls.push(operation);
            if let Some(place) = books.next.iter().position(|(of, _)| *of == operation) {
                return (books.next.remove(place).unwrap().1, Duration::ZERO);
            }
        }
        let said = match operation {
            "GetPaymentSecret" => self.secret(request),
            "EcpayQuery" | "EcpayAct" | "EcpayCard" => ecpay::answer(self, operation, request),
            "NewebpayQuery" | "NewebpayClose" | "NewebpayCancel" => newebpay::answer(self, operation, request),
            _ => line_pay::answer(self, operation, request),
        };
        let mut books = self.books();
        let late = books.late.iter().position(|(of, _)| *of == operation);
        (said, late.map_or(Duration::ZERO, |place| books.late.remove(place).unwrap().1))
    }

    fn secret(&self, request: &Incoming) -> Said {
        let place = SECRETS.iter().position(|secret| request.body.contains(secret)).unwrap_or_default();
        let text = &self.contracts()[place];
        let body = json!({"ARN": "arn", "Name": "pay", "SecretString": text, "VersionId": "1"});
        Said::new(200, body.to_string()).with("content-type", "application/x-amz-json-1.1")
    }

    /// The shop's contracts with ECPay, NewebPay and LINE Pay, as its secrets hold them.
    pub fn contracts(&self) -> [String; 3] {
        let pairs: Vec<_> =
            self.books().ecpay_keys.iter().map(|(key, iv)| json!({"hash_key": key, "hash_iv": iv})).collect();
        let ecpay = json!({"merchant_id": ecpay::MERCHANT, "credit_check_code": "59997889", "keys": pairs});
        let pairs = [json!({"hash_key": newebpay::KEY, "hash_iv": newebpay::IV})];
        let newebpay = json!({"merchant_id": newebpay::MERCHANT, "keys": pairs});
        let line_pay = json!({"channel_id": line_pay::CHANNEL, "keys": [{"channel_secret": line_pay::SECRET}]});
        [ecpay, newebpay, line_pay].map(|contract| contract.to_string())
    }

    /// A form with these fields that ECPay signed, whatever they say.
    pub fn signed_by_ecpay(&self, fields: &[(String, String)]) -> Vec<(String, String)> {
        ecpay::signed(&self.ecpay_signing(), fields.to_vec())
    }

    /// A callback around this text that NewebPay sealed, whatever it says.
    pub fn sealed_by_newebpay(&self, text: &str) -> String {
        newebpay::envelope("SUCCESS", text)
    }

    /// The pair that the shop signs with.
    fn ecpay_pair(&self) -> (String, String) {
        self.books().ecpay_keys[0].clone()
    }

    fn ecpay_signing(&self) -> (String, String) {
        let books = self.books();
        books.ecpay_keys[books.ecpay_signs].clone()
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fields in their order.
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

/// The address and the hidden fields of a page's form, as a browser reads them.
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
