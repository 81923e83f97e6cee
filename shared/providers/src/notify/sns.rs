//! Text messages: `Publish` of SNS to a phone number. Each costs money.

use super::{Message, Messenger, lost, retry_after};
use crate::http::Response;
use crate::signed::Service;
use domain::notification::SendResult;
use form_urlencoded::Serializer;
use futures_util::future::BoxFuture;
use std::time::Duration;

/// Longest message, in characters (SNS' limit over all its parts).
const TEXT_CHARS_MAX: usize = 1_600;

pub(super) struct Sns {
    service: Service,
    timeout: Duration,
}

impl Sns {
    pub(super) const fn new(service: Service, timeout: Duration) -> Self {
        Self { service, timeout }
    }

    async fn publish(&self, message: &Message) -> SendResult {
        let text: String = message.text.chars().take(TEXT_CHARS_MAX).collect();
        let kind = "MessageAttributes.entry.1";
        let request = Serializer::new(String::new())
            .append_pair("Action", "Publish")
            .append_pair("Version", "2010-03-31")
            .append_pair("PhoneNumber", &message.to)
            .append_pair("Message", &text)
            .append_pair(&format!("{kind}.Name"), "AWS.SNS.SMS.SMSType")
            .append_pair(&format!("{kind}.Value.DataType"), "String")
            .append_pair(&format!("{kind}.Value.StringValue"), "Transactional")
            .finish();
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        match self.service.post("/", form, request.into_bytes(), self.timeout, message.now).await {
            Ok(response) => outcome(&response),
            Err(error) => lost(error),
        }
    }
}

impl Messenger for Sns {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, SendResult> {
        Box::pin(self.publish(message))
    }
}

fn outcome(response: &Response) -> SendResult {
    if response.status == 200 {
        return SendResult::Sent;
    }
    let code = code(response);
    match (code.as_str(), response.status) {
        ("Throttling" | "Throttled" | "ThrottledException" | "KMSThrottling" | "KMSThrottlingException", _)
        | (_, 429 | 500..) => SendResult::Retry { after: retry_after(response), why: code },
        // Among others InvalidParameter, ParameterValueInvalid, AuthorizationError, InvalidSecurity, EndpointDisabled,
        // ValidationException.
        _ => SendResult::permanent(code),
    }
}

/// The `<Code>` of the error, or the status. One element of a fixed answer is not worth an XML parser.
fn code(response: &Response) -> String {
    let body = String::from_utf8_lossy(&response.body);
    let code =
        body.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code.to_owned());
    code.filter(|code| (1..=60).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric()))
        .unwrap_or_else(|| format!("status_{}", response.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, code: &str) -> SendResult {
        let body = format!("<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code></Error></ErrorResponse>");
        outcome(&Response { status, headers: Vec::new(), body: body.into_bytes() })
    }

    #[test]
    fn each_answer_has_its_class() {
        assert_eq!(answer(200, ""), SendResult::Sent);
        for code in ["Throttling", "Throttled", "KMSThrottling"] {
            assert!(matches!(answer(400, code), SendResult::Retry { .. }), "{code}");
        }
        assert!(matches!(answer(500, "InternalError"), SendResult::Retry { .. }));
        for code in [
            "InvalidParameter",
            "ParameterValueInvalid",
            "AuthorizationError",
            "InvalidSecurity",
            "EndpointDisabled",
            "ValidationException",
        ] {
            assert_eq!(answer(400, code), SendResult::permanent(code));
        }
        assert_eq!(answer(400, "+886912345678 is wrong"), SendResult::permanent("status_400"));
    }
}
