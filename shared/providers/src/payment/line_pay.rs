//! LINE Pay, online API v3 (developers-pay.line.me): the shop requests a payment, the customer approves it on LINE's page,
//! the shop confirms it. LINE sends no callbacks: when the customer closes the browser too early, a lookup finds the
//! approval.
#![expect(clippy::indexing_slicing, reason = "JSON: an absent member is null, and never a panic")]

mod codes;

use super::form::Unreadable;
use super::{Charge, Notice, PaymentProvider, ProviderError, ProviderFuture, Refunded, Start, Trade, Verdict};
use super::{cents, dollars, plain, status_error};
use crate::http::{Http, Request};
use crate::secrets::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::money::{Cents, Currency};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;
use uuid::Uuid;

/// The version of the API in every path.
const API: &str = "/v3/payments";
/// The maximum length of an item name in characters.
const ITEM_CHARS_MAX: usize = 100;
/// LINE's minimum time-outs for each call.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const ASK_TIMEOUT: Duration = Duration::from_secs(20);
const CONFIRM_TIMEOUT: Duration = Duration::from_secs(40);
/// The maximum number of digits of a transaction id, which goes into a path.
const TRANSACTION_DIGITS_MAX: usize = 19;

/// A signing key.
#[derive(Debug, Clone, Deserialize)]
struct Keys {
    channel_secret: Secret,
}

/// The content of the secret: `{"channel_id", "keys": [{"channel_secret"}]}`. Only the shop signs, so only the first key is
/// used; a second one is accepted for a rotation.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Contract {
    channel_id: String,
    keys: Vec<Keys>,
}

/// LINE Pay, for one channel.
#[derive(Debug)]
pub struct LinePay {
    http: Http,
    url: String,
    channel: String,
    secret: Secret,
}

impl LinePay {
    /// The client for a secret's channel. `None` when the secret names no channel.
    ///
    /// # Errors
    /// When it is not JSON of the expected form.
    pub fn open(http: Http, url: &str, secret: &str) -> Result<Option<Self>, serde_json::Error> {
        let contract: Contract = serde_json::from_str(secret)?;
        let signing = contract.keys.into_iter().next().filter(|_| !contract.channel_id.is_empty());
        Ok(signing.map(|keys| Self {
            http,
            url: url.to_owned(),
            channel: contract.channel_id,
            secret: keys.channel_secret,
        }))
    }

    async fn post(&self, path: &str, body: &Value, timeout: Duration) -> Result<Said, ProviderError> {
        // Serialized once: the signature covers the bytes that are sent.
        let body = body.to_string();
        self.call("POST", path, "", body, timeout).await
    }

    async fn get(&self, path: &str, query: &str) -> Result<Said, ProviderError> {
        self.call("GET", path, query, String::new(), ASK_TIMEOUT).await
    }

