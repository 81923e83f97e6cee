//! Providers that take money: what the shop asks of each of them, and what it hears.
//!
//! A fourth provider is a module beside these three, its [`PaymentProvider`], and its line in [`Payments::of`].

pub mod ecpay;
mod form;
pub mod line_pay;
pub mod newebpay;

use crate::http::{Http, HttpError};
use crate::secrets::{Secret, Secrets};
use aws_types::SdkConfig;
use contracts::Failure;
use domain::Moment;
use domain::money::{Cents, Currency};
use domain::payment::PaymentMethod;
use futures_util::future::BoxFuture;
use std::sync::{Arc, OnceLock};

pub use form::Unreadable;

/// Bytes of a callback's body at the most.
pub const CALLBACK_BYTES_MAX: usize = 64 * 1024;
/// Keys of one provider that are valid at the same time: the one that signs, and the one before or after it in a rotation.
pub const KEYS_MAX: usize = 2;
/// Minor units in what ECPay, NewebPay and LINE Pay count in: a whole dollar.
const DOLLAR_CENTS: i64 = 100;

/// What a provider is to take, and where it sends whom afterwards.
#[derive(Debug, Clone)]
pub struct Charge {
    /// The shop's own number for this opening of the checkout: 20 characters of `A-Z0-9`, used once for ever.
    pub trade_no: String,
    /// How much.
    pub amount: Cents,
    /// In which currency.
    pub currency: Currency,
    /// What it is for, in a few words.
    pub item: String,
    /// Where the provider says what became of it.
    pub notify_url: String,
    /// Where the customer finds the way back to the shop.
    pub back_url: String,
    /// When: the requests are signed with their time.
    pub now: Moment,
}

/// How a checkout begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// The customer's browser sends this form.
    Form {
        /// Where to.
        action: String,
        /// Names and values, signed.
        fields: Vec<(String, String)>,
    },
    /// The customer's browser goes there.
    Redirect {
        /// Where to.
        url: String,
        /// The provider's number for what was begun.
        provider_no: String,
    },
}

/// One opening of a checkout, as it is asked about later.
#[derive(Debug, Clone)]
pub struct Trade {
    /// See [`Charge::trade_no`].
    pub trade_no: String,
    /// The provider's own number, once it is known.
    pub provider_no: Option<String>,
    /// The number of the card's authorization, where the provider has one.
    pub authorization: Option<String>,
    /// The way of paying, in the provider's words, e.g. `Credit_CreditCard`.
    pub way: Option<String>,
    /// How much it was for.
    pub amount: Cents,
    /// In which currency.
    pub currency: Currency,
    /// The time of asking.
    pub now: Moment,
}

/// What a provider says of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The money is taken.
    Paid,
    /// The customer was given a number to pay with, at a machine or by transfer.
    NumberTaken,
    /// The customer agreed and waits for the shop to take the money.
    Approved,
    /// Nobody has finished it yet, or the provider has never seen it.
    Waiting,
    /// It did not work out.
    Failed,
}

/// What was heard of a payment, with its signature checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// To whom the money belongs, in the provider's books.
    pub merchant: String,
    /// The shop's number.
    pub trade_no: String,
    /// The provider's number.
    pub provider_no: Option<String>,
    /// What became of it.
    pub verdict: Verdict,
    /// How much, where it was said.
    pub amount: Option<Cents>,
    /// In which currency, where it was said.
    pub currency: Option<Currency>,
    /// Whether a person at the provider's desk pressed "simulate": no money has moved.
    pub simulated: bool,
    /// See [`Trade::way`].
    pub way: Option<String>,
    /// See [`Trade::authorization`].
    pub authorization: Option<String>,
    /// The provider's code.
    pub code: String,
    /// What was said, field by field, without anything of a card.
    pub raw: Vec<(String, String)>,
}

/// What became of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refunded {
    /// The money goes back; the provider's number for that, if it gave one.
    Done(Option<String>),
    /// A machine cannot give this back: a person has to. Why, in the provider's code.
    Manual(String),
}

/// Why a provider was of no help.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Nobody knows whether it was done: ask before it is tried again.
    #[error("the outcome is unknown ({0})")]
    Unknown(String),
    /// It was not done and will not be; the provider's code.
    #[error("the provider refused ({0})")]
    Refused(String),
    /// The request was not made or not accepted, and can be retried after a pause.
    #[error("not possible now: {0}")]
    Pause(Pause),
    /// One of the two signatures is wrong: perhaps the keys were changed a moment ago.
    #[error("a signature is wrong")]
    Signature,
    /// The amount is none that the provider can charge.
    #[error("not an amount that the provider can charge")]
    Unchargeable,
}

/// Why a request to a provider has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Pause {
    /// Too many requests: ECPay answers 403 for half an hour.
    #[error("the provider limits the request rate")]
    RateLimited,
    /// Too many queries: NewebPay refuses all of them for hours (TRA10071).
    #[error("the provider has locked queries")]
    Locked,
    /// ECPay makes no refunds during its nightly settlement.
    #[error("the provider is settling")]
    Settling,
    /// Part of an authorization cannot be released; the refund is possible after the capture.
    #[error("the card payment is not captured yet")]
    NotCaptured,
}

impl From<HttpError> for ProviderError {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::Unsendable => Self::Refused(error.to_string()),
            _ => Self::Unknown(error.to_string()),
        }
    }
}

/// The answer of a call to a provider.
pub type ProviderFuture<'a, T> = BoxFuture<'a, Result<T, ProviderError>>;

