//! Payment providers: the requests of the shop, and the results of a provider.
//!
//! A fourth provider is a module next to these three, its [`PaymentProvider`], and its line in [`Payments::of`].

pub mod ecpay;
mod form;
mod fresh_keys;
pub mod line_pay;
pub mod newebpay;

use crate::http::{Http, HttpError};
use crate::secrets::{Secret, Secrets};
use aws_types::SdkConfig;
use contracts::Failure;
use domain::Moment;
use domain::money::{Cents, Currency};
use domain::payment::{PaymentMethod, TradeState};
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use std::sync::{Arc, OnceLock};

pub use form::Unreadable;

use fresh_keys::FreshKeys;

/// The maximum size of a callback's body in bytes.
pub const CALLBACK_BYTES_MAX: usize = 64 * 1024;
/// Keys of one provider that are valid at the same time: the one that signs, and the previous or next one during a
/// rotation.
pub const KEYS_MAX: usize = 2;
/// Minor units in a whole dollar, the unit of ECPay, NewebPay and LINE Pay.
const DOLLAR_CENTS: i64 = 100;

/// A payment to start at a provider, with the addresses for its result.
#[derive(Debug, Clone)]
pub struct Charge {
    /// The shop's trade number of this checkout attempt: 20 characters of `A-Z0-9`, used only once.
    pub trade_no: String,
    /// The amount.
    pub amount: Cents,
    /// The currency.
    pub currency: Currency,
    /// The item name.
    pub item: String,
    /// The address for the provider's callback.
    pub notify_url: String,
    /// The address to which the customer returns: the order, with the payment's id.
    pub back_url: String,
    /// The address to which the provider posts the customer's browser after the payment, where it does so; it redirects to
    /// the shop.
    pub return_url: String,
    /// The current time, which the signatures contain.
    pub now: Moment,
    /// The payment deadline, for providers that accept one.
    pub pay_before: Moment,
}

/// The next step of the customer's browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// The browser posts this form.
    Form {
        /// The address.
        action: String,
        /// Names and values, signed.
        fields: Vec<(String, String)>,
    },
    /// The browser is redirected.
    Redirect {
        /// The address.
        url: String,
        /// The provider's transaction number.
        provider_no: String,
    },
}

/// A checkout attempt, for lookups.
#[derive(Debug, Clone)]
pub struct Trade {
    /// See [`Charge::trade_no`].
    pub trade_no: String,
    /// The provider's number, once it is known.
    pub provider_no: Option<String>,
    /// The number of the card's authorization, where the provider has one.
    pub authorization: Option<String>,
    /// The payment method in the provider's terms, e.g. `Credit_CreditCard`.
    pub way: Option<String>,
    /// The amount.
    pub amount: Cents,
    /// The currency.
    pub currency: Currency,
    /// The time of the request.
    pub now: Moment,
}

/// The state of a payment at its provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The money was captured.
    Paid,
    /// The customer got a number to pay at a machine or by transfer.
    NumberTaken,
    /// The customer has approved, and the shop can capture the money.
    Approved,
    /// Not completed yet.
    Waiting,
    /// Unknown to the provider: no browser has posted its form.
    Unseen,
    /// The provider does not know yet whether the money is captured, or cannot tell now.
    Pending,
    /// This attempt was declined. The customer may try again on the same page.
    Declined,
    /// The provider can capture no money for it any more.
    Ended,
}

impl Verdict {
    /// The state of a trade without money; `None` for other verdicts.
    pub const fn state(self) -> Option<TradeState> {
        match self {
            Self::Paid | Self::Approved => None,
            Self::NumberTaken => Some(TradeState::NumberTaken),
            Self::Waiting => Some(TradeState::Waiting),
            Self::Unseen => Some(TradeState::Unseen),
            Self::Pending => Some(TradeState::Pending),
            Self::Declined => Some(TradeState::Declined),
            Self::Ended => Some(TradeState::Ended),
        }
    }
}

/// A result of a payment, with its signature checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The merchant in the provider's records.
    pub merchant: String,
    /// The shop's trade number.
    pub trade_no: String,
    /// The provider's number.
    pub provider_no: Option<String>,
    /// The result.
    pub verdict: Verdict,
    /// The expiry of an issued payment number, if known.
    pub payable_until: Option<Moment>,
    /// The amount, where known.
    pub amount: Option<Cents>,
    /// The currency, where known.
    pub currency: Option<Currency>,
    /// Whether a person simulated the payment in the provider's merchant console: no money has moved.
    pub simulated: bool,
    /// See [`Trade::way`].
    pub way: Option<String>,
    /// See [`Trade::authorization`].
    pub authorization: Option<String>,
    /// The provider's code.
    pub code: String,
    /// The provider's data, field by field, without card data.
    pub raw: Vec<(String, String)>,
}

