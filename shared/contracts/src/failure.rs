//! Failures of use cases.

use domain::{Invalid, Refusal};
use std::error::Error;

/// The three kinds of failure, between the store and the border.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A business rule refuses; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Contention, throttling or a time-out; a retry with the same idempotency key is safe.
    #[error("busy")]
    Busy,
    /// A bug or an outage. The chain of causes is logged once, at the border, and never shown to the client.
    #[error("broken")]
    Broken(#[source] Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// A broken invariant or an unexpected error.
    pub fn broken(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Broken(source.into())
    }
}

impl From<Invalid> for Failure {
    fn from(wrong: Invalid) -> Self {
        Self::Refused(wrong.into())
    }
}
