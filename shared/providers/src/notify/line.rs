//! LINE: a push of the Messaging API. The only channel with an idempotency key, valid for 24 hours.

use super::{KeyRing, Keys, Message, Messenger, locked, lost, retry_after};
use crate::http::{Http, Request, Response};
use crate::secrets::Secret;
use domain::notification::SendResult;
use futures_util::future::BoxFuture;
use serde_json::json;
use std::time::Duration;

/// Longest text, in UTF-16 units (LINE's limit).
const TEXT_UNITS_MAX: usize = 5_000;

pub(super) struct Line {
    http: Http,
    keys: KeyRing,
    url: String,
    timeout: Duration,
}

impl Line {
    pub(super) fn new(http: Http, keys: KeyRing, base: String, timeout: Duration) -> Self {
        Self { http, keys, url: format!("{}/v2/bot/message/push", base.trim_end_matches('/')), timeout }
    }

    async fn push(&self, message: &Message) -> SendResult {
        let token = |keys: Keys| keys.line_channel_access_token;
        let key = match self.keys.get(token).await {
            Ok(Some(key)) => key,
            Ok(None) => return SendResult::permanent("no_line_token"),
            Err(failure) => return locked(&failure),
        };
        let outcome = self.try_with(&key, message).await;
        // A refused token sent nothing. It may have been replaced since this environment read it.
        if outcome == SendResult::permanent("unauthorized")
            && let Some(key) = self.keys.renewed(token, &key).await
        {
            return self.try_with(&key, message).await;
        }
        outcome
    }

    async fn try_with(&self, token: &Secret, message: &Message) -> SendResult {
        let body = json!({
            "to": message.to,
            "messages": [{"type": "text", "text": shortened(&message.text)}],
            "notificationDisabled": false,
        });
        let request = Request {
            method: "POST",
            url: self.url.clone(),
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("authorization", format!("Bearer {}", token.show())),
                ("x-line-retry-key", message.key.to_string()),
            ],
            body: body.to_string().into_bytes(),
            timeout: self.timeout,
        };
        match self.http.send(request).await {
            Ok(response) => outcome(&response),
            Err(error) => lost(error),
        }
    }
}

impl Messenger for Line {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, SendResult> {
        Box::pin(self.push(message))
    }
}

/// Classified by status alone, as LINE recommends, because the wording of its bodies varies. Only the exhausted monthly
/// quota, which shares its status with the rate limit, is recognised by its text.
fn outcome(response: &Response) -> SendResult {
    match response.status {
        // 409: an earlier attempt with this key was accepted.
        200 | 409 => SendResult::Sent,
        401 => SendResult::permanent("unauthorized"),
        429 if String::from_utf8_lossy(&response.body).contains("monthly limit") => {
            SendResult::permanent("monthly_limit")
        }
        429 | 500.. => SendResult::Retry {
            after: retry_after(response.header("retry-after")),
            why: format!("status_{}", response.status),
        },
        status => SendResult::permanent(format!("status_{status}")),
    }
}

fn shortened(text: &str) -> String {
    let mut units = 0;
    let fits = |character: &char| {
        units += character.len_utf16();
        units <= TEXT_UNITS_MAX
    };
    text.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> SendResult {
        outcome(&Response { status, headers: Vec::new(), body: body.as_bytes().to_vec() })
    }

    #[test]
    fn each_answer_has_its_class() {
        assert_eq!(answer(200, r#"{"sentMessages":[]}"#), SendResult::Sent);
        assert_eq!(answer(409, r#"{"message":"The retry key is already accepted"}"#), SendResult::Sent);
        assert!(matches!(
            answer(429, r#"{"message":"The API rate limit has been exceeded"}"#),
            SendResult::Retry { .. }
        ));
        assert!(matches!(
            answer(429, r#"{"message":"You have reached your monthly limit."}"#),
            SendResult::Permanent { .. }
        ));
        assert!(matches!(answer(503, ""), SendResult::Retry { .. }));
        for status in [400, 401, 403, 404, 413, 415] {
            assert!(matches!(answer(status, ""), SendResult::Permanent { .. }), "{status}");
        }
    }

    #[test]
    fn a_text_is_cut_between_letters() {
        assert_eq!(shortened("short"), "short");
        let text = "訂".repeat(4_999) + "😀😀";
        assert_eq!(shortened(&text), "訂".repeat(4_999));
    }
}
