//! The pair of keys that encrypts and signs messages to and from NewebPay.

use super::super::form;
use crate::secrets::Secret;
use aes::Aes256;
use cbc::cipher::block_padding::{NoPadding, Pkcs7};
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use serde::Deserialize;

/// NewebPay pads to 32 bytes, where PKCS#7 with AES pads to 16.
const PADDING_MAX: usize = 32;

/// A pair of keys that encrypts and signs: 32 and 16 bytes of ASCII.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Keys {
    pub(super) hash_key: Secret,
    pub(super) hash_iv: Secret,
}

impl Keys {
    /// AES-256-CBC in lower-case hex.
    pub(super) fn seal(&self, text: &str) -> Option<String> {
        let cipher =
            cbc::Encryptor::<Aes256>::new_from_slices(self.hash_key.show().as_bytes(), self.hash_iv.show().as_bytes());
        Some(hex::encode(cipher.ok()?.encrypt_padded_vec::<Pkcs7>(text.as_bytes())))
    }

    /// Decrypts a text. To be called only after its signature was checked.
    pub(super) fn unseal(&self, sealed: &str) -> Option<Vec<u8>> {
        let cipher =
            cbc::Decryptor::<Aes256>::new_from_slices(self.hash_key.show().as_bytes(), self.hash_iv.show().as_bytes());
        let mut text = cipher.ok()?.decrypt_padded_vec::<NoPadding>(&hex::decode(sealed).ok()?).ok()?;
        let padding = usize::from(*text.last()?);
        let rest = text.len().checked_sub(padding)?;
        let is_padding = (1..=PADDING_MAX).contains(&padding);
        let is_even = text.get(rest..)?.iter().all(|byte| usize::from(*byte) == padding);
        text.truncate(rest);
        (is_padding && is_even).then_some(text)
    }

    pub(super) fn trade_sha(&self, sealed: &str) -> String {
        form::sha256_upper(&format!("HashKey={}&{sealed}&HashIV={}", self.hash_key.show(), self.hash_iv.show()))
    }

    /// The signature of a query.
    pub(super) fn check_value(&self, amount: i64, merchant: &str, order: &str) -> String {
        let text = format!("Amt={amount}&MerchantID={merchant}&MerchantOrderNo={order}");
        form::sha256_upper(&format!("IV={}&{text}&Key={}", self.hash_iv.show(), self.hash_key.show()))
    }

    /// The signature of a response. Its labels differ from those of a query.
    pub(super) fn check_code(&self, amount: &str, merchant: &str, order: &str, trade_no: &str) -> String {
        let text = format!("Amt={amount}&MerchantID={merchant}&MerchantOrderNo={order}&TradeNo={trade_no}");
        form::sha256_upper(&format!("HashIV={}&{text}&HashKey={}", self.hash_iv.show(), self.hash_key.show()))
    }
}
