//! Channels that carry messages: one module each, behind [`Messenger`]. A channel classifies its responses as one of four
//! outcomes; `domain::notification` decides what follows from them.

mod line;
mod ses;
mod slack;
mod sns;

use crate::http::{Http, HttpError};
use crate::secrets::{Secret, Secrets};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{SdkError, ServiceError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use contracts::Failure;
use domain::Moment;
use domain::notification::{Channel, SendResult};
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use serde::Deserialize;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use uuid::Uuid;

/// Default time-out of a channel. Two of them fit into the time-out of the function.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);

/// A message to one recipient. Its `Debug` shows neither the recipient nor the text.
#[derive(Clone)]
pub struct Message {
    /// Idempotency key, the same on every attempt. Only LINE supports one.
    pub key: Uuid,
    /// The address in the channel's form. Empty for Slack, whose webhook has one recipient.
    pub to: String,
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The text as HTML, for e-mail.
    pub html: Option<String>,
    /// The time of sending.
    pub now: Moment,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({})", self.key)
    }
}

/// A channel.
pub trait Messenger: Send + Sync {
    /// Sends a message in one attempt and returns its outcome.
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, SendResult>;
}

/// Settings of the channels.
#[derive(Debug, Clone)]
pub struct ChannelSettings {
    /// The sender's e-mail address.
    pub mail_from: String,
    /// The sender's name.
    pub mail_from_name: String,
    /// Base URL of LINE's Messaging API.
    pub line_api_url: String,
    /// ARN of the secret with LINE's token and Slack's webhook; see [`Keys`].
    pub secret_arn: String,
    /// See [`ANSWER_TIMEOUT`].
    pub answer_timeout: Duration,
}

/// The channels' secret, JSON. A channel without an entry is not in use.
#[derive(Debug, Default, Deserialize)]
struct Keys {
    line_channel_access_token: Option<Secret>,
    slack_webhook_url: Option<Secret>,
}

/// Reads [`Keys`].
#[derive(Debug, Clone)]
struct KeyRing {
    secrets: Secrets,
    arn: String,
}

impl KeyRing {
    async fn get(&self, pick: fn(Keys) -> Option<Secret>) -> Result<Option<Secret>, Failure> {
        Self::read(&self.secrets.get(&self.arn).await?).map(pick)
    }

    /// The current key, when it differs from `before`.
    async fn renewed(&self, pick: fn(Keys) -> Option<Secret>, before: &Secret) -> Option<Secret> {
        let keys = Self::read(&self.secrets.renew(&self.arn).await.ok()??).ok()?;
        pick(keys).filter(|key| key != before)
    }

    fn read(secret: &Secret) -> Result<Keys, Failure> {
        // serde's message could repeat a part of the secret.
        serde_json::from_str(secret.show())
            .map_err(|_| Failure::broken("the secret <stack>/messengers is not JSON of the expected form"))
    }
}

/// Every channel. Cheap to clone; nothing is opened before the first message.
#[derive(Clone)]
pub struct Messengers {
    config: SdkConfig,
    settings: Arc<ChannelSettings>,
    http: Option<Http>,
    open: Arc<OnceLock<Open>>,
}

struct Open {
    mail: ses::Ses,
    sms: sns::Sns,
    line: line::Line,
    slack: slack::Slack,
}

impl fmt::Debug for Messengers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Messengers")
    }
}

impl Messengers {
    /// The channels of this account and these settings, over the network.
    pub fn new(config: SdkConfig, settings: ChannelSettings) -> Self {
        Self { config, settings: Arc::new(settings), http: None, open: Arc::default() }
    }

    /// The channels with this client.
    #[must_use]
    pub fn over(self, http: Http) -> Self {
        Self { http: Some(http), open: Arc::default(), ..self }
    }

    /// Sends a message by a channel in one attempt and returns its outcome.
    pub async fn send(&self, channel: Channel, message: &Message) -> SendResult {
        let open = self.open();
        let messenger: &dyn Messenger = match channel {
            Channel::Email => &open.mail,
            Channel::Sms => &open.sms,
            Channel::Line => &open.line,
            Channel::Slack => &open.slack,
        };
        messenger.send(message).await
    }

    /// Opens the channels at the first message, so that only functions that send have the cost.
    fn open(&self) -> &Open {
        self.open.get_or_init(|| self.connect())
    }

    fn connect(&self) -> Open {
        let http = self.http.clone().unwrap_or_default();
        let (settings, config) = (&self.settings, &self.config);
        let secrets = Secrets::new(config);
        let keys = KeyRing { secrets, arn: settings.secret_arn.clone() };
        let timeout = settings.answer_timeout;
        let aws = one_attempt(config, &http, timeout);
        Open {
            mail: ses::Ses::new(&aws, settings),
            sms: sns::Sns::new(&aws),
            line: line::Line::new(http.clone(), keys.clone(), settings.line_api_url.clone(), timeout),
            slack: slack::Slack::new(http, keys, timeout),
        }
    }
}

/// The configuration of a channel's SDK client, without retries: AWS's channels have no idempotency key, so a second
/// attempt could send the message twice. `domain::notification` decides about retries.
fn one_attempt(config: &SdkConfig, http: &Http, timeout: Duration) -> SdkConfig {
    config
        .to_builder()
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(timeout).build())
        .http_client(http.for_sdk())
        .build()
}

/// The service's refusal, for its channel to classify; otherwise the outcome of a call without a response.
fn refusal<E>(error: SdkError<E, HttpResponse>) -> Result<ServiceError<E, HttpResponse>, SendResult> {
    match error {
        SdkError::ServiceError(refused) => Ok(refused),
        SdkError::TimeoutError(_) => Err(lost(HttpError::Timeout)),
        SdkError::DispatchFailure(failed) => {
            Err(lost(failed.as_connector_error().map_or(HttpError::Connection, HttpError::of)))
        }
        SdkError::ResponseError(_) => Err(lost(HttpError::Connection)),
        _ => Err(lost(HttpError::Unsendable)),
    }
}

/// A refusal's error code, or its status. Never its message, which can repeat an address.
fn code<E: ProvideErrorMetadata>(refused: &ServiceError<E, HttpResponse>) -> String {
    let code = refused.err().code().filter(|code| (1..=60).contains(&code.len()));
    let code = code.filter(|code| code.bytes().all(|b| b.is_ascii_alphanumeric()));
    code.map_or_else(|| format!("status_{}", refused.raw().status().as_u16()), str::to_owned)
}

/// The outcome of a call without a response.
fn lost(error: HttpError) -> SendResult {
    match error {
        HttpError::Unreachable => SendResult::retry("unreachable"),
        HttpError::Timeout => SendResult::Unknown { why: "timeout".to_owned() },
        HttpError::Connection | HttpError::TooLarge => SendResult::Unknown { why: "connection_lost".to_owned() },
        HttpError::Unsendable => SendResult::permanent("unsendable"),
    }
}

/// The outcome when the secret cannot be read: nothing was sent.
fn locked(failure: &Failure) -> SendResult {
    match failure {
        Failure::Busy => SendResult::retry("secret_unreadable"),
        Failure::Refused(_) | Failure::Broken(_) => SendResult::permanent("secret_unusable"),
    }
}

/// The value of a `Retry-After` header in seconds, the only form that the channels send.
fn retry_after(value: Option<&str>) -> Option<SignedDuration> {
    let seconds: i64 = value?.trim().parse().ok()?;
    (0..=86_400).contains(&seconds).then(|| SignedDuration::from_secs(seconds))
}
