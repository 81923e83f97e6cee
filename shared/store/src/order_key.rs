//! The key of an order, which orders, the logs of counters and shipping records refer to.

use crate::db::{Item, text};
use domain::id::{CustomerId, OrderId};

/// The key of an order, as an index contains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey {
    pub customer: CustomerId,
    pub id: OrderId,
}

impl OrderKey {
    pub(crate) fn read(item: &Item) -> Option<Self> {
        Some(Self {
            customer: CustomerId::parse(text(item, "pk")?.strip_prefix("CUSTOMER#")?)?,
            id: OrderId::parse(text(item, "sk")?.strip_prefix("ORDER#")?)?,
        })
    }
}
