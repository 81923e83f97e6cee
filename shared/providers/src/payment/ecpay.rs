//! ECPay, all-in-one checkout (developers.ecpay.com.tw): the browser posts a signed form, and the result is a signed form,
//! too.

mod card;
mod codes;
mod signature;

use super::form::{self, Fields, Unreadable, field, said};
use super::{
    Charge, KEYS_MAX, Notice, PaymentProvider, ProviderError, ProviderFuture, Refunded, Start, Trade, Verdict,
};
use super::{before_the_money, cents, dollars, plain, status_error, taipei, taiwan_dollar};
use crate::http::{Http, Request};
use crate::secrets::Secret;
use card::{CardAnswer, CardState, CardTrade};
use domain::money::{Cents, Currency};
use serde::Deserialize;
use signature::{Keys, check_mac_value};
use std::time::Duration;

/// The exact body that acknowledges a callback.
pub const ACKNOWLEDGED: &str = "1|OK";
/// The response to a callback with a wrong signature.
pub const UNSIGNED: &str = "0|CheckMacValue Error";
/// The maximum length of an item name in characters; ECPay cuts at 400 bytes, which would invalidate the signature.
const ITEM_CHARS_MAX: usize = 100;
/// The time-out of one request.
const TIMEOUT: Duration = Duration::from_secs(15);
/// ECPay settles its cards at this time of the day in Taipei, and refuses refunds meanwhile.
const SETTLING_MINUTES: std::ops::Range<i64> = 20 * 60 + 15..20 * 60 + 30;
/// Payment methods that are hidden on ECPay's page: a payment number is valid for days, and an instalment plan is decided
/// within days, which is longer than the order's hold.
const IGNORED_PAYMENTS: &str = "ATM#CVS#BARCODE#BNPL";

/// The content of the secret: `{"merchant_id", "credit_check_code"?, "keys": [{"hash_key", "hash_iv"}]}`.
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
    /// The pairs of keys; the first one signs.
    keys: Vec<Keys>,
}

impl Ecpay {
    /// The client for a secret's merchant. `None` when the secret names no merchant.
    ///
    /// # Errors
    /// When it is not JSON of the expected form.
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

