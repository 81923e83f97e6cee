//! What only a third party and the shop may know, by reference from Secrets Manager: read once per environment, and once
//! more when it turns out to be out of date.

use aws::{CallError, Json};
use aws_types::SdkConfig;
use contracts::Failure;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A secret text. Prints itself as `redacted`; whoever shows it does so on purpose.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to be signed with.
    pub fn show(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("redacted")
    }
}

/// The reader of secrets. Cheap to clone; all clones remember together.
#[derive(Clone)]
pub struct Secrets {
    get_secret_value: Json,
    known: Arc<Mutex<HashMap<String, (Secret, Instant)>>>,
}

/// A secret is not read again within this time: whoever sends wrong signatures must not make the shop ask all day.
const RENEW_PAUSE: Duration = Duration::from_secs(60);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(redacted)")
    }
}

/// `GetSecretValue` on the wire.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetSecretValue<'s> {
    secret_id: &'s str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SecretValue {
    secret_string: Option<String>,
}

impl Secrets {
    /// The secrets of this configuration's account.
    pub fn new(config: &SdkConfig) -> Self {
        let (url, target) = (aws::url(config, "secretsmanager"), "secretsmanager.GetSecretValue");
        let get_secret_value = Json::new(config, "secretsmanager", &url, target, "application/x-amz-json-1.1");
        Self { get_secret_value, known: Arc::default() }
    }

    /// The secret of this ARN, as it was when this environment first asked.
    ///
    /// # Errors
    /// [`Failure::Busy`] when it cannot be read now, [`Failure::Broken`] when there is none.
    pub async fn get(&self, arn: &str) -> Result<Secret, Failure> {
        if let Some((known, _)) = self.known().get(arn) {
            return Ok(known.clone());
        }
        self.read(arn).await
    }

    /// The secret of this ARN as it is now, for when what is remembered may be out of date. `None` when it was read a moment
    /// ago: then it is not.
    ///
    /// # Errors
    /// See [`Secrets::get`].
    pub async fn renew(&self, arn: &str) -> Result<Option<Secret>, Failure> {
        let is_fresh = self.known().get(arn).is_some_and(|(_, read_at)| read_at.elapsed() < RENEW_PAUSE);
        if is_fresh { Ok(None) } else { self.read(arn).await.map(Some) }
    }

    async fn read(&self, arn: &str) -> Result<Secret, Failure> {
        let found = self.get_secret_value.send::<SecretValue>(&GetSecretValue { secret_id: arn }).await;
        let found = found.map_err(|error| match error {
            CallError::Passing => Failure::Busy,
            other => Failure::broken(other),
        })?;
        let text = found.secret_string.ok_or_else(|| Failure::broken("a secret without a text"))?;
        self.known().insert(arn.to_owned(), (Secret::new(text.clone()), Instant::now()));
        Ok(Secret::new(text))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Secret, Instant)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
