//! The language of a message.

use crate::{Invalid, enum_text};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantArray};

/// A language of the shop's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[strum(const_into_str)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    #[strum(serialize = "en")]
    En,
    /// Traditional Chinese, as in Taiwan.
    #[serde(rename = "zh-TW")]
    #[strum(serialize = "zh-TW")]
    ZhTw,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::En, Self::ZhTw];

    /// The BCP 47 tag, which is also the name of the templates' folder.
    pub const fn as_str(self) -> &'static str {
        self.into_str()
    }

    /// The language of a BCP 47 tag.
    pub fn find(text: &str) -> Option<Self> {
        enum_text::find(text)
    }

    /// Parses the BCP 47 tag of a request.
    ///
    /// # Errors
    /// [`Invalid`] for `field` when there are no messages in this language.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        enum_text::parse(field, text)
    }
}
