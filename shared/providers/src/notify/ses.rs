//! E-mail: `SendEmail` of SES v2, rendered here and sent as it is.

use super::{ChannelSettings, Message, Messenger, lost, retry_after};
use crate::http::Response;
use crate::signed::Service;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::notification::SendResult;
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// How long a used-up day's quota, or a paused account, is left alone.
const QUOTA_PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// Bytes that an encoded word of 75 characters holds.
const WORD_BYTES_MAX: usize = 45;

pub(super) struct Ses {
    service: Service,
    from: String,
    timeout: Duration,
}

impl Ses {
    pub(super) fn new(service: Service, settings: &ChannelSettings) -> Self {
        let from = format!("{} <{}>", encoded_word(&settings.mail_from_name), settings.mail_from);
        Self { service, from, timeout: settings.answer_timeout }
    }

    async fn mail(&self, message: &Message) -> SendResult {
        let text = json!({"Data": message.text, "Charset": "UTF-8"});
        let body = match &message.html {
            Some(html) => json!({"Text": text, "Html": {"Data": html, "Charset": "UTF-8"}}),
            None => json!({"Text": text}),
        };
        // A line break in the subject would begin another header.
        let subject: String = message.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let request = json!({
            "FromEmailAddress": self.from,
            "Destination": {"ToAddresses": [message.to]},
            "Content": {"Simple": {"Subject": {"Data": subject, "Charset": "UTF-8"}, "Body": body}},
        });
        let request = request.to_string().into_bytes();
        let path = "/v2/email/outbound-emails";
        match self.service.post(path, "application/json", request, self.timeout, message.now).await {
            Ok(response) => outcome(&response),
            Err(error) => lost(error),
        }
    }
}

impl Messenger for Ses {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, SendResult> {
        Box::pin(self.mail(message))
    }
}

/// A name as RFC 2047 writes it in a header, so that no letter of it means anything there. What does not fit into one word is
/// left out.
fn encoded_word(name: &str) -> String {
    let mut bytes = 0;
    let fits = |message: &char| {
        bytes += message.len_utf8();
        bytes <= WORD_BYTES_MAX
    };
    let name: String = name.chars().take_while(fits).collect();
    format!("=?UTF-8?B?{}?=", STANDARD.encode(name))
}

#[derive(Deserialize)]
struct Refused {
    #[serde(rename = "__type")]
    kind: Option<String>,
}

fn outcome(response: &Response) -> SendResult {
    if response.status == 200 {
        return SendResult::Sent;
    }
    let kind = code(response);
    let again = |after| SendResult::Retry { after, why: kind.clone() };
    match (kind.as_str(), response.status) {
        ("TooManyRequestsException" | "ThrottlingException" | "Throttling", _) => again(retry_after(response)),
        ("LimitExceededException" | "SendingPausedException", _) => again(Some(QUOTA_PAUSE)),
        (_, 429 | 500..) => again(retry_after(response)),
        // Among others MessageRejected, MailFromDomainNotVerifiedException, NotFoundException, BadRequestException,
        // AccountSuspendedException, AccessDeniedException.
        _ => SendResult::permanent(kind),
    }
}

/// The error's name, in its header or its body, or the status. Never its message, which can repeat an address.
fn code(response: &Response) -> String {
    let said: Option<Refused> = serde_json::from_slice(&response.body).ok();
    let name = response.header("x-amzn-errortype").map(str::to_owned).or(said.and_then(|said| said.kind));
    let name = name.and_then(|name| Some(name.split(':').next()?.rsplit('#').next()?.to_owned()));
    name.filter(|name| (1..=60).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric()))
        .unwrap_or_else(|| format!("status_{}", response.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, kind: &str) -> SendResult {
        let body = json!({"message": "Email address is not verified: ada@example.com"});
        let headers = vec![("x-amzn-errortype".to_owned(), format!("{kind}:http://internal.amazon.com/"))];
        outcome(&Response { status, headers, body: body.to_string().into_bytes() })
    }

    #[test]
    fn each_answer_has_its_class() {
        assert_eq!(answer(200, ""), SendResult::Sent);
        assert!(matches!(answer(429, "TooManyRequestsException"), SendResult::Retry { .. }));
        assert!(matches!(answer(400, "ThrottlingException"), SendResult::Retry { .. }));
        for held in ["LimitExceededException", "SendingPausedException"] {
            assert_eq!(answer(400, held), SendResult::Retry { after: Some(QUOTA_PAUSE), why: held.to_owned() });
        }
        assert!(matches!(answer(500, "InternalFailure"), SendResult::Retry { .. }));
        for kind in [
            "MessageRejected",
            "MailFromDomainNotVerifiedException",
            "NotFoundException",
            "BadRequestException",
            "AccountSuspendedException",
            "AccessDeniedException",
        ] {
            assert_eq!(answer(400, kind), SendResult::permanent(kind));
        }
    }

    #[test]
    fn a_name_is_one_word_of_the_header_whatever_it_is() {
        assert_eq!(encoded_word("磨坊"), "=?UTF-8?B?56Oo5Z2K?=");
        for name in ["a\" <x@y.z>\r\nBcc: b@c.de", &"磨".repeat(100)] {
            let word = encoded_word(name);
            assert!(word.len() <= 75 && !word.contains(['"', '<', '\n', ' ']), "{word}");
        }
    }

    #[test]
    fn an_error_is_known_by_its_name_alone() {
        let body = br#"{"__type":"com.amazonaws.sesv2#MessageRejected","message":"ada@example.com"}"#.to_vec();
        assert_eq!(
            outcome(&Response { status: 400, headers: Vec::new(), body }),
            SendResult::permanent("MessageRejected")
        );
        let body = b"ada@example.com is no good".to_vec();
        assert_eq!(outcome(&Response { status: 400, headers: Vec::new(), body }), SendResult::permanent("status_400"));
    }
}