/// The result of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refunded {
    /// Refunded; the provider's number of the refund, if there is one.
    Done(Option<String>),
    /// The provider's API cannot make the refund, so an admin has to. The provider's code.
    Manual(String),
}

/// The reason for which a call has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Unknown whether it was executed: look it up before a retry.
    #[error("the outcome is unknown ({0})")]
    Unknown(String),
    /// It was not executed and will not be; the provider's code.
    #[error("the provider refused ({0})")]
    Refused(String),
    /// It was not executed, and may succeed later; the provider's code.
    #[error("the provider refused it for now ({0})")]
    NotYet(String),
    /// It was not executed, because no connection was made, or because a lookup before it got no response.
    #[error("the provider was not reached, or a lookup before it got no response ({0})")]
    Unanswered(String),
    /// The provider must not be called for a while, for any payment; it was not executed.
    #[error("calls to the provider pause for {} minutes ({})", .0.length.as_mins(), .0.code)]
    Pause(Pause),
    /// One of the two signatures is wrong, possibly because the keys were just changed. It was not executed.
    #[error("a signature is wrong")]
    Signature,
    /// An amount that the provider cannot charge.
    #[error("the provider cannot charge this amount")]
    Unchargeable,
}

/// A pause of calls to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// The provider's code.
    pub code: String,
    /// The length of the pause.
    pub length: SignedDuration,
}

impl Pause {
    fn minutes(code: impl Into<String>, minutes: i64) -> ProviderError {
        ProviderError::Pause(Self { code: code.into(), length: SignedDuration::from_mins(minutes) })
    }
}

/// The meaning of an error before the step that moves money: nothing was executed.
fn before_the_money(error: ProviderError) -> ProviderError {
    match error {
        ProviderError::Unknown(why) => ProviderError::Unanswered(why),
        other => other,
    }
}

/// The pause in minutes after an HTTP status for too many requests.
const TOO_OFTEN_MINUTES: i64 = 30;

/// The meaning of an HTTP status other than 200. ECPay sends 403 for too many requests, others 429.
fn status_error(status: u16) -> ProviderError {
    match status {
        403 | 429 => Pause::minutes(status.to_string(), TOO_OFTEN_MINUTES),
        other => ProviderError::Unknown(other.to_string()),
    }
}

impl From<HttpError> for ProviderError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Unsendable => Self::Refused(error.to_string()),
            HttpError::Unreachable => Self::Unanswered(error.to_string()),
            _ => Self::Unknown(error.to_string()),
        }
    }
}

/// The result of a call to a provider.
pub type ProviderFuture<'a, T> = BoxFuture<'a, Result<T, ProviderError>>;

/// A payment provider.
pub trait PaymentProvider: Send + Sync {
    /// The merchant's id at the provider.
    fn merchant(&self) -> &str;

    /// Starts a checkout.
    fn start<'a>(&'a self, charge: &'a Charge) -> ProviderFuture<'a, Start>;

    /// Parses a callback. Its signature is checked before anything else.
    ///
    /// # Errors
    /// [`Unreadable`], the same for every cause.
    fn read_callback(&self, body: &[u8]) -> Result<Notice, Unreadable>;

    /// Looks up a payment.
    fn look_up<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Notice>;

    /// Captures the money that the customer approved. Only needed by providers with [`Verdict::Approved`].
    fn confirm<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Notice> {
        self.look_up(trade)
    }

    /// Looks up the refunded total of a payment. To be called before a refund is repeated.
    fn refunded<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Cents>;

    /// Refunds a payment in full or in part. `before` is the amount refunded earlier. Repeat it only after
    /// [`PaymentProvider::refunded`] has shown that it was not executed.
    fn refund<'a>(&'a self, trade: &'a Trade, amount: Cents, before: Cents) -> ProviderFuture<'a, Refunded>;
}

/// Host and secret of a provider.
#[derive(Debug, Clone)]
pub struct Place {
    /// Base URL.
    pub url: String,
    /// The ARN of the secret with the merchant and the keys.
    pub secret_arn: String,
}

/// The hosts and secrets of all providers.
#[derive(Debug, Clone)]
pub struct Places {
    /// ECPay.
    pub ecpay: Place,
    /// NewebPay.
    pub newebpay: Place,
    /// LINE Pay.
    pub line_pay: Place,
}

impl Places {
    /// The production hosts.
    pub const PRODUCTION: [&'static str; 3] =
        ["https://payment.ecpay.com.tw", "https://core.newebpay.com", "https://api-pay.line.me"];

    /// Whether every host is the provider's production host.
    pub fn are_real(&self) -> bool {
        [&self.ecpay.url, &self.newebpay.url, &self.line_pay.url].into_iter().eq(Self::PRODUCTION)
    }
}

/// The clients of all providers. Cheap to clone; nothing is opened before the first use.
#[derive(Clone)]
pub struct Payments {
    config: SdkConfig,
    places: Arc<Places>,
    open: Arc<OnceLock<(Http, Secrets)>>,
}

impl std::fmt::Debug for Payments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Payments")
    }
}