    async fn call(
        &self,
        method: &'static str,
        path: &str,
        query: &str,
        body: String,
        timeout: Duration,
    ) -> Result<Said, ProviderError> {
        let nonce = Uuid::new_v4().to_string();
        let tail = if method == "GET" { query } else { &body };
        let signature = sign(&self.secret, path, tail, &nonce).ok_or(ProviderError::Signature)?;
        let mark = if query.is_empty() { "" } else { "?" };
        let request = Request {
            method,
            url: format!("{}{path}{mark}{query}", self.url),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("x-line-channelid", self.channel.clone()),
                ("x-line-authorization-nonce", nonce),
                ("x-line-authorization", signature),
            ],
            body: body.into_bytes(),
            timeout,
        };
        let answer = self.http.send(request).await?;
        if answer.status != 200 {
            return Err(status_error(answer.status));
        }
        let said: Said =
            serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Unknown("not JSON".to_owned()))?;
        codes::answered(&said.code)?;
        Ok(said)
    }

    fn notice(&self, trade: &Trade, verdict: Verdict, said: &Said) -> Notice {
        Notice {
            merchant: self.channel.clone(),
            trade_no: trade.trade_no.clone(),
            provider_no: trade.provider_no.clone(),
            verdict,
            payable_until: None,
            amount: None,
            currency: None,
            simulated: false,
            way: Some("LINE_PAY".to_owned()),
            authorization: None,
            code: said.code.clone(),
            raw: vec![
                ("returnCode".to_owned(), said.code.clone()),
                ("returnMessage".to_owned(), said.message.chars().take(200).collect()),
            ],
        }
    }

    /// LINE's record of one transaction. `None` for an unknown transaction.
    async fn details(&self, trade: &Trade) -> Result<Option<(Said, Value)>, ProviderError> {
        let said = self.get(API, &format!("transactionId={}", transaction(trade)?)).await?;
        match said.code.as_str() {
            "0000" => {
                let found = said.info.as_array().and_then(|all| {
                    all.iter().find(|entry| digits(&entry["transactionId"]) == trade.provider_no).cloned()
                });
                Ok(found.map(|entry| (said, entry)))
            }
            "1150" => Ok(None),
            _ => Err(ProviderError::Unknown(said.code)),
        }
    }

    /// The notice for a captured payment. A record without an amount or an order has no result yet.
    async fn paid(&self, trade: &Trade) -> Result<Notice, ProviderError> {
        let (said, entry) =
            self.details(trade).await?.ok_or_else(|| ProviderError::Unknown("no details".to_owned()))?;
        let amount: Option<i64> =
            entry["payInfo"].as_array().map(|parts| parts.iter().filter_map(|part| part["amount"].as_i64()).sum());
        let currency = entry["currency"].as_str().and_then(Currency::parse);
        let amount = amount.and_then(cents).filter(|amount| *amount > Cents::ZERO);
        let incomplete = || ProviderError::Unknown("incomplete details".to_owned());
        let trade_no = entry["orderId"].as_str().ok_or_else(incomplete)?.to_owned();
        let (amount, currency) = (Some(amount.ok_or_else(incomplete)?), Some(currency.ok_or_else(incomplete)?));
        Ok(Notice { trade_no, amount, currency, ..self.notice(trade, Verdict::Paid, &said) })
    }
}

impl PaymentProvider for LinePay {
    fn merchant(&self) -> &str {
        &self.channel
    }

    fn start<'a>(&'a self, charge: &'a Charge) -> ProviderFuture<'a, Start> {
        Box::pin(async move {
            if !["TWD", "THB", "USD"].contains(&charge.currency.as_str()) {
                return Err(ProviderError::Unchargeable);
            }
            let amount = dollars(charge.amount)?;
            let item = plain(&charge.item, ITEM_CHARS_MAX);
            let body = json!({
                "amount": amount,
                "currency": charge.currency.as_str(),
                "orderId": charge.trade_no,
                "packages": [{
                    "id": "1",
                    "amount": amount,
                    // One line for everything: discounts are in the price, and whole dollars add up.
                    "products": [{ "name": item, "quantity": 1, "price": amount }],
                }],
                "redirectUrls": { "confirmUrl": charge.notify_url, "cancelUrl": charge.notify_url },
            });
            let said = self.post(&format!("{API}/request"), &body, REQUEST_TIMEOUT).await?;
            if said.code != "0000" {
                return Err(ProviderError::Refused(said.code));
            }
            let url = said.info["paymentUrl"]["web"].as_str().filter(|url| url.starts_with("http"));
            let (Some(url), Some(provider_no)) = (url, digits(&said.info["transactionId"])) else {
                return Err(ProviderError::Unknown("the response to the payment request has no address".to_owned()));
            };
            Ok(Start::Redirect { url: url.to_owned(), provider_no })
        })
    }

    /// LINE sends no callbacks.
    fn read_callback(&self, _: &[u8]) -> Result<Notice, Unreadable> {
        Err(Unreadable)
    }

    fn look_up<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Notice> {
        Box::pin(async move {
            let said = self.get(&format!("{API}/requests/{}/check", transaction(trade)?), "").await?;
            match codes::checked(&said.code)? {
                Verdict::Paid => self.paid(trade).await,
                verdict => Ok(self.notice(trade, verdict, &said)),
            }
        })
    }

    fn confirm<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Notice> {
        Box::pin(async move {
            let path = format!("{API}/{}/confirm", transaction(trade)?);
            let body = json!({ "amount": dollars(trade.amount)?, "currency": trade.currency.as_str() });
            let said = self.post(&path, &body, CONFIRM_TIMEOUT).await?;
            match codes::confirmed(&said.code)? {
                // Also when it was confirmed before, or the response does not name the order: the record does.
                Verdict::Paid if said.info["orderId"] != trade.trade_no.as_str() => self.paid(trade).await,
                Verdict::Paid => Ok(Notice {
                    amount: Some(trade.amount),
                    currency: Some(trade.currency),
                    ..self.notice(trade, Verdict::Paid, &said)
                }),
                verdict => Ok(self.notice(trade, verdict, &said)),
            }
        })
    }

