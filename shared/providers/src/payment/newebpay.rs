//! NewebPay, multi-payment gateway (manual NDNF 1.2): the browser posts an encrypted and signed form, and the result is
//! one, too.
#![expect(clippy::indexing_slicing, reason = "JSON: an absent member is null, and never a panic")]

mod codes;
mod keys;

use super::form::{self, Fields, Unreadable, field, said};
use super::{
    Charge, KEYS_MAX, Notice, PaymentProvider, ProviderError, ProviderFuture, Refunded, Start, Trade, Verdict,
};
use super::{before_the_money, cents, dollars, plain, status_error, taiwan_dollar};
use crate::http::{Http, Request};
use domain::money::{Cents, Currency};
use keys::Keys;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// The maximum length of an item name in characters.
const ITEM_CHARS_MAX: usize = 50;
/// The range of seconds that NewebPay accepts as the time limit of its page.
const TRADE_LIMIT_SECONDS: std::ops::RangeInclusive<i64> = 60..=900;
/// The time-out of one request.
const TIMEOUT: Duration = Duration::from_secs(15);
/// The only mark of a payment that a person simulated in NewebPay's merchant console.
const SIMULATED: &str = "模擬付款成功";
/// The content of the secret: `{"merchant_id", "keys": [{"hash_key", "hash_iv"}]}`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Contract {
    merchant_id: String,
    keys: Vec<Keys>,
}

/// NewebPay, for one merchant.
#[derive(Debug)]
pub struct Newebpay {
    http: Http,
    url: String,
    merchant: String,
    signing: Keys,
    /// The valid pairs of keys, the signing one first.
    keys: Vec<Keys>,
}

impl Newebpay {
    /// The client for a secret's merchant. `None` when the secret names no merchant.
    ///
    /// # Errors
    /// When it is not JSON of the expected form.
    pub fn open(http: Http, url: &str, secret: &str) -> Result<Option<Self>, serde_json::Error> {
        let contract: Contract = serde_json::from_str(secret)?;
        let mut keys = contract.keys;
        keys.truncate(KEYS_MAX);
        let Some(signing) = keys.first().cloned().filter(|_| !contract.merchant_id.is_empty()) else { return Ok(None) };
        Ok(Some(Self { http, url: url.to_owned(), merchant: contract.merchant_id, signing, keys }))
    }

    /// The decrypted text, if one of the pairs signed it.
    fn read_envelope(&self, sealed: &str, sha: &str) -> Result<String, Unreadable> {
        // Every pair is tried, so that the time does not reveal which one matches.
        let mut signer = None;
        for keys in &self.keys {
            if form::same(sha, &keys.trade_sha(sealed)) {
                signer = Some(keys);
            }
        }
        let text = signer.and_then(|keys| keys.unseal(sealed)).ok_or(Unreadable)?;
        String::from_utf8(text).map_err(|_| Unreadable)
    }

