//! The credentials for third parties, stored in Secrets Manager. Each execution environment caches them, and reads them
//! again from time to time and after a third party has refused one.

use aws_sdk_secretsmanager::Client;
use aws_types::SdkConfig;
use contracts::Failure;
use serde::Deserialize;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A secret text. Its `Debug` prints `redacted`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself.
    pub fn show(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("redacted")
    }
}

/// Reads and caches secrets. Cheap to clone; all clones share the cache.
#[derive(Clone)]
pub struct Secrets {
    client: Client,
    known: Arc<Mutex<HashMap<String, (Secret, Instant)>>>,
}

/// The time for which a secret is cached: a rotation takes effect everywhere within it, even if no response shows a wrong
/// key.
const TIME_TO_LIVE: Duration = Duration::from_secs(5 * 60);
/// The minimum time between two reads of a secret: many wrong signatures must not cause as many reads.
const RENEW_PAUSE: Duration = Duration::from_secs(60);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(redacted)")
    }
}

impl Secrets {
    /// The secrets of this configuration's account.
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config), known: Arc::default() }
    }

    /// The secret with this ARN, cached for [`TIME_TO_LIVE`]. If it cannot be read again, the cached value stays in use.
    ///
    /// # Errors
    /// [`Failure::Busy`] when a retry may succeed, [`Failure::Broken`] when there is no such secret.
    pub async fn get(&self, arn: &str) -> Result<Secret, Failure> {
        let cached = self.known().get(arn).cloned();
        match cached {
            Some((known, read_at)) if read_at.elapsed() < TIME_TO_LIVE => Ok(known),
            Some((known, _)) => match self.read(arn).await {
                Err(Failure::Busy) => Ok(known),
                read => read,
            },
            None => self.read(arn).await,
        }
    }

    /// The current secret with this ARN, if the cached value may be outdated. `None` if it was read within the last minute.
    ///
    /// # Errors
    /// See [`Secrets::get`].
    pub async fn renew(&self, arn: &str) -> Result<Option<Secret>, Failure> {
        let is_fresh = self.known().get(arn).is_some_and(|(_, read_at)| read_at.elapsed() < RENEW_PAUSE);
        if is_fresh { Ok(None) } else { self.read(arn).await.map(Some) }
    }

    async fn read(&self, arn: &str) -> Result<Secret, Failure> {
        let found = self.client.get_secret_value().secret_id(arn).send().await;
        let found =
            found.map_err(|error| if aws::is_transient(&error) { Failure::Busy } else { Failure::broken(error) })?;
        let text = found.secret_string.ok_or_else(|| Failure::broken(format!("secret {arn} has no text")))?;
        self.known().insert(arn.to_owned(), (Secret::new(text.clone()), Instant::now()));
        Ok(Secret::new(text))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Secret, Instant)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