/// A provider that takes money.
pub trait PaymentProvider: Send + Sync {
    /// The shop's name in the provider's books.
    fn merchant(&self) -> &str;

    /// Begins a checkout.
    fn start<'a>(&'a self, charge: &'a Charge) -> ProviderFuture<'a, Start>;

    /// Reads what the provider sent by itself. Nothing of it is looked at before its signature is checked.
    ///
    /// # Errors
    /// [`Unreadable`], the same for everything that can be wrong.
    fn read_callback(&self, body: &[u8]) -> Result<Notice, Unreadable>;

    /// Asks what became of a payment.
    fn look_up<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Notice>;

    /// Takes the money that the customer agreed to. Only providers that say [`Verdict::Approved`] need it.
    fn confirm<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Notice> {
        self.look_up(trade)
    }

    /// Asks how much of a payment was given back so far. To be asked before a refund is tried again.
    fn refunded<'a>(&'a self, trade: &'a Trade) -> ProviderFuture<'a, Cents>;

    /// Gives back some of a payment, or all of it. `before` is what went back earlier. Not to be repeated unless
    /// [`PaymentProvider::refunded`] says that it was not done.
    fn refund<'a>(&'a self, trade: &'a Trade, amount: Cents, before: Cents) -> ProviderFuture<'a, Refunded>;
}

/// Where a provider is and where its keys are kept.
#[derive(Debug, Clone)]
pub struct Place {
    /// `https://` and the host.
    pub url: String,
    /// The ARN of the secret with the merchant and the keys.
    pub secret_arn: String,
}

/// Every provider's place.
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
    /// The hosts that real money is taken at.
    pub const PRODUCTION: [&'static str; 3] =
        ["https://payment.ecpay.com.tw", "https://core.newebpay.com", "https://api-pay.line.me"];

    /// Whether every host is the provider's own for real money.
    pub fn are_real(&self) -> bool {
        [&self.ecpay.url, &self.newebpay.url, &self.line_pay.url].into_iter().eq(Self::PRODUCTION)
    }
}

/// The way to every provider. Cheap to clone; nothing is opened before the first of them is asked for.
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
    /// The providers at these places, over the network.
    pub fn new(config: SdkConfig, places: Places) -> Self {
        Self { config, places: Arc::new(places), open: Arc::default() }
    }

    /// The same over this client.
    #[must_use]
    pub fn over(self, http: Http) -> Self {
        let secrets = Secrets::new(&self.config);
        Self { open: Arc::new(OnceLock::from((http, secrets))), ..self }
    }

    /// `https://` and the host of a method's provider.
    pub fn host(&self, method: PaymentMethod) -> Option<&str> {
        self.place(method).map(|place| place.url.as_str())
    }

    /// A TLS client costs a cold start tens of milliseconds: only a function that talks to a provider pays for it, once.
    fn hands(&self) -> Result<&(Http, Secrets), Failure> {
        if let Some(open) = self.open.get() {
            return Ok(open);
        }
        let http = Http::new().map_err(Failure::broken)?;
        let secrets = Secrets::new(&self.config);
        Ok(self.open.get_or_init(|| (http, secrets)))
    }

    /// The provider of a method, with the keys that this environment knows. `None` when the shop has no contract with it:
    /// its secret says no merchant; and for points, which are the shop's own.
    ///
    /// # Errors
    /// When the secret cannot be read.
    pub async fn of(&self, method: PaymentMethod) -> Result<Option<Box<dyn PaymentProvider>>, Failure> {
        let Some(place) = self.place(method) else { return Ok(None) };
        let secret = self.hands()?.1.get(&place.secret_arn).await?;
        self.open(method, place, &secret)
    }

    /// The provider with the keys as they are now, after a signature was wrong. `None` when they are the same.
    ///
    /// # Errors
    /// When the secret cannot be read.
    pub async fn renewed(&self, method: PaymentMethod) -> Result<Option<Box<dyn PaymentProvider>>, Failure> {
        let Some(place) = self.place(method) else { return Ok(None) };
        match self.hands()?.1.renew(&place.secret_arn).await? {
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
        let (http, url, text) = (self.hands()?.0.clone(), place.url.as_str(), secret.show());
        // What serde says of a secret that it cannot read may repeat a piece of it.
        let unreadable = |_| Failure::broken(format!("the secret of {} is not what it should be", method.as_str()));
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

/// Whole dollars, the only thing that these providers count in.
fn dollars(amount: Cents) -> Result<i64, ProviderError> {
    let is_chargeable = amount > Cents::ZERO && amount.get() % DOLLAR_CENTS == 0;
    if is_chargeable { Ok(amount.get() / DOLLAR_CENTS) } else { Err(ProviderError::Unchargeable) }
}

/// Whole dollars as the shop counts. `None` when it is no amount.
fn cents(dollars: i64) -> Option<Cents> {
    dollars.checked_mul(DOLLAR_CENTS).filter(|cents| *cents >= 0).map(Cents::new)
}

/// The currency of ECPay and NewebPay, which take no other.
fn taiwan_dollar(currency: Currency) -> Result<(), ProviderError> {
    if currency.as_str() == "TWD" { Ok(()) } else { Err(ProviderError::Unchargeable) }
}

/// A time as ECPay and NewebPay write it: in Taipei, without a zone.
fn taipei(now: Moment) -> jiff::Zoned {
    now.to_zoned(jiff::tz::offset(8).to_time_zone())
}

/// At most `most` characters of a text, without what a form or a signature could stumble over.
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

    /// Answers with these texts in turn, and keeps what was asked.
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