    async fn post(&self, path: &str, fields: Fields) -> Result<Value, ProviderError> {
        let request = Request {
            method: "POST",
            url: format!("{}{path}", self.url),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: form::write(&fields).into_bytes(),
            timeout: TIMEOUT,
        };
        let answer = self.http.send(request).await?;
        if answer.status != 200 {
            return Err(status_error(answer.status));
        }
        serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Unknown("not JSON".to_owned()))
    }

    /// The signed response to a query about one order. `Ok(None)`: unknown to NewebPay.
    async fn query(&self, trade: &Trade) -> Result<Option<Fields>, ProviderError> {
        let amount = dollars(trade.amount)?;
        let fields = [
            ("MerchantID", self.merchant.clone()),
            ("Version", "1.3".to_owned()),
            ("RespondType", "JSON".to_owned()),
            ("CheckValue", self.signing.check_value(amount, &self.merchant, &trade.trade_no)),
            ("TimeStamp", trade.now.as_second().to_string()),
            ("MerchantOrderNo", trade.trade_no.clone()),
            ("Amt", amount.to_string()),
        ];
        let answer =
            self.post("/API/QueryTradeInfo", fields.map(|(name, value)| (name.to_owned(), value)).to_vec()).await?;
        if !codes::queried(&text_of(&answer["Status"]))? {
            return Ok(None);
        }
        let fields = flat(&answer["Result"]);
        let (given, order) = (field(&fields, "CheckCode"), field(&fields, "MerchantOrderNo"));
        let code = |keys: &Keys| {
            keys.check_code(field(&fields, "Amt"), field(&fields, "MerchantID"), order, field(&fields, "TradeNo"))
        };
        let is_signed = self.keys.iter().fold(false, |signed, keys| signed | form::same(given, &code(keys)));
        if is_signed && order == trade.trade_no { Ok(Some(fields)) } else { Err(ProviderError::Signature) }
    }

    /// Whether the capture of a card payment was requested; before that, the authorization itself can be canceled.
    async fn is_closed(&self, trade: &Trade) -> Result<bool, ProviderError> {
        let fields = self.query(trade).await?;
        match fields.as_deref().map(|fields| field(fields, "CloseStatus")) {
            Some("0") => Ok(false),
            Some("1" | "2" | "3") => Ok(true),
            _ => Err(ProviderError::NotYet("close_status".to_owned())),
        }
    }

    fn notice(&self, fields: &Fields, verdict: Verdict, code: &str, message: &str) -> Notice {
        Notice {
            merchant: field(fields, "MerchantID").to_owned(),
            trade_no: field(fields, "MerchantOrderNo").to_owned(),
            provider_no: said(fields, "TradeNo"),
            verdict,
            payable_until: codes::number_ends(field(fields, "ExpireDate"), field(fields, "ExpireTime")),
            amount: field(fields, "Amt").parse().ok().and_then(cents),
            currency: Currency::parse("TWD"),
            simulated: message == SIMULATED,
            way: said(fields, "PaymentType"),
            authorization: None,
            code: code.to_owned(),
            raw: form::without_cards(fields),
        }
    }
}

impl PaymentProvider for Newebpay {
    fn merchant(&self) -> &str {
        &self.merchant
    }

    fn start<'a>(&'a self, charge: &'a Charge) -> ProviderFuture<'a, Start> {
        Box::pin(async move {
            taiwan_dollar(charge.currency)?;
            let inner = [
                ("MerchantID", self.merchant.clone()),
                ("RespondType", "JSON".to_owned()),
                ("TimeStamp", charge.now.as_second().to_string()),
                ("Version", VERSION.to_owned()),
                ("MerchantOrderNo", charge.trade_no.clone()),
                ("Amt", dollars(charge.amount)?.to_string()),
                ("ItemDesc", plain(&charge.item, ITEM_CHARS_MAX)),
                ("TradeLimit", trade_limit_seconds(charge).to_string()),
                ("NotifyURL", charge.notify_url.clone()),
                ("ClientBackURL", charge.back_url.clone()),
                ("ReturnURL", charge.return_url.clone()),
                ("EmailModify", "0".to_owned()),
                ("CREDIT", "1".to_owned()),
                ("WEBATM", "1".to_owned()),
            ];
            let inner = form::write(&inner.map(|(name, value)| (name.to_owned(), value)));
            let sealed = self.signing.seal(&inner).ok_or(ProviderError::Signature)?;
            let fields = [
                ("MerchantID", self.merchant.clone()),
                ("TradeSha", self.signing.trade_sha(&sealed)),
                ("TradeInfo", sealed),
                ("Version", VERSION.to_owned()),
                ("EncryptType", "0".to_owned()),
            ];
            let fields = fields.map(|(name, value)| (name.to_owned(), value)).to_vec();
            Ok(Start::Form { action: format!("{}/MPG/mpg_gateway", self.url), fields })
        })
    }

