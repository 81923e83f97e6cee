//! The fake of ECPay.

use super::{FakeProviders, FaultSettings, Fields, State, Trade, field, form, sha256};
use crate::fake_messengers::{FakeResponse, Incoming};
use serde_json::json;

pub(super) const MERCHANT: &str = "3002607";
pub(super) const KEY: &str = "pwFHCqoQZGmho4w6";
pub(super) const IV: &str = "EkRm7iFT261dpevs";

fn mac(pair: &(String, String), fields: &[(String, String)]) -> String {
    let mut sorted: Vec<&(String, String)> = fields.iter().filter(|(name, _)| name != "CheckMacValue").collect();
    sorted.sort_by_key(|(name, _)| name.to_lowercase());
    let middle: Vec<String> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let text = format!("HashKey={}&{}&HashIV={}", pair.0, middle.join("&"), pair.1);
    // Converts a browser's URL encoding to that of .NET: lower case, with four characters unescaped.
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let encoded = encoded.to_lowercase();
    let kept = [("%21", "!"), ("%28", "("), ("%29", ")"), ("~", "%7e")];
    sha256(&kept.iter().fold(encoded, |text, (from, to)| text.replace(from, to)))
}

pub(super) fn signed(pair: &(String, String), mut fields: Fields) -> Fields {
    let signature = mac(pair, &fields);
    fields.push(("CheckMacValue".to_owned(), signature));
    fields
}

pub(super) fn read_checkout(pair: &(String, String), fields: &[(String, String)]) -> (String, i64) {
    assert_eq!(field(fields, "CheckMacValue"), mac(pair, fields), "the shop's signature");
    assert_eq!((field(fields, "MerchantID"), field(fields, "EncryptType")), (MERCHANT, "1"));
    let trade_no = field(fields, "MerchantTradeNo");
    assert!(trade_no.len() <= 20 && trade_no.bytes().all(|b| b.is_ascii_alphanumeric()), "{trade_no}");
    assert!(field(fields, "ReturnURL").ends_with("/api/v1/webhooks/ecpay"));
    (trade_no.to_owned(), field(fields, "TotalAmount").parse().unwrap())
}

