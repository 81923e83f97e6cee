//! Payment providers and messengers: one module each, behind one trait per kind. Those of AWS (SES, SNS, Secrets
//! Manager, Cognito) are called through their SDKs, all others over [`http::Http`]. [`secrets::Secrets`] reads credentials.
//!
//! Invariant: no other crate reads a secret, and nothing here prints one.

pub mod contact_keys;
pub mod http;
pub mod notify;
pub mod payment;
pub mod secrets;
pub mod users;
