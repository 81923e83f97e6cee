//! Callbacks and responses of payment providers. Unsigned input is signed with the provider's key, so that the code behind
//! the signature check is fuzzed too.

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use domain::Moment;
use domain::money::{Cents, Currency};
use providers::http::Http;
use providers::payment::ecpay::Ecpay;
use providers::payment::line_pay::LinePay;
use providers::payment::newebpay::Newebpay;
use providers::payment::{Notice, PaymentProvider, Trade, Verdict};
use std::sync::LazyLock;
use tests::fake_providers::FakeProviders;

static PROVIDERS: LazyLock<FakeProviders> = LazyLock::new(FakeProviders::default);

/// The response of the provider to every request.
#[derive(Debug, Clone, Default)]
struct Parrot {
    status: u16,
    body: Vec<u8>,
}

impl HttpConnector for Parrot {
    fn call(&self, _: HttpRequest) -> HttpConnectorFuture {
        let status = self.status.try_into().unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(self.body.clone()))))
    }
}

fn providers(parrot: Parrot) -> [Box<dyn PaymentProvider>; 3] {
    let http = Http::over(SharedHttpConnector::new(parrot));
    let [ecpay, newebpay, line_pay] = PROVIDERS.contracts();
    [
        Box::new(Ecpay::open(http.clone(), "https://ecpay.test", &ecpay).unwrap().unwrap()),
        Box::new(Newebpay::open(http.clone(), "https://newebpay.test", &newebpay).unwrap().unwrap()),
        Box::new(LinePay::open(http, "https://line-pay.test", &line_pay).unwrap().unwrap()),
    ]
}

/// Anything that is accepted as a payment has an amount and a trade number.
fn hold(notice: &Notice) {
    if notice.verdict == Verdict::Paid {
        assert!(notice.amount.is_none_or(|amount| amount >= Cents::ZERO), "{notice:?}");
    }
    let kept = notice.raw.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    assert!(kept <= 256 * 1024, "{kept} bytes of the provider's data are stored");
}

/// A callback as is, and with a valid signature of its provider.
pub(crate) fn callbacks(input: &[u8]) {
    let [ecpay, newebpay, line_pay] = providers(Parrot::default());
    for provider in [&ecpay, &newebpay, &line_pay] {
        let _ = provider.read_callback(input).map(|notice| hold(&notice));
    }
    let fields: Vec<(String, String)> = form_urlencoded::parse(input).into_owned().collect();
    let signed = PROVIDERS.signed_by_ecpay(&fields);
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(signed).finish();
    let _ = ecpay.read_callback(form.as_bytes()).map(|notice| hold(&notice));
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = newebpay.read_callback(PROVIDERS.sealed_by_newebpay(text).as_bytes()).map(|notice| hold(&notice));
    }
}

/// A response to each request to a provider. The first byte determines its status and whether it is signed.
pub(crate) fn answers(input: &[u8]) {
    let Some((kind, body)) = input.split_first() else { return };
    let status = [200, 200, 200, 400, 403, 429, 500, 503][usize::from(kind % 8)];
    let body = if kind & 8 == 0 { body.to_vec() } else { signed(body) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let trade = Trade {
        trade_no: "TRADE000000000000001".to_owned(),
        provider_no: Some("2412171822169397".to_owned()),
        authorization: Some("11304112".to_owned()),
        way: Some("Credit_CreditCard".to_owned()),
        amount: Cents::new(10_000),
        currency: Currency::parse("TWD").unwrap(),
        now: Moment::from_second(1_795_219_200).unwrap(),
    };
    for provider in providers(Parrot { status, body }) {
        runtime.block_on(async {
            let _ = provider.look_up(&trade).await.map(|notice| hold(&notice));
            let _ = provider.confirm(&trade).await.map(|notice| hold(&notice));
            let refunded = provider.refunded(&trade).await;
            assert!(refunded.is_err() || refunded.is_ok_and(|cents| cents >= Cents::ZERO));
            let _ = provider.refund(&trade, Cents::new(5_000), Cents::ZERO).await;
        });
    }
}

/// Unencoded pairs as in ECPay's responses, with its signature.
fn signed(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    let fields: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let pairs: Vec<String> =
        PROVIDERS.signed_by_ecpay(&fields).iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&").into_bytes()
}
