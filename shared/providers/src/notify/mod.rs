//! Channels that carry messages: one module each, behind [`Messenger`]. What a channel's answers mean is sorted here into
//! four classes; what follows from them is decided in `domain::notification`.

mod line;
mod ses;
mod slack;
mod sns;

use crate::http::{Http, HttpError};
use crate::secrets::{Secret, Secrets};
use crate::signed::Service;
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

/// How long a channel may take to answer, unless the shop says otherwise. Two such waits end within a queue function's time.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(8);

/// A message on its way to one recipient. Its `Debug` shows neither whom it reaches nor what it says.
#[derive(Clone)]
pub struct Message {
    /// The same on every try: a channel that knows it sends once.
    pub key: Uuid,
    /// The address in the channel's own form. Nothing for a channel that has only one.
    pub to: String,
    /// What it is about, in one line.
    pub subject: String,
    /// What it says.
    pub text: String,
    /// The same as HTML, for a channel that shows it.
    pub html: Option<String>,
    /// When it is sent.
    pub now: Moment,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letter({})", self.key)
    }
}

/// A channel.
pub trait Messenger: Send + Sync {
    /// Hands over a letter, once, and says what became of it.
    fn send<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, SendResult>;
}

/// What a deployer sets of the channels.
#[derive(Debug, Clone)]
pub struct ChannelSettings {
    /// The address that mails come from.
    pub mail_from: String,
    /// The name beside it.
    pub mail_from_name: String,
    /// Where LINE's Messaging API is.
    pub line_api_url: String,
    /// The secret with LINE's token and Slack's address; see [`Keys`].
    pub secret_arn: String,
    /// See [`ANSWER_TIMEOUT`].
    pub answer_timeout: Duration,
}

/// The secret that the channels share, as JSON. What is not there is a channel that the shop does not have.
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

    /// The key as it is now, if it is another one than `before`.
    async fn renewed(&self, pick: fn(Keys) -> Option<Secret>, before: &Secret) -> Option<Secret> {
        let keys = Self::read(&self.secrets.renew(&self.arn).await.ok()??).ok()?;
        pick(keys).filter(|key| key != before)
    }

    fn read(secret: &Secret) -> Result<Keys, Failure> {
        // serde's own words could repeat a piece of the secret.
        serde_json::from_str(secret.show())
            .map_err(|_| Failure::broken("the messengers' secret is not what it must be"))
    }
}

/// Every channel. Cheap to clone; nothing is opened before the first letter.
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

    /// The same over this client.
    #[must_use]
    pub fn over(self, http: Http) -> Self {
        Self { http: Some(http), open: Arc::default(), ..self }
    }

    /// Hands a letter to a channel, once, and says what became of it.
    pub async fn send(&self, channel: Channel, message: &Message) -> SendResult {
        let open = match self.open() {
            Ok(open) => open,
            Err(error) => return lost(error),
        };
        let messenger: &dyn Messenger = match channel {
            Channel::Email => &open.mail,
            Channel::Sms => &open.sms,
            Channel::Line => &open.line,
            Channel::Slack => &open.slack,
        };
        messenger.send(message).await
    }

    /// A TLS client costs a cold start tens of milliseconds: only a function that sends pays for it, and only once.
    fn open(&self) -> Result<&Open, HttpError> {
        if let Some(open) = self.open.get() {
            return Ok(open);
        }
        let http = self.http.clone().map_or_else(Http::new, Ok)?;
        let (settings, config) = (&self.settings, &self.config);
        let secrets = Secrets::new(config);
        let keys = KeyRing { secrets, arn: settings.secret_arn.clone() };
        let timeout = settings.answer_timeout;
        let open = Open {
            mail: ses::Ses::new(Service::new(http.clone(), "ses", "email", config), settings),
            sms: sns::Sns::new(Service::new(http.clone(), "sns", "sns", config), timeout),
            line: line::Line::new(http.clone(), keys.clone(), settings.line_api_url.clone(), timeout),
            slack: slack::Slack::new(http, keys, timeout),
        };
        Ok(self.open.get_or_init(|| open))
    }
}

/// What a missing answer means.
fn lost(error: HttpError) -> SendResult {
    match error {
        HttpError::Unreachable => SendResult::retry("unreachable"),
        HttpError::Timeout => SendResult::Unknown { why: "timeout".to_owned() },
        HttpError::Connection | HttpError::TooLarge => SendResult::Unknown { why: "connection_lost".to_owned() },
        HttpError::Unsendable => SendResult::permanent("unsendable"),
    }
}

/// What a secret that could not be read means: nothing was sent.
fn locked(failure: &Failure) -> SendResult {
    match failure {
        Failure::Busy => SendResult::retry("secret_unreadable"),
        Failure::Refused(_) | Failure::Broken(_) => SendResult::permanent("secret_unusable"),
    }
}

/// `Retry-After` in seconds, the only form that the channels send.
fn retry_after(response: &crate::http::Response) -> Option<SignedDuration> {
    let seconds: i64 = response.header("retry-after")?.trim().parse().ok()?;
    (0..=86_400).contains(&seconds).then(|| SignedDuration::from_secs(seconds))
}