pub(super) fn callback(pair: &(String, String), trade: &Trade, fault_settings: FaultSettings) -> String {
    let code = match trade.state {
        _ if fault_settings.code.is_some() => fault_settings.code.unwrap_or_default(),
        _ if fault_settings.number_taken => "2",
        State::Pending if !fault_settings.failed => "10300066",
        State::Paid if !fault_settings.failed => "1",
        _ => "10200058",
    };
    let fields = [
        ("CustomField1", String::new()),
        ("MerchantID", if fault_settings.other_merchant { "2000132" } else { MERCHANT }.to_owned()),
        ("MerchantTradeNo", trade.trade_no.clone()),
        ("PaymentDate", "2026/11/21 20:01:00".to_owned()),
        ("PaymentType", trade.way.clone()),
        ("RtnCode", code.to_owned()),
        ("RtnMsg", "交易成功".to_owned()),
        ("SimulatePaid", if fault_settings.simulated { "1" } else { "0" }.to_owned()),
        ("StoreID", String::new()),
        ("TradeAmt", (trade.amount + fault_settings.more).to_string()),
        ("TradeDate", "2026/11/21 20:00:30".to_owned()),
        ("TradeNo", trade.provider_no.clone()),
        ("card4no", "2222".to_owned()),
        ("gwsr", authorization(trade)),
    ];
    let mut fields = signed(pair, fields.map(|(name, value)| (name.to_owned(), value)).to_vec());
    if let Some((_, signature)) = fields.last_mut().filter(|_| fault_settings.bad_signature) {
        *signature = signature.chars().rev().collect();
    }
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(super) fn answer(providers: &FakeProviders, operation: &str, request: &Incoming) -> FakeResponse {
    let fields = form(&request.body);
    let pair = providers.ecpay_pair();
    if field(&fields, "CheckMacValue") != mac(&pair, &fields) {
        return FakeResponse::new(200, "0|CheckMacValue Error");
    }
    match operation {
        "EcpayQuery" => query(providers, &fields),
        "EcpayAct" => act(providers, &fields),
        _ => card(providers, &fields),
    }
}

fn query(providers: &FakeProviders, fields: &[(String, String)]) -> FakeResponse {
    let trade_no = field(fields, "MerchantTradeNo");
    let trade = providers.state().trades.get(trade_no).cloned();
    let (status, amount, number, way) = match &trade {
        None => ("10200047", 0, "", ""),
        Some(trade) => match trade.state {
            State::Paid => ("1", trade.amount, trade.provider_no.as_str(), trade.way.as_str()),
            State::Pending => ("10300066", trade.amount, trade.provider_no.as_str(), trade.way.as_str()),
            State::Failed => ("10200058", trade.amount, trade.provider_no.as_str(), trade.way.as_str()),
            _ => ("0", trade.amount, "", ""),
        },
    };
    let said = [
        ("MerchantID", MERCHANT.to_owned()),
        ("MerchantTradeNo", trade_no.to_owned()),
        ("PaymentType", way.to_owned()),
        ("TradeAmt", amount.to_string()),
        ("TradeNo", number.to_owned()),
        ("TradeStatus", status.to_owned()),
        ("gwsr", trade.as_ref().map(authorization).unwrap_or_default()),
    ];
    let said = signed(&providers.ecpay_signing(), said.map(|(name, value)| (name.to_owned(), value)).to_vec());
    let pairs: Vec<String> = said.iter().map(|(name, value)| format!("{name}={value}")).collect();
    FakeResponse::new(200, pairs.join("&"))
}

fn act(providers: &FakeProviders, fields: &[(String, String)]) -> FakeResponse {
    let amount: i64 = field(fields, "TotalAmount").parse().unwrap();
    let mut state = providers.state();
    let trade = state.trades.get_mut(field(fields, "MerchantTradeNo")).unwrap();
    assert_eq!(field(fields, "TradeNo"), trade.provider_no);
    let code = match field(fields, "Action") {
        "R" if trade.captured && trade.refunded() + amount <= trade.amount => {
            trade.refunds.push(amount);
            "1"
        }
        "N" if !trade.captured && amount == trade.amount && trade.refunds.is_empty() => {
            trade.refunds.push(amount);
            "1"
        }
        _ => "10200098",
    };
    FakeResponse::new(200, format!("MerchantID={MERCHANT}&RtnCode={code}&RtnMsg=x"))
}

/// The number that identifies the captured card payment.
fn authorization(trade: &Trade) -> String {
    trade.provider_no.chars().skip("20261121".len()).collect()
}

fn card(providers: &FakeProviders, fields: &[(String, String)]) -> FakeResponse {
    let amount: i64 = field(fields, "CreditAmount").parse().unwrap();
    let state = providers.state();
    let is_meant = |trade: &&Trade| authorization(trade) == field(fields, "CreditRefundId") && trade.amount == amount;
    let trade = state.trades.values().filter(|trade| trade.state == State::Paid).find(is_meant);
    let Some(trade) = trade else {
        return FakeResponse::new(200, json!({"RtnMsg": "none", "RtnValue": ""}).to_string());
    };
    let mut closings = Vec::new();
    if trade.captured {
        closings.push(json!({"status": "已關帳", "amount": trade.amount.to_string()}));
        closings.extend(trade.refunds.iter().map(|back| json!({"status": "已關帳", "amount": (-back).to_string()})));
    }
    let status = if !trade.captured && trade.refunded() > 0 { "已取消" } else { "已授權" };
    FakeResponse::new(200, json!({"RtnMsg": "", "RtnValue": {"status": status, "close_data": closings}}).to_string())
}
