//! E-mail: `SendEmail` of SES v2 with a simple message.

use super::{ChannelSettings, Message, Messenger, code, refusal, retry_after};
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::{BuildError, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message as SesMessage};
use aws_types::SdkConfig;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::notification::SendResult;
use futures_util::future::BoxFuture;
use jiff::SignedDuration;

/// Pause after the daily quota is used up or the account is paused.
const QUOTA_PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// Bytes of text in an encoded word of 75 characters (RFC 2047).
const WORD_BYTES_MAX: usize = 45;

pub(super) struct Ses {
    client: Client,
    from: String,
}

impl Ses {
    pub(super) fn new(config: &SdkConfig, settings: &ChannelSettings) -> Self {
        let from = format!("{} <{}>", encoded_word(&settings.mail_from_name), settings.mail_from);
        Self { client: Client::new(config), from }
    }

    async fn mail(&self, message: &Message) -> SendResult {
        let Ok(content) = content(message) else { return SendResult::permanent("unsendable") };
        let to = Destination::builder().to_addresses(&message.to).build();
        let request = self.client.send_email().from_email_address(&self.from).destination(to).content(content);
        match request.send().await {
            Ok(_) => SendResult::Sent,
            Err(error) => outcome(error),
        }
    }
}

impl Messenger for Ses {
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, SendResult> {
        Box::pin(self.mail(message))
    }
}

fn content(message: &Message) -> Result<EmailContent, BuildError> {
    let utf8 = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    // A line break in the subject would start another header.
    let subject: String = message.subject.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let html = message.html.as_deref().map(utf8).transpose()?;
    let body = Body::builder().text(utf8(&message.text)?).set_html(html).build();
    let message = SesMessage::builder().subject(utf8(&subject)?).body(body).build();
    Ok(EmailContent::builder().simple(message).build())
}

/// A name as an encoded word (RFC 2047), in which no character has a meaning for the header. A name that is too long for
/// one word is cut.
fn encoded_word(name: &str) -> String {
    let mut bytes = 0;
    let fits = |character: &char| {
        bytes += character.len_utf8();
        bytes <= WORD_BYTES_MAX
    };
    let name: String = name.chars().take_while(fits).collect();
    format!("=?UTF-8?B?{}?=", STANDARD.encode(name))
}

fn outcome(error: SdkError<SendEmailError>) -> SendResult {
    let refused = match refusal(error) {
        Ok(refused) => refused,
        Err(outcome) => return outcome,
    };
    let why = code(&refused);
    let pause = retry_after(refused.raw().headers().get("retry-after"));
    match (why.as_str(), refused.raw().status().as_u16()) {
        ("TooManyRequestsException" | "ThrottlingException" | "Throttling", _) => {
            SendResult::Retry { after: pause, why }
        }
        ("LimitExceededException" | "SendingPausedException", _) => SendResult::Retry { after: Some(QUOTA_PAUSE), why },
        (_, 429 | 500..) => SendResult::Retry { after: pause, why },
        // Among others MessageRejected, MailFromDomainNotVerifiedException, NotFoundException, BadRequestException,
        // AccountSuspendedException, AccessDeniedException.
        _ => SendResult::permanent(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_word_of_the_header_whatever_it_is() {
        assert_eq!(encoded_word("磨坊"), "=?UTF-8?B?56Oo5Z2K?=");
        for name in ["a\" <x@y.z>\r\nBcc: b@c.de", &"磨".repeat(100)] {
            let word = encoded_word(name);
            assert!(word.len() <= 75 && !word.contains(['"', '<', '\n', ' ']), "{word}");
        }
    }
}