impl Payments {
    /// The providers at these hosts, over the network.
    pub fn new(config: SdkConfig, places: Places) -> Self {
        Self { config, places: Arc::new(places), open: Arc::default() }
    }

    /// The providers with this client.
    #[must_use]
    pub fn over(self, http: Http) -> Self {
        let secrets = Secrets::new(&self.config);
        Self { open: Arc::new(OnceLock::from((http, secrets))), ..self }
    }

    /// The base URL of a method's provider.
    pub fn host(&self, method: PaymentMethod) -> Option<&str> {
        self.place(method).map(|place| place.url.as_str())
    }

    /// Opens the connections at the first use: only functions that call a provider need them.
    fn hands(&self) -> &(Http, Secrets) {
        self.open.get_or_init(|| (Http::new(), Secrets::new(&self.config)))
    }

    /// The provider of a method. It uses the cached keys, and once more the current keys after a wrong signature. `None`
    /// when the secret names no merchant, and for points.
    ///
    /// # Errors
    /// When the secret cannot be read.
    pub async fn of(&self, method: PaymentMethod) -> Result<Option<Box<dyn PaymentProvider>>, Failure> {
        let Some(place) = self.place(method) else { return Ok(None) };
        let secret = self.hands().1.get(&place.secret_arn).await?;
        let known = self.open(method, place, &secret)?;
        Ok(known.map(|known| -> Box<dyn PaymentProvider> { Box::new(FreshKeys::new(self.clone(), method, known)) }))
    }

    /// The provider with the current keys, after a wrong signature. `None` when they have not changed.
    ///
    /// # Errors
    /// When the secret cannot be read.
    pub async fn renewed(&self, method: PaymentMethod) -> Result<Option<Box<dyn PaymentProvider>>, Failure> {
        let Some(place) = self.place(method) else { return Ok(None) };
        match self.hands().1.renew(&place.secret_arn).await? {
            Some(secret) => self.open(method, place, &secret),
            None => Ok(None),
        }
    }

    fn place(&self, method: PaymentMethod) -> Option<&Place> {
        match method {
            PaymentMethod::Points | PaymentMethod::External => None,
            PaymentMethod::Ecpay => Some(&self.places.ecpay),
            PaymentMethod::Newebpay => Some(&self.places.newebpay),
            PaymentMethod::LinePay => Some(&self.places.line_pay),
        }
    }

    fn open(
        &self,
        method: PaymentMethod,
        place: &Place,
        secret: &Secret,
    ) -> Result<Option<Box<dyn PaymentProvider>>, Failure> {
        let (http, url, text) = (self.hands().0.clone(), place.url.as_str(), secret.show());
        // serde's message could repeat a part of the secret.
        let unreadable =
            |_| Failure::broken(format!("the secret of {} is not JSON of the expected form", method.as_str()));
        Ok(match method {
            PaymentMethod::Points | PaymentMethod::External => None,
            PaymentMethod::Ecpay => boxed(ecpay::Ecpay::open(http, url, text).map_err(unreadable)?),
            PaymentMethod::Newebpay => boxed(newebpay::Newebpay::open(http, url, text).map_err(unreadable)?),
            PaymentMethod::LinePay => boxed(line_pay::LinePay::open(http, url, text).map_err(unreadable)?),
        })
    }
}

fn boxed<P: PaymentProvider + 'static>(provider: Option<P>) -> Option<Box<dyn PaymentProvider>> {
    provider.map(|provider| -> Box<dyn PaymentProvider> { Box::new(provider) })
}

/// Whole dollars, the unit of these providers.
fn dollars(amount: Cents) -> Result<i64, ProviderError> {
    let is_chargeable = amount > Cents::ZERO && amount.get() % DOLLAR_CENTS == 0;
    if is_chargeable { Ok(amount.get() / DOLLAR_CENTS) } else { Err(ProviderError::Unchargeable) }
}

/// Dollars as cents. `None` when it is no valid amount.
fn cents(dollars: i64) -> Option<Cents> {
    dollars.checked_mul(DOLLAR_CENTS).filter(|cents| *cents >= 0).map(Cents::new)
}

/// The only currency of ECPay and NewebPay.
fn taiwan_dollar(currency: Currency) -> Result<(), ProviderError> {
    if currency.as_str() == "TWD" { Ok(()) } else { Err(ProviderError::Unchargeable) }
}

