//! ECPay, all-in-one checkout (developers.ecpay.com.tw): the browser posts a signed form, the result comes as a signed form.

mod card;

use super::form::{self, Fields, Unreadable, field, said};
use super::{
    Charge, KEYS_MAX, Notice, Pause, PaymentProvider, ProviderError, ProviderFuture, Refunded, Start, Trade, Verdict,
};
use super::{cents, dollars, plain, taipei, taiwan_dollar};
use crate::http::{Http, Request};
use crate::secrets::Secret;
use card::{CardAnswer, CardTrade};
use domain::money::{Cents, Currency};
use serde::Deserialize;
use std::time::Duration;

/// What the callback is answered with, to the letter.
pub const ACKNOWLEDGED: &str = "1|OK";
/// What a callback is answered with whose signature is wrong.
pub const UNSIGNED: &str = "0|CheckMacValue Error";
/// What a purchase is called at the most, in characters; ECPay cuts at 400 bytes, which would break its own signature.
const ITEM_CHARS_MAX: usize = 100;
/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(15);
/// ECPay settles its cards in this time of the day in Taipei, and refuses refunds meanwhile.
const SETTLING_MINUTES: std::ops::Range<i64> = 20 * 60 + 15..20 * 60 + 30;
/// `TradeStatus` of an order that ECPay does not know.
const NOT_FOUND: &str = "10200047";
/// `TradeStatus` of an order that was opened and not finished.
const NOT_ESTABLISHED: &str = "10200095";

/// A pair that signs.
#[derive(Debug, Clone, Deserialize)]
struct Keys {
    hash_key: Secret,
    hash_iv: Secret,
}

/// What the secret holds: `{"merchant_id", "credit_check_code"?, "keys": [{"hash_key", "hash_iv"}]}`.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Contract {
    merchant_id: String,
    credit_check_code: Option<Secret>,
    keys: Vec<Keys>,
}

/// ECPay, for one merchant.
#[derive(Debug)]
pub struct Ecpay {
    http: Http,
    url: String,
    merchant: String,
    check_code: Option<Secret>,
    /// The pair that signs, first.
    keys: Vec<Keys>,
}

impl Ecpay {
    /// The merchant that a secret describes. `None` when it describes none.
    ///
    /// # Errors
    /// When it is not JSON of the right shape.
    pub fn open(http: Http, url: &str, secret: &str) -> Result<Option<Self>, serde_json::Error> {
        let contract: Contract = serde_json::from_str(secret)?;
        if contract.merchant_id.is_empty() || contract.keys.is_empty() {
            return Ok(None);
        }
        let mut keys = contract.keys;
        keys.truncate(KEYS_MAX);
        let check_code = contract.credit_check_code;
        Ok(Some(Self { http, url: url.to_owned(), merchant: contract.merchant_id, check_code, keys }))
    }

    /// Adds the signature of the pair that signs.
    fn sign(&self, mut fields: Fields) -> Fields {
        if let Some(keys) = self.keys.first() {
            let mac = check_mac_value(&fields, keys);
            fields.push(("CheckMacValue".to_owned(), mac));
        }
        fields
    }

    /// The fields, if one of the pairs signed them.
    fn verify(&self, fields: Fields) -> Result<Fields, Unreadable> {
        let given = field(&fields, "CheckMacValue");
        // Every pair is tried, so that the time does not tell which one fits.
        let signed =
            self.keys.iter().fold(false, |signed, keys| signed | form::same(given, &check_mac_value(&fields, keys)));
        if signed { Ok(fields) } else { Err(Unreadable) }
    }

    async fn post(&self, path: &str, fields: Fields) -> Result<String, ProviderError> {
        let request = Request {
            method: "POST",
            url: format!("{}{path}", self.url),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: form::write(&self.sign(fields)).into_bytes(),
            timeout: TIMEOUT,
        };
        let answer = self.http.send(request).await?;
        match answer.status {
            200 => String::from_utf8(answer.body).map_err(|_| ProviderError::Unknown("not text".to_owned())),
            // ECPay's way to say "too fast": half an hour is to be waited.
            403 => Err(ProviderError::Pause(Pause::RateLimited)),
            other => Err(ProviderError::Unknown(other.to_string())),
        }
    }

