//! ECPay's side.

use super::{Bank, Fields, Knob, State, Trade, field, form, sha256};
use crate::post::{Incoming, Said};
use serde_json::json;

pub(super) const MERCHANT: &str = "3002607";
pub(super) const KEY: &str = "pwFHCqoQZGmho4w6";
pub(super) const IV: &str = "EkRm7iFT261dpevs";

fn mac(pair: &(String, String), fields: &[(String, String)]) -> String {
    let mut sorted: Vec<&(String, String)> = fields.iter().filter(|(name, _)| name != "CheckMacValue").collect();
    sorted.sort_by_key(|(name, _)| name.to_lowercase());
    let middle: Vec<String> = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let text = format!("HashKey={}&{}&HashIV={}", pair.0, middle.join("&"), pair.1);
    // .NET's encoding out of the one that browsers have: all lower case, and four signs stay as they are.
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

pub(super) fn callback(pair: &(String, String), trade: &Trade, knob: Knob) -> String {
    let code = match trade.state {
        _ if knob.number_taken => "2",
        State::Paid if !knob.failed => "1",
        _ => "10200058",
    };
    let fields = [
        ("CustomField1", String::new()),
        ("MerchantID", if knob.other_merchant { "2000132" } else { MERCHANT }.to_owned()),
        ("MerchantTradeNo", trade.trade_no.clone()),
        ("PaymentDate", "2026/11/21 20:01:00".to_owned()),
        ("PaymentType", trade.way.clone()),
        ("RtnCode", code.to_owned()),
        ("RtnMsg", "交易成功".to_owned()),
        ("SimulatePaid", if knob.simulated { "1" } else { "0" }.to_owned()),
        ("StoreID", String::new()),
        ("TradeAmt", (trade.amount + knob.more).to_string()),
        ("TradeDate", "2026/11/21 20:00:30".to_owned()),
        ("TradeNo", trade.provider_no.clone()),
        ("card4no", "2222".to_owned()),
        ("gwsr", authorization(trade)),
    ];
    let mut fields = signed(pair, fields.map(|(name, value)| (name.to_owned(), value)).to_vec());
    if let Some((_, signature)) = fields.last_mut().filter(|_| knob.bad_signature) {
        *signature = signature.chars().rev().collect();
    }
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(super) fn answer(bank: &Bank, operation: &str, request: &Incoming) -> Said {
    let fields = form(&request.body);
    let pair = bank.ecpay_pair();
    if field(&fields, "CheckMacValue") != mac(&pair, &fields) {
        return Said::new(200, "0|CheckMacValue Error");
    }
    match operation {
        "EcpayQuery" => query(bank, &fields),
        "EcpayAct" => act(bank, &fields),
        _ => card(bank, &fields),
    }
}

fn query(bank: &Bank, fields: &[(String, String)]) -> Said {
    let trade_no = field(fields, "MerchantTradeNo");
    let trade = bank.books().trades.get(trade_no).cloned();
    let (status, amount, number, way) = match &trade {
        None => ("10200047", 0, "", ""),
        Some(trade) => match trade.state {
            State::Paid => ("1", trade.amount, trade.provider_no.as_str(), trade.way.as_str()),
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
    let said = signed(&bank.ecpay_signing(), said.map(|(name, value)| (name.to_owned(), value)).to_vec());
    let pairs: Vec<String> = said.iter().map(|(name, value)| format!("{name}={value}")).collect();
    Said::new(200, pairs.join("&"))
}

fn act(bank: &Bank, fields: &[(String, String)]) -> Said {
    let amount: i64 = field(fields, "TotalAmount").parse().unwrap();
    let mut books = bank.books();
    let trade = books.trades.get_mut(field(fields, "MerchantTradeNo")).unwrap();
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
    Said::new(200, format!("MerchantID={MERCHANT}&RtnCode={code}&RtnMsg=x"))
}

/// The number by which the card's own books know what was taken.
fn authorization(trade: &Trade) -> String {
    trade.provider_no.chars().skip("20261121".len()).collect()
}

fn card(bank: &Bank, fields: &[(String, String)]) -> Said {
    let amount: i64 = field(fields, "CreditAmount").parse().unwrap();
    let books = bank.books();
    let is_meant = |trade: &&Trade| authorization(trade) == field(fields, "CreditRefundId") && trade.amount == amount;
    let trade = books.trades.values().filter(|trade| trade.state == State::Paid).find(is_meant);
    let Some(trade) = trade else { return Said::new(200, json!({"RtnMsg": "none", "RtnValue": ""}).to_string()) };
    let mut closings = Vec::new();
    if trade.captured {
        closings.push(json!({"status": "已關帳", "amount": trade.amount.to_string()}));
        closings.extend(trade.refunds.iter().map(|back| json!({"status": "已關帳", "amount": (-back).to_string()})));
    }
    let status = if !trade.captured && trade.refunded() > 0 { "已取消" } else { "已授權" };
    Said::new(200, json!({"RtnMsg": "", "RtnValue": {"status": status, "close_data": closings}}).to_string())
}
