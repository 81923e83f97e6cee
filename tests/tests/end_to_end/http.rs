//! Requests to the shop's API and their responses.

use crate::shop::{Shop, unique};
use reqwest::header::HeaderMap;
use serde_json::Value;
use std::time::Duration;

/// The number of retries after `503 busy`, as a client should make them. A slow machine may need that many.
const BUSY_TRIES_MAX: u32 = 30;
/// Shorter values may be part of any word.
const SECRET_BYTES_MIN: usize = 8;

/// A request builder.
#[derive(Clone)]
pub(crate) struct Ask<'s> {
    shop: &'s Shop,
    method: &'s str,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Vec<u8>>,
}

/// A response.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) what: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Shop {
    pub(crate) fn ask<'s>(&'s self, method: &'s str, path: &str) -> Ask<'s> {
        Ask { shop: self, method, path: format!("/api/v1{path}"), headers: Vec::new(), body: None }
    }

    pub(crate) fn get<'s>(&'s self, path: &str) -> Ask<'s> {
        self.ask("GET", path)
    }

    /// A `POST` with this body and a new idempotency key.
    pub(crate) fn post<'s>(&'s self, path: &str, body: &Value) -> Ask<'s> {
        self.ask("POST", path).key(&unique()).json(body)
    }
}

impl Ask<'_> {
    pub(crate) fn by(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Sets the idempotency key.
    pub(crate) fn key(mut self, key: &str) -> Self {
        self.headers.retain(|(name, _)| name != "idempotency-key");
        self.header("idempotency-key", key)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    /// Sets a header with a binary value.
    pub(crate) fn raw_header(mut self, name: &str, value: &[u8]) -> Self {
        self.headers.push((name.to_owned(), value.to_vec()));
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").bytes(body.to_string().into_bytes())
    }

    pub(crate) fn bytes(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }

    /// Sends the request, and retries while the shop is busy.
    pub(crate) async fn send(self) -> Reply {
        let mut reply = self.send_once().await;
        for _ in 0..BUSY_TRIES_MAX {
            if reply.status != 503 || reply.json()["code"] != "busy" {
                break;
            }
            // Half of `Retry-After`, so that concurrent clients do not retry in step.
            tokio::time::sleep(Duration::from_millis(500)).await;
            reply = self.send_once().await;
        }
        reply
    }

    /// Sends the request until the shop responds: with hundreds of concurrent requests, the local AWS itself runs into
    /// time-outs. The idempotency key makes them one request.
    pub(crate) async fn send_surely(self) -> Reply {
        let is_ours = |reply: &Reply| !matches!(reply.status, 429 | 502 | 504) || reply.json()["code"].is_string();
        for _ in 1..BUSY_TRIES_MAX {
            let reply = self.clone().send().await;
            if is_ours(&reply) {
                return reply;
            }
        }
        self.send().await
    }

    pub(crate) async fn send_once(&self) -> Reply {
        let url = format!("{}{}", self.shop.about.api_url, self.path);
        let what = format!("{} {}", self.method, self.path);
        let mut request = self.shop.http.request(self.method.parse().unwrap(), url);
        for (name, value) in &self.headers {
            request = request.header(name, value.as_slice());
        }
        if let Some(body) = &self.body {
            request = request.body(body.clone());
        }
        let response = request.send().await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap_or_else(|error| panic!("{what}: {error:?}"));
        if status >= 400 {
            self.assert_nothing_is_repeated(&text);
        }
        Reply { what, status, headers, text }
    }
}

impl Ask<'_> {
    /// A refusal must not repeat the token or contact data.
    fn assert_nothing_is_repeated(&self, refusal: &str) {
        let token = self.headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.as_slice());
        let token = token.and_then(|value| str::from_utf8(value).ok()?.strip_prefix("Bearer "));
        let body: Value = self.body.as_deref().and_then(|body| serde_json::from_slice(body).ok()).unwrap_or_default();
        let contact = body["contact"].as_object().into_iter().flatten().filter_map(|(_, value)| value.as_str());
        for secret in token.into_iter().chain(contact).filter(|text| text.len() >= SECRET_BYTES_MIN) {
            assert!(!refusal.contains(secret), "{} {} repeats {secret}: {refusal}", self.method, self.path);
        }
    }
}

impl Reply {
    /// The body; `null` if it is not JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// A header; empty if it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body; panics unless the response has this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.what, self.text);
        self.json()
    }

    /// Panics unless this is a problem document with this status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        let problem = self.problem();
        assert_eq!((self.status, problem["code"].as_str()), (status, Some(code)), "{}: {}", self.what, self.text);
        problem
    }

    /// Panics unless this is a complete problem document with a 4xx status.
    #[track_caller]
    pub(crate) fn problem(&self) -> Value {
        let what = format!("{}: {} {}", self.what, self.status, self.text);
        let problem = self.json();
        assert!((400..500).contains(&self.status), "not refused: {what}");
        assert_eq!(self.header("content-type"), contracts::problem::PROBLEM_JSON, "{what}");
        assert_eq!(problem["status"], self.status, "{what}");
        let text = |name: &str| problem[name].as_str().unwrap_or_default();
        assert_eq!(text("type"), format!("urn:millrun:problem:{}", text("code")), "{what}");
        for name in ["title", "code", "detail", "request_id"] {
            assert!(!text(name).is_empty(), "without {name}: {what}");
        }
        problem
    }
}