    fn notice(&self, fields: &Fields, verdict: Verdict, code: &str) -> Notice {
        Notice {
            merchant: field(fields, "MerchantID").to_owned(),
            trade_no: field(fields, "MerchantTradeNo").to_owned(),
            provider_no: said(fields, "TradeNo"),
            verdict,
            amount: field(fields, "TradeAmt").parse().ok().and_then(cents),
            currency: Currency::parse("TWD"),
            simulated: field(fields, "SimulatePaid") == "1",
            way: said(fields, "PaymentType"),
            authorization: said(fields, "gwsr"),
            code: code.to_owned(),
            raw: form::without_cards(fields),
        }
    }

    async fn act(&self, trade: &Trade, action: &str, amount: Cents) -> Result<String, ProviderError> {
        let mut fields = self.trade_fields(trade);
        fields.push(("TradeNo".to_owned(), trade.provider_no.clone().unwrap_or_default()));
        fields.push(("Action".to_owned(), action.to_owned()));
        fields.push(("TotalAmount".to_owned(), dollars(amount)?.to_string()));
        let answer = self.post("/CreditDetail/DoAction", fields).await?;
        // A form by the official SDK, `1|OK` by one of the guides. Nothing else is a yes.
        let code = match form::read(answer.as_bytes()) {
            Ok(fields) if !field(&fields, "RtnCode").is_empty() => field(&fields, "RtnCode").to_owned(),
            _ => answer.split('|').next().unwrap_or_default().trim().to_owned(),
        };
        if code.is_empty() || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ProviderError::Unknown("DoAction's answer cannot be read".to_owned()));
        }
        Ok(code)
    }

    /// What the card's own books say.
    async fn card(&self, trade: &Trade) -> Result<CardTrade, ProviderError> {
        let (Some(authorization), Some(check_code)) = (&trade.authorization, &self.check_code) else {
            return Err(ProviderError::Refused("no_authorization_to_look_up".to_owned()));
        };
        let fields = [
            ("MerchantID", self.merchant.clone()),
            ("CreditRefundId", authorization.clone()),
            ("CreditAmount", dollars(trade.amount)?.to_string()),
            ("CreditCheckCode", check_code.show().to_owned()),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let answer = self.post("/CreditDetail/QueryTrade/V2", fields).await?;
        let answer: CardAnswer =
            serde_json::from_str(&answer).map_err(|_| ProviderError::Unknown("QueryTrade is not JSON".to_owned()))?;
        answer.value.ok_or_else(|| ProviderError::Unknown(plain(&answer.message, 40)))
    }

    fn trade_fields(&self, trade: &Trade) -> Fields {
        vec![("MerchantID".to_owned(), self.merchant.clone()), ("MerchantTradeNo".to_owned(), trade.trade_no.clone())]
    }
}

impl PaymentProvider for Ecpay {
    fn merchant(&self) -> &str {
        &self.merchant
    }

    fn start<'a>(&'a self, charge: &'a Charge) -> ProviderFuture<'a, Start> {
        Box::pin(async move {
            taiwan_dollar(charge.currency)?;
            let item = plain(&charge.item, ITEM_CHARS_MAX);
            let fields = [
                ("MerchantID", self.merchant.clone()),
                ("MerchantTradeNo", charge.trade_no.clone()),
                ("MerchantTradeDate", taipei(charge.now).strftime("%Y/%m/%d %H:%M:%S").to_string()),
                ("PaymentType", "aio".to_owned()),
                ("TotalAmount", dollars(charge.amount)?.to_string()),
                ("TradeDesc", item.clone()),
                ("ItemName", item),
                ("ReturnURL", charge.notify_url.clone()),
                ("ClientBackURL", charge.back_url.clone()),
                ("ChoosePayment", "ALL".to_owned()),
                // Brings the number of the card's authorization, by which a refund is looked up.
                ("NeedExtraPaidInfo", "Y".to_owned()),
                ("EncryptType", "1".to_owned()),
            ];
            let fields = self.sign(fields.map(|(name, value)| (name.to_owned(), value)).to_vec());
            Ok(Start::Form { action: format!("{}/Cashier/AioCheckOut/V5", self.url), fields })
        })
    }

