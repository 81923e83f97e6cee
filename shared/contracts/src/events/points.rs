//! What happens to points.

use super::{Aggregate, Event};
use domain::id::{CustomerId, EntryId, OrderId};
use domain::money::Cents;
use domain::points::{Entry, Wallet};
use serde::{Deserialize, Serialize};

/// `points.charged.v1`: a customer put points in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsChargedV1 {
    /// Whose.
    pub customer_id: CustomerId,
    /// The ledger entry.
    pub entry_id: EntryId,
    /// How much.
    pub amount_cents: Cents,
    /// The balance afterwards.
    pub balance_after_cents: Cents,
    /// The wallet's version.
    pub version: u64,
}

/// `points.used.v1`: points paid for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointsUsedV1 {
    /// Whose.
    pub customer_id: CustomerId,
    /// The ledger entry.
    pub entry_id: EntryId,
    /// Which order.
    pub order_id: OrderId,
    /// How much, as the ledger has it: negative.
    pub amount_cents: Cents,
    /// The balance afterwards.
    pub balance_after_cents: Cents,
    /// The wallet's version.
    pub version: u64,
}

impl PointsChargedV1 {
    /// The entry of a charge and the wallet after it.
    pub fn new(customer_id: CustomerId, wallet: Wallet, entry: &Entry) -> Self {
        Self {
            customer_id,
            entry_id: entry.id,
            amount_cents: entry.amount,
            balance_after_cents: entry.balance_after,
            version: wallet.version,
        }
    }
}

impl PointsUsedV1 {
    /// The entry that paid for `order_id` and the wallet after it.
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
