//! Events of points.

use super::{Aggregate, Event};
use domain::id::{CustomerId, EntryId, OrderId, PaymentId};
use domain::money::Cents;
use domain::points::{Entry, Wallet};
use serde::{Deserialize, Serialize};

/// `points.charged.v1`: a customer bought points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsChargedV1 {
    /// The customer.
    pub customer_id: CustomerId,
    /// The ledger entry.
    pub entry_id: EntryId,
    /// The amount, in the currency's minor unit.
    pub amount_cents: Cents,
    /// The balance after the entry, in the currency's minor unit.
    pub balance_after_cents: Cents,
    /// The payment that bought the points; none where they are credited at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_id: Option<PaymentId>,
    /// The wallet's version after the event.
    pub version: u64,
}

/// `points.used.v1`: a customer paid an order with points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsUsedV1 {
    /// The customer.
    pub customer_id: CustomerId,
    /// The ledger entry.
    pub entry_id: EntryId,
    /// The order.
    pub order_id: OrderId,
    /// The amount as in the ledger: negative.
    pub amount_cents: Cents,
    /// The balance after the entry, in the currency's minor unit.
    pub balance_after_cents: Cents,
    /// The wallet's version after the event.
    pub version: u64,
}

impl PointsChargedV1 {
    /// A charge's ledger entry and the wallet after it.
    pub fn new(customer_id: CustomerId, wallet: Wallet, entry: &Entry) -> Self {
        Self {
            customer_id,
            entry_id: entry.id,
            amount_cents: entry.amount,
            balance_after_cents: entry.balance_after,
            payment_id: entry.payment,
            version: wallet.version,
        }
    }
}

impl PointsUsedV1 {
    /// The ledger entry that paid the order, and the wallet after it.
    pub fn new(customer_id: CustomerId, wallet: Wallet, entry: &Entry, order_id: OrderId) -> Self {
        Self {
            customer_id,
            entry_id: entry.id,
            order_id,
            amount_cents: entry.amount,
            balance_after_cents: entry.balance_after,
            version: wallet.version,
        }
    }
}

impl Event for PointsChargedV1 {
    const TYPE: &'static str = "points.charged.v1";
    const AREA: &'static str = "points";

    fn aggregate(&self) -> Aggregate {
        Aggregate::new("wallet", &self.customer_id, self.version)
    }
}

impl Event for PointsUsedV1 {
    const TYPE: &'static str = "points.used.v1";
    const AREA: &'static str = "points";

    fn aggregate(&self) -> Aggregate {
        Aggregate::new("wallet", &self.customer_id, self.version)
    }
}
