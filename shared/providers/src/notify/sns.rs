//! Text messages: `Publish` of SNS to a phone number. Each costs money.

use super::{Message, Messenger, code, refusal, retry_after};
use aws_sdk_sns::Client;
use aws_sdk_sns::error::{BuildError, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;
use aws_types::SdkConfig;
use domain::notification::SendResult;
use futures_util::future::BoxFuture;

/// Longest message in characters (SNS's limit over all parts of a message).
const TEXT_CHARS_MAX: usize = 1_600;

pub(super) struct Sns {
    client: Client,
}

impl Sns {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    async fn publish(&self, message: &Message) -> SendResult {
        let text: String = message.text.chars().take(TEXT_CHARS_MAX).collect();
        let Ok(transactional) = transactional() else { return SendResult::permanent("unsendable") };
        let request = self.client.publish().phone_number(&message.to).message(text);
        match request.message_attributes("AWS.SNS.SMS.SMSType", transactional).send().await {
            Ok(_) => SendResult::Sent,
            Err(error) => outcome(error),
        }
    }
}

impl Messenger for Sns {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, SendResult> {
        Box::pin(self.publish(message))
    }
}

/// The message type with the highest delivery priority.
fn transactional() -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder().data_type("String").string_value("Transactional").build()
}

fn outcome(error: SdkError<PublishError>) -> SendResult {
    let refused = match refusal(error) {
        Ok(refused) => refused,
        Err(outcome) => return outcome,
    };
    let why = code(&refused);
    match (why.as_str(), refused.raw().status().as_u16()) {
        ("Throttling" | "Throttled" | "ThrottledException" | "KMSThrottling" | "KMSThrottlingException", _)
        | (_, 429 | 500..) => SendResult::Retry { after: retry_after(refused.raw().headers().get("retry-after")), why },
        // Among others InvalidParameter, ParameterValueInvalid, AuthorizationError, InvalidSecurity, EndpointDisabled,
        // ValidationException.
        _ => SendResult::permanent(why),
    }
}
