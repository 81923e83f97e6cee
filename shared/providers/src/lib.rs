//! Third parties that take money or carry messages: one module each, behind one trait per kind. All of them are talked to
//! over [`http::Http`], and what only they and the shop may know is read by [`secrets::Secrets`].
//!
//! Invariant: no other crate names the Secrets Manager SDK, and nothing here prints a secret.

pub mod http;
pub mod notify;
pub mod payment;
pub mod secrets;
mod signed;
