//! ECPay's records of a card payment.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct CardAnswer {
    #[serde(rename = "RtnMsg", default)]
    pub(super) message: String,
    #[serde(rename = "RtnValue", default, deserialize_with = "card_or_nothing")]
    pub(super) value: Option<CardTrade>,
}

/// An object, or an empty string when there is none.
fn card_or_nothing<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<CardTrade>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

#[derive(Debug, Deserialize)]
pub(super) struct CardTrade {
    #[serde(default)]
    status: String,
    #[serde(rename = "close_data", default)]
    pub(super) closings: Vec<Closing>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Closing {
    #[serde(default)]
    status: String,
    #[serde(default)]
    amount: serde_json::Value,
}

impl Closing {
    /// Dollars; negative for a refund. ECPay sends a number or a string.
    pub(super) fn dollars(&self) -> i64 {
        self.amount.as_i64().or_else(|| self.amount.as_str()?.trim().parse().ok()).unwrap_or_default()
    }

    pub(super) fn is_void(&self) -> bool {
        matches!(self.status.as_str(), "已取消" | "操作取消" | "Canceled")
    }
}

/// The state of a card payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CardState {
    /// Authorized, not captured.
    Authorized,
    /// To be captured in the nightly batch.
    Waiting,
    /// Captured.
    Captured,
    /// Another or an unknown state.
    Other,
}

impl CardTrade {
    pub(super) fn state(&self) -> CardState {
        let has = |words: [&str; 2]| self.closings.iter().any(|closing| words.contains(&closing.status.as_str()));
        if self.closings.is_empty() && matches!(self.status.as_str(), "已授權" | "Authorized") {
            CardState::Authorized
        } else if has(["要關帳", "To be settled"]) {
            CardState::Waiting
        } else if has(["已關帳", "Settled"]) || has(["已撥款", "Captured"]) {
            CardState::Captured
        } else {
            CardState::Other
        }
    }

    pub(super) fn is_void(&self) -> bool {
        self.closings.is_empty() && matches!(self.status.as_str(), "已取消" | "Canceled")
    }
}