    /// Adds the signature of the first pair of keys.
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
        // Every pair is tried, so that the time does not reveal which one matches.
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
            other => Err(status_error(other)),
        }
    }

    fn notice(&self, fields: &Fields, verdict: Verdict, code: &str) -> Notice {
        Notice {
            merchant: field(fields, "MerchantID").to_owned(),
            trade_no: field(fields, "MerchantTradeNo").to_owned(),
            provider_no: said(fields, "TradeNo"),
            verdict,
            payable_until: codes::number_ends(field(fields, "ExpireDate")),
            amount: field(fields, "TradeAmt").parse().ok().and_then(cents),
            currency: Currency::parse("TWD"),
            simulated: field(fields, "SimulatePaid") == "1",
            way: said(fields, "PaymentType"),
            authorization: said(fields, "gwsr"),
            code: code.to_owned(),
            raw: form::without_cards(fields),
        }
    }

    /// Executes an action on a card payment. A response with a code is definite: a refused action was not executed.
    async fn act(&self, trade: &Trade, action: &str, amount: Cents) -> Result<(), ProviderError> {
        let mut fields = self.trade_fields(trade);
        fields.push(("TradeNo".to_owned(), trade.provider_no.clone().unwrap_or_default()));
        fields.push(("Action".to_owned(), action.to_owned()));
        fields.push(("TotalAmount".to_owned(), dollars(amount)?.to_string()));
        let answer = self.post("/CreditDetail/DoAction", fields).await?;
        // The official SDK describes a form, one of the guides `1|OK`. Nothing else means success.
        let code = match form::read(answer.as_bytes()) {
            Ok(fields) if !field(&fields, "RtnCode").is_empty() => field(&fields, "RtnCode").to_owned(),
            _ => answer.split('|').next().unwrap_or_default().trim().to_owned(),
        };
        if code.is_empty() || !code.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ProviderError::Unknown("the response of DoAction cannot be parsed".to_owned()));
        }
        codes::acted(&code)
    }

    /// The record of the card payment. `None` when it cannot be queried: the shop has no check code, or the trade no
    /// authorization.
    async fn card(&self, trade: &Trade) -> Result<Option<CardTrade>, ProviderError> {
        let Some(check_code) = &self.check_code else { return Ok(None) };
        // A callback may lack fields that a query returns.
        let authorization = match &trade.authorization {
            Some(known) => Some(known.clone()),
            None => said(&self.query(trade).await?, "gwsr"),
        };
        let Some(authorization) = authorization else { return Ok(None) };
        let fields = [
            ("MerchantID", self.merchant.clone()),
            ("CreditRefundId", authorization),
            ("CreditAmount", dollars(trade.amount)?.to_string()),
            ("CreditCheckCode", check_code.show().to_owned()),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let answer = self.post("/CreditDetail/QueryTrade/V2", fields).await?;
        let answer: CardAnswer = serde_json::from_str(&answer)
            .map_err(|_| ProviderError::Unknown("the response of QueryTrade is not JSON".to_owned()))?;
        answer.value.map(Some).ok_or_else(|| ProviderError::Unknown(plain(&answer.message, 40)))
    }

    /// The signed response to a query about one trade.
    async fn query(&self, trade: &Trade) -> Result<Fields, ProviderError> {
        let mut fields = self.trade_fields(trade);
        fields.push(("TimeStamp".to_owned(), trade.now.as_second().to_string()));
        let answer = self.post("/Cashier/QueryTradeInfo/V5", fields).await?;
        // Not encoded: `%` and `+` are literal.
        let fields = answer.split('&').filter_map(|pair| pair.split_once('='));
        let fields: Fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let fields = form::unique(fields).map_err(|_| ProviderError::Signature)?;
        let fields = self.verify(fields).map_err(|_| ProviderError::Signature)?;
        let is_its = field(&fields, "MerchantTradeNo") == trade.trade_no;
        if is_its { Ok(fields) } else { Err(ProviderError::Signature) }
    }

    /// Refunds captured money, or cancels an authorization, depending on the card's record.
    async fn give_back(&self, trade: &Trade, amount: Cents, is_whole: bool) -> Result<(), ProviderError> {
        // An error before the step that moves money means that nothing was done.
        let card = self.card(trade).await.map_err(before_the_money)?;
        let actions: &[&str] = match card.map(|card| card.state()) {
            Some(CardState::Captured) => &["R"],
            Some(CardState::Authorized) if is_whole => &["N"],
            Some(CardState::Waiting) if is_whole => &["E", "N"],
            // A part of an authorization cannot be canceled: it is captured tonight, and refunded then.
            Some(CardState::Authorized | CardState::Waiting) => {
                return Err(ProviderError::NotYet("not_captured".to_owned()));
            }
            Some(CardState::Other) => return Err(ProviderError::NotYet("card_state".to_owned())),
            // The state is unknown. One of the two is refused, which is a definite response.
            None => return self.give_back_unseen(trade, amount, is_whole).await,
        };
        for action in actions {
            self.act(trade, action, amount).await?;
        }
        Ok(())
    }

    /// Refunds a trade whose card record cannot be queried.
    async fn give_back_unseen(&self, trade: &Trade, amount: Cents, is_whole: bool) -> Result<(), ProviderError> {
        match self.act(trade, "R", amount).await {
            Err(ProviderError::NotYet(_)) if is_whole => self.act(trade, "N", amount).await,
            done => done,
        }
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
                ("OrderResultURL", charge.return_url.clone()),
                ("ChoosePayment", "ALL".to_owned()),
                ("IgnorePayment", IGNORED_PAYMENTS.to_owned()),
                // Has the number of the card's authorization, which a later lookup of a refund needs.
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
        let verdict = codes::called_back(code);
        Ok(self.notice(&fields, verdict, code))
    }

    fn look_up<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Notice> {
        Box::pin(async move {
            let fields = self.query(trade).await?;
            let code = field(&fields, "TradeStatus");
            Ok(self.notice(&fields, codes::looked_up(code)?, code))
        })
    }

    fn refunded<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Cents> {
        Box::pin(async move {
            let card = self.card(trade).await?;
            let card = card.ok_or_else(|| ProviderError::Refused("no_authorization_to_look_up".to_owned()))?;
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
                return Err(ProviderError::NotYet("settling".to_owned()));
            }
            if !trade.way.as_deref().unwrap_or_default().starts_with("Credit") {
                return Ok(Refunded::Manual("not_a_card".to_owned()));
            }
            let is_whole = amount == trade.amount && before == Cents::ZERO;
            self.give_back(trade, amount, is_whole).await.map(|()| Refunded::Done(None))
        })
    }
}

/// The required fields of a callback.
const NEEDED: [&str; 7] = ["MerchantID", "MerchantTradeNo", "RtnCode", "RtnMsg", "TradeAmt", "TradeNo", "SimulatePaid"];

/// The fields, unless other fields would have the same signature: it covers names and values joined by `=` and `&`, so a
/// field could be hidden in another one's value.
fn unambiguous(fields: Fields) -> Result<Fields, Unreadable> {
    let is_plain = fields.iter().all(|(name, value)| !name.contains(['&', '=']) && !value.contains('&'));
    let is_whole = NEEDED.iter().all(|needed| fields.iter().any(|(name, _)| name == needed));
    if is_plain && is_whole { Ok(fields) } else { Err(Unreadable) }
}

