//! Slack: an incoming webhook. Its URL is a secret, and identifies the channel.

use super::{KeyRing, Keys, Message, Messenger, locked, lost, retry_after};
use crate::http::{Http, Request, Response};
use crate::secrets::Secret;
use domain::notification::SendResult;
use futures_util::future::BoxFuture;
use serde_json::json;
use std::time::Duration;

pub(super) struct Slack {
    http: Http,
    keys: KeyRing,
    timeout: Duration,
}

impl Slack {
    pub(super) const fn new(http: Http, keys: KeyRing, timeout: Duration) -> Self {
        Self { http, keys, timeout }
    }

    async fn post(&self, message: &Message) -> SendResult {
        let hook = |keys: Keys| keys.slack_webhook_url;
        let url = match self.keys.get(hook).await {
            Ok(Some(url)) => url,
            Ok(None) => return SendResult::permanent("no_slack_webhook"),
            Err(failure) => return locked(&failure),
        };
        let outcome = self.try_with(&url, message).await;
        // A deleted webhook accepted nothing. It may have been replaced since this environment read it.
        if matches!(outcome, SendResult::Permanent { .. })
            && let Some(url) = self.keys.renewed(hook, &url).await
        {
            return self.try_with(&url, message).await;
        }
        outcome
    }

    async fn try_with(&self, url: &Secret, message: &Message) -> SendResult {
        let request = Request {
            method: "POST",
            url: url.show().to_owned(),
            headers: vec![("content-type", "application/json".to_owned())],
            // Text of a customer or admin must not be interpreted as markup.
            body: json!({"text": message.text, "mrkdwn": false, "unfurl_links": false, "unfurl_media": false})
                .to_string()
                .into_bytes(),
            timeout: self.timeout,
        };
        match self.http.send(request).await {
            Ok(response) => outcome(&response),
            Err(error) => lost(error),
        }
    }
}

impl Messenger for Slack {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, SendResult> {
        Box::pin(self.post(message))
    }
}

/// Slack's errors are one word of plain text.
fn outcome(response: &Response) -> SendResult {
    match response.status {
        200 => SendResult::Sent,
        429 | 500.. => SendResult::Retry {
            after: retry_after(response.header("retry-after")),
            why: format!("status_{}", response.status),
        },
        status => SendResult::permanent(word(&response.body).unwrap_or_else(|| format!("status_{status}"))),
    }
}

/// The error word, if it is one: a longer text could repeat the message.
fn word(body: &[u8]) -> Option<String> {
    let word = std::str::from_utf8(body).ok()?.trim();
    let fits = (1..=40).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    fits.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> SendResult {
        let headers = vec![("retry-after".to_owned(), "30".to_owned())];
        outcome(&Response { status, headers, body: body.as_bytes().to_vec() })
    }

    #[test]
    fn each_answer_has_its_class() {
        assert_eq!(answer(200, "ok"), SendResult::Sent);
        let after = Some(jiff::SignedDuration::from_secs(30));
        assert_eq!(answer(429, "rate_limited"), SendResult::Retry { after, why: "status_429".to_owned() });
        assert!(matches!(answer(500, "rollup_error"), SendResult::Retry { .. }));
        for (status, said) in [
            (400, "invalid_payload"),
            (400, "no_text"),
            (400, "too_many_attachments"),
            (403, "action_prohibited"),
            (403, "invalid_token"),
            (404, "channel_not_found"),
            (404, "no_service"),
            (410, "channel_is_archived"),
        ] {
            assert_eq!(answer(status, said), SendResult::permanent(said));
        }
        assert_eq!(answer(404, "<html>ada@example.com</html>"), SendResult::permanent("status_404"));
    }
}
