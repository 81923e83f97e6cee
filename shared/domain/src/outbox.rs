//! The status of events in the outbox, as stored and as shown.

use crate::{Invalid, enum_text};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// The status of an event in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE", const_into_str)]
pub enum OutboxStatus {
    /// Written, not published yet.
    New,
    /// Published.
    Sent,
    /// Not published after all tries; waits for an admin to replay it.
    Failed,
}

impl OutboxStatus {
    /// The value in API bodies and stored items.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// # Errors
    /// [`Invalid`] for `status` when it is not one of the values.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        enum_text::parse("status", text)
    }
}
