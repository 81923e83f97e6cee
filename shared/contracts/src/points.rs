//! Bodies of the points routes.

use domain::money::Currency;
use domain::points::{Entry, Wallet};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST /points/charge`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChargePoints {
    /// The amount, in the currency's minor unit; the minimum is a setting of the shop, 1,000,000 by default.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub amount_cents: i64,
}

/// The customer's balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PointsView {
    /// In the currency's minor unit.
    pub balance_cents: i64,
    /// The currency (ISO 4217).
    pub currency: String,
}

/// A completed charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChargeView {
    /// The ledger entry.
    pub entry_id: String,
    /// The balance after the charge, in the currency's minor unit.
    pub balance_cents: i64,
    /// The currency (ISO 4217).
    pub currency: String,
}

/// One ledger entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryView {
    /// The id.
    pub entry_id: String,
    /// `CHARGE`, `USE` or `REFUND`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::EntryType))]
    pub entry_type: String,
    /// Positive for `CHARGE` and `REFUND`, negative for `USE`.
    pub amount_cents: i64,
    /// The balance after the entry, in the currency's minor unit.
    pub balance_after_cents: i64,
    /// The order, if the entry belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The time.
    pub at: Timestamp,
}

impl PointsView {
    /// A wallet in the shop's currency.
    pub fn new(wallet: &Wallet, currency: Currency) -> Self {
        Self { balance_cents: wallet.balance.get(), currency: currency.to_string() }
    }
}

impl ChargeView {
    /// A charge's ledger entry, in the shop's currency.
    pub fn new(entry: &Entry, currency: Currency) -> Self {
        Self {
            entry_id: entry.id.to_string(),
            balance_cents: entry.balance_after.get(),
            currency: currency.to_string(),
        }
    }
}

impl From<&Entry> for EntryView {
    fn from(entry: &Entry) -> Self {
        Self {
            entry_id: entry.id.to_string(),
            entry_type: entry.kind.as_str().to_owned(),
            amount_cents: entry.amount.get(),
            balance_after_cents: entry.balance_after.get(),
            order_id: entry.order.map(|id| id.to_string()),
            at: entry.at,
        }
    }
}