#[cfg(test)]
mod tests {
    use super::super::Pause;
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
            ("10200058", Verdict::Declined),
            ("", Verdict::Declined),
            ("01", Verdict::Declined),
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
        assert_eq!((notice.verdict, notice.amount), (Verdict::Unseen, Some(Cents::ZERO)));
        // A response to a query about another order is invalid.
        let script = Script::of(&[(200, real)]);
        assert_eq!(ecpay(&script).look_up(&trade("OTHER")).await, Err(ProviderError::Signature));
        let script = Script::of(&[(403, "")]);
        assert_eq!(ecpay(&script).look_up(&trade("A")).await, Err(Pause::minutes("403", 30)));
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
        assert_eq!(part, Err(ProviderError::NotYet("not_captured".to_owned())));
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
            Err(ProviderError::Unanswered("error nopay".to_owned()))
        );
        let card = r#"{"RtnMsg":"","RtnValue":{"status":"已關帳","close_data":[{"status":"已關帳","amount":100},{"status":"已關帳","amount":-40}]}}"#;
        for (answer, wanted) in [
            ("<html>", Err(ProviderError::Unknown("the response of DoAction cannot be parsed".to_owned()))),
            ("", Err(ProviderError::Unknown("the response of DoAction cannot be parsed".to_owned()))),
            ("RtnCode=10200047&RtnMsg=x", Err(ProviderError::NotYet("10200047".to_owned()))),
            ("RtnCode=10200073&RtnMsg=x", Err(ProviderError::Signature)),
            ("RtnCode=10200052&RtnMsg=x", Err(ProviderError::Refused("10200052".to_owned()))),
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
        assert_eq!(done, Err(ProviderError::NotYet("settling".to_owned())));
    }

    #[tokio::test]
    async fn a_card_whose_books_cannot_be_asked_is_taken_for_neither_captured_nor_not() {
        let secret = SECRET.replace(r#""credit_check_code": "91845555","#, "");
        let whole = Cents::new(10_000);
        let refund = async |answers: &[(u16, &str)], amount| {
            let script = Script::of(answers);
            let ecpay = Ecpay::open(script.http(), "https://ecpay.test", &secret).unwrap().unwrap();
            let done = ecpay.refund(&trade("A"), amount, Cents::ZERO).await;
            (done, script.asked.lock().unwrap().len())
        };
        let no = (200, "RtnCode=10200098&RtnMsg=x");
        let not_yet = Err(ProviderError::NotYet("10200098".to_owned()));
        assert_eq!(refund(&[(200, "RtnCode=1")], whole).await, (Ok(Refunded::Done(None)), 1));
        assert_eq!(
            refund(&[no, (200, "RtnCode=1")], whole).await,
            (Ok(Refunded::Done(None)), 2),
            "it was not captured"
        );
        assert_eq!(refund(&[no, no], whole).await, (not_yet.clone(), 2));
        assert_eq!(
            refund(&[no], Cents::new(100)).await,
            (not_yet, 1),
            "a part is given back of what is captured alone"
        );
    }

    #[tokio::test]
    async fn words_of_the_books_that_are_not_known_are_no_answer() {
        let odd = r#"{"RtnMsg":"","RtnValue":{"amount":100,"status":"處理中","close_data":[]}}"#;
        let script = Script::of(&[(200, odd)]);
        let done = ecpay(&script).refund(&trade("A"), Cents::new(10_000), Cents::ZERO).await;
        assert_eq!(done, Err(ProviderError::NotYet("card_state".to_owned())));
    }

    #[tokio::test]
    async fn nothing_that_outlives_the_hold_is_offered() {
        let Start::Form { fields, .. } = ecpay(&Script::default()).start(&charge("A1B2")).await.unwrap() else {
            panic!("a form")
        };
        let chosen = (field(&fields, "ChoosePayment"), field(&fields, "IgnorePayment"));
        assert_eq!(chosen, ("ALL", "ATM#CVS#BARCODE#BNPL"));
        assert_eq!(field(&fields, "OrderResultURL"), charge("A1B2").return_url);
    }

    proptest! {
        #[test]
        fn a_flipped_bit_is_never_accepted(place in 0..600_usize, bit in 0..8_u8) {
            let mut body = format!("{CALLBACK}&CheckMacValue={CALLBACK_MAC}").into_bytes();
            let place = place % body.len();
            body[place] ^= 1 << bit;
            let ecpay = ecpay(&Script::default());
            // `%2f` and `%2F`, and `+` and `%20`, are spellings of the same fields, so the message is the same. ECPay signs
            // them in lower case.
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