    fn read_callback(&self, body: &[u8]) -> Result<Notice, Unreadable> {
        let outer = form::read(body)?;
        let text = self.read_envelope(field(&outer, "TradeInfo"), field(&outer, "TradeSha"))?;
        // JSON, whose result is an object or a string of one; or a flat form.
        let (status, message, fields) = match serde_json::from_str::<Value>(&text) {
            Ok(json) if json.is_object() => {
                (text_of(&json["Status"]), text_of(&json["Message"]), flat(&json["Result"]))
            }
            _ => {
                let fields = form::read(text.as_bytes())?;
                (field(&fields, "Status").to_owned(), field(&fields, "Message").to_owned(), fields)
            }
        };
        let verdict = codes::notified(&status, !field(&fields, "PayTime").is_empty());
        let mut notice = self.notice(&fields, verdict, &status, &message);
        if notice.merchant.is_empty() {
            // A result can be empty; then the merchant id is on the envelope. The content was encrypted with this
            // merchant's key.
            notice.merchant = field(&outer, "MerchantID").to_owned();
        }
        if notice.raw.is_empty() {
            let said = [("Status", &status), ("Message", &message)];
            notice.raw = said.map(|(name, value)| (name.to_owned(), plain(value, 200))).to_vec();
        }
        Ok(notice)
    }

    fn look_up<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Notice> {
        Box::pin(async move {
            let Some(fields) = self.query(trade).await? else {
                let mut fields = vec![("MerchantID".to_owned(), self.merchant.clone())];
                fields.push(("MerchantOrderNo".to_owned(), trade.trade_no.clone()));
                return Ok(self.notice(&fields, Verdict::Unseen, codes::NOT_FOUND, ""));
            };
            let code = field(&fields, "TradeStatus");
            let verdict = codes::trade_status(code);
            Ok(self.notice(&fields, verdict, code, ""))
        })
    }

    fn refunded<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Cents> {
        Box::pin(async move {
            let fields = self.query(trade).await?.ok_or_else(|| ProviderError::Unknown(codes::NOT_FOUND.to_owned()))?;
            // The refundable rest shows the refunded amount.
            let left = said(&fields, "BackBalance").and_then(|left| left.parse().ok()).and_then(cents);
            left.map(|left| trade.amount.minus(left))
                .ok_or_else(|| ProviderError::Unknown("no_balance_to_look_up".to_owned()))
        })
    }

    fn refund<'a>(&'a self, trade: &'a Trade, amount: Cents, before: Cents) -> ProviderFuture<'a, Refunded> {
        Box::pin(async move {
            if !trade.way.as_deref().unwrap_or_default().starts_with("CREDIT") {
                return Ok(Refunded::Manual("not_a_card".to_owned()));
            }
            let is_whole = amount == trade.amount && before == Cents::ZERO;
            let closed = self.is_closed(trade).await.map_err(before_the_money)?;
            if !closed && !is_whole {
                return Err(ProviderError::NotYet("not_captured".to_owned()));
            }
            let path = if closed { "/API/CreditCard/Close" } else { "/API/CreditCard/Cancel" };
            let mut inner = vec![
                ("RespondType", "JSON".to_owned()),
                ("Version", if closed { "1.1" } else { "1.0" }.to_owned()),
                ("Amt", dollars(amount)?.to_string()),
                ("MerchantOrderNo", trade.trade_no.clone()),
                ("TimeStamp", trade.now.as_second().to_string()),
                ("IndexType", "1".to_owned()),
            ];
            if closed {
                inner.push(("TradeNo", trade.provider_no.clone().unwrap_or_default()));
                inner.push(("CloseType", "2".to_owned()));
            }
            let inner: Fields = inner.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            let sealed = self.signing.seal(&form::write(&inner)).ok_or(ProviderError::Signature)?;
            let outer = vec![("MerchantID_".to_owned(), self.merchant.clone()), ("PostData_".to_owned(), sealed)];
            let answer = self.post(path, outer).await?;
            codes::refunded(&text_of(&answer["Status"]))?;
            Ok(Refunded::Done(said(&flat(&answer["Result"]), "TradeNo")))
        })
    }
}