    fn read_callback(&self, body: &[u8]) -> Result<Notice, Unreadable> {
        let fields = self.verify(unambiguous(form::read(body)?)?)?;
        let code = field(&fields, "RtnCode");
        let verdict = match code {
            "1" => Verdict::Paid,
            // ATM; CVS and BARCODE: a number was taken, and nothing paid yet.
            "2" | "10100073" => Verdict::NumberTaken,
            _ => Verdict::Failed,
        };
        Ok(self.notice(&fields, verdict, code))
    }

    fn look_up<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Notice> {
        Box::pin(async move {
            let mut fields = self.trade_fields(trade);
            fields.push(("TimeStamp".to_owned(), trade.now.as_second().to_string()));
            let answer = self.post("/Cashier/QueryTradeInfo/V5", fields).await?;
            // Not encoded: `%` and `+` stand for themselves.
            let fields = answer.split('&').filter_map(|pair| pair.split_once('='));
            let fields: Fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let fields = form::unique(fields).map_err(|_| ProviderError::Signature)?;
            let fields = self.verify(fields).map_err(|_| ProviderError::Signature)?;
            if field(&fields, "MerchantTradeNo") != trade.trade_no {
                return Err(ProviderError::Signature);
            }
            let code = field(&fields, "TradeStatus");
            let verdict = match code {
                "1" => Verdict::Paid,
                "0" | NOT_FOUND | NOT_ESTABLISHED => Verdict::Waiting,
                _ => Verdict::Failed,
            };
            Ok(self.notice(&fields, verdict, code))
        })
    }

    fn refunded<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Cents> {
        Box::pin(async move {
            let card = self.card(trade).await?;
            if card.is_void() {
                return Ok(trade.amount);
            }
            let back = card.closings.iter().filter(|closing| closing.dollars() < 0 && !closing.is_void());
            cents(back.map(|closing| -closing.dollars()).sum())
                .ok_or_else(|| ProviderError::Unknown("amounts".to_owned()))
        })
    }

    fn refund<'a>(&'a self, trade: &'a Trade, amount: Cents, before: Cents) -> ProviderFuture<'a, Refunded> {
        Box::pin(async move {
            let now = taipei(trade.now);
            if SETTLING_MINUTES.contains(&(i64::from(now.hour()) * 60 + i64::from(now.minute()))) {
                return Err(ProviderError::Pause(Pause::Settling));
            }
            if !trade.way.as_deref().unwrap_or_default().starts_with("Credit") {
                return Ok(Refunded::Manual("not_a_card".to_owned()));
            }
            let is_whole = amount == trade.amount && before == Cents::ZERO;
            // What is to be done depends on how far the money has come. Where the card's books cannot be asked, it is taken
            // for captured: that is where it is a day later.
            let actions: &[&str] = match self.card(trade).await {
                Ok(card) if card.is_authorized() && is_whole => &["N"],
                // A part of what is only authorized cannot be let go of: it is captured tonight, and given back then.
                Ok(card) if card.is_authorized() => return Err(ProviderError::Pause(Pause::NotCaptured)),
                Ok(card) if card.is_waiting() && is_whole => &["E", "N"],
                Ok(_) | Err(ProviderError::Refused(_)) => &["R"],
                Err(error) => return Err(error),
            };
            for action in actions {
                let code = self.act(trade, action, amount).await?;
                if code != "1" {
                    return Ok(Refunded::Manual(code));
                }
            }
            Ok(Refunded::Done(None))
        })
    }
}