    fn refunded<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Cents> {
        Box::pin(async move {
            let (_, entry) =
                self.details(trade).await?.ok_or_else(|| ProviderError::Unknown("no details".to_owned()))?;
            let list = entry["refundList"].as_array().into_iter().flatten();
            // LINE reports refunds as negative amounts.
            let back: i64 = list.filter_map(|refund| refund["refundAmount"].as_i64()).map(i64::abs).sum();
            cents(back).ok_or_else(|| ProviderError::Unknown("amounts".to_owned()))
        })
    }

    fn refund<'a>(&'a self, trade: &'a Trade, amount: Cents, _before: Cents) -> ProviderFuture<'a, Refunded> {
        Box::pin(async move {
            let path = format!("{API}/{}/refund", transaction(trade)?);
            let said = self.post(&path, &json!({ "refundAmount": dollars(amount)? }), ASK_TIMEOUT).await?;
            codes::refunded(&said.code)?;
            Ok(Refunded::Done(digits(&said.info["refundTransactionId"])))
        })
    }
}

/// A response; its HTTP status is always 200.
#[derive(Debug, Deserialize)]
struct Said {
    #[serde(rename = "returnCode")]
    code: String,
    #[serde(rename = "returnMessage", default)]
    message: String,
    #[serde(default)]
    info: Value,
}

/// A number of up to nineteen digits, as text, because a double cannot represent it.
fn digits(value: &Value) -> Option<String> {
    let text = value.as_u64().map(|number| number.to_string()).or_else(|| value.as_str().map(str::to_owned))?;
    is_transaction(&text).then_some(text)
}