/// The time limit of NewebPay's page: not after the payment deadline.
fn trade_limit_seconds(charge: &Charge) -> i64 {
    let left = charge.pay_before.duration_since(charge.now).as_secs();
    left.clamp(*TRADE_LIMIT_SECONDS.start(), *TRADE_LIMIT_SECONDS.end())
}

/// The version of the gateway's protocol.
const VERSION: &str = "2.0";

/// A string or a number as text.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// The fields of a result: an object, a string of one, or in errors an empty list.
fn flat(result: &Value) -> Fields {
    let read: Value;
    let result = match result {
        Value::String(text) => {
            read = serde_json::from_str(text).unwrap_or_default();
            &read
        }
        other => other,
    };
    let fields = result.as_object().into_iter().flatten();
    fields.map(|(name, value)| (name.clone(), text_of(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Pause;
    use super::super::tests::{Script, charge};
    use super::*;
    use aes::Aes256;
    use cbc::cipher::block_padding::NoPadding;
    use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
    use domain::Moment;
    use proptest::prelude::*;

    const SECRET: &str = r#"{"merchant_id": "MS127874575",
        "keys": [{"hash_key": "Fs5cX1TGqYM2PpdbE14a9H83YQSQF5jn", "hash_iv": "C6AcmfqJILwgnhIP"}]}"#;
    const REQUEST: &str = "MerchantID=MS127874575&RespondType=String&TimeStamp=1695795410&Version=2.0&MerchantOrderNo=Vanespl_ec_1695795410&Amt=30&ItemDesc=test&NotifyURL=https%3A%2F%2Fwebhook.site%2Fd4db5ad1-2278-466a-9d66-78585c0dbadb";
    const REQUEST_SEALED: &str = "f79eac33c4f3245d58f17b544c5d38b09457a6d77e77bae6f10fcc7236fe153ccef1a80001c0746afc063a7570f80ad970d8a32c72332c9ec5547410188007876bdca2bafa52d07d31b6b183f2204d6e4feee6d245e286ab198cf95422ad5843c7696fc943cbb65979ad207607d4b5d97dac4a90ccd5e7a37adb7d7062e838be09d94e8c5dfa145c048e17feabe58c2e310792f0f50f5af32961ffb07ff6649ae1021ad558242551de5f09316e3182e198775e5d1ad5b66a70be290004de750fa85d86b0c2f087b40005d89e048be2ab6fd83f1c522494c093426a10a1f73fe4";
    const REQUEST_SHA: &str = "84E4D9F96537E029F8450BE1E759080F9AF6995921B7F6F9AAFDDD2C36E7B287";
    const NOTIFY_SEALED: &str = "ee11d1501e6dc8433c75988258f2343d11f4d0a423be672e8e02aaf373c53c2363aeffdb4992579693277359b3e449ebe644d2075fdfbc10150b1c40e7d24cb215febefdb85b16a5cde449f6b06c58a5510d31e8d34c95284d459ae4b52afc1509c2800976a5c0b99ef24cfd28a2dfc8004215a0c98a1d3c77707773c2f2132f9a9a4ce3475cb888c2ad372485971876f8e2fec0589927544c3463d30c785c2d3bd947c06c8c33cf43e131f57939e1f7e3b3d8c3f08a84f34ef1a67a08efe177f1e663ecc6bedc7f82640a1ced807b548633cfa72d060864271ec79854ee2f5a170aa902000e7c61d1269165de330fce7d10663d1668c711571776365bfdcd7ddc915dcb90d31a9f27af9b79a443ca8302e508b0dbaac817d44cfc44247ae613075dde4ac960f1bdff4173b915e4344bc4567bd32e86be7d796e6d9b9cf20476e4996e98ccc315f1ed03a34139f936797d971f2a3f90bc18f8a155a290bcbcf04f4277171c305bf554f5cba243154b30082748a81f2e5aa432ef9950cc9668cd4330ef7c37537a6dcb5e6ef01b4eca9705e4b097cf6913ee96e81d0389e5f775";
    const NOTIFY_SHA: &str = "C80876AEBAC0036268C0E240E5BFF69C0470DE9606EEE083C5C8DD64FDB3347A";
    const CLOSE: &str = "RespondType=String&Version=1.0&Amt=100&MerchantOrderNo=Vanespl_ec_1641348593&TimeStamp=1641348593&IndexType=1&TradeNo=23111221191660146&CloseType=2";
    const CLOSE_SEALED: &str = "61d27f528031d936b29c87802479e4e51e9cc72935abba1cade58c7524504e727e53d7209593175899023a68200d18e9cc998119e760a29cc76a5d1de88fc8da93367ffc9c50f09b9b6a43f42c716a10327734c40bd8b02139601ac6c0674a407930b2bf615bb13c7d5b383ad4c8e879d92298dcbb0be3022a5c8a0143a8c4447e528710993fc41041c299c895b405ed5187ca6f4c3d1a85130c8e83a742e6d1";
    const ORDER: &str = "Vanespl_ec_1695795668";

    fn newebpay(script: &Script) -> Newebpay {
        Newebpay::open(script.http(), "https://newebpay.test", SECRET).unwrap().unwrap()
    }

    fn keys() -> Keys {
        newebpay(&Script::default()).signing
    }

    fn trade() -> Trade {
        Trade {
            trade_no: ORDER.to_owned(),
            provider_no: Some("23092714215835071".to_owned()),
            authorization: None,
            way: Some("CREDIT".to_owned()),
            amount: Cents::new(3_000),
            currency: Currency::parse("TWD").unwrap(),
            now: Moment::from_second(1_695_795_668).unwrap(),
        }
    }

    /// An envelope as NewebPay encrypts it, padded to 32 bytes.
    fn envelope(text: &str) -> Vec<u8> {
        let sealed = keys().seal(text).unwrap();
        format!("Status=SUCCESS&MerchantID=MS127874575&TradeInfo={sealed}&TradeSha={}", keys().trade_sha(&sealed))
            .into_bytes()
    }

    fn queried(result: &str) -> String {
        format!(r#"{{"Status":"SUCCESS","Message":"ok","Result":{result}}}"#)
    }

    fn found(status: &str, more: &str) -> String {
        let code = keys().check_code("30", "MS127874575", ORDER, "23092714215835071");
        queried(&format!(
            r#"{{"MerchantID":"MS127874575","Amt":30,"TradeNo":"23092714215835071","MerchantOrderNo":"{ORDER}","TradeStatus":"{status}","PaymentType":"CREDIT","CheckCode":"{code}"{more}}}"#
        ))
    }

    #[test]
    fn the_known_request_is_sealed_and_signed_as_known() {
        assert_eq!(keys().seal(REQUEST).unwrap(), REQUEST_SEALED);
        assert_eq!(keys().trade_sha(REQUEST_SEALED), REQUEST_SHA);
        assert_eq!(keys().unseal(REQUEST_SEALED).unwrap(), REQUEST.as_bytes());
        assert_eq!(keys().seal(CLOSE).unwrap(), CLOSE_SEALED);
    }

    #[test]
    fn questions_and_answers_have_the_known_signatures() {
        assert_eq!(
            keys().check_code("30", "MS127874575", ORDER, "23092714215835071"),
            "79C5227AF869AE4F25FDF4E22B928D5B52E415D9905EC6912D7807E18C3FFACA"
        );
        assert_eq!(
            keys().check_value(30, "MS127874575", ORDER),
            "CD326F689018E7862727547F85CECD7DD7AE0FDB7782DE2C1E46B4417245B51F"
        );
    }

    #[test]
    fn a_real_notify_is_read() {
        let body = format!(
            "Status=SUCCESS&MerchantID=MS127874575&Version=2.0&TradeInfo={NOTIFY_SEALED}&TradeSha={NOTIFY_SHA}"
        );
        let notice = newebpay(&Script::default()).read_callback(body.as_bytes()).unwrap();
        assert_eq!((notice.verdict, notice.amount), (Verdict::Paid, Some(Cents::new(3_000))));
        assert_eq!((notice.merchant.as_str(), notice.trade_no.as_str()), ("MS127874575", ORDER));
        assert_eq!(notice.provider_no.as_deref(), Some("23092714215835071"));
        let kept = format!("{:?}", notice.raw);
        assert!(!kept.contains("400022") && !kept.contains("2609") && !kept.contains("123.51"), "{kept}");
    }

    #[test]
    fn a_result_is_read_as_an_object_and_as_a_text() {
        let result = format!(
            r#"{{"MerchantID":"MS127874575","Amt":30,"TradeNo":"1","MerchantOrderNo":"{ORDER}","PayTime":"2023-09-27 14:21:59"}}"#
        );
        let as_text = serde_json::to_string(&result).unwrap();
        for result in [&result, &as_text] {
            let text = format!(r#"{{"Status":"SUCCESS","Message":"授權成功","Result":{result}}}"#);
            let notice = newebpay(&Script::default()).read_callback(&envelope(&text)).unwrap();
            assert_eq!((notice.verdict, notice.amount), (Verdict::Paid, Some(Cents::new(3_000))));
        }
    }

    #[test]
    fn a_number_that_was_taken_is_not_money_and_a_pretended_payment_is_marked() {
        let newebpay = newebpay(&Script::default());
        let read = |status: &str, message: &str, time: &str| {
            let text = format!(
                r#"{{"Status":"{status}","Message":"{message}","Result":{{"MerchantID":"MS127874575","Amt":30,"MerchantOrderNo":"{ORDER}"{time}}}}}"#
            );
            newebpay.read_callback(&envelope(&text)).unwrap()
        };
        let time = r#","PayTime":"2023-09-27 14:21:59""#;
        assert_eq!(read("SUCCESS", "取號成功", "").verdict, Verdict::NumberTaken);
        assert_eq!(read("MPG03009", "付款失敗", time).verdict, Verdict::Declined);
        assert!(read("SUCCESS", SIMULATED, time).simulated && !read("SUCCESS", "授權成功", time).simulated);
    }

    #[test]
    fn padding_of_up_to_two_blocks_is_taken_off_and_nothing_else() {
        let seal = |bytes: &[u8]| {
            let keys = keys();
            let cipher = cbc::Encryptor::<Aes256>::new_from_slices(
                keys.hash_key.show().as_bytes(),
                keys.hash_iv.show().as_bytes(),
            );
            hex::encode(cipher.unwrap().encrypt_padded_vec::<NoPadding>(bytes))
        };
        let mut long = b"a".repeat(4);
        long.extend([28; 28]);
        assert_eq!(keys().unseal(&seal(&long)).unwrap(), b"aaaa");
        assert_eq!(keys().unseal(&seal(&[32; 32])).unwrap(), b"");
        for bad in [[0_u8; 32], [33; 32]] {
            assert_eq!(keys().unseal(&seal(&bad)), None);
        }
        long[10] = 27;
        assert_eq!(keys().unseal(&seal(&long)), None);
        for bad in ["", "0", "zz", "00", &"00".repeat(15)] {
            assert_eq!(keys().unseal(bad), None, "{bad}");
        }
    }

    #[tokio::test]
    async fn a_checkout_is_a_sealed_form() {
        let Start::Form { action, fields } = newebpay(&Script::default()).start(&charge("A1B2")).await.unwrap() else {
            panic!("a form")
        };
        assert_eq!(action, "https://newebpay.test/MPG/mpg_gateway");
        let sealed = field(&fields, "TradeInfo");
        assert_eq!(field(&fields, "TradeSha"), keys().trade_sha(sealed));
        let inner = form::read(&keys().unseal(sealed).unwrap()).unwrap();
        assert_eq!((field(&inner, "Amt"), field(&inner, "MerchantOrderNo")), ("350", "A1B2"));
        assert_ne!(field(&inner, "NotifyURL"), field(&inner, "ReturnURL"));
    }

    #[tokio::test]
    async fn what_newebpay_answers_is_signed_and_about_the_order() {
        for (status, verdict) in
            [("0", Verdict::Waiting), ("1", Verdict::Paid), ("2", Verdict::Declined), ("9", Verdict::Pending)]
        {
            let script = Script::of(&[(200, &found(status, ""))]);
            assert_eq!(newebpay(&script).look_up(&trade()).await.unwrap().verdict, verdict);
        }
        let unknown = r#"{"Status":"TRA10021","Message":"查無交易資料","Result":[]}"#;
        let script = Script::of(&[(200, unknown)]);
        assert_eq!(newebpay(&script).look_up(&trade()).await.unwrap().verdict, Verdict::Unseen);
        let forged = found("1", "").replace("\"Amt\":30", "\"Amt\":31");
        let script = Script::of(&[(200, &forged)]);
        assert_eq!(newebpay(&script).look_up(&trade()).await, Err(ProviderError::Signature));
        let script = Script::of(&[(200, &found("1", ""))]);
        let other = Trade { trade_no: "other".to_owned(), ..trade() };
        assert_eq!(newebpay(&script).look_up(&other).await, Err(ProviderError::Signature));
        let script = Script::of(&[(200, r#"{"Status":"TRA10071","Result":[]}"#)]);
        assert_eq!(newebpay(&script).look_up(&trade()).await, Err(Pause::minutes("TRA10071", 240)));
        let script = Script::of(&[(200, "<html>")]);
        assert_eq!(newebpay(&script).look_up(&trade()).await, Err(ProviderError::Unknown("not JSON".to_owned())));
    }

    #[tokio::test]
    async fn what_was_captured_is_refunded_and_what_was_not_is_let_go_of() {
        let closed = found("1", r#","CloseStatus":"3","BackBalance":"30""#);
        let script = Script::of(&[(200, &closed), (200, r#"{"Status":"SUCCESS","Result":{"TradeNo":"9"}}"#)]);
        let done = newebpay(&script).refund(&trade(), Cents::new(1_000), Cents::ZERO).await;
        assert_eq!(done, Ok(Refunded::Done(Some("9".to_owned()))));
        assert!(script.last().0.ends_with("/API/CreditCard/Close"));
        let open = found("1", r#","CloseStatus":"0""#);
        let script = Script::of(&[(200, &open), (200, r#"{"Status":"TRA20001","Result":[]}"#)]);
        let done = newebpay(&script).refund(&trade(), Cents::new(3_000), Cents::ZERO).await;
        assert_eq!(done, Ok(Refunded::Done(None)));
        assert!(script.last().0.ends_with("/API/CreditCard/Cancel"));
        let script = Script::of(&[(200, &open)]);
        let part = newebpay(&script).refund(&trade(), Cents::new(1_000), Cents::ZERO).await;
        assert_eq!(part, Err(ProviderError::NotYet("not_captured".to_owned())));
        let script = Script::of(&[(200, &closed), (200, r#"{"Status":"TRA10035","Result":[]}"#)]);
        let again = newebpay(&script).refund(&trade(), Cents::new(1_000), Cents::ZERO).await;
        assert_eq!(again, Err(ProviderError::Unknown("TRA10035".to_owned())));
        let script = Script::of(&[(200, &found("1", r#","CloseStatus":"3","BackBalance":"20""#))]);
        assert_eq!(newebpay(&script).refunded(&trade()).await, Ok(Cents::new(1_000)));
        let transfer = Trade { way: Some("WEBATM".to_owned()), ..trade() };
        let done = newebpay(&Script::default()).refund(&transfer, Cents::new(1_000), Cents::ZERO).await;
        assert_eq!(done, Ok(Refunded::Manual("not_a_card".to_owned())));
    }

    #[test]
    fn a_decline_without_a_result_names_its_merchant_on_the_envelope() {
        for result in ["[]", "\"\"", "{}", "null"] {
            let text = format!(r#"{{"Status":"MPG03009","Message":"declined","Result":{result}}}"#);
            let notice = newebpay(&Script::default()).read_callback(&envelope(&text)).unwrap();
            assert_eq!((notice.merchant.as_str(), notice.trade_no.as_str()), ("MS127874575", ""), "{result}");
            assert_eq!(notice.verdict, Verdict::Declined);
            assert_eq!(notice.raw[0], ("Status".to_owned(), "MPG03009".to_owned()));
        }
    }

    #[tokio::test]
    async fn the_customer_has_no_longer_on_the_page_than_the_order_can_be_paid() {
        for (seconds, limit) in [(1_500, "900"), (300, "300"), (10, "60"), (-5, "60")] {
            let charge = charge("A1B2");
            let pay_before = charge.now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap();
            let charge = Charge { pay_before, ..charge };
            let Start::Form { fields, .. } = newebpay(&Script::default()).start(&charge).await.unwrap() else {
                panic!("a form")
            };
            let inner = form::read(&keys().unseal(field(&fields, "TradeInfo")).unwrap()).unwrap();
            assert_eq!(field(&inner, "TradeLimit"), limit);
            assert_eq!(field(&inner, "ReturnURL"), charge.return_url);
        }
    }

    #[tokio::test]
    async fn a_refund_that_is_locked_out_waits_and_is_not_left_to_people() {
        let closed = found("1", r#","CloseStatus":"3","BackBalance":"30""#);
        for (code, minutes) in [("TRA10702", 60), ("TRA11002", 240), ("TRA10071", 240)] {
            let answer = format!(r#"{{"Status":"{code}","Result":[]}}"#);
            let script = Script::of(&[(200, &closed), (200, &answer)]);
            let done = newebpay(&script).refund(&trade(), Cents::new(1_000), Cents::ZERO).await;
            assert_eq!(done, Err(Pause::minutes(code, minutes)));
        }
        for unsure in [found("1", ""), found("1", r#","CloseStatus":"7""#)] {
            let script = Script::of(&[(200, &unsure)]);
            let done = newebpay(&script).refund(&trade(), Cents::new(3_000), Cents::ZERO).await;
            assert_eq!(done, Err(ProviderError::NotYet("close_status".to_owned())));
        }
        let script = Script::of(&[(500, "")]);
        let done = newebpay(&script).refund(&trade(), Cents::new(3_000), Cents::ZERO).await;
        assert_eq!(done, Err(ProviderError::Unanswered("500".to_owned())), "nothing was asked back yet");
    }

    proptest! {
        #[test]
        fn a_flipped_bit_is_never_accepted(place in 0..2_000_usize, bit in 0..8_u8) {
            let whole = format!("TradeInfo={NOTIFY_SEALED}&TradeSha={NOTIFY_SHA}").into_bytes();
            let mut body = whole.clone();
            let place = place % body.len();
            body[place] ^= 1 << bit;
            let same = form::read(&body) == form::read(&whole);
            prop_assert_eq!(newebpay(&Script::default()).read_callback(&body).is_ok(), same);
        }

        #[test]
        fn whatever_comes_is_refused(body in prop::collection::vec(any::<u8>(), 0..2_000)) {
            prop_assert_eq!(newebpay(&Script::default()).read_callback(&body), Err(Unreadable));
        }

        #[test]
        fn whatever_is_sealed_is_read_or_refused(text in ".{0,300}") {
            let _ = newebpay(&Script::default()).read_callback(&envelope(&text));
        }

        #[test]
        fn what_is_sealed_is_unsealed(text in ".{0,300}") {
            prop_assert_eq!(keys().unseal(&keys().seal(&text).unwrap()).unwrap(), text.into_bytes());
        }
    }
}