/// What a callback cannot be without.
const NEEDED: [&str; 7] = ["MerchantID", "MerchantTradeNo", "RtnCode", "RtnMsg", "TradeAmt", "TradeNo", "SimulatePaid"];

/// The fields, if no other fields have the same signature: it is over names and values joined by `=` and `&`, so a field
/// could be hidden in another one's value.
fn unambiguous(fields: Fields) -> Result<Fields, Unreadable> {
    let is_plain = fields.iter().all(|(name, value)| !name.contains(['&', '=']) && !value.contains('&'));
    let is_whole = NEEDED.iter().all(|needed| fields.iter().any(|(name, _)| name == needed));
    if is_plain && is_whole { Ok(fields) } else { Err(Unreadable) }
}

/// `CheckMacValue` over every field but itself: sorted by name without regard to case, between the two keys, encoded as .NET
/// does, lower case, SHA-256 (developers.ecpay.com.tw, p=2902 and p=2904).
fn check_mac_value(fields: &Fields, keys: &Keys) -> String {
    let mut sorted: Vec<&(String, String)> = fields.iter().filter(|(name, _)| name != "CheckMacValue").collect();
    sorted.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    let mut text = format!("HashKey={}", keys.hash_key.show());
    for (name, value) in sorted {
        text.push_str(&format!("&{name}={value}"));
    }
    text.push_str(&format!("&HashIV={}", keys.hash_iv.show()));
    form::sha256_upper(&encode(&text))
}

