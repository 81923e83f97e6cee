//! Bodies of the points routes.

use domain::money::{Cents, Currency};
use domain::payment::PaymentMethod;
use domain::points::{Entry, Wallet};
use domain::text::Reason;
use domain::{Invalid, Refusal};
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
    /// `ECPAY`, `NEWEBPAY` or `LINE_PAY`: where the points are paid. A shop that credits points at once needs none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::openapi::words::ProviderMethod>))]
    pub method: Option<String>,
}

impl ChargePoints {
    /// The provider at which the points are paid, if the body names one.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] for `method`.
    pub fn method(&self) -> Result<Option<PaymentMethod>, Refusal> {
        let parse = |text: &String| {
            let named = PaymentMethod::AT_PROVIDERS.into_iter().find(|method| method.as_str() == text);
            named.ok_or_else(|| Refusal::from(must_be_a_provider()))
        };
        self.method.as_ref().map(parse).transpose()
    }
}

/// The refusal of a charge that names no provider.
pub fn must_be_a_provider() -> Invalid {
    Invalid::field("method", "must be ECPAY, NEWEBPAY or LINE_PAY")
}

/// `POST /admin/customers/{customer_id}/points`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GrantPoints {
    /// The points to give, in the currency's minor unit; a negative number takes points back. Not 0.
    #[cfg_attr(feature = "openapi", schema(minimum = -1_000_000_000, maximum = 1_000_000_000))]
    pub amount_cents: i64,
    /// The reason, 1 to 200 characters.
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 200))]
    pub reason: String,
}

impl GrantPoints {
    /// The largest amount of one grant, in the currency's minor unit.
    pub const AMOUNT_CENTS_MAX: i64 = 1_000_000_000;

    /// The amount and the reason.
    ///
    /// # Errors
    /// [`Invalid`] for each invalid field.
    pub fn parse(&self) -> Result<(Cents, Reason), Invalid> {
        let mut wrong = Invalid::default();
        let most = Self::AMOUNT_CENTS_MAX;
        if self.amount_cents == 0 || !(-most..=most).contains(&self.amount_cents) {
            wrong.note("amount_cents", format!("must be a whole number from -{most} to {most} other than 0"));
        }
        let reason = wrong.check(Reason::parse("reason", &self.reason));
        wrong.into_result(reason.map(|reason| (Cents::new(self.amount_cents), reason)))
    }
}

/// The customer's balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PointsView {
    /// The balance, in the currency's minor unit.
    pub balance_cents: i64,
    /// The currency (ISO 4217).
    pub currency: String,
}

/// A completed charge, of a shop that credits points at once.
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
    /// `CHARGE`, `USE`, `REFUND` or `GRANT` (given or taken back by an admin).
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::words::EntryType))]
    pub entry_type: String,
    /// Positive for `CHARGE` and `REFUND`, negative for `USE`, either for `GRANT`.
    pub amount_cents: i64,
    /// The admin's reason, for an entry of type `GRANT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The balance after the entry, in the currency's minor unit.
    pub balance_after_cents: i64,
    /// The order, if the entry belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The payment that bought the points, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<String>,
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
            reason: entry.reason.as_ref().map(ToString::to_string),
            balance_after_cents: entry.balance_after.get(),
            order_id: entry.order.map(|id| id.to_string()),
            payment_id: entry.payment.map(|id| id.to_string()),
            at: entry.at,
        }
    }
}
