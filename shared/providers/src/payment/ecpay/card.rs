//! What ECPay's card books answer.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct CardAnswer {
    #[serde(rename = "RtnMsg", default)]
    pub(super) message: String,
    #[serde(rename = "RtnValue", default, deserialize_with = "card_or_nothing")]
    pub(super) value: Option<CardTrade>,
}

/// An object, or an empty text when there is none.
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
    /// Dollars; negative for what went back. A number or a text, with ECPay.
    pub(super) fn dollars(&self) -> i64 {
        self.amount.as_i64().or_else(|| self.amount.as_str()?.trim().parse().ok()).unwrap_or_default()
    }

    pub(super) fn is_void(&self) -> bool {
        matches!(self.status.as_str(), "已取消" | "操作取消" | "Canceled")
    }
}

impl CardTrade {
    pub(super) fn is_authorized(&self) -> bool {
        self.closings.is_empty() && matches!(self.status.as_str(), "已授權" | "Authorized")
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.closings.iter().any(|closing| matches!(closing.status.as_str(), "要關帳" | "To be settled"))
    }

    pub(super) fn is_void(&self) -> bool {
        self.closings.is_empty() && matches!(self.status.as_str(), "已取消" | "Canceled")
    }
}
