//! The pages of the fake payment providers, as a customer's browser and a test use them.

use crate::http::Reply;
use crate::shop::Shop;
use crate::users::Customer;
use crate::wait::until;
use reqwest::redirect::Policy;
use serde_json::{Value, json};
use std::fmt::Write;

pub(crate) const PROVIDERS: [&str; 3] = ["ECPAY", "NEWEBPAY", "LINE_PAY"];

/// An open checkout: the provider shows its buttons.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    pub(crate) provider: String,
    pub(crate) trade_no: String,
    key: String,
}

impl Shop {
    /// Creates a payment at a provider.
    pub(crate) async fn try_pay_at(&self, provider: &str, customer: &Customer, order: &Value) -> Reply {
        let body = json!({"order_id": order["order_id"], "method": provider});
        self.post("/payments", &body).by(&customer.token).send().await
    }

    pub(crate) async fn payment_of(&self, customer: &Customer, payment: &Value) -> Value {
        let path = format!("/payments/{}", payment["payment_id"].as_str().unwrap());
        self.get(&path).by(&customer.token).send().await.expect(200)
    }

    /// Opens the checkout as a browser does, up to the provider's buttons.
    pub(crate) async fn open_checkout(&self, provider: &str, payment: &Value) -> Opened {
        let url = payment["checkout_url"].as_str().unwrap_or_else(|| panic!("no checkout: {payment}"));
        let shown = browser().get(url).send().await.unwrap();
        assert_eq!(shown.status().as_u16(), 200, "the page with the button");
        let answer = browser().post(url).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let page = match headers.get("location") {
            Some(place) => browser().get(place.to_str().unwrap()).send().await.unwrap().text().await.unwrap(),
            None => {
                let page = answer.text().await.unwrap();
                assert_eq!(status, 200, "{page}");
                let action = attribute(&page, "<form", "action");
                let fields = inputs(&page);
                post_form(&action, &fields).await.text
            }
        };
        let trade_no = between(&page, "id=trade_no>", "<");
        let key = attribute(&page, "<input type=\"hidden\" name=\"trade\"", "value");
        Opened { provider: provider.to_owned(), trade_no, key }
    }

    /// Presses a button of the provider: `pay`, `fail`, `cancel`, `take_number` or `simulate`. Returns the redirect, if
    /// any.
    pub(crate) async fn press(&self, opened: &Opened, button: &str) -> Option<String> {
        let url = format!("{}/decide", self.about.providers);
        let fields = [("trade".to_owned(), opened.key.clone()), ("do".to_owned(), button.to_owned())];
        let reply = post_form(&url, &fields).await;
        assert!(matches!(reply.status, 200 | 302), "{}: {}", reply.status, reply.text);
        let place = reply.header("location").to_owned();
        (!place.is_empty()).then_some(place)
    }

    /// Presses a button and follows the redirect.
    pub(crate) async fn finish(&self, opened: &Opened, button: &str) {
        if let Some(place) = self.press(opened, button).await {
            let answer = browser().get(place).send().await.unwrap();
            assert!(answer.status().is_success() || answer.status().is_redirection(), "{answer:?}");
        }
    }

    /// Sets the fault settings of one trade: see
    /// tools/fakes/payment_providers/fault_settings.py.
    pub(crate) async fn set_faults(&self, opened: &Opened, faults: Value) {
        let mut wanted = json!({"provider": opened.provider, "trade_no": opened.trade_no});
        wanted.as_object_mut().unwrap().extend(faults.as_object().unwrap().clone());
        self.control("/_faults", &wanted).await;
    }

    /// Captures the authorized card payments, as a provider does at night.
    pub(crate) async fn settle(&self, opened: &Opened) {
        self.control("/_settle", &json!({"provider": opened.provider, "trade_no": opened.trade_no})).await;
    }

    /// The provider's data of a trade.
    pub(crate) async fn trade(&self, opened: &Opened) -> Value {
        let url = format!("{}/_trades?trade_no={}", self.about.providers, opened.trade_no);
        let trades: Value = browser().get(url).send().await.unwrap().json().await.unwrap();
        trades[0].clone()
    }

    /// Waits for this many responses to the provider's callbacks. Returns them.
    pub(crate) async fn answers(&self, opened: &Opened, count: usize) -> Vec<(u64, String)> {
        until("the provider has its answers", || async {
            let trade = self.trade(opened).await;
            let callbacks = trade["callbacks"].as_array().unwrap();
            let answer = |one: &Value| (one["status"].as_u64().unwrap(), one["answer"].as_str().unwrap().to_owned());
            (callbacks.len() >= count).then(|| callbacks.iter().map(answer).collect())
        })
        .await
    }

    async fn control(&self, path: &str, wanted: &Value) {
        let url = format!("{}{path}", self.about.providers);
        let answer = browser().post(url).json(wanted).send().await.unwrap();
        assert!(answer.status().is_success(), "{path} {wanted}: {}", answer.text().await.unwrap());
    }
}

/// A client that does not follow redirects.
fn browser() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

async fn post_form(url: &str, fields: &[(String, String)]) -> Reply {
    let pairs: Vec<String> =
        fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    let request = browser().post(url).header("content-type", "application/x-www-form-urlencoded").body(pairs.join("&"));
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Reply { what: format!("POST {url}"), status, headers, text: answer.text().await.unwrap() }
}

fn inputs(page: &str) -> Vec<(String, String)> {
    let tags = page.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap());
    let named = tags.filter(|tag| tag.contains("name="));
    named.map(|tag| (attribute(tag, "", "name"), attribute(tag, "", "value"))).collect()
}

/// An attribute of the first tag with this prefix.
fn attribute(page: &str, tag: &str, name: &str) -> String {
    let start = page.find(tag).unwrap_or_else(|| panic!("no {tag} in {page}"));
    unescaped(&between(&page[start..], &format!("{name}=\""), "\""))
}

fn between(text: &str, before: &str, after: &str) -> String {
    let start = text.find(before).unwrap_or_else(|| panic!("no {before} in {text}")) + before.len();
    text[start..].split(after).next().unwrap().to_owned()
}

/// Decodes HTML escapes.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        let (escape, tail) = after.split_once(';').unwrap();
        plain.push_str(before);
        plain.push(match escape {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            hex if hex.starts_with("#x") => char::from_u32(u32::from_str_radix(&hex[2..], 16).unwrap()).unwrap(),
            number => char::from_u32(number.strip_prefix('#').unwrap().parse().unwrap()).unwrap(),
        });
        rest = tail;
    }
    plain + rest
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut so_far, byte| {
        if byte.is_ascii_alphanumeric() {
            so_far.push(char::from(byte));
        } else {
            write!(so_far, "%{byte:02X}").unwrap();
        }
        so_far
    })
}
