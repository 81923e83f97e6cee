//! Bodies of the points' routes.

use domain::money::Currency;
use domain::points::{Entry, Wallet};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// `POST /points/charge`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChargePoints {
    /// How much, in the currency's minor unit; at least 1,000,000 unless the shop says otherwise.
    #[cfg_attr(feature = "openapi", schema(minimum = 1))]
    pub amount_cents: i64,
}

/// What the customer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PointsView {
    /// In the currency's minor unit.
    pub balance_cents: i64,
    /// The currency.
    pub currency: String,
}

/// A charge that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChargeView {
    /// Its ledger entry.
    pub entry_id: String,
    /// The balance afterwards.
    pub balance_cents: i64,
    /// The currency.
    pub currency: String,
}

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EntryView {
    /// Its id.
    pub entry_id: String,
    /// `CHARGE`, `USE` or `REFUND`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::EntryType))]
    pub entry_type: String,
    /// Positive for `CHARGE` and `REFUND`, negative for `USE`.
    pub amount_cents: i64,
    /// The balance afterwards.
    pub balance_after_cents: i64,
    /// For which order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl PointsView {
    /// A wallet in the shop's currency.
    pub fn new(wallet: &Wallet, currency: Currency) -> Self {
        Self { balance_cents: wallet.balance.get(), currency: currency.to_string() }
    }
}

impl ChargeView {
    /// The entry of a charge, in the shop's currency.
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