/// .NET's URL encoding, in lower case.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'!' | b'*' | b'(' | b')' => {
                encoded.push(char::from(byte.to_ascii_lowercase()));
            }
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02x}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Script, charge, trade};
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = r#"{"merchant_id": "3002607", "credit_check_code": "91845555",
        "keys": [{"hash_key": "pwFHCqoQZGmho4w6", "hash_iv": "EkRm7iFT261dpevs"}]}"#;
    const CALLBACK: &str = "CustomField1=&CustomField2=&CustomField3=&CustomField4=&MerchantID=3002607&MerchantTradeNo=test1734430936645&PaymentDate=2024%2F12%2F17+18%3A22%3A54&PaymentType=Credit_CreditCard&PaymentTypeChargeFee=2&RtnCode=1&RtnMsg=%E4%BA%A4%E6%98%93%E6%88%90%E5%8A%9F&SimulatePaid=0&StoreID=&TradeAmt=100&TradeDate=2024%2F12%2F17+18%3A22%3A16&TradeNo=2412171822169397";
    const CALLBACK_MAC: &str = "447090F34BFFD306CE78C3CF5C52725A8AEC851EB37629B2F2D10423E38BAD26";

    fn ecpay(script: &Script) -> Ecpay {
        Ecpay::open(script.http(), "https://ecpay.test", SECRET).unwrap().unwrap()
    }

    fn current() -> Keys {
        Keys { hash_key: Secret::new("pwFHCqoQZGmho4w6"), hash_iv: Secret::new("EkRm7iFT261dpevs") }
    }

    fn mac(keys: &Keys, fields: &[(&str, &str)]) -> String {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        check_mac_value(&fields, keys)
    }

    fn signed(body: &str) -> Vec<u8> {
        let mac = check_mac_value(&form::read(body.as_bytes()).unwrap(), &current());
        format!("{body}&CheckMacValue={mac}").into_bytes()
    }

    #[test]
    fn texts_are_encoded_as_dotnet_does() {
        assert_eq!(
            encode("~ !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}中"),
            "%7e+!%22%23%24%25%26%27()*%2b%2c-.%2f%3a%3b%3c%3d%3e%3f%40%5b%5c%5d%5e_%60%7b%7c%7d%e4%b8%ad"
        );
    }

    #[test]
    fn the_published_requests_have_the_published_signatures() {
        let v1 = [
            ("TradeDesc", "促銷方案"),
            ("PaymentType", "aio"),
            ("MerchantTradeDate", "2023/03/12 15:30:23"),
            ("MerchantTradeNo", "ecpay20230312153023"),
            ("MerchantID", "3002607"),
            ("ReturnURL", "https://www.ecpay.com.tw/receive.php"),
            ("ItemName", "Apple iphone 15"),
            ("TotalAmount", "30000"),
            ("ChoosePayment", "ALL"),
            ("EncryptType", "1"),
        ];
        assert_eq!(mac(&current(), &v1), "6C51C9E6888DE861FD62FB1DD17029FC742634498FD813DC43D4243B5685B840");
        let older = Keys { hash_key: Secret::new("5294y06JbISpM5x9"), hash_iv: Secret::new("v77hoKGq4kWxNNIS") };
        let v2 = v1.map(|(name, value)| match name {
            "MerchantID" => (name, "2000132"),
            "MerchantTradeDate" => (name, "2013/03/12 15:30:23"),
            "MerchantTradeNo" => (name, "ecpay20130312153023"),
            "ItemName" => (name, "Apple iphone 7 手機殼"),
            "TotalAmount" => (name, "1000"),
            _ => (name, value),
        });
        assert_eq!(mac(&older, &v2), "CFA9BDE377361FBDD8F160274930E815D1A8A2E3E80CE7D404C45FC9A0A1E407");
        let v3 = [
            ("MerchantID", "3002607"),
            ("MerchantTradeNo", "Test1234567890"),
            ("MerchantTradeDate", "2025/01/01 12:00:00"),
            ("PaymentType", "aio"),
            ("TotalAmount", "100"),
            ("TradeDesc", "測試"),
            ("ItemName", "測試商品"),
            ("ReturnURL", "https://example.com/notify"),
            ("ChoosePayment", "ALL"),
            ("EncryptType", "1"),
        ];
        assert_eq!(mac(&current(), &v3), "291CBA324D31FB5A4BBBFDF2CFE5D32598524753AFD4959C3BF590C5B2F57FB2");
    }

    #[test]
    fn texts_with_marks_have_the_known_signatures() {
        for (name, total, wanted) in [
            ("Tom's Shop", "100", "CF0A3D4901D99459D8641516EC57210700E8A5C9AB26B1D021301E9CB93EF78D"),
            ("Test~Product", "200", "CEEAE01D2F9A8E74D4AC0DCE7735B046D73F35A5EC99558A31A2EE03159DA1C9"),
            ("My Test Product", "300", "7712A5E6EDC3B57086063C88568084C66CE882A21D40E74DE5ACA3B478C6F316"),
        ] {
            let fields = [("MerchantID", "3002607"), ("ItemName", name), ("TotalAmount", total)];
            assert_eq!(mac(&current(), &fields), wanted, "{name}");
        }
    }

    #[test]
    fn a_real_callback_is_read() {
        let body = format!("{CALLBACK}&CheckMacValue={CALLBACK_MAC}");
        let notice = ecpay(&Script::default()).read_callback(body.as_bytes()).unwrap();
        assert_eq!(notice.verdict, Verdict::Paid);
        assert_eq!(notice.amount, Some(Cents::new(10_000)));
        assert_eq!((notice.merchant.as_str(), notice.trade_no.as_str()), ("3002607", "test1734430936645"));
        assert_eq!(notice.provider_no.as_deref(), Some("2412171822169397"));
        assert!(!notice.simulated);
    }

    #[test]
    fn empty_fields_are_signed_too() {
        let filled: Vec<&str> = CALLBACK.split('&').filter(|pair| !pair.ends_with('=')).collect();
        let body = format!("{}&CheckMacValue={CALLBACK_MAC}", filled.join("&"));
        assert_eq!(ecpay(&Script::default()).read_callback(body.as_bytes()), Err(Unreadable));
    }

    #[test]
    fn only_the_code_decides_what_a_callback_means() {
        let ecpay = ecpay(&Script::default());
        for (code, verdict) in [
            ("1", Verdict::Paid),
            ("2", Verdict::NumberTaken),
            ("10100073", Verdict::NumberTaken),
            ("10200058", Verdict::Failed),
            ("", Verdict::Failed),
            ("01", Verdict::Failed),
        ] {
            let body = CALLBACK.replace("RtnCode=1&", &format!("RtnCode={code}&"));
            assert_eq!(ecpay.read_callback(&signed(&body)).unwrap().verdict, verdict, "{code}");
        }
        let simulated = CALLBACK.replace("SimulatePaid=0", "SimulatePaid=1");
        assert!(ecpay.read_callback(&signed(&simulated)).unwrap().simulated);
    }

    #[test]
    fn two_pairs_are_valid_while_they_are_changed_and_the_first_signs() {
        let secret = r#"{"merchant_id": "3002607", "keys": [{"hash_key": "newnewnewnewnewn", "hash_iv": "vivivivivivivivi"},
            {"hash_key": "pwFHCqoQZGmho4w6", "hash_iv": "EkRm7iFT261dpevs"}]}"#;
        let both = Ecpay::open(Script::default().http(), "https://ecpay.test", secret).unwrap().unwrap();
        assert!(both.read_callback(format!("{CALLBACK}&CheckMacValue={CALLBACK_MAC}").as_bytes()).is_ok());
        let ours = both.sign(vec![("a".to_owned(), "b".to_owned())]);
        let new = Keys { hash_key: Secret::new("newnewnewnewnewn"), hash_iv: Secret::new("vivivivivivivivi") };
        assert_eq!(field(&ours, "CheckMacValue"), mac(&new, &[("a", "b")]));
        assert!(!format!("{both:?}").contains("newnew"));
    }

    #[test]
    fn a_secret_without_a_merchant_is_no_contract() {
        for none in ["{}", r#"{"merchant_id": "", "keys": []}"#, r#"{"merchant_id": "3002607"}"#] {
            assert!(Ecpay::open(Script::default().http(), "https://ecpay.test", none).unwrap().is_none(), "{none}");
        }
    }

    #[tokio::test]
    async fn a_checkout_is_a_signed_form_with_the_time_in_taipei() {
        let Start::Form { action, fields } = ecpay(&Script::default()).start(&charge("A1B2")).await.unwrap() else {
            panic!("a form")
        };
        assert_eq!(action, "https://ecpay.test/Cashier/AioCheckOut/V5");
        assert_eq!(field(&fields, "MerchantTradeDate"), "2026/11/21 23:59:30");
        assert_eq!((field(&fields, "TotalAmount"), field(&fields, "ItemName")), ("350", "Tea Tom s Cake 茶"));
        assert_eq!(field(&fields, "CheckMacValue"), check_mac_value(&fields, &current()));
    }

    #[tokio::test]
    async fn what_cannot_be_charged_is_not_begun() {
        let ecpay = ecpay(&Script::default());
        let odd = Charge { amount: Cents::new(150), ..charge("A") };
        assert_eq!(ecpay.start(&odd).await, Err(ProviderError::Unchargeable));
        let foreign = Charge { currency: Currency::parse("USD").unwrap(), ..charge("A") };
        assert_eq!(ecpay.start(&foreign).await, Err(ProviderError::Unchargeable));
    }

    #[tokio::test]
    async fn an_order_that_is_not_known_is_waited_for() {
        let real = "HandlingCharge=0&ItemName=&MerchantID=3002607&MerchantTradeNo=PRB1790506627828&PaymentDate=&PaymentType=&PaymentTypeChargeFee=0&TradeAmt=0&TradeDate=&TradeNo=&TradeStatus=10200047&CheckMacValue=5648F8E8354B11940F611ADE50CCA58DD4916DCC960DF7BF4D73960DBE432366";
        let script = Script::of(&[(200, real)]);
        let notice = ecpay(&script).look_up(&trade("PRB1790506627828")).await.unwrap();
        assert_eq!((notice.verdict, notice.amount), (Verdict::Waiting, Some(Cents::ZERO)));
        // The same answer to a question about another order is no answer.
        let script = Script::of(&[(200, real)]);
        assert_eq!(ecpay(&script).look_up(&trade("OTHER")).await, Err(ProviderError::Signature));
        let script = Script::of(&[(403, "")]);
        assert_eq!(ecpay(&script).look_up(&trade("A")).await, Err(ProviderError::Pause(Pause::RateLimited)));
    }

    #[tokio::test]
    async fn a_question_is_signed() {
        let script = Script::of(&[(200, "")]);
        let _ = ecpay(&script).look_up(&trade("test1734430936645")).await;
        let (url, body) = script.last();
        assert_eq!(url, "https://ecpay.test/Cashier/QueryTradeInfo/V5");
        let mac = field(&form::read(body.as_bytes()).unwrap(), "CheckMacValue").to_owned();
        assert_eq!(mac, "7BF27925AB37AE8B64FA6A700F441156A92B9C6DDB874F16A0C9C2A51AB960F8");
    }

    #[tokio::test]
    async fn a_captured_card_is_refunded_in_part() {
        let card = r#"{"RtnMsg":"","RtnValue":{"TradeID":11304112,"amount":100,"clsamt":100,"status":"已關帳","close_data":[{"status":"已關帳","amount":"100"}]}}"#;
        let script = Script::of(&[(200, card), (200, "MerchantID=3002607&RtnCode=1&RtnMsg=ok")]);
        let done = ecpay(&script).refund(&trade("test1734430936645"), Cents::new(4_000), Cents::ZERO).await;
        assert_eq!(done, Ok(Refunded::Done(None)));
        let mac = field(&form::read(script.last().1.as_bytes()).unwrap(), "CheckMacValue").to_owned();
        assert_eq!(mac, "2BB49B84D0328114EE5030EEF45A348FADDFFCE90649FDF02AD241D920B2EF63");
    }

    #[tokio::test]
    async fn what_is_only_authorized_is_let_go_of_and_what_waits_is_taken_back_first() {
        let authorized = r#"{"RtnMsg":"","RtnValue":{"amount":100,"clsamt":0,"status":"已授權","close_data":[]}}"#;
        let script = Script::of(&[(200, authorized), (200, "RtnCode=1")]);
        let whole = Cents::new(10_000);
        assert_eq!(ecpay(&script).refund(&trade("A"), whole, Cents::ZERO).await, Ok(Refunded::Done(None)));
        assert!(script.last().1.contains("Action=N"));
        let script = Script::of(&[(200, authorized)]);
        let part = ecpay(&script).refund(&trade("A"), Cents::new(100), Cents::ZERO).await;
        assert_eq!(part, Err(ProviderError::Pause(Pause::NotCaptured)));
        let waiting = r#"{"RtnMsg":"","RtnValue":{"amount":100,"status":"要關帳","close_data":[{"status":"要關帳","amount":100}]}}"#;
        let script = Script::of(&[(200, waiting), (200, "RtnCode=1"), (200, "1|OK")]);
        assert_eq!(ecpay(&script).refund(&trade("A"), whole, Cents::ZERO).await, Ok(Refunded::Done(None)));
        let actions: Vec<bool> =
            script.asked.lock().unwrap().iter().map(|(_, body)| body.contains("Action=E")).collect();
        assert_eq!(actions, [false, true, false]);
    }

    #[tokio::test]
    async fn nothing_but_a_yes_is_a_yes() {
        let card = r#"{"RtnMsg":"error_nopay","RtnValue":""}"#;
        let script = Script::of(&[(200, card)]);
        assert_eq!(
            ecpay(&script).refund(&trade("A"), Cents::new(100), Cents::ZERO).await,
            Err(ProviderError::Unknown("error nopay".to_owned()))
        );
        let card = r#"{"RtnMsg":"","RtnValue":{"status":"已關帳","close_data":[{"status":"已關帳","amount":100},{"status":"已關帳","amount":-40}]}}"#;
        for (answer, wanted) in [
            ("<html>", Err(ProviderError::Unknown("DoAction's answer cannot be read".to_owned()))),
            ("", Err(ProviderError::Unknown("DoAction's answer cannot be read".to_owned()))),
            ("RtnCode=10200047&RtnMsg=x", Ok(Refunded::Manual("10200047".to_owned()))),
            ("1|OK", Ok(Refunded::Done(None))),
        ] {
            let script = Script::of(&[(200, card), (200, answer)]);
            assert_eq!(ecpay(&script).refund(&trade("A"), Cents::new(100), Cents::ZERO).await, wanted, "{answer}");
        }
        let script = Script::of(&[(200, card)]);
        assert_eq!(ecpay(&script).refunded(&trade("A")).await, Ok(Cents::new(4_000)));
    }

    #[tokio::test]
    async fn other_than_cards_are_refunded_manually_and_nothing_is_while_ecpay_settles() {
        let machine = Trade { way: Some("ATM_TAISHIN".to_owned()), ..trade("A") };
        let done = ecpay(&Script::default()).refund(&machine, Cents::new(100), Cents::ZERO).await;
        assert_eq!(done, Ok(Refunded::Manual("not_a_card".to_owned())));
        let settling = Trade { now: "2026-11-21T12:20:00Z".parse().unwrap(), ..trade("A") };
        let done = ecpay(&Script::default()).refund(&settling, Cents::new(100), Cents::ZERO).await;
        assert_eq!(done, Err(ProviderError::Pause(Pause::Settling)));
    }

    proptest! {
        #[test]
        fn a_flipped_bit_is_never_accepted(place in 0..600_usize, bit in 0..8_u8) {
            let mut body = format!("{CALLBACK}&CheckMacValue={CALLBACK_MAC}").into_bytes();
            let place = place % body.len();
            body[place] ^= 1 << bit;
            let ecpay = ecpay(&Script::default());
            // `%2f` is `%2F`, and `+` is `%20`: another spelling of the same fields is the same message. ECPay signs them in
            // lower case.
            let lower = |body: &[u8]| form::read(body).map(|fields| {
                let lower = |text: &str| text.to_ascii_lowercase();
                fields.iter().map(|(name, value)| (lower(name), if name == "CheckMacValue" { value.clone() } else { lower(value) })).collect::<Fields>()
            });
            let same = lower(&body) == lower(format!("{CALLBACK}&CheckMacValue={CALLBACK_MAC}").as_bytes());
            prop_assert!(same || ecpay.read_callback(&body).is_err());
        }

        #[test]
        fn no_field_can_be_hidden_in_another(place in 0..16_usize) {
            let mut fields = form::read(CALLBACK.as_bytes()).unwrap();
            fields.sort_by_key(|(name, _)| name.to_ascii_lowercase());
            let place = place % (fields.len() - 1);
            let (name, value) = fields.remove(place + 1);
            fields[place].1.push_str(&format!("&{name}={value}"));
            let body = form::write(&fields) + "&CheckMacValue=" + CALLBACK_MAC;
            prop_assert_eq!(ecpay(&Script::default()).read_callback(body.as_bytes()), Err(Unreadable));
        }

        #[test]
        fn whatever_comes_is_refused(body in prop::collection::vec(any::<u8>(), 0..2_000)) {
            prop_assert_eq!(ecpay(&Script::default()).read_callback(&body), Err(Unreadable));
        }

        #[test]
        fn whatever_is_answered_does_no_harm(answer in ".{0,400}") {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let script = Script::of(&[(200, &answer)]);
            prop_assert!(runtime.block_on(ecpay(&script).look_up(&trade("A"))).is_err());
        }
    }
}
