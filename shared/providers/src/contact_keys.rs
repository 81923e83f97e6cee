//! The keys under which phone numbers and e-mail addresses are hashed, so that an order is found by either although no
//! index contains one.

use crate::secrets::{Secret, Secrets};
use aws_types::SdkConfig;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use contracts::Failure;
use domain::contact::{Contact, ContactHashes};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

/// The minimum length of a key, in bytes: the length of the hash (RFC 2104, 3).
const KEY_BYTES_MIN: usize = 32;
/// The maximum number of earlier keys that a search tries.
const PREVIOUS_KEYS_MAX: usize = 4;
/// The number of bytes of a hash that are stored: enough that no two addresses are expected to share them.
const HASH_BYTES: usize = 16;

/// The contents of the secret.
#[derive(Debug, Deserialize)]
struct Keys {
    current: Secret,
    #[serde(default)]
    previous: Vec<Secret>,
}

/// Hashes contact data. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ContactKeys {
    secrets: Secrets,
    arn: String,
}

impl ContactKeys {
    /// The keys in the secret with this ARN: `{"current": "…", "previous": ["…"]}`.
    pub fn new(config: &SdkConfig, arn: String) -> Self {
        Self { secrets: Secrets::new(config), arn }
    }

    /// Reads the keys in advance, so that the first request does not wait for them. A failure is left to that request.
    pub async fn load(&self) {
        drop(self.secrets.get(&self.arn).await);
    }

    /// The hashes of an order's contact data, under the current key.
    ///
    /// # Errors
    /// [`Failure::Busy`] when a retry may succeed, [`Failure::Broken`] for a secret that is missing or malformed.
    pub async fn hashes(&self, contact: &Contact) -> Result<ContactHashes, Failure> {
        let keys = self.keys().await?;
        Ok(ContactHashes {
            phone: hash(&keys.current, PHONE, &contact.phone)?,
            email: hash(&keys.current, EMAIL, &contact.email.to_ascii_lowercase())?,
        })
    }

    /// The hashes under which a phone number (E.164) may be stored: one for each key.
    ///
    /// # Errors
    /// See [`ContactKeys::hashes`].
    pub async fn of_phone(&self, phone: &str) -> Result<Vec<String>, Failure> {
        self.keys().await?.all().map(|key| hash(key, PHONE, phone)).collect()
    }

    /// The hashes under which an e-mail address may be stored.
    ///
    /// # Errors
    /// See [`ContactKeys::hashes`].
    pub async fn of_email(&self, email: &str) -> Result<Vec<String>, Failure> {
        let email = email.to_ascii_lowercase();
        self.keys().await?.all().map(|key| hash(key, EMAIL, &email)).collect()
    }

    async fn keys(&self) -> Result<Keys, Failure> {
        let text = self.secrets.get(&self.arn).await?;
        let malformed =
            || Failure::broken("the secret of the contact keys must be {\"current\": …, \"previous\": […]}");
        let keys: Keys = serde_json::from_str(text.show()).map_err(|_| malformed())?;
        if keys.all().any(|key| key.show().len() < KEY_BYTES_MIN) {
            return Err(Failure::broken(format!("a contact key has fewer than {KEY_BYTES_MIN} bytes")));
        }
        Ok(keys)
    }
}

impl Keys {
    fn all(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.current).chain(self.previous.iter().take(PREVIOUS_KEYS_MAX))
    }
}

/// A prefix of the hashed text, so that the same text has different hashes as a phone number and as an e-mail address.
const PHONE: &str = "phone:";
const EMAIL: &str = "email:";

/// HMAC-SHA-256 (RFC 2104), shortened, in base64url.
fn hash(key: &Secret, kind: &str, text: &str) -> Result<String, Failure> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.show().as_bytes()).map_err(Failure::broken)?;
    mac.update(kind.as_bytes());
    mac.update(text.as_bytes());
    let hash = mac.finalize().into_bytes();
    Ok(URL_SAFE_NO_PAD.encode(hash.get(..HASH_BYTES).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_depends_on_the_key_and_on_what_is_hashed() {
        let (one, other) = (Secret::new("k".repeat(32)), Secret::new("l".repeat(32)));
        let of = |key: &Secret, kind: &str, text: &str| hash(key, kind, text).unwrap();
        let phone = of(&one, PHONE, "+886912000111");
        assert_eq!((phone.len(), &phone), (22, &of(&one, PHONE, "+886912000111")));
        for different in
            [of(&other, PHONE, "+886912000111"), of(&one, EMAIL, "+886912000111"), of(&one, PHONE, "+886912000112")]
        {
            assert_ne!(phone, different);
        }
    }

    #[test]
    fn a_search_tries_the_current_key_and_a_few_earlier_ones() {
        let keys: Keys = serde_json::from_str(r#"{"current": "a", "previous": ["b", "c", "d", "e", "f"]}"#).unwrap();
        let all: Vec<_> = keys.all().map(Secret::show).collect();
        assert_eq!(all, ["a", "b", "c", "d", "e"]);
        assert!(serde_json::from_str::<Keys>("{}").is_err());
    }
}
