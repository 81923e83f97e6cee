//! How many pieces a customer has reserved in an offer: one item beside the customer's orders.

use super::customer_pk;
use crate::db::{Item, integer, number, text, update};
use crate::{Store, Tx};
use aws_sdk_dynamodb::types::builders::UpdateBuilder;
use contracts::Failure;
use domain::Refusal;
use domain::id::{CustomerId, OfferId};
use domain::order::Order;

/// The quantity that a customer has reserved in an offer.
pub(super) const OFFER: &str = "OFFER#";

/// The stored quantity that a customer has reserved in an offer.
pub(crate) fn read_customer_count(item: &Item) -> Option<(CustomerId, OfferId, i64)> {
    let customer = CustomerId::parse(text(item, "pk")?.strip_prefix("CUSTOMER#")?)?;
    let offer = OfferId::parse(text(item, "sk")?.strip_prefix(OFFER)?)?;
    Some((customer, offer, integer(item, "reserved_qty")?))
}

impl Store {
    /// The pieces that a customer has reserved in an offer.
    pub async fn reserved_by_customer(&self, customer: &CustomerId, offer: OfferId) -> Result<i64, Failure> {
        let item = self.get(&self.tables.orders, &customer_pk(customer), &format!("{OFFER}{offer}"), true).await?;
        Ok(item.and_then(|item| integer(&item, "reserved_qty")).unwrap_or_default())
    }
}

impl Tx<'_> {
    /// Adds a preorder's quantity to the quantity that its customer has reserved in the offer, up to `most` if there is a
    /// limit per customer.
    pub(crate) fn count_for_customer(
        &mut self,
        order: &Order,
        offer: OfferId,
        most: Option<u32>,
    ) -> Result<(), Failure> {
        let pieces = i64::from(order.quantity());
        let count = self.customer_count(order, offer, pieces);
        let Some(max_qty) = most else {
            self.update(count)?;
            return Ok(());
        };
        let count = count
            .condition_expression("attribute_not_exists(reserved_qty) OR reserved_qty <= :room")
            .expression_attribute_values(":room", number(i64::from(max_qty) - pieces));
        self.update(count)?.or(Refusal::PerCustomerLimit { max_qty });
        Ok(())
    }

    /// Subtracts a preorder's quantity from the quantity that its customer has reserved in the offer.
    pub(crate) fn uncount_for_customer(&mut self, order: &Order, offer: OfferId) -> Result<(), Failure> {
        let count = self.customer_count(order, offer, -i64::from(order.quantity()));
        self.update(count)?;
        Ok(())
    }

    fn customer_count(&self, order: &Order, offer: OfferId, pieces: i64) -> UpdateBuilder {
        update(&self.tables().orders, &customer_pk(&order.customer), &format!("{OFFER}{offer}"))
            .update_expression("ADD reserved_qty :n")
            .expression_attribute_values(":n", number(pieces))
    }
}
