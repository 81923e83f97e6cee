//! The fake of NewebPay.

use super::{FakeProviders, FaultSettings, State, Trade, field, form, sha256};
use crate::fake_messengers::{FakeResponse, Incoming};
use aes::Aes256;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use serde_json::json;

pub(super) const MERCHANT: &str = "MS127874575";
pub(super) const KEY: &str = "Fs5cX1TGqYM2PpdbE14a9H83YQSQF5jn";
pub(super) const IV: &str = "C6AcmfqJILwgnhIP";

fn seal(text: &str) -> String {
    let cipher = cbc::Encryptor::<Aes256>::new_from_slices(KEY.as_bytes(), IV.as_bytes()).unwrap();
    hex::encode(cipher.encrypt_padded_vec::<Pkcs7>(text.as_bytes()))
}

fn unseal(sealed: &str) -> String {
    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(KEY.as_bytes(), IV.as_bytes()).unwrap();
    String::from_utf8(cipher.decrypt_padded_vec::<Pkcs7>(&hex::decode(sealed).unwrap()).unwrap()).unwrap()
}

fn trade_sha(sealed: &str) -> String {
    sha256(&format!("HashKey={KEY}&{sealed}&HashIV={IV}"))
}

pub(super) fn read_checkout(fields: &[(String, String)]) -> (String, i64) {
    let sealed = field(fields, "TradeInfo");
    assert_eq!(field(fields, "TradeSha"), trade_sha(sealed), "the shop's signature");
    let inner = form(&unseal(sealed));
    assert_eq!(field(&inner, "MerchantID"), MERCHANT);
    assert!(field(&inner, "NotifyURL").ends_with("/api/v1/webhooks/newebpay"));
    assert_ne!(field(&inner, "NotifyURL"), field(&inner, "ReturnURL"));
    (field(&inner, "MerchantOrderNo").to_owned(), field(&inner, "Amt").parse().unwrap())
}

pub(super) fn callback(trade: &Trade, fault_settings: FaultSettings) -> String {
    let is_paid = trade.state == State::Paid && !fault_settings.failed;
    // NOR1001: the result is not known yet.
    let other = if trade.state == State::Pending && !fault_settings.failed { "NOR1001" } else { "MPG03009" };
    let status = if is_paid || fault_settings.number_taken { "SUCCESS" } else { fault_settings.code.unwrap_or(other) };
    if fault_settings.empty {
        let said = json!({"Status": status, "Message": "x", "Result": []});
        return envelope(status, &said.to_string());
    }
    let mut result = json!({
        "MerchantID": if fault_settings.other_merchant { "MS1" } else { MERCHANT },
        "Amt": trade.amount + fault_settings.more, "TradeNo": trade.provider_no, "MerchantOrderNo": trade.trade_no,
        "RespondType": "JSON", "PaymentType": trade.way, "Card6No": "400022", "Card4No": "1111",
    });
    if is_paid && !fault_settings.number_taken {
        result["PayTime"] = json!("2026-11-21 20:01:00");
    }
    let message = if fault_settings.simulated { "模擬付款成功" } else { "授權成功" };
    let said = envelope(status, &json!({"Status": status, "Message": message, "Result": result}).to_string());
    match said.rsplit_once('=').filter(|_| fault_settings.bad_signature) {
        Some((before, sha)) => format!("{before}={}", sha.chars().rev().collect::<String>()),
        None => said,
    }
}

/// NewebPay's envelope around a text, signature last.
pub(super) fn envelope(status: &str, text: &str) -> String {
    let sealed = seal(text);
    let sha = trade_sha(&sealed);
    let fields =
        [("Status", status), ("MerchantID", MERCHANT), ("Version", "2.0"), ("TradeInfo", &sealed), ("TradeSha", &sha)];
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(super) fn answer(providers: &FakeProviders, operation: &str, request: &Incoming) -> FakeResponse {
    let outer = form(&request.body);
    if operation == "NewebpayQuery" {
        return query(providers, &outer);
    }
    assert_eq!(field(&outer, "MerchantID_"), MERCHANT);
    let inner = form(&unseal(field(&outer, "PostData_")));
    let amount: i64 = field(&inner, "Amt").parse().unwrap();
    let mut state = providers.state();
    let trade = state.trades.get_mut(field(&inner, "MerchantOrderNo")).unwrap();
    let is_right = if operation == "NewebpayClose" {
        trade.captured && field(&inner, "CloseType") == "2"
    } else {
        !trade.captured && amount == trade.amount
    };
    if !is_right || trade.refunded() + amount > trade.amount {
        return FakeResponse::new(200, json!({"Status": "TRA10035", "Message": "x", "Result": []}).to_string());
    }
    trade.refunds.push(amount);
    let result = json!({"MerchantID": MERCHANT, "TradeNo": trade.provider_no, "Amt": amount});
    FakeResponse::new(200, json!({"Status": "SUCCESS", "Message": "", "Result": result}).to_string())
}

fn query(providers: &FakeProviders, fields: &[(String, String)]) -> FakeResponse {
    let (trade_no, amount) = (field(fields, "MerchantOrderNo"), field(fields, "Amt"));
    let text = format!("IV={IV}&Amt={amount}&MerchantID={MERCHANT}&MerchantOrderNo={trade_no}&Key={KEY}");
    assert_eq!(field(fields, "CheckValue"), sha256(&text), "the shop's signature");
    let state = providers.state();
    let Some(trade) = state.trades.get(trade_no).filter(|trade| trade.amount.to_string() == amount) else {
        return FakeResponse::new(
            200,
            json!({"Status": "TRA10021", "Message": "查無交易資料", "Result": []}).to_string(),
        );
    };
    let number = &trade.provider_no;
    let text = format!(
        "HashIV={IV}&Amt={amount}&MerchantID={MERCHANT}&MerchantOrderNo={trade_no}&TradeNo={number}&HashKey={KEY}"
    );
    let status = match trade.state {
        State::Paid => "1",
        State::Failed => "2",
        State::Pending => "9",
        _ => "0",
    };
    let result = json!({
        "MerchantID": MERCHANT, "Amt": trade.amount, "TradeNo": number, "MerchantOrderNo": trade_no,
        "TradeStatus": status, "PaymentType": trade.way, "CheckCode": sha256(&text),
        "CloseStatus": if trade.captured { "3" } else { "0" },
        "BackBalance": (trade.amount - trade.refunded()).to_string(),
    });
    FakeResponse::new(200, json!({"Status": "SUCCESS", "Message": "查詢成功", "Result": result}).to_string())
}