/// Whether a text can be a transaction id.
pub fn is_transaction(text: &str) -> bool {
    (1..=TRANSACTION_DIGITS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn transaction(trade: &Trade) -> Result<&str, ProviderError> {
    let number = trade.provider_no.as_deref().filter(|number| is_transaction(number));
    number.ok_or_else(|| ProviderError::Refused("no_transaction".to_owned()))
}

/// `X-LINE-Authorization` of a call.
fn sign(secret: &Secret, path: &str, tail: &str, nonce: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.show().as_bytes()).ok()?;
    for part in [secret.show(), path, tail, nonce] {
        mac.update(part.as_bytes());
    }
    Some(STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Script, charge};
    use super::*;
    use domain::Moment;
    use proptest::prelude::*;

    const TRANSACTION: &str = "2023042201206549310";

    fn line_pay(script: &Script) -> LinePay {
        let secret =
            r#"{"channel_id": "1234567890", "keys": [{"channel_secret": "a917ab6a2367b536f8e5a6e2977e06f4"}]}"#;
        LinePay::open(script.http(), "https://line.test", secret).unwrap().unwrap()
    }

    fn trade() -> Trade {
        Trade {
            trade_no: "YS8K2M4Q7TABCDEFGHJK".to_owned(),
            provider_no: Some(TRANSACTION.to_owned()),
            authorization: None,
            way: Some("LINE_PAY".to_owned()),
            amount: Cents::new(360_000),
            currency: Currency::parse("TWD").unwrap(),
            now: Moment::UNIX_EPOCH,
        }
    }

    fn code(code: &str) -> String {
        json!({"returnCode": code, "returnMessage": "said"}).to_string()
    }

    fn details(refunds: &Value) -> String {
        json!({"returnCode": "0000", "info": [{
            "transactionId": 2_023_042_201_206_549_310_u64, "orderId": "YS8K2M4Q7TABCDEFGHJK", "currency": "TWD",
            "payInfo": [{"method": "CREDIT_CARD", "amount": 3_500}, {"method": "POINT", "amount": 100}],
            "refundList": refunds,
        }]})
        .to_string()
    }

    #[test]
    fn the_known_calls_have_the_known_signatures() {
        let secret = Secret::new("a917ab6a2367b536f8e5a6e2977e06f4");
        let nonce = "3f1a8d2e-5b6c-4d7e-8f90-a1b2c3d4e5f6";
        for (path, tail, wanted) in [
            (
                "/v3/payments/request",
                r#"{"amount":3600,"currency":"TWD","orderId":"YS8K2M4Q7TABCDEFGHJK"}"#,
                "aR8NgeWpzPdQpQvUWrTFoUaffEa2oWur9SPaze3B7bE=",
            ),
            (
                "/v3/payments/2023042201206549310/confirm",
                r#"{"amount":3600,"currency":"TWD"}"#,
                "75O1Stb9tOcgYN+StBm1VHs/bmxITkrom+gYytcVKzc=",
            ),
            ("/v3/payments/requests/2023042201206549310/check", "", "nN6K9AHzSUvA38i94MAS1qQrAbqg8kdYTyjtf6oSp3g="),
            ("/v3/payments/2023042201206549310/refund", "{}", "Cz20R/VDymSZiYLX5Lq9ZwTSRW/ooz5hB/wq77BennE="),
            (
                "/v3/payments/2023042201206549310/refund",
                r#"{"refundAmount":100}"#,
                "pQDl1tZkFlyUmLLL3VNGU9PLJuWiK1kJUHHLft8YDWQ=",
            ),
        ] {
            assert_eq!(sign(&secret, path, tail, nonce).unwrap(), wanted, "{path} {tail}");
        }
    }

    #[tokio::test]
    async fn a_provider_that_was_not_reached_has_begun_nothing() {
        // Nothing listens on this port.
        let secret = r#"{"channel_id": "1", "keys": [{"channel_secret": "s"}]}"#;
        let provider = LinePay::open(Http::new(), "http://127.0.0.1:1", secret).unwrap().unwrap();
        let said = provider.start(&charge("YS8K2M4Q7TABCDEFGHJK")).await.unwrap_err();
        assert_eq!(said, ProviderError::Unanswered("no connection".to_owned()));
    }

    #[tokio::test]
    async fn a_checkout_leads_to_lines_page() {
        let said = json!({"returnCode": "0000", "info": {
            "paymentUrl": {"web": "https://web-pay.line.test/x", "app": "line://pay/x"},
            "transactionId": 2_023_042_201_206_549_310_u64,
        }});
        let script = Script::of(&[(200, &said.to_string())]);
        let start = line_pay(&script).start(&charge("A1B2")).await.unwrap();
        let wanted =
            Start::Redirect { url: "https://web-pay.line.test/x".to_owned(), provider_no: TRANSACTION.to_owned() };
        assert_eq!(start, wanted);
        let sent: Value = serde_json::from_str(&script.last().1).unwrap();
        assert_eq!((&sent["amount"], &sent["packages"][0]["amount"]), (&json!(350), &json!(350)));
        assert_eq!(sent["packages"][0]["products"][0]["price"], 350);
    }

    #[tokio::test]
    async fn what_a_check_says_is_what_is_done_next() {
        for (said, verdict) in [
            ("0000", Verdict::Waiting),
            ("0110", Verdict::Approved),
            ("0121", Verdict::Ended),
            ("0122", Verdict::Ended),
        ] {
            let script = Script::of(&[(200, &code(said))]);
            assert_eq!(line_pay(&script).look_up(&trade()).await.unwrap().verdict, verdict, "{said}");
        }
        let script = Script::of(&[(200, &code("0123")), (200, &details(&json!([])))]);
        let notice = line_pay(&script).look_up(&trade()).await.unwrap();
        assert_eq!((notice.verdict, notice.amount), (Verdict::Paid, Some(Cents::new(360_000))));
        assert_eq!(notice.trade_no, "YS8K2M4Q7TABCDEFGHJK");
    }

    #[tokio::test]
    async fn a_confirmation_that_came_before_is_looked_up() {
        let said = json!({"returnCode": "0000", "info": {"orderId": "YS8K2M4Q7TABCDEFGHJK"}}).to_string();
        let script = Script::of(&[(200, &said)]);
        let notice = line_pay(&script).confirm(&trade()).await.unwrap();
        assert_eq!((notice.verdict, notice.amount), (Verdict::Paid, Some(Cents::new(360_000))));
        assert_eq!(script.last().1, r#"{"amount":3600,"currency":"TWD"}"#);
        for before in ["1152", "1172"] {
            let script = Script::of(&[(200, &code(before)), (200, &details(&json!([])))]);
            assert_eq!(line_pay(&script).confirm(&trade()).await.unwrap().verdict, Verdict::Paid);
        }
        for (said, verdict) in [("1169", Verdict::Waiting), ("1142", Verdict::Declined), ("1281", Verdict::Declined)] {
            let script = Script::of(&[(200, &code(said))]);
            assert_eq!(line_pay(&script).confirm(&trade()).await.unwrap().verdict, verdict, "{said}");
        }
    }

    #[tokio::test]
    async fn a_confirmation_that_does_not_name_its_order_is_looked_up() {
        let (found, nothing) = (details(&json!([])), json!({"returnCode": "0000", "info": []}).to_string());
        for info in [json!(null), json!({}), json!({"orderId": ""}), json!({"orderId": "OTHER"})] {
            let said = json!({"returnCode": "0000", "info": info}).to_string();
            let script = Script::of(&[(200, &said), (200, &found)]);
            let notice = line_pay(&script).confirm(&trade()).await.unwrap();
            assert_eq!((notice.verdict, notice.trade_no), (Verdict::Paid, trade().trade_no), "{info}");
            let script = Script::of(&[(200, &said), (200, &nothing)]);
            assert!(matches!(line_pay(&script).confirm(&trade()).await, Err(ProviderError::Unknown(_))), "{info}");
        }
        for missing in ["orderId", "payInfo", "currency"] {
            let mut found: Value = serde_json::from_str(&found).unwrap();
            found["info"][0].as_object_mut().unwrap().remove(missing);
            let script = Script::of(&[(200, &code("0123")), (200, &found.to_string())]);
            let said = line_pay(&script).look_up(&trade()).await;
            assert_eq!(said, Err(ProviderError::Unknown("incomplete details".to_owned())), "{missing}");
        }
    }

    #[tokio::test]
    async fn what_is_not_said_is_not_known() {
        for (status, said) in [(200, "<html>"), (500, "{}"), (200, "{}"), (200, "")] {
            let script = Script::of(&[(status, said)]);
            assert!(
                matches!(line_pay(&script).confirm(&trade()).await, Err(ProviderError::Unknown(_))),
                "{status} {said}"
            );
        }
        for said in ["1199", "1900", "9000", "1198", "1280", "7777"] {
            let script = Script::of(&[(200, &code(said))]);
            assert_eq!(line_pay(&script).confirm(&trade()).await, Err(ProviderError::Unknown(said.to_owned())));
        }
        let script = Script::of(&[(200, &code("1106"))]);
        assert_eq!(line_pay(&script).confirm(&trade()).await, Err(ProviderError::Signature));
    }

    #[tokio::test]
    async fn refunds_are_counted_by_what_lines_books_say() {
        let said = json!({"returnCode": "0000", "info": {"refundTransactionId": 2_023_042_201_206_549_999_u64}});
        let script = Script::of(&[(200, &said.to_string())]);
        let done = line_pay(&script).refund(&trade(), Cents::new(10_000), Cents::ZERO).await;
        assert_eq!(done, Ok(Refunded::Done(Some("2023042201206549999".to_owned()))));
        assert_eq!(script.last().1, r#"{"refundAmount":100}"#);
        let script = Script::of(&[(200, &code("1165"))]);
        let again = line_pay(&script).refund(&trade(), Cents::new(10_000), Cents::ZERO).await;
        assert_eq!(again, Err(ProviderError::Unknown("1165".to_owned())));
        let script = Script::of(&[(200, &code("1164"))]);
        let over = line_pay(&script).refund(&trade(), Cents::new(10_000), Cents::ZERO).await;
        assert_eq!(over, Err(ProviderError::Refused("1164".to_owned())));
        let script = Script::of(&[(200, &code("1170"))]);
        let later = line_pay(&script).refund(&trade(), Cents::new(10_000), Cents::ZERO).await;
        assert_eq!(later, Err(ProviderError::NotYet("1170".to_owned())));
        let refunds = json!([{"refundAmount": -100}, {"refundAmount": -60}]);
        let script = Script::of(&[(200, &details(&refunds))]);
        assert_eq!(line_pay(&script).refunded(&trade()).await, Ok(Cents::new(16_000)));
    }

    #[test]
    fn a_transaction_is_nineteen_digits_at_the_most() {
        assert!(is_transaction(TRANSACTION) && is_transaction("1"));
        for bad in ["", "20230422012065493100", "12/34", "1 2", "-1", "１"] {
            assert!(!is_transaction(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_answered_is_never_taken_for_money(answer in ".{0,400}") {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let script = Script::of(&[(200, &answer)]);
            prop_assert!(runtime.block_on(line_pay(&script).confirm(&trade())).is_err());
        }
    }
}