/// A time in the format of ECPay and NewebPay: in Taipei, without a zone.
fn taipei(now: Moment) -> jiff::Zoned {
    now.to_zoned(jiff::tz::offset(8).to_time_zone())
}

/// At most `most` characters of a text, without characters that are special in a form or a signature.
fn plain(text: &str, most: usize) -> String {
    let words: String =
        text.chars().map(|c| if c.is_alphanumeric() || matches!(c, '-' | '.') { c } else { ' ' }).collect();
    let words: Vec<&str> = words.split_whitespace().collect();
    words.join(" ").chars().take(most).collect::<String>().trim_end().to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
    use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
    use aws_smithy_types::body::SdkBody;
    use std::sync::Mutex;

    /// Responds with these texts in turn, and records the requests.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Script {
        answers: Arc<Mutex<Vec<(u16, String)>>>,
        pub(crate) asked: Arc<Mutex<Vec<(String, String)>>>,
    }

    impl Script {
        pub(crate) fn of(answers: &[(u16, &str)]) -> Self {
            let answers = answers.iter().rev().map(|(status, text)| (*status, (*text).to_owned())).collect();
            Self { answers: Arc::new(Mutex::new(answers)), asked: Arc::default() }
        }

        pub(crate) fn http(&self) -> Http {
            Http::over(SharedHttpConnector::new(self.clone()))
        }

        pub(crate) fn last(&self) -> (String, String) {
            self.asked.lock().unwrap().last().unwrap().clone()
        }
    }

    impl HttpConnector for Script {
        fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
            let body = String::from_utf8(request.body().bytes().unwrap().to_vec()).unwrap();
            self.asked.lock().unwrap().push((request.uri().to_owned(), body));
            let (status, text) = self.answers.lock().unwrap().pop().unwrap();
            HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(text))))
        }
    }

    pub(crate) fn charge(trade_no: &str) -> Charge {
        Charge {
            trade_no: trade_no.to_owned(),
            amount: Cents::new(35_000),
            currency: Currency::parse("TWD").unwrap(),
            item: "Tea & \"Tom's\" <Cake> 茶".to_owned(),
            notify_url: "https://shop.example/notify".to_owned(),
            back_url: "https://shop.example/back".to_owned(),
            return_url: "https://shop.example/checkout?returned=true".to_owned(),
            pay_before: "2026-11-21T16:09:30Z".parse().unwrap(),
            now: "2026-11-21T15:59:30Z".parse().unwrap(),
        }
    }

    pub(crate) fn trade(trade_no: &str) -> Trade {
        Trade {
            trade_no: trade_no.to_owned(),
            provider_no: Some("2412171822169397".to_owned()),
            authorization: Some("11304112".to_owned()),
            way: Some("Credit_CreditCard".to_owned()),
            amount: Cents::new(10_000),
            currency: Currency::parse("TWD").unwrap(),
            now: Moment::from_second(1_734_430_980).unwrap(),
        }
    }

    #[test]
    fn only_whole_dollars_are_charged() {
        assert_eq!(dollars(Cents::new(35_000)), Ok(350));
        for bad in [0, -100, 1, 99, 150, i64::MIN] {
            assert_eq!(dollars(Cents::new(bad)), Err(ProviderError::Unchargeable), "{bad}");
        }
        assert_eq!(cents(350), Some(Cents::new(35_000)));
        assert!(cents(-1).is_none() && cents(i64::MAX).is_none());
    }

    #[test]
    fn a_day_in_taipei_begins_eight_hours_before_the_one_in_utc() {
        let late: Moment = "2026-11-21T15:59:59Z".parse().unwrap();
        assert_eq!(taipei(late).strftime("%Y/%m/%d %H:%M:%S").to_string(), "2026/11/21 23:59:59");
        let next: Moment = "2026-11-21T16:00:00Z".parse().unwrap();
        assert_eq!(taipei(next).strftime("%Y/%m/%d").to_string(), "2026/11/22");
    }

    #[test]
    fn what_a_thing_is_called_is_cut_between_characters() {
        assert_eq!(plain("Tea & \"Tom's\" <Cake>#茶", 50), "Tea Tom s Cake 茶");
        assert_eq!(plain("茶茶茶茶", 2), "茶茶");
        assert_eq!(plain("ab cd", 3), "ab");
    }

    #[test]
    fn a_host_that_is_not_the_providers_is_not_real() {
        let place = |url: &str| Place { url: url.to_owned(), secret_arn: String::new() };
        let [ecpay, newebpay, line_pay] = Places::PRODUCTION.map(place);
        let real = Places { ecpay, newebpay, line_pay };
        assert!(real.are_real());
        assert!(!Places { ecpay: place("https://payment-stage.ecpay.com.tw"), ..real.clone() }.are_real());
        assert!(!Places { line_pay: place("https://api-pay.line.me.example"), ..real }.are_real());
    }
}
