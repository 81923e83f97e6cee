//! Why a use case did not do what it was asked.

use domain::{Invalid, Refusal};
use std::error::Error;

/// The three ways to fail. Everything between the store and the border speaks in them.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The rules say no; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Too much contention or throttling to decide in time; trying again with the same key is safe.
    #[error("busy")]
    Busy,
    /// A bug or an outage: the chain is logged once, at the border, and never shown.
    #[error("broken")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// Something that should not be.
    pub fn broken(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Broken(source.into())
    }
}

impl From<Invalid> for Failure {
    fn from(wrong: Invalid) -> Self {
        Self::Refused(wrong.into())
    }
}
