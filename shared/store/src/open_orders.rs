//! How many unpaid orders a customer has.

use crate::Store;
use crate::db::string;
use crate::orders::{ORDER, Reads, customer_pk, order_sk};
use contracts::Failure;
use domain::id::{CustomerId, OrderId};
use domain::order::{OpenOrdersLimit, OrderStatus};

impl Store {
    /// The number of the customer's unpaid orders that this limit is about, at most the limit itself. An order's id begins with
    /// its time, so that older orders are not read.
    pub async fn count_open_orders(
        &self,
        customer: &CustomerId,
        limit: OpenOrdersLimit,
        reads: Reads,
    ) -> Result<u32, Failure> {
        let same_kind = match limit.window {
            None => "attribute_not_exists(sell_window_id)",
            Some(_) => "sell_window_id = :window",
        };
        let query = self
            .query_of(&self.tables.orders)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .filter_expression(format!("#status IN (:created, :reserved, :pending) AND {same_kind}"))
            .projection_expression("pk")
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":pk", string(customer_pk(customer)))
            .expression_attribute_values(":first", string(order_sk(OrderId::first_at(limit.since))))
            // `~` sorts after every id.
            .expression_attribute_values(":last", string(format!("{ORDER}~")))
            .expression_attribute_values(":created", string(OrderStatus::Created.as_str()))
            .expression_attribute_values(":reserved", string(OrderStatus::Reserved.as_str()))
            .expression_attribute_values(":pending", string(OrderStatus::PendingPayment.as_str()))
            .consistent_read(reads.consistent());
        let query = match limit.window {
            None => query,
            Some(window) => query.expression_attribute_values(":window", string(window.to_string())),
        };
        let (mut open, mut last_key) = (0, None);
        loop {
            let page = self.query(query.clone().set_exclusive_start_key(last_key)).await?;
            open += u32::try_from(page.items.len()).unwrap_or(u32::MAX);
            last_key = page.last_key;
            if last_key.is_none() || open >= limit.max {
                return Ok(open);
            }
        }
    }
}
