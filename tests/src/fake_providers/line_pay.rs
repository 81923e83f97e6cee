//! The fake of LINE Pay.

use super::{FakeProviders, State};
use crate::fake_messengers::{FakeResponse, Incoming};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

pub(super) const CHANNEL: &str = "1656900000";
pub(super) const SECRET: &str = "a917ab6a2367b536f8e5a6e2977e06f4";

fn said(code: &str, info: Value) -> FakeResponse {
    let mut body = json!({"returnCode": code, "returnMessage": "x"});
    if !info.is_null() {
        body["info"] = info;
    }
    FakeResponse::new(200, body.to_string())
}

fn is_signed(request: &Incoming) -> bool {
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let tail = if request.body.is_empty() { query } else { &request.body };
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{SECRET}{path}{tail}{}", request.header("x-line-authorization-nonce")).as_bytes());
    request.header("x-line-channelid") == CHANNEL
        && request.header("x-line-authorization") == STANDARD.encode(mac.finalize().into_bytes())
}

pub(super) fn answer(providers: &FakeProviders, operation: &str, request: &Incoming) -> FakeResponse {
    if !is_signed(request) {
        return said("1106", Value::Null);
    }
    let body: Value = serde_json::from_str(&request.body).unwrap_or_default();
    if operation == "LineRequest" {
        let sum: i64 = body["packages"].as_array().unwrap().iter().map(|part| part["amount"].as_i64().unwrap()).sum();
        assert_eq!(body["amount"], sum, "the sum of the parts");
        let trade = providers.enter(body["orderId"].as_str().unwrap(), sum, "LINE_PAY");
        let number: u64 = trade.provider_no.parse().unwrap();
        let web = format!("http://line-pay.test/pay/{number}");
        return said("0000", json!({"paymentUrl": {"web": web}, "transactionId": number}));
    }
    let mut state = providers.state();
    let number = request.path.split(['/', '=', '?', '&']).find(|part| part.len() == 19).unwrap();
    let Some(trade) = state.trades.values_mut().find(|trade| trade.provider_no == number) else {
        return said("1150", Value::Null);
    };
    match operation {
        "LineCheck" => {
            let code = match trade.state {
                State::Open | State::Pending => "0000",
                State::Approved => "0110",
                State::Failed => "0121",
                State::Paid => "0123",
            };
            said(code, Value::Null)
        }
        "LineConfirm" => {
            assert_eq!((&body["amount"], &body["currency"]), (&json!(trade.amount), &json!("TWD")));
            match trade.state {
                State::Approved => {
                    trade.state = State::Paid;
                    said("0000", json!({"orderId": trade.trade_no, "transactionId": number.parse::<u64>().unwrap()}))
                }
                State::Paid => said("1152", Value::Null),
                _ => said("1169", Value::Null),
            }
        }
        "LineDetails" => {
            let back: Vec<Value> = trade.refunds.iter().map(|back| json!({"refundAmount": -back})).collect();
            let entry = json!({
                "transactionId": number.parse::<u64>().unwrap(), "orderId": trade.trade_no, "currency": "TWD",
                "payInfo": [{"method": "BALANCE", "amount": trade.amount}], "refundList": back,
            });
            said("0000", json!([entry]))
        }
        _ => {
            let amount = body["refundAmount"].as_i64().unwrap();
            if trade.refunded() == trade.amount {
                return said("1165", Value::Null);
            }
            if trade.refunded() + amount > trade.amount {
                return said("1164", Value::Null);
            }
            trade.refunds.push(amount);
            said("0000", json!({"refundTransactionId": 2_026_112_100_000_900_001_u64}))
        }
    }
}
