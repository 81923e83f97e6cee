//! Third parties that take money or carry messages: one module each, behind one trait per kind. All of them are talked to
//! over [`http::Http`], and what only they and the shop may know is read by [`secrets::Secrets`].
//!
//! Invariant: no other crate reads a secret, and nothing here prints one.

pub mod http;
pub mod notify;
pub mod payment;
pub mod secrets;
mod signed;
